/*
 * What the CA and SCEP share of libcrypto (docs/adr/0012): bytes to objects
 * and back. Only files of certs/ include this; their interfaces speak bytes.
 */
#ifndef LINESIDE_CERTS_OSSL_H
#define LINESIDE_CERTS_OSSL_H

#include <openssl/asn1t.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/slice.h"
#include "certs/x509/bytes.h"

enum { OSSL_CERTS_MAX = 16 }; /* of one message */

/* What OpenSSL complained of last, in a few words; empties its queue. */
const char *ossl_why(char out[256]);

/* EBADMSG unless `der` is one such thing and nothing more. */
int ossl_read(void *out, struct slice der, const ASN1_ITEM *it) MUST_USE;
struct bytes ossl_der(const void *obj, const ASN1_ITEM *it) MUST_USE;
int ossl_read_cert(X509 **out, struct slice der) MUST_USE;
struct bytes ossl_cert_der(const X509 *crt) MUST_USE;
/* Certificates from PEM text; at most OSSL_CERTS_MAX; EBADMSG, also when
 * there is none. sk_X509_pop_free(…, X509_free). */
int ossl_pem_certs(STACK_OF(X509) * *out, struct slice pem) MUST_USE;
void ossl_pem_add(struct text *out, const X509 *crt);
int ossl_pem_key(EVP_PKEY **out, struct slice pem) MUST_USE;
/* PKCS#8; wipe it. */
struct bytes ossl_key_pem(EVP_PKEY *key) MUST_USE;

/* A SignedData without signers: certificates (and a CRL) in a box. */
struct bytes ossl_box(STACK_OF(X509) * certs, X509_CRL *crl) MUST_USE;
/* What is in such a box, or a single certificate. Both may be NULL. */
int ossl_unbox(
	struct slice der, STACK_OF(X509) * *certs, X509_CRL **crl) MUST_USE;
/* Of them, the one with this public key; borrowed, or NULL. */
X509 *ossl_cert_of_key(STACK_OF(X509) * certs, const EVP_PKEY *key);

/* RFC 4514, UTF-8, control characters escaped; free() it. */
char *ossl_name_text(const X509_NAME *name) MUST_USE;
/* "CN=a,O=b": EINVAL names the part in `why`. */
int ossl_name(
	X509_NAME **out, const char *text, char *why, size_t size) MUST_USE;
/* SHA-256 of the subjectPublicKeyInfo. */
void ossl_key_id(X509_PUBKEY *key, uint8_t out[32]);
/* Made by `issuer`: names and signature. */
bool ossl_issued(X509 *crt, X509 *issuer);

#endif
