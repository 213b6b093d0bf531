/*
 * Private keys. keystore*.c is the only code that reads or holds one; the rest
 * asks whether a certificate belongs to it and lets it sign. It hands RSA in
 * handshakes to a faster library (keystore_rsa.c), and could hand all signing
 * to another process, without anybody else noticing; a token's key (PKCS#11)
 * never comes here at all.
 */
#ifndef LINESIDE_CERTS_KEYSTORE_H
#define LINESIDE_CERTS_KEYSTORE_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/secret.h"
#include "conf/conf.h"

struct keystore; /* counted */

enum { KEYSTORE_ID = 32, KEYSTORE_MASTER = 32 };

/* A PEM file with one private key: PKCS#8, PKCS#1 or SEC1, not encrypted.
 * ENOENT, EACCES or EBADMSG: said in errs. */
int keystore_load(struct keystore **out, const char *path, struct conf_pos pos,
	struct conf_errs *errs) MUST_USE;
/* `bits`: of RSA; 256 or 384 for EC. 0: the default, 2048 or 256. */
int keystore_generate(struct keystore **out, enum conf_key_kind kind,
	unsigned bits, bool exportable) MUST_USE;
/* PEM or DER, encrypted if a password is given. EBADMSG, and *why says what is
 * wrong (free() it). What comes from outside may go outside: exportable. */
int keystore_parse(struct keystore **out, struct slice bytes,
	const char *password, char **why) MUST_USE;
/* The key (NULL: there is none) and certificates of a PKCS#12 file. */
int keystore_pkcs12(struct keystore **out, gnutls_x509_crt_t **crts,
	size_t *ncrts, struct slice der, const char *password,
	char **why) MUST_USE;
/* A key on a token: pkcs11:… (RFC 7512); `pin_file` may be NULL. */
int keystore_open_url(struct keystore **out, const char *url,
	const char *pin_file, char **why) MUST_USE;

/*
 * Keys at rest. The master key: of a file, else of a systemd credential, else
 * none (out->n is 0). ENOENT, EBADMSG: see *why.
 */
int keystore_master(struct secret *out, const char *file,
	const char *credential, char **why) MUST_USE;
/* The text of a key file, sealed under `master` unless that has no bytes.
 * Wipe it. ENOTSUP: the key is on a token. */
int keystore_seal(const struct keystore *k, const struct secret *master,
	char **out) MUST_USE;
/* EACCES: sealed, and there is no master key or another one. */
int keystore_unseal(struct keystore **out, struct slice text,
	const struct secret *master, char **why) MUST_USE;

/* PKCS#8 PEM encrypted with the password. EACCES: not marked exportable. Wipe
 * it. */
int keystore_export(
	const struct keystore *k, const char *password, char **out) MUST_USE;
int keystore_export_pkcs12(const struct keystore *k, const char *password,
	const char *name, gnutls_x509_crt_t const *chain, size_t n,
	gnutls_datum_t *out) MUST_USE;

/* Does the certificate certify this key? */
bool keystore_fits(const struct keystore *k, gnutls_x509_crt_t crt);
/* SHA-256 of the public key. */
const uint8_t *keystore_id(const struct keystore *k);
bool keystore_exportable(const struct keystore *k);
void keystore_set_exportable(struct keystore *k, bool exportable);
char *keystore_describe(const struct keystore *k); /* "RSA 2048"; free() */
/*
 * RSASSA-PKCS1-v1_5 over `data`, hashed with SHA-1, SHA-256 or SHA-512 (what
 * phones verify), into `sig` of `size` bytes; *n is how many were written.
 * EINVAL: no RSA key, another hash, no room. Any thread.
 */
int keystore_sign(const struct keystore *k, gnutls_digest_algorithm_t hash,
	struct slice data, uint8_t *sig, size_t size, size_t *n) MUST_USE;
/* For signing requests; borrowed. */
gnutls_privkey_t keystore_key(const struct keystore *k);
/* For a library that opens a token itself; NULL: it is on none; has no PIN. */
const char *keystore_url(const struct keystore *k);
const char *keystore_pin(const struct keystore *k);
/* Makes sessions with `cred` show `chain` (copied, own first) and sign. */
int keystore_use(const struct keystore *k,
	gnutls_certificate_credentials_t cred, gnutls_x509_crt_t *chain,
	unsigned n) MUST_USE;

#endif
