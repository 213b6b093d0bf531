/*
 * How busy this host is: its processors over five seconds and over a minute,
 * its memory, and this process's open files, in percent. Looked at once a second by one thread, read by
 * any.
 */
#ifndef LINESIDE_BASE_HOST_H
#define LINESIDE_BASE_HOST_H

#include "base/slice.h"

enum host_figure {
	HOST_CPU_5SEC,
	HOST_CPU_AVG,
	HOST_MEMORY,
	HOST_FILES, /* this process's open files, of its limit */
	HOST_FIGURES
};

unsigned host_read(enum host_figure f); /* any thread; 0: not yet known */
void host_write(enum host_figure f, unsigned percent); /* host_look() does */

enum { HOST_SECONDS = 60 };
struct host_watch { /* starts as { 0 } */
	unsigned n; /* looks so far */
	struct host_cpu {
		uint64_t busy, total; /* ticks since the host started */
	} cpu[HOST_SECONDS + 1]; /* the n-th in place n % */
};

/* Looks at /proc; to be called once a second. What cannot be read stays. */
void host_look(struct host_watch *w);

/* Of bytes alone. EBADMSG: these are not the lines of proc(5). */
int host_parse_cpu(struct host_cpu *out, struct slice proc_stat) MUST_USE;
int host_parse_memory(unsigned *percent, struct slice proc_meminfo) MUST_USE;
/* A look with these figures. */
void host_note_cpu(struct host_watch *w, const struct host_cpu *now);

#endif
