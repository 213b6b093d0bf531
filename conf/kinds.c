/* The kinds of arguments: what is accepted, and what is said otherwise. */
#include <stdio.h>
#include <string.h>

#include "conf/conf_int.h"

static void bad_text(struct arg_bad *bad, const char *text)
{
	snprintf(bad->text, sizeof(bad->text), "%s", text);
}

static bool letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static bool made_of(struct slice s, const char *more)
{
	for (size_t i = 0; i < s.n; i++)
		if (!letter_or_digit(s.p[i]) && strchr(more, s.p[i]) == NULL)
			return false;
	return s.n > 0;
}

static bool ok_name(struct slice w, struct arg_bad *bad)
{
	if (w.n > CONF_NAME_MAX) {
		bad_text(bad, "is longer than 63 characters");
		return false;
	}
	bad_text(bad,
		"is not a name: letters, digits, '-', '_' and '.' make names");
	return made_of(w, "-_.");
}

static bool ok_host(struct slice w, struct arg_bad *bad)
{
	bad_text(bad, "is not a host name");
	return w.n <= 253 && made_of(w, "-_.") && w.p[0] != '-' &&
	       w.p[0] != '.' && slice_search(w, slice_str("..")) == w.n;
}

static bool ok_path(struct slice w, struct arg_bad *bad)
{
	bad_text(bad, "is not a file name");
	return w.n > 0;
}

/* http://HOST… or https://HOST…, printable and without blanks. */
static bool ok_url(struct slice w, struct arg_bad *bad)
{
	size_t scheme = slice_casestarts(w, "http://")	  ? 7
			: slice_casestarts(w, "https://") ? 8
							  : 0;

	bad_text(bad, "is not a URL: write http://HOST/… or https://HOST/…");
	for (size_t i = 0; i < w.n; i++)
		if (w.p[i] <= ' ' || w.p[i] > '~' || w.p[i] == '"')
			return false;
	return scheme > 0 && w.n > scheme && w.p[scheme] != '/';
}

static bool ok_pkcs11(struct slice w, struct arg_bad *bad)
{
	bad_text(bad, "is not a token's URL: write pkcs11:token=…;object=…");
	return slice_casestarts(w, "pkcs11:") && w.n > strlen("pkcs11:");
}

static bool ok_word(struct slice w, struct arg_bad *bad)
{
	if (slice_starts(w, "\xe2\x80\x9c") ||
		slice_starts(w, "\xe2\x80\x9e")) {
		bad_text(bad, "begins with a typographic quote, not with \"");
		return false;
	}
	bad_text(bad, "is empty");
	return w.n > 0;
}

static bool ok_family(struct slice w, int family)
{
	struct addr a;

	return w.n > 0 && w.p[0] != '[' && addr_parse(&a, w, 0) == 0 &&
	       a.sa.sa_family == family;
}

static bool ok_ipv4(struct slice w, struct arg_bad *bad)
{
	bad_text(bad, "is not an IPv4 address");
	return ok_family(w, AF_INET);
}

static bool ok_ipv6(struct slice w, struct arg_bad *bad)
{
	bad_text(bad, "is not an IPv6 address");
	return ok_family(w, AF_INET6);
}

static bool ok_target(struct slice w, struct arg_bad *bad)
{
	struct target t;

	return target_parse(w, &t, bad);
}

static bool ok_pattern(struct slice w, struct arg_bad *bad)
{
	const char *why = NULL;

	if (pattern_ok(w, &bad->offset, &why))
		return true;
	snprintf(
		bad->text, sizeof(bad->text), "is not a dial pattern: %s", why);
	return false;
}

/* clang-format off */
static const struct arg_kind kinds[] = {
	{ "NAME",    "A name: letters, digits, - _ .", ok_name },
	{ "HOST",    "A host name", ok_host },
	{ "PATH",    "A file name", ok_path },
	{ "WORD",    "A word, in \"…\" when it holds blanks", ok_word },
	{ "TEXT",    "Text, in \"…\" when it is empty or holds blanks", NULL },
	{ "URL",     "http://HOST/… or https://HOST/…", ok_url },
	{ "PKCS11",  "pkcs11:token=…;object=…", ok_pkcs11 },
	{ "LINE",    "Text up to the end of the line", NULL },
	{ "A.B.C.D", "An IPv4 address", ok_ipv4 },
	{ "X:X::X",  "An IPv6 address", ok_ipv6 },
	{ "TARGET",  "ipv4:A.B.C.D[:PORT], ipv6:[X:X::X][:PORT] or "
		     "dns:NAME[:PORT]", ok_target },
	{ "PATTERN", "A dial pattern: digits . [1-5] T + % ? ( ) ^ $", ok_pattern },
	{ "CODEC",   "A codec", NULL, codec_name },
	{ "SUITE",   "An SRTP crypto suite", NULL, suite_name },
};

