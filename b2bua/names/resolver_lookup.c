/*
 * One lookup (RFC 3263 4.1, 4.2): NAPTR of the name, which says where the SRV
 * records of our transport are; those; the addresses of their targets, side by
 * side. A name with a port has addresses only. A step that brings nothing leads
 * to the next; the name's own addresses are the last.
 *
 * A lookup lives until every question it asked was answered; what comes after
 * its end changes nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "b2bua/names/resolver_int.h"
#include "base/metric.h"
#include "base/obj.h"

struct lookup {
	struct lookup *next, **prev; /* of the resolver */
	struct resolver *r;
	struct resolver_entry *entry; /* NULL: it has ended */
	unsigned pending; /* questions */
	bool silent; /* one of them had no answer */
	bool from_conf;
	const char *from;
	uint64_t began_ms;
	uint32_t ttl;
	struct dns_targets *targets; /* being made */
};

struct question {
	struct lookup *l;
	char name[DNS_NAME];
	enum dns_type type;
	unsigned aliases; /* followed */
	uint16_t priority, weight, port; /* of the SRV record; 0 */
};

static void ask(struct lookup *l, const struct question *q);
static void addresses(struct lookup *l, const char *name, uint16_t port,
	uint16_t priority, uint16_t weight);

static uint16_t default_port(const struct resolver_entry *e)
{
	return e->transport == CONF_TLS ? 5061 : 5060;
}

/* ---- its end ---- */

static void lookup_free(struct lookup *l)
{
	*l->prev = l->next;
	if (l->next != NULL)
		l->next->prev = l->prev;
	obj_unref(l->targets);
	free(l);
}

static uint32_t bounded(uint32_t ttl, uint32_t max)
{
	return ttl < RESOLVER_TTL_MIN_S ? RESOLVER_TTL_MIN_S
	       : ttl > max		? max
					: ttl;
}

static void finish(struct lookup *l)
{
	struct resolver_entry *e = l->entry;
	struct dns_targets *t = NULL;
	uint32_t ttl;
	int err = 0;

	l->entry = NULL;
	if (l->targets->n > 0) {
		t = l->targets;
		l->targets = NULL;
		ttl = bounded(l->ttl, RESOLVER_TTL_MAX_S);
	} else if (l->silent) {
		err = ETIMEDOUT;
		ttl = RESOLVER_SILENT_S;
	} else {
		err = EHOSTUNREACH;
		ttl = bounded(l->ttl, RESOLVER_NOTHING_MAX_S);
	}
	e->from_conf = l->from_conf && t != NULL;
	resolver_done(l->r, e, err, t, ttl, l->from);
}

static void settle(struct lookup *l)
{
	if (l->pending > 0)
		return;
	if (l->entry != NULL)
		finish(l);
	lookup_free(l);
}

void resolver_hurry(struct resolver *r, uint64_t now)
{
	struct lookup *l, *next;

	for (l = r->lookups; l != NULL; l = next) {
		next = l->next;
		if (l->entry == NULL || now < l->began_ms + RESOLVER_BUDGET_MS)
			continue;
		l->silent = true;
		finish(l);
	}
}

/* ---- addresses ---- */

static void add_target(struct lookup *l, const struct addr *a, uint16_t port,
	uint16_t priority, uint16_t weight)
{
	struct dns_targets *t = l->targets;
	struct addr with = *a;

	addr_set_port(&with, port);
	for (size_t i = 0; i < t->n; i++)
		if (addr_equal(&t->v[i].addr, &with))
			return;
	if (t->n == RESOLVER_TARGETS_MAX) {
		metric_inc(M_DNS_RECORDS_DROPPED);
		return;
	}
	t->v[t->n++] = (struct dns_target){
		.addr = with, .priority = priority, .weight = weight
	};
}

static const struct conf_host_name *configured(
	const struct resolver *r, const char *name)
{
	const struct conf_host_name *h =
		r->conf != NULL ? r->conf->host_names : NULL;

	while (h != NULL && strcasecmp(h->name, name) != 0)
		h = h->next;
	return h;
}

