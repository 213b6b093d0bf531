/*
 * Subscriptions (RFC 6665) and what they carry: message waiting, busy lamps,
 * presence, keys pressed (KPML), and the NOTIFYs of a REFER outside calls. One
 * is two dialogs, of who asked and of who notifies; requests in either pass to
 * the other. It ends with a NOTIFY that says so, with 481 or silence of either
 * end, or when nobody has refreshed it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/line/subscribe_int.h"
#include "base/metric.h"
#include "base/obj.h"

enum { BEGIN_S = 10 }; /* and the grace: beyond the port's own patience */

static char cookie_first;

void sub_relay_free(struct sub_relay *r)
{
	struct sub *s = r->sub;
	struct sub_relay **at = &s->relays;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	s->nrelays--;
	s->end[r->to].waiting--;
	s->core->port->ops->timer_stop(s->core->port, &r->patience);
	sip_msg_free(r->refresh);
	free(r);
}

void sub_close(struct sub *s)
{
	struct core *c = s->core;

	c->port->ops->timer_stop(c->port, &s->timer);
	sub_end_turns(s);
	for (int i = 0; i < 2; i++)
		if (s->end[i].dlg != NULL)
			c->port->ops->dlg_close(c->port, s->end[i].dlg);
	while (s->relays != NULL)
		sub_relay_free(s->relays);
	*s->link = s->next;
	if (s->next != NULL)
		s->next->link = s->link;
	c->nsubs--;
	obj_unref(s->phone);
	obj_unref(s->flow);
	free(s->ruri);
	free(s->from_value);
	free(s->to_value);
	free(s->event_value);
	free(s);
}

void subscribe_end_all(struct core *c)
{
	for (size_t i = 0; i < CORE_SUB_BUCKETS; i++)
		while (c->subs[i] != NULL)
			sub_close(c->subs[i]);
}

/* ---- how long it lives ---- */

static void on_expired(void *arg)
{
	struct sub *s = arg;

	metric_inc(M_SUBS_EXPIRED);
	log_debug(DEBUG_SIP_CALLS, NULL, "a subscription was not refreshed");
	sub_close(s);
}

void sub_live(struct sub *s, int64_t seconds)
{
	struct sip_port *port = s->core->port;
	int64_t n = seconds < 0			 ? SUBS_REFER_S
		    : seconds > SUBS_EXPIRES_MAX ? SUBS_EXPIRES_MAX
						 : seconds;

	s->ends_ms = port->ops->now_ms(port) + (uint64_t)n * 1000;
	port->ops->timer_stop(port, &s->timer);
	port->ops->timer_start(port, &s->timer,
		(unsigned)n * 1000 + SUBS_GRACE_MS, on_expired, s);
}

/* ---- messages ---- */

void sub_pass(struct hdrs *h, const struct sub *s, int to,
	const struct sip_msg *m, struct sip_out *o)
{
	char text[24];
	int64_t expires =
		m->expires > SUBS_EXPIRES_MAX ? SUBS_EXPIRES_MAX : m->expires;

	hdrs_init(h);
	if (!m->local) {
		headers_pass(h, m, s->end[1 - to].where, s->end[to].where,
			HDR_BODY_PASS);
		o->body = m->body;
	}
	if (!m->response)
		refer_pass(&s->end[to].words, m, h);
	if (!m->local && expires >= 0) {
		(void)snprintf(text, sizeof(text), "%lld", (long long)expires);
		hdrs_add_str(h, "Expires", text);
	}
	o->nhdrs = h->n;
	o->hdr = h->v;
	o->contact_user = slice_str(s->end[to].contact_user);
	o->max_forwards = -1;
	if (!m->response && m->max_forwards > 0)
		o->max_forwards = m->max_forwards - 1;
}

void sub_answer(
	struct sub *s, int to, struct sip_txn *t, const struct sip_msg *m)
{
	struct sip_out o = { 0 };
	struct hdrs h;

	sub_pass(&h, s, to, m, &o);
	/* RFC 6665 4.2.2: both end it, other failures of a NOTIFY need not */
	if (m->status < 300)
		core_answer(s->core, t, m->status, &o);
	else if (m->local && m->method == SIP_NOTIFY)
		core_refuse(s->core, t, REFUSE_NOTIFY_UNHEARD);
	else
		core_pass(s->core, t, m,
			m->status == 481 ? 481
					 : cause_pass(m->status, m->local),
			&o);
	hdrs_free(&h);
}

