/*
 * SIP URIs and name-addr values, cut out of the text they stand in. Lenient
 * where phones are sloppy, strict where a wrong reading would misroute: the
 * host must be a host and the port a number.
 */
#include "b2bua/sip/uri.h"

#include <errno.h>
#include <string.h>

static bool is_scheme_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

static bool is_v6_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

/* No blanks, no control characters, no brackets of a name-addr. */
static bool is_clean(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"')
			return false;
	}
	return true;
}

static int parse_port(struct slice text, uint16_t *port)
{
	uint64_t v;

	if (slice_uint(text, 65535, &v) != 0 || v == 0)
		return EBADMSG;
	*port = (uint16_t)v;
	return 0;
}

static bool all_of(struct slice s, bool (*ok)(char))
{
	for (size_t i = 0; i < s.n; i++)
		if (!ok(s.p[i]))
			return false;
	return s.n > 0;
}

static int parse_hostport(struct slice hp, struct sip_uri *out)
{
	size_t end;

	if (hp.n > 0 && hp.p[0] == '[') {
		end = slice_find(hp, ']');
		if (end == hp.n)
			return EBADMSG;
		out->host = slice_head(slice_from(hp, 1), end - 1);
		hp = slice_from(hp, end + 1);
		if (!all_of(out->host, is_v6_char))
			return EBADMSG;
		if (hp.n == 0)
			return 0;
		return hp.p[0] == ':'
			       ? parse_port(slice_from(hp, 1), &out->port)
			       : EBADMSG;
	}
	end = slice_find(hp, ':');
	out->host = slice_head(hp, end);
	if (!all_of(out->host, is_host_char))
		return EBADMSG;
	return end == hp.n ? 0
			   : parse_port(slice_from(hp, end + 1), &out->port);
}

/* "tel:+1-212;phone-context=x": a number instead of user@host. */
static int parse_tel(struct slice rest, struct sip_uri *out)
{
	size_t semi = slice_find(rest, ';');

	out->user = slice_head(rest, semi);
	out->params = slice_from(rest, semi);
	return out->user.n > 0 ? 0 : EBADMSG;
}

int sip_uri_parse(struct slice text, struct sip_uri *out)
{
	struct slice rest;
	size_t colon = slice_find(text, ':'), at, end;

	*out = (struct sip_uri){ 0 };
	if (colon == text.n || !all_of(slice_head(text, colon), is_scheme_char))
		return EBADMSG;
	if (!is_clean(text))
		return EBADMSG;
	out->scheme = slice_head(text, colon);
	rest = slice_from(text, colon + 1);
	if (slice_caseeq_str(out->scheme, "tel"))
		return parse_tel(rest, out);
	if (!slice_caseeq_str(out->scheme, "sip") &&
		!slice_caseeq_str(out->scheme, "sips"))
		return EBADMSG;
	/* ';' and '?' may stand in the user part, so '@' is looked for first;
	 * in parameters and headers it must be escaped. */
	at = slice_find(rest, '@');
	if (at < rest.n) {
		struct slice user = slice_head(rest, at);

		out->user = slice_head(user, slice_find(user, ':'));
		if (out->user.n == 0)
			return EBADMSG;
		rest = slice_from(rest, at + 1);
		if (slice_find(rest, '@') < rest.n)
			return EBADMSG;
	}
	end = slice_find(rest, '?');
	if (end < rest.n)
		out->headers = slice_from(rest, end + 1);
	rest = slice_head(rest, end);
	end = slice_find(rest, ';');
	out->params = slice_from(rest, end);
	return parse_hostport(slice_head(rest, end), out);
}

/* Where the next `stop` outside of quotes and angle brackets is, or s.n. */
static size_t find_outside(struct slice s, char stop)
{
	bool quoted = false, angle = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (angle) {
			angle = c != '>';
		} else if (c == stop) {
			return i;
		} else if (c == '<') {
			angle = true;
		}
	}
	return s.n;
}

/* Quotes are closed, and outside of them is nothing that ends a parameter
 * for one reader and not for the next. */
static bool params_clean(struct slice s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '<' || c == '>' || c == ','))
			return false;
	}
	return !quoted;
}

bool sip_param_cut(struct slice *params, struct slice *one)
{
	do {
		size_t end;

		if (params->n == 0)
			return false;
		end = find_outside(*params, ';');
		*one = slice_trim(slice_head(*params, end));
		*params = slice_from(*params, end + 1);
	} while (one->n == 0);
	return true;
}

