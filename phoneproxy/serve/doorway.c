/* Accepting. When descriptors run out, it waits instead of spinning. */
#include "phoneproxy/serve/doorway.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/metric.h"
#include "base/obj.h"

enum {
	BACKLOG = 256,
	AT_ONCE = 64, /* connections accepted before others have their turn */
	REST_MS = 1000, /* when there are no descriptors */
};

struct doorway {
	struct loop *loop;
	int fd;
	struct event *readable;
	struct loop_timer *rest;
	struct gate *gate;
	doorway_fn *fn;
	void *arg;
	uint64_t accepted, refused[GATE_VERDICTS];
};

int doorway_bind(const struct addr *at, int *out)
{
	int on = 1;
	int fd = socket(at->sa.sa_family,
		SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err = 0;

	*out = -1;
	if (fd < 0)
		return errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		(at->sa.sa_family == AF_INET6 &&
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
				sizeof(on)) != 0) ||
		bind(fd, &at->sa, addr_len(at)) != 0 ||
		listen(fd, BACKLOG) != 0)
		err = errno;
	if (err != 0)
		(void)close(fd);
	else
		*out = fd;
	return err;
}

/* True when there may be more. */
static bool accept_one(struct doorway *d)
{
	struct addr peer = { 0 };
	socklen_t n = sizeof(peer);
	int fd = accept4(d->fd, &peer.sa, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	enum gate_verdict v;

	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			      errno == ENOMEM)) {
		(void)event_del(d->readable);
		loop_timer_start(d->rest, REST_MS);
		return false;
	}
	if (fd < 0) /* left already, or nobody is there */
		return errno == ECONNABORTED || errno == EINTR;
	v = gate_enter(d->gate, &peer, clock_ms());
	if (v != GATE_OPEN) {
		metric_inc(M_PHONE_CONN_REFUSED);
		d->refused[v]++;
		(void)close(fd);
		return true;
	}
	d->accepted++;
	metric_inc(M_PHONE_CONN);
	d->fn(d->arg, fd, &peer);
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	for (int i = 0; i < AT_ONCE && accept_one(arg); i++)
		;
}

static void on_rested(void *arg)
{
	struct doorway *d = arg;

	need(event_add(d->readable, NULL) == 0);
}

static void listen_on(struct doorway *d, int fd)
{
	d->fd = fd;
	d->readable = event_new(
		loop_base(d->loop), fd, EV_READ | EV_PERSIST, on_readable, d);
	need(d->readable != NULL && event_add(d->readable, NULL) == 0);
}

struct doorway *doorway_new(struct loop *l, int fd, const struct gate_limits *g,
	doorway_fn *fn, void *arg)
{
	struct doorway *d = mem_new(sizeof(*d));

	d->loop = l;
	d->fn = fn;
	d->arg = arg;
	d->gate = gate_new(g);
	d->rest = loop_timer_new(l, on_rested, d);
	listen_on(d, fd);
	return d;
}

void doorway_limits(struct doorway *d, const struct gate_limits *g)
{
	gate_set(d->gate, g);
}

void doorway_move(struct doorway *d, int fd)
{
	loop_timer_stop(d->rest);
	event_free(d->readable);
	(void)close(d->fd);
	listen_on(d, fd);
}

void doorway_free(struct doorway *d)
{
	if (d == NULL)
		return;
	event_free(d->readable);
	loop_timer_free(d->rest);
	(void)close(d->fd);
	gate_free(d->gate);
	free(d);
}

void doorway_left(struct doorway *d, const struct addr *peer)
{
	gate_leave(d->gate, peer);
}

void doorway_count(const struct doorway *d, struct doorway_count *out)
{
	out->open = gate_inside(d->gate);
	out->accepted = d->accepted;
	for (int i = 0; i < GATE_VERDICTS; i++)
		out->refused[i] = d->refused[i];
}
