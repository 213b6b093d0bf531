/*
 * Connections after their handshake. They are only ever freed from the loop
 * (by an event or a timer), never inside a call of their owner.
 */
#include "phoneproxy/serve/tls_port.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/secret.h"

enum {
	READ_AT_ONCE = 16384,
	LINGER_MS = 3000, /* for the phone to take the last frame */
};

struct frame { /* to be written */
	struct frame *next;
	struct text own;
	void *lent; /* whose bytes they are; referenced; NULL: our own */
	struct slice left;
};

struct tls_conn {
	struct tls_port *port;
	struct tls_conn *prev, *next;
	struct addr peer;
	int fd;
	gnutls_session_t session;
	struct trustpoint *tp; /* lives as long as the session */
	struct identity *identity; /* referenced */
	struct event *readable, *writable;
	struct loop_timer *timer; /* the owner's */
	struct loop_timer *last; /* ends a connection that is finishing */
	struct text in;
	struct frame *out, **out_end;
	bool finishing; /* nothing more is read for the owner */
	bool said_bye;
	bool told; /* the owner knows that it is over */
	void *own;
};

struct tls_port { /* counted: by its owner, and by each handshake */
	struct loop *loop;
	struct tls_port_params p;
	struct doorway *door; /* NULL: closed */
	struct tls_conn *conns;
};

static void port_free(void *arg)
{
	struct tls_port *t = arg;

	obj_unref(t->p.own);
	obj_unref(t->p.keep);
}

static void tell_closed(struct tls_conn *c)
{
	if (c->told)
		return;
	c->told = true;
	loop_timer_stop(c->timer);
	c->port->p.ops->closed(c->own);
}

/* The first one is written, or nobody is there to read it. */
static void frame_free(struct tls_conn *c)
{
	struct frame *f = c->out;

	c->out = f->next;
	if (c->out == NULL)
		c->out_end = &c->out;
	text_free(&f->own);
	obj_unref(f->lent);
	free(f);
}

static void conn_free(struct tls_conn *c)
{
	struct tls_port *t = c->port;

	tell_closed(c);
	event_free(c->readable);
	event_free(c->writable);
	loop_timer_free(c->timer);
	loop_timer_free(c->last);
	gnutls_deinit(c->session);
	(void)close(c->fd);
	obj_unref(c->tp);
	obj_unref(c->identity);
	while (c->out != NULL)
		frame_free(c);
	if (c->in.p != NULL)
		mem_wipe(c->in.p, c->in.size); /* authentication strings */
	text_free(&c->in);
	doorway_left(t->door, &c->peer);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		t->conns = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	free(c);
}

static bool again(int err)
{
	return err == GNUTLS_E_AGAIN || err == GNUTLS_E_INTERRUPTED;
}

/*
 * All is written: TLS ends, then TCP our way; and what the phone still says is
 * read away, for closing with unread bytes would reset the connection and
 * could cost the phone our last frame.
 */
static void say_bye(struct tls_conn *c)
{
	int err;

	if (c->said_bye)
		return;
	err = gnutls_bye(c->session, GNUTLS_SHUT_WR);
	if (again(err)) {
		need(event_add(c->writable, NULL) == 0);
		return;
	}
	c->said_bye = true;
	(void)shutdown(c->fd, SHUT_WR);
	need(event_add(c->readable, NULL) == 0);
}

/* Writes what waits. False: the connection is broken. */
static bool flush(struct tls_conn *c)
{
	while (c->out != NULL) {
		struct frame *f = c->out;
		ssize_t n =
			gnutls_record_send(c->session, f->left.p, f->left.n);

		if (again((int)n)) { /* to be repeated with the same bytes */
			need(event_add(c->writable, NULL) == 0);
			return true;
		}
		if (n < 0)
			return false;
		f->left = slice_from(f->left, (size_t)n);
		if (f->left.n == 0) /* else it is longer than a record */
			frame_free(c);
	}
	if (c->finishing)
		say_bye(c);
	else
		event_active(c->readable, 0, 0);
	return true;
}

/* Hands over whole frames, and none while an answer is not taken: who does not
 * read is not served. False: it can be no frame. */
static bool cut_frames(struct tls_conn *c)
{
	const struct tls_port_params *p = &c->port->p;
	size_t at = 0, size;

	while (!c->finishing && c->out == NULL && at < c->in.n) {
		struct slice rest = slice_from(text_slice(&c->in), at);

		if (p->ops->measure(rest, &size) != 0 || size > p->frame_max)
			return false;
		if (size == 0 || size > rest.n)
			break;
		p->ops->frame(c->own, slice_head(rest, size));
		at += size;
	}
	if (at > 0) {
		memmove(c->in.p, c->in.p + at, c->in.n - at);
		c->in.n -= at;
	}
	return true;
}

/* False: the phone left, or broke the protocol. */
static bool read_some(struct tls_conn *c)
{
	char room[READ_AT_ONCE];
	ssize_t n;

	if (!cut_frames(c))
		return false;
	if (c->out != NULL || c->finishing)
		return true; /* flush() goes on from here */
	n = gnutls_record_recv(c->session, room, sizeof(room));
	if (again((int)n)) {
		need(event_add(c->readable, NULL) == 0);
		return true;
	}
	if (n <= 0)
		return false;
	text_add(&c->in, slice_of(room, (size_t)n));
	mem_wipe(room, (size_t)n);
	event_active(c->readable, 0, 0);
	return true;
}

