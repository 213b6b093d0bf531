/*
 * How connections come to be: accepted within limits, or made by us; with TLS
 * both go through the handshake threads and come back judged.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "b2bua/sofia/stream_int.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/thread.h"

enum { ACCEPT_BATCH = 64 };

static struct attempt *attempt_new(struct stream *s, const struct addr *peer)
{
	struct attempt *a = mem_new(sizeof(*a));

	a->stream = s;
	a->peer = *peer;
	a->fd = -1;
	a->deadline = clock_ms() + s->limits.handshake_ms;
	a->next = s->attempts;
	a->prev = &s->attempts;
	if (a->next != NULL)
		a->next->prev = &a->next;
	s->attempts = a;
	s->nattempts++;
	return a;
}

static void attempt_unlink(struct attempt *a)
{
	struct stream *s = a->stream;

	if (s == NULL)
		return;
	*a->prev = a->next;
	if (a->next != NULL)
		a->next->prev = a->prev;
	s->nattempts--;
	source_leave(s->sources, a->source);
	a->source = NULL;
	a->stream = NULL;
}

static void attempt_stop_waiting(struct attempt *a, bool close_it)
{
	if (a->fd < 0)
		return;
	su_root_deregister(
		abi_root(abi_primary_tport(a->stream->pri)), a->wait);
	if (close_it)
		(void)close(a->fd);
	a->fd = -1;
}

static void attempt_free(struct attempt *a)
{
	attempt_unlink(a);
	free(a->server_name);
	free(a->expected_name);
	obj_unref(a->asked);
	free(a);
}

/* The end of an outgoing one; `c` takes over what it was asked for with. */
static void attempt_finish(struct attempt *a, int err, struct conn *c)
{
	struct stream_connect out = a->out;

	if (c != NULL) {
		c->server_name = a->server_name;
		c->expected_name = a->expected_name;
		c->asked = a->asked;
		a->server_name = a->expected_name = NULL;
		a->asked = NULL;
	}
	attempt_free(a);
	if (out.done != NULL)
		out.done(out.arg, err, c);
}

/* The handshake threads still hold TLS ones: they end in on_handshake. */
void attempts_abandon(struct stream *s)
{
	struct attempt *a;

	while ((a = s->attempts) != NULL) {
		/* attempt_unlink() takes it out of the list, through its prev */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		bool tcp = a->fd >= 0;

		attempt_stop_waiting(a, true);
		attempt_unlink(a);
		a->out.done = NULL;
		if (tcp)
			attempt_free(a);
	}
}

void attempts_sweep(struct stream *s, uint64_t now)
{
	struct attempt *a, *next;

	for (a = s->attempts; a != NULL; a = next) {
		next = a->next;
		if (a->fd < 0 || now < a->deadline)
			continue; /* TLS has its own deadline */
		attempt_stop_waiting(a, true);
		attempt_finish(a, ETIMEDOUT, NULL);
	}
}

static void on_handshake(struct hs *h)
{
	struct attempt *a = hs_arg(h);
	struct stream *s = a->stream;
	const char *text;
	int err = hs_error(h, &text);
	struct conn *c = NULL;

	if (err == 0 && s != NULL) {
		struct conn_params p = {
			.peer = *hs_peer(h),
			.outbound = a->out.done != NULL,
			.source = a->source,
		};

		p.tls = hs_take_session(h, &p.fd, &p.own);
		p.identity = hs_take_identity(h);
		c = conn_adopt(s, &p);
		if (c != NULL)
			a->source = NULL; /* counted there now */
		else
			err = ECONNABORTED;
	}
	hs_free(h);
	if (a->out.done != NULL)
		attempt_finish(a, err, c);
	else
		attempt_free(a);
	if (c != NULL)
		stream_kick(c); /* data that came with the last flight */
}

static struct trustpoint *own_of(const struct attempt *a, bool server)
{
	const struct stream *s = a->stream;
	struct trustpoint *t = server ? s->shown(s->arg, &a->peer) : a->asked;

	return t != NULL ? t : s->trustpoint;
}

static void start_handshake(struct attempt *a, int fd, bool server)
{
	struct stream *s = a->stream;
	struct hs_params p = {
		.fd = fd,
		.server = server,
		.server_name = a->server_name,
		.expected_name = server ? s->names : a->expected_name,
		.own = own_of(a, server),
		.verify = !server || s->verify,
		.rules = server ? s->rules : NULL,
		.keep = s->conf,
		.deadline_ms =
			a->out.ms > 0 && a->out.ms < s->limits.handshake_ms
				? a->out.ms
				: s->limits.handshake_ms,
		.peer = a->peer,
		.listener = s->listener,
		.reply = s->queue,
		.done = on_handshake,
		.arg = a,
	};

	hs_start(s->hs, &p);
}

static void take_tcp(
	struct stream *s, int fd, const struct addr *peer, struct source *src)
{
	struct conn_params p = { .fd = fd,
		.identity = identity_none(),
		.peer = *peer,
		.source = src };

	if (conn_adopt(s, &p) == NULL)
		source_leave(s->sources, src);
}

