/*
 * A handshake on its way: handshake.c (pool and accessors), hs_loop.c
 * (threads, sockets, deadlines), hs_step.c (what TLS does and what it means),
 * hs_session.c (how our sessions are set up).
 *
 * A struct hs belongs to its thread from the moment it leaves the queue until
 * it is pushed into the caller's; then it is the caller's.
 */
#ifndef LINESIDE_CERTS_HANDSHAKE_INT_H
#define LINESIDE_CERTS_HANDSHAKE_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/metric.h"
#include "certs/revoke/revoke.h"
#include "certs/tls/handshake.h"
#include "certs/x509/crt.h"

enum {
	HS_UNDER_WAY_MAX = 4096, /* of a pool */
	HS_MESSAGE_MAX = 64 << 10, /* bytes of one handshake message */
	HS_LINGER_MS = 1000,
	HS_LINGER_MAX = 256, /* of a thread */
	HS_TICKET_KEY = 64, /* GnuTLS's size */
	HS_FIRST = 12, /* bytes kept to tell what a peer speaks */
};

struct hs_thread;

/* What an epoll event points to. */
enum hs_source { HS_SRC_QUEUE, HS_SRC_HS, HS_SRC_LINGER };

struct hs {
	enum hs_source source; /* first: events point here */
	struct mq_node node;
	struct hs_pool *pool; /* outlives us while we are under way */
	struct hs_thread *thread;
	struct hs *prev, *next; /* in the thread's list */

	struct hs_params params; /* texts copied, objects referenced */
	uint64_t deadline;
	bool connecting;
	uint32_t events; /* asked of epoll */
	gnutls_session_t session;

	bool judged;
	bool asking; /* the handshake is done; the verdict waits for a CRL or
		      * an OCSP answer, until query.wake_ms at most */
	struct revoke_query query;
	struct judge_verdict verdict;
	char device[CRT_NAME]; /* subject as presented, trusted or not */
	uint8_t first[HS_FIRST];
	size_t first_n;

	int err;
	char *text; /* why; NULL while all is well */
	struct identity *identity;
};

struct hs_tickets {
	pthread_mutex_t lock;
	uint8_t key[HS_TICKET_KEY];
	uint64_t made; /* clock_ms */
};

struct hs_pool {
	unsigned nthreads;
	struct hs_thread *thread;
	atomic_uint next; /* whose turn it is */
	atomic_uint under_way;
	unsigned limit; /* of them; more are refused at once */
	struct hs_tickets tickets;
	struct revoke *revoke;
	hs_watch_fn *watch; /* NULL: nobody is told */
	void *watch_arg;
};

/* hs_session.c */
int hs_session_new(struct hs *h) MUST_USE;
void hs_tickets_init(struct hs_tickets *t);
void hs_tickets_free(struct hs_tickets *t);

/* hs_step.c: goes on as far as possible. EAGAIN: wait for h->events; 0 or
 * anything else is the outcome, with h->text, logged and counted. */
int hs_step(struct hs *h) MUST_USE;
/* The judging before that is `asking` again: as hs_step(). */
int hs_ask_again(struct hs *h) MUST_USE;
/* Ends it from outside: ETIMEDOUT, ECANCELED, EAGAIN (too many). */
void hs_give_up(struct hs *h, int err);

/* hs_loop.c: an answer came that this handshake waits for. On its thread. */
void hs_woken(void *arg);

/* handshake.c: gives h, with its outcome, back to whoever started it. */
void hs_reply(struct hs *h);

#endif
