/*
 * What this module asks of one certificate. Texts that come out of here are
 * valid UTF-8 without control characters, whatever the certificate holds.
 */
#ifndef LINESIDE_CERTS_CRT_H
#define LINESIDE_CERTS_CRT_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <time.h>

#include "base/wire.h"

enum { CRT_NAME = 128, CRT_DATE = 32, CRT_SANS_MAX = 128 };

/* EBADMSG: not a certificate. */
int crt_import(gnutls_x509_crt_t *out, const gnutls_datum_t *der) MUST_USE;
/* Another of the same certificate; gnutls_x509_crt_deinit() it. */
gnutls_x509_crt_t crt_copy(gnutls_x509_crt_t crt) MUST_USE;

/* Short forms for one sentence; long names are cut. */
const char *crt_subject(gnutls_x509_crt_t crt, char out[CRT_NAME]);
const char *crt_issuer(gnutls_x509_crt_t crt, char out[CRT_NAME]);
const char *crt_date(time_t t, char out[CRT_DATE]);
/* Whole forms; free() them. RFC 4514; hex; "RSA 2048", "EC P-256". */
char *crt_subject_dup(gnutls_x509_crt_t crt) MUST_USE;
char *crt_issuer_dup(gnutls_x509_crt_t crt) MUST_USE;
char *crt_serial_dup(gnutls_x509_crt_t crt) MUST_USE;
char *crt_key_dup(gnutls_x509_crt_t crt) MUST_USE;
void crt_fingerprint(gnutls_x509_crt_t crt, uint8_t out[32]); /* SHA-256 */

bool crt_self_issued(gnutls_x509_crt_t crt); /* subject is issuer */
/*
 * Is a signature by this key verified in milliseconds? Who makes a key chooses
 * what that costs others: RSA over 8192 bits, or with an exponent over 64 (as
 * OpenSSL has it), and DSA are not. Before anything is computed with a
 * foreign key. *why: what is wrong with it, or NULL; static.
 */
bool crt_cheap_key(gnutls_x509_crt_t crt, const char **why);
/* RSA under 2048 bits, EC under 256, DSA. */
bool crt_weak_key(gnutls_x509_crt_t crt);
bool crt_weak_signature(gnutls_x509_crt_t crt); /* MD2, MD5, SHA-1 */
/* Whether the issuer's key made the signature, by whatever hash; of a root,
 * GnuTLS's own checks never look at it. */
bool crt_signed_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer);

/*
 * The only common name. 0; ENOENT: there is none; EBADMSG: several, or it
 * cannot be read. Bytes as they are: may hold anything. free() out->data.
 */
int crt_common_name(gnutls_x509_crt_t crt, char **out, size_t *n) MUST_USE;

/*
 * Has it this extension, and is that short? Of lists of addresses GnuTLS reads
 * the whole for each of its members, and takes the square of their number for
 * that: seconds.
 */
bool crt_short_list(gnutls_x509_crt_t crt, const char *oid);

/* Calls `each` per subject alternative name until it returns false. The
 * first CRT_SANS_MAX are told. EBADMSG: the extension cannot be read. */
typedef bool crt_san_fn(void *arg, unsigned type, struct slice value);
int crt_each_san(gnutls_x509_crt_t crt, crt_san_fn *each, void *arg) MUST_USE;

/*
 * Copies `in` with every byte that is no printable UTF-8 replaced by '?'.
 * True when nothing had to be replaced.
 */
bool crt_clean(struct slice in, struct text *out);

#endif
