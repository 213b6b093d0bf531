/* Sources in a hash table; those that are quiet for a minute are forgotten. */
#include "phoneproxy/serve/gate.h"

#include <stdlib.h>
#include <string.h>

#include "base/obj.h"

enum {
	BUCKETS = 1024,
	MINUTE_MS = 60000,
	SOURCES_MAX = 16384, /* remembered at a time */
};

struct source {
	struct source *next;
	struct addr host;
	unsigned inside;
	unsigned recent; /* entered since `since` */
	uint64_t since;
};

struct gate {
	struct gate_limits limits;
	unsigned inside;
	size_t nsources;
	uint64_t swept;
	struct source *bucket[BUCKETS];
};

struct gate *gate_new(const struct gate_limits *l)
{
	struct gate *g = mem_new(sizeof(*g));

	g->limits = *l;
	return g;
}

void gate_set(struct gate *g, const struct gate_limits *l)
{
	g->limits = *l;
}

void gate_free(struct gate *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (g->bucket[i] != NULL) {
			struct source *s = g->bucket[i];

			g->bucket[i] = s->next;
			free(s);
		}
	free(g);
}

static struct source **find(struct gate *g, const struct addr *host)
{
	struct source **at = &g->bucket[addr_hash(host, false) % BUCKETS];

	while (*at != NULL && !addr_same_host(&(*at)->host, host))
		at = &(*at)->next;
	return at;
}

static bool stale(const struct source *s, uint64_t now, uint64_t after)
{
	return s->inside == 0 && now - s->since >= after;
}

static void forget(struct gate *g, uint64_t now, uint64_t after)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct source **at = &g->bucket[i]; *at != NULL;) {
			struct source *s = *at;

			if (!stale(s, now, after)) {
				at = &s->next;
				continue;
			}
			*at = s->next;
			free(s);
			g->nsources--;
		}
}

/* At most once a second, since a crowd of sources makes it long. A crowd that
 * comes within the minute shuts nobody out: then only those are remembered
 * that are inside. */
static void sweep(struct gate *g, uint64_t now)
{
	if (g->nsources >= SOURCES_MAX)
		forget(g, now, 0);
	if (now - g->swept < 1000)
		return;
	g->swept = now;
	forget(g, now, MINUTE_MS);
}

static struct source *source_get(
	struct gate *g, const struct addr *from, uint64_t now)
{
	struct addr host = addr_source(from);
	struct source **at = find(g, &host), *s = *at;

	if (s != NULL)
		return s;
	if (g->nsources >= SOURCES_MAX / 2)
		sweep(g, now);
	if (g->nsources >= SOURCES_MAX)
		return NULL;
	s = mem_new(sizeof(*s));
	s->host = host;
	s->since = now;
	at = find(g, &host); /* what it pointed into may be swept away */
	*at = s;
	g->nsources++;
	return s;
}

static enum gate_verdict judge(
	const struct gate *g, struct source *s, uint64_t now)
{
	const struct gate_limits *l = &g->limits;

	if (now - s->since >= MINUTE_MS) {
		s->since = now;
		s->recent = 0;
	}
	if (l->per_source > 0 && s->inside >= l->per_source)
		return GATE_SOURCE;
	if (l->per_minute > 0 && s->recent >= l->per_minute)
		return GATE_RATE;
	return GATE_OPEN;
}

enum gate_verdict gate_enter(
	struct gate *g, const struct addr *from, uint64_t now)
{
	struct source *s;
	enum gate_verdict v;

	if (g->limits.total > 0 && g->inside >= g->limits.total)
		return GATE_TOTAL;
	s = source_get(g, from, now);
	if (s == NULL)
		return GATE_TOTAL;
	v = judge(g, s, now);
	if (v != GATE_OPEN)
		return v;
	s->inside++;
	s->recent++;
	g->inside++;
	return GATE_OPEN;
}

void gate_leave(struct gate *g, const struct addr *from)
{
	struct addr host = addr_source(from);
	struct source *s = *find(g, &host);

	need(s != NULL && s->inside > 0 && g->inside > 0);
	s->inside--;
	g->inside--;
}

unsigned gate_inside(const struct gate *g)
{
	return g->inside;
}