/* After the bye: until the phone's end, whatever it says. */
static bool drain(struct tls_conn *c)
{
	char room[4096];
	ssize_t n = recv(c->fd, room, sizeof(room), 0);

	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR))) {
		need(event_add(c->readable, NULL) == 0);
		return true;
	}
	return false;
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	struct tls_conn *c = arg;
	bool ok;

	(void)fd;
	if (c->said_bye)
		ok = drain(c);
	else if ((what & EV_WRITE) != 0 || c->finishing)
		ok = flush(c);
	else
		ok = read_some(c);
	if (!ok)
		conn_free(c);
}

static void on_timer(void *arg)
{
	struct tls_conn *c = arg;

	c->port->p.ops->timer(c->own);
}

static void on_last(void *arg)
{
	conn_free(arg);
}

static struct event *event_of(struct tls_conn *c, short what)
{
	struct event *e =
		event_new(loop_base(c->port->loop), c->fd, what, on_event, c);

	need(e != NULL);
	return e;
}

static void open_conn(struct tls_port *t, struct hs *h)
{
	struct tls_conn *c = mem_new(sizeof(*c));
	int on = 1;

	c->port = t;
	c->peer = *hs_peer(h);
	c->session = hs_take_session(h, &c->fd, &c->tp);
	c->identity = hs_take_identity(h);
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(c->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	c->out_end = &c->out;
	c->readable = event_of(c, EV_READ);
	c->writable = event_of(c, EV_WRITE);
	c->timer = loop_timer_new(t->loop, on_timer, c);
	c->last = loop_timer_new(t->loop, on_last, c);
	c->next = t->conns;
	if (c->next != NULL)
		c->next->prev = c;
	t->conns = c;
	event_active(c->readable, 0, 0); /* bytes may wait in the session */
	c->own = t->p.ops->opened(t->p.arg, c);
}

static void on_handshake(struct hs *h)
{
	struct tls_port *t = hs_arg(h);

	if (t->door != NULL && hs_error(h, NULL) == 0)
		open_conn(t, h);
	else if (t->door != NULL)
		doorway_left(t->door, hs_peer(h));
	hs_free(h);
	obj_unref(t);
}

static void on_accepted(void *arg, int fd, const struct addr *peer)
{
	struct tls_port *t = arg;
	const struct hs_params p = {
		.fd = fd,
		.server = true,
		.own = t->p.own,
		.verify = t->p.verify,
		.rules = t->p.rules,
		.keep = t->p.keep,
		.deadline_ms = t->p.handshake_ms,
		.peer = *peer,
		.listener = t->p.name,
		.reply = loop_queue(t->loop),
		.done = on_handshake,
		.arg = obj_ref(t),
	};

	hs_start(t->p.hs, &p);
}

static void take_params(struct tls_port *t, const struct tls_port_params *p)
{
	struct tls_port_params old = t->p;

	t->p = *p;
	obj_ref(t->p.own);
	obj_ref(t->p.keep);
	obj_unref(old.own);
	obj_unref(old.keep);
}

struct tls_port *tls_port_new(
	struct loop *l, int fd, const struct tls_port_params *p)
{
	struct tls_port *t = obj_new(sizeof(*t), port_free);

	t->loop = l;
	take_params(t, p);
	t->door = doorway_new(l, fd, &p->limits, on_accepted, t);
	return t;
}

void tls_port_set(struct tls_port *t, int fd, const struct tls_port_params *p)
{
	take_params(t, p);
	doorway_limits(t->door, &p->limits);
	if (fd >= 0)
		doorway_move(t->door, fd);
}

void tls_port_close(struct tls_port *t)
{
	if (t == NULL)
		return;
	for (struct tls_conn *c = t->conns, *next; c != NULL; c = next) {
		next = c->next;
		conn_free(c);
	}
	doorway_free(t->door);
	t->door = NULL;
	obj_unref(t);
}

void tls_port_count(const struct tls_port *t, struct doorway_count *out)
{
	doorway_count(t->door, out);
}

static void frame_put(struct tls_conn *c, struct frame *f)
{
	*c->out_end = f;
	c->out_end = &f->next;
	event_active(c->writable, EV_WRITE, 0);
}

void tls_conn_send(struct tls_conn *c, struct slice frame)
{
	struct frame *f = mem_new(sizeof(*f));

	text_add(&f->own, frame);
	f->left = text_slice(&f->own);
	frame_put(c, f);
}

void tls_conn_lend(struct tls_conn *c, struct slice bytes, void *owner)
{
	struct frame *f;

	if (bytes.n == 0)
		return;
	f = mem_new(sizeof(*f));
	f->lent = obj_ref(owner);
	f->left = bytes;
	frame_put(c, f);
}

void tls_conn_finish(struct tls_conn *c)
{
	if (c->finishing)
		return;
	c->finishing = true;
	loop_timer_stop(c->timer);
	(void)event_del(c->readable);
	event_active(c->writable, EV_WRITE, 0);
	loop_timer_start(c->last, LINGER_MS);
}

void tls_conn_timer(struct tls_conn *c, uint64_t ms)
{
	if (!c->finishing)
		loop_timer_start(c->timer, ms);
}

const struct addr *tls_conn_peer(const struct tls_conn *c)
{
	return &c->peer;
}

const struct identity *tls_conn_identity(const struct tls_conn *c)
{
	return c->identity;
}

const gnutls_datum_t *tls_conn_peer_certs(const struct tls_conn *c, unsigned *n)
{
	const gnutls_datum_t *v = gnutls_certificate_get_peers(c->session, n);

	if (v == NULL)
		*n = 0;
	return v;
}
