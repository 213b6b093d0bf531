#include "b2bua/line/tie.h"

#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"

enum { BUCKETS = 4096, DEVICE = 15 }; /* "SEP001122334455" */

struct tied {
	struct tied *same_hash;
	struct tied *older, *newer;
	char device[DEVICE + 1];
	char *lines; /* each with a line feed behind it */
};

struct ties {
	size_t n;
	struct tied *newest, *oldest;
	struct tied *bucket[BUCKETS];
};

const char *tie_name(enum tie t)
{
	static const char *const names[] = {
		[TIE_NONE] = "no",
		[TIE_RULE] = "rule",
		[TIE_CONFIG] = "configuration",
		[TIE_OTHER_RULE] = "another line's rule",
		[TIE_OTHER_CONFIG] = "another line's configuration",
	};

	return names[t];
}

const char *tie_reason(enum tie t)
{
	if (t == TIE_OTHER_RULE)
		return "its certificate's rule names another line";
	if (t == TIE_OTHER_CONFIG)
		return "its configuration has not got that line";
	return "it is not its own, or From and To differ";
}

struct ties *ties_new(void)
{
	return mem_new(sizeof(struct ties));
}

size_t ties_count(const struct ties *t)
{
	return t->n;
}

static size_t bucket_of(const char *device)
{
	uint32_t h = 2166136261u;

	for (; *device != '\0'; device++)
		h = (h ^ (uint8_t)*device) * 16777619u;
	return h % BUCKETS;
}

/* "SEP001122334455" in capitals, alone or behind "-" as manufacturers write
 * it; false: it is no such device. */
static bool device_of(struct slice name, char out[DEVICE + 1])
{
	struct slice s = name;

	if (s.n > DEVICE && s.p[s.n - DEVICE - 1] == '-')
		s = slice_from(s, s.n - DEVICE);
	if (s.n != DEVICE || !slice_casestarts(s, "SEP"))
		return false;
	for (size_t i = 0; i < DEVICE; i++) {
		char c = s.p[i];

		if (i >= 3 && hex_digit(c) < 0)
			return false;
		out[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	out[DEVICE] = '\0';
	return true;
}

static struct tied *find(const struct ties *t, const char *device)
{
	struct tied *d = t->bucket[bucket_of(device)];

	while (d != NULL && strcmp(d->device, device) != 0)
		d = d->same_hash;
	return d;
}

static void forget(struct ties *t, struct tied *d)
{
	struct tied **at = &t->bucket[bucket_of(d->device)];

	while (*at != d)
		at = &(*at)->same_hash;
	*at = d->same_hash;
	if (d->newer != NULL)
		d->newer->older = d->older;
	else
		t->newest = d->older;
	if (d->older != NULL)
		d->older->newer = d->newer;
	else
		t->oldest = d->newer;
	t->n--;
	free(d->lines);
	free(d);
}

void ties_free(struct ties *t)
{
	while (t->newest != NULL)
		forget(t, t->newest);
	free(t);
}

static void add(struct ties *t, const char *device, struct slice lines)
{
	struct tied *d = mem_new(sizeof(*d));
	struct tied **bucket = &t->bucket[bucket_of(device)];

	if (t->n == TIES_MAX)
		forget(t, t->oldest);
	memcpy(d->device, device, sizeof(d->device));
	d->lines = slice_dup(lines);
	d->same_hash = *bucket;
	*bucket = d;
	d->older = t->newest;
	if (d->older != NULL)
		d->older->newer = d;
	else
		t->oldest = d;
	t->newest = d;
	t->n++;
}

void ties_set(struct ties *t, struct slice device, struct slice lines)
{
	char name[DEVICE + 1];
	struct tied *old;

	if (!device_of(device, name))
		return;
	old = find(t, name);
	if (old != NULL)
		forget(t, old);
	if (lines.n > 0)
		add(t, name, lines);
}

static bool among(struct slice line, const char *lines)
{
	struct slice rest = slice_str(lines), one;

	while (slice_line(&rest, &one))
		if (slice_eq(one, line))
			return true;
	return false;
}

enum tie ties_judge(
	const struct ties *t, const struct identity *who, struct slice line)
{
	char name[DEVICE + 1];
	const struct tied *d = NULL;

	if (who->line != NULL && !slice_eq_str(line, who->line))
		return TIE_OTHER_RULE;
	/* without a certificate anybody may say that he is that device */
	if (who->certified && device_of(slice_str(who->device), name))
		d = find(t, name);
	if (d != NULL)
		return among(line, d->lines) ? TIE_CONFIG : TIE_OTHER_CONFIG;
	return who->line != NULL ? TIE_RULE : TIE_NONE;
}
