/*
 * A listener as it runs: an nta agent with one transport. Separate agents
 * make it possible to close one listener while others go on; an agent goes
 * when nothing is left on it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "b2bua/sip/listener_info.h"
#include "b2bua/sofia/nta_int.h"
#include "b2bua/sofia/tport_abi.h"
#include "base/dscp.h"
#include "base/metric.h"
#include "base/print.h"
#include "base/thread.h"

static const char *transport_name(enum conf_transport t)
{
	static const char *const names[] = {
		[CONF_UDP] = "udp",
		[CONF_TCP] = "tcp",
		[CONF_TLS] = "tls",
	};

	return names[t];
}

static void on_flow_closed(void *arg, struct sip_flow *f)
{
	struct endpoint *e = arg;
	struct nta_port *p = e->port;

	if (!p->closing && p->user != NULL)
		p->user->flow_closed(p->user_arg, f);
}

/* By `crypto signaling remote-addr`; a client-vtp judges for the listener's
 * own certificate alone. */
static struct trustpoint *on_shown(void *arg, const struct addr *peer)
{
	const struct endpoint *e = arg;
	const struct nta_port *p = e->port;
	struct trustpoint *t;

	if (e->side != CONF_CORE || p->user == NULL ||
		p->user->remote_trustpoint == NULL ||
		conf_listener_vtp(e->conf, e->lc) != NULL)
		return NULL;
	t = p->user->remote_trustpoint(p->user_arg, peer);
	return t != NULL && trustpoint_has_key(t) ? t : NULL;
}

/* A running one whose address a new one shall take over. */
static struct endpoint *holder_of(
	struct nta_port *p, const struct conf_listener *lc)
{
	for (struct endpoint *e = p->endpoints; e != NULL; e = e->next)
		if (e->live && e->stream != NULL &&
			addr_equal(&e->addr, &lc->addr))
			return e;
	return NULL;
}

static void set_host(sip_via_t *v, const char *host)
{
	for (; v != NULL; v = v->v_next)
		v->v_host = host;
}

/*
 * What stands in Via is written in place: the transport, its connections and
 * its transactions are the same ones.
 */
static void set_via(struct endpoint *e)
{
	const struct addr *a =
		addr_is_set(&e->advertise) ? &e->advertise : &e->addr;

	addr_uri_host(a, e->via_host);
	set_host(nta_agent_via(e->agent), e->via_host);
	for (tport_t *tp = tport_primaries(nta_agent_tports(e->agent));
		tp != NULL; tp = tport_next(tp))
		set_host((sip_via_t *)(void *)tport_magic(tp), e->via_host);
}

static bool same_advertise(const struct addr *a, const struct addr *b)
{
	if (!addr_is_set(a) || !addr_is_set(b))
		return addr_is_set(a) == addr_is_set(b);
	return addr_equal(a, b);
}

/* A mark that fails costs no call. */
static void mark(struct endpoint *e, const struct conf_listener *lc)
{
	for (tport_t *tp = tport_primaries(nta_agent_tports(e->agent));
		tp != NULL; tp = tport_next(tp))
		if (abi_socket(tp) >= 0)
			(void)!dscp_mark(
				abi_socket(tp), conf_dscp_signaling(lc));
}

static void set_limits(struct endpoint *e, const struct conf_listener *lc,
	struct conf *conf, struct trustpoint *tp)
{
	struct stream_limits l = {
		.max_connections = lc->max_connections,
		.max_per_source = lc->max_per_source,
		.handshake_ms = lc->handshake_seconds * 1000,
		.message_ms = lc->message_seconds * 1000,
		.idle_ms = lc->idle_seconds * 1000,
		.dscp = conf_dscp_signaling(lc),
		.via_tcp = lc->tls_terminator,
	};
	struct conf *old_conf = e->conf;
	struct trustpoint *old_tp = e->trustpoint;

	e->lc = lc;
	e->conf = obj_ref(conf);
	e->trustpoint = obj_ref(tp);
	e->side = lc->side;
	if (e->agent != NULL &&
		!same_advertise(&e->advertise, &lc->advertise)) {
		e->advertise = lc->advertise;
		set_via(e);
	}
	e->advertise = lc->advertise;
	if (e->agent != NULL)
		mark(e, lc);
	(void)!slice_copy(slice_str(lc->name), e->name, sizeof(e->name));
	if (e->stream != NULL)
		stream_set(e->stream, e->name, &l, tp, lc->client_verify,
			lc->client_names, lc->identity, conf);
	obj_unref(old_conf);
	obj_unref(old_tp);
}

