/*
 * Asking a CA for a certificate, whatever the protocol: one step of an
 * exchange that may take days (a person grants it). Blocking: on a helper
 * thread only. What the caller does with the answer is certs/enrol/renew.c's affair.
 */
#ifndef LINESIDE_CERTS_ENROLL_H
#define LINESIDE_CERTS_ENROLL_H

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "base/secret.h"
#include "certs/fetch.h"

enum enroll_protocol { ENROLL_SCEP, ENROLL_EST };

enum enroll_outcome {
	ENROLL_GRANTED, /* certificate and issuers are there */
	ENROLL_PENDING, /* ask again with `transaction` after retry_after_s */
	ENROLL_DENIED, /* the CA says no: see `text` */
	ENROLL_FAILED, /* no use of the answer, or none came: see `text` */
};

struct enroll_params {
	enum enroll_protocol protocol;
	const char *url; /* of the SCEP or EST service */
	const char *ca_identifier; /* SCEP: GetCACert's message; NULL: none */
	const char *source; /* as in struct fetch_params; NULL: any */
	struct slice csr; /* DER PKCS#10, its challengePassword included */
	gnutls_privkey_t key; /* that signed the CSR; borrowed */
	/* Renewal: the certificate that is to be replaced and its key; they
	 * authenticate the request. NULL for a first enrolment. */
	struct slice old_cert; /* DER */
	gnutls_privkey_t old_key;
	/* It is on a token: EST's TLS opens it there. NULL: it is not; no PIN */
	const char *old_key_url, *old_key_pin;
	struct slice ca; /* DER, the authenticated CA certificate; SCEP answers
			  * and EST's TLS must chain to it */
	struct slice chain; /* further CA/RA certificates, PEM; may be empty */
	const char *transaction; /* SCEP: polls this one; NULL: a new request */
	const char *user, *password; /* EST: HTTP Basic; NULL: none */
	bool legacy; /* 3DES and SHA-1 where the CA knows no better */
	unsigned timeout_ms;
};

struct enroll_result {
	enum enroll_outcome outcome;
	uint8_t *cert; /* DER, leaf; with GRANTED */
	size_t cert_len;
	char *issuers; /* PEM of what came beside it; "" */
	char transaction[65];
	unsigned retry_after_s;
	char text[512]; /* why, in words with the remedy */
};

void enroll(struct enroll_result *out, const struct enroll_params *p);
void enroll_result_free(struct enroll_result *r);

/*
 * The CA's certificates as it shows them (SCEP GetCACert, EST /cacerts):
 * PEM in *out (free() it), not yet believed: the caller compares fingerprints.
 * Of `p` the protocol, url, ca_identifier, source and timeout_ms count. 0 or
 * errno with words in `text`.
 */
int enroll_ca_certs(const struct enroll_params *p, char **out, char *text,
	size_t text_size) MUST_USE;

/*
 * The authorities that follow the present ones (SCEP GetNextCACert), vouched
 * for by them: PEM in *out (free() it). Of `p` what counts above, and ca and
 * chain. ENOTSUP: nobody tells; ENOENT: there is none yet; else words in `text`.
 */
int enroll_next_ca(const struct enroll_params *p, char **out, char *text,
	size_t text_size) MUST_USE;

#endif
