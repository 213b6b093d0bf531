/*
 * Reading what CRL servers and OCSP responders answer (RFC 5280, RFC 6960).
 * Pure: bytes in, an answer that was verified with the issuer's key out, or
 * in words why there is none. Nothing here fetches.
 */
#ifndef LINESIDE_CERTS_REVOKE_READ_H
#define LINESIDE_CERTS_REVOKE_READ_H

#include <gnutls/x509.h>

#include "base/slice.h"
#include "certs/judge/judge.h"

enum {
	REVOKE_WHY = 200,
	REVOKE_CLOCKS = 300, /* seconds that clocks may differ */
	OCSP_NONCE = 16,
};

struct crl; /* counted, immutable */

/*
 * DER or PEM. `url`: where it came from, which a CRL for a part of the
 * certificates must name; NULL: not compared. EBADMSG, with words in `why`:
 * not a CRL, not by this issuer, wrong signature, out of date, of a kind that
 * does not tell about all certificates.
 */
int crl_read(struct crl **out, struct slice body, gnutls_x509_crt_t issuer,
	const char *url, time_t now, char why[REVOKE_WHY]) MUST_USE;
/* IssuingDistributionPoint (RFC 5280 5.2.5): which certificates it is about.
 * EBADMSG: part of the revoked ones, or the CRL of another address. */
struct crl_scope {
	bool users_only, cas_only;
};
int crl_scope_read(struct crl_scope *out, struct slice der, const char *url,
	char why[REVOKE_WHY]) MUST_USE;
time_t crl_this_update(const struct crl *c);
time_t crl_next_update(const struct crl *c);
size_t crl_bytes(const struct crl *c); /* of memory */
/* GOOD or REVOKED; UNKNOWN: the list is not about this kind of certificate.
 * Leaves out->by alone. */
void crl_lookup(
	const struct crl *c, gnutls_x509_crt_t crt, struct judge_status *out);

/* DER in *out (free() it), the nonce that went in in `nonce`. */
int ocsp_request(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer,
	uint8_t nonce[OCSP_NONCE], uint8_t **out, size_t *n) MUST_USE;

struct ocsp_answer {
	struct judge_status status; /* GOOD or REVOKED; `by` is not set */
	time_t this_update;
	time_t until; /* not believed after */
};
/*
 * A responder need not repeat the nonce (many sign ahead, RFC 5019), but one
 * that is there must be ours; `nonce` NULL: a stapled answer, which has none
 * of ours. EBADMSG with words in `why`.
 */
int ocsp_read(struct ocsp_answer *out, struct slice body, gnutls_x509_crt_t crt,
	gnutls_x509_crt_t issuer, const uint8_t *nonce, time_t now,
	char why[REVOKE_WHY]) MUST_USE;

#endif
