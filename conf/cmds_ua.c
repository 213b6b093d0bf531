/* sip-ua: what we are towards the call manager. */
#include <stdio.h>

#include "conf/conf_int.h"

enum { REGISTRAR_EXPIRES = 3600 };

static void clear_registrar(struct conf *c)
{
	c->ua.registrar = CONF_REG_NONE;
	set_str(&c->ua.registrar_host, slice_of(NULL, 0));
	set_str(&c->ua.registrar_peer_name, slice_of(NULL, 0));
	c->ua.registrar_addr = (struct addr){ 0 };
	c->ua.registrar_port = 0;
	c->ua.registrar_transport = CONF_UDP;
	c->ua.registrar_expires = REGISTRAR_EXPIRES;
}

static void set_registrar_host(struct line *l, const struct word *w)
{
	struct conf *c = l->p->conf;
	const struct word *name = line_after(l, "peer-name");
	struct target t;
	struct arg_bad bad;

	need(target_parse(w->text, &t, &bad)); /* was checked */
	c->ua.registrar = CONF_REG_HOST;
	c->ua.registrar_pos = l->pos;
	set_str(&c->ua.registrar_host, t.host);
	c->ua.registrar_addr = t.addr;
	c->ua.registrar_port = t.port;
	c->ua.registrar_transport = line_transport(l);
	if (name != NULL)
		set_str(&c->ua.registrar_peer_name, name->text);
}

static void set_registrar(struct line *l)
{
	struct conf *c = l->p->conf;
	const struct word *expires = line_after(l, "expires");

	clear_registrar(c);
	if (l->no || l->def)
		return;
	if (expires != NULL)
		c->ua.registrar_expires = (unsigned)expires->number;
	if (line_has(l, "embedded"))
		c->ua.registrar = CONF_REG_EMBEDDED;
	else
		set_registrar_host(l, line_arg(l, 0));
}

static void show_registrar(const struct show *s, const struct cmd *row)
{
	const struct conf *c = s->conf;

	(void)row;
	if (c->ua.registrar == CONF_REG_NONE)
		return;
	fprintf(s->out, "%*sregistrar ", (int)s->indent, "");
	if (c->ua.registrar == CONF_REG_EMBEDDED)
		fputs("embedded", s->out);
	else
		target_show(s->out, c->ua.registrar_host, &c->ua.registrar_addr,
			c->ua.registrar_port);
	if (c->ua.registrar_expires != REGISTRAR_EXPIRES)
		fprintf(s->out, " expires %u", c->ua.registrar_expires);
	if (c->ua.registrar_transport != CONF_UDP)
		fprintf(s->out, " %s",
			show_transport(c->ua.registrar_transport));
	if (c->ua.registrar_peer_name != NULL)
		fprintf(s->out, " peer-name %s", c->ua.registrar_peer_name);
	fputc('\n', s->out);
}

static void set_sip_server(struct line *l)
{
	set_host(l, &l->p->conf->ua.server, line_arg(l, 0));
}

static void show_sip_server(const struct show *s, const struct cmd *row)
{
	const struct conf_host *h = &s->conf->ua.server;

	(void)row;
	if (h->host == NULL)
		return;
	fprintf(s->out, "%*ssip-server ", (int)s->indent, "");
	target_show(s->out, h->host, &h->addr, h->port);
	fputc('\n', s->out);
}

/* clang-format off */
const struct cmd ua_global_cmds[] = {
	{ "sip-ua", K_ENTER, .enter = M_UA,
	  .help = "What we are towards the call manager" },
	{ NULL },
};

const struct cmd ua_cmds[] = {
	{ "registrar {embedded|TARGET} [expires <60-86400>] [tcp [tls]] "
	  "[peer-name HOST]", K_FN,
	  .set = set_registrar, .show = show_registrar, .flags = C_ONCE,
	  .help = "Where phones' registrations go",
	  .more = "`embedded`: Lineside keeps them itself and calls go from "
		  "phone to phone. `expires` is what the call manager is "
		  "asked for, 3600 if nothing is said. With `tls`, the call "
		  "manager's certificate must have the peer-name, or the "
		  "host that was written." },
	{ "registrar TARGET " REGISTRAR_IOS, K_FN, .set = set_registrar,
	  .show = show_with_above, .flags = C_HIDDEN,
	  .help = "CUBE's spelling of registrar",
	  .more = "The rest of the line is read and not used." },
	{ "registrar 1 TARGET " REGISTRAR_IOS, K_FN, .set = set_registrar,
	  .show = show_with_above, .flags = C_HIDDEN,
	  .help = "CUBE's spelling of registrar, the first of several" },
	{ "registrar <2-6> TARGET " REGISTRAR_IOS, K_REFUSED,
	  .more = "there is one registrar: write 'registrar dns:NAME', and all "
		  "servers as addresses of that name ('ip host')" },
	{ "reason-header override", K_NONE,
	  .help = "Causes pass from one side of a call to the other",
	  .more = "It is so anyway: Reason of Q.850 as it comes, else that of "
		  "the status." },
	{ "sip-server TARGET", K_FN, .set = set_sip_server,
	  .show = show_sip_server,
	  .help = "Where `session target sip-server` leads" },
	{ NULL },
};
/* clang-format on */
