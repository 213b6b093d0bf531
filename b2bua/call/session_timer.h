/*
 * Session timers (RFC 4028), for each leg by itself: who of both ends
 * refreshes, how often, and what happens when nobody does. A refresh of ours
 * is an UPDATE without body where the far end takes UPDATE, else a re-INVITE
 * with the description in force; that of a far end is answered here when it
 * changes nothing (call_mid.c). Sip thread.
 */
#ifndef LINESIDE_B2BUA_SESSION_TIMER_H
#define LINESIDE_B2BUA_SESSION_TIMER_H

#include "b2bua/route/headers.h"

struct leg;
struct leg_info;

enum { SE_MIN = 90, SE_MAX = 86400 }; /* seconds; RFC 4028 4 */
enum se_refresher { SE_ANY, SE_UAC, SE_UAS };

struct session_timer { /* of a leg */
	unsigned interval; /* in force, seconds; 0: none */
	bool ours; /* we refresh */
	bool known; /* the far end says "timer" */
	unsigned min_se; /* the far end's, by Min-SE or 422 */
	unsigned tries; /* after 422 */
	struct { /* by the request that is being answered */
		unsigned expires; /* 0: no Session-Expires */
		enum se_refresher refresher;
	} asked;
	uint64_t ends_ms, next_ms; /* the end; when the timer fires */
	struct sip_timer *timer;
};

/* The header's number and who refreshes; false: absent or not a number. */
bool session_timer_read(const struct sip_msg *m, unsigned *expires,
	enum se_refresher *refresher);
/* Seconds of Min-SE; 0: absent. */
unsigned session_timer_min(const struct sip_msg *m);

/* An INVITE or UPDATE of the far end: what it wants, for the 2xx to come. */
void session_timer_asked(struct leg *l, const struct sip_msg *m);
/* Into a 2xx to that, and into force. */
void session_timer_answer(struct leg *l, struct hdrs *h);
/* Into an INVITE or UPDATE of ours; `initial`: nobody is chosen yet. */
void session_timer_offer(struct leg *l, struct hdrs *h, bool initial);
/* The 2xx to that. */
void session_timer_answered(struct leg *l, const struct sip_msg *m);
/* 422 to that; true: with what it asks for, another try makes sense. */
bool session_timer_too_short(struct leg *l, const struct sip_msg *m);
/* A refresh of ours failed, but the session may live: try again. */
void session_timer_again(struct leg *l, unsigned ms);
/* The same after a failure that says nothing: before the session ends. */
void session_timer_later(struct leg *l);
void session_timer_stop(struct leg *l);
void session_timer_describe(const struct leg *l, struct leg_info *out);

#endif
