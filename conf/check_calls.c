/* Contradictions in media, the registrar and dial-peers. */
#include "conf/conf_int.h"

static const char *const side_names[] = { "access", "core" };

/* ---- listeners as a whole ---- */

static bool has_side(const struct parse *p, enum conf_side side)
{
	for (const struct conf_listener *l = p->conf->listeners; l != NULL;
		l = l->next)
		if (l->side == side || !parse_was_set(p, l, "side"))
			return true;
	return false;
}

static bool core_needed(const struct conf *c)
{
	if (c->ua.registrar != CONF_REG_EMBEDDED)
		return true;
	for (const struct conf_dial_peer *d = c->dial_peers; d != NULL;
		d = d->next)
		if (conf_peer_to_host(d) && !d->shutdown)
			return true;
	return false;
}

/* Between trunks alone there are no phones: what is registered at sip-ua's
 * registrar are numbers of ours then. */
static bool access_needed(const struct conf *c)
{
	if (c->ua.registrar == CONF_REG_EMBEDDED || c->listeners == NULL ||
		c->dial_peers == NULL)
		return true;
	if (c->ua.registrar == CONF_REG_HOST && !auths_register(&c->ua.auths))
		return true;
	for (const struct conf_dial_peer *d = c->dial_peers; d != NULL;
		d = d->next)
		if (d->target == CONF_TARGET_REGISTRAR)
			return true;
	return false;
}

/* A host that is a CA and nothing else has no calls to carry. */
static bool only_ca(const struct conf *c)
{
	return c->pki_servers != NULL && c->listeners == NULL &&
	       c->dial_peers == NULL && c->ua.registrar == CONF_REG_NONE;
}

static void check_sides(struct parse *p)
{
	if (only_ca(p->conf))
		return;
	if (!has_side(p, CONF_ACCESS) && access_needed(p->conf))
		complain(p, false, p->conf, "sip-listener",
			"add a 'sip-listener' with 'side access'",
			"phones have nowhere to connect to");
	if (!has_side(p, CONF_CORE) && core_needed(p->conf))
		complain(p, false, p->conf, "sip-listener",
			"add a 'sip-listener' with 'side core', or "
			"'registrar embedded' below 'sip-ua'",
			"there is no listener towards the call manager");
}

/* A core listener that can send to `addr` (unset: a name, any family). */
static bool core_fits(const struct conf *c, enum conf_transport transport,
	const struct addr *addr)
{
	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next)
		if (l->side == CONF_CORE && l->transport == transport &&
			(!addr_is_set(addr) ||
				l->addr.sa.sa_family == addr->sa.sa_family))
			return true;
	return false;
}

/* ---- voice service voip ---- */

static void check_rtp_range(struct parse *p)
{
	unsigned min = p->conf->voip.rtp_min, max = p->conf->voip.rtp_max;
	char hint[64];

	if (min > max) {
		complain(p, false, p->conf, "rtp-port",
			"the smaller port comes first",
			"the range %u to %u is empty", min, max);
		return;
	}
	snprintf(hint, sizeof(hint), "write 'rtp-port range %u %u'",
		min + min % 2, max - max % 2);
	if (min % 2 != 0 || max % 2 != 0)
		complain(p, false, p->conf, "rtp-port", hint,
			"RTP has even ports, the odd one after each is RTCP's");
	else if (p->conf->voip.max_calls > ((max - min) / 2 + 1) / 2)
		complain(p, true, p->conf, "max-conn", "widen 'rtp-port range'",
			"%u calls need two pairs of ports each, "
			"and there are only %u",
			p->conf->voip.max_calls, (max - min) / 2 + 1);
}

static void check_media_addresses(struct parse *p)
{
	for (int i = CONF_ACCESS; i <= CONF_CORE; i++) {
		const struct addr *a = &p->conf->voip.media_addr[i];
		const struct addr *adv = &p->conf->voip.media_advertise[i];

		if (addr_is_set(a) && addr_is_any(a) && !addr_is_set(adv))
			complain(p, false, p->conf, "media address",
				"add 'advertise A', or name one address",
				"media address %s is any address, and SDP must "
				"say one",
				side_names[i]);
		if (addr_is_set(adv) && adv->sa.sa_family != a->sa.sa_family)
			complain(p, false, p->conf, "media address",
				"both must be IPv4, or both IPv6",
				"media address %s and its advertise are not of "
				"one family",
				side_names[i]);
	}
}

