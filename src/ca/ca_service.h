/*
 * The CA or RA inside the daemon: HTTP on the services thread, everything
 * else about it on a helper thread, one thing after another.
 *
 *   HTTP request ─► copied ─► helper: scep_serve() ─► services: sent
 *   operator     ─► copied ─► helper: table filled ─► services: answered
 */
#ifndef LINESIDE_CA_SERVICE_H
#define LINESIDE_CA_SERVICE_H

#include "base/loop.h"
#include "base/table.h"
#include "base/work.h"
#include "conf/conf.h"
#include "phoneproxy/capf/capf_service.h"

struct ca_service;

/* Services thread, or before it runs. The errno of starting a thread. */
int ca_service_new(struct ca_service **out, struct loop *l) MUST_USE;
/* Stops serving; what is under way ends, its answers are in the loop's queue
 * then. Nothing may be asked any more. */
void ca_service_stop(struct ca_service *s);
/* When those answers were run. NULL is fine. */
void ca_service_free(struct ca_service *s);

/* A configuration in force; `fd` of ca_conf_bind() is taken. */
void ca_service_apply(struct ca_service *s, struct conf *c, int fd);

/* What phones' certificates are asked for with, for capf_service.h; `arg` is
 * the CA's service. Services thread. */
void ca_service_certify(void *arg, struct capf_certify *c);
bool ca_service_issued(void *arg, struct slice cert);

enum ca_verb {
	CA_INFO,
	CA_SHOW, /* the same, of whichever there is */
	CA_REQUESTS,
	CA_CERTIFICATES,
	CA_GRANT, /* arg[0]: number */
	CA_GRANT_ALL,
	CA_REJECT,
	CA_REJECT_ALL,
	CA_REVOKE, /* serial, perhaps reason */
	CA_PASSWORD, /* perhaps minutes */
	CA_ROLLOVER,
};

struct ca_ask {
	struct work_job job;
	struct ca_service *service;
	enum ca_verb verb;
	char *name, *arg[2]; /* NULL: not given; freed by ca_ask_free() */
	struct table *table; /* the answer */
	bool ok;
	/* Services thread; whoever asked frees. */
	void (*done)(struct ca_ask *a);
	void *arg_of_done;
};
/* EAGAIN: too much is under way; `a` stays the caller's. */
int ca_service_ask(struct ca_service *s, struct ca_ask *a) MUST_USE;
void ca_ask_free(struct ca_ask *a);

#endif
