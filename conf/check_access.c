/* Contradictions in trustpoints, classes and listeners. */
#include <stdarg.h>
#include <stdlib.h>

#include "conf/conf_int.h"

void complain(struct parse *p, bool warning, const void *obj, const char *key,
	const char *hint, const char *fmt, ...)
{
	struct conf_pos pos = { 0 };
	va_list ap;
	char *text;

	if (obj != p->conf)
		pos = section_pos(obj);
	pos = parse_where(p, obj, key, pos);
	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	conf_errs_add(p->errs, warning, pos, hint, "%s", text);
	free(text);
}

static void check_classes(struct parse *p)
{
	for (const struct conf_codec_class *k = p->conf->codec_classes;
		k != NULL; k = k->next)
		if (k->n == 0)
			complain(p, false, k, "voice",
				"add 'codec preference 1 g711ulaw'",
				"voice class codec %u has no codec", k->tag);
	for (const struct conf_crypto_class *k = p->conf->crypto_classes;
		k != NULL; k = k->next)
		if (k->n == 0)
			complain(p, false, k, "voice",
				"add 'crypto 1 AEAD_AES_256_GCM'",
				"voice class srtp-crypto %u has no suite",
				k->tag);
	for (const struct conf_id_class *k = p->conf->id_classes; k != NULL;
		k = k->next)
		if (k->n == 0)
			complain(p, false, k, "voice",
				"add 'rule 10 subject-cn PATTERN'",
				"voice class phone-identity %u has no rule, so "
				"it accepts no phone",
				k->tag);
}

/* Can be reached from the Internet, as far as the number tells. */
static bool is_public(const struct addr *a)
{
	const uint8_t *b = (const uint8_t *)&a->in4.sin_addr;
	const uint8_t *v6 = a->in6.sin6_addr.s6_addr;

	if (addr_is_loopback(a))
		return false;
	if (a->sa.sa_family == AF_INET6)
		return (v6[0] & 0xfe) != 0xfc &&
		       !(v6[0] == 0xfe && (v6[1] & 0xc0) == 0x80);
	return !(b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) ||
		 (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254) ||
		 (b[0] == 100 && (b[1] & 0xc0) == 64)); /* RFC 6598 */
}

