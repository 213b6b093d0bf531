/* See stay.h. */
#include "b2bua/names/stay.h"

#include <stdlib.h>
#include <strings.h>

#include "base/obj.h"

struct stay {
	struct stay *next;
	char *host;
	uint16_t port;
	enum conf_transport transport;
	struct addr addr;
};

static struct stay *find(const struct stays *s, const struct stay_key *k)
{
	struct stay *x = s->first;

	while (x != NULL &&
		(x->port != k->port || x->transport != k->transport ||
			x->addr.sa.sa_family != k->family ||
			strcasecmp(x->host, k->host) != 0))
		x = x->next;
	return x;
}

bool stays_note(struct stays *s, const struct stay_key *k, const struct addr *a)
{
	struct stay *x = find(s, k);

	if (x != NULL && addr_equal(&x->addr, a))
		return false;
	if (x != NULL) {
		x->addr = *a;
		return true;
	}
	if (s->n == STAYS_MAX)
		stays_free(s); /* names of configurations that are gone */
	x = mem_new(sizeof(*x));
	x->host = mem_dup(k->host);
	x->port = k->port;
	x->transport = k->transport;
	x->addr = *a;
	x->next = s->first;
	s->first = x;
	s->n++;
	return true;
}

const struct addr *stays_at(const struct stays *s, const struct stay_key *k)
{
	const struct stay *x = find(s, k);

	return x != NULL ? &x->addr : NULL;
}

void stays_free(struct stays *s)
{
	struct stay *x;

	while ((x = s->first) != NULL) {
		s->first = x->next;
		free(x->host);
		free(x);
	}
	s->n = 0;
}
