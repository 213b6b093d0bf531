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
#include <string.h>

#include "b2bua/call/call_int.h"
#include "base/metric.h"
#include "base/obj.h"

static void refuse(struct call *c, const struct event *e, enum refusal r)
{
	struct fail why = fail_of(r);

	leg_refuse(&c->leg[e->side], e->txn, &why, NULL);
}

/* RFC 3261 14.2: between 0 and 10 seconds, chosen at random. */
void call_answer_later(struct call *c, struct sip_txn *t)
{
	struct fail why = fail_of(REFUSE_LATER);
	char seconds[16];

	(void)snprintf(seconds, sizeof(seconds), "%u", random_u32() % 11);
	why.name = "Retry-After";
	why.value = seconds;
	core_refuse_for(c->core, t, &why);
}

static void answer_neg(
	struct call *c, int side, struct sip_txn *t, enum neg_result r)
{
	struct fail why = fail_of(neg_refusal(r));

	call_media_refused(c, side, r);
	leg_refuse(&c->leg[side], t, &why, NULL);
}

/* ---- session timers ---- */

bool call_session_too_short(const struct conf *conf, const struct sip_msg *m)
{
	enum se_refresher who;
	unsigned expires;

	return session_timer_read(m, &expires, &who) &&
	       expires < conf->voip.min_se;
}

void call_refuse_short(
	struct core *core, struct sip_txn *t, const struct conf *conf)
{
	struct fail why = fail_of(REFUSE_SESSION_SHORT);
	char text[16];

	metric_inc(M_CALL_SESSION_SHORT);
	(void)snprintf(text, sizeof(text), "%u", conf->voip.min_se);
	why.name = "Min-SE";
	why.value = text;
	core_refuse_for(core, t, &why);
}

/* It tells the other side nothing: no name, number or picture has changed. */
static bool is_refresh_only(const struct sip_msg *m)
{
	static const char *const news[] = { "P-Asserted-Identity",
		"P-Preferred-Identity", "Remote-Party-ID", "Identity",
		"Call-Info", "Alert-Info", "Diversion", "History-Info",
		"Subject" };

	for (size_t i = 0; i < ARRAY_SIZE(news); i++)
		if (sip_msg_header(m, news[i]).n > 0)
			return false;
	return true;
}

/* An UPDATE without offer that carries a session timer and nothing else. */
static bool answer_update(struct call *c, const struct event *e)
{
	enum se_refresher who;
	unsigned expires;

	if (c->state != CALL_UP || e->m->method != SIP_UPDATE ||
		e->m->body.n > 0 || !session_timer_read(e->m, &expires, &who) ||
		!is_refresh_only(e->m))
		return false;
	metric_inc(M_CALL_SESSION_REFRESHES);
	leg_answer(&c->leg[e->side], e->txn, 200,
		&(struct leg_msg){ .session = true });
	return true;
}

/* An offer that is, byte for byte, what is in force: answered with what is in
 * force, and nobody else is bothered. */
static bool answer_same(struct call *c, const struct event *e)
{
	struct leg *l = &c->leg[e->side];
	bool same = l->now.remote != NULL && l->now.local != NULL &&
		    slice_eq_str(e->m->body, l->now.remote) &&
		    is_refresh_only(e->m) &&
		    call_take_offer(c, e->side, e->m->body) == NEG_OK &&
		    call_make_answer(c, e->side) == NEG_OK &&
		    strcmp(l->next.local, l->now.local) == 0;

	call_media_drop(c);
	if (!same)
		return false;
	metric_inc(M_CALL_SESSION_REFRESHES);
	leg_answer(l, e->txn, 200,
		&(struct leg_msg){ .body = l->now.local, .session = true });
	if (e->m->method == SIP_INVITE)
		c->xchg = (struct xchg){ .active = true,
			.from = e->side,
			.method = SIP_INVITE,
			.wait_ack = true };
	return true;
}

