/*
 * outbound-proxy: where requests that begin something are sent first, whatever
 * host they are for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

void outbound_free(struct conf_proxy *x)
{
	free(x->to.host);
	free(x->peer_name);
}

static struct conf_proxy *proxy_of(const struct line *l)
{
	size_t offset = l->row->offset;

	return (struct conf_proxy *)(void *)((char *)l->obj + offset);
}

/* `no` where something around may say one: none at all. */
static void set_proxy(struct line *l)
{
	struct conf_proxy *x = proxy_of(l);
	bool system = line_has(l, "system");
	const struct word *to = l->n > 0 && !system ? line_arg(l, 0) : NULL;
	const struct word *name = line_after(l, "peer-name");

	outbound_free(x);
	*x = (struct conf_proxy){ .set = !l->def && !system };
	if (l->no || l->def || to == NULL)
		return;
	set_host(l, &x->to, to);
	x->reuse = line_has(l, "reuse");
	if (name != NULL)
		set_str(&x->peer_name, name->text);
}

static void set_voip_proxy(struct line *l)
{
	set_proxy(l);
	if (l->no)
		proxy_of(l)->set = false;
}

static void show_proxy(const struct show *s, const struct cmd *row)
{
	const void *at = (const char *)s->obj + row->offset;
	const struct conf_proxy *x = at;

	if (!x->set)
		return;
	fprintf(s->out, "%*s%s%.*soutbound-proxy", (int)s->indent, "",
		x->to.host == NULL ? "no " : "",
		(int)(strstr(row->syntax, "outbound-proxy") - row->syntax),
		row->syntax);
	if (x->to.host != NULL) {
		fputc(' ', s->out);
		target_show(s->out, x->to.host, &x->to.addr, x->to.port);
	}
	if (x->reuse)
		fputs(" reuse", s->out);
	if (x->peer_name != NULL)
		fprintf(s->out, " peer-name %s", x->peer_name);
	fputc('\n', s->out);
}

/* ---- what holds for a dial-peer ---- */

const struct conf_proxy *conf_peer_proxy(
	const struct conf *c, const struct conf_dial_peer *p)
{
	const struct conf_proxy *x = &c->voip.outbound;

	if (p != NULL && p->target == CONF_TARGET_REGISTRAR)
		return NULL; /* phones have connections of their own */
	if (p != NULL && p->outbound.set)
		x = &p->outbound;
	else if (p != NULL && p->tenant != NULL && p->tenant->outbound.set)
		x = &p->tenant->outbound;
	return x->to.host != NULL ? x : NULL;
}

struct conf_hop conf_peer_hop(const struct conf *c,
	const struct conf_dial_peer *p, const struct conf_host *to)
{
	const struct conf_proxy *x = conf_peer_proxy(c, p);
	const char *names = p != NULL ? conf_peer_names(p) : NULL;

	if (x == NULL)
		return (struct conf_hop){ .to = to, .names = names };
	if (x->peer_name != NULL)
		return (struct conf_hop){
			.to = &x->to, .names = x->peer_name, .proxy = x
		};
	return (struct conf_hop){ .to = &x->to,
		.names = p != NULL ? p->server_names : NULL,
		.proxy = x };
}

/* clang-format off */
#define PROXY "outbound-proxy TARGET [reuse] [peer-name HOST]"
#define BY_DHCP "write the proxy's address or name: 'outbound-proxy " \
	"dns:proxy.example.com'"
#define BEGINS "INVITE, REGISTER of `credentials`, OPTIONS of keepalives and " \
	"what else begins something; the Request-URI names the target all the " \
	"same. Within a call requests follow its route set. "

const struct cmd voip_proxy_cmds[] = {
	{ PROXY, K_FN, F_PTR(conf, voip.outbound), .set = set_voip_proxy,
	  .show = show_proxy, .help = "Requests go to this proxy first",
	  .more = BEGINS "For dial-peers and tenants that say nothing of it, "
		  "and for phones' requests to `sip-ua registrar`; not for "
		  "what goes to phones. A name is looked up as a target's is, "
		  "and its addresses are tried one after the other. With TLS "
		  "the proxy's certificate must have the peer-name, or the "
		  "host that was written; the target's `peer-name` is not "
		  "its. `reuse`: of the addresses that the name leads to, the "
		  "one that granted the last registration by this proxy gets "
		  "the next ones and all calls, as long as it answers; else "
		  "each caller's go to one of those that are equal." },
	{ "outbound-proxy dhcp", K_REFUSED, .more = BY_DHCP },
	{ NULL },
};

const struct cmd ua_proxy_cmds[] = {
	{ PROXY, K_FN, F_PTR(conf, voip.outbound), .set = set_voip_proxy,
	  .show = show_with_above, .flags = C_HIDDEN,
	  .help = "The outbound-proxy of `voice service voip`, `sip`" },
	{ NULL },
};

const struct cmd tenant_proxy_cmds[] = {
	{ "outbound-proxy {TARGET [reuse] [peer-name HOST]|system}", K_FN,
	  F_PTR(conf_tenant, outbound), .set = set_proxy, .show = show_proxy,
	  .help = "Requests go to this proxy first",
	  .more = "For the tenant's registrar, and dial-peers that say nothing "
		  "of it. `no outbound-proxy`: to the target itself, whatever "
		  "`voice service voip` says; `system`: as that says." },
	{ "outbound-proxy dhcp", K_REFUSED, .more = BY_DHCP },
	{ NULL },
};

const struct cmd peer_proxy_cmds[] = {
	{ "voice-class sip outbound-proxy {TARGET [reuse] [peer-name HOST]|"
	  "system}", K_FN,
	  F_PTR(conf_dial_peer, outbound), .set = set_proxy, .show = show_proxy,
	  .help = "Requests go to this proxy first",
	  .more = BEGINS "A line here goes before the tenant's, that before "
		  "`voice service voip`'s. `no voice-class sip "
		  "outbound-proxy`: to the target itself; `system`: as if "
		  "there were no line." },
	{ "voice-class sip outbound-proxy dhcp", K_REFUSED, .more = BY_DHCP },
	{ NULL },
};
/* clang-format on */
