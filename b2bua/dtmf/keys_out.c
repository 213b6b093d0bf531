/*
 * Keys that leave by SIP: one request at a time and leg, so that they arrive
 * in their order. KPML both ways: subscriptions of the far end, and ours.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/dtmf/keys_int.h"
#include "base/metric.h"
#include "base/obj.h"

enum { KPML_SECONDS = 7200, SECOND = 1000 };

char cookie_key, cookie_kpml;

static uint64_t now_ms(const struct leg *l)
{
	struct sip_port *port = l->call->core->port;

	return port->ops->now_ms(port);
}

static void lost(struct leg *l, const char *why)
{
	metric_inc(M_KEYS_LOST);
	log_event(MSG_CALL_KEYS_LOST, &l->log, L_STR("number", l->number),
		L_STR("reason", why));
}

/* A request about keys, with its body. */
static int request(struct leg *l, enum sip_method method, struct hdrs *h,
	const char *type, struct slice body, void *cookie)
{
	struct sip_port *port = l->call->core->port;
	struct sip_out o = { .method = method,
		.contact_user = slice_str(l->contact_user),
		.max_forwards = -1,
		.body = body };
	char *made;
	int err;

	if (body.n > 0)
		hdrs_add_str(h, "Content-Type", type);
	o.hdr = h->v;
	o.nhdrs = h->n;
	made = leg_profile_request(l, NULL, h, &o);
	err = cookie == &cookie_key ? leg_auth_send(l, h, &o, cookie)
				    : port->ops->send(port, l->dlg, &o, cookie);
	leg_profile_done(made);
	hdrs_free(h);
	return err;
}

static int send_info(struct leg *l, const struct key_press *k)
{
	struct text t = { 0 };
	struct hdrs h;
	int err;

	hdrs_init(&h);
	key_info_write(&t, k);
	err = request(l, SIP_INFO, &h, "application/dtmf-relay", text_slice(&t),
		&cookie_key);
	text_free(&t);
	return err;
}

static int send_event(struct leg *l, const struct key_press *k)
{
	char body[KEY_EVENT];
	struct hdrs h;

	hdrs_init(&h);
	key_event_write(body, k);
	hdrs_add_str(&h, "Event", "telephone-event;rate=1000");
	hdrs_add_str(&h, "Subscription-State", "active");
	return request(l, SIP_NOTIFY, &h, "audio/telephone-event",
		slice_of(body, sizeof(body)), &cookie_key);
}

/* `code` 0: only that it is in force (RFC 4730 4.5). */
static int send_report(struct leg *l, unsigned code, const char *text,
	const struct key_press *k, bool ends)
{
	uint64_t now = now_ms(l), until = l->keys.told->until_ms;
	unsigned left = until > now ? (unsigned)((until - now) / SECOND) : 0;
	char state[64];
	struct text t = { 0 };
	struct hdrs h;
	int err;

	hdrs_init(&h);
	if (ends)
		(void)snprintf(state, sizeof(state), "terminated;reason=%s",
			code == 487 ? "timeout" : "noresource");
	else
		(void)snprintf(state, sizeof(state), "active;expires=%u", left);
	hdrs_add_str(&h, "Event", l->keys.told->event);
	hdrs_add_str(&h, "Subscription-State", state);
	if (code != 0)
		key_report_write(&t, code, text, k != NULL ? &k->key : NULL,
			l->keys.told->wish.tag);
	err = request(l, SIP_NOTIFY, &h, "application/kpml-response+xml",
		text_slice(&t), k != NULL ? &cookie_key : &cookie_kpml);
	text_free(&t);
	return err;
}

/* ---- keys, one after the other ---- */

/* A key that nobody asked to be told of is told, in KPML's sense. */
static int send_wished(struct leg *l, const struct key_press *k)
{
	struct key_told *told = l->keys.told;
	bool ends = told->wish.persist == KEY_ONE_SHOT;

	if ((told->wish.keys >> k->key & 1) == 0)
		return EALREADY;
	told->on = !ends;
	return send_report(l, 200, "OK", k, ends);
}

/* It waited for an answer that said that SIP does not serve. */
static int press(struct leg *l, const struct key_press *k)
{
	struct call *c = l->call;

	if (!k->end)
		return EALREADY; /* it is pressed as a whole */
	if (c->media == NULL || k->key >= KEY_FLASH)
		return ENOTSUP;
	c->core->media_ops->press(c->media, 1 - l->side, k->key, k->ms);
	return EALREADY;
}