/* RFC 3261 14.1: who made the Call-ID waits longer. */
unsigned call_glare_ms(const struct leg *l)
{
	return l->uac ? 2100 + random_u32() % 191 * 10
		      : random_u32() % 201 * 10;
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
		.to = other->dlg,
		.method = e->m->method == SIP_INVITE ? SIP_INVITE : SIP_UPDATE,
		.txn = e->txn,
		.prack = e->m->method == SIP_PRACK,
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
		core_refuse(c->core, e->txn, REFUSE_OTHER_AWAY);
}

/* Before the final answer, by UPDATE: once both legs have their first answer
 * for good (RFC 3311 5.1). */
static bool early_offer(const struct call *c, int from)
{
	return c->leg[0].settled && c->leg[1].settled && !c->xchg.active &&
	       c->leg[1 - from].can_update;
}

void call_offer_in_prack(struct call *c, const struct event *e)
{
	if (!call_is_sdp(e->m))
		refuse(c, e, REFUSE_NOT_SDP);
	else if (early_offer(c, e->side))
		start_xchg(c, e);
	else
		refuse(c, e, REFUSE_NO_UPDATE_YET);
}

static bool carries_offer(const struct sip_msg *m)
{
	return m->method == SIP_INVITE ||
	       (m->method == SIP_UPDATE && m->body.n > 0);
}

static void offer_request(struct call *c, const struct event *e)
{
	if (e->m->body.n > 0 && !call_is_sdp(e->m)) {
		refuse(c, e, REFUSE_NOT_SDP);
	} else if (e->m->method == SIP_UPDATE && c->state != CALL_UP &&
		   early_offer(c, e->side)) {
		start_xchg(c, e);
	} else if (c->state == CALL_RINGING || c->state == CALL_ANSWERED) {
		/* the first exchange is still under way; its offer is A's, or
		 * B's when it comes late */
		if ((e->side == 0) != c->late)
			call_answer_later(c, e->txn);
		else
			refuse(c, e, REFUSE_GLARE);
	} else if (!c->xchg.active) {
		if (e->m->body.n == 0 || !answer_same(c, e))
			start_xchg(c, e);
	} else if (c->xchg.from == e->side) {
		call_answer_later(c, e->txn);
	} else {
		metric_inc(M_CALL_GLARE);
		refuse(c, e, REFUSE_GLARE);
	}
}

/* A has no other side yet that could be asked. */
void call_defer(struct call *c, const struct event *e)
{
	call_answer_later(c, e->txn);
}

void call_request(struct call *c, const struct event *e)
{
	if (core_refuse_unsupported(c->core, e->txn, e->m) ||
		keys_request(c, e))
		return;
	switch (e->m->method) {
	case SIP_INVITE:
	case SIP_UPDATE:
		if (call_session_too_short(c->conf, e->m)) {
			call_refuse_short(c->core, e->txn, c->conf);
			return;
		}
		leg_learn(&c->leg[e->side], e->m);
		session_timer_asked(&c->leg[e->side], e->m);
		if (carries_offer(e->m))
			offer_request(c, e);
		else if (!answer_update(c, e))
			(void)call_pass_on(c, e);
		return;
	case SIP_INFO:
	case SIP_OPTIONS:
	case SIP_SUBSCRIBE:
	case SIP_MESSAGE:
		(void)call_pass_on(c, e);
		return;
	case SIP_REFER:
		refer_request(c, e);
		return;
	case SIP_NOTIFY:
		refer_notify(c, e);
		return;
	case SIP_ACK:
	case SIP_BYE:
	case SIP_CANCEL:
	case SIP_REGISTER:
	case SIP_PRACK:
	case SIP_PUBLISH:
	case SIP_OTHER:
		core_refuse_method(c->core, e->txn, e->m);
		return;
	}
}

/* ---- the answer to an offer that was passed on ---- */

/* What is in force, offered to one side by ourselves. */
static bool offer_own(struct call *c, struct leg *l)
{
	enum neg_result r = call_make_offer(c, l->side);

	c->xchg = (struct xchg){
		.active = true, .from = -1, .method = SIP_INVITE
	};
	if (r == NEG_OK && leg_send(l, SIP_INVITE,
				   &(struct leg_msg){ .body = l->next.local },
				   &cookie_xchg) == 0)
		return true;
	call_media_drop(c);
	xchg_end(c);
	return false;
}

