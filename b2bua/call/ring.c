/* See ring.h. */
#include "b2bua/call/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/ring_int.h"
#include "base/metric.h"
#include "base/obj.h"

/* ---- whose turn it is to be leg B ---- */

static void put_away(struct call *c)
{
	struct branch *b = c->ring->now;

	if (b == NULL)
		return;
	leg_unfile(&c->leg[1]);
	b->leg = c->leg[1];
	b->leg.filed = &b->filed;
	leg_file(&b->leg);
	leg_text_set(&b->requri, c->requri);
	c->requri = NULL;
	c->ring->now = NULL;
}

static void bring(struct branch *b)
{
	struct call *c = b->call;
	const struct sound *played = c->leg[1].played;
	struct xcode_side play = c->leg[1].play;

	if (c->ring->now == b)
		return;
	put_away(c);
	leg_unfile(&b->leg);
	c->leg[1] = b->leg;
	c->leg[1].filed = &c->filed[1];
	c->leg[1].played = played; /* of the media, which is one for all */
	c->leg[1].play = play;
	leg_text_set(&c->requri, b->requri);
	b->requri = NULL;
	c->ring->now = b;
	leg_file(&c->leg[1]);
}

/* ---- refusals ---- */

static void forget(struct ring *r, struct branch *b)
{
	size_t i = 0;

	while (r->v[i] != b)
		i++;
	for (r->n--; i < r->n; i++)
		r->v[i] = r->v[i + 1];
	if (r->heard == b)
		r->heard = NULL;
	leg_text_set(&b->requri, NULL);
	free(b);
}

/* Leg B is over for good: another one takes its place. */
static void drop_now(struct call *c)
{
	struct branch *gone = c->ring->now;

	ring_note_refused(c);
	leg_reset(&c->leg[1]);
	leg_names_free(&c->leg[1]);
	c->ring->now = NULL;
	forget(c->ring, gone);
	bring(c->ring->v[0]);
}

/* A BYE before the answer, which only a caller may send (RFC 3261 15): that
 * contact is as good as refused, and the others ring on. */
static void left(struct call *c, struct sip_txn *t)
{
	static const struct sip_msg gone = {
		.response = true, .method = SIP_INVITE, .status = 480
	};

	leg_answer(&c->leg[1], t, 200, &(struct leg_msg){ 0 });
	c->leg[1].said = gone.status;
	cause_keep_best(&c->ring->best, &gone);
	drop_now(c);
}

/* ---- what comes of a contact ---- */

static void on_request(void *arg, struct sip_txn *t, const struct sip_msg *m)
{
	struct branch *b = arg;
	struct call *c = b->call;

	bring(b);
	if (m->method == SIP_BYE && c->ring->n > 1)
		left(c, t);
	else
		leg_dlg_user.request(&c->leg[1], t, m);
}

static void on_ack(void *arg, const struct sip_msg *m)
{
	struct branch *b = arg;

	bring(b);
	leg_dlg_user.ack(&b->call->leg[1], m);
}

static void on_prack(void *arg, struct sip_txn *t, const struct sip_msg *m)
{
	struct branch *b = arg;

	bring(b);
	leg_dlg_user.prack(&b->call->leg[1], t, m);
}

static void on_cancel(void *arg, const struct sip_msg *m)
{
	struct branch *b = arg;

	bring(b);
	leg_dlg_user.cancel(&b->call->leg[1], m);
}

/*
 * What it described while it rang is in force again: another contact's has
 * been, meanwhile. That A knows of an answer for good (RFC 6337 3.1.1) is seen
 * to by an offer afterwards.
 */
static void hear_again(struct call *c)
{
	char *body = mem_dup(c->leg[1].now.remote);

	if (call_take_answer(c, 1, slice_str(body)) == NEG_OK &&
		call_make_answer(c, 0) == NEG_OK)
		call_media_commit(c);
	else
		call_media_drop(c);
	c->leg[0].reoffer = c->leg[0].settled;
	mem_wipe(body, strlen(body));
	free(body);
}

static void answered(struct branch *b)
{
	struct call *c = b->call;
	struct fail elsewhere = { .status = 200,
		.text = "Call completed elsewhere" };
	bool other = c->ring->heard != NULL && c->ring->heard != b;

	ring_end(c, &(struct leg_msg){ .why = &elsewhere });
	if (other && c->leg[1].now.remote != NULL)
		hear_again(c);
}

static void on_response(void *arg, void *cookie, const struct sip_msg *m)
{
	struct branch *b = arg;
	struct call *c = b->call;

	bring(b);
	if (cookie == &cookie_invite && m->status < 200 && call_is_sdp(m))
		c->ring->heard = b;
	if (cookie == &cookie_invite && m->status / 100 == 2)
		answered(b); /* the branch is gone */
	leg_dlg_user.response(&c->leg[1], cookie, m);
}

static const struct sip_dlg_user branch_dlg_user = {
	.request = on_request,
	.ack = on_ack,
	.prack = on_prack,
	.cancel = on_cancel,
	.response = on_response,
};

/* ---- calling them ---- */

/* Leg B is that contact's from here on. */
static void keep(struct call *c, struct branch *b)
{
	struct sip_port *port = c->core->port;

	port->ops->dlg_set_user(port, c->leg[1].dlg, &branch_dlg_user, b);
	c->ring->now = b;
}

