/*
 * interface, bind and voice class tenant: CUBE names addresses by interfaces.
 * Interfaces are the host's to configure; here they are names of addresses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

/* ---- interface ---- */

static void set_ip(struct line *l)
{
	struct conf_interface *i = l->obj;
	const struct word *w = line_arg(l, 0);

	if (line_has(l, "secondary"))
		return; /* nothing is bound to it by the interface's name */
	i->addr[0] = (struct addr){ 0 };
	if (!l->no && !l->def && w != NULL)
		need(addr_parse(&i->addr[0], w->text, 0) == 0);
}

/* X:X::X/LENGTH, of which the length is the host's matter. */
static void set_ipv6(struct line *l)
{
	struct conf_interface *i = l->obj;
	const struct word *w = line_arg(l, 0);
	struct slice text;

	i->addr[1] = (struct addr){ 0 };
	if (l->no || l->def || w == NULL)
		return;
	text = slice_head(w->text, slice_find(w->text, '/'));
	if (addr_parse(&i->addr[1], text, 0) != 0 ||
		i->addr[1].sa.sa_family != AF_INET6) {
		i->addr[1] = (struct addr){ 0 };
		line_error(l, w, "write 'ipv6 address 2001:db8::1/64'",
			"'%.*s' is not an IPv6 address", SLICE_ARG(w->text));
	}
}

static void show_addresses(const struct show *s, const struct cmd *row)
{
	const struct conf_interface *i = s->obj;
	char host[ADDR_TEXT];

	(void)row;
	if (addr_is_set(&i->addr[0]))
		show_line(s, "ip address %s", addr_host(&i->addr[0], host));
	if (addr_is_set(&i->addr[1]))
		show_line(s, "ipv6 address %s", addr_host(&i->addr[1], host));
}

/* ---- bind ---- */

static struct conf_binds *binds_of(const struct line *l)
{
	size_t offset = l->row->offset;

	return (struct conf_binds *)(void *)((char *)l->obj + offset);
}

static void set_bind(struct line *l)
{
	struct conf_binds *b = binds_of(l);
	const struct word *name = l->no || l->def ? NULL : line_arg(l, 0);
	bool both = l->n == 0 || line_has(l, "all");

	if (both || line_has(l, "control"))
		set_ref(l, &b->control, M_INTERFACE, name);
	if (both || line_has(l, "media"))
		set_ref(l, &b->media, M_INTERFACE, name);
}

static void show_bind(const struct show *s, const struct cmd *row)
{
	const void *at = (const char *)s->obj + row->offset;
	const struct conf_binds *b = at;
	const char *head =
		strncmp(row->syntax, "bind", 4) == 0 ? "" : "voice-class sip ";
	char *text;

	if (b->control != NULL) {
		text = mem_printf("%sbind control source-interface", head);
		show_quoted(s, text, b->control->name);
		free(text);
	}
	if (b->media != NULL) {
		text = mem_printf("%sbind media source-interface", head);
		show_quoted(s, text, b->media->name);
		free(text);
	}
}

/* ---- voice class tenant ---- */

static void set_tenant_transport(struct line *l)
{
	struct conf_tenant *t = l->obj;

	t->transport_set = !l->no && !l->def;
	t->transport = t->transport_set ? line_transport(l) : CONF_UDP;
}

static void show_tenant_transport(const struct show *s, const struct cmd *row)
{
	const struct conf_tenant *t = s->obj;

	(void)row;
	if (t->transport_set)
		show_line(s, "session transport %s",
			show_transport(t->transport));
}

static void set_tenant_srtp(struct line *l)
{
	struct conf_tenant *t = l->obj;

	t->srtp = line_srtp(l);
}

static void show_tenant_srtp(const struct show *s, const struct cmd *row)
{
	const struct conf_tenant *t = s->obj;

	(void)row;
	if (t->srtp != CONF_SRTP_INHERIT)
		show_line(s, "%s", show_srtp(t->srtp));
}

static void set_tenant_srtp_offer(struct line *l)
{
	struct conf_tenant *t = l->obj;

	t->srtp_offer = line_srtp_offer(l);
}

