/* Actions until a call is up: ringing, answering, acknowledging. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/record/siprec.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/wire.h"

void call_begin(struct call *c, const struct event *e)
{
	enum neg_result r;

	c->late = e->m->body.n == 0;
	if (!call_rel_begin(c, e->m)) {
		call_post(c, EV_FAIL);
		return;
	}
	if (!c->late && !call_is_sdp(e->m)) {
		call_fail(c, REFUSE_NOT_SDP);
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
bool call_may_fall_back(const struct call *c, int status)
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

enum { REDIRECTS_MAX = 5 };

/* `no supplementary-service sip moved-temporarily`: the number that a 3xx names
 * is called in place of the one before, by the dial-peers. */
static bool follow(struct call *c, const struct sip_msg *m)
{
	const struct conf_dial_peer *p = c->leg[1].peer;
	char number[NUMBER_SIZE];
	struct sip_uri u;
	char *uri;

	if (m->status < 300 || m->status >= 400 || m->ncontacts == 0 ||
		(c->conf->voip.moved && (p == NULL || p->moved)) ||
		sip_uri_parse(m->contact[0].uri, &u) != 0 || u.user.n == 0 ||
		sip_user_digits(u.user, number, sizeof(number)) != 0 ||
		c->redirects == REDIRECTS_MAX)
		return false;
	c->redirects++;
	metric_inc(M_CALL_REDIRECTED);
	uri = numbers_uri(c->first->ruri, number);
	c->first->ruri = slice_str(uri);
	free(c->redirected);
	c->redirected = uri;
	slice_fit(slice_str(number), c->called, sizeof(c->called));
	slice_fit(
		slice_str(number), c->leg[1].number, sizeof(c->leg[1].number));
	call_forget_hosts(c);
	if (call_route(c, slice_str(number)) == 0)
		call_fail(c, REFUSE_NO_ROUTE_REDIRECT);
	return true;
}

void call_reject(struct call *c, const struct event *e)
{
	if (transfer_refused(c, e))
		return;
	if (c->no_answer) { /* it was cancelled */
		call_refuse_a(c, NULL);
		return;
	}
	if (session_timer_too_short(&c->leg[1], e->m)) {
		if (call_send_invite(c) == 0)
			return;
	} else if (call_may_fall_back(c, e->m->status)) {
		c->leg[1].plain = true;
		if (call_dial_again(c) == 0)
			return;
	} else if (follow(c, e->m)) {
		call_tally_refused(&c->leg[1], e->m->status, cause_told(e->m));
		call_dial(c);
		return;
	} else if (hunts(c, e->m) && call_has_next(c)) {
		metric_inc(M_CALL_HUNTED);
		call_tally_refused(&c->leg[1], e->m->status, cause_told(e->m));
		call_fail_passed(c, e->m);
		call_dial_next(c);
		return;
	}
	call_tally_refused(&c->leg[1], e->m->status, cause_told(e->m));
	call_fail_passed(c, e->m);
	call_refuse_a(c, e->m);
}

/* B's description is no use: nothing is wrong with A's request. */
static void fail_answer(struct call *c, enum neg_result r)
{
	call_fail_negotiation(c, 1, r);
	if (r == NEG_BAD_SDP)
		call_fail(c, REFUSE_UNREADABLE_ANSWER);
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
	fail_answer(c, r);
	return false;
}

/*
 * B's description in a provisional response, put into force; false: there is
 * none to go by. One that cannot be used is left out, the 200 decides. Once
 * B has answered reliably the others of that dialog are repetitions (RFC 6337
 * 3.1.1). In a late offer it is B's offer, which only reliable responses carry
 * (RFC 3262 5).
 */
static bool early_described(struct call *c, const struct sip_msg *m)
{
	struct leg *b = &c->leg[1];
	enum neg_result r;

	if (c->forced) { /* A has made no offer that this could answer */
		if (b->next.remote == NULL)
			(void)!call_take_answer(c, 1, m->body);
		return false;
	}
	if (c->late) {
		if (m->rseq == 0 || c->owed.rseq != 0 || b->settled)
			return false;
		r = call_take_offer(c, 1, m->body);
		if (r == NEG_OK)
			r = call_make_offer(c, 0);
		return r == NEG_OK;
	}
	if (b->settled && slice_eq_str(m->to_tag, b->settled_tag))
		return false;
	r = call_take_answer(c, 1, m->body);
	if (r == NEG_OK)
		r = call_make_answer(c, 0);
	if (r == NEG_OK) {
		call_ringback_end(c);
		call_media_commit(c);
		return true;
	}
	leg_text_set(&c->leg[0].next.local, NULL);
	leg_text_set(&b->next.remote, NULL);
	return false;
}

void call_progress(struct call *c, const struct event *e)
{
	struct leg *a = &c->leg[0], *b = &c->leg[1];
	struct leg_msg lm = { .m = e->m };
	bool described = call_is_sdp(e->m) && early_described(c, e->m);
	bool rings = !described && call_ring(c, e->m);

	if (c->alert_ms == 0 && e->m->status >= 180)
		c->alert_ms = c->core->port->ops->now_ms(c->core->port);
	leg_learn(b, e->m);
	call_rel_progress(c, e->m, described);
	if ((described || rings) && !a->settled) {
		lm.body = call_is_late(c) ? a->next.local : a->now.local;
		c->media_told = true;
	}
	if (c->invite == NULL) {
		transfer_progress(c, e->m);
		return;
	}
	lm.reliable = call_rel_to_a(c, e->m, lm.body != NULL);
	if (lm.reliable && lm.body != NULL && !c->late)
		a->settled = true;
	leg_answer(a, c->invite, rings ? 183 : e->m->status, &lm);
}

