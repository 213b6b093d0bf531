/* Masking of secrets in SIP messages: see mask.h. */
#include <ctype.h>
#include <string.h>

#include "b2bua/sip/mask.h"

static const struct slice stars = { "***", 3 };

static bool ends_value(char c)
{
	return isspace((unsigned char)c) || c == '|' || c == ',' || c == ';' ||
	       c == '>' || c == '"';
}

/* a=crypto:1 SUITE inline:KEY|2^20|1:4;inline:KEY2 …: keys only. */
static void mask_crypto(struct text *out, struct slice line)
{
	static const struct slice mark = { "inline:", 7 };

	for (;;) {
		size_t at = slice_search(line, mark);
		size_t n = at + mark.n;

		if (at == line.n)
			break;
		text_add(out, slice_head(line, n));
		text_add(out, stars);
		while (n < line.n && !ends_value(line.p[n]))
			n++;
		line = slice_from(line, n);
	}
	text_add(out, line);
}

static bool is_secret_param(struct slice name)
{
	static const char *const secret[] = { "response", "nonce", "cnonce",
		"opaque", "auts", "rspauth", "nextnonce" };

	for (size_t i = 0; i < ARRAY_SIZE(secret); i++)
		if (slice_caseeq_str(name, secret[i]))
			return true;
	return false;
}

/* Length of one Digest parameter up to its comma, quotes respected. */
static size_t param_length(struct slice s)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < s.n && (quoted || s.p[i] != ','); i++) {
		if (s.p[i] == '\\' && quoted && i + 1 < s.n)
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
	}
	return i;
}

static void mask_digest(struct text *out, struct slice params)
{
	while (params.n > 0) {
		size_t n = param_length(params);
		struct slice one = slice_head(params, n);
		size_t eq = slice_find(one, '=');

		if (is_secret_param(slice_trim(slice_head(one, eq))) &&
			eq < one.n) {
			text_add(out, slice_head(one, eq + 1));
			text_add(out, stars);
		} else {
			text_add(out, one);
		}
		if (n < params.n)
			text_addc(out, ',');
		params = slice_from(params, n + 1);
	}
}

static void mask_credentials(struct text *out, struct slice line)
{
	size_t colon = slice_find(line, ':');
	struct slice rest = slice_from(line, colon + 1), scheme;
	size_t skip;

	text_add(out, slice_head(line, colon + 1));
	if (!slice_word(&rest, &scheme))
		return;
	skip = (size_t)(scheme.p + scheme.n - (line.p + colon + 1));
	text_add(out, slice_of(line.p + colon + 1, skip));
	rest = slice_from(line, colon + 1 + skip);
	if (slice_caseeq_str(scheme, "Digest"))
		mask_digest(out, rest);
	else if (slice_trim(rest).n > 0)
		text_add(out, SLICE_LIT(" ***"));
}

/* sip:user:password@host anywhere in the line. */
static void mask_uris(struct text *out, struct slice line)
{
	while (line.n > 0) {
		size_t at = slice_find(line, '@');
		struct slice head = slice_head(line, at);
		size_t colon = head.n, scheme = head.n;

		for (size_t i = head.n; i-- > 0;) {
			char c = head.p[i];

			if (isspace((unsigned char)c) || c == '<' || c == '"')
				break;
			if (c == ':') {
				colon = scheme;
				scheme = i;
			}
		}
		/* the last two colons found are scheme and, if so, password */
		if (at < line.n && colon < head.n && scheme < colon) {
			text_add(out, slice_head(head, colon + 1));
			text_add(out, stars);
		} else {
			text_add(out, head);
		}
		if (at < line.n)
			text_addc(out, '@');
		line = slice_from(line, at + 1);
	}
}

static bool is_credentials(struct slice name)
{
	static const char *const headers[] = { "Authorization",
		"Proxy-Authorization", "WWW-Authenticate", "Proxy-Authenticate",
		"Authentication-Info" };

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		if (slice_caseeq_str(name, headers[i]))
			return true;
	return false;
}

static void mask_line(struct text *out, struct slice line)
{
	struct slice name = slice_trim(slice_head(line, slice_find(line, ':')));

	if (is_credentials(name)) {
		struct text t = { 0 };

		mask_credentials(&t, line);
		mask_crypto(out, text_slice(&t));
		text_free(&t);
	} else if (slice_search(line, SLICE_LIT("inline:")) < line.n) {
		mask_crypto(out, line);
	} else if (slice_casestarts(line, "a=key-mgmt:")) {
		text_add(out, SLICE_LIT("a=key-mgmt:***"));
	} else if (slice_starts(line, "k=")) {
		text_add(out, SLICE_LIT("k=***"));
	} else {
		mask_uris(out, line);
	}
}

void sip_mask(struct text *out, struct slice msg)
{
	bool secret = false;

	while (msg.n > 0) {
		size_t end = slice_find(msg, '\n');
		struct slice line = slice_head(msg, end);
		struct slice bare = line;

		if (bare.n > 0 && bare.p[bare.n - 1] == '\r')
			bare.n--;
		/* a folded credentials header goes on in its next lines */
		if (bare.n > 0 && (bare.p[0] == ' ' || bare.p[0] == '\t')) {
			if (secret)
				text_add(out, SLICE_LIT("\t***"));
			else
				mask_line(out, bare);
		} else {
			secret = is_credentials(slice_trim(
				slice_head(bare, slice_find(bare, ':'))));
			mask_line(out, bare);
		}
		if (bare.n < line.n)
			text_addc(out, '\r');
		if (end < msg.n)
			text_addc(out, '\n');
		msg = slice_from(msg, end + 1);
	}
}
