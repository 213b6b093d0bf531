/*
 * The life of a stream (one listener's acceptor and connections) and the
 * registration of our transport types with Sofia. Connections are in
 * stream_conn.c, accepting and connecting in stream_accept.c, bytes in
 * stream_io.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "b2bua/sofia/stream_int.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/thread.h"

/* Set while Sofia binds: its primary finds the stream it belongs to. */
struct stream *stream_binding;
static struct tport_ear ear_binding;

struct stream *stream_new(const struct stream_params *p)
{
	struct stream *s = mem_new(sizeof(*s));

	s->side = p->side;
	s->tls = p->tls;
	s->hs = p->hs;
	s->queue = p->queue;
	s->outbox = p->outbox;
	s->closed = p->closed;
	s->shown = p->shown;
	s->arg = p->arg;
	s->accepting = true;
	s->beside = p->beside;
	s->sources = sources_new();
	return s;
}

void stream_set(struct stream *s, const char *listener,
	const struct stream_limits *l, struct trustpoint *tp, bool verify,
	const char *names, const struct conf_id_class *rules, struct conf *conf)
{
	struct trustpoint *old_tp = s->trustpoint;
	struct conf *old_conf = s->conf;

	(void)!slice_copy(
		slice_str(listener), s->listener, sizeof(s->listener));
	s->limits = *l;
	s->trustpoint = obj_ref(tp);
	s->verify = verify;
	s->names = names;
	s->rules = rules;
	s->conf = obj_ref(conf);
	obj_unref(old_tp);
	obj_unref(old_conf);
}

void stream_bind(struct stream *s, const struct tport_ear *ear)
{
	stream_binding = s;
	ear_binding = *ear;
}

void stream_share(struct stream *s, bool on)
{
	int value = on;

	if (s->accepting && s->pri != NULL)
		(void)setsockopt(abi_socket(abi_primary_tport(s->pri)),
			SOL_SOCKET, SO_REUSEPORT, &value, sizeof(value));
}

/* The listening socket goes at once, so that its port is free again; who was
 * waiting to be accepted is taken before. */
void stream_stop_accepting(struct stream *s)
{
	tport_t *tp;
	int *index;

	if (!s->accepting || s->pri == NULL)
		return;
	(void)stream_on_accept(s->pri, SU_WAIT_ACCEPT);
	s->accepting = false;
	tp = abi_primary_tport(s->pri);
	index = ABI_AT(tp, ABI_TPORT_INDEX, int);
	su_root_deregister(abi_root(tp), *index);
	*index = 0;
	(void)close(abi_socket(tp));
	*ABI_AT(tp, ABI_TPORT_SOCKET, int) = -1;
}

static const char *overdue(const struct conn *c, uint64_t now)
{
	const struct stream_limits *l = &c->stream->limits;

	if (c->message_began != 0 && now - c->message_began >= l->message_ms) {
		metric_inc(M_SIP_CONN_MESSAGE_TIMEOUT);
		return "a message was not complete in time";
	}
	if (c->held == 0 && now >= c->registered_until &&
		now - c->last >= l->idle_ms) {
		metric_inc(M_SIP_CONN_IDLE);
		return "nobody registered on it";
	}
	return NULL;
}

/* Sofia has read its last byte from it (garbage, or the peer's FIN). */
static bool is_spent(const struct conn *c)
{
	return (*abi_flags(c->tp) & ABI_FLAG_RECV_CLOSED) != 0 &&
	       !tport_has_queued(c->tp);
}

static void judge(struct conn *c, uint64_t now)
{
	const char *why = overdue(c, now);

	/* a trunk's connection that had nothing to do is no news */
	if (why != NULL && c->stream->side == CONF_ACCESS)
		log_event(MSG_SIP_CONNECTION_DROPPED, NULL,
			L_STR("listener", c->stream->listener),
			L_ADDR("peer", &c->flow->pub.peer),
			L_STR("reason", why));
	if (why != NULL || is_spent(c))
		conn_close(c);
}

