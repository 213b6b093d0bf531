/* See keepalive.h. */
#include "b2bua/trunk/keepalive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/target.h"
#include "b2bua/core/core_int.h"
#include "b2bua/route/profile.h"
#include "b2bua/route/route.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"

enum { FIRST_MS = 2000 }; /* the first question comes within */

/* What makes two targets one. Borrowed from a configuration. */
struct key {
	const char *listener, *host, *trustpoint, *peer_name; /* or NULL */
	const char *proxy; /* asked through it; NULL: none */
	uint16_t port, proxy_port;
	enum conf_transport transport;
};

/* Counted: a question under way holds it. */
struct target {
	struct target *next;
	struct keepalives *owner; /* NULL: not asked any more */
	struct key key; /* borrows of: */
	char *own[5];
	struct conf_keepalive set;
	unsigned peer; /* tag: whose sip-profiles and certificate it has */
	bool wanted; /* by the configuration that is being taken */
	bool pending, asked, busied_out;
	unsigned failures;
	int status;
	bool local; /* nobody answered, and the status is ours */
	uint64_t since_ms, sent, failed, busyouts;
	struct sip_timer *timer;
};

struct keepalives {
	struct core *core;
	struct target *targets; /* referenced */
};

static void target_free(void *p)
{
	struct target *t = p;

	for (size_t i = 0; i < ARRAY_SIZE(t->own); i++)
		free(t->own[i]);
}

/* A copy that is the target's; NULL stays NULL. */
static const char *keep(struct target *t, size_t i, const char *text)
{
	t->own[i] = text != NULL ? mem_dup(text) : NULL;
	return t->own[i];
}

static bool same(const struct key *a, const struct key *b)
{
	return a->port == b->port && a->transport == b->transport &&
	       a->proxy_port == b->proxy_port && str_same(a->proxy, b->proxy) &&
	       str_same(a->host, b->host) &&
	       str_same(a->listener, b->listener) &&
	       str_same(a->trustpoint, b->trustpoint) &&
	       str_same(a->peer_name, b->peer_name);
}

/* False: no listener reaches it, and no call either. */
static bool key_of(struct key *out, const struct conf *c,
	const struct conf_dial_peer *p, const struct conf_host *to)
{
	const struct conf_listener *l = route_listener(c, p, &to->addr);
	const struct conf_trustpoint *t =
		p->trustpoint != NULL ? p->trustpoint : c->ua.trustpoint;
	const struct conf_hop hop = conf_peer_hop(c, p, to);
	bool tls = p->transport == CONF_TLS;

	*out = (struct key){ .listener = l != NULL ? l->name : NULL,
		.host = to->host,
		.port = to->port,
		.transport = p->transport,
		.trustpoint = tls && t != NULL ? t->name : NULL,
		.peer_name = tls ? hop.names : NULL };
	if (hop.proxy != NULL) {
		out->proxy = hop.to->host;
		out->proxy_port = hop.to->port;
	}
	return l != NULL;
}

static struct target *find(const struct keepalives *k, const struct key *key)
{
	struct target *t = k->targets;

	while (t != NULL && !same(&t->key, key))
		t = t->next;
	return t;
}

/* ---- asking ---- */

static void on_timer(void *arg);

static uint64_t now(const struct keepalives *k)
{
	return k->core->port->ops->now_ms(k->core->port);
}

static void ask_in(struct target *t, unsigned ms)
{
	struct sip_port *port = t->owner->core->port;

	port->ops->timer_stop(port, &t->timer);
	port->ops->timer_start(port, &t->timer, ms, on_timer, t);
}

/* A status of ours was answered by nobody. */
static const char *last_words(const struct target *t, char out[32])
{
	if (t->local)
		return t->status == 408 ? "was not answered"
					: "could not be sent";
	(void)snprintf(out, 32, "was answered %d", t->status);
	return out;
}

static void change(struct target *t, bool down)
{
	char words[32];
	char *host = t->key.proxy != NULL ? mem_printf("%s by proxy %s",
						    t->key.host, t->key.proxy)
					  : mem_dup(t->key.host);

	metric_inc(down ? M_SIP_PEER_DOWN : M_SIP_PEER_UP);
	if (down)
		log_event(MSG_SIP_PEER_DOWN, NULL, L_STR("host", host),
			L_STR("listener", t->key.listener),
			L_INT("failures", t->failures),
			L_STR("last", last_words(t, words)),
			L_INT("seconds", t->set.down));
	else
		log_event(MSG_SIP_PEER_UP, NULL, L_STR("host", host),
			L_STR("listener", t->key.listener),
			L_INT("status", t->status),
			L_INT("seconds", (now(t->owner) - t->since_ms) / 1000));
	t->busied_out = down;
	t->since_ms = now(t->owner);
	t->busyouts += down;
	free(host);
}

