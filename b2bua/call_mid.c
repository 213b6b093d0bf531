/*
 * Requests within an established call. Those with an offer (re-INVITE, UPDATE
 * with SDP) are one exchange at a time in the whole call: a second one gets 491
 * (the other side's, glare: RFC 3261 14.2) or 500 with Retry-After (the same
 * side's: 14.2, RFC 3311 5.2). Who gets a 491 tries again by its own timer, as
 * 14.1 says; we pass on a 491 that our own request met. All others are passed
 * as they are.
 */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/call_int.h"
#include "base/metric.h"
#include "base/obj.h"

static void answer_simple(struct call *c, int side, struct sip_txn *t,
	int status, struct fail *why)
{
	leg_answer(&c->leg[side], t, status, &(struct leg_msg){ .why = why });
}

/* RFC 3261 14.2: between 0 and 10 seconds, chosen at random. */
static void answer_later(struct call *c, struct sip_txn *t)
{
	struct hdrs h;
	char seconds[16];

	hdrs_init(&h);
	(void)snprintf(seconds, sizeof(seconds), "%u", random_u32() % 11);
	hdrs_add_str(&h, "Retry-After", seconds);
	core_refuse_with(c->core, t, 500, &h);
}

static void answer_neg(
	struct call *c, int side, struct sip_txn *t, enum neg_result r)
{
	struct fail why = {
		.status = 488, .warning = neg_warning(r), .text = neg_text(r)
	};

	call_media_refused(c, side, r);
	answer_simple(c, side, t, 488, &why);
}

/* ---- requests without offer ---- */

static struct relay *relay_new(struct call *c, int from, struct sip_txn *t)
{
	struct relay *r = mem_new(sizeof(*r));

	r->from = from;
	r->txn = t;
	r->next = c->relays;
	c->relays = r;
	c->nrelays++;
	return r;
}

static void relay_free(struct call *c, struct relay *r)
{
	for (struct relay **at = &c->relays; *at != NULL; at = &(*at)->next) {
		if (*at != r)
			continue;
		*at = r->next;
		c->nrelays--;
		free(r);
		return;
	}
}

static void pass_on(struct call *c, const struct event *e)
{
	struct leg_msg lm = { .m = e->m, .pass_body = true };
	struct leg *other = &c->leg[1 - e->side];
	struct relay *r;

	if (c->nrelays == RELAYS_MAX) {
		answer_later(c, e->txn);
		return;
	}
	r = relay_new(c, e->side, e->txn);
	if (leg_send(other, e->m->method, &lm, r) == 0)
		return;
	relay_free(c, r);
	core_refuse(c->core, e->txn, 480, "the other side is unreachable");
}

static void relay_reply(
	struct call *c, struct relay *r, const struct sip_msg *m)
{
	struct leg_msg lm = { .m = m, .pass_body = !m->local };
	int status =
		m->status < 300 ? m->status : cause_pass(m->status, m->local);

	if (r->txn != NULL)
		leg_answer(&c->leg[r->from], r->txn, status, &lm);
	relay_free(c, r);
	/* RFC 3261 12.2.1.2: nobody is there any more */
	if (m->status == 481 || (m->local && m->status == 408)) {
		c->fail = (struct fail){ .status = 480, .q850 = 41 };
		call_post(c, EV_HANGUP);
	}
}

/* ---- offers ---- */

static void xchg_end(struct call *c)
{
	c->xchg = (struct xchg){ 0 };
}

static void start_xchg(struct call *c, const struct event *e)
{
	struct leg *other = &c->leg[1 - e->side];
	struct leg_msg lm = { .m = e->m };
	enum neg_result r = NEG_OK;

	c->xchg = (struct xchg){ .active = true,
		.from = e->side,
		.method = e->m->method,
		.txn = e->txn,
		.late = e->m->body.n == 0 };
	if (!c->xchg.late) {
		r = call_take_offer(c, e->side, e->m->body);
		if (r == NEG_OK)
			r = call_make_offer(c, other->side);
		lm.body = other->next.local;
	}
	if (r == NEG_OK &&
		leg_send(other, c->xchg.method, &lm, &cookie_xchg) == 0)
		return;
	call_media_drop(c);
	xchg_end(c);
	if (r != NEG_OK)
		answer_neg(c, e->side, e->txn, r);
	else
		core_refuse(
			c->core, e->txn, 480, "the other side is unreachable");
}