/* "active;expires=300"; true: it is over. */
static bool take_state(struct sub *s, const struct sip_msg *m, int64_t *expires)
{
	struct slice v = sip_msg_header(m, "Subscription-State"), text;
	size_t end = slice_find(v, ';');
	uint64_t n;

	s->notifies++;
	s->notified_ms = s->core->port->ops->now_ms(s->core->port);
	slice_fit(slice_head(
			  slice_trim(slice_head(v, end)), sizeof(s->state) - 1),
		s->state, sizeof(s->state));

	*expires = -1;
	if (sip_param(slice_from(v, end), "expires", &text) &&
		slice_uint(text, UINT32_MAX, &n) == 0)
		*expires = (int64_t)n;
	return slice_caseeq_str(slice_trim(slice_head(v, end)), "terminated");
}

static void on_request(void *arg, struct sip_txn *t, const struct sip_msg *m)
{
	struct sub_end *e = arg;
	struct sub *s = e->sub;
	struct sip_port *port = s->core->port;
	struct sub_end *other = &s->end[1 - e->side];
	struct sip_out o = { .method = m->method };
	struct sub_relay *r;
	int64_t expires;
	struct hdrs h;
	int err;

	if (m->method == SIP_OTHER || m->method == SIP_INVITE ||
		m->method == SIP_BYE || m->method == SIP_UPDATE) {
		core_refuse_method(s->core, t, m);
		return;
	}
	if (s->over) {
		core_refuse(s->core, t, REFUSE_NO_DIALOG);
		return;
	}
	if (e->side == 0 && s->txn == NULL && !other->up) {
		sub_begin_again(s, t, m);
		return;
	}
	if (s->nrelays == SUBS_RELAYS) {
		core_refuse(s->core, t, REFUSE_RELAYS);
		return;
	}
	r = mem_new(sizeof(*r));
	r->sub = s;
	r->txn = t;
	r->to = other->side;
	if (m->method == SIP_NOTIFY) {
		r->last = take_state(s, m, &expires);
		if (!r->last && expires >= 0)
			sub_live(s, expires);
	}
	sub_pass(&h, s, other->side, m, &o);
	err = port->ops->send(port, other->dlg, &o, r);
	hdrs_free(&h);
	if (err != 0) {
		free(r);
		core_refuse(s->core, t, REFUSE_OTHER_AWAY);
		return;
	}
	other->waiting++;
	r->next = s->relays;
	s->relays = r;
	s->nrelays++;
	if (e->side == 0 && sub_may_move(s, m))
		sub_watch(r, m);
}

static void first_answered(struct sub *s, const struct sip_msg *m)
{
	bool none = slice_caseeq_str(
		slice_trim(sip_msg_header(m, "Refer-Sub")), "false");

	if (m->status >= 300 && sub_refused(s, &m))
		return;
	sub_answer(s, 0, s->txn, m);
	s->txn = NULL;
	s->end[0].up = s->end[1].up = m->status < 300;
	if (m->status < 300)
		sub_end_turns(s);
	if (m->status >= 300 || (s->refer && none))
		sub_close(s);
	else
		sub_live(s, m->expires);
}

static void on_response(void *arg, void *cookie, const struct sip_msg *m)
{
	struct sub_end *e = arg;
	struct sub *s = e->sub;
	struct sub_relay *r = cookie;
	bool over;

	if (m->status < 200)
		return;
	if (cookie == &cookie_first) {
		first_answered(s, m);
		return;
	}
	if (sub_moved(s, cookie, m) || sub_move(r, m))
		return;
	/* RFC 6665 4.2.2, 4.4.1: nobody is there any more */
	over = r->last || m->status == 481 ||
	       (m->local && m->method == SIP_NOTIFY);
	if (r->txn != NULL)
		sub_answer(s, 1 - e->side, r->txn, m);
	sub_relay_free(r);
	s->failed += m->method == SIP_NOTIFY && m->status >= 300;
	if (over) {
		sub_close(s);
	} else if (m->method == SIP_SUBSCRIBE && m->status < 300) {
		s->refreshes++;
		sub_live(s, m->expires);
	}
}

