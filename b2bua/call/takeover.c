/*
 * Legs that move from one call to another; see transfer.h. A leg moves while no
 * exchange of its call is under way, and takes with it the dialog, its session
 * timer and what was described on it: the re-INVITE that follows is one more of
 * the same dialog. Its media leg is another one, at another port; keys stay
 * where the state of their contexts can go with them (mcall_inherit()), which
 * far ends need that do not take a new key in a call, and are new otherwise.
 */
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/call/pickup.h"
#include "base/metric.h"
#include "base/obj.h"

enum { BUSY_MS = 500, TRANSFEROR_MS = 4000 };

/* ---- moving ---- */

/* Requests that wait for the other side will get nothing from it now. What was
 * asked of the leg itself is answered to where it goes. */
static void relays_move(struct call *from, int side, struct leg *to)
{
	for (struct relay **at = &from->relays; *at != NULL;) {
		struct relay *r = *at;

		if (r->txn != NULL)
			core_refuse(from->core, r->txn, REFUSE_CALL_ENDED);
		r->txn = NULL;
		if (r->from == side) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		from->nrelays--;
		r->from = 1 - to->side;
		r->next = to->call->relays;
		to->call->relays = r;
		to->call->nrelays++;
	}
}

static void timer_move(struct leg *to, struct leg *from)
{
	struct sip_port *port = to->call->core->port;
	uint64_t now = port->ops->now_ms(port), left;

	session_timer_stop(from);
	to->st = from->st;
	if (to->st.interval == 0)
		return;
	left = to->st.ends_ms > now ? to->st.ends_ms - now : 0;
	session_timer_again(to, (unsigned)(to->st.ours ? left / 2 : left));
}

static void texts_move(struct leg *to, struct leg *from)
{
	leg_text_set(&to->now.local, from->now.local);
	leg_text_set(&to->now.remote, from->now.remote);
	from->now.local = from->now.remote = NULL;
	leg_text_set(&from->next.local, NULL);
	leg_text_set(&from->next.remote, NULL);
	sdp_shape_free(&to->shape);
	to->shape = from->shape;
	from->shape = (struct sdp_shape){ 0 };
	to->origin = from->origin;
	leg_text_set(&to->who, mem_dup(from->who));
}

void leg_move(struct leg *to, struct leg *from)
{
	struct call *c = to->call;
	struct sip_port *port = c->core->port;
	const struct conf_dial_peer *p = from->peer;

	need(to->dlg == NULL && from->dlg != NULL);
	if (p != NULL && c->conf != from->call->conf)
		p = conf_find_dial_peer(c->conf, p->tag);
	relays_move(from->call, from->side, to);
	to->where = from->where;
	to->transport = from->transport;
	memcpy(to->listener, from->listener, sizeof(to->listener));
	leg_set_peer(to, p);
	to->dlg = from->dlg;
	port->ops->dlg_set_user(port, to->dlg, &leg_dlg_user, to);
	obj_unref(to->identity);
	to->identity = obj_ref(from->identity);
	obj_unref(to->flow);
	to->flow = obj_ref(from->flow);
	memcpy(to->number, from->number, sizeof(to->number));
	to->hidden = from->hidden;
	leg_text_set(&to->contact_user, mem_dup(from->contact_user));
	log_ctx_keep(&to->log, slice_str(from->log.phone),
		slice_str(from->log.sip_call_id));
	to->uac = from->uac;
	to->confirmed = from->confirmed;
	to->acked = from->acked;
	to->plain = from->plain;
	to->opaque = from->opaque;
	to->weak = from->weak;
	to->can_update = from->can_update;
	keys_move(to, from);
	to->record_aware = from->record_aware;
	dlg_auth_free(&to->auth);
	to->auth = from->auth;
	from->auth = NULL;
	timer_move(to, from);
	texts_move(to, from);
	from->dlg = NULL;
	leg_reset(from);
	leg_file(to);
	from->peer = NULL;
	call_match_pass_thru(c);
	call_count(from->call, false);
	call_count(c, false);
}

bool transfer_inherits(const struct leg *l)
{
	const struct call *c = l->call, *x = c->take[l->side].from;

	return c->take[l->side].inherited ||
	       (x != NULL && x->media != NULL && c->media != NULL &&
		       c->core->media_ops->is_beside(c->media, x->media));
}

/* Numbers of streams are of one call: what it has beside the main one is
 * refused in the next (its place stays, RFC 3264 8), and back if it returns. */
static void streams_leave(struct leg *l, struct takeover *t)
{
	for (size_t i = 0; i < l->shape.n; i++) {
		t->stream[i] = l->shape.stream[i];
		if (t->stream[i] != 0)
			l->shape.stream[i] = SDP_NO_STREAM;
	}
}

