/* What recorders say in a recording's dialog, and what comes of it. What is
 * said to them is siprec_send.c's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/record/siprec_int.h"
#include "b2bua/sip/mime_parts.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"

/* RFC 7866 9.2: asks for all that is known. */
static const char snapshot_type[] = "application/rs-metadata-request";

/* ---- answers ---- */

static struct slice sdp_of(const struct sip_msg *m)
{
	struct slice sdp;

	if (mime_find(sip_msg_header(m, "Content-Type"), m->body,
		    "application/sdp", &sdp) != 0)
		return (struct slice){ 0 };
	return sdp;
}

static bool take_answer(struct recording *r, const struct sip_msg *m)
{
	enum neg_result n = rec_take_answer(r, sdp_of(m));

	if (n == NEG_OK)
		return true;
	(void)snprintf(r->reason, sizeof(r->reason),
		"the recorder's answer: %s", neg_text(n));
	rec_post(r, RE_FAIL);
	return false;
}

void rec_answered(struct recording *r, const struct rec_said *e)
{
	struct sip_port *port = r->core->port;

	port->ops->timer_stop(port, &r->timer);
	rec_ack(r);
	r->reason[0] = '\0';
	if (!take_answer(r, e->m))
		return;
	r->core->media_ops->copy(r->call->media, r->media);
	r->copying = true;
	r->up_ms = port->ops->now_ms(port);
	metric_inc(M_RECORDINGS);
	log_event(MSG_REC_STARTED, &r->log,
		L_STR("from", r->call->leg[0].number),
		L_STR("to", r->call->leg[1].number),
		L_STR("recorder", r->host[r->host_at].host),
		L_INT("peer", rec_peer(r)->tag),
		L_STR("protection", r->secure ? "SRTP" : "RTP in clear"),
		L_STR("session", r->meta.session));
	if (r->changed)
		rec_post(r, RE_CHANGE);
}

void rec_note_change(struct recording *r, const struct rec_said *e)
{
	(void)e;
	r->changed = true;
}

void rec_change(struct recording *r, const struct rec_said *e)
{
	enum neg_result n = rec_make_offer(r);

	(void)e;
	r->changed = false;
	r->core->port->ops->timer_stop(r->core->port, &r->timer);
	if (n == NEG_OK && rec_send_invite(r, NULL, &rec_cookie_again) == 0)
		return;
	rec_because(
		r, n != NEG_OK ? neg_text(n) : "the recorder is unreachable");
	rec_post(r, RE_FAIL);
}

static void on_again(void *arg)
{
	rec_event(arg, &(struct rec_said){ .what = RE_CHANGE });
}

/* RFC 3261 14.1: we began the dialog, so between 2.1 and 4 seconds. */
static void again(struct recording *r)
{
	struct sip_port *port = r->core->port;

	port->ops->timer_stop(port, &r->timer);
	port->ops->timer_start(
		port, &r->timer, 2100 + random_u32() % 190 * 10, on_again, r);
}

void rec_reply(struct recording *r, const struct rec_said *e)
{
	if (e->m->status < 300) {
		rec_ack(r);
		if (take_answer(r, e->m) && r->changed)
			rec_post(r, RE_CHANGE);
		return;
	}
	leg_text_set(&r->coming, NULL); /* what is in force goes on */
	if (e->m->status == 491) {
		again(r);
	} else if (e->m->status == 481 || e->m->status == 408) {
		(void)snprintf(r->reason, sizeof(r->reason),
			"the recorder answered %d", e->m->status);
		rec_post(r, RE_FAIL);
	} else {
		metric_inc(M_RECORDING_HUNTED);
		if (r->changed)
			rec_post(r, RE_CHANGE);
	}
}

void rec_late_reply(struct recording *r, const struct rec_said *e)
{
	if (e->m->status < 300)
		rec_ack(r);
}

/* ---- what the recorder asks ---- */

static bool wants_snapshot(const struct sip_msg *m)
{
	struct slice body;

	return mime_find(sip_msg_header(m, "Content-Type"), m->body,
		       snapshot_type, &body) == 0;
}

static void refuse(struct recording *r, struct sip_txn *t, enum neg_result n)
{
	core_refuse(r->core, t, neg_refusal(n));
}

