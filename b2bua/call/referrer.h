/*
 * What a party of a call may have called by REFER: no more than it would reach
 * by an INVITE of its own. Who remains with the target has no part in it: what
 * he may dial is not the other one's to use. Sip thread.
 */
#ifndef LINESIDE_B2BUA_REFERRER_H
#define LINESIDE_B2BUA_REFERRER_H

#include "b2bua/call/call_int.h"

/* May that leg's far end begin calls at all, and one more now? False: the
 * REFER `m` is answered. */
bool referrer_may_ask(
	const struct leg *asks, struct sip_txn *t, const struct sip_msg *m);
/* Where `y`, begun by such a REFER, may go by its number (y->called) and that
 * URI; as route_outgoing(). */
size_t referrer_routes(const struct call *y, struct slice uri,
	const struct conf_dial_peer *out[ROUTE_MAX]);
/* Routes `y` to its number (y->called, by the URI `ruri`), translated as that
 * party's numbers are; where it may not go, y->fail says why. */
void referrer_route(struct call *y, const struct leg *asks,
	const struct sip_msg *refer, const char *ruri);

#endif