bool sip_param(struct slice params, const char *name, struct slice *value)
{
	struct slice one;

	*value = (struct slice){ 0 };
	while (sip_param_cut(&params, &one)) {
		size_t eq = slice_find(one, '=');
		struct slice key = slice_trim(slice_head(one, eq));

		if (key.n == 0 || !slice_caseeq_str(key, name))
			continue;
		*value = slice_trim(slice_from(one, eq + 1));
		return true;
	}
	return false;
}

int sip_name_addr_parse(struct slice text, struct sip_name_addr *out)
{
	size_t open, close;
	struct slice rest;

	*out = (struct sip_name_addr){ 0 };
	text = slice_trim(text);
	open = find_outside(text, '<');
	if (open == text.n) { /* addr-spec: what follows ';' is the header's */
		size_t semi = slice_find(text, ';');

		out->uri = slice_trim(slice_head(text, semi));
		out->params = slice_from(text, semi);
		return out->uri.n > 0 && is_clean(out->uri) &&
				       params_clean(out->params)
			       ? 0
			       : EBADMSG;
	}
	out->display = slice_trim(slice_head(text, open));
	rest = slice_from(text, open + 1);
	close = slice_find(rest, '>');
	if (close == rest.n || close == 0)
		return EBADMSG;
	out->uri = slice_head(rest, close);
	out->params = slice_trim(slice_from(rest, close + 1));
	if ((out->params.n > 0 && out->params.p[0] != ';') ||
		!params_clean(out->params))
		return EBADMSG;
	return is_clean(out->uri) ? 0 : EBADMSG;
}

bool sip_name_addr_cut(struct slice *rest, struct slice *one)
{
	do {
		size_t end;

		*rest = slice_trim(*rest);
		if (rest->n == 0)
			return false;
		end = find_outside(*rest, ',');
		*one = slice_trim(slice_head(*rest, end));
		*rest = slice_from(*rest, end + 1);
	} while (one->n == 0);
	return true;
}

static bool is_user_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-_.!~*'()&=+$,;?/", c) != NULL);
}

static bool is_escape(struct slice s)
{
	return s.n >= 3 && s.p[0] == '%' && hex_digit(s.p[1]) >= 0 &&
	       hex_digit(s.p[2]) >= 0;
}

/* Beside what a user part has, what is in `also` stays. */
static void escape_but(struct text *out, struct slice s, const char *also)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (is_user_char(c) || (c != '\0' && strchr(also, c) != NULL) ||
			is_escape(slice_from(s, i)))
			text_addc(out, c);
		else
			text_printf(out, "%%%02X", (unsigned char)c);
	}
}

void sip_user_escape(struct text *out, struct slice user)
{
	escape_but(out, user, "");
}

void sip_uri_escape(struct text *out, struct slice uri)
{
	escape_but(out, uri, ":@[]");
}

bool sip_user_canonical(struct slice user)
{
	for (size_t i = 0; i < user.n; i++) {
		struct slice s = slice_from(user, i);
		char c;

		if (!is_escape(s))
			continue;
		c = (char)(hex_digit(s.p[1]) * 16 + hex_digit(s.p[2]));
		if (is_user_char(c) && strchr("&=+$,;?/", c) == NULL)
			return false;
	}
	return true;
}

/* A telephone number: then '-', '.', '(' and ')' are only for the eye. */
static bool is_number(const char *s, size_t n)
{
	size_t digits = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] >= '0' && s[i] <= '9')
			digits++;
		else if (strchr("+-.()*#", s[i]) == NULL)
			return false;
	}
	return digits > 0;
}

int sip_user_digits(struct slice user, char *out, size_t size)
{
	size_t n = 0, kept = 0;

	need(size > 0);
	user = slice_head(
		user, slice_find(user, ';')); /* user=phone's params */
	for (size_t i = 0; i < user.n; i++) {
		char c = user.p[i];

		if (c == '%' && i + 2 < user.n &&
			hex_digit(user.p[i + 1]) >= 0 &&
			hex_digit(user.p[i + 2]) >= 0) {
			c = (char)(hex_digit(user.p[i + 1]) * 16 +
				   hex_digit(user.p[i + 2]));
			i += 2;
		}
		if (n + 1 >= size) {
			out[0] = '\0';
			return ENOBUFS;
		}
		out[n++] = c;
	}
	out[n] = '\0';
	if (!is_number(out, n))
		return 0;
	for (size_t i = 0; i < n; i++)
		if (strchr("-.()", out[i]) == NULL)
			out[kept++] = out[i];
	out[kept] = '\0';
	return 0;
}
