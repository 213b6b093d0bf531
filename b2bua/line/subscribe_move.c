/*
 * The node that notifies is gone, and a phone refreshes: its subscription is
 * begun anew at another address of the call manager, and the phone goes on in
 * the dialog that it has. Where no node takes it, the phone is told so by its
 * answer and by a last NOTIFY, and may ask again (RFC 6665 4.1.2.2, 4.1.3).
 */
#include "b2bua/line/subscribe_int.h"

#include <stdlib.h>

#include "base/metric.h"
#include "base/obj.h"

/* Well within the 32 seconds that a phone waits itself. */
enum { PATIENCE_MS = 8000, LAST_S = 10 };

static char cookie_again, cookie_last;

bool sub_may_move(const struct sub *s, const struct sip_msg *m)
{
	return m->method == SIP_SUBSCRIBE && m->expires != 0 && !s->refer &&
	       !s->forked && s->end[1].where == CONF_CORE &&
	       s->core->conf->ua.registrar == CONF_REG_HOST;
}

/* Requests that went to the dialog that goes get no answer any more; those that
 * came from it have theirs by the port. */
static void leave(struct sub *s)
{
	struct sip_port *port = s->core->port;
	struct sub_relay *r, *next;

	for (r = s->relays; r != NULL; r = next) {
		next = r->next;
		if (r->to == 0) {
			r->txn = NULL;
			continue;
		}
		if (r->txn != NULL)
			core_refuse(s->core, r->txn, REFUSE_OTHER_AWAY);
		sub_relay_free(r);
	}
	if (s->end[1].dlg != NULL)
		port->ops->dlg_close(port, s->end[1].dlg);
	s->end[1].dlg = NULL;
	s->end[1].up = false;
}

/* "terminated": who asked is free to ask again, a little later. */
static void tell_end(struct sub *s)
{
	struct sip_port *port = s->core->port;
	struct sip_out o = { .method = SIP_NOTIFY, .max_forwards = -1 };
	struct hdrs h;
	int err;

	leave(s);
	metric_inc(M_SUBS_LOST);
	s->over = true;
	hdrs_init(&h);
	hdrs_add_str(&h, "Event", s->event_value);
	hdrs_add_str(&h, "Subscription-State",
		"terminated;reason=probation;retry-after=30");
	o.nhdrs = h.n;
	o.hdr = h.v;
	o.contact_user = slice_str(s->end[0].contact_user);
	err = port->ops->send(port, s->end[0].dlg, &o, &cookie_last);
	hdrs_free(&h);
	if (err != 0)
		sub_close(s);
	else
		sub_live(s, LAST_S);
}

/* False: it could not be sent. */
static bool ask(struct sub *s, const struct sip_msg *m)
{
	struct sip_port *port = s->core->port;
	struct sip_out o = { .method = SIP_SUBSCRIBE };
	struct hdrs h;
	int err;

	sub_pass(&h, s, 1, m, &o);
	o.ruri = slice_str(s->ruri);
	err = port->ops->send(port, s->end[1].dlg, &o, &cookie_again);
	hdrs_free(&h);
	return err == 0;
}

static bool open_dialog(struct sub *s)
{
	struct sip_port *port = s->core->port;
	struct sip_route route;

	return core_route_registrar(s->core, &route) != NULL &&
	       port->ops->dlg_uac(&s->end[1].dlg, port, &route,
		       slice_str(s->from_value), slice_str(s->to_value),
		       &sub_dlg_user, &s->end[1]) == 0;
}

/* The node has said nothing, or nothing can be said to it. */
static void move(struct sub_relay *r)
{
	struct sub *s = r->sub;
	struct sip_msg *m = r->refresh;
	struct sip_txn *t = r->txn;

	r->refresh = NULL;
	r->txn = NULL;
	leave(s);
	metric_inc(M_SUBS_MOVED);
	s->moving = t;
	if (!open_dialog(s) || !ask(s, m)) {
		s->moving = NULL;
		core_refuse(s->core, t, REFUSE_OTHER_AWAY);
		tell_end(s);
	}
	sip_msg_free(m);
}

static void on_silence(void *arg)
{
	move(arg);
}

void sub_watch(struct sub_relay *r, const struct sip_msg *m)
{
	struct sip_port *port = r->sub->core->port;

	r->refresh = sip_msg_dup(m);
	port->ops->timer_start(port, &r->patience, PATIENCE_MS, on_silence, r);
}

bool sub_move(struct sub_relay *r, const struct sip_msg *m)
{
	if (r->refresh == NULL || !m->local ||
		(m->status != 408 && m->status != 503))
		return false;
	move(r);
	return true;
}

void sub_begin_again(struct sub *s, struct sip_txn *t, const struct sip_msg *m)
{
	if (s->moving != NULL || m->method != SIP_SUBSCRIBE) {
		core_refuse(s->core, t, REFUSE_RELAYS);
		return;
	}
	s->moving = t;
	if (ask(s, m))
		return;
	s->moving = NULL;
	core_refuse(s->core, t, REFUSE_OTHER_AWAY);
	tell_end(s);
}

static void asked_again(struct sub *s, const struct sip_msg *m)
{
	struct sip_txn *t = s->moving;

	s->moving = NULL;
	s->end[1].up = m->status < 300;
	sub_answer(s, 0, t, m);
	if (m->status < 300) {
		s->refreshes++;
		sub_live(s, m->expires);
	} else if (m->status != 401 && m->status != 407) {
		tell_end(s);
	}
}

bool sub_moved(struct sub *s, void *cookie, const struct sip_msg *m)
{
	if (cookie == &cookie_again)
		asked_again(s, m);
	else if (cookie == &cookie_last)
		sub_close(s);
	else
		return false;
	return true;
}
