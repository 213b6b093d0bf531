/* Captures of calls. See captures.h. */
#include "captures.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"

struct entry {
	struct capture *capture; /* owned; NULL: free, or closed and noted */
	char *file; /* owned; NULL: never used */
	unsigned call, uid, seconds;
	uint64_t begun_ms, order;
	struct capture_stats last; /* of a closed one */
};

struct captures {
	struct entry entry[CAPTURES_KEPT];
	uint64_t order;
};

struct captures *captures_new(void)
{
	return mem_new(sizeof(struct captures));
}

const char *capture_end_text(enum capture_end end)
{
	static const char *const text[] = {
		[CAPTURE_RUNS] = "running",
		[CAPTURE_STOPPED] = "stopped",
		[CAPTURE_TIME] = "time is up",
		[CAPTURE_SIZE] = "size reached",
		[CAPTURE_CALL] = "the call ended",
		[CAPTURE_DISK] = "the file cannot be written",
	};

	return text[end];
}

/* Threads of captures that are over are gathered when somebody looks. */
static void gather(struct entry *e)
{
	if (e->capture == NULL)
		return;
	capture_stats(e->capture, &e->last);
	if (e->last.end == CAPTURE_RUNS)
		return;
	capture_finish(e->capture);
	e->capture = NULL;
}

void captures_free(struct captures *cs)
{
	if (cs == NULL)
		return;
	for (size_t i = 0; i < CAPTURES_KEPT; i++) {
		struct entry *e = &cs->entry[i];

		capture_stop(e->capture, CAPTURE_STOPPED);
		capture_finish(e->capture);
		free(e->file);
	}
	free(cs);
}

/* ---- begin ---- */

static bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			    (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
			    (c == '.' && i > 0)))
			return false;
	}
	return s.n <= 100;
}

static char *make_path(const struct captures_ask *a)
{
	char when[32] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (a->file.n > 0)
		return mem_printf("%s/%.*s", a->folder, SLICE_ARG(a->file));
	if (gmtime_r(&now, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	return mem_printf("%s/call-%u-%s.pcapng", a->folder, a->call, when);
}

/* The one that is over for longest; NULL: too many run. */
static struct entry *find_room(struct captures *cs)
{
	struct entry *best = NULL;
	unsigned running = 0;

	for (size_t i = 0; i < CAPTURES_KEPT; i++) {
		struct entry *e = &cs->entry[i];

		gather(e);
		running += e->capture != NULL;
		if (e->capture == NULL &&
			(best == NULL || e->order < best->order))
			best = e;
	}
	return running < CAPTURES_RUNNING_MAX ? best : NULL;
}

/* Never over another file, never through a link; ours alone to read. */
static int open_file(const char *folder, const char *path, char **why)
{
	int fd = -1;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		*why = mem_printf("%s: %s", folder, strerrordesc_np(errno));
	else
		fd = open(path,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);
	if (fd < 0 && *why == NULL)
		*why = mem_printf("%s: %s", path, strerrordesc_np(errno));
	return fd;
}

static void on_ended(void *arg, const struct capture *c)
{
	const struct entry *e = arg; /* lives until capture_finish() */
	struct capture_stats st;

	capture_stats(c, &st);
	metric_add(M_CAPTURE_DROPPED, st.dropped);
	log_event(MSG_MEDIA_CAPTURE_ENDED, NULL, L_INT("call", e->call),
		L_STR("reason", capture_end_text(st.end)),
		L_INT("packets", st.packets), L_INT("dropped", st.dropped),
		L_STR("file", e->file));
}

static int start(struct entry *e, const struct captures_ask *a, int fd)
{
	char *comment = mem_printf(
		"call %u from %s to %s, in clear, captured by user %u; keys are hidden, and RTP/SAVP is written RTP/AVP",
		a->call, a->from, a->to, a->uid);
	struct capture_params p = { .fd = fd,
		.seconds = e->seconds,
		.max_bytes = CAPTURE_BYTES_MAX,
		.program = slice_str("Lineside"),
		.comment = slice_str(comment),
		.ended = on_ended,
		.arg = e };
	int err = capture_start(&e->capture, &p);

	free(comment);
	return err;
}

struct capture *captures_begin(
	struct captures *cs, const struct captures_ask *a, char **why)
{
	struct entry *e = find_room(cs);
	int fd, err;

	*why = NULL;
	if (e == NULL || !is_name(a->file)) {
		*why = e == NULL
			       ? mem_printf("%d captures run already",
					 CAPTURES_RUNNING_MAX)
			       : mem_printf(
					 "'%.*s' is no name of a file: letters, digits, '-', '_' and '.'",
					 SLICE_ARG(a->file));
		return NULL;
	}
	free(e->file);
	*e = (struct entry){ .file = make_path(a),
		.call = a->call,
		.uid = a->uid,
		.seconds = a->seconds > 0 ? a->seconds : CAPTURE_SECONDS,
		.begun_ms = (uint64_t)time(NULL) * 1000,
		.order = ++cs->order };
	fd = open_file(a->folder, e->file, why);
	err = fd >= 0 ? start(e, a, fd) : 0;
	if (err != 0)
		*why = mem_dup(strerrordesc_np(err));
	if (*why != NULL) {
		free(e->file);
		*e = (struct entry){ 0 };
		return NULL;
	}
	metric_inc(M_CAPTURES);
	log_event(MSG_MEDIA_CAPTURE, NULL, L_INT("uid", a->uid),
		L_INT("pid", a->pid), L_INT("call", a->call),
		L_STR("from", a->from), L_STR("to", a->to),
		L_INT("seconds", e->seconds), L_STR("file", e->file));
	return obj_ref(e->capture);
}

bool captures_stop(struct captures *cs, unsigned call)
{
	for (size_t i = 0; i < CAPTURES_KEPT; i++) {
		struct entry *e = &cs->entry[i];

		gather(e);
		if (e->capture == NULL || e->call != call)
			continue;
		capture_stop(e->capture, CAPTURE_STOPPED);
		return true;
	}
	return false;
}

const char *captures_file(const struct captures *cs, unsigned call)
{
	const struct entry *best = NULL;

	for (size_t i = 0; i < CAPTURES_KEPT; i++) {
		const struct entry *e = &cs->entry[i];

		if (e->file != NULL && e->call == call &&
			(best == NULL || e->order > best->order))
			best = e;
	}
	return best != NULL ? best->file : "";
}

/* ---- show ---- */

static int newer(const void *a, const void *b)
{
	const struct capture_info *x = a, *y = b;

	return x->begun_ms < y->begun_ms   ? 1
	       : x->begun_ms > y->begun_ms ? -1
					   : strcmp(y->file, x->file);
}

size_t captures_describe(
	struct captures *cs, struct capture_info *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < CAPTURES_KEPT && n < max; i++) {
		struct entry *e = &cs->entry[i];

		gather(e);
		if (e->file == NULL)
			continue;
		out[n++] = (struct capture_info){ .call = e->call,
			.uid = e->uid,
			.seconds = e->seconds,
			.begun_ms = e->begun_ms,
			.file = e->file,
			.stats = e->last };
	}
	qsort(out, n, sizeof(out[0]), newer);
	return n;
}
