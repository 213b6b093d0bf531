/*
 * Dial-peer choice: pure functions over the configuration. The same predicates
 * choose for a call and tell in `explain call` why a dial-peer was not chosen.
 */
#ifndef LINESIDE_B2BUA_ROUTE_H
#define LINESIDE_B2BUA_ROUTE_H

#include "conf/conf.h"

/* What a request says of itself, and where it came from. Borrowed. */
struct route_ask {
	const struct conf_listener *listener;
	struct slice called, calling; /* numbers; empty: none */
	struct slice uri[CONF_URI_COUNT]; /* Via: its host; empty: none */
	struct addr source; /* unset: unknown */
};

/*
 * How a dial-peer matches a call that comes in. Levels in CUBE's order: URIs
 * (Via, Request-URI, To, From), then the number called, then the caller's,
 * and last, ours, the listener alone. A dial-peer with several conditions
 * matches by the best of them; `incoming listener` must hold for all.
 */
enum route_level {
	ROUTE_NOT,
	ROUTE_BY_LISTENER,
	ROUTE_BY_CALLING,
	ROUTE_BY_CALLED,
	ROUTE_BY_FROM,
	ROUTE_BY_TO,
	ROUTE_BY_REQUEST,
	ROUTE_BY_VIA,
};
struct route_rank {
	enum route_level level;
	int chars; /* explicitly matched, or how much a URI class asks for */
	bool listener; /* breaks ties */
};
struct route_rank route_rank_incoming(
	const struct conf_dial_peer *p, const struct route_ask *ask);
/* a is better than b; equal ranks go by tag. */
bool route_rank_better(const struct route_rank *a, const struct route_rank *b);

/*
 * The dial-peer whose policy governs a call that comes in: best rank, then
 * lowest tag. NULL: none; the defaults of voice service voip apply.
 */
const struct conf_dial_peer *route_incoming(
	const struct conf *c, const struct route_ask *ask);

/* The class fits the URI; `source` is for the host of a Via (NULL: not one).
 * How much it asks for, or -1. */
int route_uri_match(const struct conf_uri_class *u, struct slice uri,
	const struct addr *source);

enum { ROUTE_MAX = 20 };
/*
 * Where a call may go, in order of trying. The group (`destination dpg`) of
 * the dial-peer it came in by decides alone; else Request-URIs that match
 * `destination uri`, then the longest match of a number, then preference, then
 * tag. Peers that are shut down are left out, and the host a call came in
 * from (`from`), which would send it in a circle. Among peers that match
 * equally, a call from the access side goes to a host before the local
 * registrar while a core registrar is in charge: the call manager decides what
 * its lines do, unless a longer pattern or a preference says otherwise. Behind
 * a `huntstop` nothing follows. Returns how many.
 */
size_t route_outgoing(const struct conf *c, enum conf_side side,
	const struct conf_dial_peer *from, struct slice called,
	struct slice requri, const struct conf_dial_peer *out[ROUTE_MAX]);
/* The same for one that `from` may take back, to its own host as well. */
size_t route_taken_back(const struct conf *c, enum conf_side side,
	const struct conf_dial_peer *from, struct slice called,
	struct slice requri, const struct conf_dial_peer *out[ROUTE_MAX]);
/* Explicit characters of the number by pattern and map, or -1. */
int route_number_match(const struct conf_dial_peer *p, struct slice called);
/* May a call that came in by `from` go out by `p` at all? */
bool route_may_go(
	const struct conf_dial_peer *from, const struct conf_dial_peer *p);

/* The peer whose policy governs a call to a registered phone, reached through
 * that listener; NULL: none, the defaults apply. */
const struct conf_dial_peer *route_phone(
	const struct conf *c, const char *listener, struct slice number);

/*
 * The hosts of a dial-peer in order of trying; names are the configuration's.
 * `turn` counts a group's calls (round-robin); `random` gives what shares
 * calls by weight. 0: it has none, or its group is shut down.
 */
enum { ROUTE_HOSTS_MAX = CONF_SERVERS_MAX };
size_t route_hosts(const struct conf *c, const struct conf_dial_peer *p,
	unsigned turn, uint32_t (*random)(void *arg), void *arg,
	struct conf_host out[ROUTE_HOSTS_MAX]);
/* Every host that requests of ours may go to, those of dial-peers that are shut
 * down as well, then registrars; behind each its outbound proxy, and that alone
 * for a name, which is the proxy's to look up. Borrowed during the callback. */
struct route_target {
	const struct conf_dial_peer *peer; /* NULL: a registrar */
	struct conf_host to;
	enum conf_transport transport;
};
typedef void route_target_fn(void *arg, const struct route_target *t);
void route_targets(const struct conf *c, route_target_fn *fn, void *arg);
bool route_target_in_service(const struct route_target *t);
/*
 * Whom a dial-peer asks by options-keepalive, as many as are returned: its hosts, or sip-ua's
 * registrar where it leads to who has registered (calls to phones do not wait
 * for that one's answer). `as`: by which dial-peer they are reached; it borrows
 * of `c`.
 */
size_t route_keepalive_hosts(const struct conf *c,
	const struct conf_dial_peer *p, struct conf_dial_peer *as,
	struct conf_host host[ROUTE_HOSTS_MAX]) MUST_USE;
/* Orders by weight as RFC 2782 has it: moves the next to try to v[0]. */
void route_weigh(unsigned *weight, size_t *index, size_t n, uint32_t random);

/*
 * After a final answer: may the next target be tried? By the group's rules,
 * then `voice hunt` for the Q.850 cause, then by what the answer means
 * (`otherwise`).
 */
bool route_hunts(const struct conf *c, const struct conf_dial_peer *p,
	int status, unsigned q850, bool otherwise);

/* Sends for the peer: its bind, else a listener of the interface that it is
 * bound to (and no other), else the first listener of that side (core
 * for hosts, access for phones) with its transport that reaches `to`'s
 * family, or that of its outbound proxy (unset or NULL: any). NULL: none. */
const struct conf_listener *route_listener(const struct conf *c,
	const struct conf_dial_peer *p, const struct addr *to);
const struct conf_listener *route_first(const struct conf *c,
	enum conf_side side, enum conf_transport t, const struct addr *to);

#endif
