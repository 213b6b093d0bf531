/*
 * Challenges to requests of ours, answered: only of realms that are
 * configured, once for each nonce. One struct challenges for what goes on with
 * one server: a dialog, or a registration.
 */
#ifndef LINESIDE_B2BUA_CHALLENGE_H
#define LINESIDE_B2BUA_CHALLENGE_H

#include "b2bua/route/headers.h"
#include "b2bua/trunk/digest.h"
#include "conf/conf.h"

struct core;

enum { CHALLENGES_MAX = 4 }; /* realms on the way of one request */
struct challenges {
	size_t n;
	struct challenge {
		struct digest_challenge c;
		bool proxy;
		char *username; /* owned */
		char *password; /* owned, wiped */
		uint32_t count; /* of answers with this nonce */
	} * v;
};
void challenges_free(struct challenges *a); /* what is in it */

enum challenged {
	CHALLENGE_NOT_OURS, /* no realm of it is configured: pass it on */
	CHALLENGE_AGAIN, /* send once more, with challenges_add() */
	CHALLENGE_REFUSED, /* the answer was not believed: give up */
};
/* Whose answer that realm gets. */
typedef const struct conf_auth *challenge_who_fn(void *arg, struct slice realm);

/* Takes the challenges of a 401 or 407. `tries`: how often that request was
 * sent again for a challenge. Counts and logs. */
enum challenged challenges_take(struct challenges *a, struct core *core,
	const struct sip_msg *m, unsigned tries, challenge_who_fn *who,
	void *arg);
/* Adds an answer for each realm that has challenged, the next count each;
 * answers to these realms that came with the message give way. */
void challenges_add(struct challenges *a, struct hdrs *h, struct slice method,
	struct slice uri, struct slice body);

#endif