static void leave_out(const struct call *c, const struct binding *bind)
{
	metric_inc(M_RING_LEFT_OUT);
	log_event(MSG_CALL_CONTACT_LEFT_OUT, &c->leg[0].log,
		L_STR("device", bind->line->identity->device),
		L_STR("line", bind->line->user),
		L_STR("listener", bind->listener));
}

/* All are offered media of one call, and hence at one address of ours. */
static bool fits(struct call *c, const struct conf_dial_peer *p,
	const struct binding *bind)
{
	struct leg *b = &c->leg[1];
	const struct conf_listener *cl =
		conf_find_listener(c->conf, bind->listener);

	if (c->ring->n == 0 || cl == NULL)
		return true;
	leg_set_where(b, cl);
	leg_set_peer(b, p);
	if (call_media_stays(c, 1))
		return true;
	leave_out(c, bind);
	return false;
}

static int dial_one(struct call *c, const struct conf_dial_peer *p,
	const struct binding *bind)
{
	struct branch *b;
	int err;

	if (!fits(c, p, bind))
		return EADDRNOTAVAIL;
	err = call_dial_contact(c, p, bind);
	if (err != 0) {
		leg_reset(&c->leg[1]);
		leg_text_set(&c->leg[1].who, NULL);
		return err;
	}
	b = mem_new(sizeof(*b));
	b->call = c;
	b->filed.leg = &b->leg;
	memcpy(b->token, bind->token, sizeof(b->token));
	c->ring->v[c->ring->n++] = b;
	keep(c, b);
	return 0;
}

/* Room for the next: with its branch, or because it could not be called, leg B
 * has gone. */
static void clear(struct call *c)
{
	if (c->ring->now != NULL)
		put_away(c);
	else
		leg_names_free(&c->leg[1]);
}

int ring_dial(struct call *c, const struct conf_dial_peer *p,
	const struct binding *const *v, size_t n)
{
	struct leg fresh;
	char *user = c->leg[1].contact_user;
	int err = EHOSTUNREACH, one;

	c->leg[1].contact_user = NULL;
	leg_names_free(&c->leg[1]);
	fresh = c->leg[1];
	c->ring = mem_new(sizeof(*c->ring));
	for (size_t i = 0; i < n; i++) {
		clear(c);
		c->leg[1] = fresh;
		c->leg[1].contact_user = mem_dup(user);
		one = dial_one(c, p, v[i]);
		if (c->ring->n == 0)
			err = one;
	}
	free(user);
	if (c->ring->n > 0 && c->ring->now == NULL) {
		clear(c); /* the last could not be called */
		bring(c->ring->v[0]);
	}
	if (c->ring->n < 2)
		ring_end(c, &(struct leg_msg){ 0 });
	else
		metric_inc(M_RING_CALLS);
	return c->leg[1].dlg != NULL ? 0 : err;
}

/* Once more without SRTP, to the same contact if it is still there. */
static bool without_srtp(struct call *c)
{
	struct branch *b = c->ring->now;
	const struct binding *bind =
		registrar_by_token(c->core->registrar, slice_str(b->token));

	c->leg[1].plain = true;
	if (bind == NULL)
		return false;
	leg_reset(&c->leg[1]);
	if (call_dial_contact(c, c->leg[1].peer, bind) != 0)
		return false;
	keep(c, b);
	return true;
}

static bool tries_again(struct call *c, const struct sip_msg *m)
{
	if (session_timer_too_short(&c->leg[1], m))
		return call_send_invite(c) == 0;
	return call_may_fall_back(c, m->status) && without_srtp(c);
}

bool ring_refused(
	struct call *c, const struct sip_msg *m, struct sip_msg **best)
{
	struct ring *r = c->ring;
	struct fail why = { .status = m->status };

	*best = NULL;
	if (r == NULL)
		return false;
	if (tries_again(c, m))
		return true;
	cause_keep_best(&r->best, m);
	if (r->n > 1 && m->status < 600) {
		drop_now(c);
		return true;
	}
	*best = r->best;
	r->best = NULL;
	ring_end(c, &(struct leg_msg){ .why = &why });
	c->leg[1].plain = true; /* what could be tried has been */
	return false;
}

/* ---- the end ---- */

static void close_branch(struct branch *b, const struct leg_msg *lm)
{
	if (b->leg.invite_pending)
		leg_cancel(&b->leg, lm);
	leg_reset(&b->leg);
	leg_names_free(&b->leg);
	leg_text_set(&b->requri, NULL);
	free(b);
}

void ring_end(struct call *c, const struct leg_msg *lm)
{
	struct sip_port *port = c->core->port;
	struct ring *r = c->ring;

	if (r == NULL)
		return;
	c->ring = NULL;
	for (size_t i = 0; i < r->n; i++) {
		if (r->v[i] != r->now)
			close_branch(r->v[i], lm);
		else
			free(r->v[i]);
	}
	if (c->leg[1].dlg != NULL)
		port->ops->dlg_set_user(
			port, c->leg[1].dlg, &leg_dlg_user, &c->leg[1]);
	sip_msg_free(r->best);
	free(r->refused);
	free(r);
}
