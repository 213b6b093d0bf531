/*
 * One thing with its particulars, for layouts that IOS drew by hand: each
 * particular goes into the JSON object and, if it has a label, into a line of
 * text, from the same call.
 */
#ifndef LINESIDE_VIEW_H
#define LINESIDE_VIEW_H

#include "base/table.h"
#include "base/wire.h"

struct view {
	struct table *t;
	const char *between; /* label and value: "=", " : " */
	int width; /* of labels; 0: as they are */
	struct text lines; /* of this thing so far */
};

/* An empty array of things, so that programs find it when there are none. */
void view_array(struct table *t, const char *key);

struct view view_begin(
	struct table *t, const char *key, const char *between, int width);
void view_end(struct view *v);

/* A label of NULL: in JSON alone. */
void view_str(
	struct view *v, const char *key, const char *label, const char *value);
void view_num(
	struct view *v, const char *key, const char *label, int64_t value);
void view_bool(struct view *v, const char *key, const char *label, bool value,
	const char *yes, const char *no);
void view_addr(struct view *v, const char *key, const char *label,
	const struct addr *a);
/* In text alone. */
void view_line(struct view *v, const char *fmt, ...) PRINTF(2, 3);

/* Each line of `text` as a note of its own. */
void view_notes(struct table *t, struct slice text);

/* "12:00:01.123 UTC Fri Nov 20 2026", as IOS prints it. */
enum { VIEW_TIME = 64 };
const char *view_time(uint64_t ms, char out[VIEW_TIME]);
/* "2026-11-20T12:00:01Z" */
const char *view_iso_time(uint64_t ms, char out[VIEW_TIME]);
/* "00:01:05" */
const char *view_duration(uint64_t ms, char out[VIEW_TIME]);

#endif
