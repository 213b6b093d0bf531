/*
 * evhttp accepts by itself and tells neither who comes nor who went. What it
 * does ask for is a bufferevent, so the newcomer is looked at right behind
 * that, still before its socket is polled; and a connection is gone when its
 * descriptor is closed or has another peer.
 */
#include "phoneproxy/serve/httpdoor.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/obj.h"

enum { SWEEP_MS = 2000 };

static const char *const reasons[GATE_VERDICTS] = {
	[GATE_TOTAL] = "too many connections are open",
	[GATE_SOURCE] = "it has too many connections",
	[GATE_RATE] = "it comes too often",
};

struct inside {
	struct inside *next;
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

static void leave(struct httpdoor *d, struct inside **at)
{
	struct inside *i = *at;

	*at = i->next;
	gate_leave(d->gate, &i->peer);
	free(i);
}

/* A descriptor that is accepted again had been closed. */
static void forget(struct httpdoor *d, int fd)
{
	for (struct inside **at = &d->inside; *at != NULL; at = &(*at)->next)
		if ((*at)->fd == fd) {
			leave(d, at);
			return;
		}
}

static void forget_gone(struct httpdoor *d)
{
	for (struct inside **at = &d->inside; *at != NULL;) {
		if (is_there(*at))
			at = &(*at)->next;
		else
			leave(d, at);
	}
}

static enum gate_verdict enter(struct httpdoor *d, const struct addr *peer)
{
	enum gate_verdict v = gate_enter(d->gate, peer, clock_ms());

	if (v == GATE_OPEN)
		return v;
	forget_gone(d);
	return gate_enter(d->gate, peer, clock_ms());
}

static void let_in(struct httpdoor *d, int fd, const struct addr *peer)
{
	struct inside *i = mem_new(sizeof(*i));

	i->fd = fd;
	i->peer = *peer;
	i->until = clock_ms() + HTTPDOOR_REQUEST_MS;
	i->next = d->inside;
	if (i->next == NULL)
		loop_timer_start(d->sweep, SWEEP_MS);
	d->inside = i;
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

	for (struct inside **at = &d->inside; *at != NULL;) {
		struct inside *i = *at;

		if (i->until > now) {
			at = &i->next;
			continue;
		}
		if (is_there(i))
			turn_away(d, i->fd, &i->peer, "it is too slow");
		leave(d, at);
	}
	if (d->inside != NULL)
		loop_timer_start(d->sweep, SWEEP_MS);
}

static void set_until(struct httpdoor *d, struct evhttp_request *r, uint64_t ms)
{
	struct evhttp_connection *c = evhttp_request_get_connection(r);
	int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(c));
	struct inside *i = d->inside;

	while (i != NULL && i->fd != fd)
		i = i->next;
	if (i != NULL)
		i->until = clock_ms() + ms;
}

static void on_answered(struct evhttp_request *r, void *arg)
{
	set_until(arg, r, HTTPDOOR_REQUEST_MS);
}

void httpdoor_asked(struct httpdoor *d, struct evhttp_request *r)
{
	set_until(d, r, HTTPDOOR_ANSWER_MS);
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
		leave(d, &d->inside);
	loop_timer_free(d->sweep);
	gate_free(d->gate);
	free(d);
}
