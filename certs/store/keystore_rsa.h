/* RSA signatures of TLS handshakes by libcrypto (docs/adr/0004). */
#ifndef LINESIDE_CERTS_KEYSTORE_RSA_H
#define LINESIDE_CERTS_KEYSTORE_RSA_H

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "base/need.h"

/*
 * A key for sessions that signs as `from` does (PKCS#1 v1.5 and PSS); decrypts
 * nothing. It holds a copy, wiped by gnutls_privkey_deinit. Any number of
 * threads may sign with it at once. ENOTSUP: no RSA key, or one that libcrypto
 * does not take: use `from` itself.
 */
int keystore_rsa_key(
	gnutls_privkey_t *out, gnutls_x509_privkey_t from) MUST_USE;

#endif
