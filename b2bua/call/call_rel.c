/*
 * Reliable provisional responses (RFC 3262), each leg by itself: B's are
 * acknowledged at once, A's are sent until its PRACK comes, and neither side
 * needs to know what the other one does. The exception is an INVITE without
 * offer: B's reliable response brings the offer, so that B is asked for such
 * responses only if A can take them, and B's PRACK waits for A's, which brings
 * the answer (RFC 3262 5).
 */
#include "b2bua/call/call_int.h"
#include "base/metric.h"
#include "base/obj.h"

static enum conf_rel1xx policy(const struct leg *l)
{
	if (l->peer != NULL && l->peer->rel1xx != CONF_REL1XX_INHERIT)
		return l->peer->rel1xx;
	return l->call->conf->voip.rel1xx;
}

bool call_rel_begin(struct call *c, const struct sip_msg *m)
{
	struct leg *a = &c->leg[0];
	bool must = headers_has_tag(m, "Require", "100rel");
	bool can = must || headers_has_tag(m, "Supported", "100rel");

	switch (policy(a)) {
	case CONF_REL1XX_DISABLE:
		a->can_rel = a->must_rel = false;
		if (!must)
			return true;
		call_fail(c, REFUSE_REL1XX_DISABLED);
		c->fail.name = "Unsupported";
		c->fail.value = "100rel";
		return false;
	case CONF_REL1XX_REQUIRE:
		a->can_rel = a->must_rel = true;
		if (can)
			return true;
		call_fail(c, REFUSE_REL1XX_REQUIRED);
		c->fail.name = "Require";
		c->fail.value = "100rel";
		return false;
	case CONF_REL1XX_INHERIT:
	case CONF_REL1XX_SUPPORTED:
		break;
	}
	a->can_rel = can;
	a->must_rel = must;
	return true;
}

void call_rel_offer(const struct leg *b, struct hdrs *h)
{
	const struct call *c = b->call;

	if (policy(b) == CONF_REL1XX_DISABLE ||
		(c->late && !c->forced && !c->leg[0].can_rel))
		return;
	hdrs_add_tag(h,
		policy(b) == CONF_REL1XX_REQUIRE ? "Require" : "Supported",
		"100rel");
}

void call_rel_progress(struct call *c, const struct sip_msg *m, bool described)
{
	struct leg *b = &c->leg[1];

	if (m->rseq == 0)
		return;
	if (call_is_late(c) && described) {
		c->owed.rseq = m->rseq;
		c->owed.cseq = m->cseq;
		leg_text_set(&c->owed.tag, slice_dup(m->to_tag));
		return;
	}
	if (described && !b->settled) {
		b->settled = true;
		leg_text_set(&b->settled_tag, slice_dup(m->to_tag));
	}
	leg_prack(b, m->rseq, m->cseq, m->to_tag, NULL);
}

bool call_rel_to_a(
	const struct call *c, const struct sip_msg *m, bool described)
{
	const struct leg *a = &c->leg[0];

	return a->can_rel &&
	       (a->must_rel || described || (m != NULL && m->rseq != 0));
}

void call_rel_pay(struct call *c, const char *body)
{
	if (c->owed.rseq != 0)
		leg_prack(&c->leg[1], c->owed.rseq, c->owed.cseq,
			slice_str(c->owed.tag), body);
	c->owed.rseq = 0;
}

/* The answer to the offer that B made in a reliable response. */
static enum neg_result take_late_answer(struct call *c, const struct sip_msg *m)
{
	enum neg_result r = call_is_sdp(m) ? call_take_answer(c, 0, m->body)
					   : NEG_BAD_ANSWER;

	if (r == NEG_OK)
		r = call_make_answer(c, 1);
	if (r == NEG_OK) {
		call_media_commit(c);
		c->leg[0].settled = c->leg[1].settled = true;
		leg_text_set(&c->leg[1].settled_tag, mem_dup(c->owed.tag));
	}
	return r;
}

void call_prack(struct call *c, const struct event *e)
{
	struct leg *a = &c->leg[0];
	enum neg_result r = NEG_OK;

	if (call_is_late(c) && c->owed.rseq != 0) {
		r = take_late_answer(c, e->m);
		call_rel_pay(c, r == NEG_OK ? c->leg[1].now.local : NULL);
	} else if (e->m->body.n > 0) {
		call_offer_in_prack(c, e);
		return;
	}
	leg_answer(a, e->txn, 200, &(struct leg_msg){ 0 });
	if (r == NEG_OK)
		return;
	call_media_drop(c);
	call_fail_negotiation(c, 0, r);
	call_post(c, EV_HANGUP);
}