static void never_ack(void *arg, const struct sip_msg *m)
{
	(void)arg;
	(void)m;
}

static void never_prack(void *arg, struct sip_txn *t, const struct sip_msg *m)
{
	struct sub_end *e = arg;

	(void)m;
	if (t != NULL)
		core_refuse(e->sub->core, t, REFUSE_NO_DIALOG);
}

const struct sip_dlg_user sub_dlg_user = {
	.request = on_request,
	.ack = never_ack,
	.prack = never_prack,
	.cancel = never_ack,
	.response = on_response,
	.fork = sub_fork,
};

/* ---- a new one ---- */

static size_t bucket(const struct identity *who, const struct addr *a)
{
	uint32_t h = 2166136261u;
	char host[ADDR_TEXT];
	struct slice s = who != NULL && who->certified
				 ? slice_str(who->device)
				 : slice_str(addr_host(a, host));

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 16777619u;
	return h % CORE_SUB_BUCKETS;
}

static bool same_phone(const struct sub *s, const struct identity *who,
	const struct addr *addr)
{
	if (who == NULL || s->phone == NULL ||
		who->certified != s->phone->certified)
		return false;
	return who->certified ? identity_same_device(who, s->phone)
			      : addr_same_host(addr, &s->phone_addr);
}

bool sub_has_room(
	struct core *c, const struct identity *who, const struct addr *addr)
{
	size_t n = 0;

	for (const struct sub *s = c->subs[bucket(who, addr)]; s != NULL;
		s = s->next)
		n += same_phone(s, who, addr);
	return c->nsubs < SUBS_MAX && n < SUBS_PER_DEVICE;
}

size_t sub_family(const struct sub *s)
{
	struct sip_port *port = s->core->port;
	const char *id = port->ops->dlg_call_id(port, s->end[1].dlg);
	size_t n = 0;

	for (const struct sub *x =
			s->core->subs[bucket(s->phone, &s->phone_addr)];
		x != NULL; x = x->next)
		n += x->end[1].dlg != NULL &&
		     strcmp(port->ops->dlg_call_id(port, x->end[1].dlg), id) ==
			     0;
	return n;
}

static void set_end(struct sub *s, int side, enum conf_side where,
	const char *listener, const struct addr *addr, const char *user)
{
	struct sub_end *e = &s->end[side];

	e->sub = s;
	e->side = side;
	e->where = where;
	e->addr = *addr;
	slice_fit(slice_str(listener), e->listener, sizeof(e->listener));
	slice_fit(slice_str(user), e->contact_user, sizeof(e->contact_user));
	e->words = (struct refer_side){ .core = s->core,
		.where = where,
		.listener = e->listener,
		.addr = e->addr };
}

/* In its place, with no ends yet. */
static struct sub *sub_alloc(
	struct core *c, const struct identity *phone, const struct addr *addr)
{
	struct sub **at = &c->subs[bucket(phone, addr)];
	struct sub *s = mem_new(sizeof(*s));

	s->core = c;
	s->phone = obj_ref(phone);
	s->phone_addr = *addr;
	s->next = *at;
	s->link = at;
	if (s->next != NULL)
		s->next->link = &s->next;
	*at = s;
	c->nsubs++;
	return s;
}

struct sub *sub_new(
	struct core *c, const struct outside *w, const struct sip_source *src)
{
	bool out = src->side == CONF_ACCESS;
	const struct addr *addr = out ? &src->addr : &w->to.addr;
	struct sub *s = sub_alloc(c, w->phone, addr);

	s->flow = obj_ref(out ? src->flow : w->route.flow);
	set_end(s, 0, src->side, src->listener, &src->addr, w->near_user);
	set_end(s, 1, w->to.where, w->to.listener, &w->to.addr,
		w->contact_user);
	s->end[0].words.from = w->to.where;
	s->end[1].words.from = src->side;
	return s;
}

struct sub *sub_new_like(const struct sub *s)
{
	struct sub *n = sub_alloc(s->core, s->phone, &s->phone_addr);

	n->flow = obj_ref(s->flow);
	for (int i = 0; i < 2; i++) {
		const struct sub_end *e = &s->end[i];

		set_end(n, i, e->where, e->listener, &e->addr, e->contact_user);
		n->end[i].words.from = e->words.from;
	}
	return n;
}

