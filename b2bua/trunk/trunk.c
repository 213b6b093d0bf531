/* See trunk.h. */
#include "b2bua/trunk/trunk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/target.h"
#include "b2bua/core/core_int.h"
#include "b2bua/route/route.h"
#include "b2bua/trunk/challenge.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"

enum {
	BASE_S = 30, /* RFC 5626 4.5: no flow is left */
	MOST_S = 1800,
	LEAST_S = 5, /* between two refreshes, whatever is granted */
	EXPIRES_MOST = 86400,
	SHORT_MAX = 2, /* 423 that are followed in a row */
};

/* Counted: a REGISTER under way holds it. */
struct trunk {
	struct trunk *next;
	struct trunks *owner; /* NULL: not wanted any more */
	unsigned tenant;
	char *number, *host;
	/* Where its REGISTERs go: the host, or an outbound proxy. */
	char *hop, *peer_name;
	uint16_t port, hop_port;
	enum conf_transport transport;
	unsigned expires; /* asked for */
	bool wanted, pending, registered;
	unsigned tries, shorts, failures;
	int status;
	uint64_t until_ms, next_ms;
	char call_id[33];
	uint32_t cseq;
	struct challenges answers;
	struct sip_timer *timer;
};

struct trunks {
	struct core *core;
	struct trunk *first; /* referenced */
};

static void trunk_free(void *p)
{
	struct trunk *t = p;

	challenges_free(&t->answers);
	free(t->number);
	free(t->host);
	free(t->hop);
	free(t->peer_name);
}

static uint64_t now(const struct core *c)
{
	return c->port->ops->now_ms(c->port);
}

static const struct conf_tenant *tenant_of(const struct trunk *t)
{
	const struct conf_tenant *x = t->owner->core->conf->tenants;

	while (x != NULL && x->tag != t->tenant)
		x = x->next;
	return x;
}

static const struct conf_auths *auths_of(const struct trunk *t)
{
	const struct conf_tenant *x = tenant_of(t);

	return t->tenant == 0 ? &t->owner->core->conf->ua.auths
	       : x != NULL    ? &x->auths
			      : NULL;
}

/* The number's own line; else that of `authentication`. */
static const struct conf_auth *who(void *arg, struct slice realm)
{
	const struct trunk *t = arg;
	const struct conf_auths *a = auths_of(t);
	const struct conf_auth *other = NULL;

	for (size_t i = 0; a != NULL && i < a->n; i++) {
		if (!slice_eq_str(realm, a->v[i].realm))
			continue;
		if (a->v[i].number != NULL &&
			strcmp(a->v[i].number, t->number) == 0)
			return &a->v[i];
		if (a->v[i].number == NULL)
			other = &a->v[i];
	}
	return other;
}

/* ---- REGISTER ---- */

static void on_timer(void *arg);
static int send_register(
	struct trunk *t, unsigned expires, sip_response_fn *fn, void *arg);

static void again_in(struct trunk *t, unsigned ms)
{
	struct sip_port *port = t->owner->core->port;

	t->next_ms = now(t->owner->core) + ms;
	port->ops->timer_stop(port, &t->timer);
	port->ops->timer_start(port, &t->timer, ms, on_timer, t);
}

static void failed(struct trunk *t, int status, struct slice retry_after)
{
	unsigned shift = ++t->failures < 6 ? t->failures : 6;
	unsigned s = (unsigned)BASE_S << shift, ms;
	uint64_t asked = 0;

	ms = target_jitter(s > MOST_S ? MOST_S : s, 500, 1000);
	/* "120 (maintenance);duration=60": the number alone */
	retry_after = slice_head(retry_after, slice_find(retry_after, ';'));
	retry_after = slice_trim(
		slice_head(retry_after, slice_find(retry_after, '(')));
	if (slice_uint(retry_after, MOST_S, &asked) == 0 && asked * 1000 > ms)
		ms = (unsigned)asked * 1000;
	t->status = status;
	t->tries = t->shorts = 0;
	metric_inc(M_TRUNK_REG_FAILED);
	log_event(MSG_SIP_TRUNK_REG_FAILED, NULL, L_STR("number", t->number),
		L_STR("registrar", t->host), L_INT("status", status),
		L_INT("seconds", ms / 1000));
	again_in(t, ms);
}

