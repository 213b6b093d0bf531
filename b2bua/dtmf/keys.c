/* See keys.h. What comes; what leaves is in keys_out.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/dtmf/keys_int.h"
#include "base/metric.h"
#include "base/obj.h"

enum { TWICE_MS = 2000 }; /* so long the way that came first holds */

static const char *const way_names[KEY_WAYS] = {
	[KEY_BY_NOTHING] = "inband",
	[KEY_BY_NTE] = "rtp-nte",
	[KEY_BY_NOTIFY] = "sip-notify",
	[KEY_BY_KPML] = "sip-kpml",
	[KEY_BY_INFO] = "sip-info",
	[KEY_BY_TONES] = "inband",
};

const char *key_way_name(enum key_way w)
{
	return way_names[w];
}

static enum key_way way_of(enum conf_dtmf d)
{
	switch (d) {
	case CONF_DTMF_NTE:
		return KEY_BY_NTE;
	case CONF_DTMF_NOTIFY:
		return KEY_BY_NOTIFY;
	case CONF_DTMF_KPML:
		return KEY_BY_KPML;
	case CONF_DTMF_INFO:
		return KEY_BY_INFO;
	case CONF_DTMF_COUNT:
		break;
	}
	return KEY_BY_NOTHING;
}

bool keys_listed(const struct leg *l, enum conf_dtmf d)
{
	for (size_t i = 0; l->peer != NULL && i < l->peer->ndtmf; i++)
		if (l->peer->dtmf[i] == d)
			return true;
	return false;
}

static bool has_list(const struct leg *l)
{
	return l->peer != NULL && l->peer->ndtmf > 0;
}

static bool interworks(const struct call *c)
{
	return has_list(&c->leg[0]) || has_list(&c->leg[1]);
}

/* ---- what a far end can take ---- */

static bool takes(const struct leg *l, enum key_way w)
{
	const struct leg_keys *k = &l->keys;

	switch (w) {
	case KEY_BY_NTE:
		return k->events.to != MEDIA_NO_PT && k->events.clock != 0;
	case KEY_BY_NOTIFY:
		return !k->no_notify && (k->notify_ms != 0 || !k->known);
	case KEY_BY_KPML:
		return k->kpml || !k->known;
	case KEY_BY_INFO:
		return !k->no_info;
	case KEY_BY_NOTHING:
	case KEY_BY_TONES:
	case KEY_WAYS:
		break;
	}
	return false;
}

/* It has asked, and its time is not over. */
static bool is_told(const struct leg *l)
{
	struct sip_port *port = l->call->core->port;

	return l->keys.told != NULL && l->keys.told->on &&
	       port->ops->now_ms(port) < l->keys.told->until_ms;
}

enum key_way keys_way(const struct leg *l)
{
	for (size_t i = 0; l->peer != NULL && i < l->peer->ndtmf; i++) {
		enum key_way w = way_of(l->peer->dtmf[i]);

		if (w == KEY_BY_KPML ? is_told(l) : takes(l, w))
			return w;
	}
	if (takes(l, KEY_BY_NTE))
		return KEY_BY_NTE;
	return interworks(l->call) && l->call->xcode != NULL ? KEY_BY_TONES
							     : KEY_BY_NOTHING;
}

bool keys_come_by_kpml(const struct leg *l)
{
	for (size_t i = 0; l->peer != NULL && i < l->peer->ndtmf; i++)
		if (takes(l, way_of(l->peer->dtmf[i])))
			return l->peer->dtmf[i] == CONF_DTMF_KPML;
	return false;
}

bool keys_by_sip(const struct leg *l)
{
	for (size_t i = 0; l->peer != NULL && i < l->peer->ndtmf; i++)
		if (l->peer->dtmf[i] != CONF_DTMF_NTE &&
			takes(l, way_of(l->peer->dtmf[i])))
			return true;
	return false;
}

static bool drops_tones(const struct leg *l)
{
	return l->peer != NULL && l->peer->digit_drop;
}

/* Where neither events nor SIP tell the keys of a leg, its sound does. */
bool keys_want(
	const struct call *c, const bool events[2], struct xcode_want *want)
{
	bool sip[2], sound[2], wanted = false;

	for (int i = 0; i < 2; i++) {
		sip[i] = keys_by_sip(&c->leg[i]);
		sound[i] = !sip[i] && !events[i];
	}
	for (int i = 0; i < 2; i++) {
		enum xcode_ear *ear = &want->side[i].ear;

		if (sound[1 - i])
			*ear = XCODE_EAR_OFF;
		else if (sound[i])
			*ear = sip[1 - i] ? XCODE_EAR_TELL : XCODE_EAR_AUTO;
		else
			*ear = drops_tones(&c->leg[i]) ? XCODE_EAR_DROP
						       : XCODE_EAR_OFF;
		wanted |= *ear == XCODE_EAR_DROP;
	}
	return wanted || sound[0] != sound[1];
}