void stream_sweep(struct stream *s, uint64_t now)
{
	struct conn *c, *next;

	/* Closing one may close others; their memory goes from the loop. Should
	 * `next` be among them, those behind it wait for the next sweep. */
	for (c = s->conns; c != NULL; c = next) {
		next = c->next;
		if (c->tp != NULL)
			judge(c, now);
	}
	attempts_sweep(s, now);
}

void stream_abandon(struct stream *s)
{
	attempts_abandon(s);
	conns_orphan(s);
}

void stream_free(struct stream *s)
{
	if (s == NULL)
		return;
	need(s->conns == NULL);
	stream_abandon(s);
	obj_unref(s->trustpoint);
	obj_unref(s->conf);
	free(s->spare);
	free(s->spare_ahead);
	free(s->spare_out);
	sources_free(s->sources);
	free(s);
}

size_t stream_connections(const struct stream *s)
{
	return s->nconns;
}

bool stream_quiet(const struct stream *s)
{
	return s->nconns == 0 && s->closing == NULL && s->nattempts == 0;
}

size_t stream_handshakes(const struct stream *s)
{
	return s->nattempts;
}

struct conn *stream_first(const struct stream *s)
{
	return s->conns;
}

struct conn *stream_next(const struct conn *c)
{
	return c->next;
}

/* ---- what Sofia calls ---- */

static int init_primary(struct tport_primary *pri, tp_name_t tpn[1],
	su_addrinfo_t *ai, tagi_t const *tags, char const **culprit)
{
	struct stream *s = stream_binding;
	int on = 1, fd, r;

	if (s == NULL || s->pri != NULL) {
		*culprit = "no listener";
		errno = EINVAL;
		return -1;
	}
	fd = socket(ai->ai_family,
		ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
		ai->ai_protocol);
	if (fd < 0) {
		*culprit = "socket";
		return -1;
	}
	if (s->beside)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	r = tport_stream_init_primary(pri, fd, tpn, ai, tags, culprit);
	if (r < 0)
		return r;
	s->pri = pri;
	*ABI_PRIMARY_OWN(pri, struct own_primary) =
		(struct own_primary){ s, ear_binding };
	if (s->tls)
		*ABI_AT(pri, ABI_PRIMARY_FLAGS, unsigned) |=
			ABI_PRIMARY_HAS_TLS;
	return 0;
}

static void deinit_primary(struct tport_primary *pri)
{
	struct stream *s = ABI_PRIMARY_OWN(pri, struct own_primary)->stream;

	if (s != NULL)
		s->pri = NULL;
}

/*
 * Sofia wants a connection of its own, for an answer whose connection is
 * gone. Requests come with their connection, and an answer that a phone can no
 * longer hear is not worth a handshake.
 */
static tport_t *refuse_connect(
	struct tport_primary *pri, su_addrinfo_t *ai, tp_name_t const *tpn)
{
	(void)pri;
	(void)ai;
	(void)tpn;
	errno = ENOTCONN;
	return NULL;
}

static void deinit_secondary(tport_t *tp)
{
	struct conn **own = ABI_TPORT_OWN(tp, struct conn *);

	if (*own != NULL)
		conn_detach(*own);
	*own = NULL;
}

static void on_shutdown(tport_t *tp, int how)
{
	struct conn *c = *ABI_TPORT_OWN(tp, struct conn *);

	if (c != NULL && how >= 1)
		stream_out_end(c);
	if (c != NULL && c->tls != NULL && how >= 1)
		(void)gnutls_bye(c->tls, GNUTLS_SHUT_WR);
	(void)shutdown(abi_socket(tp), how);
	if (how >= 2)
		deinit_secondary(tp);
}

static int init_secondary(
	tport_t *tp, int socket, int accepted, char const **culprit)
{
	return tport_tcp_init_secondary(tp, socket, accepted, culprit);
}

