/* Hosts and networks in one hash table; what holds nothing is not there. */
#include "b2bua/sofia/sources.h"

#include <stdlib.h>

#include "base/obj.h"

enum { BUCKETS = 1024, NET = 64, SITE = 48, NET_HOSTS = 10 };

struct sources {
	struct source *bucket[BUCKETS];
};

struct sources *sources_new(void)
{
	return mem_new(sizeof(struct sources));
}

void sources_free(struct sources *s)
{
	for (size_t i = 0; s != NULL && i < BUCKETS; i++)
		need(s->bucket[i] == NULL);
	free(s);
}

static struct source **bucket_of(struct sources *s, const struct addr *a)
{
	return &s->bucket[addr_hash(a, false) % BUCKETS];
}

static struct source *enter(struct sources *s, const struct addr *a,
	unsigned bits, struct source *wider)
{
	struct source **bucket = bucket_of(s, a), *one = *bucket;

	while (one != NULL &&
		(one->bits != bits || !addr_same_host(&one->host, a)))
		one = one->next;
	if (one == NULL) {
		one = mem_new(sizeof(*one));
		*one = (struct source){ .next = *bucket,
			.wider = wider,
			.host = *a,
			.bits = bits };
		*bucket = one;
	}
	one->n++;
	return one;
}

struct source *source_enter(struct sources *s, const struct addr *peer)
{
	struct addr net, site;
	struct source *wider = NULL;

	if (addr_network(peer, NET, &net) && addr_network(peer, SITE, &site)) {
		wider = enter(s, &site, SITE, NULL);
		wider = enter(s, &net, NET, wider);
	}
	return enter(s, peer, 0, wider);
}

void source_leave(struct sources *s, struct source *one)
{
	while (one != NULL) {
		struct source *wider = one->wider;
		struct source **at = bucket_of(s, &one->host);

		if (--one->n == 0) {
			while (*at != one)
				at = &(*at)->next;
			*at = one->next;
			free(one);
		}
		one = wider;
	}
}

unsigned source_exceeds(const struct source *one, unsigned each, unsigned all)
{
	for (; one != NULL; one = one->wider) {
		unsigned most = each;

		if (one->bits == NET)
			most = each * NET_HOSTS;
		else if (one->bits == SITE && all / 2 > each)
			most = all / 2;
		if (one->n > most)
			return most;
	}
	return 0;
}
