/* See route.h. */
#include "b2bua/route/route.h"

#include "b2bua/sip/uri.h"
#include "conf/index.h"
#include "conf/regex.h"

/* ---- URI classes ---- */

static bool found(const void *code, struct slice text)
{
	struct regex_found f;

	return regex_find(code, text, 0, &f) == 0;
}

static bool host_fits(const struct conf_uri_host *h, struct slice host,
	const struct addr *source)
{
	struct addr a;

	if (h->code != NULL)
		return found(h->code, host);
	if (h->text != NULL)
		return slice_caseeq_str(host, h->text);
	/* an address is where it came from, whatever the Via claims */
	if (source != NULL)
		return addr_same_host(source, &h->addr);
	return addr_parse(&a, host, 0) == 0 && addr_same_host(&a, &h->addr);
}

static int host_match(const struct conf_uri_class *u, struct slice host,
	const struct addr *source)
{
	for (size_t i = 0; i < u->nhosts; i++)
		if (host_fits(&u->host[i], host, source))
			return u->host[i].code == NULL ? 8 : 4;
	return -1;
}

int route_uri_match(const struct conf_uri_class *u, struct slice uri,
	const struct addr *source)
{
	struct sip_uri parts = { .host = uri };
	int asks = 0, host;

	if (uri.n == 0 || (source == NULL && sip_uri_parse(uri, &parts) != 0))
		return -1;
	if (u->nhosts > 0) {
		host = host_match(u, parts.host, source);
		if (host < 0)
			return -1;
		asks += host;
	}
	if (u->user_code != NULL) {
		if (!found(u->user_code, parts.user))
			return -1;
		asks += 2;
	}
	if (u->pattern_code != NULL) {
		if (!found(u->pattern_code, uri))
			return -1;
		asks++;
	}
	return asks;
}

/* ---- coming in ---- */

static int best_of(const char *pattern, const struct conf_e164_map *map,
	struct slice number)
{
	int a = pattern == NULL ? -1 : conf_pattern_match(pattern, number);
	int b = map == NULL ? -1 : conf_map_match(map, number);

	return a > b ? a : b;
}

static bool rank_uri(const struct conf_dial_peer *p,
	const struct route_ask *ask, struct route_rank *r)
{
	for (int i = 0; i < CONF_URI_COUNT; i++) {
		const struct addr *source =
			i == CONF_URI_VIA ? &ask->source : NULL;
		int asks = p->incoming_uri[i] == NULL
				   ? -1
				   : route_uri_match(p->incoming_uri[i],
					     ask->uri[i], source);

		if (asks < 0)
			continue;
		r->level = (enum route_level)(ROUTE_BY_VIA - i);
		r->chars = asks;
		return true;
	}
	return false;
}

static bool rank_numbers(const struct conf_dial_peer *p,
	const struct route_ask *ask, struct route_rank *r)
{
	r->level = ROUTE_BY_CALLED;
	r->chars = best_of(
		p->incoming_called, p->incoming_called_map, ask->called);
	if (r->chars >= 0)
		return true;
	r->level = ROUTE_BY_CALLING;
	r->chars = best_of(
		p->incoming_calling, p->incoming_calling_map, ask->calling);
	return r->chars >= 0;
}

static bool only_listener(const struct conf_dial_peer *p)
{
	for (int i = 0; i < CONF_URI_COUNT; i++)
		if (p->incoming_uri[i] != NULL)
			return false;
	return p->incoming_listener != NULL && p->incoming_called == NULL &&
	       p->incoming_called_map == NULL && p->incoming_calling == NULL &&
	       p->incoming_calling_map == NULL;
}