/* What was granted for our Contact; a registrar that says nothing of it has
 * granted what was asked for. */
static unsigned granted(const struct trunk *t, const struct sip_msg *m)
{
	int64_t s = m->expires;
	struct sip_uri u;

	for (size_t i = 0; i < m->ncontacts; i++)
		if (m->contact[i].expires >= 0 &&
			sip_uri_parse(m->contact[i].uri, &u) == 0 &&
			slice_eq_str(u.user, t->number))
			s = m->contact[i].expires;
	if (s < 0 || s > (int64_t)t->expires)
		return t->expires;
	return (unsigned)s;
}

static void succeeded(struct trunk *t, const struct sip_msg *m)
{
	unsigned s = granted(t, m), refresh;

	if (s == 0) { /* it took the REGISTER and kept nothing */
		t->registered = false;
		failed(t, m->status, (struct slice){ 0 });
		return;
	}
	metric_inc(M_TRUNK_REGISTERED);
	if (!t->registered)
		log_event(MSG_SIP_TRUNK_REGISTERED, NULL,
			L_STR("number", t->number), L_STR("registrar", t->host),
			L_INT("seconds", s));
	t->registered = true;
	t->status = m->status;
	t->tries = t->shorts = t->failures = 0;
	t->until_ms = now(t->owner->core) + s * (uint64_t)1000;
	refresh = target_jitter(s, 750, 800);
	again_in(t, refresh < LEAST_S * 1000 ? LEAST_S * 1000 : refresh);
}

static void on_answer(void *arg, const struct sip_msg *m);

static void send_now(struct trunk *t)
{
	t->pending = true;
	obj_ref(t); /* the REGISTER's */
	if (send_register(t, t->expires, on_answer, t) == 0)
		return;
	t->pending = false;
	failed(t, 503, (struct slice){ 0 });
	obj_unref(t);
}

/* RFC 3261 10.2.8: too short. */
static bool longer(struct trunk *t, const struct sip_msg *m)
{
	uint64_t s;

	if (m->status != 423 || t->shorts++ >= SHORT_MAX ||
		slice_uint(slice_trim(sip_msg_header(m, "Min-Expires")),
			EXPIRES_MOST, &s) != 0 ||
		s <= t->expires)
		return false;
	t->expires = (unsigned)s;
	return true;
}

static void judge(struct trunk *t, const struct sip_msg *m)
{
	if (m->status < 300) {
		succeeded(t, m);
		return;
	}
	if (!m->local && longer(t, m)) {
		send_now(t);
		return;
	}
	if (!m->local && (m->status == 401 || m->status == 407) &&
		challenges_take(&t->answers, t->owner->core, m, t->tries, who,
			t) == CHALLENGE_AGAIN) {
		t->tries++;
		send_now(t);
		return;
	}
	if (now(t->owner->core) >= t->until_ms || m->status == 403 ||
		m->status == 401 || m->status == 407)
		t->registered = false;
	failed(t, m->status, sip_msg_header(m, "Retry-After"));
}

static void on_answer(void *arg, const struct sip_msg *m)
{
	struct trunk *t = arg;

	if (m->status < 200)
		return;
	t->pending = false;
	if (t->owner != NULL)
		judge(t, m);
	obj_unref(t);
}

static void on_farewell(void *arg, const struct sip_msg *m)
{
	(void)arg;
	(void)m;
}

static void on_timer(void *arg)
{
	struct trunk *t = arg;

	if (now(t->owner->core) >= t->until_ms)
		t->registered = false;
	if (!t->pending)
		send_now(t);
}

