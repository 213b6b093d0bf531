/*
 * What one phone may take of what all phones share: bindings of the registrar,
 * and new requests (REGISTER, INVITE) a minute. A phone is a certificate's
 * device and issuer; without a certificate it is an address, behind which
 * there may be as many phones as it may have connections. Of the sip thread.
 */
#ifndef LINESIDE_B2BUA_SHARE_H
#define LINESIDE_B2BUA_SHARE_H

#include "b2bua/sip/sip_port.h"

enum { SHARES_MAX = 131072 }; /* phones that are told apart at a time */

struct share_limits { /* of one phone, or of all behind an address */
	unsigned bindings, requests; /* requests: a minute, all at once too */
};
/* For who asks at that listener; NULL: it is gone, nothing is refused. */
struct share_limits share_limits(
	const struct conf_listener *l, const struct identity *who);

struct shares;
struct share; /* of one phone; good while it holds bindings */

struct shares *shares_new(void) MUST_USE;
void shares_free(struct shares *s); /* nothing is held any more */
size_t shares_count(const struct shares *s);

/* One more request, or EAGAIN: above the limit; *first when the one before was
 * not, so that it is worth saying. `now` in ms. */
int shares_request(struct shares *s, const struct identity *who,
	const struct addr *from, const struct share_limits *l, uint64_t now,
	bool *first) MUST_USE;
/* One more binding; NULL: it has all that it may have. */
struct share *shares_hold(struct shares *s, const struct identity *who,
	const struct addr *from, const struct share_limits *l,
	uint64_t now) MUST_USE;
void share_release(struct share *s); /* NULL is fine */

#endif
