/*
 * crypto signaling remote-addr: by which trustpoint TLS is spoken with the far
 * ends of a network.
 */
#include <stdio.h>

#include "conf/conf_int.h"

const struct conf_trustpoint *conf_remote_trustpoint(
	const struct conf *c, const struct addr *peer)
{
	const struct conf_remote *best = NULL;

	for (size_t i = 0; i < c->ua.nremotes; i++) {
		const struct conf_remote *r = &c->ua.remote[i];

		if (addr_is_set(&r->net.addr) && conf_net_has(&r->net, peer) &&
			(best == NULL || r->net.bits > best->net.bits))
			best = r;
	}
	return best != NULL ? best->trustpoint : NULL;
}

/* False: it was complained of. */
static bool read_net(struct line *l, struct conf_net *out)
{
	const struct word *addr = line_arg(l, 0), *mask = line_arg(l, 1);

	*out = (struct conf_net){ 0 };
	need(addr_parse(&out->addr, addr->text, 0) == 0); /* was checked */
	if (net_bits(mask->text, out->addr.sa.sa_family, &out->bits))
		return true;
	line_error(l, mask, "write it as 255.255.255.0, or as /24",
		"'%.*s' is not a network mask", SLICE_ARG(mask->text));
	return false;
}

/* Its entry, else one that is free; NULL: there is none. They stay where they
 * are: names are resolved into them. */
static struct conf_remote *entry_of(struct conf *c, const struct conf_net *net)
{
	struct conf_remote *free_one = NULL;

	for (size_t i = 0; i < c->ua.nremotes; i++) {
		struct conf_remote *r = &c->ua.remote[i];

		if (!addr_is_set(&r->net.addr))
			free_one = r;
		else if (net_same(&r->net, net))
			return r;
	}
	if (free_one == NULL && c->ua.nremotes < CONF_REMOTES_MAX)
		free_one = &c->ua.remote[c->ua.nremotes++];
	return free_one;
}

static void set_remote(struct line *l)
{
	struct conf *c = l->p->conf;
	const struct word *name = line_after(l, "trustpoint");
	struct conf_remote *r;
	struct conf_net net;

	if (line_arg(l, 1) == NULL) { /* all of them */
		for (size_t i = 0; i < c->ua.nremotes; i++) {
			c->ua.remote[i].net = (struct conf_net){ 0 };
			set_ref(l, &c->ua.remote[i].trustpoint, M_TRUSTPOINT,
				NULL);
		}
		return;
	}
	if (!read_net(l, &net))
		return;
	r = entry_of(c, &net);
	if (r == NULL) {
		line_error(l, NULL, "write larger networks",
			"there are at most %d of them", CONF_REMOTES_MAX);
		return;
	}
	r->pos = l->pos;
	r->net = l->no || l->def ? (struct conf_net){ 0 } : net;
	set_ref(l, &r->trustpoint, M_TRUSTPOINT, l->no || l->def ? NULL : name);
}

static void show_remotes(const struct show *s, const struct cmd *row)
{
	const struct conf *c = s->conf;

	(void)row;
	for (size_t i = 0; i < c->ua.nremotes; i++) {
		const struct conf_remote *r = &c->ua.remote[i];
		char host[ADDR_TEXT];

		if (addr_is_set(&r->net.addr) && r->trustpoint != NULL)
			show_line(s,
				"crypto signaling remote-addr %s /%u "
				"trustpoint %s",
				addr_host(&r->net.addr, host), r->net.bits,
				r->trustpoint->name);
	}
}

/* The listener that shows them its own certificate all the same; or NULL. */
static const struct conf_listener *shows_own(
	const struct conf *c, const struct conf_trustpoint *t)
{
	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next)
		if (l->transport == CONF_TLS && l->side == CONF_CORE &&
			l->trustpoint != t && conf_listener_vtp(c, l) != NULL)
			return l;
	return NULL;
}

void check_remotes(struct parse *p)
{
	const struct conf *c = p->conf;

	for (size_t i = 0; i < c->ua.nremotes; i++) {
		const struct conf_remote *r = &c->ua.remote[i];
		const struct conf_listener *l;

		if (r->trustpoint == NULL)
			continue;
		if (!conf_trustpoint_has_anchors(r->trustpoint))
			conf_errs_add(p->errs, false, r->pos,
				"add 'ca-bundle file PATH' to it",
				"trustpoint %s names no authorities, so nobody "
				"in that network can be trusted",
				r->trustpoint->name);
		l = shows_own(c, r->trustpoint);
		if (l != NULL)
			conf_errs_add(p->errs, true, r->pos,
				"give that network a sip-listener of its own",
				"sip-listener %s has a client-vtp: who connects "
				"there from that network is shown its "
				"certificate, not that of trustpoint %s",
				l->name, r->trustpoint->name);
	}
}

/* clang-format off */
#define CIPHER "{strict-cipher|ecdsa-cipher}"
#define REMOTE "crypto signaling remote-addr {A.B.C.D|X:X::X} WORD "

const struct cmd ua_remote_cmds[] = {
	{ REMOTE "trustpoint NAME [" CIPHER "] [cn-san-validate server] ["
	  CIPHER "]", K_FN, .set = set_remote, .show = show_remotes,
	  .help = "Trustpoint for TLS with the far ends of a network",
	  .more = "WORD is its mask, as 255.255.255.0 or as /24. For targets, "
		  "registrars and proxies whose dial-peer has no `trustpoint` "
		  "and whose tenant no `tls-profile`, by the address that "
		  "their name leads to; of several networks the smallest, of "
		  "none the default. Who connects from there to a "
		  "sip-listener of the core side is shown that certificate, "
		  "too, and judged by those authorities, unless the listener "
		  "has a `client-vtp`. The rest of the line is as `crypto "
		  "signaling default` has it." },
	{ REMOTE "tls-profile <1-10000>", K_REFUSED,
	  .more = "the default holds there: write 'tls-profile N' into the "
		  "'voice class tenant' of the dial-peers to that network, and "
		  "into the sip-listener that it connects to" },
	{ REMOTE "trustpoint NAME LINE", K_REFUSED,
	  .more = "the default holds there: write the line up to 'trustpoint "
		  "NAME', and 'client-vtp' or a 'tls-profile' with names into "
		  "the sip-listener that they connect to" },
	{ NULL },
};
/* clang-format on */