/* "sip:203.0.113.5:5060;maddr=10.0.0.1;transport=tcp": what is before maddr
 * stands in Via. TLS goes by its scheme. */
static char *bind_url(const struct endpoint *e)
{
	bool out = addr_is_set(&e->advertise), tls = e->transport == CONF_TLS;
	char host[ADDR_TEXT], public[ADDR_TEXT];

	addr_uri_host(&e->addr, host);
	addr_uri_host(out ? &e->advertise : &e->addr, public);
	return mem_printf("%s:%s:%u%s%s%s%s", tls ? "sips" : "sip", public,
		addr_port(&e->addr), out ? ";maddr=" : "", out ? host : "",
		tls ? "" : ";transport=",
		tls ? "" : transport_name(e->transport));
}

static int open_agent(struct endpoint *e)
{
	su_root_t *root = stack_root(e->port->stack);
	const struct tport_ear ear = { nta_hears, e };
	char *url = bind_url(e);
	int err = 0;

	/* Sofia's word for "no address yet" */
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	e->agent = nta_agent_create(root, (url_string_t *)-1, NULL, NULL,
		NTATAG_UA(1), NTATAG_MERGE_482(0), NTATAG_USE_NAPTR(0),
		NTATAG_USE_SRV(0), NTATAG_MAXSIZE(FRAMER_MESSAGE_MAX),
		NTATAG_MAX_PROCEEDING(NTA_PROCEEDING), NTATAG_UDP_MTU(65535),
		NTATAG_SERVER_RPORT(e->stream == NULL),
		NTATAG_SIPFLAGS(MSG_DO_EXTRACT_COPY), TAG_END());
	need(e->agent != NULL);
	e->dflt.ep = e;
	e->dflt.leg = nta_leg_tcreate(e->agent, nta_on_request, &e->dflt,
		NTATAG_NO_DIALOG(1), TAG_END());
	need(e->dflt.leg != NULL);
	stream_bind(e->stream, &ear);
	errno = 0;
	if (nta_agent_add_tport(e->agent, URL_STRING_MAKE(url),
		    TPTAG_IDENT(e->name), TPTAG_QUEUESIZE(1024),
		    TPTAG_SDWN_ERROR(1), TPTAG_IDLE(UINT_MAX),
		    TPTAG_UDP_RMEM(4 << 20), TPTAG_UDP_WMEM(4 << 20),
		    TAG_END()) < 0)
		err = errno != 0 ? errno : EADDRNOTAVAIL;
	stream_bind(NULL, &(struct tport_ear){ 0 });
	free(url);
	return err;
}

int endpoint_open(struct endpoint **out, struct sip_port *port,
	const struct conf_listener *lc, struct conf *conf,
	struct trustpoint *tp)
{
	struct nta_port *p = nta_port_of(port);
	struct endpoint *e, *holder = holder_of(p, lc);
	int err;

	*out = NULL;
	if (lc->transport == CONF_TLS && (p->hs == NULL || tp == NULL))
		return ENOTSUP;
	e = mem_new(sizeof(*e));
	e->port = p;
	e->transport = lc->transport;
	e->addr = lc->addr;
	if (lc->transport != CONF_UDP) {
		struct stream_params sp = {
			.side = lc->side,
			.tls = lc->transport == CONF_TLS,
			.beside = holder != NULL,
			.hs = p->hs,
			.queue = stack_queue(p->stack),
			.outbox = stack_outbox(p->stack),
			.closed = on_flow_closed,
			.shown = on_shown,
			.arg = e,
		};

		e->stream = stream_new(&sp);
		if (holder != NULL)
			stream_share(holder->stream, true);
	}
	set_limits(e, lc, conf, tp);
	e->next = p->endpoints;
	p->endpoints = e;
	err = open_agent(e);
	if (err != 0) {
		p->endpoints = e->next;
		nta_endpoint_free(e);
		if (holder != NULL)
			stream_share(holder->stream, false);
		return err;
	}
	*out = e;
	return 0;
}