struct route_rank route_rank_incoming(
	const struct conf_dial_peer *p, const struct route_ask *ask)
{
	struct route_rank r = { .listener = p->incoming_listener != NULL };

	if (p->shutdown || (p->incoming_listener != NULL &&
				   p->incoming_listener != ask->listener))
		return (struct route_rank){ 0 };
	if (rank_uri(p, ask, &r) || rank_numbers(p, ask, &r))
		return r;
	r.level = only_listener(p) ? ROUTE_BY_LISTENER : ROUTE_NOT;
	r.chars = 0;
	return r;
}

bool route_rank_better(const struct route_rank *a, const struct route_rank *b)
{
	if (a->level != b->level)
		return a->level > b->level;
	if (a->chars != b->chars)
		return a->chars > b->chars;
	return a->listener && !b->listener;
}

struct incoming {
	const struct route_ask *ask;
	const struct conf_dial_peer *best;
	struct route_rank rank;
};

static void consider(struct incoming *in, const struct conf_dial_peer *p)
{
	struct route_rank r = route_rank_incoming(p, in->ask);

	if (r.level == ROUTE_NOT)
		return;
	if (in->best != NULL && !route_rank_better(&r, &in->rank) &&
		(route_rank_better(&in->rank, &r) || p->tag >= in->best->tag))
		return;
	in->best = p;
	in->rank = r;
}

static void consider_found(
	void *arg, const struct conf_dial_peer *p, int explicit_chars)
{
	(void)explicit_chars; /* of one pattern; the rank asks for all */
	consider(arg, p);
}

const struct conf_dial_peer *route_incoming(
	const struct conf *c, const struct route_ask *ask)
{
	struct incoming in = { .ask = ask };

	for (size_t i = 0; i < c->come_in.n; i++)
		consider(&in, c->come_in.v[i]);
	conf_index_find(c->by_called, ask->called, consider_found, &in);
	conf_index_find(c->by_calling, ask->calling, consider_found, &in);
	return in.best;
}

/* ---- going out ---- */

enum { URI_FIRST = 1000 }; /* beyond the characters of any number */

struct candidate {
	const struct conf_dial_peer *peer;
	int match;
	bool yields; /* to a host that matches as well */
};

struct outgoing {
	const struct conf_dial_peer *from;
	bool core_decides;
	size_t n;
	struct candidate v[ROUTE_MAX];
};

static bool before(const struct candidate *a, const struct candidate *b)
{
	if (a->match != b->match)
		return a->match > b->match;
	if (a->peer->preference != b->peer->preference)
		return a->peer->preference < b->peer->preference;
	if (a->yields != b->yields)
		return b->yields;
	return a->peer->tag < b->peer->tag;
}

bool route_may_go(
	const struct conf_dial_peer *from, const struct conf_dial_peer *p)
{
	if (p->shutdown)
		return false;
	return p->target == CONF_TARGET_REGISTRAR ||
	       (conf_peer_to_host(p) && p != from);
}

int route_number_match(const struct conf_dial_peer *p, struct slice called)
{
	return best_of(p->destination, p->destination_map, called);
}

/* Takes the peer out of the list; false: it is there with a better match. */
static bool forget_worse(struct outgoing *o, const struct candidate *one)
{
	for (size_t i = 0; i < o->n; i++) {
		if (o->v[i].peer != one->peer)
			continue;
		if (o->v[i].match >= one->match)
			return false;
		for (o->n--; i < o->n; i++)
			o->v[i] = o->v[i + 1];
		return true;
	}
	return true;
}

static void offer(void *arg, const struct conf_dial_peer *p, int match)
{
	struct outgoing *o = arg;
	struct candidate one = { .peer = p, .match = match };
	size_t at;

	if (!route_may_go(o->from, p) || !forget_worse(o, &one))
		return;
	one.yields = o->core_decides && p->target == CONF_TARGET_REGISTRAR;
	for (at = o->n; at > 0 && before(&one, &o->v[at - 1]); at--)
		if (at < ROUTE_MAX)
			o->v[at] = o->v[at - 1];
	if (at < ROUTE_MAX)
		o->v[at] = one;
	if (o->n < ROUTE_MAX)
		o->n++;
}

