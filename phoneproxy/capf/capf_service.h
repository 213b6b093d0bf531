/*
 * A CAPF server of ours: a port where phones get, show or lose their
 * certificates. Joins what is done elsewhere: TLS and frames (tls_port.h), the
 * course of a session (capf_server.h), what is known of phones (capf_store.h),
 * signing (capf_issue.h, on the helper's thread). On the thread of its loop.
 *
 * Against guessing: after LOCK_TRIES wrong strings for a phone no string is
 * tried for a while, and after WITHDRAW_TRIES in all the string is withdrawn.
 */
#ifndef LINESIDE_PHONEPROXY_CAPF_SERVICE_H
#define LINESIDE_PHONEPROXY_CAPF_SERVICE_H

#include "phoneproxy/capf/capf_issue.h"
#include "phoneproxy/capf/capf_store.h"
#include "phoneproxy/serve/tls_port.h"

enum {
	CAPF_LOCK_TRIES = 5,
	CAPF_LOCK_MS = 15 * 60 * 1000,
	CAPF_WITHDRAW_TRIES = 20,
	CAPF_RENEW_DAYS = 30, /* `upgrade all`: so long before the end */
	CAPF_ENDED_KEPT = 50, /* ended sessions that are remembered */
	CAPF_ISSUING_MAX = 256, /* certificates being made */
};

/* A certificate that is asked of a CA: filled in by the service, answered by
 * `done` on its thread, which frees it. */
struct capf_certify {
	char device[CAPF_DEVICE_LEN + 1];
	struct text key; /* the phone's public key, DER */
	struct text proof; /* the certificate it proved itself by; or empty */
	unsigned days; /* valid no longer */
	/* the answer: */
	int err;
	struct text cert; /* DER */
	char why[CAPF_WHY];
	void (*done)(struct capf_certify *c);
};

/* A CA or RA of ours, as the service sees it; on the service's thread. */
struct capf_ca {
	void (*certify)(void *arg, struct capf_certify *c);
	bool (*issued)(void *arg, struct slice cert); /* by it, or behind it */
	void *arg;
};

struct capf_service_params {
	const struct conf *conf; /* its `capf`; referenced */
	struct trustpoint *own; /* trustpoint-label; referenced, as all */
	struct trustpoint *issuer; /* cert-enroll-trustpoint; NULL: `ca` */
	struct capf_ca ca; /* that does; certify NULL: `issuer` */
	struct trustpoint *mic; /* or NULL */
	struct hs_pool *hs; /* borrowed */
	struct work *work; /* borrowed */
};

struct capf_service;
struct capf_session_info;

/* Told of each session's end: for a phone's timeline. `cert`: what it was
 * given or has shown, DER; of no bytes: none. NULL: nobody is told. */
typedef void capf_ended_fn(
	void *arg, const struct capf_session_info *i, struct slice cert);

/* Takes the descriptor, a listening socket, and the store. */
struct capf_service *capf_service_new(struct loop *l, int fd,
	struct capf_store *store, const struct capf_service_params *p) MUST_USE;
/* Sessions under way go on as they began. fd -1: the same socket. */
void capf_service_set(
	struct capf_service *v, int fd, const struct capf_service_params *p);
void capf_service_tell(struct capf_service *v, capf_ended_fn *fn, void *arg);
void capf_service_close(struct capf_service *v); /* NULL is fine */
struct capf_store *capf_service_store(struct capf_service *v);

/* ---- for show ---- */

struct capf_session_info {
	struct addr peer;
	char device[CAPF_DEVICE_LEN + 1]; /* "": not yet known */
	enum capf_operation operation;
	enum capf_end end; /* CAPF_GOING_ON, as long as it does */
	bool left; /* the phone hung up before the end */
	bool issuing;
	enum capf_proof proof; /* with CAPF_ENDED_PROOF */
	int64_t began, ended; /* seconds since 1970 */
};
struct capf_summary {
	struct doorway_count door;
	uint64_t sessions, done, failed, nothing;
	unsigned issuing;
	size_t nkept; /* ended ones; then those under way */
};
void capf_service_summary(
	const struct capf_service *v, struct capf_summary *out);
/* Those under way, then the ended ones, newest first. */
typedef void capf_session_fn(void *arg, const struct capf_session_info *i);
void capf_service_sessions(
	const struct capf_service *v, capf_session_fn *fn, void *arg);

const char *capf_operation_name(enum capf_operation o); /* "upgrade" */
/* How a session ended, in words. */
const char *capf_session_text(const struct capf_session_info *i);

#endif