/* False: it was refused. */
static bool take_offer(struct recording *r, const struct rec_said *e)
{
	struct slice sdp = sdp_of(e->m);
	enum neg_result n;

	if (sdp.n == 0) { /* it wants to be made an offer, or nothing */
		rec_answer(r, e, e->m->method == SIP_INVITE ? r->local : NULL);
		return true;
	}
	n = rec_take_offer(r, sdp);
	if (n != NEG_OK) {
		refuse(r, e->txn, n);
		return false;
	}
	rec_answer(r, e, r->local);
	return true;
}

void rec_asked(struct recording *r, const struct rec_said *e)
{
	r->changed |= wants_snapshot(e->m);
	if (!take_offer(r, e))
		rec_post(r, RE_SETTLED);
}

/* The answer to an offer of ours may be in the ACK. */
void rec_settled(struct recording *r, const struct rec_said *e)
{
	struct slice sdp = e->m != NULL ? sdp_of(e->m) : (struct slice){ 0 };

	if (sdp.n > 0) {
		leg_text_set(&r->coming, mem_dup(r->local));
		if (!take_answer(r, e->m))
			return;
	}
	if (r->changed)
		rec_post(r, RE_CHANGE);
}

void rec_request(struct recording *r, const struct rec_said *e)
{
	bool snapshot = wants_snapshot(e->m);

	if (e->m->method == SIP_UPDATE && r->state == REC_ASKING &&
		sdp_of(e->m).n > 0) {
		rec_glare(r, e);
		return;
	}
	if (e->m->method == SIP_UPDATE) {
		if (!take_offer(r, e))
			return;
	} else if (e->m->method == SIP_OPTIONS) {
		rec_answer(r, e, NULL);
		return;
	} else {
		core_refuse_method(r->core, e->txn, e->m);
		return;
	}
	r->changed |= snapshot;
	if (snapshot && r->state == REC_UP)
		rec_post(r, RE_CHANGE);
}

void rec_refuse_early(struct recording *r, const struct rec_said *e)
{
	core_refuse(r->core, e->txn, REFUSE_RECORDING_EARLY);
}

void rec_glare(struct recording *r, const struct rec_said *e)
{
	metric_inc(M_CALL_GLARE);
	core_refuse(r->core, e->txn, REFUSE_GLARE);
}

void rec_no_ack(struct recording *r, const struct rec_said *e)
{
	rec_because(r, "the recorder did not acknowledge our answer");
	rec_hang_up(r, e);
}

/* ---- callbacks of the port ---- */

static void on_request(void *arg, struct sip_txn *t, const struct sip_msg *m)
{
	struct recording *r = arg;
	struct sip_msg *now = rec_received(r, m);

	rec_event(r, &(struct rec_said){ .what = m->method == SIP_BYE ? RE_BYE
						 : m->method == SIP_INVITE
							 ? RE_INVITE
							 : RE_REQUEST,
			     .txn = t,
			     .m = now != NULL ? now : m });
	sip_msg_free(now);
}

static void on_ack(void *arg, const struct sip_msg *m)
{
	struct recording *r = arg;
	struct sip_msg *now = m != NULL ? rec_received(r, m) : NULL;

	rec_event(r,
		&(struct rec_said){ .what = m != NULL ? RE_SETTLED : RE_NO_ACK,
			.m = now != NULL ? now : m });
	sip_msg_free(now);
}

/* Its re-INVITE is answered at once: nothing is left to be cancelled. */
static void on_cancel(void *arg, const struct sip_msg *m)
{
	(void)arg;
	(void)m;
}

static void on_prack(void *arg, struct sip_txn *t, const struct sip_msg *m)
{
	struct recording *r = arg;

	(void)m;
	if (t != NULL) /* no answer of ours is provisional */
		core_refuse(r->core, t, REFUSE_NO_DIALOG);
}

static void on_response(void *arg, void *cookie, const struct sip_msg *m)
{
	struct recording *r = arg;
	struct rec_said e = { .what = RE_REPLY, .m = m };
	struct sip_msg *now;

	if (m->status < 200 || rec_sent_again(r, cookie, m, &e.disbelieved))
		return;
	if (cookie == &rec_cookie_invite)
		e.what = m->status < 300 ? RE_ANSWER : RE_REJECT;
	else if (cookie == &rec_cookie_bye)
		e.what = RE_BYE_DONE;
	now = rec_received(r, m);
	if (now != NULL)
		e.m = now;
	rec_event(r, &e);
	sip_msg_free(now);
}

const struct sip_dlg_user rec_dlg_user = {
	.request = on_request,
	.ack = on_ack,
	.prack = on_prack,
	.cancel = on_cancel,
	.response = on_response,
};
