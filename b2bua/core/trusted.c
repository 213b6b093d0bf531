/* See trusted.h. */
#include "b2bua/core/trusted.h"

#include <stdlib.h>
#include <string.h>

#include "b2bua/core/core_int.h"
#include "b2bua/route/route.h"
#include "b2bua/sip/cause.h"
#include "base/metric.h"
#include "base/obj.h"

enum {
	BUCKETS = 1024,
	AGAIN_MS = 10000, /* names: answers are kept as long as DNS says */
};

/* A name that a target or registrar has. Counted: a lookup holds it. */
struct name {
	struct name *next;
	struct trusted *owner; /* NULL: nobody wants it any more */
	char *host;
	uint16_t port;
	enum conf_transport transport;
	int family;
	bool wanted, pending;
	size_t n;
	struct addr addr[SIP_RESOLVED_MAX]; /* as they were last known */
};

struct known { /* an address that is heard */
	struct known *next;
	struct addr addr;
};

struct trusted {
	struct core *core;
	struct name *names; /* referenced */
	struct known *known[BUCKETS];
	struct sip_timer *timer; /* while there are names */
};

/* As requests to it would be looked up. */
static int family_of(const struct conf *c, const struct route_target *t)
{
	const struct conf_listener *l =
		t->peer != NULL ? route_listener(c, t->peer, NULL)
				: route_first(c, CONF_CORE, t->transport, NULL);

	return l != NULL ? l->addr.sa.sa_family : AF_INET;
}

/* ---- addresses ---- */

static void learn(struct trusted *t, const struct addr *a)
{
	struct known **head = &t->known[addr_hash(a, false) % BUCKETS], *k;

	for (k = *head; k != NULL; k = k->next)
		if (addr_same_host(&k->addr, a))
			return;
	k = mem_new(sizeof(*k));
	k->addr = *a;
	k->next = *head;
	*head = k;
}

static bool is_known(const struct trusted *t, const struct addr *a)
{
	const struct known *k = t->known[addr_hash(a, false) % BUCKETS];

	while (k != NULL && !addr_same_host(&k->addr, a))
		k = k->next;
	return k != NULL;
}

static void forget_all(struct trusted *t)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		while (t->known[i] != NULL) {
			struct known *k = t->known[i];

			t->known[i] = k->next;
			free(k);
		}
	}
}

static void learn_target(void *arg, const struct route_target *x)
{
	if (route_target_in_service(x) && addr_is_set(&x->to.addr))
		learn(arg, &x->to.addr);
}

static void learn_all(struct trusted *t)
{
	forget_all(t);
	route_targets(t->core->conf, learn_target, t);
	for (const struct name *n = t->names; n != NULL; n = n->next)
		for (size_t i = 0; i < n->n; i++)
			learn(t, &n->addr[i]);
}

/* ---- names ---- */

static void name_free(void *p)
{
	struct name *n = p;

	free(n->host);
}

static struct name *name_of(
	const struct trusted *t, const struct route_target *x)
{
	int family = family_of(t->core->conf, x);
	struct name *n = t->names;

	while (n != NULL &&
		(n->port != x->to.port || n->transport != x->transport ||
			n->family != family ||
			strcmp(n->host, x->to.host) != 0))
		n = n->next;
	return n;
}

/* What is known stays until there is something newer. */
static void on_resolved(void *arg, const struct addr *v, size_t n)
{
	struct name *x = arg;
	bool news = n > 0 && n != x->n;

	x->pending = false;
	for (size_t i = 0; i < n && !news; i++)
		news = !addr_same_host(&x->addr[i], &v[i]);
	if (x->owner != NULL && news) {
		need(n <= SIP_RESOLVED_MAX);
		x->n = n;
		memcpy(x->addr, v, n * sizeof(*v));
		learn_all(x->owner);
	}
	obj_unref(x);
}

static void look_up(struct trusted *t)
{
	struct sip_port *port = t->core->port;

	for (struct name *n = t->names; n != NULL; n = n->next) {
		const struct sip_name want = { .host = n->host,
			.port = n->port,
			.transport = n->transport,
			.family = n->family };

		if (n->pending)
			continue;
		n->pending = true;
		obj_ref(n); /* the lookup's */
		port->ops->resolve(port, &want, on_resolved, n);
	}
}

static void on_timer(void *arg)
{
	struct trusted *t = arg;
	struct sip_port *port = t->core->port;

	look_up(t);
	port->ops->timer_start(port, &t->timer, AGAIN_MS, on_timer, t);
}

static void want_name(void *arg, const struct route_target *x)
{
	struct trusted *t = arg;
	struct name *n;

	if (addr_is_set(&x->to.addr) || !route_target_in_service(x))
		return;
	n = name_of(t, x);
	if (n == NULL) {
		n = obj_new(sizeof(*n), name_free);
		n->owner = t;
		n->host = mem_dup(x->to.host);
		n->port = x->to.port;
		n->transport = x->transport;
		n->family = family_of(t->core->conf, x);
		n->next = t->names;
		t->names = n;
	}
	n->wanted = true;
}

static void drop_name(struct name **at)
{
	struct name *n = *at;

	*at = n->next;
	n->owner = NULL;
	obj_unref(n);
}