static void check_plain(struct parse *p, const struct conf_listener *l)
{
	const struct addr *told =
		addr_is_set(&l->advertise) ? &l->advertise : &l->addr;
	const char *keys[] = { "trustpoint", "client-vtp", "client-verify",
		"phone-identity", "tls-terminator" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (parse_was_set(p, l, keys[i]))
			complain(p, true, l, keys[i],
				"write 'transport tcp tls', or leave it out",
				"%s has no effect: sip-listener %s does not "
				"speak TLS",
				keys[i], l->name);
	if (l->side == CONF_ACCESS && addr_is_set(told) && is_public(told))
		complain(p, true, l, "transport",
			"use 'transport tcp tls' or a private address",
			"sip-listener %s takes phones without TLS on a public "
			"address: numbers, passwords' digests and SRTP keys "
			"can be read and calls taken over on the way",
			l->name);
}

static void check_tls(struct parse *p, const struct conf_listener *l)
{
	const struct conf_trustpoint *t = l->trustpoint;
	const struct conf_trustpoint *vtp = conf_listener_vtp(p->conf, l);

	if (t == NULL && !parse_was_set(p, l, "trustpoint"))
		complain(p, false, l, "transport", "add 'trustpoint NAME'",
			"sip-listener %s speaks TLS and has no trustpoint",
			l->name);
	if (t != NULL && !conf_trustpoint_has_own(t) && t->key_file == NULL)
		complain(p, false, l, "trustpoint",
			"add 'certificate file' and 'key file' to it, or "
			"'enrollment'",
			"trustpoint %s has no certificate that sip-listener "
			"%s could show",
			t->name, l->name);
	if (t != NULL && t->usage == CONF_USAGE_CLIENT)
		complain(p, false, l, "trustpoint",
			"give sip-listener and dial-peers a trustpoint each, "
			"or write 'usage both'",
			"trustpoint %s is for a client, and sip-listener %s is "
			"a server",
			t->name, l->name);
	if (vtp != NULL)
		t = vtp;
	if (t != NULL && l->client_verify && !conf_trustpoint_has_anchors(t))
		complain(p, false, l, vtp != NULL ? "client-vtp" : "trustpoint",
			"add 'ca-bundle file PATH' to it",
			"trustpoint %s names no authorities, so sip-listener "
			"%s can accept no client",
			t->name, l->name);
	if (l->client_vtp != NULL && !l->client_verify)
		complain(p, true, l, "client-vtp",
			"write 'client-verify required'",
			"client-vtp has no effect: sip-listener %s asks for no "
			"certificate",
			l->name);
	if (l->tls_terminator && l->side == CONF_ACCESS)
		complain(p, false, l, "tls-terminator",
			"let phones speak TLS themselves and leave it out, or "
			"write 'side core'",
			"tls-terminator of sip-listener %s would make one "
			"device of all phones behind one proxy",
			l->name);
	/* No call manager asks for a password then. */
	if (p->conf->ua.registrar == CONF_REG_EMBEDDED && l->client_verify &&
		l->side == CONF_ACCESS &&
		!parse_was_set(p, l, "phone-identity"))
		complain(p, true, l, "trustpoint",
			"add 'phone-identity N' and a 'voice class "
			"phone-identity N'",
			"whoever has a certificate of its authorities may "
			"register any line on sip-listener %s",
			l->name);
	if (l->client_verify)
		return;
	complain(p, true, l, "client-verify", "write 'client-verify required'",
		"anybody may connect to sip-listener %s without a "
		"certificate",
		l->name);
	if (l->identity != NULL)
		complain(p, true, l, "phone-identity",
			"write 'client-verify required'",
			"phone-identity has no effect for clients without a "
			"certificate");
}

static void check_told(struct parse *p, const struct conf_listener *l)
{
	if (addr_is_any(&l->addr) && !addr_is_set(&l->advertise))
		complain(p, false, l, "address",
			"add 'advertise ipv4 A.B.C.D' (or ipv6), or name one "
			"address",
			"sip-listener %s listens on any address and does not "
			"say which one peers are told",
			l->name);
	if (addr_is_any(&l->addr) &&
		!addr_is_set(&p->conf->voip.media_addr[l->side]))
		complain(p, false, l, "address",
			"add 'media address' to 'voice service voip'",
			"sip-listener %s listens on any address, so there is "
			"none for media",
			l->name);
	if (!addr_is_set(&l->advertise))
		return;
	if (addr_is_any(&l->advertise))
		complain(p, false, l, "advertise", "name one address",
			"peers cannot be told an any-address");
	if (l->advertise.sa.sa_family != l->addr.sa.sa_family)
		complain(p, false, l, "advertise",
			"use two listeners for IPv4 and IPv6",
			"address and advertise are not of one family");
}

/* Both would bind the same port. */
static bool collide(
	const struct conf_listener *a, const struct conf_listener *b)
{
	return (a->transport == CONF_UDP) == (b->transport == CONF_UDP) &&
	       addr_is_set(&a->addr) && addr_is_set(&b->addr) &&
	       a->addr.sa.sa_family == b->addr.sa.sa_family &&
	       addr_port(&a->addr) == addr_port(&b->addr) &&
	       (addr_is_any(&a->addr) || addr_is_any(&b->addr) ||
		       addr_same_host(&a->addr, &b->addr));
}

static void check_listener(struct parse *p, const struct conf_listener *l)
{
	if (!parse_was_set(p, l, "side"))
		complain(p, false, l, "sip-listener",
			"add 'side access' (phones) or 'side core' (call "
			"manager)",
			"sip-listener %s has no side", l->name);
	if (!addr_is_set(&l->addr)) {
		complain(p, false, l, "sip-listener",
			"add 'address ipv4 A.B.C.D port N'",
			"sip-listener %s has no address", l->name);
		return;
	}
	if (l->transport == CONF_TLS)
		check_tls(p, l);
	else
		check_plain(p, l);
	check_told(p, l);
	for (const struct conf_listener *o = p->conf->listeners; o != l;
		o = o->next)
		if (collide(o, l))
			complain(p, false, l, "address", "use another port",
				"sip-listener %s has the port of sip-listener "
				"%s",
				l->name, o->name);
}

void check_access(struct parse *p)
{
	check_trustpoints(p);
	check_classes(p);
	for (const struct conf_listener *l = p->conf->listeners; l != NULL;
		l = l->next)
		check_listener(p, l);
}
