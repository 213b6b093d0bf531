/*
 * Asking CRL servers and OCSP responders about peers' certificates, with the
 * meaning of IOS: of the methods of a trustpoint the next one counts only when
 * the one before gave no answer.
 *
 * Threads of its own fetch; whoever asks gets what is known at once, or is
 * told to wait and woken. So a server that hangs costs a handshake at most
 * its trustpoint's `revocation timeout`, and costs nobody else anything.
 * Answers are kept while they are valid (and asked for anew before that ends),
 * failures for half a minute, both within bounds; per address and issuer one
 * fetch is under way at a time.
 *
 * Only chains that lead to a trusted CA are asked about: the addresses that are
 * fetched were written by it.
 */
#ifndef LINESIDE_CERTS_REVOKE_H
#define LINESIDE_CERTS_REVOKE_H

#include "base/mq.h"
#include "certs/fetch.h"
#include "certs/judge/judge.h"

enum {
	REVOKE_STAPLES_MAX = JUDGE_CHAIN_MAX,
	REVOKE_URL = 1024,
	REVOKE_URLS = 4
};

/* The addresses that a certificate itself names, http only; how many. None
 * when it names hundreds. */
size_t revoke_urls(gnutls_x509_crt_t crt, enum conf_revocation method,
	char out[REVOKE_URLS][REVOKE_URL]);

typedef int revoke_fetch_fn(
	struct fetch_result *out, const struct fetch_params *p);

struct revoke_params {
	unsigned threads; /* 0: 4; they are begun when first needed */
	unsigned fetch_ms; /* for one fetch; 0: 5 s */
	unsigned failed_ms; /* how long a failure counts; 0: 30 s */
	size_t entries_max; /* answers kept; 0: 32768 */
	size_t bytes_max; /* of them; 0: 256 MB */
	revoke_fetch_fn *fetch; /* fetch() */
};

struct revoke;

struct revoke *revoke_new(const struct revoke_params *p) MUST_USE;
/* Nobody asks or waits any more. Waits for a fetch under way. NULL is fine. */
void revoke_free(struct revoke *r);

/* Something was revoked, and we know: answers kept are asked for anew, and whoever
 * asks meanwhile waits. Any thread. */
void revoke_forget(struct revoke *r);

/*
 * One peer's question: lives as long as its handshake; { 0 } and the fields
 * that are named, then give it to judge_chain() as judge_params.status_arg
 * with revoke_status. When `pending` is set afterwards the verdict is not the
 * last one: judge again when woken or at `wake_ms`, whichever comes first.
 */
struct revoke_query {
	struct revoke *revoke;
	const struct trustpoint *trust; /* whose methods; borrowed */
	uint64_t began_ms; /* clock_ms() */
	time_t now;
	struct slice staple[REVOKE_STAPLES_MAX]; /* DER; borrowed */
	size_t nstaples;
	/* woken() runs on the thread of `queue`; NULL: nobody waits */
	struct mq *queue;
	void (*woken)(void *arg);
	void *arg;

	bool pending;
	uint64_t wake_ms;
	struct revoke_ask *ask; /* revoke.c's */
};

void revoke_status(void *query, gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer,
	struct judge_status *out);
/* Before judging once more. */
void revoke_again(struct revoke_query *q);
/* woken() is not called any more. On the thread of the queue. */
void revoke_done(struct revoke_query *q);

#endif