/* Help for keywords that are not the first of their command. */
static const struct { const char *word, *help; } words[] = {
	{ "access", "The phones' side" },
	{ "advertise", "The address that peers are told" },
	{ "bindings", "Registrations of one phone" },
	{ "called-number", "Match the number called" },
	{ "codec", "Codecs" },
	{ "cube", "Calls that pass through here" },
	{ "crypto", "Certificates and encryption" },
	{ "core", "The call manager's side" },
	{ "dns", "A name" },
	{ "embedded", "Lineside itself keeps the registrations" },
	{ "expires", "Lifetime of registrations in seconds" },
	{ "fallback", "Allow RTP where SRTP is not agreed" },
	{ "file", "A file" },
	{ "incoming", "Which calls come in here" },
	{ "ipv4", "An IPv4 address follows" },
	{ "ipv6", "An IPv6 address follows" },
	{ "json", "One JSON object per line" },
	{ "line", "The line that this phone may register" },
	{ "listener", "A sip-listener" },
	{ "logging", "What is logged, and where" },
	{ "max", "The longest" },
	{ "media", "Media streams" },
	{ "min", "The shortest" },
	{ "none", "None" },
	{ "peer-name", "The name in the peer's certificate" },
	{ "per-source", "Connections from one address" },
	{ "port", "A port follows" },
	{ "registrar", "Where the line has registered" },
	{ "requests", "REGISTERs and INVITEs a minute" },
	{ "required", "Refuse who has none" },
	{ "san-dns", "A DNS name of the subjectAltName" },
	{ "san-email", "A mail address of the subjectAltName" },
	{ "san-uri", "A URI of the subjectAltName" },
	{ "session", "Where and how calls are sent" },
	{ "srtp", "Encrypted media" },
	{ "srtp-crypto", "SRTP crypto suites" },
	{ "subject-cn", "The common name of the subject" },
	{ "tcp", "TCP" },
	{ "text", "Plain text" },
	{ "timeout", "Time limits" },
	{ "tls", "TLS over TCP" },
	{ "udp", "UDP" },
	{ "voice", "What calls are made of" },
	{ "profile", "A profile by its number" },
	{ "sccp", "A call manager, by SCCP" },
	{ "security", "Also where a leg speaks SRTP" },
	{ "sessions", "Calls at once" },
	{ "transcode", "From codec to codec" },
	{ "universal", "Between any two codecs" },
	{ "acc-addr", "Address on the phones' side" },
	{ "address", "An address" },
	{ "alias", "The name that phones ask for" },
	{ "application", "An HTTPS server" },
	{ "capf", "The certificate authority proxy function" },
	{ "create", "Make the signed file anew" },
	{ "cucm", "The call manager, as configuration files name it" },
	{ "cucm-tftp", "What phones meet on SIP and as signer of files" },
	{ "http", "HTTP" },
	{ "local-addr", "Our address on the call manager's side" },
	{ "selfsigned", "The signer of trust lists (SAST)" },
	{ "server-addr", "Address of the server" },
	{ "service-settings", "PC port, gratuitous ARP, voice VLAN access, web access, span to PC port" },
	{ "sign", "Also served signed, as NAME.sgn" },
	{ "signal-addr", "Where phones find it" },
	{ "tftp", "TFTP" },
	{ "trustpoint", "A trustpoint" },
	{ "tvs", "The trust verification service" },
	{ "voice-class", "A list defined by a voice class" },
};
/* clang-format on */

const struct arg_kind *arg_kind_of(const char *token)
{
	static const struct arg_kind number = { "NUMBER", "A number" };
	struct slice t = syntax_token(token);

	if (t.n > 0 && t.p[0] == '<')
		return &number;
	if (t.n == 0 || t.p[0] < 'A' || t.p[0] > 'Z')
		return NULL; /* as most are: keywords */
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (slice_eq_str(t, kinds[i].name))
			return &kinds[i];
	return NULL;
}

bool arg_is_line(const char *token)
{
	return slice_eq_str(syntax_token(token), "LINE");
}

