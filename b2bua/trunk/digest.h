/*
 * Digest authentication as a client (RFC 7616, RFC 8760; RFC 3261 22): what a
 * challenge asks, and the answer. Pure, over any bytes.
 */
#ifndef LINESIDE_B2BUA_DIGEST_H
#define LINESIDE_B2BUA_DIGEST_H

#include "base/slice.h"

enum digest_alg { /* best last */
	DIGEST_MD5,
	DIGEST_SHA256,
	DIGEST_SHA512_256,
};
enum { DIGEST_TEXT = 512 }; /* realm, nonce, opaque: bytes with their NUL */

struct digest_challenge {
	char realm[DIGEST_TEXT], nonce[DIGEST_TEXT], opaque[DIGEST_TEXT];
	bool has_opaque, stale;
	enum digest_alg alg;
	bool sess; /* MD5-sess … */
	bool told; /* it names its algorithm, so the answer does */
	enum { DIGEST_NO_QOP, DIGEST_AUTH, DIGEST_AUTH_INT } qop;
};

/*
 * Reads the value of a WWW- or Proxy-Authenticate: one challenge. EBADMSG: it
 * is none of Digest that can be read. ENOTSUP: an algorithm or quality of
 * protection that is not known here. E2BIG: a text of it is too long.
 */
int digest_read(struct digest_challenge *out, struct slice value) MUST_USE;

struct digest_request {
	struct slice method, uri, body;
	uint32_t count; /* of the nonce: 1 at first */
	struct slice cnonce; /* without quotes in it */
};
/* The value of Authorization or Proxy-Authorization; free() it. ENOTSUP: the
 * user name cannot be quoted, or the password is empty. */
int digest_answer(char **out, const struct digest_challenge *c,
	struct slice username, const char *password,
	const struct digest_request *r) MUST_USE;

const char *digest_alg_name(enum digest_alg alg); /* "SHA-256": static */

#endif