/* EALREADY: no answer is to be waited for. */
static int send_key(struct leg *l, const struct key_press *k)
{
	switch (l->keys.by) {
	case KEY_BY_NOTIFY:
		return send_event(l, k);
	case KEY_BY_KPML:
		return k->end ? send_wished(l, k) : EALREADY;
	case KEY_BY_INFO:
		return k->end ? send_info(l, k) : EALREADY;
	case KEY_BY_NTE:
	case KEY_BY_TONES:
		return press(l, k);
	case KEY_BY_NOTHING:
	case KEY_WAYS:
		break;
	}
	return ENOTSUP;
}

static void forget_waiting(struct leg_keys *k)
{
	free(k->wait);
	k->wait = NULL;
	k->n = 0;
}

static void send_next(struct leg *l)
{
	struct leg_keys *k = &l->keys;

	while (!k->busy && k->n > 0 && l->dlg != NULL) {
		struct key_press one = k->wait[0];
		int err;

		memmove(&k->wait[0], &k->wait[1], --k->n * sizeof(k->wait[0]));
		if (k->n == 0)
			forget_waiting(k);
		k->busy = true; /* the answer may come at once */
		k->sent = one;
		k->by = keys_way(l);
		err = send_key(l, &one);
		if (err == 0)
			return;
		k->busy = false;
		if (err == ENOTSUP)
			lost(l, "no way of its dtmf-relay serves, and no "
				"transcoder makes tones");
		else if (err != EALREADY)
			lost(l, "the request could not be sent");
	}
}

static void queue(struct leg *l, const struct key_press *k)
{
	if (l->keys.n == KEYS_WAIT) {
		lost(l, "too many wait for its answers");
		return;
	}
	if (l->keys.wait == NULL)
		l->keys.wait = mem_array(KEYS_WAIT + 1, sizeof(*k));
	l->keys.wait[l->keys.n++] = *k;
}

/* It is told once more, before those that wait. */
static void put_back(struct leg_keys *k)
{
	if (k->wait == NULL)
		k->wait = mem_array(KEYS_WAIT + 1, sizeof(k->sent));
	memmove(&k->wait[1], &k->wait[0], k->n++ * sizeof(k->sent));
	k->wait[0] = k->sent;
}

void keys_send(struct leg *l, const struct key_press *k)
{
	struct key_press down = *k;

	metric_inc(M_KEYS_PASSED);
	if (keys_way(l) == KEY_BY_NOTIFY) {
		down.end = false;
		down.ms = l->keys.notify_ms;
		queue(l, &down);
	}
	queue(l, k);
	send_next(l);
}

/* The dialog is gone (RFC 3261 12.2.1.2); of an event, the subscription is. */
static bool is_gone(const struct sip_msg *m)
{
	return (m->status == 481 && m->method != SIP_NOTIFY) ||
	       (m->local && m->status == 408);
}

static void rule_out(struct leg_keys *k)
{
	k->put_in = true;
	if (k->by == KEY_BY_INFO) {
		k->no_info = true;
	} else if (k->by == KEY_BY_KPML) {
		if (k->told != NULL)
			k->told->on = false;
		k->kpml = false;
	} else {
		k->no_notify = true;
		k->notify_ms = 0;
	}
}

/* That way is not tried again in this call. The key goes by the next one; it
 * is let go yet where only its going down was refused. */
static void refused(struct leg *l, const struct sip_msg *m)
{
	struct leg_keys *k = &l->keys;
	char why[64];

	metric_inc(M_KEYS_WAY_REFUSED);
	rule_out(k);
	keys_other_way(l->call);
	if (keys_way(l) == KEY_BY_NOTHING) {
		(void)snprintf(why, sizeof(why),
			"it answered %d, and nothing else serves", m->status);
		if (k->sent.end)
			lost(l, why);
		return;
	}
	log_event(MSG_CALL_KEYS_WAY, &l->log, L_STR("number", l->number),
		L_STR("refused", key_way_name(k->by)),
		L_INT("status", m->status),
		L_STR("way", key_way_name(keys_way(l))));
	if (k->sent.end)
		put_back(k);
}

void keys_answered(struct leg *l, void *cookie, const struct sip_msg *m)
{
	struct call *c = l->call;

	if (c->state >= CALL_ENDING)
		return;
	if (is_gone(m)) {
		call_fail(c, REFUSE_FAR_END_LOST);
		call_event(c, &(struct event){ .what = EV_HANGUP });
		return;
	}
	if (cookie == &cookie_kpml) {
		if (m->status >= 300 && m->method == SIP_SUBSCRIBE)
			keys_forget_asked(l);
		else if (m->status >= 300 && l->keys.told != NULL)
			l->keys.told->on = false;
		keys_arrange(c);
		return;
	}
	l->keys.busy = false;
	if (m->status >= 300)
		refused(l, m);
	send_next(l);
}

