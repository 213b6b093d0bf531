/*
 * Actions that end a call, and those that meet what was under way when it
 * ended. Each leg is ended by the state of its own dialog: an INVITE that is
 * unanswered is answered, one of ours is cancelled, a confirmed dialog gets
 * BYE (A's not before the ACK to our 2xx: RFC 3261 15).
 */
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/call/cdr.h"
#include "b2bua/record/siprec.h"
#include "base/metric.h"
#include "base/obj.h"

enum { ENDING_MS = 40000 }; /* beyond 64·T1, within which the port answers */

bool call_quiet(const struct call *c)
{
	const struct leg *a = &c->leg[0], *b = &c->leg[1];

	for (const struct relay *r = c->relays; r != NULL; r = r->next)
		if (r->txn != NULL)
			return false;
	return c->taker == NULL && c->take[0].from == NULL &&
	       c->take[1].from == NULL && !a->bye_pending &&
	       !a->bye_after_ack && !b->bye_pending && !a->invite_pending &&
	       !b->invite_pending && c->refers.n == 0;
}

static void on_ending_timer(void *arg)
{
	call_event(arg, &(struct event){ .what = EV_TIMEOUT });
}

/* Requests that waited for the other side will get nothing from it; an offer of
 * its in a 2xx gets its ACK without an answer (RFC 3261 13.2.2.4). */
static void answer_waiting(struct call *c)
{
	for (struct relay *r = c->relays; r != NULL; r = r->next) {
		if (r->txn != NULL)
			core_refuse(c->core, r->txn, REFUSE_CALL_ENDED);
		r->txn = NULL;
	}
	if (c->xchg.txn != NULL)
		core_refuse(c->core, c->xchg.txn, REFUSE_CALL_ENDED);
	c->xchg.txn = NULL;
	if (c->xchg.active && c->xchg.late && c->xchg.wait_ack)
		leg_ack(&c->leg[1 - c->xchg.from], &(struct leg_msg){ 0 });
	c->xchg.active = false;
}

/* The core asks for credentials, and the call brought none. */
static bool is_challenge(const struct call *c)
{
	return (c->fail.status == 401 || c->fail.status == 407) &&
	       c->first != NULL &&
	       sip_msg_header(c->first, "Authorization").n == 0 &&
	       sip_msg_header(c->first, "Proxy-Authorization").n == 0;
}

static const char *name_of(const char *who)
{
	return strcmp(who, "caller") == 0   ? "the caller"
	       : strcmp(who, "called") == 0 ? "the called side"
					    : "Lineside";
}

unsigned call_end_cause(const struct call *c)
{
	if (c->released_q850 != 0)
		return c->released_q850;
	return c->fail.status != 0 || c->fail.q850 != 0 ? fail_q850(&c->fail)
							: 16;
}

static void tell_end(struct call *c, const char *who)
{
	struct sip_port *port = c->core->port;
	struct mleg_stats st[2] = { { 0 }, { 0 } };
	uint64_t now = port->ops->now_ms(port);

	if (c->media != NULL)
		for (int i = 0; i < 2; i++)
			c->core->media_ops->stats(c->media, i, &st[i]);
	call_tally_end(c, c->up_ms == 0 && is_challenge(c));
	if (c->up_ms == 0 && is_challenge(c))
		return; /* the call comes again with its answer */
	if (cdr_wanted(c->core->cdr))
		cdr_put(c->core->cdr, cdr_line(c, who));
	if (c->up_ms == 0 && c->fail.status != 0) {
		metric_inc(M_CALLS_FAILED);
		log_event(MSG_CALL_FAILED, &c->leg[0].log,
			L_STR("from", c->leg[0].number),
			L_STR("to", c->leg[1].number),
			L_INT("status", c->fail.status),
			L_STR("reason", c->fail.text != NULL
						? c->fail.text
						: cause_q850_text(cause_q850(
							  c->fail.status))));
		return;
	}
	log_event(MSG_CALL_ENDED, &c->leg[0].log, L_STR("who", name_of(who)),
		L_INT("seconds", c->up_ms != 0 ? (now - c->up_ms) / 1000 : 0),
		L_INT("rx_a", st[0].rx_packets), L_INT("lost_a", st[0].lost),
		L_INT("rx_b", st[1].rx_packets), L_INT("lost_b", st[1].lost));
}

static void enter_ending(struct call *c, const char *who)
{
	struct sip_port *port = c->core->port;

	tell_end(c, who);
	answer_waiting(c);
	transfer_ending(c);
	transfer_failed(c);
	siprec_end(c);
	if (c->taker == NULL) /* else who remains hears on */
		call_end_media(c);
	session_timer_stop(&c->leg[0]);
	session_timer_stop(&c->leg[1]);
	port->ops->timer_stop(port, &c->timer);
	port->ops->timer_start(port, &c->timer, ENDING_MS, on_ending_timer, c);
}

static void end_a(struct call *c, const struct leg_msg *lm)
{
	struct leg *a = &c->leg[0];

	if (c->invite != NULL) {
		struct fail why = c->fail.status != 0
					  ? c->fail
					  : fail_of(REFUSE_CALLED_LEFT);

		leg_refuse(a, c->invite, &why, lm->m);
		c->invite = NULL;
	} else if (a->confirmed && a->acked) {
		leg_bye(a, lm);
	} else if (a->confirmed) {
		a->bye_after_ack = true;
	}
}