static void check_rtp_ports_free(struct parse *p)
{
	const struct conf *c = p->conf;

	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next) {
		unsigned port = addr_port(&l->addr);

		if (l->transport == CONF_UDP && port >= c->voip.rtp_min &&
			port <= c->voip.rtp_max + 1u)
			complain(p, true, l, "address",
				"use a port outside 'rtp-port range'",
				"port %u of sip-listener %s is also an RTP "
				"port",
				port, l->name);
	}
}

static void check_voip(struct parse *p)
{
	check_rtp_range(p);
	check_media_addresses(p);
	check_rtp_ports_free(p);
	if (p->conf->voip.expires_min > p->conf->voip.expires_max)
		complain(p, false, p->conf, "registrar server",
			"the minimum must not exceed the maximum",
			"no registration can live for at least %u and at most "
			"%u seconds",
			p->conf->voip.expires_min, p->conf->voip.expires_max);
	if (p->conf->voip.reg_rate_limit &&
		p->conf->voip.reg_expires < p->conf->voip.expires_max * 2)
		complain(p, true, p->conf, "registration passthrough",
			"let phones register more often ('registrar server "
			"expires max'), or the call manager less "
			"('rate-limit expires')",
			"phones may ask for %u seconds and the call manager "
			"is asked for %u: few refreshes are spared",
			p->conf->voip.expires_max, p->conf->voip.reg_expires);
	if (p->conf->voip.min_se > p->conf->voip.session_expires)
		complain(p, false, p->conf, "min-se",
			"write a session-expires that is not below it",
			"no session can be refreshed within %u seconds and "
			"not before %u",
			p->conf->voip.session_expires, p->conf->voip.min_se);
}

/* ---- sip-ua ---- */

static void check_registrar(struct parse *p)
{
	const struct conf *c = p->conf;
	const struct conf_trustpoint *t = c->ua.trustpoint;
	const struct conf_proxy *proxy = conf_peer_proxy(c, NULL);

	if (c->ua.registrar == CONF_REG_NONE && !only_ca(c) && access_needed(c))
		complain(p, true, c, "sip-ua",
			"add 'registrar ipv4:A.B.C.D' or 'registrar embedded' "
			"below 'sip-ua'",
			"there is no registrar, so phones cannot register");
	if (c->ua.registrar != CONF_REG_HOST)
		return;
	if (has_side(p, CONF_CORE) &&
		!core_fits(c, c->ua.registrar_transport,
			proxy != NULL ? &proxy->to.addr
				      : &c->ua.registrar_addr))
		complain(p, false, c, "registrar {",
			"add a 'sip-listener' with 'side core' for it",
			"no core listener has the registrar's transport (%s) "
			"and address family",
			show_transport(c->ua.registrar_transport));
	if (c->ua.registrar_transport != CONF_TLS)
		return;
	if (t == NULL && !parse_was_set(p, c, "crypto signaling"))
		complain(p, false, c, "registrar {",
			"add 'crypto signaling default trustpoint NAME'",
			"the registrar is reached by TLS and no trustpoint "
			"says whom to trust");
	if (t != NULL && !conf_trustpoint_has_anchors(t))
		complain(p, false, c, "crypto signaling",
			"add 'ca-bundle file PATH' to it",
			"trustpoint %s names no authorities, so the registrar "
			"cannot be trusted",
			t->name);
}

/* ---- dial-peers ---- */

static bool in_some_dpg(const struct conf *c, const struct conf_dial_peer *d)
{
	for (const struct conf_dpg *g = c->dpgs; g != NULL; g = g->next)
		for (size_t i = 0; i < g->n; i++)
			if (g->entry[i].peer == d)
				return true;
	return false;
}

