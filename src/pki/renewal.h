/*
 * Certificates that look after themselves: which trustpoint's is renewed when,
 * the asking (on a helper thread), and the warnings as an end comes near. What
 * is new is taken into use the way a reload does it, with the configuration
 * that is in force: new handshakes show it, connections stay.
 *
 * Main thread, but for the helper's jobs, which own what they carry.
 */
#ifndef LINESIDE_RENEWAL_H
#define LINESIDE_RENEWAL_H

#include "base/mq.h"
#include "certs/enrol/obtain.h"
#include "certs/enrol/renew.h"
#include "pki/renewal_status.h"

struct renewal;

struct renewal_params {
	struct mq *main; /* the main thread's queue */
	enroll_fn *enroll; /* enroll() */
	next_ca_fn *next_ca; /* enroll_next_ca() */
	/* A certificate is in the store: take it into use. 0, or an errno value
	 * after which the old one stays. */
	int (*renewed)(void *arg, const char *trustpoint);
	/* Something changed that `show` tells. One reference to keep. */
	void (*told)(void *arg, struct renewal_status *s);
	void *arg;
};

/* errno of starting a thread. */
int renewal_start(
	struct renewal **out, const struct renewal_params *p) MUST_USE;
/* Waits for what is under way; its answers wait in the main queue then. */
void renewal_stop(struct renewal *rn);
void renewal_free(struct renewal *rn); /* NULL is fine */

/* A configuration is in force, or its certificates are new: look at them. */
void renewal_publish(struct renewal *rn, struct conf *c);

/* What is due is begun. */
void renewal_run(struct renewal *rn);
/* Milliseconds until renewal_run() is to be called. */
int renewal_wait_ms(const struct renewal *rn);

#endif