/* Sent as a call by a dial-peer of that tenant would be. */
static const struct conf_listener *listener_of(const struct trunk *t)
{
	const struct conf_dial_peer like = { .target = CONF_TARGET_HOST,
		.transport = t->transport,
		.tenant = tenant_of(t) };
	struct addr a = { 0 };

	(void)!addr_parse(&a, slice_str(t->hop), 1);
	return route_listener(t->owner->core->conf, &like, &a);
}

static int send_register(
	struct trunk *t, unsigned expires, sip_response_fn *fn, void *arg)
{
	struct core *c = t->owner->core;
	const struct conf_listener *l = listener_of(t);
	const struct conf_tenant *of = tenant_of(t);
	struct sip_route route = { .host = t->hop,
		.port = t->hop_port,
		.transport = t->transport,
		.trustpoint = core_trustpoint(
			c, of != NULL ? conf_tenant_trustpoint(c->conf, of)
				      : c->conf->ua.trustpoint),
		.by_address = of == NULL || of->tls_profile == NULL ||
			      of->tls_profile->trustpoint == NULL,
		.peer_name = t->peer_name };
	struct sip_out o = { .method = SIP_REGISTER,
		.max_forwards = -1,
		.contact_user = slice_str(t->number),
		.call_id = slice_str(t->call_id),
		.cseq = ++t->cseq };
	const struct conf_dial_peer like = { .tenant = of };
	const struct conf_proxy *proxy = conf_peer_proxy(c->conf, &like);
	const struct conf_caller caller = conf_peer_caller(c->conf, &like);
	char seconds[16], *ruri, *who_am_i;
	struct hdrs h;
	int err;

	if (l == NULL)
		return EADDRNOTAVAIL;
	if (caller.contact)
		o.contact_host = slice_str(caller.localhost);
	route.listener = l->name;
	route.reuse = proxy != NULL && proxy->reuse;
	ruri = target_uri(t->host, 0, CONF_UDP);
	who_am_i = mem_printf("<sip:%s@%s>", t->number, ruri + strlen("sip:"));
	(void)snprintf(seconds, sizeof(seconds), "%u", expires);
	hdrs_init(&h);
	hdrs_add_str(&h, "Expires", seconds);
	hdrs_add_str(&h, "Allow", headers_allow);
	challenges_add(&t->answers, &h, SLICE_LIT("REGISTER"), slice_str(ruri),
		(struct slice){ 0 });
	o.ruri = slice_str(ruri);
	o.from = o.to = slice_str(who_am_i);
	o.nhdrs = h.n;
	o.hdr = h.v;
	err = c->port->ops->request(c->port, &route, &o, fn, arg);
	hdrs_free(&h);
	free(ruri);
	free(who_am_i);
	return err;
}

/* ---- which ---- */

static struct trunk *find(const struct trunks *k, const struct trunk *like)
{
	struct trunk *t = k->first;

	while (t != NULL &&
		(t->tenant != like->tenant || t->port != like->port ||
			t->transport != like->transport ||
			t->hop_port != like->hop_port ||
			!str_same(t->hop, like->hop) ||
			!str_same(t->number, like->number) ||
			!str_same(t->host, like->host) ||
			!str_same(t->peer_name, like->peer_name)))
		t = t->next;
	return t;
}

static void want(
	struct trunks *k, const struct trunk *like, const struct conf_auths *a)
{
	for (size_t i = 0; i < a->n; i++) {
		struct trunk one = *like, *t;

		if (a->v[i].number == NULL)
			continue;
		one.number = a->v[i].number;
		t = find(k, &one);
		if (t == NULL) {
			t = obj_new(sizeof(*t), trunk_free);
			t->owner = k;
			t->tenant = one.tenant;
			t->number = mem_dup(one.number);
			t->host = mem_dup(one.host);
			t->hop = mem_dup(one.hop);
			t->port = one.port;
			t->hop_port = one.hop_port;
			t->transport = one.transport;
			if (one.peer_name != NULL)
				t->peer_name = mem_dup(one.peer_name);
			random_hex(t->call_id, sizeof(t->call_id) - 1);
			t->cseq = random_u32() >> 3;
			t->next = k->first;
			k->first = t;
			/* thousands of numbers do not come at once */
			again_in(t, 1 + random_u32() % 1000);
		}
		t->expires = one.expires;
		t->wanted = true;
	}
}

