/*
 * ip address trusted: who besides the targets of dial-peers may call on the
 * core side. Who is asked is decided in b2bua/core/trusted.h.
 */
#include <string.h>

#include "conf/conf_int.h"

enum { CAUSE_REJECT = 21 }; /* Q.850: call rejected */

bool net_bits(struct slice mask, int family, unsigned *bits)
{
	uint64_t length;
	struct addr a;
	uint32_t m;

	if (slice_starts(mask, "/")) {
		if (slice_uint(slice_from(mask, 1),
			    family == AF_INET ? 32 : 128, &length) != 0)
			return false;
		*bits = (unsigned)length;
		return true;
	}
	if (family != AF_INET || addr_parse(&a, mask, 0) != 0 ||
		a.sa.sa_family != AF_INET)
		return false;
	m = ntohl(a.in4.sin_addr.s_addr);
	*bits = 0;
	while (*bits < 32 && (m & 0x80000000u >> *bits) != 0)
		++*bits; /* the leading ones; behind a zero none may come */
	return *bits == 32 || m << *bits == 0;
}

static const uint8_t *bytes_of(const struct addr *a, size_t *n)
{
	bool v4 = a->sa.sa_family == AF_INET;

	*n = v4 ? 4 : 16;
	return v4 ? (const uint8_t *)&a->in4.sin_addr
		  : a->in6.sin6_addr.s6_addr;
}

/* An IPv4 peer of a socket that is bound to :: */
static struct addr unmapped(const struct addr *a)
{
	struct addr out = { 0 };

	if (a->sa.sa_family != AF_INET6 ||
		!IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return *a;
	out.in4.sin_family = AF_INET;
	memcpy(&out.in4.sin_addr, a->in6.sin6_addr.s6_addr + 12, 4);
	return out;
}

bool conf_net_has(const struct conf_net *net, const struct addr *host)
{
	struct addr a = unmapped(host);
	size_t n, m;
	const uint8_t *x, *y;
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	if (a.sa.sa_family != net->addr.sa.sa_family || !addr_is_set(&a))
		return false;
	x = bytes_of(&net->addr, &n);
	y = bytes_of(&a, &m);
	return memcmp(x, y, whole) == 0 &&
	       (rest == 0 || (x[whole] ^ y[whole]) >> (8 - rest) == 0);
}

const struct conf_net *conf_trusted_net(
	const struct conf *c, const struct addr *host)
{
	for (size_t i = 0; i < c->voip.trusted.n; i++)
		if (conf_net_has(&c->voip.trusted.net[i], host))
			return &c->voip.trusted.net[i];
	return NULL;
}

/* ---- the list ---- */

/* 192.0.2.0 255.255.255.0; false: it was complained of. */
static bool read_ipv4(struct line *l, struct conf_net *out)
{
	const struct word *mask = line_arg(l, 1);

	*out = (struct conf_net){ .bits = 32 };
	need(addr_parse(&out->addr, line_arg(l, 0)->text, 0) == 0);
	if (mask == NULL || net_bits(mask->text, AF_INET, &out->bits))
		return true;
	line_error(l, mask, "write it as 255.255.255.0",
		"'%.*s' is not a network mask", SLICE_ARG(mask->text));
	return false;
}

/* 2001:db8::/32, or an address alone. */
static bool read_ipv6(struct line *l, struct conf_net *out)
{
	const struct word *w = line_arg(l, 0);
	size_t slash = slice_find(w->text, '/');
	struct slice length = slice_from(w->text, slash + 1);
	uint64_t bits = 128;

	*out = (struct conf_net){ 0 };
	if (addr_parse(&out->addr, slice_head(w->text, slash), 0) != 0 ||
		out->addr.sa.sa_family != AF_INET6 ||
		(slash < w->text.n && slice_uint(length, 128, &bits) != 0)) {
		line_error(l, w, "write 'ipv6 2001:db8::1' or '2001:db8::/32'",
			"'%.*s' is not an IPv6 address or network",
			SLICE_ARG(w->text));
		return false;
	}
	out->bits = (unsigned)bits;
	return true;
}

bool net_same(const struct conf_net *a, const struct conf_net *b)
{
	return a->bits == b->bits && addr_same_host(&a->addr, &b->addr);
}

static void drop_family(struct conf_trusted *t, bool v4)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if ((t->net[i].addr.sa.sa_family == AF_INET) != v4)
			t->net[n++] = t->net[i];
	t->n = n;
}

static void set_net(struct line *l)
{
	struct conf_trusted *t = &l->p->conf->voip.trusted;
	bool v4 = strncmp(l->row->syntax, "ipv4", 4) == 0;
	struct conf_net net;
	size_t i = 0;

	if (line_arg(l, 0) == NULL) {
		drop_family(t, v4);
		return;
	}
	if (!(v4 ? read_ipv4(l, &net) : read_ipv6(l, &net)))
		return;
	while (i < t->n && !net_same(&t->net[i], &net))
		i++;
	if (i < t->n && (l->no || l->def)) {
		t->n--;
		memmove(&t->net[i], &t->net[i + 1],
			(t->n - i) * sizeof(*t->net));
	}
	if (i < t->n || l->no || l->def)
		return;
	if (t->n == CONF_TRUSTED_MAX) {
		line_error(l, NULL, "write networks with their mask",
			"there are at most %d of them", CONF_TRUSTED_MAX);
		return;
	}
	t->net[t->n++] = net;
}

