/*
 * Relays for phones: what the phone proxies of a configuration want passed on
 * to the call manager's CAPF, TVS and other services. Those that two
 * configurations have in common stay, with what is under way. A part of
 * phone_trust.h, which says whose thread does what.
 */
#ifndef LINESIDE_PHONE_RELAYS_H
#define LINESIDE_PHONE_RELAYS_H

#include "base/loop.h"
#include "conf/conf.h"
#include "phoneproxy/capf/relay.h"
#include "phoneproxy/phone.h"

struct phone_relays_plan;

/* Binds what `next` wants and `now` (NULL: nothing) has not; complaints in
 * errs, and *out is NULL on failure. Names are borrowed of `next`. */
int phone_relays_prepare(struct phone_relays_plan **out, const struct conf *now,
	const struct conf *next, struct conf_errs *errs) MUST_USE;
void phone_relays_discard(struct phone_relays_plan *p); /* NULL is fine */

struct phone_relays;

/* What passes is noted with `phones`, borrowed. */
struct phone_relays *phone_relays_new(
	struct loop *l, struct phones *phones) MUST_USE;
/* Takes the sockets of the plan; NULL: nothing is wanted any more. */
void phone_relays_apply(struct phone_relays *r, struct phone_relays_plan *p);
void phone_relays_free(struct phone_relays *r); /* NULL is fine */

struct phone_relay_info {
	const char *proxy; /* name of the voice-phone-proxy */
	struct addr access, server;
	struct relay_count count;
};
/* Of NULL: there is none. */
size_t phone_relays_count(const struct phone_relays *r);
void phone_relays_at(
	const struct phone_relays *r, size_t i, struct phone_relay_info *out);

#endif