static void user_of(struct slice name_addr, char out[64])
{
	struct sip_name_addr na;
	struct sip_uri u;

	if (sip_name_addr_parse(name_addr, &na) == 0 &&
		sip_uri_parse(na.uri, &u) == 0)
		slice_fit(slice_head(u.user, 63), out, 64);
}

/* For show, and for another node. */
static void name_it(
	struct sub *s, const struct outside *w, const struct sip_msg *m)
{
	struct slice event = sip_msg_header(m, "Event");

	s->born_ms = s->core->port->ops->now_ms(s->core->port);
	s->ruri = mem_dup(w->ruri);
	s->from_value = mem_dup(w->from_value);
	s->to_value = mem_dup(w->to_value);
	s->event_value = slice_dup(event);
	user_of(m->from, s->who);
	user_of(m->to, s->of);
	event = slice_trim(slice_head(event, slice_find(event, ';')));
	slice_fit(s->refer ? SLICE_LIT("refer") : slice_head(event, 63),
		s->event, sizeof(s->event));
}

bool sub_ask(struct sub *s, const struct outside *w, const struct sip_msg *m)
{
	struct sip_port *port = s->core->port;
	struct sip_out o;
	struct hdrs h;
	int err;

	s->asked_s = m->expires;
	err = port->ops->dlg_uac(&s->end[1].dlg, port, &w->route,
		slice_str(w->from_value), slice_str(w->to_value), &sub_dlg_user,
		&s->end[1]);

	if (err != 0)
		return false;
	name_it(s, w, m);
	outside_build(&o, &h, w, m,
		m->expires > SUBS_EXPIRES_MAX ? SUBS_EXPIRES_MAX : m->expires);
	err = port->ops->send(port, s->end[1].dlg, &o, &cookie_first);
	hdrs_free(&h);
	if (err == 0)
		sub_live(s, BEGIN_S);
	return err == 0;
}

/* `turns` are the sub's then. */
static void begin(struct core *c, struct sip_txn *t, const struct sip_msg *m,
	const struct sip_source *src, const struct outside *w,
	struct turns *turns)
{
	struct sub *s = sub_new(c, w, src);

	s->turns = turns;
	s->txn = t;
	s->refer = m->method == SIP_REFER;
	s->end[0].dlg =
		c->port->ops->dlg_uas(c->port, t, &sub_dlg_user, &s->end[0]);
	if (sub_ask(s, w, m)) {
		sub_be_patient(s);
	} else if (!sub_next(s)) {
		core_refuse(c, t, REFUSE_OTHER_AWAY);
		sub_close(s);
	}
}

void subscribe_request(struct core *c, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src)
{
	const struct binding *v[CONF_CONTACTS_MAX];
	struct turns *turns;
	struct outside w;

	if (m->method == SIP_SUBSCRIBE && sip_msg_header(m, "Event").n == 0) {
		core_refuse(c, t, REFUSE_NO_EVENT);
		return;
	}
	if (!outside_find(&w, c, t, m, src))
		return;
	turns = turns_new(m, v, outside_contacts(c, m, src, &w, v));
	if (turns != NULL)
		(void)outside_next(&w, m, turns_next(turns, c->registrar));
	if (sub_has_room(c, w.phone,
		    src->side == CONF_ACCESS ? &src->addr : &w.to.addr)) {
		metric_inc(M_SUBS);
		begin(c, t, m, src, &w, turns);
	} else {
		metric_inc(M_SUBS_REFUSED);
		core_refuse(c, t, REFUSE_SUBSCRIPTIONS);
		turns_free(turns);
	}
	outside_free(&w);
}

/* The phone is on another connection now: NOTIFYs go there. */
void subscribe_rebind(struct core *c, const struct identity *who,
	const struct sip_flow *old, struct sip_flow *now)
{
	struct sip_port *port = c->port;

	for (struct sub *s = c->subs[bucket(who, &now->peer)]; s != NULL;
		s = s->next) {
		bool same = (old != NULL && s->flow == old) ||
			    (who->certified && same_phone(s, who, &now->peer));

		if (!same || s->flow == now)
			continue;
		/* of two phones, who asked */
		port->ops->dlg_set_flow(port,
			s->end[s->end[0].where == CONF_ACCESS ? 0 : 1].dlg,
			now);
		obj_unref(s->flow);
		s->flow = obj_ref(now);
	}
}
