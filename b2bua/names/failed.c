/* See failed.h. A handful of addresses: a list will do. */
#include "b2bua/names/failed.h"

#include <stdlib.h>
#include <strings.h>

#include "base/obj.h"

static struct failed *find(
	const struct failed_set *s, enum conf_transport t, const struct addr *a)
{
	struct failed *f = s->first;

	while (f != NULL && (f->transport != t || !addr_equal(&f->addr, a)))
		f = f->next;
	return f;
}

/* 30 s, 60 s … 8 min, shortened by up to a quarter. */
static uint64_t pause_of(unsigned times, uint32_t random)
{
	uint64_t ms = FAILED_FIRST_MS;

	for (unsigned i = 1; i < times && ms < FAILED_LONGEST_MS; i++)
		ms *= 2;
	return ms - random % (ms / 4);
}

static void drop_last(struct failed_set *s)
{
	struct failed **at = &s->first;

	while ((*at)->next != NULL)
		at = &(*at)->next;
	free(*at);
	*at = NULL;
	s->n--;
}

bool failed_add(struct failed_set *s, enum conf_transport t,
	const struct addr *a, uint64_t now_ms, uint32_t random)
{
	struct failed *f = find(s, t, a);
	bool fresh = f == NULL;

	if (fresh) {
		if (s->n == FAILED_MAX)
			drop_last(s);
		f = mem_new(sizeof(*f));
		f->addr = *a;
		f->transport = t;
		f->since_ms = now_ms;
		f->next = s->first;
		s->first = f;
		s->n++;
	} else if (now_ms + FAILED_FIRST_MS / 2 < f->until_ms) {
		return false; /* what was under way when it failed first */
	}
	f->times++;
	f->until_ms = now_ms + pause_of(f->times, random);
	return fresh;
}

bool failed_clear(
	struct failed_set *s, enum conf_transport t, const struct addr *a)
{
	struct failed **at = &s->first, *f;

	for (; (f = *at) != NULL; at = &f->next) {
		if (f->transport != t || !addr_equal(&f->addr, a))
			continue;
		*at = f->next;
		free(f);
		s->n--;
		return true;
	}
	return false;
}

bool failed_avoid(struct failed_set *s, enum conf_transport t,
	const struct addr *a, uint64_t now_ms)
{
	struct failed *f = find(s, t, a);

	if (f == NULL)
		return false;
	if (now_ms < f->until_ms)
		return true;
	f->until_ms = now_ms + FAILED_FIRST_MS / 2; /* one trial at a time */
	return false;
}

static struct failed_way *way_of(const struct failed_set *s, const char *host)
{
	struct failed_way *w = s->ways;

	while (w != NULL && strcasecmp(w->host, host) != 0)
		w = w->next;
	return w;
}

void failed_changed(struct failed_set *s, const char *host)
{
	struct failed_way *w = way_of(s, host);

	if (w == NULL && s->nways == FAILED_MAX)
		return; /* names that far ends made up: nobody asks */
	if (w == NULL) {
		w = mem_new(sizeof(*w));
		w->host = mem_dup(host);
		w->next = s->ways;
		s->ways = w;
		s->nways++;
	}
	w->changes++;
}

uint32_t failed_changes(const struct failed_set *s, const char *host)
{
	const struct failed_way *w = way_of(s, host);

	return w != NULL ? w->changes : 0;
}

void failed_free(struct failed_set *s)
{
	struct failed_way *w;

	while (s->n > 0)
		drop_last(s);
	while ((w = s->ways) != NULL) {
		s->ways = w->next;
		free(w->host);
		free(w);
	}
	s->nways = 0;
}