static size_t stop_hunting(
	const struct conf_dial_peer *out[ROUTE_MAX], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (out[i]->huntstop)
			return i + 1;
	return n;
}

static size_t by_group(const struct conf_dpg *g,
	const struct conf_dial_peer *from,
	const struct conf_dial_peer *out[ROUTE_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < g->n && n < ROUTE_MAX; i++)
		if (route_may_go(from, g->entry[i].peer))
			out[n++] = g->entry[i].peer;
	return stop_hunting(out, n);
}

size_t route_outgoing(const struct conf *c, enum conf_side side,
	const struct conf_dial_peer *from, struct slice called,
	struct slice requri, const struct conf_dial_peer *out[ROUTE_MAX])
{
	struct outgoing o = { .from = from,
		.core_decides = side == CONF_ACCESS &&
				c->ua.registrar == CONF_REG_HOST };

	if (from != NULL && from->group != NULL && !from->group->shutdown)
		return by_group(from->group, from, out);
	for (size_t i = 0; i < c->go_by_uri.n; i++) {
		const struct conf_dial_peer *p = c->go_by_uri.v[i];
		int asks = route_uri_match(p->destination_uri, requri, NULL);

		if (asks >= 0)
			offer(&o, p, URI_FIRST + asks);
	}
	conf_index_find(c->by_destination, called, offer, &o);
	for (size_t i = 0; i < o.n; i++)
		out[i] = o.v[i].peer;
	return stop_hunting(out, o.n);
}

size_t route_taken_back(const struct conf *c, enum conf_side side,
	const struct conf_dial_peer *from, struct slice called,
	struct slice requri, const struct conf_dial_peer *out[ROUTE_MAX])
{
	if (from != NULL && from->group != NULL && !from->group->shutdown)
		return by_group(from->group, NULL, out);
	return route_outgoing(c, side, NULL, called, requri, out);
}

/* ---- registered phones ---- */

struct phone_search {
	const char *listener;
	const struct conf_dial_peer *best;
	int rank;
};

static void offer_phone(void *arg, const struct conf_dial_peer *p, int digits)
{
	struct phone_search *s = arg;
	const struct conf_listener *l =
		p->bind != NULL ? p->bind : p->incoming_listener;
	int rank = digits * 2 + (l != NULL);

	if (p->target != CONF_TARGET_REGISTRAR ||
		(l != NULL && !slice_eq_str(slice_str(l->name), s->listener)))
		return;
	if (s->best != NULL &&
		(rank < s->rank || (rank == s->rank && p->tag >= s->best->tag)))
		return;
	s->best = p;
	s->rank = rank;
}

const struct conf_dial_peer *route_phone(
	const struct conf *c, const char *listener, struct slice number)
{
	struct phone_search s = { .listener = listener };

	for (size_t i = 0; i < c->phones.n; i++)
		offer_phone(&s, c->phones.v[i], 0);
	conf_index_find(c->by_destination, number, offer_phone, &s);
	return s.best;
}

/* ---- hosts of a dial-peer ---- */

void route_weigh(unsigned *weight, size_t *index, size_t n, uint32_t random)
{
	uint64_t sum = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < n; k++)
		sum += weight[k];
	if (sum == 0)
		return; /* nobody has one: as written */
	at = random % sum;
	while (at >= weight[i])
		at -= weight[i++];
	for (size_t k = i; k > 0; k--) {
		unsigned w = weight[k];
		size_t x = index[k];

		weight[k] = weight[k - 1];
		index[k] = index[k - 1];
		weight[k - 1] = w;
		index[k - 1] = x;
	}
}