static void check_used(struct parse *p, const struct conf_dial_peer *d)
{
	bool incoming = d->incoming_called != NULL ||
			d->incoming_calling != NULL ||
			parse_was_set(p, d, "incoming ");
	bool outgoing = d->destination != NULL ||
			parse_was_set(p, d, "destination e164") ||
			parse_was_set(p, d, "destination uri") ||
			in_some_dpg(p->conf, d) ||
			conf_peer_is_recorder(p->conf, d);

	if (outgoing && d->target == CONF_TARGET_NONE)
		complain(p, false, d, "destination-pattern",
			"add 'session target'",
			"dial-peer %u has a destination and no target", d->tag);
	else if (!incoming && d->target == CONF_TARGET_NONE)
		complain(p, false, d, "dial-peer",
			"add 'session target' and 'destination-pattern', or "
			"'incoming listener'",
			"dial-peer %u has no target", d->tag);
	else if (!incoming && !outgoing)
		complain(p, true, d, "dial-peer", "add 'destination-pattern'",
			"no number leads to dial-peer %u", d->tag);
}

/* Its target's address, or that of the proxy before it; may be unset. */
static const struct addr *sent_to(
	const struct conf *c, const struct conf_dial_peer *d)
{
	const struct conf_proxy *proxy = conf_peer_proxy(c, d);

	return proxy != NULL ? &proxy->to.addr : &d->target_addr;
}

static void check_bind(struct parse *p, const struct conf_dial_peer *d)
{
	const struct conf_listener *b = d->bind;
	const struct addr *to = sent_to(p->conf, d);

	if (b == NULL)
		return;
	if (b->transport != d->transport &&
		(conf_peer_to_host(d) || d->transport_set))
		complain(p, false, d, "bind",
			"bind a listener of that transport",
			"dial-peer %u uses %s and sip-listener %s %s", d->tag,
			show_transport(d->transport), b->name,
			show_transport(b->transport));
	if (addr_is_set(to) && addr_is_set(&b->addr) &&
		b->addr.sa.sa_family != to->sa.sa_family)
		complain(p, false, d, "bind",
			"bind a listener of the target's family",
			"the target of dial-peer %u cannot be reached from "
			"the address of sip-listener %s",
			d->tag, b->name);
}

static void check_peer_tls(struct parse *p, const struct conf_dial_peer *d)
{
	const struct conf_trustpoint *t =
		d->trustpoint != NULL ? d->trustpoint : p->conf->ua.trustpoint;

	if (t == NULL && !parse_was_set(p, d, "trustpoint") &&
		!parse_was_set(p, p->conf, "crypto signaling"))
		complain(p, false, d, "session transport",
			"add 'trustpoint NAME', or 'crypto signaling default "
			"trustpoint NAME' below 'sip-ua'",
			"dial-peer %u uses TLS and no trustpoint says whom to "
			"trust",
			d->tag);
	if (t != NULL && t->usage == CONF_USAGE_SERVER)
		complain(p, false, d, "trustpoint",
			"give sip-listener and dial-peers a trustpoint each, "
			"or write 'usage both'",
			"trustpoint %s is for a server, and dial-peer %u "
			"connects as a client",
			t->name, d->tag);
	if (t != NULL && !conf_trustpoint_has_anchors(t))
		complain(p, false, d, "trustpoint",
			"add 'ca-bundle file PATH' to it",
			"trustpoint %s names no authorities, so the target of "
			"dial-peer %u cannot be trusted",
			t->name, d->tag);
}

/* A listener to send from, where an interface says which. */
static void check_bound(struct parse *p, const struct conf_dial_peer *d)
{
	const struct conf_interface *i = conf_peer_control(p->conf, d);

	if (d->bind != NULL || i == NULL)
		return;
	for (const struct conf_listener *l = p->conf->listeners; l != NULL;
		l = l->next)
		if (l->transport == d->transport &&
			conf_interface_has(i, &l->addr))
			return;
	complain(p, false, d, "voice-class sip bind",
		"add a 'sip-listener' with that address and transport",
		"dial-peer %u is bound to interface %s, where no sip-listener "
		"has its transport (%s)",
		d->tag, i->name, show_transport(d->transport));
}

static void check_host(struct parse *p, const struct conf_dial_peer *d)
{
	static const char *const keys[] = { "trustpoint", "peer-name" };

	if (d->bind == NULL && !parse_was_set(p, d, "bind") &&
		has_side(p, CONF_CORE) &&
		!core_fits(p->conf, d->transport, sent_to(p->conf, d)))
		complain(p, false, d, "session target",
			"add such a 'sip-listener', or change 'session "
			"transport'",
			"no core listener has the transport (%s) and address "
			"family of dial-peer %u",
			show_transport(d->transport), d->tag);
	if (d->transport == CONF_TLS)
		check_peer_tls(p, d);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (d->transport != CONF_TLS && parse_was_set(p, d, keys[i]))
			complain(p, true, d, keys[i],
				"write 'session transport tcp tls', or leave "
				"it out",
				"%s has no effect: dial-peer %u does not use "
				"TLS",
				keys[i], d->tag);
}

