/*
 * From the name of a next hop to where bytes go: a numeric address, looked up
 * on the helper thread if need be, and for TCP and TLS a connection to it,
 * which all that wait for the same one share.
 */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/nta_int.h"

struct waiter {
	struct waiter *next;
	hop_fn *fn; /* NULL: abandoned */
	void *arg;
};

struct hop { /* on its way */
	struct hop *next, **prev;
	struct nta_port *port;
	struct endpoint *ep;
	char *host, *peer_name;
	uint16_t number;
	struct trustpoint *trustpoint;
	struct waiter *waiters;
	bool over; /* being told: nobody joins any more */
};

struct lookup {
	struct work_job job;
	struct hop *hop;
	char *host;
	int family;
	struct addr addr;
	int err;
};

static void hop_free(struct hop *h)
{
	LIST_OUT(h);
	h->ep->users--;
	free(h->host);
	free(h->peer_name);
	obj_unref(h->trustpoint);
	while (h->waiters != NULL) {
		struct waiter *w = h->waiters;

		h->waiters = w->next;
		free(w);
	}
	free(h);
}

static void hop_done(struct hop *h, int err, const struct hop_target *t)
{
	struct waiter *w;

	h->over = true;
	while ((w = h->waiters) != NULL) {
		h->waiters = w->next;
		if (w->fn != NULL)
			w->fn(w->arg, err, t);
		free(w);
	}
	hop_free(h);
}

static void on_connected(void *arg, int err, struct conn *c)
{
	struct hop_target t = { .conn = c };
	struct hop *h = arg;

	if (err == 0)
		t.addr = conn_flow(c)->peer;
	hop_done(h, err, &t);
}

static void hop_connect(struct hop *h, const struct addr *addr)
{
	struct hop_target t = { .addr = *addr };
	struct stream_connect sc = {
		.peer = *addr,
		.trustpoint = h->trustpoint,
		.done = on_connected,
		.arg = h,
	};

	if (h->ep->stream == NULL) {
		hop_done(h, 0, &t);
		return;
	}
	if (h->ep->transport == CONF_TLS) {
		sc.server_name = h->host;
		sc.expected_name =
			h->peer_name != NULL ? h->peer_name : h->host;
	}
	t.conn = stream_find(h->ep->stream, &sc);
	if (t.conn != NULL)
		hop_done(h, 0, &t);
	else
		stream_connect(h->ep->stream, &sc);
}

/* Helper thread. */
static void lookup_run(struct work_job *job)
{
	struct lookup *l = (struct lookup *)(void *)job;
	struct addrinfo hints = { .ai_family = l->family,
		.ai_socktype = SOCK_STREAM },
			*res = NULL;
	int r = getaddrinfo(l->host, NULL, &hints, &res);

	l->err = r == 0 && res != NULL ? 0 : EHOSTUNREACH;
	if (l->err == 0)
		l->addr = addr_from_sockaddr(res->ai_addr);
	if (res != NULL)
		freeaddrinfo(res);
}

static void lookup_done(struct work_job *job)
{
	struct lookup *l = (struct lookup *)(void *)job;
	struct hop *h = l->hop;

	if (l->err == 0) {
		addr_set_port(&l->addr, h->number);
		hop_connect(h, &l->addr);
	} else {
		hop_done(h, l->err, NULL);
	}
	free(l->host);
	free(l);
}

static void hop_look_up(struct hop *h)
{
	struct lookup *l = mem_new(sizeof(*l));

	_Static_assert(offsetof(struct lookup, job) == 0, "job first");
	l->job.run = lookup_run;
	l->job.done = lookup_done;
	l->job.reply = stack_queue(h->port->stack);
	l->hop = h;
	l->host = mem_dup(h->host);
	l->family = h->ep->addr.sa.sa_family;
	if (work_submit(h->port->work, &l->job) != 0) {
		free(l->host);
		free(l);
		hop_done(h, EAGAIN, NULL);
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static struct hop *hop_find(const struct hop_want *w)
{
	for (struct hop *h = w->ep->port->hops; h != NULL; h = h->next)
		if (!h->over && h->ep == w->ep && h->number == w->port &&
			h->trustpoint == w->trustpoint &&
			same_text(h->host, w->host) &&
			same_text(h->peer_name, w->peer_name))
			return h;
	return NULL;
}

static void wait_for(struct hop *h, hop_fn *fn, void *arg)
{
	struct waiter *w = mem_new(sizeof(*w)), **end = &h->waiters;

	w->fn = fn;
	w->arg = arg;
	while (*end != NULL)
		end = &(*end)->next;
	*end = w;
}

void hop_get(const struct hop_want *w, hop_fn *fn, void *arg)
{
	struct nta_port *p = w->ep->port;
	struct hop *h = hop_find(w);
	struct addr addr;

	if (h != NULL) {
		wait_for(h, fn, arg);
		return;
	}
	h = mem_new(sizeof(*h));
	h->port = p;
	h->ep = w->ep;
	h->ep->users++;
	h->host = mem_dup(w->host);
	h->peer_name = mem_dup(w->peer_name);
	h->number = w->port;
	h->trustpoint = obj_ref(w->trustpoint);
	LIST_IN(p->hops, h);
	wait_for(h, fn, arg);
	if (addr_parse(&addr, slice_str(w->host), w->port) == 0)
		hop_connect(h, &addr);
	else
		hop_look_up(h);
}

void hop_abandon(struct nta_port *p, void *arg)
{
	for (struct hop *h = p->hops; h != NULL; h = h->next)
		for (struct waiter *w = h->waiters; w != NULL; w = w->next)
			if (w->arg == arg)
				w->fn = NULL;
}

/* The helper has ended and the streams gave up: nobody will call back. */
void hop_free_all(struct nta_port *p)
{
	while (p->hops != NULL)
		/* hop_free() takes it out of the list, through its prev */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		hop_free(p->hops);
}
