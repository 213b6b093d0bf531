/*
 * Captures of calls that the operator asked for: begun by a command, ended by
 * time, size, the call or another command; a file each, in one folder.
 * Services thread.
 */
#ifndef LINESIDE_CAPTURES_H
#define LINESIDE_CAPTURES_H

#include "media/capture.h"

enum {
	CAPTURES_RUNNING_MAX = 4,
	CAPTURES_KEPT = 16, /* in show; the files stay */
	CAPTURE_SECONDS = 60, /* when nothing is said */
	CAPTURE_SECONDS_MAX = 3600,
	CAPTURE_BYTES_MAX = 100 * 1024 * 1024,
};

struct captures;

struct captures *captures_new(void) MUST_USE;
void captures_free(struct captures *cs); /* ends those that run */

struct captures_ask {
	unsigned call;
	unsigned uid;
	int pid;
	const char *from, *to; /* numbers of the two ends */
	const char *folder; /* made if need be, for our own eyes */
	struct slice file; /* a name within; "": made up */
	unsigned seconds; /* 0: CAPTURE_SECONDS */
};
/*
 * One reference in *out, to be given to the call. NULL: *why (free() it) says
 * why not: too many, the name is none or there already, the system.
 */
struct capture *captures_begin(
	struct captures *cs, const struct captures_ask *a, char **why);
/* The newest that runs for that call; false: none. */
bool captures_stop(struct captures *cs, unsigned call);

/* Where the newest of that call goes; borrowed. "": there is none. */
const char *captures_file(const struct captures *cs, unsigned call);

struct capture_info { /* borrowed until the next captures_begin() */
	unsigned call, uid, seconds;
	uint64_t begun_ms; /* since 1970 */
	const char *file;
	struct capture_stats stats;
};
size_t captures_describe(struct captures *cs, struct capture_info *out,
	size_t max); /* newest first */
const char *capture_end_text(enum capture_end end);

#endif
