/* crypto pki server: a CA or RA of our own, and where it is asked. */
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf_int.h"

enum {
	CERT_MINUTES = 365 * 1440,
	DAY = 1440, /* minutes */
	ROLLOVER_DAYS = 30,
};

static bool reset(const struct line *l)
{
	return l->no || l->def;
}

static void set_http_address(struct line *l)
{
	struct addr *a = &l->p->conf->http.addr;
	const struct word *w = line_arg(l, 0);

	if (reset(l) || addr_parse(a, w->text, 0) != 0)
		*a = (struct addr){ 0 };
}

static void show_http_address(const struct show *s, const struct cmd *row)
{
	const struct addr *a = &s->conf->http.addr;
	char text[ADDR_TEXT];

	(void)row;
	if (addr_is_set(a))
		show_line(s, "ip http address %s %s",
			a->sa.sa_family == AF_INET6 ? "ipv6" : "ipv4",
			addr_host(a, text));
}

static unsigned number(const struct line *l, size_t i)
{
	const struct word *w = line_arg(l, i);

	return w != NULL ? (unsigned)w->number : 0;
}

/* Days, or as in newer IOS: days, hours and minutes. */
static void set_cert_lifetime(struct line *l)
{
	struct conf_pki_server *s = l->obj;

	s->cert_minutes = CERT_MINUTES;
	if (reset(l))
		return;
	s->cert_minutes = number(l, 0) * DAY + number(l, 1) * 60 + number(l, 2);
	if (s->cert_minutes == 0)
		line_error(l, line_arg(l, 0), "write days, hours and minutes",
			"a certificate is good for a minute or more");
}

static void show_cert_lifetime(const struct show *s, const struct cmd *row)
{
	const struct conf_pki_server *ps = s->obj;
	unsigned m = ps->cert_minutes;

	(void)row;
	if (m == CERT_MINUTES)
		return;
	if (m % DAY == 0)
		show_line(s, "lifetime certificate %u", m / DAY);
	else
		show_line(s, "lifetime certificate %u %u %u", m / DAY,
			m % DAY / 60, m % 60);
}

static void set_grant(struct line *l)
{
	struct conf_pki_server *s = l->obj;

	s->grant_auto = !reset(l) && line_has(l, "auto");
}

static void show_grant(const struct show *s, const struct cmd *row)
{
	const struct conf_pki_server *ps = s->obj;

	(void)row;
	if (ps->grant_auto)
		show_line(s, "grant auto");
}

static void set_rollover(struct line *l)
{
	struct conf_pki_server *s = l->obj;
	const struct word *days = line_arg(l, 0);

	s->rollover_days = reset(l)	  ? 0
			   : days == NULL ? ROLLOVER_DAYS
					  : (unsigned)days->number;
}

static void show_rollover(const struct show *s, const struct cmd *row)
{
	const struct conf_pki_server *ps = s->obj;

	(void)row;
	if (ps->rollover_days == ROLLOVER_DAYS)
		show_line(s, "auto-rollover");
	else if (ps->rollover_days != 0)
		show_line(s, "auto-rollover %u", ps->rollover_days);
}

static void set_mode(struct line *l)
{
	struct conf_pki_server *s = l->obj;

	s->mode = reset(l)	      ? CONF_CA_ROOT
		  : line_has(l, "ra") ? CONF_CA_RA
				      : CONF_CA_SUBORDINATE;
}

static void show_mode(const struct show *s, const struct cmd *row)
{
	const struct conf_pki_server *ps = s->obj;

	(void)row;
	if (ps->mode != CONF_CA_ROOT)
		show_line(
			s, "mode %s", ps->mode == CONF_CA_RA ? "ra" : "sub-cs");
}

/* clang-format off */
const struct cmd http_cmds[] = {
	{ "crypto pki server NAME", K_ENTER, .enter = M_PKI_SERVER,
	  .help = "A certification authority of our own" },
	{ "ip http server", K_FLAG, F(conf, http.server),
	  .help = "Serve the CA over HTTP",
	  .more = "SCEP at `/cgi-bin/pkiclient.exe` and `/scep`, the CRL at "
		  "`/crl`, OCSP at `/ocsp`. Nothing else." },
	{ "ip http port <1-65535>", K_UINT, F(conf, http.port), .def = 80,
	  .help = "The port of `ip http server`" },
	{ "ip http address {ipv4 A.B.C.D|ipv6 X:X::X}", K_FN,
	  .set = set_http_address, .show = show_http_address,
	  .help = "The address of `ip http server`",
	  .more = "Default: any." },
	{ NULL },
};