void call_end_b(struct call *c, const struct leg_msg *lm)
{
	struct leg *b = &c->leg[1];

	ring_end(c, lm);
	if (b->invite_pending) {
		if (!c->no_answer) /* else it has been */
			leg_cancel(b, lm);
	} else if (b->confirmed) {
		if (!b->acked) /* a late offer that nobody answered */
			leg_ack(b, &(struct leg_msg){ 0 });
		leg_bye(b, lm);
	}
}

/* We end it: c->fail says why. B's refusal passes to A with its headers. */
void call_give_up(struct call *c, const struct event *e)
{
	bool refusal = e->what == EV_FAIL && e->m != NULL && e->m->response &&
		       e->m->status >= 300 && !e->m->local && e->side == 1 &&
		       c->fail.passed;

	if (c->fail.status == 0)
		call_fail(c,
			e->what == EV_NO_ACK ? REFUSE_NO_ACK : REFUSE_INTERNAL);
	if (e->what == EV_NO_ACK) /* it can be hung up now: RFC 3261 15 */
		c->leg[e->side].acked = true;
	enter_ending(c, refusal ? "called" : "lineside");
	end_a(c, &(struct leg_msg){
			 .m = refusal ? e->m : NULL, .why = &c->fail });
	call_end_b(c, &(struct leg_msg){ .why = &c->fail });
}

void call_expired(struct call *c, const struct event *e)
{
	metric_inc(M_CALL_SESSION_EXPIRED);
	log_event(MSG_CALL_SESSION_EXPIRED, &c->leg[e->side].log,
		L_INT("seconds", c->leg[e->side].st.interval),
		L_STR("number", c->leg[e->side].number));
	call_fail(c, REFUSE_EXPIRED);
	call_give_up(c, e);
}

/* The port has answered the CANCEL and A's INVITE. */
void call_cancelled(struct call *c, const struct event *e)
{
	c->invite = NULL;
	metric_inc(M_CALLS_CANCELLED);
	c->released_q850 = e->m != NULL ? cause_hung_up(e->m) : 0;
	enter_ending(c, "caller");
	call_end_b(c, &(struct leg_msg){ .m = e->m });
}

/* Only the caller may end an early dialog so (RFC 3261 15). */
void call_early_bye(struct call *c, const struct event *e)
{
	leg_answer(&c->leg[e->side], e->txn, 200, &(struct leg_msg){ 0 });
	c->leg[e->side].confirmed = false;
	call_fail(c, e->side == 0 ? REFUSE_CALLER_LEFT : REFUSE_CALLED_LEFT);
	c->released_q850 = cause_hung_up(e->m);
	enter_ending(c, e->side == 0 ? "caller" : "called");
	end_a(c, &(struct leg_msg){ .why = &c->fail });
	call_end_b(c, &(struct leg_msg){ .m = e->side == 0 ? e->m : NULL });
}

void call_bye(struct call *c, const struct event *e)
{
	struct leg_msg pass = { .m = e->m };
	struct leg *l = &c->leg[e->side];

	leg_answer(l, e->txn, 200, &(struct leg_msg){ 0 });
	if ((l->uac || e->side == 1) && l->confirmed && !l->acked)
		leg_ack(l, &(struct leg_msg){ 0 }); /* a late offer */
	l->confirmed = false;
	c->released_q850 = cause_hung_up(e->m);
	c->fail.q850 = c->released_q850; /* for a BYE that waits for an ACK */
	transfer_left(c, e->side);
	enter_ending(c, e->side == 0 ? "caller" : "called");
	if (e->side == 0)
		call_end_b(c, &pass);
	else
		end_a(c, &pass);
}

/* ---- crossings ---- */

void call_crossed_answer(struct call *c, const struct event *e)
{
	struct leg *b = &c->leg[1];

	(void)transfer_returned(c, e->m);
	b->confirmed = true;
	leg_ack(b, &(struct leg_msg){ 0 });
	leg_bye(b, &(struct leg_msg){ .why = &c->fail });
}

void call_b_is_gone(struct call *c, const struct event *e)
{
	if (e->side == 1 && !transfer_returned(c, e->m))
		c->leg[1].confirmed = false;
}

void call_late_ack(struct call *c, const struct event *e)
{
	struct leg *l = &c->leg[e->side];

	l->acked = true;
	if (!l->bye_after_ack)
		return;
	l->bye_after_ack = false;
	leg_bye(l, &(struct leg_msg){ .why = &c->fail });
}

void call_bye_crossed(struct call *c, const struct event *e)
{
	struct leg *l = &c->leg[e->side];

	leg_answer(l, e->txn, 200, &(struct leg_msg){ 0 });
	l->confirmed = l->bye_after_ack = false;
}

void call_bye_done(struct call *c, const struct event *e)
{
	(void)c;
	(void)e;
}

/* BYE ends the session, not the subscription of a transfer, whose outcome is
 * yet to be told (RFC 5057 4.1). */
void call_gone(struct call *c, const struct event *e)
{
	if (e->m->method == SIP_NOTIFY && c->refers.n > 0)
		refer_notify(c, e);
	else
		core_refuse(c->core, e->txn, REFUSE_NO_DIALOG);
}

void call_ignore(struct call *c, const struct event *e)
{
	(void)c;
	(void)e;
}

void call_release(struct call *c, const struct event *e)
{
	struct core *core = c->core;

	(void)e;
	core->port->ops->timer_stop(core->port, &c->timer);
	transfer_forget(c);
	leg_reset(&c->leg[0]);
	leg_reset(&c->leg[1]);
	call_end_media(c);
	call_capture_end(c, CAPTURE_CALL);
	*c->link = c->next;
	if (c->next != NULL)
		c->next->link = c->link;
	core->ncalls--;
	call_count(c, true);
	obj_unref(c); /* the list's reference; call_event() holds another */
}
