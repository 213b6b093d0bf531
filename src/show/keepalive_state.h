/* What keepalives found of a dial-peer, for show and explain. */
#ifndef LINESIDE_KEEPALIVE_STATE_H
#define LINESIDE_KEEPALIVE_STATE_H

#include "b2bua/b2bua.h"

/* `q` was asked for B2BUA_KEEPALIVES. "active", "busyout", of a group also
 * "partial"; NULL: its targets are not asked. */
const char *keepalive_state(const struct b2bua_query *q, const struct conf *c,
	const struct conf_dial_peer *p);
/* The host of the dial-peer, when it is busied out; or NULL. */
const struct keepalive_info *keepalive_busied_out(const struct b2bua_query *q,
	const struct conf *c, const struct conf_dial_peer *p,
	const struct conf_host *to);

#endif