/* The servers from `from` on that have its preference, by their weights. */
static size_t share(const struct conf_server_group *g, size_t from,
	uint32_t (*random)(void *arg), void *arg, size_t *order)
{
	unsigned weight[CONF_SERVERS_MAX] = { 0 };
	size_t n = 0;

	for (size_t i = from; i < g->n && g->server[i].preference ==
						  g->server[from].preference;
		i++) {
		weight[n] = g->server[i].weight;
		order[n++] = i;
	}
	for (size_t i = 0; i + 1 < n; i++)
		route_weigh(weight + i, order + i, n - i, random(arg));
	return n;
}

static size_t group_hosts(const struct conf_server_group *g, unsigned turn,
	uint32_t (*random)(void *arg), void *arg,
	struct conf_host out[ROUTE_HOSTS_MAX])
{
	size_t order[CONF_SERVERS_MAX], n = 0;

	if (g == NULL || g->shutdown || g->n == 0)
		return 0;
	while (n < g->n)
		if (g->scheme == CONF_HUNT_ROUND_ROBIN) {
			order[n] = (turn + n) % g->n;
			n++;
		} else {
			n += share(g, n, random, arg, order + n);
		}
	for (size_t i = 0; i < n; i++)
		out[i] = g->server[order[i]].to;
	return n;
}

size_t route_hosts(const struct conf *c, const struct conf_dial_peer *p,
	unsigned turn, uint32_t (*random)(void *arg), void *arg,
	struct conf_host out[ROUTE_HOSTS_MAX])
{
	size_t n = 1;

	if (p->target == CONF_TARGET_GROUP)
		n = group_hosts(p->servers, turn, random, arg, out);
	else if (p->target == CONF_TARGET_SERVER)
		out[0] = *conf_peer_server(c, p);
	else
		out[0] = (struct conf_host){ .host = p->target_host,
			.addr = p->target_addr,
			.port = p->target_port };
	for (size_t i = 0; i < n; i++)
		if (addr_is_set(&out[i].addr) && addr_port(&out[i].addr) == 0)
			addr_set_port(&out[i].addr,
				p->transport == CONF_TLS ? 5061 : 5060);
	return n;
}

bool route_hunts(const struct conf *c, const struct conf_dial_peer *p,
	int status, unsigned q850, bool otherwise)
{
	const struct conf_server_group *g =
		p != NULL && p->target == CONF_TARGET_GROUP ? p->servers : NULL;

	for (size_t i = 0; g != NULL && i < g->nhunts; i++)
		if ((unsigned)status >= g->hunt[i].from &&
			(unsigned)status <= g->hunt[i].to)
			return !g->hunt[i].stop;
	if (q850 < CONF_CAUSES && c->hunt[q850] != CONF_HUNT_DEFAULT)
		return c->hunt[q850] == CONF_HUNT_ON;
	return otherwise;
}

/* ---- listeners ---- */

static bool reaches(const struct conf_listener *l, const struct addr *to)
{
	return to == NULL || !addr_is_set(to) ||
	       l->addr.sa.sa_family == to->sa.sa_family;
}

const struct conf_listener *route_first(const struct conf *c,
	enum conf_side side, enum conf_transport t, const struct addr *to)
{
	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next)
		if (l->side == side && l->transport == t && reaches(l, to))
			return l;
	return NULL;
}

const struct conf_listener *route_listener(const struct conf *c,
	const struct conf_dial_peer *p, const struct addr *to)
{
	enum conf_side side =
		p->target == CONF_TARGET_REGISTRAR ? CONF_ACCESS : CONF_CORE;
	const struct conf_interface *i = conf_peer_control(c, p);
	const struct conf_proxy *proxy = conf_peer_proxy(c, p);

	if (p->bind != NULL)
		return p->bind;
	if (proxy != NULL)
		to = &proxy->to.addr;
	for (const struct conf_listener *l = i == NULL ? NULL : c->listeners;
		l != NULL; l = l->next)
		if (l->side == side && l->transport == p->transport &&
			conf_interface_has(i, &l->addr) && reaches(l, to))
			return l;
	return i == NULL ? route_first(c, side, p->transport, to) : NULL;
}
