/*
 * Requests without offer on their way from one side of a call to the other,
 * and their answers back.
 */
#include <stdlib.h>

#include "b2bua/call/call_int.h"
#include "base/obj.h"

static struct relay *relay_new(
	struct call *c, int from, struct sip_txn *t, const struct sip_dlg *to)
{
	struct relay *r = mem_new(sizeof(*r));

	r->from = from;
	r->txn = t;
	r->to = to;
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

bool call_pass_on(struct call *c, const struct event *e)
{
	struct leg_msg lm = { .m = e->m, .pass_body = true };
	struct leg *other = &c->leg[1 - e->side];
	struct relay *r;

	if (c->nrelays == RELAYS_MAX) {
		call_answer_later(c, e->txn);
		return false;
	}
	r = relay_new(c, e->side, e->txn, other->dlg);
	if (leg_send(other, e->m->method, &lm, r) == 0)
		return true;
	relay_free(c, r);
	core_refuse(c->core, e->txn, REFUSE_OTHER_AWAY);
	return false;
}

/* RFC 4488 4: the 2xx says that no subscription was made. */
static bool refuses_notify(const struct sip_msg *m)
{
	return slice_caseeq_str(
		slice_trim(sip_msg_header(m, "Refer-Sub")), "false");
}

void call_relay_reply(struct call *c, struct relay *r, const struct sip_msg *m)
{
	struct leg *asked = &c->leg[1 - r->from];
	bool session = m->method == SIP_UPDATE;
	struct leg_msg lm = {
		.m = m, .pass_body = !m->local, .session = session
	};
	bool event = m->method == SIP_NOTIFY || m->method == SIP_SUBSCRIBE;
	int status = m->status < 300 || (event && m->status == 481)
			     ? m->status
			     : cause_pass(m->status, m->local);

	if (session && m->status < 300)
		session_timer_answered(asked, m);
	if (m->method == SIP_REFER && (m->status >= 300 || refuses_notify(m)))
		refer_ended(c, r->from, m->cseq);
	if (r->txn != NULL && session_timer_too_short(asked, m))
		call_answer_later(c, r->txn);
	else if (r->txn != NULL)
		leg_pass(&c->leg[r->from], r->txn, status, &lm);
	relay_free(c, r);
	/* RFC 3261 12.2.1.2: nobody is there any more; of an event, only the
	 * subscription is not (RFC 5057 5.1) */
	if ((m->status == 481 && !event) || (m->local && m->status == 408)) {
		call_fail(c, REFUSE_FAR_END_LOST);
		call_post(c, EV_HANGUP);
	}
}

void call_drop_reply(struct call *c, const struct event *e)
{
	struct relay *r = e->cookie;

	if (e->cookie == &cookie_xchg || e->cookie == &cookie_refresh) {
		if (e->m->method == SIP_INVITE && e->m->status < 300)
			leg_ack(&c->leg[e->side], &(struct leg_msg){ 0 });
		return; /* a 2xx is acknowledged, come what may (13.2.2.4) */
	}
	if (e->m->method == SIP_REFER) /* was refused when the call ended */
		refer_ended(c, r->from, e->m->cseq);
	/* NOTIFYs of a transfer pass until the call is released */
	if (r->txn != NULL)
		leg_pass(&c->leg[r->from], r->txn,
			e->m->status < 300
				? e->m->status
				: cause_pass(e->m->status, e->m->local),
			&(struct leg_msg){ .m = e->m });
	relay_free(c, r);
}

/*
 * A leg's dialog is being closed: nobody will answer what was asked in it, and
 * who asked in it will not hear of the answer.
 */
static void relays_over(struct call *c, const struct leg *l)
{
	for (struct relay **at = &c->relays; *at != NULL;) {
		struct relay *r = *at;

		if (r->to != l->dlg) {
			if (r->from == l->side && r->txn != NULL) {
				core_refuse(c->core, r->txn, REFUSE_LEG_ENDED);
				r->txn = NULL;
			}
			at = &r->next;
			continue;
		}
		if (r->txn != NULL)
			core_refuse(c->core, r->txn, REFUSE_LEG_GONE);
		*at = r->next;
		c->nrelays--;
		free(r);
	}
}

void call_relays_over(struct leg *l)
{
	struct call *c = l->call;

	relays_over(c, l);
	if (!c->xchg.active || c->xchg.to != l->dlg)
		return;
	if (c->xchg.txn != NULL)
		core_refuse(c->core, c->xchg.txn, REFUSE_LEG_GONE);
	c->xchg = (struct xchg){ 0 };
	call_media_drop(c);
}
