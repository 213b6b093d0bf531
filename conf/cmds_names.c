/* ip name-server, ip host: where names lead; retry, timers: how long a target
 * may be silent. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "conf/conf_int.h"

enum { DNS_PORT = 53, TRYING_MS = 500 };

/* ---- ip name-server ---- */

static void add_server(struct line *l, const struct word *w, uint16_t port)
{
	struct conf *c = l->p->conf;
	struct addr a;

	need(addr_parse(&a, w->text, port) == 0); /* was checked */
	for (size_t i = 0; i < c->nname_servers; i++)
		if (addr_equal(&a, &c->name_server[i]))
			return;
	if (c->nname_servers == CONF_NAME_SERVERS_MAX) {
		line_error(l, w, "remove one", "there are six name servers");
		return;
	}
	c->name_server[c->nname_servers++] = a;
}

static void drop_server(struct conf *c, const struct word *w)
{
	struct addr a;

	need(addr_parse(&a, w->text, 0) == 0);
	for (size_t i = 0; i < c->nname_servers; i++) {
		if (!addr_same_host(&a, &c->name_server[i]))
			continue;
		for (c->nname_servers--; i < c->nname_servers; i++)
			c->name_server[i] = c->name_server[i + 1];
		return;
	}
}

static void set_name_server(struct line *l)
{
	const struct word *port = line_after(l, "port"), *w;

	if ((l->no || l->def) && line_arg(l, 0) == NULL)
		l->p->conf->nname_servers = 0;
	for (size_t i = 0; (w = line_arg(l, i)) != NULL && w != port; i++)
		if (l->no || l->def)
			drop_server(l->p->conf, w);
		else
			add_server(l, w,
				port != NULL ? (uint16_t)port->number
					     : DNS_PORT);
}

static void show_name_servers(const struct show *s, const struct cmd *row)
{
	char host[ADDR_TEXT];

	(void)row;
	for (size_t i = 0; i < s->conf->nname_servers; i++) {
		const struct addr *a = &s->conf->name_server[i];

		if (addr_port(a) == DNS_PORT)
			show_line(s, "ip name-server %s", addr_host(a, host));
		else
			show_line(s, "ip name-server %s port %u",
				addr_host(a, host), addr_port(a));
	}
}

/* ---- ip host ---- */

static struct conf_host_name **find_host(struct conf *c, struct slice name)
{
	struct conf_host_name **at = &c->host_names;

	while (*at != NULL && !slice_caseeq_str(name, (*at)->name))
		at = &(*at)->next;
	return at;
}

static void host_free(struct conf_host_name *h)
{
	for (size_t i = 0; i < h->nsrvs; i++)
		free(h->srv[i].target);
	free(h->name);
	free(h);
}

static struct conf_host_name *host_of(struct line *l)
{
	struct conf_host_name **at =
		find_host(l->p->conf, line_arg(l, 0)->text);

	if (*at == NULL) {
		*at = mem_new(sizeof(**at));
		(*at)->name = slice_dup(line_arg(l, 0)->text);
	}
	return *at;
}

static void drop_host(struct line *l)
{
	const struct word *name = line_arg(l, 0);
	struct conf_host_name **at, *h;

	if (name == NULL) { /* a default: there are none */
		names_free(l->p->conf);
		return;
	}
	at = find_host(l->p->conf, name->text);
	h = *at;
	if (h == NULL)
		return;
	*at = h->next;
	host_free(h);
}

static void set_host_addrs(struct line *l)
{
	struct conf_host_name *h;
	const struct word *w;

	if (l->no || l->def) {
		drop_host(l);
		return;
	}
	h = host_of(l);
	h->naddrs = 0;
	for (size_t i = 1; (w = line_arg(l, i)) != NULL; i++)
		need(addr_parse(&h->addr[h->naddrs++], w->text, 0) == 0);
}

static void set_host_srv(struct line *l)
{
	struct conf_host_name *h;
	struct conf_host_srv *v;

	if (l->no || l->def) {
		drop_host(l);
		return;
	}
	h = host_of(l);
	if (h->nsrvs == CONF_HOST_SRVS_MAX) {
		line_error(l, line_arg(l, 0), "remove one",
			"a name has at most 16 servers");
		return;
	}
	v = &h->srv[h->nsrvs++];
	v->priority = (uint16_t)line_arg(l, 1)->number;
	v->weight = (uint16_t)line_arg(l, 2)->number;
	v->port = (uint16_t)line_arg(l, 3)->number;
	v->target = slice_dup(line_arg(l, 4)->text);
}