/* The listeners where a phone called by this dial-peer may be. */
static bool phone_may_be_on(
	const struct conf_dial_peer *d, const struct conf_listener *l)
{
	if (l->side != CONF_ACCESS)
		return false;
	if (d->bind != NULL)
		return l == d->bind;
	if (d->incoming_listener != NULL &&
		d->incoming_listener->side == CONF_ACCESS)
		return l == d->incoming_listener;
	return !d->transport_set || l->transport == d->transport;
}

static void check_phones(struct parse *p, const struct conf_dial_peer *d)
{
	const struct conf *c = p->conf;
	bool any = false;

	if (c->ua.registrar == CONF_REG_NONE)
		complain(p, false, d, "session target",
			"add 'registrar …' below 'sip-ua'",
			"dial-peer %u calls phones that have registered, and "
			"there is no registrar",
			d->tag);
	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next)
		any = any || phone_may_be_on(d, l);
	if (!any && has_side(p, CONF_ACCESS))
		complain(p, false, d,
			d->transport_set ? "session transport"
					 : "session target",
			"'transport' of the listener and 'session transport' "
			"must agree",
			"no phone can be where dial-peer %u calls", d->tag);
}

static const struct conf_listener *plain_listener(
	const struct conf *c, const struct conf_dial_peer *d)
{
	if (d->incoming_listener != NULL &&
		d->incoming_listener->transport != CONF_TLS)
		return d->incoming_listener;
	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next)
		if (d->target == CONF_TARGET_REGISTRAR &&
			phone_may_be_on(d, l) && l->transport != CONF_TLS)
			return l;
	return NULL;
}

#define KEYS_HINT                                                              \
	"use TLS there, write 'no srtp', or ask for it by name with "          \
	"'srtp insecure-sdes'"

/* Keys are part of SDP: who reads the signalling can decrypt the media. */
static void check_keys(struct parse *p, const struct conf_dial_peer *d)
{
	const struct conf_listener *l = plain_listener(p->conf, d);
	bool tenant = d->tenant != NULL && d->tenant->srtp != CONF_SRTP_INHERIT;
	const char *from = d->srtp != CONF_SRTP_INHERIT ? ""
			   : tenant ? " (srtp comes from its tenant)"
				    : " (srtp comes from voice service voip)";

	if (conf_peer_srtp(p->conf, d) == CONF_SRTP_OFF || d->insecure_sdes)
		return;
	if (l != NULL)
		complain(p, false, d, "srtp", KEYS_HINT,
			"dial-peer %u would send SRTP keys readable over %s, "
			"on sip-listener %s%s",
			d->tag, show_transport(l->transport), l->name, from);
	else if (conf_peer_to_host(d) && d->transport != CONF_TLS)
		complain(p, false, d, "srtp", KEYS_HINT,
			"dial-peer %u would send SRTP keys readable over %s%s",
			d->tag, show_transport(d->transport), from);
}

static void check_peer(struct parse *p, const struct conf_dial_peer *d)
{
	check_used(p, d);
	check_bind(p, d);
	if (conf_peer_to_host(d)) {
		check_host(p, d);
		check_bound(p, d);
	}
	if (d->target == CONF_TARGET_SERVER &&
		conf_peer_server(p->conf, d) == NULL)
		complain(p, false, d, "session target",
			"add 'sip-server ipv4:A.B.C.D' below 'sip-ua'",
			"there is no sip-server for dial-peer %u", d->tag);
	if (d->target == CONF_TARGET_REGISTRAR)
		check_phones(p, d);
	else if (d->shared_line)
		complain(p, false, d, "shared-line",
			"lines are of phones: write it where 'session target "
			"registrar' stands",
			"shared-line has no effect in dial-peer %u", d->tag);
	check_keys(p, d);
}

void check_calls(struct parse *p)
{
	check_sides(p);
	check_voip(p);
	check_registrar(p);
	for (const struct conf_dial_peer *d = p->conf->dial_peers; d != NULL;
		d = d->next)
		if (!d->shutdown)
			check_peer(p, d);
}