static bool carries_offer(const struct sip_msg *m)
{
	return m->method == SIP_INVITE ||
	       (m->method == SIP_UPDATE && m->body.n > 0);
}

static void offer_request(struct call *c, const struct event *e)
{
	if (e->m->body.n > 0 && !call_is_sdp(e->m)) {
		answer_simple(c, e->side, e->txn, 415, NULL);
	} else if (c->state == CALL_RINGING || c->state == CALL_ANSWERED) {
		/* the first exchange is still under way; its offer is A's, or
		 * B's when it comes late */
		if ((e->side == 0) != c->late)
			answer_later(c, e->txn);
		else
			answer_simple(c, e->side, e->txn, 491, NULL);
	} else if (!c->xchg.active) {
		start_xchg(c, e);
	} else if (c->xchg.from == e->side) {
		answer_later(c, e->txn);
	} else {
		metric_inc(M_CALL_GLARE);
		answer_simple(c, e->side, e->txn, 491, NULL);
	}
}

/* A has no other side yet that could be asked. */
void call_defer(struct call *c, const struct event *e)
{
	answer_later(c, e->txn);
}

void call_request(struct call *c, const struct event *e)
{
	char tags[256];
	struct hdrs h;

	if (headers_unsupported(e->m, tags, sizeof(tags))) {
		hdrs_init(&h);
		hdrs_add_str(&h, "Unsupported", tags);
		core_refuse_with(c->core, e->txn, 420, &h);
		return;
	}
	switch (e->m->method) {
	case SIP_INVITE:
	case SIP_UPDATE:
		if (carries_offer(e->m))
			offer_request(c, e);
		else
			pass_on(c, e);
		return;
	case SIP_INFO:
	case SIP_OPTIONS:
		pass_on(c, e);
		return;
	case SIP_ACK:
	case SIP_BYE:
	case SIP_CANCEL:
	case SIP_REGISTER:
	case SIP_PRACK:
	case SIP_REFER:
	case SIP_NOTIFY:
	case SIP_SUBSCRIBE:
	case SIP_MESSAGE:
	case SIP_PUBLISH:
	case SIP_OTHER:
		core_refuse_method(c->core, e->txn, e->m);
		return;
	}
}

/* ---- the answer to an offer that was passed on ---- */

/*
 * A re-INVITE was cancelled, but its 200 crossed our CANCEL: the other side
 * is in a state that nobody asked for any more. It is acknowledged and then
 * offered what was in force.
 */
static void restore(struct call *c, struct leg *other)
{
	struct leg *asker = leg_other(other);
	struct slice had = slice_str(asker->now.remote);
	enum neg_result r;

	leg_ack(other, &(struct leg_msg){ 0 });
	call_media_drop(c);
	r = call_take_offer(c, asker->side, had);
	if (r == NEG_OK)
		r = call_make_offer(c, other->side);
	leg_text_set(&asker->next.remote, NULL);
	c->xchg = (struct xchg){
		.active = true, .from = -1, .method = SIP_INVITE
	};
	if (r == NEG_OK &&
		leg_send(other, SIP_INVITE,
			&(struct leg_msg){ .body = other->next.local },
			&cookie_xchg) == 0)
		return;
	call_fail(c, 500, 0, NULL);
	call_post(c, EV_HANGUP);
}

static void restored(struct call *c, struct leg *other, const struct sip_msg *m)
{
	if (m->status < 300) {
		leg_ack(other, &(struct leg_msg){ 0 });
		if (call_take_answer(c, other->side, m->body) == NEG_OK)
			call_media_commit(c);
	}
	call_media_drop(c);
	xchg_end(c);
}

static void xchg_refused(struct call *c, const struct sip_msg *m)
{
	struct xchg x = c->xchg;
	struct leg_msg lm = { .m = m };

	call_media_drop(c);
	xchg_end(c);
	if (x.txn != NULL)
		leg_answer(&c->leg[x.from], x.txn,
			m->status == 481 ? 481
					 : cause_pass(m->status, m->local),
			&lm);
	if (m->status == 481 || (m->status == 408 && !x.cancelled)) {
		c->fail = (struct fail){ .status = 480, .q850 = 41 };
		call_post(c, EV_HANGUP);
	}
}

