#include "phoneproxy/phone.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/obj.h"

enum { BUCKETS = 4096 };

struct phones {
	struct phone *first, *last;
	size_t n;
	struct phone *bucket[BUCKETS];
};

static const char *const names[PHONE_WHATS] = { "file", "transfer", "capf",
	"tls", "tvs", "service", "sip" };

const char *phone_what_name(enum phone_what w)
{
	return names[w];
}

static size_t bucket_of(struct slice name)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (uint8_t)name.p[i]) * 16777619u;
	return h % BUCKETS;
}

struct phones *phones_new(void)
{
	return mem_new(sizeof(struct phones));
}

void phones_free(struct phones *p)
{
	struct phone *next;

	if (p == NULL)
		return;
	for (struct phone *ph = p->first; ph != NULL; ph = next) {
		next = ph->next;
		free(ph);
	}
	free(p);
}

static struct phone *find(const struct phones *p, struct slice name)
{
	struct phone *ph = p->bucket[bucket_of(name)];

	while (ph != NULL && !slice_eq_str(name, ph->name))
		ph = ph->same_hash;
	return ph;
}

const struct phone *phones_find(const struct phones *p, struct slice name)
{
	return find(p, name);
}

const struct phone *phones_first(const struct phones *p)
{
	return p->first;
}

size_t phones_count(const struct phones *p)
{
	return p->n;
}

const struct phone_event *phone_event(const struct phone *ph, size_t i)
{
	size_t kept =
		ph->events < PHONE_EVENTS ? (size_t)ph->events : PHONE_EVENTS;

	if (i >= kept)
		return NULL;
	return &ph->event[(ph->events - kept + i) % PHONE_EVENTS];
}

static void unlink_phone(struct phones *p, struct phone *ph)
{
	if (ph->next != NULL)
		ph->next->prev = ph->prev;
	else
		p->last = ph->prev != &p->first
				  ? (struct phone *)(void *)ph->prev
				  : NULL; /* `next` is the first member */
	*ph->prev = ph->next;
}

static void put_first(struct phones *p, struct phone *ph)
{
	ph->next = p->first;
	ph->prev = &p->first;
	if (ph->next != NULL)
		ph->next->prev = &ph->next;
	else
		p->last = ph;
	p->first = ph;
}

static void forget(struct phones *p, struct phone *ph)
{
	struct phone **at = &p->bucket[bucket_of(slice_str(ph->name))];

	while (*at != ph)
		at = &(*at)->same_hash;
	*at = ph->same_hash;
	unlink_phone(p, ph);
	p->n--;
	free(ph);
}

static struct phone *add(struct phones *p, struct slice name)
{
	struct phone *ph;
	size_t b = bucket_of(name);

	if (p->n == PHONES_MAX)
		forget(p, p->last);
	ph = mem_new(sizeof(*ph));
	need(slice_copy(name, ph->name, sizeof(ph->name)));
	ph->same_hash = p->bucket[b];
	p->bucket[b] = ph;
	put_first(p, ph);
	p->n++;
	return ph;
}

/* The only one there: phones behind one home router share an address. */
static struct phone *only_at(const struct phones *p, const struct addr *from)
{
	struct phone *only = NULL;

	for (struct phone *ph = p->first; ph != NULL; ph = ph->next) {
		if (!addr_same_host(&ph->from, from))
			continue;
		if (only != NULL)
			return NULL;
		only = ph;
	}
	return only;
}

static uint64_t wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void phones_note(struct phones *p, const char *name, const struct addr *from,
	enum phone_what what, const char *fmt, ...)
{
	struct slice key = slice_str(name);
	struct phone *ph = NULL;
	struct phone_event *e;
	va_list ap;

	if (key.n > 0 && key.n < FILE_DEVICE_TEXT) {
		ph = find(p, key);
		if (ph == NULL)
			ph = add(p, key);
	} else if (from != NULL) {
		ph = only_at(p, from);
	}
	if (ph == NULL)
		return;
	unlink_phone(p, ph);
	put_first(p, ph);
	if (from != NULL)
		ph->from = *from;
	e = &ph->event[ph->events++ % PHONE_EVENTS];
	e->at_ms = wall_ms();
	e->what = what;
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
}