void keys_learn(struct leg *l, const struct sip_msg *m)
{
	struct leg_keys *k = &l->keys;
	unsigned ms;

	if (!has_list(l) || (m->response && m->status >= 300))
		return;
	if (sip_msg_header(m, "Allow").n > 0)
		k->no_info = !headers_has_tag(m, "Allow", "INFO");
	if (headers_has_tag(m, "Allow-Events", "kpml"))
		k->kpml = true;
	for (size_t i = 0; i < m->nhdrs; i++)
		if (slice_caseeq_str(m->hdr[i].name, "Call-Info") &&
			key_call_info_read(m->hdr[i].value, &ms)) {
			k->notify_ms = ms < KEY_NOTIFY_MS ? ms : KEY_NOTIFY_MS;
			k->no_notify = false;
		}
	k->known = k->known || !m->response || m->status >= 200;
}

static void remove_at(struct hdrs *h, size_t i)
{
	memmove(&h->v[i], &h->v[i + 1], (--h->n - i) * sizeof(h->v[0]));
}

/* The other side's word for it is about the other side. */
static void drop_foreign(struct hdrs *h)
{
	unsigned ms;

	for (size_t i = 0; i < h->n; i++) {
		struct slice rest = h->v[i].value, tag;
		struct text t = { 0 };

		if (slice_caseeq_str(h->v[i].name, "Call-Info") &&
			key_call_info_read(rest, &ms)) {
			remove_at(h, i--);
			continue;
		}
		if (!slice_caseeq_str(h->v[i].name, "Allow-Events"))
			continue;
		while (slice_cut(&rest, ',', &tag)) {
			tag = slice_trim(tag);
			if (!slice_caseeq_str(tag, "kpml") &&
				!slice_caseeq_str(tag, "telephone-event"))
				text_printf(&t, "%s%.*s", t.n > 0 ? ", " : "",
					SLICE_ARG(tag));
		}
		if (t.n > 0)
			hdrs_replace(h, i, text_take(&t));
		else
			remove_at(h, i--);
		text_free(&t);
	}
}

void keys_headers(struct leg *l, struct hdrs *h, bool described)
{
	struct sip_port *port = l->call->core->port;
	char host[256], info[384];

	if (!interworks(l->call))
		return;
	drop_foreign(h);
	if (!described || !has_list(l))
		return;
	if (keys_listed(l, CONF_DTMF_KPML))
		hdrs_add_tag(h, "Allow-Events", "kpml");
	if (!keys_listed(l, CONF_DTMF_NOTIFY))
		return;
	hdrs_add_tag(h, "Allow-Events", "telephone-event");
	if (!port->ops->contact_host(port, l->listener, host, sizeof(host)))
		return;
	(void)snprintf(info, sizeof(info),
		"<sip:%s>;method=\"NOTIFY;Event=telephone-event;Duration=%u\"",
		host, KEY_NOTIFY_MS);
	hdrs_add_str(h, "Call-Info", info);
}

/* ---- what media does ---- */

static void arrange(struct call *c, int side)
{
	const struct leg *from = &c->leg[side], *to = &c->leg[1 - side];
	enum key_way way = keys_way(to);
	struct mcall_keys k = { .from = takes(from, KEY_BY_NTE)
						? from->keys.events.from
						: MEDIA_NO_PT,
		.from_clock = from->keys.events.clock,
		.to = way == KEY_BY_NTE ? to->keys.events.to : MEDIA_NO_PT,
		.to_clock = to->keys.events.clock,
		.clock = to->keys.events.sound,
		/* a transcoder makes sound of them */
		.take = (way != KEY_BY_NTE && way != KEY_BY_TONES) ||
			to->keys.put_in,
		.tones = way == KEY_BY_TONES };

	c->core->media_ops->keys(c->media, side, &k);
}

void keys_arrange(struct call *c)
{
	if (c->media == NULL || !interworks(c))
		return;
	arrange(c, 0);
	arrange(c, 1);
}

/* While nothing is being described, descriptions are those in force: what is
 * in them need not wait for the next ones. */
void keys_other_way(struct call *c)
{
	bool quiet = c->state == CALL_UP && !c->xchg.active;

	if (c->media == NULL)
		return;
	if (quiet && call_plan_transcoder(c) == NEG_OK &&
		c->plan.xcode != c->xcode) {
		call_media_commit(c);
		return;
	}
	if (quiet)
		call_drop_transcoder(c);
	keys_arrange(c);
}

/* ---- what comes ---- */

/* A phone that tells each key in two ways is heard in one of them. */
static bool is_second_telling(struct leg *l, enum key_way by)
{
	struct sip_port *port = l->call->core->port;
	uint64_t now = port->ops->now_ms(port);
	struct leg_keys *k = &l->keys;

	if (k->heard != KEY_BY_NOTHING && k->heard != by &&
		now - k->heard_ms < TWICE_MS) {
		metric_inc(M_KEYS_TWICE);
		return true;
	}
	k->heard = by;
	k->heard_ms = now;
	return false;
}

