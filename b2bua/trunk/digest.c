/* See digest.h. */
#include "b2bua/trunk/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/md5.h>
#include <nettle/sha2.h>

#include "base/obj.h"
#include "base/secret.h"
#include "base/wire.h"

enum { HASH_MAX = 32, HEX_MAX = 2 * HASH_MAX + 1 };

const char *digest_alg_name(enum digest_alg alg)
{
	static const char *const names[] = { [DIGEST_MD5] = "MD5",
		[DIGEST_SHA256] = "SHA-256",
		[DIGEST_SHA512_256] = "SHA-512-256" };

	return names[alg];
}

/* ---- reading ---- */

static struct slice blanks_off(struct slice s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == ','))
		s = slice_from(s, 1);
	return s;
}

/* name=value or name="quoted" off the front of *rest. The value of a quoted
 * one is copied without its backslashes. False: that is not what is there. */
static bool cut_param(struct slice *rest, struct slice *name,
	char value[DIGEST_TEXT], bool *fits)
{
	size_t eq = slice_find(*rest, '='), n = 0, i;
	bool quoted;

	if (eq == rest->n)
		return false;
	*name = slice_trim(slice_head(*rest, eq));
	*rest = blanks_off(slice_from(*rest, eq + 1));
	quoted = rest->n > 0 && rest->p[0] == '"';
	for (i = quoted; i < rest->n; i++) {
		char c = (char)rest->p[i];

		if (quoted ? c == '"' : c == ',' || c == ' ' || c == '\t')
			break;
		if (quoted && c == '\\' && i + 1 < rest->n)
			c = (char)rest->p[++i];
		if (c == '\0' || c == '\r' || c == '\n')
			return false;
		if (n + 1 < DIGEST_TEXT)
			value[n] = c;
		n++;
	}
	if (quoted && i == rest->n)
		return false; /* it does not end */
	*fits = n < DIGEST_TEXT;
	value[*fits ? n : 0] = '\0';
	*rest = blanks_off(slice_from(*rest, i + quoted));
	return true;
}

static int read_algorithm(struct digest_challenge *c, struct slice name)
{
	static const struct {
		const char *name;
		enum digest_alg alg;
		bool sess;
	} known[] = { { "MD5", DIGEST_MD5, false },
		{ "MD5-sess", DIGEST_MD5, true },
		{ "SHA-256", DIGEST_SHA256, false },
		{ "SHA-256-sess", DIGEST_SHA256, true },
		{ "SHA-512-256", DIGEST_SHA512_256, false },
		{ "SHA-512-256-sess", DIGEST_SHA512_256, true } };

	c->told = true;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!slice_caseeq_str(name, known[i].name))
			continue;
		c->alg = known[i].alg;
		c->sess = known[i].sess;
		return 0;
	}
	return ENOTSUP;
}

static int read_qop(struct digest_challenge *c, struct slice list)
{
	struct slice one;
	bool integrity = false;

	while (slice_cut(&list, ',', &one)) {
		one = slice_trim(one);
		if (slice_caseeq_str(one, "auth"))
			c->qop = DIGEST_AUTH;
		integrity |= slice_caseeq_str(one, "auth-int");
	}
	if (c->qop == DIGEST_NO_QOP && integrity)
		c->qop = DIGEST_AUTH_INT;
	return c->qop == DIGEST_NO_QOP ? ENOTSUP : 0;
}

int digest_read(struct digest_challenge *out, struct slice value)
{
	char text[DIGEST_TEXT];
	struct slice rest = blanks_off(value), name;
	bool realm = false, nonce = false, fits;
	int err = 0;

	*out = (struct digest_challenge){ .alg = DIGEST_MD5 };
	if (!slice_casestarts(rest, "Digest ") &&
		!slice_casestarts(rest, "Digest\t"))
		return EBADMSG;
	rest = blanks_off(slice_from(rest, 7));
	while (rest.n > 0 && err == 0) {
		if (!cut_param(&rest, &name, text, &fits))
			return EBADMSG;
		if (!fits) {
			err = E2BIG;
		} else if (slice_caseeq_str(name, "realm")) {
			memcpy(out->realm, text, sizeof(text));
			realm = true;
		} else if (slice_caseeq_str(name, "nonce")) {
			memcpy(out->nonce, text, sizeof(text));
			nonce = text[0] != '\0';
		} else if (slice_caseeq_str(name, "opaque")) {
			memcpy(out->opaque, text, sizeof(text));
			out->has_opaque = true;
		} else if (slice_caseeq_str(name, "stale")) {
			out->stale = slice_caseeq_str(slice_str(text), "true");
		} else if (slice_caseeq_str(name, "algorithm")) {
			err = read_algorithm(out, slice_str(text));
		} else if (slice_caseeq_str(name, "qop")) {
			err = read_qop(out, slice_str(text));
		}
	}
	if (err == 0 && (!realm || !nonce))
		err = EBADMSG;
	return err;
}

/* ---- answering ---- */

struct hash {
	enum digest_alg alg;
	bool begun; /* a part was added: a colon comes before the next */
	union {
		struct md5_ctx md5;
		struct sha256_ctx sha256;
		struct sha512_ctx sha512;
	} u;
};

