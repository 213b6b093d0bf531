/* Things with particulars, as lines and as JSON. */
#include "show/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/obj.h"

static const struct table_col no_cols[] = { { "none", NULL, false } };

void view_array(struct table *t, const char *key)
{
	table_rows(t, key, NULL, no_cols, ARRAY_SIZE(no_cols));
}

struct view view_begin(
	struct table *t, const char *key, const char *between, int width)
{
	table_item(t, key, NULL);
	return (struct view){ .t = t, .between = between, .width = width };
}

void view_notes(struct table *t, struct slice text)
{
	struct slice line;

	while (slice_line(&text, &line))
		table_note(t, "%.*s", SLICE_ARG(line));
}

void view_end(struct view *v)
{
	view_notes(v->t, text_slice(&v->lines));
	text_free(&v->lines);
}

void view_line(struct view *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *s = mem_vprintf(fmt, ap);

	va_end(ap);
	text_escape(&v->lines, slice_str(s));
	text_addc(&v->lines, '\n');
	free(s);
}

static void labelled(struct view *v, const char *label, const char *value)
{
	if (label != NULL)
		view_line(v, "%-*s%s%s", v->width, label, v->between, value);
}

void view_str(
	struct view *v, const char *key, const char *label, const char *value)
{
	bool none = value == NULL || value[0] == '\0';

	table_pair(v->t, key, NULL, none ? NULL : value);
	labelled(v, label, none ? "" : value);
}

void view_num(struct view *v, const char *key, const char *label, int64_t value)
{
	char s[32];

	snprintf(s, sizeof(s), "%lld", (long long)value);
	table_pair_num(v->t, key, NULL, value);
	labelled(v, label, s);
}

void view_bool(struct view *v, const char *key, const char *label, bool value,
	const char *yes, const char *no)
{
	table_pair_bool(v->t, key, NULL, value);
	labelled(v, label, value ? yes : no);
}

void view_addr(struct view *v, const char *key, const char *label,
	const struct addr *a)
{
	char s[ADDR_TEXT];

	table_pair_addr(v->t, key, NULL, a);
	labelled(v, label, addr_is_set(a) ? addr_text(a, s) : "");
}

static void utc(uint64_t ms, struct tm *tm)
{
	time_t t = (time_t)(ms / 1000);

	need(gmtime_r(&t, tm) != NULL);
}

const char *view_time(uint64_t ms, char out[VIEW_TIME])
{
	char clock[16], day[32];
	struct tm tm;

	utc(ms, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	strftime(day, sizeof(day), "UTC %a %b %e %Y", &tm);
	snprintf(out, VIEW_TIME, "%s.%03u %s", clock, (unsigned)(ms % 1000),
		day);
	return out;
}

const char *view_iso_time(uint64_t ms, char out[VIEW_TIME])
{
	struct tm tm;

	utc(ms, &tm);
	strftime(out, VIEW_TIME, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

const char *view_duration(uint64_t ms, char out[VIEW_TIME])
{
	unsigned long long s = ms / 1000;

	snprintf(out, VIEW_TIME, "%02llu:%02llu:%02llu", s / 3600, s / 60 % 60,
		s % 60);
	return out;
}
