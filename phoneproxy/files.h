/*
 * From a request to bytes, for TFTP and HTTP alike: trust lists, phones'
 * configurations, local files; everything else is asked of the call manager
 * and signed. Names come parsed (filename.h) and never open a path. Of the
 * services thread.
 */
#ifndef LINESIDE_PHONEPROXY_FILES_H
#define LINESIDE_PHONEPROXY_FILES_H

#include "base/loop.h"
#include "phoneproxy/config/phonecert.h"
#include "phoneproxy/phone.h"
#include "phoneproxy/ppset.h"

struct files;
struct files *files_new(struct loop *l) MUST_USE;
void files_free(struct files *f); /* nobody waits any more */
struct phones *files_phones(struct files *f);
struct phonecerts *files_certs(struct files *f);
/* Told of the lines in each configuration that a phone is given, a line feed
 * behind each. NULL: nobody is. */
typedef void files_lines_fn(void *arg, const char *device, struct slice lines);
void files_tell_lines(struct files *f, files_lines_fn *fn, void *arg);
/* What was kept of earlier answers is no longer true. */
void files_forget(struct files *f);

enum files_end {
	FILES_FOUND,
	FILES_ABSENT, /* answered at once */
	FILES_DOWN, /* no server of the call manager can be used */
	FILES_UNFIT, /* there, but not for phones: cannot be rewritten … */
};

/* `content` is borrowed, NULL unless FOUND. */
typedef void files_fn(void *arg, enum files_end end, struct content *content);

struct files_asked { /* who asks for what, and how */
	struct ppset *set;
	const struct file_name *name; /* NULL: not understood: absent */
	struct addr from;
	const char *by; /* "TFTP", "HTTP": static */
	bool owner; /* it has proven to be the device that `name` names */
};

/*
 * Answers by `fn`, perhaps from within: then NULL is returned, else what
 * files_cancel() takes.
 */
struct files_wait;
struct files_wait *files_get(struct files *f, const struct files_asked *a,
	files_fn *fn, void *arg) MUST_USE;
void files_cancel(struct files_wait *w); /* NULL is fine */

struct files_counts {
	size_t fetching, cached;
	uint64_t cached_bytes;
};
void files_count(const struct files *f, struct files_counts *out);

#endif
