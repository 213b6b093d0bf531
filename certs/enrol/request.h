/* What we ask an authority for, and what we certify ourselves. */
#ifndef LINESIDE_CERTS_REQUEST_H
#define LINESIDE_CERTS_REQUEST_H

#include <time.h>

#include "certs/store/keystore.h"

/*
 * A PKCS#10 request as the trustpoint describes it, signed by the key.
 * `challenge`: SCEP's password; NULL: none. EINVAL and *why (free() it): the
 * subject or a name cannot be encoded. gnutls_free() out->data.
 */
int request_make(gnutls_datum_t *out, const struct conf_trustpoint *c,
	const struct keystore *k, const char *challenge, char **why) MUST_USE;
/* PEM with BEGIN and END. */
char *request_pem(const gnutls_datum_t *csr) MUST_USE;

enum { SELFSIGNED_DAYS = 3650 };

/* The same subject and names, certified by the key itself. */
int selfsigned_make(gnutls_x509_crt_t *out, const struct conf_trustpoint *c,
	const struct keystore *k, time_t now, unsigned lifetime_s,
	char **why) MUST_USE;

/* The password of the line or its file; NULL and 0: there is none. Wipe it. */
int request_password(
	const struct conf_trustpoint *c, char **out, char **why) MUST_USE;

#endif
