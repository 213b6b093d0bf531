/*
 * Recordings: how they begin, follow their call, and end. The order of things
 * is siprec_fsm.c; which recorder is called, siprec_dial.c; what is said,
 * siprec_send.c, and what recorders say, siprec_msg.c; descriptions and media,
 * siprec_media.c.
 */
#include "b2bua/record/siprec.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "b2bua/record/siprec_int.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"

/* ---- beginning ---- */

static void recording_free(void *p)
{
	struct recording *r = p;

	leg_text_set(&r->local, NULL);
	leg_text_set(&r->remote, NULL);
	leg_text_set(&r->coming, NULL);
	free(r->known);
	obj_unref(r->conf);
}

static const struct conf_recorder *recorder_of(const struct call *c)
{
	for (int i = 0; i < 2; i++) {
		const struct conf_dial_peer *p = c->leg[i].peer;

		if (p != NULL && p->media_class != NULL &&
			p->media_class->recorder != NULL)
			return p->media_class->recorder;
	}
	return NULL;
}

const char *siprec_told(const struct call *c)
{
	const struct conf_recorder *to = recorder_of(c);

	if (to == NULL || to->n == 0)
		return NULL;
	return c->recording != NULL && (c->recording->state == REC_OVER ||
					       c->recording->reason[0] != '\0')
		       ? "off"
		       : "on";
}

/* Calls that come of one another by transfer are of one group. */
static void set_group(struct recording *r)
{
	const struct call *c = r->call;

	rs_id_make(r->meta.group);
	for (int i = 0; i < 2; i++) {
		const struct call *from = c->take[i].from;

		if (from != NULL && from->recording != NULL)
			memcpy(r->meta.group, from->recording->meta.group,
				sizeof(r->meta.group));
	}
}

static void set_metadata(struct recording *r)
{
	r->meta.since = time(NULL);
	set_group(r);
	rs_id_make(r->meta.session);
	for (int i = 0; i < REC_STREAMS; i++) {
		struct rs_party *p = &r->meta.party[i];

		rs_id_make(p->participant);
		rs_id_make(p->stream);
		p->label = rec_label[i];
		p->since = r->meta.since;
	}
}

static void begin(struct call *c, const struct conf_recorder *to)
{
	struct recording *r = obj_new(sizeof(*r), recording_free);

	r->core = c->core;
	r->conf = obj_ref(c->conf);
	r->call = c;
	r->log.call = c->id;
	r->to = to;
	r->origin.session = (uint64_t)random_u32() << 16 | 1;
	r->origin.version = 1;
	set_metadata(r);
	r->next = c->core->recordings;
	r->link = &c->core->recordings;
	if (r->next != NULL)
		r->next->link = &r->next;
	c->core->recordings = r;
	c->recording = r;
	rec_event(r, &(struct rec_said){ .what = RE_BEGIN });
}

void siprec_follow(struct call *c)
{
	const struct conf_recorder *to = recorder_of(c);
	struct recording *r = c->recording;
	char *picture;

	if (r == NULL) {
		if (to != NULL && to->n > 0 && c->up_ms != 0)
			begin(c, to);
		return;
	}
	if (r->state == REC_OVER || r->known == NULL)
		return;
	picture = rec_picture(r);
	if (strcmp(picture, r->known) != 0)
		rec_event(r, &(struct rec_said){ .what = RE_CHANGE });
	free(picture);
}

void siprec_end(struct call *c)
{
	struct recording *r = c->recording;

	if (r == NULL)
		return;
	obj_ref(r);
	rec_event(r, &(struct rec_said){ .what = RE_END });
	r->call = NULL;
	c->recording = NULL;
	if (r->state == REC_OVER)
		rec_forget(r);
	obj_unref(r);
}

void siprec_end_all(struct core *core)
{
	while (core->recordings != NULL) {
		struct recording *r = core->recordings;

		need(r->call == NULL); /* calls have ended before */
		rec_close_dialog(r);
		rec_forget(r);
	}
}

/* ---- the end ---- */

void rec_close_dialog(struct recording *r)
{
	struct sip_port *port = r->core->port;

	port->ops->timer_stop(port, &r->timer);
	if (r->dlg != NULL)
		port->ops->dlg_close(port, r->dlg);
	r->dlg = NULL;
	dlg_auth_free(&r->auth);
}

void rec_stop_media(struct recording *r)
{
	const struct media_ops *ops = r->core->media_ops;

	if (r->media == NULL)
		return;
	if (r->copying)
		ops->copy(r->call->media, NULL);
	r->copying = false;
	for (int i = 0; i < REC_STREAMS; i++)
		ops->stats(r->media, i, &r->stats[i]);
	ops->close(r->media);
	r->media = NULL;
	r->until_ms = r->core->port->ops->now_ms(r->core->port);
}

void rec_forget(struct recording *r)
{
	need(r->dlg == NULL && r->media == NULL);
	if (r->link == NULL)
		return;
	*r->link = r->next;
	if (r->next != NULL)
		r->next->link = r->link;
	r->link = NULL;
	obj_unref(r);
}

/* Phones that say that they are recording-aware are told at once (RFC 7866
 * 6.1.2); the others when they are described anew. */
static void tell_parties(struct recording *r)
{
	for (int i = 0; r->call != NULL && i < 2; i++) {
		struct leg *l = &r->call->leg[i];

		if (!l->record_aware || r->call->state >= CALL_ENDING)
			continue;
		l->reoffer = true;
		session_timer_again(l, 0);
	}
}

static void tell_failed(struct recording *r)
{
	metric_inc(M_RECORDINGS_FAILED);
	log_event(MSG_REC_FAILED, &r->log,
		L_STR("from", r->call->leg[0].number),
		L_STR("to", r->call->leg[1].number),
		L_STR("reason", r->reason));
	tell_parties(r);
}

void rec_failed(struct recording *r, const struct rec_said *e)
{
	(void)e;
	rec_stop_media(r);
	rec_close_dialog(r);
	tell_failed(r);
}

static void tell_ended(const struct recording *r)
{
	log_event(MSG_REC_ENDED, &r->log, L_STR("session", r->meta.session),
		L_INT("packets_a", r->stats[0].tx_packets),
		L_INT("packets_b", r->stats[1].tx_packets));
}

/* The call ends, or we cannot go on. */
void rec_hang_up(struct recording *r, const struct rec_said *e)
{
	rec_stop_media(r);
	r->core->port->ops->timer_stop(r->core->port, &r->timer);
	rec_bye(r);
	if (e->what == RE_END)
		tell_ended(r);
	else
		tell_failed(r);
}

/* The recorder hangs up: the call goes on without it. */
void rec_left(struct recording *r, const struct rec_said *e)
{
	rec_answer(r, e, NULL);
	rec_because(r, "the recorder hung up");
	rec_stop_media(r);
	rec_close_dialog(r);
	metric_inc(M_RECORDINGS_LEFT);
	tell_failed(r);
}

void rec_left_too(struct recording *r, const struct rec_said *e)
{
	rec_answer(r, e, NULL);
}

void rec_over(struct recording *r, const struct rec_said *e)
{
	(void)e;
	rec_close_dialog(r);
}

void rec_gone(struct recording *r, const struct rec_said *e)
{
	core_refuse(r->core, e->txn, REFUSE_NO_DIALOG);
}

void rec_ignore(struct recording *r, const struct rec_said *e)
{
	(void)r;
	(void)e;
}
