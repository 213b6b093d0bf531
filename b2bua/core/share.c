/*
 * Shares are entered when a phone is first heard of, and forgotten when it
 * holds nothing and has been quiet for so long that forgetting gives it
 * nothing. Who comes when there is no room (datagrams of invented addresses)
 * shares one share with all the others of that kind.
 */
#include "b2bua/core/share.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"

enum {
	BUCKETS = 16384,
	MINUTE_MS = 60000,
	SWEPT = 8, /* buckets looked through with each newcomer */
};

struct share {
	struct share *next;
	char *key;
	unsigned bindings;
	bool over; /* the last request was refused */
	uint64_t spent; /* ms of a minute that requests took, times requests */
	uint64_t seen; /* ms: `spent` is as of then */
};

struct shares {
	size_t n, swept;
	struct share *bucket[BUCKETS];
	struct share others;
};

struct shares *shares_new(void)
{
	return mem_new(sizeof(struct shares));
}

static void share_free(struct share *s)
{
	free(s->key);
	free(s);
}

void shares_free(struct shares *s)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		while (s->bucket[i] != NULL) {
			struct share *one = s->bucket[i];

			s->bucket[i] = one->next;
			share_free(one);
		}
	}
	free(s);
}

size_t shares_count(const struct shares *s)
{
	return s->n;
}

struct share_limits share_limits(
	const struct conf_listener *l, const struct identity *who)
{
	struct share_limits out = { UINT_MAX, UINT_MAX };
	uint64_t phones, bindings, requests;

	if (l == NULL)
		return out;
	phones = who->certified ? 1 : l->max_per_source;
	bindings = phones * l->phone_bindings;
	requests = phones * l->phone_requests;
	if (bindings < UINT_MAX)
		out.bindings = (unsigned)bindings;
	if (requests < UINT_MAX)
		out.requests = (unsigned)requests;
	return out;
}

/* ---- finding ---- */

static char *key_of(const struct identity *who, const struct addr *from)
{
	struct addr source = addr_source(from);
	char host[ADDR_TEXT];

	if (who->certified)
		return mem_printf("%s\n%s", who->device, who->issuer);
	return mem_dup(addr_host(&source, host));
}

static size_t hash(const char *key)
{
	uint32_t h = 2166136261u;

	for (; *key != '\0'; key++)
		h = (h ^ (uint8_t)*key) * 16777619u;
	return h % BUCKETS;
}

static bool idle(const struct share *s, uint64_t now)
{
	return s->bindings == 0 && now >= s->seen + MINUTE_MS;
}

static void sweep(struct shares *s, uint64_t now)
{
	for (size_t i = 0; i < SWEPT; i++) {
		struct share **at = &s->bucket[s->swept];

		s->swept = (s->swept + 1) % BUCKETS;
		while (*at != NULL) {
			struct share *one = *at;

			if (!idle(one, now)) {
				at = &one->next;
				continue;
			}
			*at = one->next;
			share_free(one);
			s->n--;
		}
	}
}

static struct share *share_of(struct shares *s, const struct identity *who,
	const struct addr *from, uint64_t now)
{
	char *key = key_of(who, from);
	struct share **bucket = &s->bucket[hash(key)];
	struct share *one;

	for (one = *bucket; one != NULL; one = one->next) {
		if (strcmp(one->key, key) == 0) {
			free(key);
			return one;
		}
	}
	sweep(s, now);
	if (s->n >= SHARES_MAX) {
		free(key);
		return &s->others;
	}
	one = mem_new(sizeof(*one));
	one->key = key;
	one->seen = now;
	one->next = *bucket;
	*bucket = one;
	s->n++;
	return one;
}

/* ---- taking ---- */

/*
 * A bucket that leaks its whole content in a minute. It is measured in
 * request-milliseconds, MINUTE_MS for each, so that nothing is rounded.
 */
int shares_request(struct shares *s, const struct identity *who,
	const struct addr *from, const struct share_limits *l, uint64_t now,
	bool *first)
{
	struct share *one = share_of(s, who, from, now);
	uint64_t gone = now > one->seen ? now - one->seen : 0;
	uint64_t leaked;

	if (gone > MINUTE_MS)
		gone = MINUTE_MS;
	leaked = gone * l->requests;
	one->spent = leaked < one->spent ? one->spent - leaked : 0;
	one->seen = now;
	*first = false;
	if (one->spent + MINUTE_MS > (uint64_t)l->requests * MINUTE_MS) {
		*first = !one->over;
		one->over = true;
		return EAGAIN;
	}
	one->over = false;
	one->spent += MINUTE_MS;
	return 0;
}

struct share *shares_hold(struct shares *s, const struct identity *who,
	const struct addr *from, const struct share_limits *l, uint64_t now)
{
	struct share *one = share_of(s, who, from, now);

	if (one->bindings >= l->bindings)
		return NULL;
	one->bindings++;
	return one;
}

void share_release(struct share *s)
{
	if (s != NULL)
		s->bindings--;
}
