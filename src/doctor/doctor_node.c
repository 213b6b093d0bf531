/* A core node for the doctor: what it is called, where it is, and OPTIONS. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/obj.h"
#include "base/secret.h"
#include "base/wire.h"
#include "doctor/doctor_int.h"

enum { CLOCKS = 60 }; /* seconds that clocks may differ unmentioned */

struct each {
	struct doctor *d;
	doctor_node_fn *fn;
	void *arg;
};

/* Calls go from a core listener of the same family. */
static bool spoken(const struct conf *c, int family)
{
	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next)
		if (l->side == CONF_CORE && l->addr.sa.sa_family == family)
			return true;
	return false;
}

static void tell_at(const struct each *e, const struct doctor_node *n,
	const struct conf_dial_peer *p, struct doctor_found *f, size_t target)
{
	struct doctor_node copy = *n;

	copy.what = mem_dup(n->what);
	copy.addr = f->targets->v[target].addr;
	copy.port = addr_port(&copy.addr);
	copy.failed = &f->failed[target];
	e->fn(e->arg, copy, p);
}

/* Every target that calls could go to, in their order. 0, or why there is
 * none of that family. */
static int tell_family(const struct each *e, const struct doctor_node *n,
	const struct conf_dial_peer *p, int family)
{
	const struct resolver_want w = { .name = n->host,
		.transport = p != NULL ? p->transport
				       : e->d->conf->ua.registrar_transport,
		.port = n->port,
		.family = family };
	struct doctor_found *f;
	int err;
	struct dns_targets *t = doctor_name(e->d, &w, &err);

	if (t == NULL)
		return err;
	f = doctor_found(e->d, n, &w, t);
	for (size_t i = 0; i < t->n; i++)
		tell_at(e, n, p, f, f->order[i]);
	obj_unref(t);
	return 0;
}

static void tell_name(const struct each *e, const struct doctor_node *n,
	const struct conf_dial_peer *p)
{
	static const int families[] = { AF_INET, AF_INET6 };
	bool found = false, asked = false, silent = false;

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		int err;

		if (!spoken(e->d->conf, families[i]))
			continue;
		err = tell_family(e, n, p, families[i]);
		asked = true;
		found |= err == 0;
		silent |= err == ETIMEDOUT;
	}
	if (asked && !found)
		doctor_node_say(n, DOCTOR_ERROR, "reach",
			silent ? "check the name servers: 'ip name-server', "
				 "or /etc/resolv.conf"
			       : "check the name and its records (NAPTR, SRV, "
				 "A, AAAA), or add an 'ip host' line",
			"the name cannot be resolved: %s",
			silent ? "no name server answered"
			       : "it leads to no address");
}

/* Takes what the node owns. */
static void tell(const struct each *e, struct doctor_node n,
	const struct conf_dial_peer *p)
{
	if (addr_is_set(&n.addr)) {
		e->fn(e->arg, n, p);
		return;
	}
	tell_name(e, &n, p);
	free(n.what);
}

/* Asked is who is connected to: the outbound proxy, where there is one. */
static void tell_host(const struct each *e, const struct conf_dial_peer *p,
	const struct conf_host *to)
{
	const struct conf_hop hop = conf_peer_hop(e->d->conf, p, to);

	tell(e,
		(struct doctor_node){ .d = e->d,
			.what = mem_printf("%sdial-peer %u",
				hop.proxy != NULL ? "outbound-proxy of " : "",
				p->tag),
			.pos = p->pos,
			.host = hop.to->host,
			.port = hop.to->port,
			.addr = hop.to->addr,
			.names = hop.names,
			.bind = p->bind },
		p);
}

static void tell_peer(const struct each *e, const struct conf_dial_peer *p)
{
	const struct conf_host *server = conf_peer_server(e->d->conf, p);
	const struct conf_host host = { .host = p->target_host,
		.addr = p->target_addr,
		.port = p->target_port };

	switch (p->target) {
	case CONF_TARGET_HOST:
		tell_host(e, p, &host);
		break;
	case CONF_TARGET_SERVER:
		if (server != NULL)
			tell_host(e, p, server);
		break;
	case CONF_TARGET_GROUP:
		for (size_t i = 0; p->servers != NULL && i < p->servers->n; i++)
			tell_host(e, p, &p->servers->server[i].to);
		break;
	case CONF_TARGET_NONE:
	case CONF_TARGET_REGISTRAR:
		break;
	}
}