/* B has answered the offer that we made for A: its answer is A's offer. */
static bool forced_answer(struct call *c, const struct sip_msg *m)
{
	enum neg_result r = NEG_OK;

	if (call_is_sdp(m) && c->leg[1].next.remote == NULL)
		r = call_take_answer(c, 1, m->body);
	if (r == NEG_OK && c->invite != NULL) /* else transfer_join() */
		r = call_make_offer(c, 0);
	if (r != NEG_OK)
		fail_answer(c, r);
	return r == NEG_OK;
}

/* The 2xx of a late offer: B's offer in it becomes ours to A. */
static bool late_offer(struct call *c, const struct sip_msg *m)
{
	enum neg_result r;

	if (c->forced)
		return forced_answer(c, m);
	if (!call_is_sdp(m)) {
		call_fail(c, REFUSE_NO_SESSION);
		return false;
	}
	r = call_take_offer(c, 1, m->body);
	if (r != NEG_OK) {
		fail_answer(c, r);
		return false;
	}
	r = call_make_offer(c, 0);
	if (r != NEG_OK)
		call_fail_negotiation(c, 0, r);
	return r == NEG_OK;
}

/* That early dialog has its answer already (RFC 6337 3.1.1). */
static bool is_settled(const struct leg *b, const struct sip_msg *m)
{
	return b->settled && slice_eq_str(m->to_tag, b->settled_tag);
}

void call_answer(struct call *c, const struct event *e)
{
	struct leg *a = &c->leg[0], *b = &c->leg[1];
	struct sip_port *port = c->core->port;
	struct leg_msg lm = { .m = e->m, .session = true };
	uint64_t told = a->origin.version;
	bool rang = c->ringback;
	bool fine;

	port->ops->timer_stop(port, &c->timer);
	call_forget_hosts(c);
	b->confirmed = true;
	b->acked = false; /* a leg that came has acknowledged another 2xx */
	leg_learn(b, e->m);
	session_timer_answered(b, e->m);
	call_rel_pay(c, NULL); /* the 2xx has overtaken its PRACK */
	call_ringback_end(c);
	if (call_is_late(c))
		fine = late_offer(c, e->m);
	else if (call_is_sdp(e->m) && !is_settled(b, e->m))
		fine = take_answer(c, e->m);
	else /* tolerated when early media has brought the answer */
		fine = b->now.remote != NULL;
	if (!fine && c->fail.status == 0)
		call_fail(c, REFUSE_BAD_ANSWER);
	if (!call_is_late(c) || c->forced || !fine)
		leg_ack(b, &(struct leg_msg){ 0 });
	if (!fine) {
		call_post(c, EV_FAIL);
		return;
	}
	c->media_told = true;
	sip_msg_free(c->first);
	c->first = NULL;
	call_set_route(c, NULL, 0);
	if (c->invite == NULL) {
		call_post(c, EV_JOIN);
		return;
	}
	if (!a->settled)
		lm.body = c->late ? a->next.local : a->now.local;
	if ((a->settled || rang) && a->origin.version != told)
		a->reoffer = true; /* another answer than A knows of */
	leg_answer(a, c->invite, e->m->status, &lm);
	c->invite = NULL;
	a->confirmed = true;
}

void call_confirm(struct call *c, const struct event *e)
{
	struct leg *b = &c->leg[1];
	struct sip_port *port = c->core->port;
	enum neg_result r;

	c->leg[0].acked = true;
	if (e->m->response)
		transfer_joined(c, e->m);
	c->up_ms = port->ops->now_ms(port);
	if (call_is_late(c)) {
		r = call_is_sdp(e->m) ? call_take_answer(c, 0, e->m->body)
				      : NEG_BAD_ANSWER;
		if (r == NEG_OK && !c->forced)
			r = call_make_answer(c, 1);
		if (r != NEG_OK) {
			call_media_drop(c);
			call_fail_negotiation(c, 0, r);
			if (!c->forced)
				leg_ack(b, &(struct leg_msg){ 0 });
			call_post(c, EV_FAIL);
			return;
		}
		call_media_commit(c);
		if (!c->forced)
			leg_ack(b, &(struct leg_msg){
					   .m = e->m, .body = b->now.local });
		else if (c->hold || strcmp(c->leg[0].codec, b->codec) != 0)
			b->reoffer = true; /* A wants it otherwise */
	}
	siprec_follow(c);
	transfer_done(c);
	if (b->reoffer)
		session_timer_again(b, 0);
	if (c->leg[0].reoffer)
		session_timer_again(&c->leg[0], 0);
	metric_inc(M_CALLS_ANSWERED);
	keys_up(c);
	log_event(MSG_CALL_UP, &c->leg[0].log, L_STR("from", c->leg[0].number),
		L_STR("to", b->number), L_STR("codec", c->leg[0].codec));
}