static bool within_limits(struct stream *s, const struct source *src)
{
	unsigned most;

	if (s->nconns + s->nattempts >= s->limits.max_connections) {
		metric_inc(M_SIP_CONN_REFUSED_TOTAL);
		log_event(MSG_SIP_CONNECTION_LIMIT, NULL,
			L_STR("listener", s->listener),
			L_ADDR("peer", &src->host),
			L_INT("limit", s->limits.max_connections));
		return false;
	}
	most = source_exceeds(
		src, s->limits.max_per_source, s->limits.max_connections);
	if (most > 0) {
		metric_inc(M_SIP_CONN_REFUSED_SOURCE);
		log_event(MSG_SIP_SOURCE_LIMIT, NULL,
			L_STR("listener", s->listener),
			L_ADDR("peer", &src->host), L_INT("limit", most));
		return false;
	}
	return true;
}

static void take(struct stream *s, int fd, const struct addr *peer)
{
	struct source *src = source_enter(s->sources, peer);
	int on = 1;

	if (!within_limits(s, src)) {
		source_leave(s->sources, src);
		(void)close(fd);
		return;
	}
	/* before the handshake: session tickets would wait 40 ms */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (s->tls) {
		struct attempt *a = attempt_new(s, peer);

		a->source = src;
		start_handshake(a, fd, true);
	} else {
		take_tcp(s, fd, peer, src);
	}
}

int stream_on_accept(struct tport_primary *pri, int events)
{
	struct stream *s = ABI_PRIMARY_OWN(pri, struct own_primary)->stream;

	if (!(events & SU_WAIT_ACCEPT) || s == NULL || !s->accepting)
		return 0;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		struct addr peer = { 0 };
		socklen_t n = sizeof(peer);
		int fd = accept4(abi_socket(abi_primary_tport(pri)), &peer.sa,
			&n, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE)
				log_event(MSG_SIP_NO_DESCRIPTORS, NULL,
					L_STR("listener", s->listener));
			break;
		}
		take(s, fd, &peer);
	}
	return 0;
}

/* ---- outgoing ---- */

static int on_tcp_connected(void *magic, su_wait_t *w, void *arg)
{
	struct attempt *a = arg;
	struct stream *s = a->stream;
	struct conn_params p = {
		.fd = a->fd,
		.peer = a->peer,
		.outbound = true,
	};
	struct conn *c = NULL;
	int err = 0;
	socklen_t n = sizeof(err);

	(void)magic;
	(void)w;
	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &err, &n) != 0)
		err = errno;
	attempt_stop_waiting(a, err != 0);
	if (err == 0) {
		p.identity = identity_none();
		c = conn_adopt(s, &p);
		if (c == NULL)
			err = ECONNABORTED;
	}
	attempt_finish(a, err, c);
	return 0;
}

static int wait_connected(struct attempt *a, int fd)
{
	su_wait_t w[1] = { SU_WAIT_INIT };

	if (su_wait_create(w, fd, SU_WAIT_CONNECT) == -1)
		return errno;
	a->wait = su_root_register(abi_root(abi_primary_tport(a->stream->pri)),
		w, on_tcp_connected, a, 0);
	if (a->wait == -1) {
		su_wait_destroy(w);
		return ENOMEM;
	}
	a->fd = fd;
	return 0;
}

/* A socket on its way to `peer` from the listener's own address. */
static int open_towards(struct stream *s, const struct addr *peer, int *out)
{
	tport_t *pri = abi_primary_tport(s->pri);
	struct addr from =
		addr_from_sockaddr((void *)abi_addrinfo(pri)->ai_addr);
	int fd = socket(peer->sa.sa_family,
		SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	addr_set_port(&from, 0);
	if ((from.sa.sa_family == peer->sa.sa_family && !addr_is_any(&from) &&
		    bind(fd, &from.sa, addr_len(&from)) != 0) ||
		(connect(fd, &peer->sa, addr_len(peer)) != 0 &&
			errno != EINPROGRESS)) {
		int err = errno;

		(void)close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

void stream_connect(struct stream *s, const struct stream_connect *p)
{
	struct attempt *a = attempt_new(s, &p->peer);
	int fd = -1, err = 0;

	a->out = *p;
	if (p->ms > 0 && p->ms < s->limits.handshake_ms)
		a->deadline = clock_ms() + p->ms;
	a->server_name = mem_dup(p->server_name);
	a->expected_name = mem_dup(p->expected_name);
	a->asked = obj_ref(p->trustpoint);
	if (s->pri == NULL)
		err = EHOSTUNREACH;
	if (err == 0)
		err = open_towards(s, &p->peer, &fd);
	if (err == 0 && s->tls) {
		start_handshake(a, fd, false);
		return;
	}
	if (err == 0) {
		err = wait_connected(a, fd);
		if (err != 0)
			(void)close(fd);
	}
	if (err != 0)
		attempt_finish(a, err, NULL);
}

static bool same_name(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

struct conn *stream_find(const struct stream *s, const struct stream_connect *p)
{
	for (struct conn *c = s->conns; c != NULL; c = c->next)
		if (c->outbound &&
			!(*abi_flags(c->tp) & ABI_FLAG_RECV_CLOSED) &&
			addr_equal(&c->flow->pub.peer, &p->peer) &&
			c->asked == p->trustpoint &&
			same_name(c->server_name, p->server_name) &&
			same_name(c->expected_name, p->expected_name))
			return c;
	return NULL;
}
