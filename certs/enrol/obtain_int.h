/* One course of obtain.h, and what its files ask of each other. */
#ifndef LINESIDE_CERTS_OBTAIN_INT_H
#define LINESIDE_CERTS_OBTAIN_INT_H

#include "certs/enrol/obtain.h"

struct course {
	const struct obtain_params *p;
	struct obtain_result *out;
	struct store *s;
	struct obtain_known known;
	struct store_pending pending;
	struct keystore *key; /* of the request */
	struct keystore *old; /* of the certificate that is replaced */
	struct enroll_result answer;
	struct import next_in; /* the authority's successors, as they came */
	struct import_choice next; /* those that are new; of next_in */
	char *why;
};

/* What is told of it. */
void obtain_end(struct course *c, enum obtain_outcome outcome, const char *fmt,
	...) PRINTF(3, 4);
/* The same of an error (0: none), which it returns. */
int obtain_failed(struct course *c, int err);
/* Locks the store, and reads what it knows. */
int obtain_prepare(struct course *c) MUST_USE;
/* The lock is given up while the network is asked, and taken anew. */
void obtain_unlock(struct course *c);
int obtain_lock(struct course *c) MUST_USE;
void obtain_course_free(struct course *c);

/* ---- obtain_next.c ---- */

/* What every question to the authority says of it. */
struct question {
	struct enroll_params ep;
	gnutls_datum_t ca;
	struct text chain;
	char *source;
};
void obtain_question_begin(struct question *q, const struct course *c);
void obtain_question_end(struct question *q);
/* DER; gnutls_free(room->data). */
struct slice obtain_der(gnutls_x509_crt_t crt, gnutls_datum_t *room);

/* Asks for the authority's successors; those that are new are in c->next. 0,
 * ENOENT: nothing new, or errno with words in *why. */
int obtain_ask_next(struct course *c, struct question *q, char **why) MUST_USE;
/* Beside those that are there by now; locked store. */
int obtain_store_next(struct course *c) MUST_USE;

#endif