/*
 * nta sends answers to the maddr of the topmost Via rather than to where the
 * request came from: whoever writes it would aim our answers at others, and a
 * host name in it would be looked up on the sip thread.
 */
static void drop_maddr(msg_t *msg)
{
	sip_t *sip = sip_object(msg);

	if (sip != NULL && sip->sip_request != NULL && sip->sip_via != NULL)
		while (sip->sip_via->v_maddr != NULL &&
			msg_header_remove_param(
				sip->sip_via->v_common, "maddr") > 0)
			;
}

/* Behind a terminator's TLS is TCP. nta looks for the answer's way in the Via;
 * sent-by and branch, which the peer knows its answer by (RFC 3261 17.1.3,
 * 18.1.2), stay. */
static bool via_of_terminator(tport_t *tp, sip_via_t *via)
{
	const struct stream *s =
		ABI_PRIMARY_OWN(abi_primary(tp), struct own_primary)->stream;

	if (s == NULL || !s->tls || !s->limits.via_tcp ||
		strcasecmp(via->v_protocol, sip_transport_tcp) != 0)
		return false;
	via->v_protocol = sip_transport_tls;
	msg_fragment_clear(via->v_common);
	return true;
}

/* nta drops requests whose Via names another transport than they came by, and
 * says nothing. */
static bool via_is_ours(tport_t *tp, msg_t *msg)
{
	const char *came = tport_name(tp)->tpn_proto;
	const sip_t *sip = sip_object(msg);
	sip_via_t *via =
		sip != NULL && sip->sip_request != NULL ? sip->sip_via : NULL;
	const char *says = via != NULL ? strrchr(via->v_protocol, '/') : NULL;
	struct addr peer = addr_from_sockaddr((void *)msg_addr(msg));

	if (says == NULL || strcasecmp(says + 1, came) == 0 ||
		via_of_terminator(tp, via))
		return true;
	metric_inc(M_SIP_VIA_TRANSPORT);
	log_event(MSG_SIP_VIA_TRANSPORT, NULL, L_ADDR("peer", &peer),
		L_STR("via", says + 1), L_STR("transport", came));
	return false;
}

static void on_deliver(tport_t *tp, msg_t *msg, su_time_t now)
{
	const struct tport_ear *ear =
		&ABI_PRIMARY_OWN(abi_primary(tp), struct own_primary)->ear;

	drop_maddr(msg);
	if (wire_log_wanted())
		wire_log_received(tp, msg);
	if (via_is_ours(tp, msg) &&
		ear->hears(ear->arg, conn_of_tport(tp), msg))
		tport_base_deliver(tp, msg, now);
	else
		msg_destroy(msg);
}

static int udp_init(struct tport_primary *pri, tp_name_t tpn[1],
	su_addrinfo_t *ai, tagi_t const *tags, char const **culprit)
{
	ABI_PRIMARY_OWN(pri, struct own_primary)->ear = ear_binding;
	return tport_udp_init_primary(pri, tpn, ai, tags, culprit);
}

static ssize_t (*udp_send)(tport_t const *, msg_t *, msg_iovec_t *, size_t);

static ssize_t on_udp_send(
	tport_t const *tp, msg_t *msg, msg_iovec_t iov[], size_t n)
{
	if (wire_log_wanted()) {
		/* const for Sofia only */
		/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
		wire_log_sent((tport_t *)(uintptr_t)tp, msg, iov, n);
	}
	return udp_send(tp, msg, iov, n);
}

static int (*udp_recv)(tport_t *);

/* Datagrams come whole; what is too long was refused by NTATAG_MAXSIZE. */
static int on_udp_recv(tport_t *tp)
{
	int r = udp_recv(tp);
	msg_t **msg = abi_msg(tp);

	if (*msg != NULL &&
		framer_too_many_headers(slice_of(msg_buf_committed_data(*msg),
			msg_buf_committed(*msg)))) {
		metric_inc(M_SIP_CONN_MANY_HEADERS);
		msg_destroy(*msg);
		*msg = NULL;
	}
	return r;
}