static void xchg_failed(struct call *c, struct leg *other, enum neg_result r)
{
	struct xchg x = c->xchg;

	/* the other side has changed to what cannot be used: RFC 3261 14.1
	 * leaves only to end the call */
	if (x.method == SIP_INVITE)
		leg_ack(other, &(struct leg_msg){ 0 });
	call_media_drop(c);
	xchg_end(c);
	if (x.txn != NULL)
		answer_neg(c, x.from, x.txn, r);
	call_fail(c, 488, neg_warning(r), neg_text(r));
	call_post(c, EV_HANGUP);
}

static void xchg_accepted(
	struct call *c, struct leg *other, const struct sip_msg *m)
{
	struct leg *asker = leg_other(other);
	struct leg_msg lm = { .m = m };
	enum neg_result r;

	if (!call_is_sdp(m))
		r = NEG_BAD_ANSWER;
	else if (c->xchg.late)
		r = call_take_offer(c, other->side, m->body);
	else
		r = call_take_answer(c, other->side, m->body);
	if (r == NEG_OK)
		r = c->xchg.late ? call_make_offer(c, asker->side)
				 : call_make_answer(c, asker->side);
	if (r != NEG_OK) {
		xchg_failed(c, other, r);
		return;
	}
	if (c->xchg.method == SIP_INVITE && !c->xchg.late)
		leg_ack(other, &(struct leg_msg){ 0 });
	if (!c->xchg.late)
		call_media_commit(c);
	lm.body = c->xchg.late ? asker->next.local : asker->now.local;
	leg_answer(asker, c->xchg.txn, m->status, &lm);
	c->xchg.txn = NULL;
	c->xchg.wait_ack = true;
	if (c->xchg.method != SIP_INVITE)
		xchg_end(c);
}

static void xchg_reply(
	struct call *c, struct leg *other, const struct sip_msg *m)
{
	if (!c->xchg.active)
		return;
	if (c->xchg.from < 0)
		restored(c, other, m);
	else if (m->status >= 300)
		xchg_refused(c, m);
	else if (!c->xchg.cancelled)
		xchg_accepted(c, other, m);
	else if (!c->xchg.late)
		restore(c, other);
	else
		xchg_failed(c, other, NEG_BAD_ANSWER);
}

void call_reply(struct call *c, const struct event *e)
{
	if (e->cookie == &cookie_xchg)
		xchg_reply(c, &c->leg[e->side], e->m);
	else
		relay_reply(c, e->cookie, e->m);
}

void call_drop_reply(struct call *c, const struct event *e)
{
	if (e->cookie != &cookie_xchg)
		relay_free(c, e->cookie);
}

void call_re_ack(struct call *c, const struct event *e)
{
	struct leg *other = &c->leg[1 - e->side];
	enum neg_result r = NEG_OK;

	if (!c->xchg.active || c->xchg.from != e->side || !c->xchg.wait_ack)
		return; /* a repeated one */
	if (c->xchg.late) {
		r = call_is_sdp(e->m) ? call_take_answer(c, e->side, e->m->body)
				      : NEG_BAD_ANSWER;
		if (r == NEG_OK)
			r = call_make_answer(c, other->side);
		if (r == NEG_OK)
			call_media_commit(c);
		leg_ack(other,
			&(struct leg_msg){ .m = r == NEG_OK ? e->m : NULL,
				.body = r == NEG_OK ? other->now.local
						    : NULL });
	}
	call_media_drop(c);
	xchg_end(c);
	if (r != NEG_OK) {
		call_fail(c, 488, neg_warning(r), neg_text(r));
		call_post(c, EV_HANGUP);
	}
}

void call_re_cancel(struct call *c, const struct event *e)
{
	if (!c->xchg.active || c->xchg.from != e->side)
		return;
	c->xchg.txn = NULL; /* the port has answered it */
	c->xchg.cancelled = true;
	leg_cancel(&c->leg[1 - e->side], &(struct leg_msg){ .m = e->m });
}
