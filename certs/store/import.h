/*
 * Certificates as people are given them: PEM, DER, PKCS#7, PKCS#12, several in
 * one file in any order, pasted text without armour, hexadecimal as IOS shows
 * it. What they are is told by their content, never by a name. Pure: bytes
 * in, certificates or a sentence out; stores nothing.
 */
#ifndef LINESIDE_CERTS_IMPORT_H
#define LINESIDE_CERTS_IMPORT_H

#include <time.h>

#include "base/wire.h"
#include "certs/store/keystore.h"

enum {
	IMPORT_SIZE_MAX = 16 << 20, /* bytes */
	IMPORT_CERTS_MAX = 1024, /* each is compared with each */
};

struct import {
	size_t n; /* certificates, each once, in the order found */
	gnutls_x509_crt_t *crt;
	struct keystore *key; /* that came along; NULL: none */
	struct text notes; /* what was passed over, a line each */
};

/* 0, or EBADMSG (E2BIG) and *why (free() it). import_free() in each case. */
int import_parse(struct import *out, struct slice bytes, const char *password,
	char **why) MUST_USE;
void import_free(struct import *in);

/* What is known already, and what is wanted; all borrowed. */
struct import_want {
	time_t now;
	unsigned skew_s; /* another's clock may be so far ahead of ours */
	const struct conf_legacy *legacy; /* NULL: no exception */
	const char *fingerprint; /* one must have it; NULL: any */
	const gnutls_x509_crt_t *anchor; /* authorities that are stored */
	size_t nanchors;
	const gnutls_x509_crt_t *chain; /* our chain that is stored */
	size_t nchain;
	const uint8_t *key_id; /* of the request's key; NULL: none */
	enum conf_tls_usage usage;
};

/* What shall be stored: borrowed from `in` and `want`. */
struct import_choice {
	size_t n;
	gnutls_x509_crt_t *crt; /* the array is owned */
	struct text notes; /* a line each */
};
void import_choice_free(struct import_choice *c);

/*
 * The authorities among what came. EBADMSG, EACCES (fingerprint), EEXIST,
 * ENOENT (none), ETIME (expired or not yet valid): *why says what is wrong and
 * what to do, and nothing may be stored.
 */
int import_anchors(struct import_choice *out, const struct import *in,
	const struct import_want *want, char **why) MUST_USE;
/*
 * Our certificate with the authorities between it and the root, in order.
 * As above, and ENOENT when an issuer is missing, EINVAL when no certificate
 * belongs to the key.
 */
int import_own(struct import_choice *out, const struct import *in,
	const struct import_want *want, char **why) MUST_USE;

/* "  Fingerprint SHA256: …" and SHA1, MD5, each a line. */
void import_fingerprints(struct text *out, gnutls_x509_crt_t crt);
/* Hexadecimal of SHA-256, SHA-1 or MD5, blanks and colons left out. */
bool import_has_fingerprint(gnutls_x509_crt_t crt, const char *fingerprint);
bool import_is_fingerprint(const char *text);

#endif
