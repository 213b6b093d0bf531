/*
 * One connection: two sockets and a buffer for each direction.
 *
 *   accepted ─ first byte ─► dialling ─► joined ─ both ends said ─► gone
 *
 * A direction ends when its sender shuts down: that is passed on and the other
 * direction lives, since a CAPF server's last frame comes with its FIN. Reading
 * stops while the other side does not take what was read.
 */
#include "phoneproxy/capf/relay.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"

enum {
	ROOM = 16384,
	TURNS = 8, /* of one connection before others have theirs */
	PHONE = 0,
	SERVER = 1,
};

struct relay;

struct way { /* from one side to the other */
	size_t at, n; /* what waits in `room` */
	bool ended; /* the sender shut down */
	bool told; /* and the receiver was told */
	uint8_t room[ROOM];
};

struct conn {
	struct relay *relay;
	struct conn *prev, *next;
	struct addr peer, target;
	uint64_t began;
	uint64_t bytes[2]; /* by sender */
	int fd[2];
	struct event *readable[2], *writable[2]; /* [SERVER] once dialled */
	struct way way[2]; /* by sender */
	struct loop_timer *timer;
	bool joined;
};

struct relay {
	struct loop *loop;
	struct relay_params p;
	struct doorway *door;
	struct conn *conns;
	struct relay_count count;
};

static void conn_free(struct conn *c, bool abruptly)
{
	struct linger hard = { .l_onoff = 1 };

	for (int i = 0; i < 2; i++) {
		if (c->readable[i] != NULL)
			event_free(c->readable[i]);
		if (c->writable[i] != NULL)
			event_free(c->writable[i]);
		if (c->fd[i] < 0)
			continue;
		if (abruptly) /* the one who is left learns that it broke */
			(void)setsockopt(c->fd[i], SOL_SOCKET, SO_LINGER, &hard,
				sizeof(hard));
		(void)close(c->fd[i]);
	}
	loop_timer_free(c->timer);
	doorway_left(c->relay->door, &c->peer);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		c->relay->conns = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	free(c);
}

/* `why` NULL: in order. */
static void hang_up(struct conn *c, const char *why)
{
	const struct relay_params *p = &c->relay->p;
	const struct relay_end e = {
		.peer = c->peer,
		.target = c->target,
		.bytes_in = c->bytes[PHONE],
		.bytes_out = c->bytes[SERVER],
		.ms = clock_ms() - c->began,
		.why = why,
	};

	if (p->ended != NULL)
		p->ended(p->arg, &e);
	conn_free(c, why != NULL);
}

static void broken(struct conn *c)
{
	c->relay->count.broken++;
	hang_up(c, "a side broke it off");
}

/* Reads once. False: the connection is over. *more: something came. */
static bool take(struct conn *c, int side, bool *more)
{
	struct way *w = &c->way[side];
	ssize_t n = recv(c->fd[side], w->room, sizeof(w->room), 0);

	*more = n > 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		need(event_add(c->readable[side], NULL) == 0);
		return true;
	}
	if (n < 0) {
		broken(c);
		return false;
	}
	w->at = 0;
	w->n = (size_t)n;
	w->ended = n == 0;
	c->bytes[side] += (uint64_t)n;
	if (side == PHONE)
		c->relay->count.bytes_in += (uint64_t)n;
	else
		c->relay->count.bytes_out += (uint64_t)n;
	return true;
}

/* Writes what waits. *more: all of it went. */
static bool give(struct conn *c, int from, bool *more)
{
	struct way *w = &c->way[from];
	ssize_t n =
		send(c->fd[!from], w->room + w->at, w->n - w->at, MSG_NOSIGNAL);

	*more = false;
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		need(event_add(c->writable[!from], NULL) == 0);
		return true;
	}
	if (n < 0) {
		broken(c);
		return false;
	}
	w->at += (size_t)n;
	if (w->at == w->n)
		w->at = w->n = 0;
	*more = true;
	return true;
}

/* The sender's end is passed on; with both ended, all is done. */
static bool pass_end(struct conn *c, int from)
{
	c->way[from].told = true;
	(void)shutdown(c->fd[!from], SHUT_WR);
	if (!c->way[!from].told)
		return true;
	hang_up(c, NULL);
	return false;
}

/* Moves what can be moved one way. */
static void pump(struct conn *c, int from)
{
	struct way *w = &c->way[from];
	bool more = true;

	loop_timer_start(c->timer, c->relay->p.idle_ms);
	for (int i = 0; more && !w->told && i < TURNS; i++) {
		if (w->n > 0) {
			if (!give(c, from, &more))
				return;
		} else if (w->ended) {
			if (!pass_end(c, from))
				return;
		} else if (!take(c, from, &more)) {
			return;
		} else {
			more = more || w->ended;
		}
	}
	if (more && !w->told) /* its turns are over, there is more */
		event_active(w->n > 0 ? c->writable[!from] : c->readable[from],
			0, 0);
}

static void unreachable(struct conn *c, int err)
{
	c->relay->count.unreachable++;
	metric_inc(M_PHONE_RELAY_UNREACHABLE);
	log_event(MSG_PHONE_RELAY_DOWN, NULL,
		L_ADDR("server", &c->relay->p.target), L_ADDR("peer", &c->peer),
		L_STR("reason", strerrordesc_np(err)));
	hang_up(c, "the server cannot be reached");
}

