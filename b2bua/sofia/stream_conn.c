/*
 * One connection: from a socket (and a TLS session) to a transport object of
 * Sofia's, and its end. Sofia may drop a transport at any time from inside
 * its own functions; the user hears of it from the loop.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "b2bua/sofia/stream_int.h"
#include "base/dscp.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "base/thread.h"

static void flow_free(void *p)
{
	struct flow *f = p;

	obj_unref(f->pub.identity);
}

static struct flow *flow_new(
	const struct stream *s, const struct conn_params *p)
{
	static uint64_t last_id;
	struct flow *f = obj_new(sizeof(*f), flow_free);

	f->pub.id = ++last_id;
	f->pub.identity = p->identity;
	f->pub.peer = p->peer;
	f->pub.transport = s->tls ? CONF_TLS : CONF_TCP;
	f->pub.side = s->side;
	memcpy(f->pub.listener, s->listener, sizeof(f->pub.listener));
	return f;
}

/*
 * A peer that vanished without a word is noticed while nothing is sent
 * (keep-alive, two minutes and a half) and while something is (20 s).
 */
static void set_socket_options(int fd, unsigned dscp)
{
	int on = 1, idle = 90, interval = 20, count = 3;
	unsigned user_ms = 20000;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)!dscp_mark(fd, dscp); /* one that fails costs no call */
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(
		fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	(void)setsockopt(
		fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_ms, sizeof(user_ms));
}

static int on_event(void *magic, su_wait_t *w, void *tp)
{
	return tport_wakeup(magic, w, tp);
}

static tport_t *make_tport(struct stream *s, const struct conn_params *p)
{
	struct addr peer = p->peer;
	char const *culprit = "";
	su_addrinfo_t ai;
	tport_t *tp =
		tport_alloc_secondary(s->pri, p->fd, !p->outbound, &culprit);

	if (tp == NULL)
		return NULL; /* the socket is closed */
	ai = *abi_addrinfo(abi_primary_tport(s->pri));
	ai.ai_canonname = NULL;
	ai.ai_next = NULL;
	ai.ai_addr = (void *)&peer.sa;
	ai.ai_addrlen = addr_len(&peer);
	*abi_flags(tp) |= ABI_FLAG_CONN_ORIENT;
	if (tport_setname(tp, s->tls ? "tls" : "tcp", &ai, NULL) == -1 ||
		tport_register_secondary(tp, on_event,
			SU_WAIT_IN | SU_WAIT_ERR | SU_WAIT_HUP) == -1) {
		tport_zap_secondary(tp);
		return NULL;
	}
	*abi_flags(tp) |= ABI_FLAG_CONNECTED;
	if (p->identity->certified)
		*abi_flags(tp) |= ABI_FLAG_VERIFIED;
	return tp;
}

static void params_drop(const struct conn_params *p)
{
	if (p->tls != NULL)
		gnutls_deinit(p->tls);
	obj_unref(p->own);
	obj_unref(p->identity);
}

static void list_in(struct conn **head, struct conn *c)
{
	c->next = *head;
	c->prev = head;
	if (c->next != NULL)
		c->next->prev = &c->next;
	*head = c;
}

static void list_out(struct conn *c)
{
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
}

struct conn *conn_adopt(struct stream *s, const struct conn_params *p)
{
	struct conn *c;
	tport_t *tp = NULL;

	set_socket_options(p->fd, s->limits.dscp);
	if (s->pri != NULL)
		tp = make_tport(s, p);
	else
		(void)close(p->fd);
	if (tp == NULL) {
		params_drop(p);
		return NULL;
	}
	c = mem_new(sizeof(*c));
	c->stream = s;
	c->tp = tp;
	c->fd = p->fd;
	c->tls = p->tls;
	if (c->tls != NULL)
		conn_read_ahead(c);
	c->own = p->own;
	c->source = p->source;
	c->outbound = p->outbound;
	c->flow = flow_new(s, p);
	c->flow->conn = c;
	c->opened = c->last = clock_ms();
	*ABI_TPORT_OWN(tp, struct conn *) = c;
	list_in(&s->conns, c);
	s->nconns++;
	metric_inc(M_SIP_CONN_OPENED);
	return c;
}

