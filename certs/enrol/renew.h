/*
 * When a certificate is renewed, how often that is tried, and how loudly its
 * end is announced: pure, with the time as an argument. The renewal itself is
 * certs/enrol/obtain.c; who has timers and threads is src/pki/renewal.c.
 *
 *            due                                             not_after
 *   ---------|--try--·--try----·----try-------- … -----------|
 *            wait 1, 2, 4 … minutes, at most an hour, a      warnings go on
 *            tenth of its life, a quarter of what is left    30/14/7/1 days
 */
#ifndef LINESIDE_CERTS_RENEW_H
#define LINESIDE_CERTS_RENEW_H

#include <stdbool.h>
#include <stdint.h>

#include "certs/enrol/obtain.h"

enum renew_state {
	RENEW_OFF, /* nobody renews it: warnings alone */
	RENEW_WAITING, /* until `due` */
	RENEW_ASKING, /* an attempt is under way */
	RENEW_PENDING, /* the authority decides; asked again at `at` */
	RENEW_RETRYING, /* it failed; again at `at` */
};

struct renew_params {
	bool automatic; /* auto-enroll, and somebody to ask */
	unsigned percent; /* of the lifetime */
	unsigned
		pending_s; /* between two questions, when the CA says nothing */
	unsigned pending_max; /* questions; then the request is given up */
	uint32_t seed; /* of the jitter: differs between machines */
};

struct renew {
	struct renew_params p;
	int64_t not_before,
		not_after; /* seconds since 1970; 0: no certificate */
	enum renew_state state;
	int64_t due, at;
	int64_t set_at; /* when `at` was told as a wait; 0: by the calendar */
	unsigned attempts; /* since the last success */
	unsigned asked;
	int warned; /* the least number of days that was announced; -1: over */
};

enum renew_action {
	RENEW_NOTHING,
	RENEW_ASK, /* call obtain(); renew_done() tells how it went */
};

struct renew_step {
	enum renew_action action;
	bool warn; /* announce the end */
	int64_t days; /* left; negative: over */
};

/* A certificate that is new, or is there at the start. */
void renew_begin(struct renew *r, const struct renew_params *p,
	int64_t not_before, int64_t not_after, bool pending, int64_t now);
/* What is to be done now. */
struct renew_step renew_tick(struct renew *r, int64_t now);
/* After RENEW_ASK. A success needs renew_begin(), too. */
void renew_done(struct renew *r, enum obtain_outcome outcome,
	unsigned retry_after_s, int64_t now);
/* When to call renew_tick() next, seconds since 1970. */
int64_t renew_next(const struct renew *r, int64_t now);

const char *renew_state_name(enum renew_state s); /* "waiting" */

#endif
