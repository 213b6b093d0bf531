/*
 * evhttp accepts by itself and tells neither who comes nor who went. What it
 * does ask for is a bufferevent, so the newcomer is looked at right behind
 * that, still before its socket is polled; and a connection is gone when its
 * descriptor is closed or has another peer. That is looked at when its request
 * was answered. All of them are looked through, for those that went without,
 * at most ten times a second, however many come.
 */
#include "phoneproxy/serve/httpdoor.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/obj.h"

enum { SWEEP_MS = 2000, LOOK_THROUGH_MS = 100 };

static const char *const reasons[GATE_VERDICTS] = {
	[GATE_TOTAL] = "too many connections are open",
	[GATE_SOURCE] = "it has too many connections",
	[GATE_RATE] = "it comes too often",
};

struct inside {
	struct inside *next, **prev;
	struct httpdoor *door;
	struct event *check; /* after an answer: is it gone? */
	unsigned checks; /* that are left */
	int fd; /* evhttp's */
	struct addr peer;
	uint64_t until; /* ms */
};

struct newcomer {
	struct newcomer *next, **prev;
	struct httpdoor *door;
	struct bufferevent *bev; /* evhttp's */
	struct event *look;
};

struct httpdoor {
	struct httpdoor_params p;
	struct gate *gate;
	struct loop_timer *sweep;
	struct inside *inside;
	struct inside **by_fd; /* NULL: that descriptor is none of them */
	size_t nfds;
	uint64_t looked; /* through all of them, ms */
	struct newcomer *new;
};

static bool peer_of(int fd, struct addr *out)
{
	socklen_t n = sizeof(*out);

	*out = (struct addr){ 0 };
	return getpeername(fd, &out->sa, &n) == 0;
}

static bool is_there(const struct inside *i)
{
	struct addr now;

	return peer_of(i->fd, &now) && addr_equal(&now, &i->peer);
}

static void leave(struct httpdoor *d, struct inside *i)
{
	*i->prev = i->next;
	if (i->next != NULL)
		i->next->prev = i->prev;
	d->by_fd[i->fd] = NULL;
	gate_leave(d->gate, &i->peer);
	event_free(i->check);
	free(i);
}

static struct inside *find(const struct httpdoor *d, int fd)
{
	return fd >= 0 && (size_t)fd < d->nfds ? d->by_fd[fd] : NULL;
}

/* A descriptor that is accepted again had been closed. */
static void forget(struct httpdoor *d, int fd)
{
	struct inside *i = find(d, fd);

	if (i != NULL)
		leave(d, i);
}

static void forget_gone(struct httpdoor *d)
{
	struct inside *next;

	for (struct inside *i = d->inside; i != NULL; i = next) {
		next = i->next;
		if (!is_there(i))
			leave(d, i);
	}
}

static enum gate_verdict enter(struct httpdoor *d, const struct addr *peer)
{
	uint64_t now = clock_ms();
	enum gate_verdict v = gate_enter(d->gate, peer, now);

	if (v == GATE_OPEN || now - d->looked < LOOK_THROUGH_MS)
		return v;
	d->looked = now;
	forget_gone(d);
	return gate_enter(d->gate, peer, now);
}

/* evhttp tells of the answer first, and closes in the two rounds after. */
static void on_check(evutil_socket_t none, short what, void *arg)
{
	struct inside *i = arg;

	(void)none;
	(void)what;
	if (!is_there(i))
		leave(i->door, i);
	else if (--i->checks > 0)
		event_active(i->check, EV_TIMEOUT, 0);
}

static void remember(struct httpdoor *d, struct inside *i)
{
	size_t n = d->nfds, want = (size_t)i->fd + 1;

	if (want > n) {
		want = want > 2 * n ? want : 2 * n;
		d->by_fd = mem_resize(d->by_fd, want, sizeof(*d->by_fd));
		memset(d->by_fd + n, 0, (want - n) * sizeof(*d->by_fd));
		d->nfds = want;
	}
	d->by_fd[i->fd] = i;
	i->next = d->inside;
	i->prev = &d->inside;
	if (i->next != NULL)
		i->next->prev = &i->next;
	d->inside = i;
}

