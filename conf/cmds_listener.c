/* sip-listener: where SIP is spoken. */
#include "conf/conf_int.h"

static void set_address(struct line *l)
{
	struct conf_listener *c = l->obj;
	const struct word *port = line_after(l, "port");

	c->addr = (struct addr){ 0 };
	if (!l->no && !l->def)
		c->addr =
			line_addr(l, port != NULL ? (uint16_t)port->number : 0);
}

static void show_address(const struct show *s, const struct cmd *row)
{
	const struct conf_listener *c = s->obj;
	char text[ADDR_WORDS];

	(void)row;
	if (addr_is_set(&c->addr))
		show_line(s, "address %s port %u", addr_words(&c->addr, text),
			addr_port(&c->addr));
}

static void set_advertise(struct line *l)
{
	struct conf_listener *c = l->obj;

	c->advertise = (struct addr){ 0 };
	if (!l->no && !l->def)
		c->advertise = line_addr(l, 0);
}

static void show_advertise(const struct show *s, const struct cmd *row)
{
	const struct conf_listener *c = s->obj;
	char text[ADDR_WORDS];

	(void)row;
	if (addr_is_set(&c->advertise))
		show_line(s, "advertise %s", addr_words(&c->advertise, text));
}

static void set_transport(struct line *l)
{
	struct conf_listener *c = l->obj;

	c->transport = l->no || l->def ? CONF_UDP : line_transport(l);
}

static void show_listener_transport(const struct show *s, const struct cmd *row)
{
	const struct conf_listener *c = s->obj;

	(void)row;
	show_line(s, "transport %s", show_transport(c->transport));
}

enum { CONNECTIONS = 20000, PER_SOURCE = 100 };

static void set_connections(struct line *l)
{
	struct conf_listener *c = l->obj;
	const struct word *per = line_after(l, "per-source");

	c->max_connections = CONNECTIONS;
	c->max_per_source = PER_SOURCE;
	if (l->no || l->def)
		return;
	c->max_connections = (unsigned)line_arg(l, 0)->number;
	if (per != NULL)
		c->max_per_source = (unsigned)per->number;
}

static void show_connections(const struct show *s, const struct cmd *row)
{
	const struct conf_listener *c = s->obj;

	(void)row;
	if (c->max_connections != CONNECTIONS ||
		c->max_per_source != PER_SOURCE)
		show_line(s, "max-connections %u per-source %u",
			c->max_connections, c->max_per_source);
}

enum { PHONE_BINDINGS = 64, PHONE_REQUESTS = 1200 };

static void set_phone_limit(struct line *l)
{
	struct conf_listener *c = l->obj;
	const struct word *requests = line_after(l, "requests");

	c->phone_bindings = PHONE_BINDINGS;
	c->phone_requests = PHONE_REQUESTS;
	if (l->no || l->def)
		return;
	c->phone_bindings = (unsigned)line_arg(l, 0)->number;
	if (requests != NULL)
		c->phone_requests = (unsigned)requests->number;
}

static void show_phone_limit(const struct show *s, const struct cmd *row)
{
	const struct conf_listener *c = s->obj;

	(void)row;
	if (c->phone_bindings != PHONE_BINDINGS ||
		c->phone_requests != PHONE_REQUESTS)
		show_line(s, "phone-limit bindings %u requests %u",
			c->phone_bindings, c->phone_requests);
}

/* clang-format off */
const struct cmd listener_global_cmds[] = {
	{ "sip-listener NAME", K_ENTER, .enter = M_LISTENER,
	  .help = "An address and port where SIP is spoken" },
	{ NULL },
};

const struct cmd listener_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_listener, description),
	  .help = "What this is for" },
	{ "side {access|core}", K_CHOICE, F(conf_listener, side),
	  .flags = C_ALWAYS,
	  .help = "Who is there: phones, or the call manager" },
	{ "address {ipv4 A.B.C.D|ipv6 X:X::X} [port <1-65535>]", K_FN,
	  .set = set_address, .show = show_address,
	  .help = "Where to listen",
	  .more = "The port is 5060, or 5061 for TLS, when none is given." },
	{ "advertise {ipv4 A.B.C.D|ipv6 X:X::X}", K_FN, .set = set_advertise,
	  .show = show_advertise,
	  .help = "The address that peers are told",
	  .more = "In Via and Contact, and in SDP unless `media address` of "
		  "this side says otherwise. For a host behind address "
		  "translation; needed when the address is 0.0.0.0 or ::." },
	{ "transport {udp|tcp [tls]}", K_FN, .set = set_transport,
	  .show = show_listener_transport,
	  .help = "What carries SIP here",
	  .more = "Default: `udp`. A listener has one transport." },
	{ "trustpoint NAME", K_REF, F_PTR(conf_listener, trustpoint),
	  .enter = M_TRUSTPOINT, .show = show_listener_trustpoint,
	  .help = "Certificate to show, authorities to accept" },
	{ "client-vtp NAME", K_REF, F_PTR(conf_listener, client_vtp),
	  .enter = M_TRUSTPOINT,
	  .help = "Trustpoint whose authorities vouch for clients here",
	  .more = "With its `revocation-check`, `legacy` and `chain-validation`. "
		  "Without it those of `trustpoint`, or on the core side of "
		  "`crypto signaling … client-vtp`." },
	{ "client-verify {none|required}", K_CHOICE,
	  F(conf_listener, client_verify), .def = true,
	  .help = "Whether TLS clients must show a certificate",
	  .more = "Default: `required`." },
	{ "tls-terminator", K_FLAG, F(conf_listener, tls_terminator),
	  .help = "Peers here have a TLS terminator do their TLS",
	  .more = "For peers that speak TCP to a proxy such as stunnel, which "
		  "brings it here by TLS: their Via says TCP, and is refused "
		  "otherwise (`%SIP-4-VIA_TRANSPORT`). Answers go back on the "
		  "same connection, with TLS in that Via. All peers behind one "
		  "proxy are known by its certificate; what is between it and "
		  "them is in clear. On the core side alone." },
	{ "phone-identity <1-10000>", K_REF, F_PTR(conf_listener, identity),
	  .enter = M_ID_CLASS,
	  .help = "Which certificate is which phone",
	  .more = "Without it the common name is the phone, else the first "
		  "name of the subjectAltName." },
	{ "max-connections <1-1000000> [per-source <1-1000000>]", K_FN,
	  .set = set_connections, .show = show_connections,
	  .help = "Connections in all, and from one address",
	  .more = "Of IPv6, a /64 has no more than ten addresses may, and a /48 no "
		  "more than half of all. Default: 20000, 100 per source." },
	{ "phone-limit bindings <1-65536> [requests <1-100000>]", K_FN,
	  .set = set_phone_limit, .show = show_phone_limit,
	  .help = "What one phone may register, and ask a minute",
	  .more = "`requests` are REGISTERs and new INVITEs; more are answered "
		  "503. A phone is known by its certificate. An address whose "
		  "phones show none may take as much as its connections "
		  "(`max-connections … per-source`) times one phone's. "
		  "Default: bindings 64 requests 1200." },
	{ "timeout handshake <1-300>", K_UINT, F(conf_listener, handshake_seconds),
	  .def = 10, .help = "Seconds a TLS handshake may take" },
	{ "timeout message <1-300>", K_UINT, F(conf_listener, message_seconds),
	  .def = 10, .help = "Seconds until a SIP message must be complete" },
	{ "timeout idle <1-86400>", K_UINT, F(conf_listener, idle_seconds),
	  .def = 120,
	  .help = "Seconds a connection may live on which nobody registers" },
	{ NULL },
};
/* clang-format on */