static void tell_registrar(const struct each *e)
{
	const struct conf *c = e->d->conf;
	const struct conf_host to = { .host = c->ua.registrar_host,
		.addr = c->ua.registrar_addr,
		.port = c->ua.registrar_port };
	const struct conf_hop hop = conf_peer_hop(c, NULL, &to);

	tell(e,
		(struct doctor_node){ .d = e->d,
			.what = mem_printf("%sthe registrar",
				hop.proxy != NULL ? "outbound-proxy of " : ""),
			.host = hop.to->host,
			.port = hop.to->port,
			.addr = hop.to->addr,
			.names = hop.proxy != NULL ? hop.names
						   : c->ua.registrar_peer_name,
			.pos = c->ua.registrar_pos },
		NULL);
}

void doctor_each_node(struct doctor *d, bool tls, doctor_node_fn *fn, void *arg)
{
	const struct each e = { d, fn, arg };
	const struct conf *c = d->conf;

	if (c->ua.registrar == CONF_REG_HOST &&
		(c->ua.registrar_transport == CONF_TLS) == tls)
		tell_registrar(&e);
	for (const struct conf_dial_peer *p = c->dial_peers; p != NULL;
		p = p->next)
		if (!p->shutdown && (p->transport == CONF_TLS) == tls)
			tell_peer(&e, p);
}

void doctor_node_say(const struct doctor_node *n, enum doctor_severity severity,
	const char *check, const char *mend, const char *fmt, ...)
{
	struct addr itself;
	char at[ADDR_TEXT], *text;
	va_list ap;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	if (severity == DOCTOR_ERROR && n->failed != NULL)
		*n->failed = true;
	if (addr_is_set(&n->addr) && addr_parse(&itself, slice_str(n->host), 0))
		doctor_say(n->d, severity, check, n->pos, mend,
			"%s, %s:%u (%s): %s", n->what, n->host, n->port,
			addr_host(&n->addr, at), text);
	else
		doctor_say(n->d, severity, check, n->pos, mend, "%s, %s:%u: %s",
			n->what, n->host, n->port, text);
	free(text);
}

char *doctor_node_options(
	const struct doctor_node *n, int fd, const char *transport)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct addr own = { 0 };
	char host[ADDR_TEXT], self[ADDR_TEXT], tag[17], lower[4];
	uint8_t noise[8];

	for (size_t i = 0; i < sizeof(lower); i++)
		lower[i] = transport[i] == '\0'
				   ? '\0'
				   : (char)(transport[i] - 'A' + 'a');
	if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0)
		own = addr_from_sockaddr((struct sockaddr *)&ss);
	random_bytes(noise, sizeof(noise));
	hex_encode(noise, sizeof(noise), tag);
	addr_uri_host(&n->addr, host);
	addr_text(&own, self);
	return mem_printf("OPTIONS sip:%s:%u;transport=%s SIP/2.0\r\n"
			  "Via: SIP/2.0/%s %s;branch=z9hG4bK%s;rport\r\n"
			  "Max-Forwards: 70\r\n"
			  "From: <sip:doctor@%s>;tag=%s\r\n"
			  "To: <sip:%s:%u>\r\n"
			  "Call-ID: %s@%s\r\n"
			  "CSeq: 1 OPTIONS\r\n"
			  "Contact: <sip:doctor@%s;transport=%s>\r\n"
			  "Accept: application/sdp\r\n"
			  "Content-Length: 0\r\n\r\n",
		host, n->port, lower, transport, self, tag,
		n->d->conf->hostname, tag, host, n->port, tag,
		n->d->conf->hostname, self, lower);
}

static void check_date(const struct doctor_node *n, struct slice header)
{
	struct slice rest = header, line;
	struct tm tm = { 0 };
	char text[64];
	long apart;

	while (slice_line(&rest, &line)) {
		if (!slice_casestarts(line, "date:") ||
			!slice_copy(slice_trim(slice_from(line, 5)), text,
				sizeof(text)) ||
			strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm) ==
				NULL)
			continue;
		apart = labs((long)(timegm(&tm) - time(NULL)));
		if (apart > CLOCKS)
			doctor_node_say(n, DOCTOR_WARNING, "clock",
				"set the clock of this machine and of the "
				"node by NTP",
				"its clock differs from ours by %ld s: it says "
				"%s",
				apart, text);
		return;
	}
}

char *doctor_node_answer(const struct doctor_node *n, struct slice answer)
{
	struct slice first = { .n = 0 };

	(void)slice_line(&answer, &first);
	if (!slice_starts(first, "SIP/2.0 "))
		return mem_dup("what it answers is not SIP");
	check_date(n, answer);
	return NULL;
}