/* A key of that side goes to the other one. */
static void pass_key(
	struct call *c, int side, enum key_way by, struct key_press k)
{
	struct leg *to = &c->leg[1 - side];
	enum key_way way = keys_way(to);

	if (is_second_telling(&c->leg[side], by))
		return;
	k.end = true;
	if (way != KEY_BY_NTE && way != KEY_BY_TONES) {
		keys_send(to, &k);
		return;
	}
	if (c->media == NULL || k.key >= KEY_FLASH) {
		metric_inc(M_KEYS_LOST);
		return;
	}
	metric_inc(M_KEYS_PASSED);
	c->core->media_ops->press(c->media, side, k.key, k.ms);
}

void keys_heard(struct call *c, int side, const struct media_event *ev)
{
	struct key_press k = { .key = ev->key, .ms = ev->ms };

	if (c->state >= CALL_ENDING)
		return;
	if (ev->ms == 0) { /* it goes on by itself */
		(void)is_second_telling(&c->leg[side], KEY_BY_NTE);
		return;
	}
	if (k.ms < KEY_MS_MIN)
		k.ms = KEY_MS_MIN;
	pass_key(c, side, ev->sound ? KEY_BY_TONES : KEY_BY_NTE, k);
}

static void answer(struct call *c, const struct event *e)
{
	leg_answer(&c->leg[e->side], e->txn, 200, &(struct leg_msg){ 0 });
}

static void refuse(struct call *c, const struct event *e, enum refusal r)
{
	metric_inc(M_KEYS_MALFORMED);
	core_refuse(c->core, e->txn, r);
}

/* Nothing is known of how to tell the other side: as it came. */
static bool as_it_comes(const struct call *c, const struct event *e)
{
	const struct leg *to = &c->leg[1 - e->side];

	return !interworks(c) ||
	       (!has_list(to) && keys_way(to) == KEY_BY_NOTHING);
}

static bool take_info(struct call *c, const struct event *e)
{
	struct key_press k;
	int err = key_info_read(
		&k, sip_msg_header(e->m, "Content-Type"), e->m->body);

	if (err == ENOTSUP || as_it_comes(c, e))
		return false;
	if (err != 0) {
		refuse(c, e, REFUSE_BAD_KEY_INFO);
		return true;
	}
	answer(c, e);
	pass_key(c, e->side, KEY_BY_INFO, k);
	return true;
}

/* It tells a key when it goes down, while it stays, and when it is let go. */
static void take_event(struct call *c, const struct event *e)
{
	struct leg_keys *l = &c->leg[e->side].keys;
	struct key_press k, was = l->down;
	bool lost;

	if (key_event_read(&k, e->m->body) != 0) {
		refuse(c, e, REFUSE_BAD_KEY_NOTIFY);
		return;
	}
	answer(c, e);
	lost = l->is_down && was.key != k.key;
	l->is_down = !k.end;
	l->down = k;
	if (lost)
		pass_key(c, e->side, KEY_BY_NOTIFY, was);
	if (k.end)
		pass_key(c, e->side, KEY_BY_NOTIFY, k);
}

static void take_report(struct call *c, const struct event *e)
{
	struct leg *l = &c->leg[e->side];
	struct slice state = sip_msg_header(e->m, "Subscription-State");
	struct key_report r = { 0 };

	if (e->m->body.n > 0 && key_report_read(&r, e->m->body) != 0) {
		refuse(c, e, REFUSE_BAD_KPML);
		return;
	}
	answer(c, e);
	if (slice_casestarts(slice_trim(state), "terminated"))
		keys_forget_asked(l);
	for (size_t i = 0; r.code == 200 && i < r.n; i++)
		pass_key(c, e->side, KEY_BY_KPML,
			(struct key_press){
				.key = r.key[i], .ms = KEY_MS_DEFAULT });
}

static bool event_is(const struct sip_msg *m, const char *name)
{
	struct slice v = sip_msg_header(m, "Event");

	return slice_caseeq_str(
		slice_trim(slice_head(v, slice_find(v, ';'))), name);
}

bool keys_request(struct call *c, const struct event *e)
{
	struct leg *l = &c->leg[e->side];
	bool kpml = event_is(e->m, "kpml");

	if (e->m->method == SIP_INFO)
		return take_info(c, e);
	if (e->m->method == SIP_NOTIFY && event_is(e->m, "telephone-event") &&
		keys_listed(l, CONF_DTMF_NOTIFY)) {
		take_event(c, e);
		return true;
	}
	if (e->m->method == SIP_NOTIFY && kpml && l->keys.asked.on) {
		take_report(c, e);
		return true;
	}
	if (e->m->method != SIP_SUBSCRIBE || !kpml || !has_list(l))
		return false;
	keys_subscribed(c, e);
	return true;
}
