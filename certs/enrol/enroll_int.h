/* What enrolment by SCEP and by EST share. */
#ifndef LINESIDE_CERTS_ENROLL_INT_H
#define LINESIDE_CERTS_ENROLL_INT_H

#include "certs/enrol/enroll.h"
#include "certs/x509/ossl.h"

void enroll_say(struct enroll_result *out, enum enroll_outcome outcome,
	const char *fmt, ...) PRINTF(3, 4);
/* A granted certificate: for the key of the request, issued below p->ca by
 * one of `certs` or p->chain; else FAILED with words. Takes what it needs. */
void enroll_granted(struct enroll_result *out, const struct enroll_params *p,
	STACK_OF(X509) * certs);
/* ENOTSUP: the key cannot leave where it is (a token). */
int enroll_key(EVP_PKEY **out, gnutls_privkey_t key) MUST_USE;

/* ---- est_client.c ---- */

void est_enroll(struct enroll_result *out, const struct enroll_params *p);
int est_ca_certs(STACK_OF(X509) * *out, const struct enroll_params *p,
	char *text, size_t size) MUST_USE;

#endif
