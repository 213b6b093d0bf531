/* Actions until a call is up: ringing, answering, acknowledging. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/fit.h"
#include "b2bua/call_int.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/wire.h"

void call_begin(struct call *c, const struct event *e)
{
	enum neg_result r;

	c->late = e->m->body.n == 0;
	if (!c->late && !call_is_sdp(e->m)) {
		call_fail(c, 415, 399, "only application/sdp is understood");
		call_post(c, EV_FAIL);
		return;
	}
	if (!c->late) {
		r = call_take_offer(c, 0, e->m->body);
		if (r != NEG_OK) {
			call_fail_negotiation(c, 0, r);
			call_post(c, EV_FAIL);
			return;
		}
	}
	call_dial(c);
}

/* ---- B answers ---- */

/* SRTP was offered under "srtp fallback" and refused as such: once more with
 * RTP. Told as an event when it is in force. */
static bool may_fall_back(const struct call *c, int status)
{
	const struct leg *b = &c->leg[1];

	return b->policy.srtp == CONF_SRTP_FALLBACK && !b->plain && !c->late &&
	       (status == 488 || status == 606 || status == 415) &&
	       call_offered_secure(c, 1);
}

static bool hunts(const struct call *c, const struct sip_msg *m)
{
	return route_hunts(c->conf, c->leg[1].peer, m->status, cause_told(m),
		cause_hunts(m->status, m->local));
}

void call_reject(struct call *c, const struct event *e)
{
	if (session_timer_too_short(&c->leg[1], e->m)) {
		if (call_send_invite(c) == 0)
			return;
	} else if (may_fall_back(c, e->m->status)) {
		c->leg[1].plain = true;
		if (call_dial_again(c) == 0)
			return;
	} else if (hunts(c, e->m) && call_has_next(c)) {
		metric_inc(M_CALL_HUNTED);
		call_fail(c, cause_pass(e->m->status, e->m->local), 0, NULL);
		call_dial_next(c);
		return;
	}
	call_fail(c, cause_pass(e->m->status, e->m->local), 0, NULL);
	call_post(c, EV_FAIL);
}

/* B's description becomes A's; false: `c->fail` says why. */
static bool take_answer(struct call *c, const struct sip_msg *m)
{
	enum neg_result r = call_take_answer(c, 1, m->body);

	if (r == NEG_OK)
		r = call_make_answer(c, 0);
	if (r == NEG_OK) {
		call_media_commit(c);
		return true;
	}
	call_media_drop(c);
	call_fail_negotiation(c, 1, r);
	return false;
}

void call_progress(struct call *c, const struct event *e)
{
	struct leg_msg lm = { .m = e->m };
	enum neg_result r;

	/* A description that cannot be used is left out: the 200 decides. In
	 * a late offer it would be B's offer, which unreliable responses do
	 * not carry (RFC 3261 13.2.1). */
	if (call_is_sdp(e->m) && !c->late) {
		r = call_take_answer(c, 1, e->m->body);
		if (r == NEG_OK)
			r = call_make_answer(c, 0);
		if (r == NEG_OK) {
			call_media_commit(c);
			lm.body = c->leg[0].now.local;
			c->media_told = true;
		} else {
			leg_text_set(&c->leg[0].next.local, NULL);
			leg_text_set(&c->leg[1].next.remote, NULL);
		}
	}
	leg_answer(&c->leg[0], c->invite, e->m->status, &lm);
}

/* The 2xx of a late offer: B's offer in it becomes ours to A. */
static bool late_offer(struct call *c, const struct sip_msg *m)
{
	enum neg_result r;

	if (!call_is_sdp(m)) {
		call_fail(c, 488, 399, "no session was described");
		return false;
	}
	r = call_take_offer(c, 1, m->body);
	if (r != NEG_OK) {
		call_fail_negotiation(c, 1, r);
		return false;
	}
	r = call_make_offer(c, 0);
	if (r != NEG_OK)
		call_fail_negotiation(c, 0, r);
	return r == NEG_OK;
}

void call_answer(struct call *c, const struct event *e)
{
	struct leg *a = &c->leg[0], *b = &c->leg[1];
	struct sip_port *port = c->core->port;
	struct leg_msg lm = { .m = e->m, .session = true };
	bool fine;

	port->ops->timer_stop(port, &c->timer);
	call_forget_hosts(c);
	b->confirmed = true;
	leg_learn(b, e->m);
	session_timer_answered(b, e->m);
	if (c->late)
		fine = late_offer(c, e->m);
	else if (call_is_sdp(e->m))
		fine = take_answer(c, e->m);
	else /* tolerated when early media has brought the answer */
		fine = b->now.remote != NULL;
	if (!fine && c->fail.status == 0)
		call_fail(c, 488, 399, neg_text(NEG_BAD_ANSWER));
	if (!c->late || !fine)
		leg_ack(b, &(struct leg_msg){ 0 });
	if (!fine) {
		call_post(c, EV_FAIL);
		return;
	}
	c->media_told = true;
	lm.body = c->late ? a->next.local : a->now.local;
	leg_answer(a, c->invite, e->m->status, &lm);
	c->invite = NULL;
	a->confirmed = true;
	sip_msg_free(c->first);
	c->first = NULL;
}

void call_confirm(struct call *c, const struct event *e)
{
	struct leg *b = &c->leg[1];
	struct sip_port *port = c->core->port;
	enum neg_result r;

	c->leg[0].acked = true;
	c->up_ms = port->ops->now_ms(port);
	if (c->late) {
		r = call_is_sdp(e->m) ? call_take_answer(c, 0, e->m->body)
				      : NEG_BAD_ANSWER;
		if (r == NEG_OK)
			r = call_make_answer(c, 1);
		if (r != NEG_OK) {
			call_media_drop(c);
			call_fail_negotiation(c, 0, r);
			leg_ack(b, &(struct leg_msg){ 0 });
			call_post(c, EV_FAIL);
			return;
		}
		call_media_commit(c);
		leg_ack(b,
			&(struct leg_msg){ .m = e->m, .body = b->now.local });
	}
	metric_inc(M_CALLS_ANSWERED);
	log_event(MSG_CALL_UP, &c->leg[0].log, L_STR("from", c->leg[0].number),
		L_STR("to", b->number), L_STR("codec", c->leg[0].codec));
}
