/*
 * The services thread: the control socket and the operator's commands. It
 * holds the configuration in force and the results of reloads; what others
 * own it asks for by message.
 */
#ifndef LINESIDE_SERVICES_H
#define LINESIDE_SERVICES_H

#include "b2bua/b2bua.h"
#include "memory_use.h"
#include "phone_trust.h"
#include "phoneproxy/proxy.h"
#include "pki/renewal_status.h"
#include "reload_result.h"

struct services;

struct services_params {
	int control_fd; /* listening; taken */
	struct b2bua *b2bua; /* borrowed */
	struct hs_pool *hs; /* of the SIP listeners; borrowed */
	struct media *media; /* borrowed */
	struct mq *main; /* the main thread's queue */
	heap_reader *heap; /* NULL: nobody knows it */
	/* On the main thread: reads the file again; one reference, or NULL
	 * when everything is about to stop. */
	struct reload_result *(*reload)(void *arg);
	void *arg;
};

/* errno of starting a thread. Main thread, as all that follows. */
int services_start(
	struct services **out, const struct services_params *p) MUST_USE;
/* Hangs up on all clients and ends the thread. Answers of the sip thread that
 * are on their way are still received, by services_free(). */
void services_stop(struct services *s);
/* When the sip thread has ended. */
void services_free(struct services *s);

/* What is in force now, and how it came to be (both referenced). `conf` NULL:
 * nothing changed. `http_fd`: a socket for HTTP, taken; -1: as it was, if it is
 * to be at all. `proxies`: taken; NULL: as they were. */
void services_publish(struct services *s, struct conf *conf, int http_fd,
	struct proxy_work *proxies, struct reload_result *r);

/* CAPF, TVS and relays as the next configuration has them; taken. Before the
 * services_publish() of that configuration. */
void services_trust(struct services *s, struct phone_trust_plan *p);

/* A peer that a SIP listener accepted by its certificate: phones' certificates
 * are kept to encrypt their configuration. Any thread; `arg` is the services. */
void services_accepted(void *arg, const struct hs_accepted *a);

/* As log_watch_fn: what concerns phones stands in their timelines. */
void services_logged(void *arg, enum log_msg msg, const struct log_arg *args);

/* Where the renewals stand; referenced. */
void services_renewals(struct services *s, struct renewal_status *r);

/*
 * Proves that the sip thread and this one still serve their queues: `fn` is
 * called on the main thread with what the sip thread said about itself.
 */
struct services_alive {
	struct core_usage usage;
	bool has_certificate;
	int64_t days_left; /* of the certificate of ours that ends first */
};
typedef void services_alive_fn(void *arg, const struct services_alive *a);
void services_ask_alive(struct services *s, services_alive_fn *fn, void *arg);

#endif