void trusted_configure(struct trusted *t)
{
	struct sip_port *port = t->core->port;
	struct name **at = &t->names;

	for (struct name *n = t->names; n != NULL; n = n->next)
		n->wanted = false;
	if (t->core->conf->voip.trusted.on)
		route_targets(t->core->conf, want_name, t);
	while (*at != NULL)
		if ((*at)->wanted)
			at = &(*at)->next;
		else
			drop_name(at);
	learn_all(t);
	port->ops->timer_stop(port, &t->timer);
	if (t->names != NULL)
		on_timer(t);
}

struct trusted *trusted_new(struct core *c)
{
	struct trusted *t = mem_new(sizeof(*t));

	t->core = c;
	trusted_configure(t);
	return t;
}

void trusted_free(struct trusted *t)
{
	t->core->port->ops->timer_stop(t->core->port, &t->timer);
	while (t->names != NULL)
		drop_name(&t->names);
	forget_all(t);
	free(t);
}

/* ---- requests ---- */

enum trusted_by trusted_ask(
	const struct trusted *t, const struct sip_source *src)
{
	const struct conf *c = t->core->conf;

	if (src->side != CONF_CORE)
		return TRUSTED_ACCESS;
	if (!c->voip.trusted.on)
		return TRUSTED_OFF;
	if (is_known(t, &src->addr))
		return TRUSTED_TARGET;
	if (conf_trusted_net(c, &src->addr) != NULL)
		return TRUSTED_LIST;
	if (src->identity->named ||
		(c->voip.trusted.by_certificate && src->identity->certified))
		return TRUSTED_CERTIFICATE;
	return TRUSTED_NOT;
}

static void tell(const struct sip_source *src, struct slice method)
{
	metric_inc(M_SEC_UNTRUSTED);
	log_event(MSG_SEC_UNTRUSTED, NULL, L_SLICE("method", method),
		L_ADDR("peer", &src->addr), L_STR("listener", src->listener),
		L_STR("certificate", src->identity->certified
					     ? src->identity->subject
					     : "no certificate"));
}

bool trusted_hears(
	struct trusted *t, const struct sip_source *src, struct slice method)
{
	if (!t->core->conf->voip.trusted.silent ||
		trusted_ask(t, src) != TRUSTED_NOT)
		return true;
	tell(src, method);
	return false;
}

bool trusted_refuses(struct trusted *t, struct sip_txn *txn,
	const struct sip_source *src, struct slice method)
{
	unsigned q850 = t->core->conf->voip.trusted.cause;
	struct fail why = fail_of(REFUSE_UNTRUSTED);

	if (trusted_ask(t, src) != TRUSTED_NOT)
		return false;
	tell(src, method);
	why.q850 = q850;
	why.status = cause_of_q850(q850);
	core_refuse_for(t->core, txn, &why);
	return true;
}

/* ---- show ---- */

struct rows {
	const struct trusted *t;
	size_t n;
	struct trusted_info *v; /* NULL: they are being counted */
};

static void add_row(
	struct rows *r, const struct route_target *x, const struct addr *a)
{
	struct trusted_info *i = r->v != NULL ? &r->v[r->n] : NULL;

	r->n++;
	if (i == NULL)
		return;
	i->peer = x->peer != NULL ? x->peer->tag : 0;
	i->shutdown = !route_target_in_service(x);
	i->addr = *a;
	slice_fit(slice_str(x->to.host), i->host, sizeof(i->host));
}

static void add_rows(void *arg, const struct route_target *x)
{
	struct rows *r = arg;
	const struct name *n = NULL;

	if (!addr_is_set(&x->to.addr))
		n = name_of(r->t, x);
	for (size_t i = 0; n != NULL && i < n->n; i++)
		add_row(r, x, &n->addr[i]);
	if (n == NULL || n->n == 0)
		add_row(r, x, &x->to.addr);
}

struct trusted_info *trusted_list(const struct trusted *t, size_t *n)
{
	struct rows r = { .t = t };

	route_targets(t->core->conf, add_rows, &r);
	r.v = mem_array(r.n + 1, sizeof(*r.v));
	r.n = 0;
	route_targets(t->core->conf, add_rows, &r);
	*n = r.n;
	return r.v;
}

/* ---- the call manager ---- */

static bool same_host(const struct addr *a, const struct addr *b)
{
	return addr_is_set(a) && addr_is_set(b) && addr_same_host(a, b);
}

bool trusted_call_manager(
	const struct trusted *t, unsigned peer, const struct addr *a)
{
	const struct conf *c = t->core->conf;
	bool is = false, is_beside = false, there = false;
	struct trusted_info *v;
	size_t n;

	if (c->ua.registrar != CONF_REG_HOST)
		return false;
	v = trusted_list(t, &n);
	for (size_t i = 0; i < n; i++) {
		there |= v[i].peer == peer && same_host(&v[i].addr, a);
		if (v[i].peer != 0 ||
			strcasecmp(v[i].host, c->ua.registrar_host) != 0)
			continue;
		is |= same_host(&v[i].addr, a);
		for (size_t k = 0; k < n; k++)
			is_beside |=
				v[k].peer == peer &&
				(same_host(&v[k].addr, &v[i].addr) ||
					strcasecmp(v[k].host, v[i].host) == 0);
	}
	free(v);
	return is || (there && is_beside);
}
