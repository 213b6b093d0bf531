/*
 * A trustpoint's certificate, got and put into the state directory: one step
 * of an enrolment or renewal, from the request to the installed certificate.
 * Blocking, over the network: on a helper thread, or in the operator's
 * command. What was begun is remembered in the store, so that the daemon goes
 * on with what the command began, also after a restart.
 */
#ifndef LINESIDE_CERTS_OBTAIN_H
#define LINESIDE_CERTS_OBTAIN_H

#include <time.h>

#include "certs/enrol/enroll.h"
#include "certs/store/import.h"
#include "certs/store/store.h"

/* 2020-01-01: a clock before that was never set, and every date would be
 * judged wrongly. */
enum { OBTAIN_CLOCK_LEAST = 1577836800 };

enum obtain_outcome {
	OBTAIN_DONE, /* a new certificate is in the store */
	OBTAIN_PENDING, /* the authority will decide: again in retry_after_s */
	OBTAIN_DENIED, /* it said no; the request is forgotten */
	OBTAIN_FAILED, /* nothing changed; try again later */
};

struct obtain_result {
	enum obtain_outcome outcome;
	unsigned retry_after_s; /* 0: not said */
	char text[640]; /* in words, with the remedy */
	/* The authority's successor was learnt, and is believed from now on;
	 * its name, end and fingerprint. "": no news. */
	char next_ca[512];
};

/* enroll(), or a stand-in for it. */
typedef void enroll_fn(
	struct enroll_result *out, const struct enroll_params *p);

/* enroll_next_ca(), or a stand-in for it. */
typedef int next_ca_fn(const struct enroll_params *p, char **out, char *text,
	size_t text_size);

struct obtain_params {
	const struct conf_trustpoint *c;
	enroll_fn *enroll;
	next_ca_fn *next_ca; /* NULL: successors are not asked for */
	time_t now;
	bool renew; /* there is a certificate: ask for its successor */
	unsigned timeout_ms;
	unsigned lifetime_s; /* of a self-signed one; 0: the default */
};

/* By SCEP the authority's successor is asked for first, so that what that one
 * issues is believed; failing at that does not hinder the rest. */
void obtain(struct obtain_result *out, const struct obtain_params *p);
/* That question alone. DONE: learnt; PENDING: there is none yet, or nobody
 * tells; FAILED. */
void obtain_next_ca(struct obtain_result *out, const struct obtain_params *p);

/*
 * The key that requests are made with; made now when there is none. Locked
 * store. One reference.
 */
int obtain_key(struct store *s, const struct conf_trustpoint *c,
	struct keystore **out, char **why) MUST_USE;

/* What the store knows of a trustpoint, for import_own() and the like. */
struct obtain_known {
	gnutls_x509_crt_t *anchor, *chain;
	size_t nanchors, nchain;
};
int obtain_known(struct store *s, const char *name, struct obtain_known *out,
	char **why) MUST_USE;
void obtain_known_free(struct obtain_known *k);

/* Stores a certificate that was chosen, with its key when that is new (NULL:
 * it is there), and what it makes needless goes. Locked store. */
int obtain_install(struct store *s, const struct conf_trustpoint *c,
	const struct import_choice *own, const struct keystore *key,
	const uint8_t key_id[KEYSTORE_ID], char **why) MUST_USE;

#endif