static void show_tenant_srtp_offer(const struct show *s, const struct cmd *row)
{
	const struct conf_tenant *t = s->obj;

	(void)row;
	if (t->srtp_offer != CONF_SRTP_OFFER_INHERIT)
		show_line(s, "srtp offer %s", show_srtp_offer(t->srtp_offer));
}

static void set_tenant_rtcp_mux(struct line *l)
{
	struct conf_tenant *x = l->obj;

	x->rtcp_mux = line_rtcp_mux(l);
}

static void show_tenant_rtcp_mux(const struct show *s, const struct cmd *row)
{
	const struct conf_tenant *x = s->obj;

	(void)row;
	if (x->rtcp_mux != CONF_RTCP_MUX_INHERIT)
		show_line(s, "%s", show_rtcp_mux(x->rtcp_mux));
}

static void set_tenant_server(struct line *l)
{
	struct conf_tenant *t = l->obj;

	set_host(l, &t->server, line_arg(l, 0));
}

static void show_tenant_server(const struct show *s, const struct cmd *row)
{
	const struct conf_tenant *t = s->obj;

	(void)row;
	if (t->server.host == NULL)
		return;
	fprintf(s->out, "%*ssip-server ", (int)s->indent, "");
	target_show(s->out, t->server.host, &t->server.addr, t->server.port);
	fputc('\n', s->out);
}

/* ---- what holds for a dial-peer ---- */

const struct conf_interface *conf_peer_control(
	const struct conf *c, const struct conf_dial_peer *p)
{
	if (p != NULL && p->binds.control != NULL)
		return p->binds.control;
	if (p != NULL && p->tenant != NULL && p->tenant->binds.control != NULL)
		return p->tenant->binds.control;
	return c->voip.binds.control;
}

const struct conf_interface *conf_peer_media(
	const struct conf *c, const struct conf_dial_peer *p)
{
	if (p != NULL && p->binds.media != NULL)
		return p->binds.media;
	if (p != NULL && p->tenant != NULL && p->tenant->binds.media != NULL)
		return p->tenant->binds.media;
	return c->voip.binds.media;
}

const struct conf_host *conf_peer_server(
	const struct conf *c, const struct conf_dial_peer *p)
{
	if (p->tenant != NULL && p->tenant->server.host != NULL)
		return &p->tenant->server;
	return c->ua.server.host != NULL ? &c->ua.server : NULL;
}

bool conf_interface_has(const struct conf_interface *i, const struct addr *host)
{
	for (int k = 0; k < 2; k++)
		if (addr_is_set(&i->addr[k]) &&
			addr_same_host(&i->addr[k], host))
			return true;
	return false;
}

/* A tenant's transport is that of dial-peers which name none. */
void inherit_tenants(struct conf *c)
{
	for (struct conf_dial_peer *d = c->dial_peers; d != NULL; d = d->next)
		if (!d->transport_set && d->tenant != NULL &&
			d->tenant->transport_set)
			d->transport = d->tenant->transport;
}

static void check_interface(struct parse *p, const void *obj, const char *key,
	const struct conf_interface *i)
{
	if (i != NULL && !addr_is_set(&i->addr[0]) && !addr_is_set(&i->addr[1]))
		complain(p, false, obj, key,
			"add 'ip address A.B.C.D' below it",
			"interface %s has no address", i->name);
}

void check_binds(struct parse *p)
{
	const struct conf *c = p->conf;

	check_interface(p, c, "bind", c->voip.binds.control);
	check_interface(p, c, "bind", c->voip.binds.media);
	for (const struct conf_tenant *t = c->tenants; t != NULL; t = t->next) {
		check_interface(p, t, "bind", t->binds.control);
		check_interface(p, t, "bind", t->binds.media);
	}
	for (const struct conf_dial_peer *d = c->dial_peers; d != NULL;
		d = d->next) {
		check_interface(p, d, "voice-class sip bind", d->binds.control);
		check_interface(p, d, "voice-class sip bind", d->binds.media);
	}
}

/* clang-format off */
#define SOURCE "source-interface WORD [ipv6-address X:X::X]"

const struct cmd bind_global_cmds[] = {
	{ "interface WORD", K_ENTER, .enter = M_INTERFACE,
	  .help = "A name for an address, for `bind`" },
	{ "voice class tenant <1-10000>", K_ENTER, .enter = M_TENANT,
	  .help = "What several dial-peers have in common" },
	{ NULL },
};