static void hash_init(struct hash *h, enum digest_alg alg)
{
	*h = (struct hash){ .alg = alg };
	if (alg == DIGEST_MD5)
		md5_init(&h->u.md5);
	else if (alg == DIGEST_SHA256)
		sha256_init(&h->u.sha256);
	else
		sha512_256_init(&h->u.sha512);
}

static void hash_bytes(struct hash *h, struct slice s)
{
	const uint8_t *p = (const uint8_t *)s.p;

	if (s.n == 0)
		return;
	if (h->alg == DIGEST_MD5)
		md5_update(&h->u.md5, s.n, p);
	else if (h->alg == DIGEST_SHA256)
		sha256_update(&h->u.sha256, s.n, p);
	else
		sha512_256_update(&h->u.sha512, s.n, p);
}

/* Parts are joined with colons. */
static void hash_part(struct hash *h, struct slice s)
{
	if (h->begun)
		hash_bytes(h, SLICE_LIT(":"));
	h->begun = true;
	hash_bytes(h, s);
}

static void hash_hex(struct hash *h, char out[HEX_MAX])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = h->alg == DIGEST_MD5 ? MD5_DIGEST_SIZE : SHA256_DIGEST_SIZE;
	uint8_t b[HASH_MAX];

	if (h->alg == DIGEST_MD5)
		md5_digest(&h->u.md5, n, b);
	else if (h->alg == DIGEST_SHA256)
		sha256_digest(&h->u.sha256, n, b);
	else
		sha512_256_digest(&h->u.sha512, n, b);
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[b[i] >> 4];
		out[2 * i + 1] = digits[b[i] & 15];
	}
	out[2 * n] = '\0';
	mem_wipe(h, sizeof(*h));
	mem_wipe(b, sizeof(b));
}

/* RFC 7616 3.4.2: who it is. */
static void secret_hash(char out[HEX_MAX], const struct digest_challenge *c,
	struct slice username, const char *password,
	const struct digest_request *r)
{
	struct hash h;

	hash_init(&h, c->alg);
	hash_part(&h, username);
	hash_part(&h, slice_str(c->realm));
	hash_part(&h, slice_str(password));
	hash_hex(&h, out);
	if (!c->sess)
		return;
	hash_init(&h, c->alg);
	hash_part(&h, slice_str(out));
	hash_part(&h, slice_str(c->nonce));
	hash_part(&h, r->cnonce);
	hash_hex(&h, out);
}

/* RFC 7616 3.4.3: what is asked for. */
static void request_hash(char out[HEX_MAX], const struct digest_challenge *c,
	const struct digest_request *r)
{
	char body[HEX_MAX];
	struct hash h;

	hash_init(&h, c->alg);
	hash_bytes(&h, r->body);
	hash_hex(&h, body);
	hash_init(&h, c->alg);
	hash_part(&h, r->method);
	hash_part(&h, r->uri);
	if (c->qop == DIGEST_AUTH_INT)
		hash_part(&h, slice_str(body));
	hash_hex(&h, out);
}

static bool quotable(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
			return false;
	return true;
}

static void add_quoted(struct text *t, const char *name, struct slice s)
{
	text_printf(t, "%s=\"", name);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			text_addc(t, '\\');
		text_addc(t, (char)s.p[i]);
	}
	text_addc(t, '"');
}

int digest_answer(char **out, const struct digest_challenge *c,
	struct slice username, const char *password,
	const struct digest_request *r)
{
	static const char *const qops[] = {
		[DIGEST_AUTH] = "auth", [DIGEST_AUTH_INT] = "auth-int"
	};
	char who[HEX_MAX], what[HEX_MAX], all[HEX_MAX], count[16];
	struct text t = { 0 };
	struct hash h;

	*out = NULL;
	if (!quotable(username) || !quotable(r->uri) || password[0] == '\0')
		return ENOTSUP;
	secret_hash(who, c, username, password, r);
	request_hash(what, c, r);
	(void)snprintf(count, sizeof(count), "%08x", r->count);
	hash_init(&h, c->alg);
	hash_part(&h, slice_str(who));
	hash_part(&h, slice_str(c->nonce));
	if (c->qop != DIGEST_NO_QOP) {
		hash_part(&h, slice_str(count));
		hash_part(&h, r->cnonce);
		hash_part(&h, slice_str(qops[c->qop]));
	}
	hash_part(&h, slice_str(what));
	hash_hex(&h, all);
	mem_wipe(who, sizeof(who));
	add_quoted(&t, "Digest username", username);
	add_quoted(&t, ", realm", slice_str(c->realm));
	add_quoted(&t, ", nonce", slice_str(c->nonce));
	add_quoted(&t, ", uri", r->uri);
	text_printf(&t, ", response=\"%s\"", all);
	if (c->told)
		text_printf(&t, ", algorithm=%s%s", digest_alg_name(c->alg),
			c->sess ? "-sess" : "");
	if (c->qop != DIGEST_NO_QOP || c->sess)
		add_quoted(&t, ", cnonce", r->cnonce);
	if (c->qop != DIGEST_NO_QOP)
		text_printf(&t, ", qop=%s, nc=%s", qops[c->qop], count);
	if (c->has_opaque)
		add_quoted(&t, ", opaque", slice_str(c->opaque));
	*out = text_take(&t);
	return 0;
}
