/*
 * From the name of a next hop to where bytes go: its addresses in the order to
 * try them (RFC 3263), those that failed lately last; for TCP and TLS a
 * connection to the first that takes one, which all that wait for the same one
 * share. What happens to a request after it was sent is nta_again.c's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/sofia/nta_int.h"
#include "base/metric.h"
#include "base/secret.h"

struct dial { /* a connection on its way */
	struct dial *next, **prev;
	struct endpoint *ep;
	struct addr addr;
	char *host, *peer_name;
	struct trustpoint *trustpoint;
	struct hop *waiting;
	bool over; /* being told: nobody joins any more */
};

struct hop { /* one request's search */
	struct hop *next, **prev;
	struct hop *next_waiting; /* of the same dial */
	struct nta_port *port;
	struct endpoint *ep;
	char *host, *peer_name;
	uint16_t number;
	uint32_t seed;
	struct trustpoint *trustpoint;
	bool by_address, reuse; /* see sip_route */
	hop_fn *fn; /* NULL: abandoned */
	void *arg;
	struct dns_targets *targets; /* NULL: numeric */
	size_t order[RESOLVER_TARGETS_MAX];
	struct addr now; /* being tried */
	unsigned left; /* others that were not */
	struct addr tried[HOP_TRIES_MAX];
	size_t ntried;
};

static void hop_free(struct hop *h)
{
	LIST_OUT(h);
	h->ep->users--;
	free(h->host);
	free(h->peer_name);
	obj_unref(h->trustpoint);
	obj_unref(h->targets);
	free(h);
}

static void hop_done(struct hop *h, int err, struct conn *c)
{
	struct hop_target t = { .addr = h->now, .conn = c, .left = h->left };
	hop_fn *fn = h->fn;
	void *arg = h->arg;

	hop_free(h);
	if (fn != NULL)
		fn(arg, err, err == 0 ? &t : NULL);
}

/* ---- which address ---- */

static bool was_tried(const struct hop *h, const struct addr *a)
{
	for (size_t i = 0; i < h->ntried; i++)
		if (addr_equal(&h->tried[i], a))
			return true;
	return false;
}

/* Where the name's last registration was granted; NULL: it does not count. */
static const struct addr *stays(const struct hop *h, uint64_t now)
{
	const struct stay_key k = { .host = h->host,
		.port = h->number,
		.transport = h->ep->transport,
		.family = h->ep->addr.sa.sa_family };
	const struct addr *a = h->reuse ? stays_at(&h->port->stays, &k) : NULL;

	for (size_t i = 0; a != NULL && i < h->targets->n; i++)
		if (addr_equal(a, &h->targets->v[i].addr) && !was_tried(h, a) &&
			!failed_avoid(
				&h->port->failed, h->ep->transport, a, now))
			return a;
	return NULL;
}

/* Sets `now` and `left`; false: none is left. */
static bool choose(struct hop *h)
{
	struct nta_port *p = h->port;
	const struct dns_targets *t = h->targets;
	uint64_t now = nta_now_ms(&p->pub);
	const struct addr *best = NULL, *worse = NULL;
	unsigned n = 0;

	if (h->ntried == HOP_TRIES_MAX)
		return false;
	if (t == NULL) { /* numeric: `now` is it */
		h->left = 0;
		return h->ntried == 0;
	}
	best = stays(h, now);
	for (size_t i = 0; i < t->n; i++) {
		const struct addr *a = &t->v[h->order[i]].addr;

		if (was_tried(h, a))
			continue;
		n++;
		if (worse == NULL)
			worse = a;
		if (best == NULL &&
			!failed_avoid(&p->failed, h->ep->transport, a, now))
			best = a;
	}
	if (n == 0)
		return false;
	h->now = best != NULL ? *best : *worse;
	h->left = h->ntried + 1 < HOP_TRIES_MAX ? n - 1 : 0;
	return true;
}

void nta_address_failed(struct nta_port *p, enum conf_transport transport,
	const struct addr *a, const char *host, const char *why)
{
	metric_inc(M_SIP_ADDRESS_FAILED);
	if (failed_add(&p->failed, transport, a, nta_now_ms(&p->pub),
		    random_u32())) {
		failed_changed(&p->failed, host);
		log_event(MSG_SIP_ADDRESS_FAILED, NULL, L_STR("name", host),
			L_ADDR("address", a), L_STR("reason", why));
	}
}

void nta_address_good(struct nta_port *p, enum conf_transport transport,
	const struct addr *a, const char *host)
{
	if (p->failed.n > 0 && failed_clear(&p->failed, transport, a)) {
		failed_changed(&p->failed, host);
		log_event(MSG_SIP_ADDRESS_BACK, NULL, L_STR("name", host),
			L_ADDR("address", a));
	}
}

/* ---- connections ---- */

static void hop_try(struct hop *h);

static void dial_free(struct dial *d)
{
	LIST_OUT(d);
	d->ep->users--;
	free(d->host);
	free(d->peer_name);
	obj_unref(d->trustpoint);
	free(d);
}