static void streams_return(struct leg *l, const struct takeover *t)
{
	for (size_t i = 0; i < l->shape.n; i++)
		l->shape.stream[i] = t->stream[i];
}

/* ---- asking a leg that came ---- */

static void on_again(void *arg)
{
	call_event(arg, &(struct event){ .what = EV_JOIN });
}

static void again(struct call *c, unsigned ms)
{
	struct sip_port *port = c->core->port;

	port->ops->timer_stop(port, &c->again);
	port->ops->timer_start(port, &c->again, ms, on_again, c);
}

static void cannot(struct call *c, int side, enum neg_result r)
{
	if (r != NEG_OK)
		call_fail_negotiation(c, side, r);
	else
		call_fail(c, REFUSE_JOIN_UNREACHABLE);
	call_post(c, EV_FAIL);
}

/* Leg `side` is here; false: not yet, or `c` fails. */
static bool take_leg(struct call *c, int side)
{
	struct takeover *t = &c->take[side];
	struct call *x = t->from;

	if (c->leg[side].dlg != NULL)
		return true;
	if (x != NULL && x->state < CALL_UP) {
		if (pickup_answer(x))
			again(c, PICKUP_MS);
		else
			cannot(c, side, NEG_BAD_ANSWER);
		return false;
	}
	if (x == NULL || x->state != CALL_UP) {
		call_fail(c, REFUSE_JOIN_ENDED);
		call_post(c, EV_FAIL);
		return false;
	}
	if (x->xchg.active) {
		again(c, BUSY_MS);
		return false;
	}
	leg_move(&c->leg[side], &x->leg[t->side]);
	streams_leave(&c->leg[side], t);
	c->leg[side].joining = true;
	call_event(x, &(struct event){ .what = EV_MOVED, .side = t->side });
	return true;
}

void transfer_dial(struct call *c, const struct event *e)
{
	struct leg *b = &c->leg[1];
	enum neg_result r = NEG_OK;

	(void)e;
	if (!take_leg(c, 1))
		return;
	if (call_media_open(c) != 0) {
		call_fail(c, REFUSE_NO_MEDIA_PORTS);
		call_post(c, EV_FAIL);
		return;
	}
	c->forced = c->take[0].wanted;
	call_match_pass_thru(c);
	if (c->forced)
		call_invent_offer(c);
	if (c->forced || !c->late)
		r = call_make_offer(c, 1);
	call_forget_invented(c);
	if (r != NEG_OK || leg_send(b, SIP_INVITE,
				   &(struct leg_msg){ .m = c->first,
					   .body = b->next.local },
				   &cookie_rejoin) != 0) {
		cannot(c, 1, r);
		return;
	}
	b->invite_pending = true;
	call_start_ring_timer(c);
}

void transfer_begin(struct call *c, const struct event *e)
{
	(void)e;
	c->late = true; /* A's description comes when B's is known */
	call_dial(c);
}

void transfer_progress(struct call *c, const struct sip_msg *m)
{
	if (c->take[0].from != NULL)
		transfer_notify(c->take[0].from, m->status);
}

bool transfer_refused(struct call *c, const struct event *e)
{
	struct leg *b = &c->leg[1];

	if (!b->joining)
		return false;
	if (e->m->status == 491) {
		again(c, call_glare_ms(b));
		return true;
	}
	if (session_timer_too_short(b, e->m)) {
		again(c, 0);
		return true;
	}
	b->gone = e->m->status == 481 || e->m->local;
	call_fail_passed(c, e->m);
	call_post(c, EV_FAIL);
	return true;
}

/* B has answered: A gets an offer made of it. */
void transfer_join(struct call *c, const struct event *e)
{
	struct leg *a = &c->leg[0];
	enum neg_result r;

	(void)e;
	if (!take_leg(c, 0))
		return;
	r = call_make_offer(c, 0);
	a->invite_pending = r == NEG_OK &&
			    leg_send(a, SIP_INVITE,
				    &(struct leg_msg){ .body = a->next.local },
				    &cookie_join) == 0;
	if (!a->invite_pending)
		cannot(c, 0, r);
}

void transfer_join_refused(struct call *c, const struct event *e)
{
	struct leg *a = &c->leg[0];

	if (e->m->status == 491) {
		again(c, call_glare_ms(a));
	} else if (session_timer_too_short(a, e->m)) {
		again(c, 0);
	} else {
		a->gone = e->m->status == 481 || e->m->local;
		call_fail_passed(c, e->m);
		call_post(c, EV_FAIL);
	}
}