static void drop(struct trunk **at)
{
	struct trunk *t = *at;
	struct sip_port *port = t->owner->core->port;

	*at = t->next;
	port->ops->timer_stop(port, &t->timer);
	if (t->registered)
		(void)send_register(t, 0, on_farewell, NULL);
	t->owner = NULL;
	obj_unref(t);
}

/* At that registrar, as calls by a dial-peer `like` that would go. */
static void want_at(struct trunks *k, const struct conf_dial_peer *like,
	const struct conf_host *to, unsigned expires,
	const struct conf_auths *auths)
{
	const struct conf_hop hop = conf_peer_hop(k->core->conf, like, to);
	char *name = hop.names != NULL ? mem_dup(hop.names) : NULL;
	struct trunk one = { .host = to->host,
		.port = to->port,
		.hop = hop.to->host,
		.hop_port = hop.to->port,
		.transport = like->transport,
		.peer_name = name,
		.expires = expires };

	if (like->tenant != NULL)
		one.tenant = like->tenant->tag;
	want(k, &one, auths);
	free(name);
}

void trunks_configure(struct trunks *k)
{
	const struct conf *c = k->core->conf;
	const struct conf_dial_peer of_ua = { .target = CONF_TARGET_HOST,
		.transport = c->ua.registrar_transport,
		.peer_name = c->ua.registrar_peer_name };
	struct trunk **at = &k->first;

	for (struct trunk *t = k->first; t != NULL; t = t->next)
		t->wanted = false;
	if (c->ua.registrar == CONF_REG_HOST)
		want_at(k, &of_ua,
			&(struct conf_host){ .host = c->ua.registrar_host,
				.addr = c->ua.registrar_addr,
				.port = c->ua.registrar_port },
			c->ua.registrar_expires, &c->ua.auths);
	for (const struct conf_tenant *t = c->tenants; t != NULL; t = t->next) {
		const struct conf_dial_peer like = {
			.target = CONF_TARGET_HOST,
			.tenant = t,
			.transport = t->registrar.transport,
			.peer_name = t->registrar.peer_name,
			.server_names = t->registrar.server_names,
		};

		if (t->registrar.to.host != NULL)
			want_at(k, &like, &t->registrar.to,
				t->registrar.expires, &t->auths);
	}
	while (*at != NULL)
		if (!(*at)->wanted)
			drop(at);
		else
			at = &(*at)->next;
}

struct trunks *trunks_new(struct core *core)
{
	struct trunks *t = mem_new(sizeof(*t));

	t->core = core;
	return t;
}

void trunks_free(struct trunks *k)
{
	while (k->first != NULL)
		drop(&k->first);
	free(k);
}

struct trunk_info *trunks_list(const struct trunks *k, size_t *n)
{
	uint64_t at = now(k->core);
	struct trunk_info *v;
	size_t i = 0;

	for (const struct trunk *t = k->first; t != NULL; t = t->next)
		i++;
	*n = i;
	v = mem_array(i + 1, sizeof(*v));
	for (const struct trunk *t = k->first; t != NULL; t = t->next) {
		struct trunk_info *o = &v[--i];

		*o = (struct trunk_info){ .tenant = t->tenant,
			.registered = t->registered && t->until_ms > at,
			.expires_s = t->registered && t->until_ms > at
					     ? (t->until_ms - at) / 1000
					     : 0,
			.next_s = !t->pending && t->next_ms > at
					  ? (t->next_ms - at) / 1000
					  : 0,
			.status = t->status,
			.failures = t->failures };
		slice_fit(slice_str(t->number), o->number, sizeof(o->number));
		slice_fit(
			slice_str(t->host), o->registrar, sizeof(o->registrar));
	}
	return v;
}