/*
 * A re-INVITE was cancelled, but its 200 crossed our CANCEL: the other side
 * is in a state that nobody asked for any more. It is acknowledged and then
 * offered what was in force.
 */
static void restore(struct call *c, struct leg *other)
{
	struct leg *asker = leg_other(other);
	struct slice had = slice_str(asker->now.remote);

	leg_ack(other, &(struct leg_msg){ 0 });
	call_media_drop(c);
	other->reoffer = true;
	if (call_take_offer(c, asker->side, had) == NEG_OK) {
		bool sent = offer_own(c, other);

		leg_text_set(&asker->next.remote, NULL);
		if (sent)
			return;
	}
	call_fail(c, REFUSE_RESTORE);
	call_post(c, EV_HANGUP);
}

/* A refresh of ours, or what restores, was not taken. */
static void own_refused(struct call *c, struct leg *l, const struct sip_msg *m)
{
	if (m->status == 481 || m->status == 408) {
		call_fail(c, REFUSE_REFRESH_LOST);
		call_post(c, EV_HANGUP);
	} else if (m->status == 491) {
		session_timer_again(l, call_glare_ms(l));
	} else if (session_timer_too_short(l, m)) {
		session_timer_again(l, 0);
	} else if (m->method == SIP_UPDATE &&
		   (m->status == 405 || m->status == 501)) {
		l->can_update = false;
		session_timer_again(l, 0);
	} else if (l->st.interval != 0) {
		session_timer_later(l);
	}
}

static void own_answered(struct call *c, struct leg *l, const struct sip_msg *m)
{
	if (m->status < 300) {
		leg_ack(l, &(struct leg_msg){ 0 });
		session_timer_answered(l, m);
		l->reoffer = false;
		if (call_take_answer(c, l->side, m->body) == NEG_OK)
			call_media_commit(c);
	}
	call_media_drop(c);
	xchg_end(c);
	if (m->status >= 300)
		own_refused(c, l, m);
}

/* The session timer of that leg wants a refresh, or an exchange of ours met a
 * 491. What is under way may be one: it is looked at again a little later. */
void call_refresh(struct call *c, const struct event *e)
{
	struct leg *l = &c->leg[e->side];
	bool update = l->can_update && !l->reoffer;

	if (c->xchg.active) {
		session_timer_again(l, 2000);
		return;
	}
	metric_inc(M_CALL_SESSION_REFRESHES);
	if (update ? leg_send(l, SIP_UPDATE, &(struct leg_msg){ 0 },
			     &cookie_refresh) != 0
		   : !offer_own(c, l))
		session_timer_later(l);
}

static void refreshed(struct call *c, struct leg *l, const struct sip_msg *m)
{
	if (m->status < 300)
		session_timer_answered(l, m);
	else
		own_refused(c, l, m);
}

static void xchg_refused(struct call *c, const struct sip_msg *m)
{
	struct xchg x = c->xchg;
	struct leg_msg lm = { .m = m };

	call_media_drop(c);
	xchg_end(c);
	if (x.txn != NULL && session_timer_too_short(&c->leg[1 - x.from], m))
		call_answer_later(c, x.txn);
	else if (x.txn != NULL)
		leg_pass(&c->leg[x.from], x.txn,
			m->status == 481 ? 481
					 : cause_pass(m->status, m->local),
			&lm);
	if (m->status == 481 || (m->status == 408 && !x.cancelled)) {
		call_fail(c, REFUSE_FAR_END_LOST);
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
	call_fail(c, neg_refusal(r));
	call_post(c, EV_HANGUP);
}

static void xchg_accepted(
	struct call *c, struct leg *other, const struct sip_msg *m)
{
	struct leg *asker = leg_other(other);
	struct leg_msg lm = { .m = m, .session = !c->xchg.prack };
	enum neg_result r;

	leg_learn(other, m);
	session_timer_answered(other, m);
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
		own_answered(c, other, m);
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
	else if (e->cookie == &cookie_refresh)
		refreshed(c, &c->leg[e->side], e->m);
	else
		call_relay_reply(c, e->cookie, e->m);
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
		call_fail(c, neg_refusal(r));
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