void nta_endpoint_free(struct endpoint *e)
{
	if (e->dflt.leg != NULL)
		nta_leg_destroy(e->dflt.leg);
	if (e->agent != NULL)
		nta_agent_destroy(e->agent);
	stream_free(e->stream);
	obj_unref(e->trustpoint);
	obj_unref(e->conf);
	free(e);
}

struct endpoint *endpoint_same(
	struct sip_port *port, const struct conf_listener *lc)
{
	struct endpoint *e = nta_port_of(port)->endpoints;

	for (; e != NULL; e = e->next)
		if ((e->live || (e->retiring && e->stream == NULL)) &&
			e->transport == lc->transport &&
			addr_equal(&e->addr, &lc->addr) &&
			(!addr_is_any(&e->addr) ||
				same_advertise(&e->advertise, &lc->advertise)))
			return e;
	return NULL;
}

void endpoint_publish(struct endpoint *e, const struct conf_listener *lc,
	struct conf *conf, struct trustpoint *tp)
{
	set_limits(e, lc, conf, tp);
	e->live = true;
	e->retiring = false;
	if (e->stream != NULL)
		stream_share(e->stream, false);
}

void endpoint_discard(struct endpoint *e)
{
	struct endpoint **at = &e->port->endpoints;

	need(!e->live);
	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	nta_endpoint_free(e);
	for (e = *at; e != NULL; e = e->next)
		if (e->live && e->stream != NULL)
			stream_share(e->stream, false);
}

void endpoint_retire(struct endpoint *e)
{
	e->retiring = true;
	e->live = false;
	if (e->stream != NULL)
		stream_stop_accepting(e->stream);
}

struct endpoint *endpoint_next(struct sip_port *port, struct endpoint *e)
{
	e = e == NULL ? nta_port_of(port)->endpoints : e->next;
	while (e != NULL && e->retiring)
		e = e->next;
	return e;
}

struct endpoint *nta_find_endpoint(struct nta_port *p, const char *listener)
{
	for (struct endpoint *e = p->endpoints; e != NULL; e = e->next)
		if (e->live && strcmp(e->name, listener) == 0)
			return e;
	return NULL;
}

struct endpoint *nta_route_endpoint(
	struct nta_port *p, const struct sip_route *route)
{
	struct conn *c = conn_of_flow(route->flow);
	struct endpoint *e;

	if (route->flow != NULL)
		return c != NULL ? conn_owner(c) : NULL;
	e = nta_find_endpoint(p, route->listener);
	return e != NULL && e->transport == route->transport ? e : NULL;
}

static bool over(struct endpoint *e)
{
	usize_t in = 0, out = 0, legs = 0;

	if (!e->retiring || e->users > 0 ||
		(e->stream != NULL && !stream_quiet(e->stream)))
		return false;
	nta_agent_get_stats(e->agent, NTATAG_S_IRQ_HASH_USED_REF(in),
		NTATAG_S_ORQ_HASH_USED_REF(out),
		NTATAG_S_LEG_HASH_USED_REF(legs), TAG_END());
	return in == 0 && out == 0 && legs == 0;
}

/* What nta refuses or drops before anybody of ours sees it. */
static void count_unreadable(struct endpoint *e)
{
	usize_t messages = 0, requests = 0, responses = 0;
	size_t now;

	nta_agent_get_stats(e->agent, NTATAG_S_BAD_MESSAGE_REF(messages),
		NTATAG_S_BAD_REQUEST_REF(requests),
		NTATAG_S_BAD_RESPONSE_REF(responses), TAG_END());
	now = messages + requests + responses;
	metric_add(M_SIP_UNREADABLE, now - e->unreadable);
	e->unreadable = now;
}

void nta_endpoint_sweep(struct nta_port *p)
{
	struct endpoint **at = &p->endpoints, *e;
	uint64_t now = clock_ms();

	for (e = p->endpoints; e != NULL; e = e->next) {
		count_unreadable(e);
		if (e->stream != NULL)
			stream_sweep(e->stream, now);
	}
	while ((e = *at) != NULL) {
		if (!over(e)) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		log_event(MSG_SIP_LISTENER_GONE, NULL,
			L_STR("listener", e->name),
			L_ADDR("address", &e->addr));
		nta_endpoint_free(e);
	}
}