const struct cmd interface_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_interface, description),
	  .help = "What this is for" },
	{ "ip address A.B.C.D [A.B.C.D] [secondary]", K_FN, .set = set_ip,
	  .show = show_addresses, .help = "Its address",
	  .more = "The host has to have it. A mask is read and not used." },
	{ "ipv6 address WORD", K_FN, .set = set_ipv6, .show = show_with_above,
	  .help = "Its IPv6 address" },
	{ "shutdown", K_NOTICE,
	  .more = "the host's operating system configures interfaces" },
	{ "{negotiation|duplex|speed|media-type|encapsulation|standby|"
	  "service-policy|vrf|load-interval|cdp|mtu|keepalive|arp} [LINE]",
	  K_NOTICE,
	  .more = "the host's operating system configures interfaces" },
	{ "ip {access-group|nat|virtual-reassembly|mtu|redirects|"
	  "unreachables|proxy-arp|flow|tcp|vrf|address dhcp} [LINE]", K_NOTICE,
	  .more = "the host's operating system configures interfaces" },
	{ "ipv6 {enable|nd|mtu} [LINE]", K_NOTICE,
	  .more = "the host's operating system configures interfaces" },
	{ NULL },
};

const struct cmd peer_bind_cmds[] = {
	{ "voice-class sip bind {control|media|all} " SOURCE, K_FN,
	  F_PTR(conf_dial_peer, binds), .set = set_bind, .show = show_bind,
	  .help = "Where SIP is sent from, and RTP is received",
	  .more = "By an `interface`: its listener with this dial-peer's "
		  "transport sends; `media` is the address in SDP. A line "
		  "here goes before the tenant's, that before `voice service "
		  "voip`'s. `bind listener` goes before all." },
	{ "voice-class sip tenant <1-10000>", K_REF,
	  F_PTR(conf_dial_peer, tenant), .enter = M_TENANT,
	  .help = "What several dial-peers have in common" },
	{ NULL },
};

const struct cmd voip_bind_cmds[] = {
	{ "bind {control|media|all} " SOURCE, K_FN, F_PTR(conf, voip.binds),
	  .set = set_bind, .show = show_bind,
	  .help = "Where SIP is sent from, and RTP is received" },
	{ NULL },
};

const struct cmd tenant_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_tenant, description),
	  .help = "What this is for" },
	{ "bind {control|media|all} " SOURCE, K_FN, F_PTR(conf_tenant, binds),
	  .set = set_bind, .show = show_bind,
	  .help = "Where SIP is sent from, and RTP is received" },
	{ "session transport {udp|tcp [tls]}", K_FN,
	  .set = set_tenant_transport, .show = show_tenant_transport,
	  .help = "What carries SIP of dial-peers that do not say" },
	{ "srtp [fallback|pass-thru]", K_FN,
	  .set = set_tenant_srtp, .show = show_tenant_srtp,
	  .help = "Encrypted media of dial-peers that say nothing of it",
	  .more = "As `srtp` of a dial-peer; without a line, what `voice "
		  "service voip` says." },
	{ "srtp offer {savp|opportunistic|two-lines}", K_FN,
	  .set = set_tenant_srtp_offer, .show = show_tenant_srtp_offer,
	  .help = "How SRTP is offered, for those that do not say" },
	{ "rtcp-mux [answer]", K_FN, .set = set_tenant_rtcp_mux,
	  .show = show_tenant_rtcp_mux,
	  .help = "RTP and RTCP on one port, for those that do not say",
	  .more = "As `rtcp-mux` of a dial-peer." },
	{ "srtp-crypto <1-10000>", K_REF, F_PTR(conf_tenant, cryptos),
	  .enter = M_CRYPTO_CLASS,
	  .help = "SRTP crypto suites of those that name none" },
	{ "g729 annexb-all", K_NONE, .help = "G.729 with and without Annex B",
	  .more = "Accepted for CUBE's sake; it is so anyway." },
	{ "sip-server TARGET", K_FN, .set = set_tenant_server,
	  .show = show_tenant_server,
	  .help = "Where `session target sip-server` leads" },
	{ NULL },
};
/* clang-format on */