static void on_connected(void *arg, int err, struct conn *c)
{
	struct dial *d = arg;
	struct hop *h;

	d->over = true;
	while ((h = d->waiting) != NULL) {
		d->waiting = h->next_waiting;
		h->next_waiting = NULL;
		if (err == 0) {
			h->now = conn_flow(c)->peer;
			hop_done(h, 0, c);
			continue;
		}
		if (h->targets != NULL)
			nta_address_failed(h->port, h->ep->transport, &h->now,
				h->host, strerrordesc_np(err));
		h->tried[h->ntried++] = h->now;
		if (h->left > 0 && h->fn != NULL)
			hop_try(h);
		else
			hop_done(h, err, NULL);
	}
	dial_free(d);
}

/* Of the address that is tried, where there is one for it. */
static struct trustpoint *own_of(const struct hop *h)
{
	const struct nta_port *p = h->port;
	struct trustpoint *t = NULL;

	if (h->by_address && h->ep->transport == CONF_TLS && p->user != NULL &&
		p->user->remote_trustpoint != NULL)
		t = p->user->remote_trustpoint(p->user_arg, &h->now);
	return t != NULL ? t : h->trustpoint;
}

static struct dial *dial_find(const struct hop *h, const struct trustpoint *own)
{
	for (struct dial *d = h->port->dials; d != NULL; d = d->next)
		if (!d->over && d->ep == h->ep &&
			addr_equal(&d->addr, &h->now) && d->trustpoint == own &&
			str_same(d->host, h->host) &&
			str_same(d->peer_name, h->peer_name))
			return d;
	return NULL;
}

static struct dial *dial_new(const struct hop *h, struct trustpoint *own)
{
	struct dial *d = mem_new(sizeof(*d));

	d->ep = h->ep;
	d->ep->users++;
	d->addr = h->now;
	d->host = mem_dup(h->host);
	d->peer_name = mem_dup(h->peer_name);
	d->trustpoint = obj_ref(own);
	LIST_IN(h->port->dials, d);
	return d;
}

static void hop_connect(struct hop *h)
{
	struct stream_connect sc = {
		.peer = h->now,
		.trustpoint = own_of(h),
		.ms = h->left > 0 ? HOP_PATIENCE_MS : 0,
		.done = on_connected,
	};
	struct dial *d = dial_find(h, sc.trustpoint);
	struct conn *c;

	if (h->ep->transport == CONF_TLS) {
		/* RFC 5922 4: the name that was configured, whatever it
		 * leads to */
		sc.server_name = h->host;
		sc.expected_name =
			h->peer_name != NULL ? h->peer_name : h->host;
	}
	c = stream_find(h->ep->stream, &sc);
	if (c != NULL) {
		hop_done(h, 0, c);
		return;
	}
	if (d != NULL) {
		h->next_waiting = d->waiting;
		d->waiting = h;
		return;
	}
	d = dial_new(h, sc.trustpoint);
	d->waiting = h;
	sc.arg = d;
	stream_connect(h->ep->stream, &sc);
}

static void hop_try(struct hop *h)
{
	if (!choose(h))
		hop_done(h, EHOSTUNREACH, NULL);
	else if (h->ep->stream == NULL)
		hop_done(h, 0, NULL);
	else
		hop_connect(h);
}

/* ---- names ---- */

static void on_resolved(void *arg, int err, struct dns_targets *t)
{
	struct hop *h = arg;

	if (h->port->closing || h->fn == NULL || err != 0) {
		if (h->port->closing)
			h->fn = NULL;
		hop_done(h, err != 0 ? err : ECANCELED, NULL);
		return;
	}
	h->targets = obj_ref(t);
	dns_targets_order(t, h->seed, h->order);
	hop_try(h);
}

void hop_get(const struct hop_want *w, hop_fn *fn, void *arg)
{
	struct nta_port *p = w->ep->port;
	struct hop *h = mem_new(sizeof(*h));
	struct resolver_want rw = { .name = w->host,
		.transport = w->ep->transport,
		.port = w->port,
		.family = w->ep->addr.sa.sa_family };
	uint16_t port = w->port != 0		       ? w->port
			: w->ep->transport == CONF_TLS ? 5061
						       : 5060;

	h->port = p;
	h->ep = w->ep;
	h->ep->users++;
	h->host = mem_dup(w->host);
	h->peer_name = mem_dup(w->peer_name);
	h->number = w->port;
	h->seed = w->seed;
	h->trustpoint = obj_ref(w->trustpoint);
	h->by_address = w->by_address;
	h->reuse = w->reuse;
	h->fn = fn;
	h->arg = arg;
	need(w->ntried <= HOP_TRIES_MAX);
	for (size_t i = 0; i < w->ntried; i++)
		h->tried[h->ntried++] = w->tried[i];
	LIST_IN(p->hops, h);
	if (addr_parse(&h->now, slice_str(w->host), port) == 0)
		hop_try(h);
	else
		resolver_get(p->resolver, &rw, on_resolved, h);
}

void hop_abandon(struct nta_port *p, void *arg)
{
	for (struct hop *h = p->hops; h != NULL; h = h->next)
		if (h->arg == arg)
			h->fn = NULL;
}

/* The streams and the resolver gave up: nobody will call back. */
void hop_free_all(struct nta_port *p)
{
	while (p->dials != NULL)
		/* dial_free() takes it out of the list, through its prev */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		dial_free(p->dials);
	while (p->hops != NULL)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		hop_free(p->hops);
}