void transfer_joined(struct call *c, const struct sip_msg *m)
{
	leg_learn(&c->leg[0], m);
	session_timer_answered(&c->leg[0], m);
}

/* ---- how it ends ---- */

static struct call *unlink_taken(struct call *c, int side)
{
	struct call *x = c->take[side].from;

	c->take[side].from = NULL;
	if (x != NULL)
		x->taker = NULL;
	return x;
}

static void tell(struct call *x, enum call_event what)
{
	call_event(x, &(struct event){ .what = what });
}

static void on_transferor_timer(void *arg)
{
	tell(arg, EV_TIMEOUT);
}

void transfer_done(struct call *c)
{
	struct sip_port *port = c->core->port;

	for (int i = 0; i < 2; i++) {
		struct call *x = unlink_taken(c, i);

		c->leg[i].joining = false;
		if (x == NULL)
			continue;
		if (i == 0)
			transfer_notify(x, 200);
		call_fail(x, REFUSE_TRANSFERRED);
		if (x->state != CALL_REFERRED)
			tell(x, EV_RETURN);
		else if (i == 1) /* RFC 3891 3: the replaced dialog gets BYE */
			tell(x, EV_HANGUP);
		else
			port->ops->timer_start(port, &x->timer, TRANSFEROR_MS,
				on_transferor_timer, x);
	}
}

/* The leg goes back, if it is still there and somebody waits for it. */
static void give_back(struct call *c, int side)
{
	struct leg *l = &c->leg[side];
	bool moved = l->joining;
	bool lives = moved && l->confirmed && l->acked && !l->gone &&
		     !l->invite_pending;
	int there = c->take[side].side;
	struct call *x = unlink_taken(c, side);

	if (x == NULL)
		return;
	x->fail = c->fail;
	if (side == 0)
		transfer_notify(x, c->fail.status != 0 ? c->fail.status : 487);
	x->fail = (struct fail){ 0 };
	if (lives && x->state == CALL_REFERRED) {
		l->joining = false;
		streams_return(l, &c->take[side]);
		leg_move(&x->leg[there], l);
	} else if (moved && x->state == CALL_REFERRED) {
		call_fail(x, REFUSE_TRANSFERRED);
		tell(x, EV_HANGUP);
		return;
	}
	obj_ref(x); /* it may end with that */
	if (moved || x->state == CALL_ENDING)
		tell(x, EV_RETURN);
	if (x->state < CALL_ENDING && x->leg[1 - there].dlg == NULL) {
		call_fail(x, REFUSE_TRANSFERRED);
		tell(x, EV_HANGUP); /* picked up, and by nobody */
	}
	obj_unref(x);
}

void transfer_failed(struct call *c)
{
	struct sip_port *port = c->core->port;

	port->ops->timer_stop(port, &c->again);
	give_back(c, 0);
	if (!c->leg[1].joining || !c->leg[1].invite_pending)
		give_back(c, 1);
}

bool transfer_returned(struct call *c, const struct sip_msg *m)
{
	struct leg *b = &c->leg[1];

	if (!b->joining)
		return false;
	if (m->status < 300)
		b->confirmed = false; /* it is with us for good */
	b->gone = m->status == 481 || m->local;
	give_back(c, 1);
	if (b->dlg != NULL && b->confirmed)
		leg_bye(b, &(struct leg_msg){ .why = &c->fail });
	return true;
}

/* ---- the call that loses a leg ---- */

void transfer_left(struct call *c, int side)
{
	struct call *y = c->taker;

	if (y == NULL || y->take[0].from != c || side == y->take[0].side ||
		y->leg[0].joining || c->xchg.active)
		return;
	leg_move(&y->leg[0], &c->leg[1 - side]);
	streams_leave(&y->leg[0], &y->take[0]);
	y->leg[0].joining = true;
}

void transfer_ending(struct call *c)
{
	struct call *y = c->taker;
	int i;

	if (y == NULL)
		return;
	i = y->take[0].from == c ? 0 : 1;
	if (y->leg[i].joining)
		return; /* the outcome is still to be told */
	(void)unlink_taken(y, i);
	if (i == 0)
		transfer_notify(c, 487);
	call_fail(y, REFUSE_JOIN_ENDED);
	if (i == 0)
		y->fail.status = 487;
	tell(y, EV_HANGUP);
}

void transfer_forget(struct call *c)
{
	struct sip_port *port = c->core->port;

	port->ops->timer_stop(port, &c->again);
	for (int i = 0; i < 2; i++) {
		(void)unlink_taken(c, i);
		if (c->taker != NULL && c->taker->take[i].from == c)
			c->taker->take[i].from = NULL;
	}
	c->taker = NULL;
}
