/*
 * One exchange with a SCEP server (RFC 8894): what it can do is asked first,
 * then a request is made or a pending one asked about. Used by enrolment and
 * by an RA towards the CA behind it. Blocks.
 */
#ifndef LINESIDE_CERTS_SCEP_CLIENT_H
#define LINESIDE_CERTS_SCEP_CLIENT_H

#include "certs/enrol/enroll.h"
#include "certs/enrol/scep_msg.h"

struct scep_ask {
	const char *url, *ca_identifier;
	const char *source; /* as in struct fetch_params */
	X509 *ca; /* believed */
	STACK_OF(X509) * known; /* RAs and CAs that are believed; NULL: none */
	X509 *signer; /* of our messages; answers are encrypted to it */
	EVP_PKEY *key;
	struct slice csr;
	const char *transaction;
	bool poll; /* ask what became of it */
	bool renewal; /* `signer` is what is to be replaced */
	/* No request: GetCert or GetCRL, about this IssuerAndSerialNumber */
	enum scep_type lookup; /* 0: a request */
	struct slice about;
	bool legacy;
	unsigned timeout_ms;
};

struct scep_told {
	enum enroll_outcome outcome;
	X509 *cert; /* GRANTED: for the request's key, issued below `ca` */
	STACK_OF(X509) * issuers; /* beside it; may be NULL */
	struct bytes
		box; /* GRANTED, of a look-up: PKCS#7 with what was found */
	unsigned retry_after_s;
	char text[CA_WHY];
};

void scep_ask(struct scep_told *out, const struct scep_ask *a);
void scep_told_free(struct scep_told *t);

/* GetCACert: all that it shows. Of `a` url, ca_identifier, source and
 * timeout_ms count. 0 or errno with words. */
int scep_ca_certs(STACK_OF(X509) * *out, const struct scep_ask *a,
	char why[CA_WHY]) MUST_USE;

/* GetNextCACert: what the present CA (or an RA of it) signed as its successor;
 * CAs alone. ENOTSUP: the server does not know the operation; ENOENT: there is
 * no next one yet; EACCES, EBADMSG: not to be believed. Of `a` csr, signer and
 * what they go with do not count. */
int scep_next_ca(STACK_OF(X509) * *out, const struct scep_ask *a,
	char why[CA_WHY]) MUST_USE;

/* Below: `crt` was issued by one of `by`, that by another, up to `ca`. */
bool scep_below(X509 *crt, X509 *ca, STACK_OF(X509) * by);

#endif