static _Alignas(8) unsigned char types[3][ABI_TYPE_SIZE];
static const size_t primary_size =
	ABI_PRIMARY_SIZE + sizeof(struct own_primary);

static void make_stream_type(unsigned char *type, const char *name)
{
	size_t secondary = ABI_TPORT_SIZE + sizeof(void *);

	memcpy(type + ABI_TYPE_NAME, &name, sizeof(name));
	memcpy(type + ABI_TYPE_PRIMARY_SIZE, &primary_size,
		sizeof(primary_size));
	memcpy(type + ABI_TYPE_SECONDARY_SIZE, &secondary, sizeof(secondary));
	abi_type_set(type, ABI_TYPE_INIT_PRIMARY, (abi_fn *)init_primary);
	abi_type_set(type, ABI_TYPE_DEINIT_PRIMARY, (abi_fn *)deinit_primary);
	abi_type_set(type, ABI_TYPE_WAKEUP_PRIMARY, (abi_fn *)stream_on_accept);
	abi_type_set(type, ABI_TYPE_CONNECT, (abi_fn *)refuse_connect);
	abi_type_set(type, ABI_TYPE_INIT_SECONDARY, (abi_fn *)init_secondary);
	abi_type_set(
		type, ABI_TYPE_DEINIT_SECONDARY, (abi_fn *)deinit_secondary);
	abi_type_set(type, ABI_TYPE_SHUTDOWN, (abi_fn *)on_shutdown);
	abi_type_set(type, ABI_TYPE_WAKEUP, (abi_fn *)stream_on_wakeup);
	abi_type_set(type, ABI_TYPE_RECV, (abi_fn *)stream_on_recv);
	abi_type_set(type, ABI_TYPE_SEND, (abi_fn *)stream_on_send);
	abi_type_set(type, ABI_TYPE_DELIVER, (abi_fn *)on_deliver);
	abi_type_set(type, ABI_TYPE_NEXT_TIMER, (abi_fn *)tport_tcp_next_timer);
	abi_type_set(type, ABI_TYPE_TIMER, (abi_fn *)tport_tcp_timer);
}

static int register_types(const char **why)
{
	const void *udp;
	int err = tport_abi_check(why);

	if (err != 0)
		return err;
	udp = tport_vtable_by_name("udp", 0);
	memcpy(types[2], udp, ABI_TYPE_SIZE);
	udp_send = (ssize_t(*)(tport_t const *, msg_t *, msg_iovec_t *,
		size_t))abi_type_get(udp, ABI_TYPE_SEND);
	udp_recv = (int (*)(tport_t *))abi_type_get(udp, ABI_TYPE_RECV);
	memcpy(types[2] + ABI_TYPE_PRIMARY_SIZE, &primary_size,
		sizeof(primary_size));
	abi_type_set(types[2], ABI_TYPE_INIT_PRIMARY, (abi_fn *)udp_init);
	abi_type_set(types[2], ABI_TYPE_RECV, (abi_fn *)on_udp_recv);
	abi_type_set(types[2], ABI_TYPE_SEND, (abi_fn *)on_udp_send);
	abi_type_set(types[2], ABI_TYPE_DELIVER, (abi_fn *)on_deliver);
	make_stream_type(types[0], "tcp");
	make_stream_type(types[1], "tls");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (tport_register_type((const void *)types[i]) < 0) {
			*why = "no room for transport types";
			return ENOTSUP;
		}
	return 0;
}

int tport_types_register(const char **why)
{
	static bool done;
	int err;

	*why = NULL;
	if (done)
		return 0;
	err = register_types(why);
	done = err == 0;
	return err;
}