/* ---- the far end wants to be told ---- */

static void accept_subscription(
	struct call *c, const struct event *e, uint64_t seconds)
{
	struct leg *l = &c->leg[e->side];
	struct hdrs h;
	char text[24];
	struct sip_out o = { .contact_user = slice_str(l->contact_user),
		.max_forwards = -1 };

	hdrs_init(&h);
	(void)snprintf(text, sizeof(text), "%u", (unsigned)seconds);
	hdrs_add_str(&h, "Expires", text);
	o.hdr = h.v;
	o.nhdrs = h.n;
	core_answer(c->core, e->txn, 200, &o);
	hdrs_free(&h);
	l->keys.told->until_ms = now_ms(l) + seconds * SECOND;
}

void keys_subscribed(struct call *c, const struct event *e)
{
	struct leg *l = &c->leg[e->side];
	struct slice event = sip_msg_header(e->m, "Event");
	uint64_t seconds = e->m->expires < 0 ? KPML_SECONDS
			   : e->m->expires > KPML_SECONDS
				   ? KPML_SECONDS
				   : (uint64_t)e->m->expires;
	struct key_told *told;
	struct key_wish wish;
	int err = 0;

	if (!keys_listed(l, CONF_DTMF_KPML)) {
		core_refuse(c->core, e->txn, REFUSE_KPML_OFF);
		return;
	}
	if (l->keys.told == NULL)
		l->keys.told = mem_new(sizeof(*l->keys.told));
	told = l->keys.told;
	wish = told->wish;
	if (e->m->body.n > 0)
		err = key_wish_read(&wish, e->m->body);
	else if (!told->on && seconds > 0)
		err = EBADMSG;
	if (!slice_copy(event, told->event, sizeof(told->event)))
		err = EBADMSG;
	if (err != 0 && told->event[0] == '\0') {
		metric_inc(M_KEYS_MALFORMED);
		core_refuse(c->core, e->txn, REFUSE_EVENT_LONG);
		return;
	}
	accept_subscription(c, e, err == 0 ? seconds : 0);
	told->wish = wish;
	told->on = err == 0 && seconds > 0;
	if (err != 0) {
		metric_inc(M_KEYS_MALFORMED);
		(void)send_report(l, 501, "Bad Document", NULL, true);
	} else if (seconds == 0) {
		(void)send_report(l, 487, "Subscription Expired", NULL, true);
	} else {
		(void)send_report(l, 0, NULL, NULL, false);
	}
	keys_arrange(c);
}

/* ---- and we of it ---- */

static void subscribe(struct leg *l);

static void on_again(void *arg)
{
	struct leg *l = arg;

	if (l->call->state == CALL_UP)
		subscribe(l);
}

static void subscribe(struct leg *l)
{
	struct sip_port *port = l->call->core->port;
	struct text t = { 0 };
	struct hdrs h;
	char text[16];

	hdrs_init(&h);
	(void)snprintf(text, sizeof(text), "%u", KPML_SECONDS);
	hdrs_add_str(&h, "Event", "kpml");
	hdrs_add_str(&h, "Expires", text);
	hdrs_add_str(&h, "Accept", "application/kpml-response+xml");
	key_wish_write(&t);
	l->keys.asked.on =
		request(l, SIP_SUBSCRIBE, &h, "application/kpml-request+xml",
			text_slice(&t), &cookie_kpml) == 0;
	text_free(&t);
	if (l->keys.asked.on)
		port->ops->timer_start(port, &l->keys.asked.again,
			KPML_SECONDS / 2 * SECOND, on_again, l);
}

void keys_forget_asked(struct leg *l)
{
	struct sip_port *port = l->call->core->port;

	l->keys.asked.on = false;
	port->ops->timer_stop(port, &l->keys.asked.again);
}

void keys_up(struct call *c)
{
	for (int i = 0; i < 2; i++) {
		struct leg *l = &c->leg[i];

		if (l->dlg != NULL && !l->keys.asked.on && keys_come_by_kpml(l))
			subscribe(l);
	}
}

void keys_move(struct leg *to, struct leg *from)
{
	keys_free(to);
	to->keys = from->keys;
	to->keys.asked.on = false; /* keys_up() asks again */
	to->keys.asked.again = NULL;
	from->keys.wait = NULL;
	from->keys.told = NULL;
	from->keys.n = 0;
}

void keys_free(struct leg *l)
{
	forget_waiting(&l->keys);
	free(l->keys.told);
}

void keys_stop(struct leg *l)
{
	keys_forget_asked(l);
	keys_free(l);
	l->keys = (struct leg_keys){ 0 };
}