/* The address of ours that packets to `peer` carry: asked of the kernel. */
static struct addr source_towards(const struct addr *peer, int family)
{
	struct addr to = *peer, from = { 0 };
	socklen_t n = sizeof(from);
	int fd;

	if (!addr_is_set(&to) &&
		addr_parse(&to,
			family == AF_INET6 ? SLICE_LIT("2001:db8::1")
					   : SLICE_LIT("192.0.2.1"),
			9) != 0)
		return from;
	fd = socket(to.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return from;
	if (connect(fd, &to.sa, addr_len(&to)) != 0 ||
		getsockname(fd, &from.sa, &n) != 0)
		from = (struct addr){ 0 };
	(void)close(fd);
	return from;
}

bool nta_contact_host(const struct endpoint *e, const struct conn *c,
	const struct addr *peer, char *out, size_t size)
{
	static const struct addr none = { 0 };
	struct addr a = addr_is_set(&e->advertise) ? e->advertise : e->addr;
	char host[ADDR_TEXT];

	if (addr_is_any(&a))
		a = c != NULL ? conn_local(c)
			      : source_towards(peer != NULL ? peer : &none,
					a.sa.sa_family);
	if (!addr_is_set(&a))
		(void)!addr_parse(&a, SLICE_LIT("127.0.0.1"), 0);
	return print_into(out, size, "%s:%u%s%s", addr_uri_host(&a, host),
		       addr_port(&e->addr),
		       e->transport == CONF_UDP ? "" : ";transport=",
		       e->transport == CONF_UDP
			       ? ""
			       : transport_name(e->transport)) < size;
}

/* ---- show ---- */

static void conn_fill(struct conn_info *out, const struct endpoint *e,
	const struct conn *c, uint64_t now)
{
	const struct sip_flow *f = conn_flow(c);
	const struct identity *id = f->identity;

	memcpy(out->listener, e->name, sizeof(out->listener));
	out->side = e->side;
	out->transport = e->transport;
	out->outbound = conn_outbound(c);
	out->local = conn_local(c);
	out->remote = f->peer;
	memcpy(out->tls_version, id->tls_version, sizeof(out->tls_version));
	memcpy(out->tls_cipher, id->tls_cipher, sizeof(out->tls_cipher));
	(void)snprintf(out->device, sizeof(out->device), "%s",
		id->device != NULL ? id->device : "");
	(void)snprintf(out->identity, sizeof(out->identity), "%s",
		id->subject != NULL ? id->subject : "");
	out->not_after = id->not_after;
	out->age_ms = now - conn_opened(c);
}

struct conn_info *sip_nta_conns(struct sip_port *port, size_t *n)
{
	struct nta_port *p = nta_port_of(port);
	struct conn_info *v;
	uint64_t now = clock_ms();
	size_t total = 0;

	for (struct endpoint *e = p->endpoints; e != NULL; e = e->next)
		total += e->stream != NULL ? stream_connections(e->stream) : 0;
	v = mem_array(total + 1, sizeof(*v));
	*n = 0;
	for (struct endpoint *e = p->endpoints; e != NULL; e = e->next) {
		struct conn *c =
			e->stream != NULL ? stream_first(e->stream) : NULL;

		for (; c != NULL; c = stream_next(c))
			conn_fill(&v[(*n)++], e, c, now);
	}
	return v;
}

struct listener_info *sip_nta_listeners(struct sip_port *port, size_t *n)
{
	struct nta_port *p = nta_port_of(port);
	struct listener_info *v;
	size_t total = 0;

	for (struct endpoint *e = p->endpoints; e != NULL; e = e->next)
		total++;
	v = mem_array(total + 1, sizeof(*v));
	*n = total;
	/* endpoints are kept last first */
	for (struct endpoint *e = p->endpoints; e != NULL; e = e->next) {
		struct listener_info *li = &v[--total];

		memcpy(li->name, e->name, sizeof(li->name));
		li->side = e->side;
		li->transport = e->transport;
		li->addr = e->addr;
		li->retiring = e->retiring;
		if (e->stream != NULL) {
			li->connections = stream_connections(e->stream);
			li->handshakes = stream_handshakes(e->stream);
		}
	}
	return v;
}
