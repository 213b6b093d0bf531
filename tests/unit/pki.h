/* Certificates made by the run, good ones and bad ones, for tests. */
#ifndef LINESIDE_TESTS_UNIT_PKI_H
#define LINESIDE_TESTS_UNIT_PKI_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>

struct pki_cert {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
	gnutls_datum_t der;
};

enum pki_key {
	PKI_EC256, /* the default: quick to make */
	PKI_EC224,
	PKI_EC384,
	PKI_ED25519,
	PKI_RSA1024,
	PKI_RSA2048,
	PKI_RSA3072,
	PKI_RSA4096,
	PKI_RSA_LONG_E, /* 2048 bits, the exponent has 1000 */
};

struct pki_spec {
	const char *cn; /* NULL: none */
	size_t cn_len; /* 0: strlen(cn) */
	const char *cn2; /* a second common name */
	const struct pki_cert *issuer; /* NULL: signed by itself */
	const struct pki_cert *same_key; /* instead of a new key */
	bool ca; /* with keyCertSign */
	bool path_limit; /* pathlen 0 */
	bool v1; /* version 1: no extensions at all */
	bool no_ids; /* without key identifiers */
	int from_days, to_days; /* both 0: -1 to 365 */
	/* "DNS:a,URI:b,EMAIL:c,IP:192.0.2.1"; '^' becomes a NUL */
	const char *san;
	const char *eku; /* "client,server,email,any"; NULL: none */
	unsigned usage; /* GNUTLS_KEY_…; 0: as fits `ca` */
	const char *permitted_dns; /* name constraint */
	const char *crl_url, *ocsp_url;
	gnutls_digest_algorithm_t digest; /* 0: SHA-256 */
	enum pki_key key;
	bool bad_signature; /* the last byte is turned */
};

struct pki_cert *pki_make(const struct pki_spec *spec);
void pki_free(struct pki_cert *c);

/*
 * A CRL in DER by `issuer`, on `revoked` up to NULL, valid from and until so
 * many seconds from now; free() it.
 */
unsigned char *pki_crl(size_t *n, const struct pki_cert *issuer, int from_s,
	int until_s, ...) __attribute__((sentinel));

/* A directory of its own, removed with what is in it. */
char *pki_dir(void);
void pki_dir_free(char *dir);
/*
 * Writes DIR/NAME: the PEM of the certificates up to NULL, then the key when
 * one is given, mode 0600. The path; free() it.
 */
char *pki_write(const char *dir, const char *name,
	const struct pki_cert *key_of, ...) __attribute__((sentinel));
char *pki_write_text(const char *dir, const char *name, const char *text);
char *pki_pem_cert(const struct pki_cert *c); /* free() it */
char *pki_pem_key(const struct pki_cert *c);

#endif
