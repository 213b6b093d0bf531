/* See route.h. */
#include "b2bua/route.h"

static int rank_incoming(const struct conf_dial_peer *p,
	const struct conf_listener *l, struct slice called)
{
	int digits = 0;

	if (p->shutdown ||
		(p->incoming_called == NULL && p->incoming_listener == NULL))
		return -1;
	if (p->incoming_listener != NULL && p->incoming_listener != l)
		return -1;
	if (p->incoming_called != NULL) {
		digits = conf_pattern_match(p->incoming_called, called);
		if (digits < 0)
			return -1;
		digits++; /* a pattern of only '.' is still more than none */
	}
	return digits * 2 + (p->incoming_listener != NULL);
}

const struct conf_dial_peer *route_incoming(const struct conf *c,
	const struct conf_listener *l, struct slice called)
{
	const struct conf_dial_peer *best = NULL;
	int rank = -1;

	for (const struct conf_dial_peer *p = c->dial_peers; p != NULL;
		p = p->next) {
		int r = rank_incoming(p, l, called);

		if (r > rank) {
			rank = r;
			best = p;
		}
	}
	return best;
}

struct candidate {
	const struct conf_dial_peer *peer;
	int match;
	bool yields; /* to a host that matches as well */
};

/* The list of the configuration is by tag already: equal ones keep it. */
static bool before(const struct candidate *a, const struct candidate *b)
{
	if (a->match != b->match)
		return a->match > b->match;
	if (a->peer->preference != b->peer->preference)
		return a->peer->preference < b->peer->preference;
	return !a->yields && b->yields;
}

static bool may_go(
	const struct conf_dial_peer *from, const struct conf_dial_peer *p)
{
	if (p->shutdown || p->destination == NULL)
		return false;
	return p->target == CONF_TARGET_REGISTRAR ||
	       (p->target == CONF_TARGET_HOST && p != from);
}

size_t route_outgoing(const struct conf *c, enum conf_side side,
	const struct conf_dial_peer *from, struct slice called,
	const struct conf_dial_peer *out[ROUTE_MAX])
{
	struct candidate v[ROUTE_MAX];
	bool core_decides =
		side == CONF_ACCESS && c->ua.registrar == CONF_REG_HOST;
	size_t n = 0;

	for (const struct conf_dial_peer *p = c->dial_peers; p != NULL;
		p = p->next) {
		struct candidate one = { .peer = p };
		size_t at;

		if (!may_go(from, p))
			continue;
		one.match = conf_pattern_match(p->destination, called);
		if (one.match < 0)
			continue;
		one.yields = core_decides && p->target == CONF_TARGET_REGISTRAR;
		for (at = n; at > 0 && before(&one, &v[at - 1]); at--)
			if (at < ROUTE_MAX)
				v[at] = v[at - 1];
		if (at < ROUTE_MAX)
			v[at] = one;
		if (n < ROUTE_MAX)
			n++;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = v[i].peer;
	return n;
}

static int rank_phone(const struct conf_dial_peer *p, const char *listener,
	struct slice number)
{
	const struct conf_listener *l =
		p->bind != NULL ? p->bind : p->incoming_listener;
	int digits = 0;

	if (p->shutdown || p->target != CONF_TARGET_REGISTRAR)
		return -1;
	if (l != NULL && !slice_eq_str(slice_str(l->name), listener))
		return -1;
	if (p->destination != NULL) {
		digits = conf_pattern_match(p->destination, number);
		if (digits < 0)
			return -1;
	}
	return digits * 2 + (l != NULL);
}

const struct conf_dial_peer *route_phone(
	const struct conf *c, const char *listener, struct slice number)
{
	const struct conf_dial_peer *best = NULL;
	int rank = -1;

	for (const struct conf_dial_peer *p = c->dial_peers; p != NULL;
		p = p->next) {
		int r = rank_phone(p, listener, number);

		if (r > rank) {
			rank = r;
			best = p;
		}
	}
	return best;
}

const struct conf_listener *route_first(const struct conf *c,
	enum conf_side side, enum conf_transport t, const struct addr *to)
{
	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next)
		if (l->side == side && l->transport == t &&
			(!addr_is_set(to) ||
				l->addr.sa.sa_family == to->sa.sa_family))
			return l;
	return NULL;
}

const struct conf_listener *route_listener(
	const struct conf *c, const struct conf_dial_peer *p)
{
	enum conf_side side =
		p->target == CONF_TARGET_REGISTRAR ? CONF_ACCESS : CONF_CORE;

	if (p->bind != NULL)
		return p->bind;
	return route_first(c, side, p->transport, &p->target_addr);
}