static void tell_closed(struct mq_node *node)
{
	struct conn *c = MQ_HOLDER(node, struct conn, node);
	struct stream *s = c->stream;

	if (s != NULL) {
		list_out(c);
		s->closed(s->arg, &c->flow->pub);
	}
	obj_unref(c->flow);
	free(c->server_name);
	free(c->expected_name);
	obj_unref(c->asked);
	free(c);
}

void conn_detach(struct conn *c)
{
	struct stream *s = c->stream;

	stream_out_end(c);
	list_out(c);
	list_in(&s->closing, c);
	s->nconns--;
	source_leave(s->sources, c->source);
	c->flow->pub.closed = true;
	c->flow->conn = NULL;
	*ABI_TPORT_OWN(c->tp, struct conn *) = NULL;
	c->tp = NULL;
	if (c->tls != NULL)
		gnutls_deinit(c->tls);
	c->tls = NULL;
	c->own = obj_unref(c->own);
	if (c->in != NULL)
		mem_wipe(c->in + c->in_at, c->in_len);
	free(c->in);
	c->in = NULL;
	free(c->ahead);
	c->ahead = NULL;
	c->ahead_len = 0;
	metric_inc(M_SIP_CONN_CLOSED);
	c->node.run = tell_closed;
	mq_push(s->queue, &c->node);
}

void conns_orphan(struct stream *s)
{
	while (s->closing != NULL) {
		struct conn *c = s->closing;

		list_out(c);
		c->stream = NULL;
	}
}

void conn_close(struct conn *c)
{
	tport_t *tp = c->tp;

	/* requests that wait on it get their 503; the transport is closed */
	tport_error_report(tp, ECONNABORTED, NULL);
	tport_close(tp);
}

void *conn_owner(const struct conn *c)
{
	return c->stream->arg;
}

struct sip_flow *conn_flow(const struct conn *c)
{
	return &c->flow->pub;
}

tport_t *conn_tport(const struct conn *c)
{
	return c->tp;
}

uint64_t conn_opened(const struct conn *c)
{
	return c->opened;
}

bool conn_outbound(const struct conn *c)
{
	return c->outbound;
}

struct addr conn_local(const struct conn *c)
{
	struct addr a = { 0 };
	socklen_t n = sizeof(a);

	if (getsockname(c->fd, &a.sa, &n) != 0)
		a = (struct addr){ 0 };
	return a;
}

void conn_hold(struct conn *c)
{
	c->held++;
}

void conn_release(struct conn *c)
{
	need(c->held > 0);
	if (--c->held == 0)
		c->last = clock_ms();
}

void conn_txn(struct conn *c, bool begins)
{
	need(begins || c->txns > 0);
	c->txns += begins ? 1U : -1U;
}

unsigned conn_txns(const struct conn *c)
{
	return c->txns;
}

void conn_set_registered(struct conn *c, uint64_t ms)
{
	uint64_t now = clock_ms();

	/* phones register several lines over one connection */
	if (now + ms > c->registered_until)
		c->registered_until = now + ms;
}

struct conn *conn_of_tport(tport_t *tp)
{
	tport_t *pri;

	if (tp == NULL || !tport_is_secondary(tp))
		return NULL;
	pri = abi_primary_tport(abi_primary(tp));
	if (!tport_is_stream(pri))
		return NULL;
	return *ABI_TPORT_OWN(tp, struct conn *);
}

struct conn *conn_of_flow(const struct sip_flow *f)
{
	return f == NULL ? NULL : ((const struct flow *)(const void *)f)->conn;
}