const struct cmd pki_server_cmds[] = {
	{ "mode {ra|sub-cs}", K_FN, .set = set_mode, .show = show_mode,
	  .help = "Not a root",
	  .more = "`ra`: requests are passed on to the CA at the trustpoint's "
		  "`enrollment url` once they are granted here. `sub-cs`: a "
		  "CA below another; its certificate and key are the "
		  "trustpoint's. Without this line the CA is a root that "
		  "makes its own key and certificate." },
	{ "trustpoint NAME", K_REF, F_PTR(conf_pki_server, trustpoint),
	  .enter = M_TRUSTPOINT,
	  .help = "Certificate and key of an RA or a subordinate CA",
	  .more = "Default: the trustpoint that has the server's name." },
	{ "issuer-name LINE", K_STR, F_PTR(conf_pki_server, issuer_name),
	  .help = "Name of a root",
	  .more = "As in `CN=Voice CA,O=Example,C=DE`. Default: `CN=` and the "
		  "server's name. Counts when the CA is made." },
	{ "database level {minimal|names|complete}", K_CHOICE,
	  F(conf_pki_server, level), .def = CONF_CA_MINIMAL,
	  .help = "What is kept of each certificate",
	  .more = "`minimal`: serial number and whether it was revoked. "
		  "`names`: the subject, too. `complete`: the certificate, "
		  "too. Default: `minimal`." },
	{ "database level minimum", K_NOTICE,
	  .more = "write 'database level minimal', which is the default" },
	{ "database url PATH", K_STR, F_PTR(conf_pki_server, database),
	  .help = "Directory of database and key",
	  .more = "Default: `server/NAME` in the state directory." },
	{ "database archive [LINE]", K_NOTICE,
	  .more = "the key is in the database's directory: copy that" },
	{ "grant {auto|manual}", K_FN, .set = set_grant, .show = show_grant,
	  .help = "Whether a person grants requests",
	  .more = "`manual`, the default: requests wait for `lineside pki "
		  "server NAME grant`, but those with a right challenge "
		  "password, and renewals with the same names, do not; at an RA "
		  "renewals wait, too, since it does not know what the CA "
		  "revoked. `auto`: "
		  "everything is granted; with a `challenge-password`, what "
		  "carries it or a one-time password. What asks to be a CA or "
		  "an RA is granted by a person, unless `grant auto rollover` "
		  "lets it renew itself." },
	{ "grant auto rollover ca-cert", K_FLAG,
	  F(conf_pki_server, rollover_ca),
	  .help = "Renewals of subordinate CAs are granted",
	  .more = "Signed with the certificate that is replaced, with the "
		  "same names." },
	{ "grant auto rollover ra-cert", K_FLAG,
	  F(conf_pki_server, rollover_ra),
	  .help = "Renewals of RAs are granted" },
	{ "grant ra-auto", K_NOTICE,
	  .more = "requests that an RA of this CA signed are granted anyway" },
	{ "challenge-password [0|6|7] WORD", K_FN,
	  F_PTR(conf_pki_server, password),
	  .set = set_secret, .show = show_secret,
	  .help = "A request that carries it is granted",
	  .more = "In clear, or after `6` as `lineside pki password encrypt` "
		  "prints it. One-time passwords are safer: `lineside pki server NAME "
		  "password generate`." },
	{ "lifetime certificate <0-7305> [<0-23> [<0-59>]]", K_FN,
	  .set = set_cert_lifetime, .show = show_cert_lifetime,
	  .help = "Days, hours and minutes that a certificate is good for",
	  .more = "Default: 365 days; never beyond the CA's own." },
	{ "lifetime ca-certificate <1-7305>", K_UINT,
	  F(conf_pki_server, ca_days), .def = 1095,
	  .help = "Days that a root is good for",
	  .more = "Counts when the CA, or its next certificate, is made." },
	{ "lifetime crl <1-336>", K_UINT, F(conf_pki_server, crl_hours),
	  .def = 168, .help = "Hours that a CRL is good for",
	  .more = "A new one is made after half of it, and whenever a "
		  "certificate is revoked." },
	{ "hash {sha256|sha384|sha512}", K_CHOICE, F(conf_pki_server, hash),
	  .def = CONF_SHA256, .help = "What certificates are signed with",
	  .more = "Default: `sha256`." },
	{ "hash {md5|sha1}", K_REFUSED,
	  .more = "peers refuse such certificates: write 'hash sha256'" },
	{ "modulus <2048-8192>", K_UINT, F(conf_pki_server, modulus),
	  .def = 3072, .help = "Bits of a root's RSA key",
	  .more = "Counts when the CA, or its next certificate, is made." },
	{ "auto-rollover [<1-1024>]", K_FN, .set = set_rollover,
	  .show = show_rollover,
	  .help = "Days before its end that a root's next certificate is made",
	  .more = "30 when no number is given. It is shown to those who ask "
		  "(GetNextCACert) and used from the middle of that time on." },
	{ "cdp-url URL", K_STR, F_PTR(conf_pki_server, cdp_url),
	  .help = "Where certificates say that the CRL is",
	  .more = "As in `http://ca.example.com/crl`." },
	{ "ocsp-url URL", K_STR, F_PTR(conf_pki_server, ocsp_url),
	  .help = "Where certificates say that OCSP is answered",
	  .more = "As in `http://ca.example.com/ocsp`." },
	{ "legacy", K_FLAG, F(conf_pki_server, legacy),
	  .help = "Accept SHA-1, 3DES, DES and RSA keys from 1024 bits",
	  .more = "For clients that know no better. What is issued is signed "
		  "as `hash` says all the same." },
	{ "shutdown", K_FLAG, F(conf_pki_server, shutdown), .def = true,
	  .help = "Not served",
	  .more = "So it is until `no shutdown` is written." },
	{ NULL },
};
/* clang-format on */