/* Numeric, of the configuration, or of /etc/hosts; false: ask. */
static bool known(struct lookup *l, const struct question *q)
{
	struct addr v[RESOLVER_PER_HOST];
	const struct conf_host_name *h = configured(l->r, q->name);
	int family = l->entry->family;
	size_t n = 0;

	if (addr_parse(&v[0], slice_str(q->name), 0) == 0) {
		n = 1;
	} else if (h != NULL && h->naddrs > 0) {
		for (; n < h->naddrs && n < RESOLVER_PER_HOST; n++)
			v[n] = h->addr[n];
		l->from = "configured";
	} else {
		n = l->r->io.file(
			l->r->io_arg, q->name, family, v, RESOLVER_PER_HOST);
		if (n > 0) {
			l->from = "file";
			l->from_conf = false;
			l->ttl = l->ttl > 60 ? 60 : l->ttl; /* it may change */
		}
	}
	for (size_t i = 0; i < n; i++)
		if (v[i].sa.sa_family == family)
			add_target(l, &v[i], q->port, q->priority, q->weight);
	return n > 0;
}

static void addresses(struct lookup *l, const char *name, uint16_t port,
	uint16_t priority, uint16_t weight)
{
	struct question q = { .l = l,
		.type = l->entry->family == AF_INET6 ? DNS_AAAA : DNS_A,
		.priority = priority,
		.weight = weight,
		.port = port };

	if (slice_copy(slice_str(name), q.name, sizeof(q.name)) &&
		!known(l, &q))
		ask(l, &q);
}

static void own_addresses(struct lookup *l)
{
	const struct resolver_entry *e = l->entry;

	addresses(l, e->name, e->port != 0 ? e->port : default_port(e), 0, 0);
}

static void got_addresses(
	const struct question *q, const struct dns_reply *reply)
{
	size_t n = reply->n < RESOLVER_PER_HOST ? reply->n : RESOLVER_PER_HOST;

	if (reply->n > n)
		metric_add(M_DNS_RECORDS_DROPPED, reply->n - n);
	for (size_t i = 0; i < n; i++)
		add_target(q->l, &reply->v[i].addr, q->port, q->priority,
			q->weight);
}

/* ---- SRV ---- */

struct srv {
	uint16_t priority, weight, port;
	const char *target;
};

/* By priority, so that those beyond the bound are the last to be missed. */
static size_t srv_sort(
	const struct dns_reply *reply, struct srv out[DNS_RECORDS_MAX])
{
	for (size_t i = 0; i < reply->n; i++) {
		const struct dns_record *v = &reply->v[i];
		size_t at = i;

		for (; at > 0 && out[at - 1].priority > v->priority; at--)
			out[at] = out[at - 1];
		out[at] = (struct srv){ v->priority, v->weight, v->port,
			v->name };
	}
	return reply->n;
}

static void got_srv(const struct question *q, const struct dns_reply *reply)
{
	struct srv v[DNS_RECORDS_MAX];
	size_t n = srv_sort(reply, v);

	if (n > RESOLVER_SRVS_MAX) {
		metric_add(M_DNS_RECORDS_DROPPED, n - RESOLVER_SRVS_MAX);
		n = RESOLVER_SRVS_MAX;
	}
	for (size_t i = 0; i < n; i++)
		if (v[i].target[0] != '\0' && v[i].port != 0)
			addresses(q->l, v[i].target, v[i].port, v[i].priority,
				v[i].weight);
}

static const char *srv_service(enum conf_transport t)
{
	switch (t) {
	case CONF_UDP:
		return "_sip._udp.";
	case CONF_TCP:
		return "_sip._tcp.";
	case CONF_TLS:
		return "_sips._tcp.";
	}
	return "";
}

static const char *naptr_service(enum conf_transport t)
{
	switch (t) {
	case CONF_UDP:
		return "SIP+D2U";
	case CONF_TCP:
		return "SIP+D2T";
	case CONF_TLS:
		return "SIPS+D2T";
	}
	return "";
}

static bool srv_name(const struct lookup *l, char out[DNS_NAME])
{
	const char *service = srv_service(l->entry->transport);
	size_t n = strlen(service);

	memcpy(out, service, n);
	return slice_copy(slice_str(l->entry->name), out + n, DNS_NAME - n);
}

static void ask_srv(struct lookup *l, const char *name)
{
	struct question q = { .l = l, .type = DNS_SRV };

	if (slice_copy(slice_str(name), q.name, sizeof(q.name)))
		ask(l, &q);
	else
		own_addresses(l);
}

/* ---- NAPTR ---- */

/* Only records of the transport that is configured count: none of them can
 * move a call from TLS to less. */