/* <min-max> */
static void number_range(const char *token, uint64_t *min, uint64_t *max)
{
	struct slice rest = slice_from(syntax_token(token), 1), low;
	bool dash = slice_cut(&rest, '-', &low);

	need(dash && slice_uint(low, UINT32_MAX, min) == 0 &&
		slice_uint(slice_head(rest, rest.n - 1), UINT32_MAX, max) == 0);
}

static bool number_ok(const char *token, struct word *w, struct arg_bad *bad)
{
	uint64_t min, max;

	number_range(token, &min, &max);
	if (slice_uint(w->text, max, &w->number) == 0 && w->number >= min)
		return true;
	snprintf(bad->text, sizeof(bad->text),
		"is not a number from %llu to %llu", (unsigned long long)min,
		(unsigned long long)max);
	return false;
}

bool arg_ok(const char *token, struct word *w, struct arg_bad *bad)
{
	const struct arg_kind *kind = arg_kind_of(token);

	need(kind != NULL);
	bad->offset = 0;
	if (*token == '<')
		return number_ok(token, w, bad);
	return kind->ok == NULL || kind->ok(w->text, bad);
}

const char *arg_help(const char *token)
{
	const struct arg_kind *kind = arg_kind_of(token);
	struct slice t = syntax_token(token);

	if (kind != NULL)
		return kind->help;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_eq_str(t, words[i].word))
			return words[i].help;
	return NULL;
}

/* HOST[:PORT], where an IPv6 address stands in brackets. */
static bool host_port(
	struct slice s, bool brackets, struct target *out, struct arg_bad *bad)
{
	size_t end = brackets ? slice_find(s, ']') : slice_find(s, ':');
	struct slice rest = slice_from(s, brackets ? end + 1 : end);
	uint64_t port = 0;

	out->host = brackets ? slice_from(slice_head(s, end), 1)
			     : slice_head(s, end);
	if (rest.n == 0)
		return true;
	bad->offset = (size_t)(rest.p - s.p);
	bad_text(bad, "has no port from 1 to 65535 after its host");
	if (rest.p[0] != ':' ||
		slice_uint(slice_from(rest, 1), 65535, &port) != 0 || port == 0)
		return false;
	out->port = (uint16_t)port;
	return true;
}

static bool target_ipv6(struct slice s, struct target *out, struct arg_bad *bad)
{
	bad_text(bad, "needs brackets: ipv6:[2001:db8::1]:5060");
	if (s.n == 0 || s.p[0] != '[' || slice_find(s, ']') == s.n)
		return false;
	if (!host_port(s, true, out, bad))
		return false;
	bad->offset = 1;
	return ok_ipv6(out->host, bad) &&
	       addr_parse(&out->addr, out->host, out->port) == 0;
}

bool target_parse(struct slice s, struct target *out, struct arg_bad *bad)
{
	size_t colon = slice_find(s, ':');
	struct slice rest = slice_from(s, colon + 1);
	struct slice head = slice_head(s, colon);
	bool ok = false;

	*out = (struct target){ 0 };
	*bad = (struct arg_bad){ 0 };
	if (colon == s.n)
		rest.n = 0;
	if (slice_caseeq_str(head, "ipv6") && colon < s.n) {
		ok = target_ipv6(rest, out, bad);
	} else if (slice_caseeq_str(head, "ipv4") && colon < s.n) {
		ok = host_port(rest, false, out, bad) &&
		     ok_ipv4(out->host, bad) &&
		     addr_parse(&out->addr, out->host, out->port) == 0;
	} else if (slice_caseeq_str(head, "dns") && colon < s.n) {
		ok = host_port(rest, false, out, bad) &&
		     ok_host(out->host, bad);
	} else {
		bad_text(bad,
			"is not ipv4:A.B.C.D[:PORT], ipv6:[X:X::X][:PORT] or "
			"dns:NAME[:PORT]");
		return false;
	}
	if (!ok)
		bad->offset += colon + 1;
	return ok;
}

void target_show(
	FILE *out, const char *host, const struct addr *addr, uint16_t port)
{
	if (!addr_is_set(addr))
		fprintf(out, "dns:%s", host);
	else if (addr->sa.sa_family == AF_INET6)
		fprintf(out, "ipv6:[%s]", host);
	else
		fprintf(out, "ipv4:%s", host);
	if (port != 0)
		fprintf(out, ":%u", port);
}