static void let_in(struct httpdoor *d, int fd, const struct addr *peer)
{
	struct inside *i = mem_new(sizeof(*i));

	i->door = d;
	i->fd = fd;
	i->peer = *peer;
	i->until = clock_ms() + HTTPDOOR_REQUEST_MS;
	i->check = event_new(loop_base(d->p.loop), -1, 0, on_check, i);
	need(i->check != NULL);
	if (d->inside == NULL)
		loop_timer_start(d->sweep, SWEEP_MS);
	remember(d, i);
}

static void turn_away(
	struct httpdoor *d, int fd, const struct addr *peer, const char *reason)
{
	metric_inc(d->p.refused);
	log_event(MSG_SYS_HTTP_REFUSED, NULL, L_ADDR("peer", peer),
		L_STR("server", d->p.server), L_STR("reason", reason));
	(void)shutdown(fd, SHUT_RDWR); /* evhttp reads the end, and closes */
}

/* ---- how long it takes ---- */

static void on_sweep(void *arg)
{
	struct httpdoor *d = arg;
	uint64_t now = clock_ms();
	struct inside *next;

	for (struct inside *i = d->inside; i != NULL; i = next) {
		next = i->next;
		if (i->until > now)
			continue;
		if (is_there(i))
			turn_away(d, i->fd, &i->peer, "it is too slow");
		leave(d, i);
	}
	if (d->inside != NULL)
		loop_timer_start(d->sweep, SWEEP_MS);
}

static struct inside *of_request(struct httpdoor *d, struct evhttp_request *r)
{
	struct evhttp_connection *c = evhttp_request_get_connection(r);

	return find(d, bufferevent_getfd(evhttp_connection_get_bufferevent(c)));
}

static void on_answered(struct evhttp_request *r, void *arg)
{
	struct inside *i = of_request(arg, r);

	if (i == NULL)
		return;
	i->until = clock_ms() + HTTPDOOR_REQUEST_MS;
	i->checks = 2;
	event_active(i->check, EV_TIMEOUT, 0);
}

void httpdoor_asked(struct httpdoor *d, struct evhttp_request *r)
{
	struct inside *i = of_request(d, r);

	if (i != NULL)
		i->until = clock_ms() + HTTPDOOR_ANSWER_MS;
	evhttp_request_set_on_complete_cb(r, on_answered, d);
}

/* ---- who comes ---- */

static void newcomer_free(struct newcomer *n)
{
	*n->prev = n->next;
	if (n->next != NULL)
		n->next->prev = n->prev;
	event_free(n->look);
	free(n);
}

static void on_look(evutil_socket_t none, short what, void *arg)
{
	struct newcomer *n = arg;
	struct httpdoor *d = n->door;
	int fd = bufferevent_getfd(n->bev);
	enum gate_verdict v;
	struct addr peer;

	(void)none;
	(void)what;
	newcomer_free(n);
	forget(d, fd);
	if (!peer_of(fd, &peer))
		return; /* gone already */
	v = enter(d, &peer);
	if (v == GATE_OPEN)
		let_in(d, fd, &peer);
	else
		turn_away(d, fd, &peer, reasons[v]);
}

static struct bufferevent *on_connection(struct event_base *base, void *arg)
{
	struct httpdoor *d = arg;
	struct newcomer *n = mem_new(sizeof(*n));

	n->door = d;
	n->bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	n->look = event_new(base, -1, 0, on_look, n);
	need(n->bev != NULL && n->look != NULL);
	n->next = d->new;
	n->prev = &d->new;
	if (n->next != NULL)
		n->next->prev = &n->next;
	d->new = n;
	event_active(n->look, EV_TIMEOUT, 0); /* in this round of the loop */
	return n->bev;
}

struct httpdoor *httpdoor_new(
	struct evhttp *http, const struct httpdoor_params *p)
{
	struct httpdoor *d = mem_new(sizeof(*d));

	d->p = *p;
	d->gate = gate_new(&p->limits);
	d->sweep = loop_timer_new(p->loop, on_sweep, d);
	evhttp_set_bevcb(http, on_connection, d);
	return d;
}

void httpdoor_free(struct httpdoor *d)
{
	if (d == NULL)
		return;
	while (d->new != NULL)
		newcomer_free(d->new);
	while (d->inside != NULL)
		leave(d, d->inside);
	free(d->by_fd);
	loop_timer_free(d->sweep);
	gate_free(d->gate);
	free(d);
}
