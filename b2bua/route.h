/* Dial-peer choice: pure functions over the configuration. */
#ifndef LINESIDE_B2BUA_ROUTE_H
#define LINESIDE_B2BUA_ROUTE_H

#include "conf/conf.h"

/*
 * The dial-peer whose policy governs a call that comes in: the most specific
 * of `incoming called-number` and `incoming listener`, longer match first,
 * then lower tag. NULL: none; the defaults of voice service voip apply.
 */
const struct conf_dial_peer *route_incoming(const struct conf *c,
	const struct conf_listener *l, struct slice called);

enum { ROUTE_MAX = 16 };
/*
 * Where a number may go, in order of trying: longest match of
 * destination-pattern, then preference, then tag. Peers that are shut down are
 * left out, and the host a call came in from (`from`), which would send it in
 * a circle. Among peers that match equally, a call from the access side goes
 * to a host before the local registrar while a core registrar is in charge:
 * the call manager decides what its lines do, unless a longer pattern or a
 * preference says otherwise. Returns how many.
 */
size_t route_outgoing(const struct conf *c, enum conf_side side,
	const struct conf_dial_peer *from, struct slice called,
	const struct conf_dial_peer *out[ROUTE_MAX]);

/* The peer whose policy governs a call to a registered phone, reached through
 * that listener; NULL: none, the defaults apply. */
const struct conf_dial_peer *route_phone(
	const struct conf *c, const char *listener, struct slice number);

/* Sends for the peer: its bind, else the first listener of that side (core
 * for hosts, access for phones) with its transport that reaches a numeric
 * target's family. NULL: none. */
const struct conf_listener *route_listener(
	const struct conf *c, const struct conf_dial_peer *p);
/* `to` unset (a name): any family. */
const struct conf_listener *route_first(const struct conf *c,
	enum conf_side side, enum conf_transport t, const struct addr *to);

#endif