static void judge(struct target *t, int status, bool local)
{
	bool good = !local && status != 408 && status != 503 && status != 505;

	if (!t->asked)
		t->since_ms = now(t->owner);
	t->asked = true;
	t->status = status;
	t->local = local;
	t->failures = good ? 0 : t->failures + 1;
	if (!good) {
		metric_inc(M_SIP_KEEPALIVE_FAILED);
		t->failed++;
	}
	if (good ? t->busied_out
		 : !t->busied_out && t->failures >= t->set.retry)
		change(t, !good);
	ask_in(t, target_jitter(good ? t->set.up : t->set.down, 800, 1000));
}

static void on_answer(void *arg, const struct sip_msg *m)
{
	struct target *t = arg;

	if (m->status < 200)
		return;
	t->pending = false;
	if (t->owner != NULL)
		judge(t, m->status, m->local);
	obj_unref(t);
}

/* Whose words hold for it; NULL: the registrar's, which has none of phones. */
static const struct conf_dial_peer *asked_by(const struct target *t)
{
	const struct conf_dial_peer *p =
		conf_find_dial_peer(t->owner->core->conf, t->peer);

	return p != NULL && p->target != CONF_TARGET_REGISTRAR ? p : NULL;
}

static int send_options(struct target *t)
{
	struct core *c = t->owner->core;
	const struct conf_dial_peer *p = asked_by(t);
	const struct conf_proxy *proxy = conf_peer_proxy(c->conf, p);
	const struct sip_route route = { .listener = t->key.listener,
		.host = t->key.proxy != NULL ? t->key.proxy : t->key.host,
		.port = t->key.proxy != NULL ? t->key.proxy_port : t->key.port,
		.transport = t->key.transport,
		.trustpoint =
			core_trustpoint(c, p != NULL && p->trustpoint != NULL
						   ? p->trustpoint
						   : c->conf->ua.trustpoint),
		.by_address = p == NULL || p->trustpoint == NULL,
		.reuse = proxy != NULL && proxy->reuse,
		.peer_name = t->key.peer_name };
	char *uri = target_uri(t->key.host, t->key.port, t->key.transport);
	char *to = mem_printf("<%s>", uri), *from;
	char ours[256];
	struct conf_caller caller;
	struct sip_out o = { .method = SIP_OPTIONS, .max_forwards = -1 };
	struct hdrs h;
	struct profile_msg pm = { .method = SLICE_LIT("OPTIONS"),
		.h = &h,
		.from = &o.from,
		.to = &o.to,
		.ruri = &o.ruri };
	int err;

	if (!c->port->ops->contact_host(
		    c->port, t->key.listener, ours, sizeof(ours)))
		ours[0] = '\0';
	caller = conf_peer_caller(c->conf, p);
	if (caller.localhost != NULL)
		from = mem_printf("<sip:%s>", caller.localhost);
	else
		from = mem_printf(
			"<sip:%s>", ours[0] != '\0' ? ours : "lineside");
	if (caller.contact) /* as peers that go by names want it */
		o.contact_host = slice_str(caller.localhost);
	hdrs_init(&h);
	hdrs_add_str(&h, "Accept", "application/sdp");
	o.ruri = slice_str(uri);
	o.from = slice_str(from);
	o.to = slice_str(to);
	if (p != NULL && conf_peer_profile(c->conf, p, false) != NULL)
		profile_apply(conf_peer_profile(c->conf, p, false), &pm);
	free(pm.new_body); /* there is no body to change */
	o.nhdrs = h.n;
	o.hdr = h.v;
	err = c->port->ops->request(c->port, &route, &o, on_answer, t);
	hdrs_free(&h);
	free(from);
	free(to);
	free(uri);
	return err;
}

static void on_timer(void *arg)
{
	struct target *t = arg;

	if (t->pending) /* the timer was for a change of the intervals */
		return;
	metric_inc(M_SIP_KEEPALIVE_SENT);
	t->sent++;
	t->pending = true;
	obj_ref(t); /* the question's */
	if (send_options(t) == 0)
		return;
	t->pending = false;
	judge(t, 503, true);
	obj_unref(t);
}

