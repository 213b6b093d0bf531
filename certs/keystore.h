/*
 * Private keys. keystore.c is the only code that reads or holds one; the rest
 * asks whether a certificate belongs to it and lets it sign within TLS. It
 * could hand the signing to a library that is faster at RSA, to a token or
 * to another process without anybody else noticing.
 */
#ifndef LINESIDE_CERTS_KEYSTORE_H
#define LINESIDE_CERTS_KEYSTORE_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "conf/conf.h"

struct keystore; /* counted */

enum { KEYSTORE_ID = 32 };

/* A PEM file with one private key: PKCS#8, PKCS#1 or SEC1, not encrypted.
 * ENOENT, EACCES or EBADMSG: said in errs. */
int keystore_load(struct keystore **out, const char *path, struct conf_pos pos,
	struct conf_errs *errs) MUST_USE;
/* Does the certificate certify this key? */
bool keystore_fits(const struct keystore *k, gnutls_x509_crt_t crt);
/* SHA-256 of the public key. */
const uint8_t *keystore_id(const struct keystore *k);
/* Makes sessions with `cred` show `chain` (copied, own first) and sign. */
int keystore_use(const struct keystore *k,
	gnutls_certificate_credentials_t cred, gnutls_x509_crt_t *chain,
	unsigned n) MUST_USE;

#endif
