/*
 * Between revoke.c (methods: which answer counts) and revoke_cache.c (answers,
 * the threads that fetch them, and who waits).
 */
#ifndef LINESIDE_CERTS_REVOKE_INT_H
#define LINESIDE_CERTS_REVOKE_INT_H

#include "certs/revoke/revoke.h"
#include "certs/revoke/revoke_read.h"

enum revoke_kind { REVOKE_CRL, REVOKE_OCSP };

/* What is wanted: one CRL, or a responder's word on one certificate. */
struct revoke_want {
	enum revoke_kind kind;
	const char *url;
	bool own_url; /* the operator's, not the certificate's */
	gnutls_x509_crt_t crt, issuer;
	const struct trustpoint *trust;
	time_t now;
};

enum revoke_found {
	REVOKE_ANSWER, /* in *out */
	REVOKE_FAILED, /* out->by says why */
	REVOKE_WAIT, /* a fetch is under way; `ask` is told of its end */
};

/* Begins a fetch when there is none. `ask` NULL: nobody is told. */
enum revoke_found revoke_look(struct revoke *r, const struct revoke_want *w,
	struct revoke_ask *ask, struct judge_status *out);

/* Counted. */
struct revoke_ask *revoke_ask_new(
	struct mq *queue, void (*woken)(void *arg), void *arg) MUST_USE;
/* Not told any more, and given back. */
void revoke_ask_cancel(struct revoke *r, struct revoke_ask *ask);

#endif
