/* What the keystore's files share: a key's insides. For them alone. */
#ifndef LINESIDE_CERTS_KEYSTORE_INT_H
#define LINESIDE_CERTS_KEYSTORE_INT_H

#include "certs/store/keystore.h"

struct keystore {
	gnutls_x509_privkey_t key; /* NULL: on a token */
	gnutls_privkey_t any; /* of either kind */
	uint8_t id[KEYSTORE_ID];
	bool exportable;
	char *url, *pin; /* of a token's */
};

struct keystore *keystore_new(void) MUST_USE; /* without a key */
/* k->key is there: the rest of it. GnuTLS's error. */
int keystore_complete(struct keystore *k) MUST_USE;
/* *why is the text (free() it); returns EBADMSG. */
int keystore_said(char **why, const char *fmt, ...) PRINTF(2, 3);
/* For interfaces that forgot to say const. */
void *keystore_ptr(const void *p);

#endif