/* The server's answer to connect(). */
static void on_dialled(struct conn *c)
{
	int err = 0;
	socklen_t n = sizeof(err);

	if (getsockopt(c->fd[SERVER], SOL_SOCKET, SO_ERROR, &err, &n) != 0)
		err = errno;
	if (err != 0) {
		unreachable(c, err);
		return;
	}
	c->joined = true;
	need(event_add(c->readable[SERVER], NULL) == 0);
	pump(c, PHONE);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)what;
	if (!c->joined)
		on_dialled(c);
	else
		pump(c, fd == c->fd[SERVER] ? PHONE : SERVER);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)what;
	pump(c, fd == c->fd[PHONE] ? PHONE : SERVER);
}

static void set_options(int fd)
{
	int on = 1, idle = 60, every = 30;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
}

static void add_events(struct conn *c, int side, event_callback_fn readable)
{
	struct event_base *base = loop_base(c->relay->loop);

	if (c->readable[side] != NULL)
		event_free(c->readable[side]);
	c->readable[side] = event_new(base, c->fd[side], EV_READ, readable, c);
	if (c->writable[side] == NULL)
		c->writable[side] =
			event_new(base, c->fd[side], EV_WRITE, on_writable, c);
	need(c->readable[side] != NULL && c->writable[side] != NULL);
}

static int start_dialling(struct conn *c)
{
	const struct relay_params *p = &c->relay->p;
	int fd = socket(p->target.sa.sa_family,
		SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	c->fd[SERVER] = fd;
	set_options(fd);
	if (addr_is_set(&p->source) &&
		bind(fd, &p->source.sa, addr_len(&p->source)) != 0)
		return errno;
	if (connect(fd, &p->target.sa, addr_len(&p->target)) != 0 &&
		errno != EINPROGRESS)
		return errno;
	return 0;
}

static void dial(struct conn *c)
{
	int err = start_dialling(c);

	if (err != 0) {
		unreachable(c, err);
		return;
	}
	c->relay->count.dialled++;
	add_events(c, PHONE, on_readable);
	add_events(c, SERVER, on_readable);
	need(event_add(c->writable[SERVER], NULL) == 0);
	loop_timer_start(c->timer, c->relay->p.dial_ms);
}

static void on_first_byte(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	bool more;

	(void)fd;
	(void)what;
	if (!take(c, PHONE, &more))
		return;
	if (c->way[PHONE].ended) {
		c->relay->count.silent++;
		hang_up(c, "nothing was said");
	} else if (more) {
		dial(c);
	}
}

static void on_timer(void *arg)
{
	struct conn *c = arg;

	if (c->joined) {
		c->relay->count.idle++;
		metric_inc(M_PHONE_RELAY_IDLE);
		hang_up(c, "idle for too long");
	} else if (c->fd[SERVER] >= 0) {
		unreachable(c, ETIMEDOUT);
	} else {
		c->relay->count.silent++;
		metric_inc(M_PHONE_RELAY_SILENT);
		hang_up(c, "nothing was said");
	}
}

static void on_accepted(void *arg, int fd, const struct addr *peer)
{
	struct relay *r = arg;
	struct conn *c = mem_new(sizeof(*c));

	c->relay = r;
	c->peer = *peer;
	c->target = r->p.target;
	c->began = clock_ms();
	c->fd[PHONE] = fd;
	c->fd[SERVER] = -1;
	c->next = r->conns;
	if (c->next != NULL)
		c->next->prev = c;
	r->conns = c;
	set_options(fd);
	c->timer = loop_timer_new(r->loop, on_timer, c);
	add_events(c, PHONE, on_first_byte);
	need(event_add(c->readable[PHONE], NULL) == 0);
	loop_timer_start(c->timer, r->p.first_byte_ms);
}

static unsigned or_else(unsigned v, unsigned otherwise)
{
	return v != 0 ? v : otherwise;
}

static void take_params(struct relay *r, const struct relay_params *p)
{
	r->p = *p;
	r->p.idle_ms = or_else(p->idle_ms, RELAY_IDLE_MS);
	r->p.first_byte_ms = or_else(p->first_byte_ms, RELAY_FIRST_BYTE_MS);
	r->p.dial_ms = or_else(p->dial_ms, RELAY_DIAL_MS);
}

struct relay *relay_new(struct loop *l, int fd, const struct relay_params *p)
{
	struct relay *r = mem_new(sizeof(*r));

	r->loop = l;
	take_params(r, p);
	r->door = doorway_new(l, fd, &p->limits, on_accepted, r);
	return r;
}

void relay_set(struct relay *r, const struct relay_params *p)
{
	take_params(r, p);
	doorway_limits(r->door, &p->limits);
}

void relay_free(struct relay *r)
{
	if (r == NULL)
		return;
	for (struct conn *c = r->conns, *next; c != NULL; c = next) {
		next = c->next;
		conn_free(c, false);
	}
	doorway_free(r->door);
	free(r);
}

void relay_count(const struct relay *r, struct relay_count *out)
{
	*out = r->count;
	doorway_count(r->door, &out->door);
}