static const struct dns_record *choose_naptr(
	const struct lookup *l, const struct dns_reply *reply)
{
	const char *service = naptr_service(l->entry->transport);
	const struct dns_record *best = NULL;

	for (size_t i = 0; i < reply->n; i++) {
		const struct dns_record *v = &reply->v[i];

		if (strcasecmp(v->flags, "s") != 0 || v->name[0] == '\0' ||
			strcasecmp(v->service, service) != 0)
			continue;
		if (best == NULL || v->priority < best->priority ||
			(v->priority == best->priority &&
				v->weight < best->weight))
			best = v;
	}
	return best;
}

static void got_naptr(const struct question *q, const struct dns_reply *reply)
{
	const struct dns_record *v =
		reply != NULL ? choose_naptr(q->l, reply) : NULL;
	char name[DNS_NAME];

	if (v != NULL)
		ask_srv(q->l, v->name);
	else if (srv_name(q->l, name))
		ask_srv(q->l, name);
	else
		own_addresses(q->l);
}

/* ---- questions ---- */

static void shorten(struct lookup *l, uint32_t ttl)
{
	if (ttl < l->ttl)
		l->ttl = ttl;
}

static void take(struct question *q, const struct dns_reply *reply)
{
	struct lookup *l = q->l;
	bool found = reply != NULL && reply->found == DNS_FOUND;

	if (reply != NULL && reply->dropped > 0)
		metric_add(M_DNS_RECORDS_DROPPED, reply->dropped);
	if (reply == NULL || reply->found == DNS_REFUSED)
		l->silent = true;
	if (reply != NULL && reply->found == DNS_BAD)
		metric_inc(M_DNS_MALFORMED);
	if (reply != NULL && (found || reply->found == DNS_NOTHING))
		shorten(l, reply->ttl);
	if (reply != NULL && reply->found == DNS_ALIAS &&
		q->aliases < DNS_ALIASES_MAX) {
		q->aliases++;
		memcpy(q->name, reply->name, sizeof(q->name));
		ask(l, q);
		return;
	}
	if (q->type == DNS_NAPTR)
		got_naptr(q, found ? reply : NULL);
	else if (found && q->type == DNS_SRV)
		got_srv(q, reply);
	else if (q->type == DNS_SRV)
		own_addresses(l);
	else if (found)
		got_addresses(q, reply);
}

static void on_reply(void *arg, const struct dns_reply *reply)
{
	struct question *q = arg;
	struct lookup *l = q->l;

	/* what follows may be answered at once: it is not over before */
	if (l->entry != NULL)
		take(q, reply);
	free(q);
	l->pending--;
	settle(l);
}

static void ask(struct lookup *l, const struct question *q)
{
	struct question *copy = mem_new(sizeof(*copy));

	*copy = *q;
	l->pending++;
	l->from = "dns";
	l->from_conf = false;
	metric_inc(M_DNS_QUESTIONS);
	l->r->io.ask(l->r->io_arg, copy->name, copy->type, on_reply, copy);
}

/* "ip host _sip._udp.NAME srv …", as IOS has it. */
static bool configured_srv(struct lookup *l)
{
	const struct conf_host_name *h;
	char name[DNS_NAME];

	if (!srv_name(l, name))
		return false;
	h = configured(l->r, name);
	if (h == NULL || h->nsrvs == 0)
		return false;
	for (size_t i = 0; i < h->nsrvs; i++)
		addresses(l, h->srv[i].target, h->srv[i].port,
			h->srv[i].priority, h->srv[i].weight);
	return true;
}

void resolver_look_up(struct resolver *r, struct resolver_entry *e)
{
	struct lookup *l = mem_new(sizeof(*l));
	const struct conf_host_name *h = configured(r, e->name);
	struct question q = { .l = l, .type = DNS_NAPTR };

	l->r = r;
	l->entry = e;
	l->from = "configured";
	l->from_conf = true;
	l->began_ms = resolver_now(r);
	l->ttl = UINT32_MAX;
	l->targets = obj_new(sizeof(*l->targets), NULL);
	l->next = r->lookups;
	l->prev = &r->lookups;
	if (l->next != NULL)
		l->next->prev = &l->next;
	r->lookups = l;
	e->lookup = l;
	l->pending++; /* ours, until all is begun */
	if (e->port != 0 || (h != NULL && h->naddrs > 0))
		own_addresses(l);
	else if (!configured_srv(l) &&
		 slice_copy(slice_str(e->name), q.name, sizeof(q.name)))
		ask(l, &q);
	l->pending--;
	settle(l);
}