static void show_host_addrs(const struct show *s, const struct cmd *row)
{
	char host[ADDR_TEXT];

	(void)row;
	for (const struct conf_host_name *h = s->conf->host_names; h != NULL;
		h = h->next) {
		if (h->naddrs == 0)
			continue;
		fprintf(s->out, "%*sip host %s", (int)s->indent, "", h->name);
		for (size_t i = 0; i < h->naddrs; i++)
			fprintf(s->out, " %s", addr_host(&h->addr[i], host));
		fputc('\n', s->out);
	}
}

static void show_host_srvs(const struct show *s, const struct cmd *row)
{
	(void)row;
	for (const struct conf_host_name *h = s->conf->host_names; h != NULL;
		h = h->next)
		for (size_t i = 0; i < h->nsrvs; i++)
			show_line(s, "ip host %s srv %u %u %u %s", h->name,
				h->srv[i].priority, h->srv[i].weight,
				h->srv[i].port, h->srv[i].target);
}

void names_free(struct conf *c)
{
	while (c->host_names != NULL) {
		struct conf_host_name *h = c->host_names;

		c->host_names = h->next;
		host_free(h);
	}
}

/* clang-format off */
#define ADDR "{A.B.C.D|X:X::X}"
const struct cmd name_cmds[] = {
	{ "ip name-server " ADDR " port <1-65535>", K_FN,
	  .set = set_name_server, .flags = C_HIDDEN,
	  .help = "A name server at another port than 53" },
	{ "ip name-server " ADDR " [" ADDR " [" ADDR " [" ADDR " [" ADDR " ["
	  ADDR "]]]]]", K_FN, .set = set_name_server,
	  .show = show_name_servers,
	  .help = "Who is asked for names, up to six",
	  .more = "Without it, the name servers of /etc/resolv.conf, read at "
		  "start and reload. `port N` behind one address: not at 53." },
	{ "ip host HOST srv <0-65535> <0-65535> <1-65535> HOST", K_FN,
	  .set = set_host_srv, .show = show_host_srvs,
	  .help = "A server of `_sip._udp.NAME`, `_sip._tcp.NAME` or "
		  "`_sips._tcp.NAME`: priority, weight, port, host",
	  .more = "Where `dns:NAME` leads, without a name server. Lower "
		  "priorities are tried first, equal ones shared by weight "
		  "(RFC 2782)." },
	{ "ip host HOST " ADDR " [" ADDR " [" ADDR " [" ADDR " [" ADDR " ["
	  ADDR " [" ADDR " [" ADDR "]]]]]]]", K_FN, .set = set_host_addrs,
	  .show = show_host_addrs,
	  .help = "The addresses of a host, up to eight, in order",
	  .more = "Goes before /etc/hosts and name servers." },
	{ NULL },
};

const struct cmd ua_retry_cmds[] = {
	{ "retry invite <1-10>", K_UINT, F(conf, ua.retry_invite),
	  .help = "Repetitions of an INVITE that nobody answers",
	  .more = "Then the next target is tried: after T x (2^(N+1) - 1), T "
		  "being `timers trying`. Over TCP and TLS nothing is "
		  "repeated, and the time is the same. Without it, after 32 "
		  "seconds; after 4 where the name leads to another address. "
		  "CUBE's default is 6." },
	{ "retry register <1-10>", K_UINT, F(conf, ua.retry_register),
	  .help = "The same for REGISTER" },
	{ "timers trying <100-1000>", K_UINT, F(conf, ua.trying_ms),
	  .def = TRYING_MS,
	  .help = "Milliseconds that `retry` begins with" },
	{ "retry {bye|cancel|comet|info|keepalive|notify|options|prack|refer|"
	  "response|rel1xx|subscribe|update} LINE", K_NOTICE,
	  .more = "those are given up when RFC 3261's timers say so" },
	{ "timers {buffer-invite|comet|connect|connection|disconnect|dns|"
	  "expires|hold|info|keepalive|notify|options|prack|refer|register|"
	  "rel1xx|subscribe|update} LINE", K_NOTICE,
	  .more = "SIP's timers are those of RFC 3261" },
	{ NULL },
};
/* clang-format on */