const char *conf_net_text(const struct conf_net *net, char text[CONF_NET_TEXT])
{
	bool v4 = net->addr.sa.sa_family == AF_INET;
	struct addr mask = { 0 };
	char host[ADDR_TEXT], more[ADDR_TEXT], len[8];

	addr_host(&net->addr, host);
	if (!v4) {
		(void)snprintf(len, sizeof(len), "/%u", net->bits);
		(void)snprintf(text, CONF_NET_TEXT, "ipv6 %s%s", host,
			net->bits < 128 ? len : "");
		return text;
	}
	mask.in4.sin_family = AF_INET;
	mask.in4.sin_addr.s_addr =
		htonl(net->bits == 0 ? 0 : ~0u << (32 - net->bits));
	addr_host(&mask, more);
	(void)snprintf(text, CONF_NET_TEXT, "ipv4 %s%s%s", host,
		net->bits < 32 ? " " : "", net->bits < 32 ? more : "");
	return text;
}

static void show_nets(const struct show *s, const struct cmd *row)
{
	const struct conf_trusted *t = &s->conf->voip.trusted;
	char text[CONF_NET_TEXT];

	(void)row;
	for (size_t i = 0; i < t->n; i++)
		show_line(s, "%s", conf_net_text(&t->net[i], text));
}

/* ---- what becomes of the others ---- */

static void set_cause(struct line *l)
{
	unsigned *cause = &l->p->conf->voip.trusted.cause;
	const struct word *w = l->no || l->def ? NULL : line_arg(l, 0);

	*cause = w == NULL || line_has(l, "call-reject") ? CAUSE_REJECT
							 : (unsigned)w->number;
}

static void show_cause(const struct show *s, const struct cmd *row)
{
	(void)row;
	if (s->conf->voip.trusted.cause != CAUSE_REJECT)
		show_line(s, "ip address trusted call-block cause %u",
			s->conf->voip.trusted.cause);
}

void check_trusted(struct parse *p)
{
	const struct conf *c = p->conf;

	if (!c->voip.trusted.on)
		complain(p, true, c, "ip address trusted authenticate",
			"write 'ip address trusted list' instead",
			"no ip address trusted authenticate: whoever reaches a "
			"core listener may place calls");
}

/* clang-format off */
#define CAUSE "{call-reject|<1-127>}"

const struct cmd voip_trusted_cmds[] = {
	{ "ip address trusted authenticate", K_FLAG, F(conf, voip.trusted.on),
	  .def = true,
	  .help = "Core listeners hear trusted addresses alone",
	  .more = "Default, as on CUBE. Trusted are the targets of dial-peers "
		  "that are not shut down (servers of groups and the addresses "
		  "of names as well), `sip-server`, registrars, and `ip address "
		  "trusted list`. A certificate that is accepted makes nobody "
		  "trusted: see `ip address trusted certificate`. `no ip "
		  "address trusted authenticate` hears everybody." },
	{ "ip address trusted list", K_ENTER, .enter = M_TRUSTED,
	  .help = "Addresses that are trusted besides" },
	{ "ip address trusted certificate", K_FLAG,
	  F(conf, voip.trusted.by_certificate),
	  .help = "Who shows a certificate that is accepted is trusted as well",
	  .more = "For peers with changing addresses. `trustpoint` or "
		  "`client-vtp` of the listener says whose certificates are "
		  "accepted: a public authority's are anybody's. CUBE has no "
		  "such command." },
	{ "ip address trusted call-block cause " CAUSE, K_FN, .set = set_cause,
	  .show = show_cause,
	  .help = "Q.850 cause that calls which are not trusted end with",
	  .more = "With `no silent-discard untrusted`. Default: `call-reject` "
		  "(21), status 403." },
	{ "ip-address trusted call-block cause " CAUSE, K_FN, .set = set_cause,
	  .show = show_with_above, .flags = C_HIDDEN,
	  .help = "IOS's other spelling of ip address trusted call-block" },
	{ NULL },
};

const struct cmd sip_trusted_cmds[] = {
	{ "silent-discard untrusted", K_FLAG, F(conf, voip.trusted.silent),
	  .def = true,
	  .help = "Who is not trusted gets no answer at all",
	  .more = "Default, as on CUBE. `no silent-discard untrusted`: 403, or "
		  "what `ip address trusted call-block cause` says." },
	{ NULL },
};

const struct cmd trusted_cmds[] = {
	{ "ipv4 A.B.C.D [A.B.C.D]", K_FN, .set = set_net, .show = show_nets,
	  .help = "An address, or a network with its mask",
	  .more = "Up to 100 lines, as on CUBE." },
	{ "ipv6 WORD", K_FN, .set = set_net, .show = show_with_above,
	  .help = "An address, or a network with the length of its prefix" },
	{ NULL },
};
/* clang-format on */
