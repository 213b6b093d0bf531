/*
 * What phones need to be believed and to believe: the CAPF server, the TVS,
 * and the relays to those of the call manager or to other services, on the
 * services thread. Handshakes and signing are done by threads of its own, so
 * that five hundred phones that enrol at once take nothing from calls but
 * processor time, and the helper's share of that is small.
 *
 *   main      phone_trust_prepare: sockets, trustpoints; all that can fail
 *   services  phone_trust_apply: in force
 */
#ifndef LINESIDE_PHONE_TRUST_H
#define LINESIDE_PHONE_TRUST_H

#include "base/loop.h"
#include "base/table.h"
#include "conf/conf.h"
#include "phone_relays.h"
#include "phoneproxy/boxes/ctl_provider.h"
#include "phoneproxy/capf/capf_service.h"
#include "phoneproxy/config/phonecert.h"
#include "phoneproxy/phone.h"
#include "phoneproxy/tvs/tvs_service.h"

struct phone_trust_plan;

/*
 * Binds what `next` wants and `now` (NULL: nothing) has not, loads its
 * trustpoints. Complaints with their places in errs; on failure *out is NULL.
 */
int phone_trust_prepare(struct phone_trust_plan **out, const struct conf *now,
	struct conf *next, struct conf_errs *errs) MUST_USE;
void phone_trust_discard(struct phone_trust_plan *p); /* NULL is fine */

struct phone_trust;

/* Before the services thread runs, or on it. What happens to phones is noted
 * with `phones`, and the certificates they get with `certs`, which are there
 * until phone_trust_stop(). */
/* `ca` signs where cert-enroll-trustpoint names a `crypto pki server`. */
struct phone_trust *phone_trust_new(struct loop *l, struct phones *phones,
	struct phonecerts *certs, const struct capf_ca *ca) MUST_USE;
/* Services thread; takes the plan. */
void phone_trust_apply(struct phone_trust *t, struct phone_trust_plan *p);
/* Hangs up; what is under way ends, its answers are in the loop's queue then.
 * Nothing may be asked any more. NULL is fine. */
void phone_trust_stop(struct phone_trust *t);
/* When those answers were run. NULL is fine. */
void phone_trust_free(struct phone_trust *t);

/* NULL: not served. Borrowed. Of NULL: nothing is. */
struct capf_service *phone_trust_capf(const struct phone_trust *t);
struct tvs_service *phone_trust_tvs(const struct phone_trust *t);
struct ctl_provider *phone_trust_boxes(const struct phone_trust *t);
/* Why the CAPF server is not served although it is configured; NULL. */
const char *phone_trust_why(const struct phone_trust *t);
const struct phone_relays *phone_trust_relays(const struct phone_trust *t);

#endif
