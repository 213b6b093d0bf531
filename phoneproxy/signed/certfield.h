/*
 * What the files for phones say of a certificate: names as text, serial,
 * public key and signature, taken from its DER.
 */
#ifndef LINESIDE_PHONEPROXY_CERTFIELD_H
#define LINESIDE_PHONEPROXY_CERTFIELD_H

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "base/slice.h"
#include "phoneproxy/signed/fault.h"

struct certfield {
	struct slice der; /* borrowed from the caller */
	/*
	 * In the certificate's own order, joined with ',': the style that
	 * usecallmanager writes and phones take. Never NULL.
	 */
	char *subject, *issuer;
	struct slice serial; /* unsigned, shortest; into `der` */
	struct slice signature; /* without BIT STRING head; into `der` */
	/* PKCS#1 RSAPublicKey, or an uncompressed point; into `der` */
	struct slice key;
	size_t rsa_size; /* bytes of the modulus; 0: not RSA */
	gnutls_pubkey_t pubkey;
};

/*
 * The same names in the style of Cisco's lists: CN, OU, O, L, ST, C in this
 * order, joined with ';', nothing escaped. free() it.
 */
char *certfield_cisco_subject(const struct certfield *c) MUST_USE;
char *certfield_cisco_issuer(const struct certfield *c) MUST_USE;

/* FAULT_CERTIFICATE when it cannot be read; then there is nothing to free. */
enum fault certfield_read(struct certfield *out, struct slice der) MUST_USE;
void certfield_free(struct certfield *c);

#endif