/* ---- which ---- */

static void want(struct keepalives *k, const struct conf_dial_peer *p,
	const struct conf_host *to, const struct conf_keepalive *set)
{
	struct key key;
	struct target *t;

	if (!key_of(&key, k->core->conf, p, to))
		return;
	t = find(k, &key);
	if (t == NULL) {
		t = obj_new(sizeof(*t), target_free);
		t->owner = k;
		t->key = key;
		t->key.listener = keep(t, 0, key.listener);
		t->key.host = keep(t, 1, key.host);
		t->key.trustpoint = keep(t, 2, key.trustpoint);
		t->key.peer_name = keep(t, 3, key.peer_name);
		t->key.proxy = keep(t, 4, key.proxy);
		t->since_ms = now(k);
		t->next = k->targets;
		k->targets = t;
		ask_in(t, 1 + random_u32() % FIRST_MS);
	}
	if (!t->wanted) {
		t->set = *set;
		t->peer = p->tag;
	}
	t->wanted = true;
	t->set.up = set->up < t->set.up ? set->up : t->set.up;
	t->set.down = set->down < t->set.down ? set->down : t->set.down;
	t->set.retry = set->retry < t->set.retry ? set->retry : t->set.retry;
}

/* Nobody wants it any more; what is under way ends by itself. */
static void drop(struct target **at)
{
	struct target *t = *at;
	struct sip_port *port = t->owner->core->port;

	*at = t->next;
	port->ops->timer_stop(port, &t->timer);
	t->owner = NULL;
	obj_unref(t);
}

void keepalives_configure(struct keepalives *k)
{
	const struct conf *c = k->core->conf;
	struct conf_host host[ROUTE_HOSTS_MAX];
	struct target **at = &k->targets;

	for (struct target *t = k->targets; t != NULL; t = t->next)
		t->wanted = false;
	for (const struct conf_dial_peer *p = c->dial_peers; p != NULL;
		p = p->next) {
		const struct conf_keepalive *set = conf_peer_keepalive(p);
		struct conf_dial_peer as;
		size_t n = route_keepalive_hosts(c, p, &as, host);

		for (size_t i = 0; i < n; i++)
			want(k, &as, &host[i], set);
	}
	while (*at != NULL)
		if (!(*at)->wanted)
			drop(at);
		else
			at = &(*at)->next;
}

struct keepalives *keepalives_new(struct core *core)
{
	struct keepalives *k = mem_new(sizeof(*k));

	k->core = core;
	keepalives_configure(k);
	return k;
}

void keepalives_free(struct keepalives *k)
{
	while (k->targets != NULL)
		drop(&k->targets);
	free(k);
}

bool keepalive_down(const struct keepalives *k, const struct conf *conf,
	const struct conf_dial_peer *p, const struct conf_host *to)
{
	const struct target *t;
	struct key key;

	if (conf_peer_keepalive(p) == NULL || !key_of(&key, conf, p, to))
		return false;
	t = find(k, &key);
	return t != NULL && t->busied_out;
}

size_t keepalives_down(const struct keepalives *k)
{
	size_t n = 0;

	for (const struct target *t = k->targets; t != NULL; t = t->next)
		n += t->busied_out;
	return n;
}

struct keepalive_info *keepalives_list(const struct keepalives *k, size_t *n)
{
	struct keepalive_info *v;
	size_t i = 0;

	for (const struct target *t = k->targets; t != NULL; t = t->next)
		i++;
	*n = i;
	v = mem_array(i + 1, sizeof(*v));
	for (const struct target *t = k->targets; t != NULL; t = t->next) {
		struct keepalive_info *o = &v[--i]; /* oldest first */

		*o = (struct keepalive_info){ .port = t->key.port,
			.proxy_port = t->key.proxy_port,
			.transport = t->key.transport,
			.up = t->set.up,
			.down = t->set.down,
			.retry = t->set.retry,
			.asked = t->asked,
			.busied_out = t->busied_out,
			.failures = t->failures,
			.status = t->status,
			.state_s = (now(k) - t->since_ms) / 1000,
			.sent = t->sent,
			.failed = t->failed,
			.busyouts = t->busyouts };
		slice_fit(slice_str(t->key.host), o->host, sizeof(o->host));
		if (t->key.proxy != NULL)
			slice_fit(slice_str(t->key.proxy), o->proxy,
				sizeof(o->proxy));
		slice_fit(slice_str(t->key.listener), o->listener,
			sizeof(o->listener));
	}
	return v;
}
