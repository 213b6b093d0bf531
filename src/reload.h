/*
 * From a file to what is in force: parse → check → prepare → publish → retire.
 * All that can fail comes before publish, so a wrong file changes nothing:
 *
 *   conf_load      every error of the language, with its place
 *   b2bua_prepare  trustpoints are loaded, sockets bound; nothing runs on them
 *   phone_trust_prepare  CAPF, TVS, relays: sockets and trustpoints
 *   ca_conf_bind   the socket of ip http server
 *   log_setup      the log file is opened
 *   proxy_prepare  trust lists are made, sockets of phone proxies bound
 *   b2bua_publish  messages to the threads; cannot fail
 *   retire         the old configuration lives on with the calls that have it
 *
 * Main thread.
 */
#ifndef LINESIDE_RELOAD_H
#define LINESIDE_RELOAD_H

#include "b2bua/b2bua.h"
#include "phoneproxy/proxy.h"
#include "phone_trust.h"
#include "reload_result.h"

struct reload_params {
	const char *file; /* borrowed */
	struct b2bua *b2bua; /* borrowed */
	bool to_stderr; /* log lines go there whatever the file says */
	/* Told of each attempt: what is in force now (NULL: what was before),
	 * and how it went. Both borrowed. */
	void (*told)(void *arg, struct conf *c, struct reload_result *r);
	void *arg;
};

struct reload;

struct reload *reload_new(const struct reload_params *p) MUST_USE;
void reload_free(struct reload *r);

/*
 * The start, in two steps, since between them privileges are dropped. `c` was
 * loaded with `errs` (warnings, perhaps); complaints are added there. After a
 * failure nothing is in force.
 */
int reload_prepare(
	struct reload *r, struct conf *c, struct conf_errs *errs) MUST_USE;
void reload_publish(struct reload *r, enum reload_cause cause,
	const struct conf_errs *errs);

/*
 * The configuration in force again, with the certificates that are there now:
 * the file is not looked at. 0, or an errno value and nothing changed.
 */
int reload_renew(struct reload *r) MUST_USE;

/* CAPF, TVS and relays of what is in force now, once; NULL: they are as they
 * were. Within `told`. */
struct phone_trust_plan *reload_take_trust(struct reload *r);

/* The socket that was bound for HTTP, once; -1: none. Within `told`. */
int reload_take_http(struct reload *r);

/* The phone proxies for the services thread, once; NULL: as they were. Within
 * `told`. */
struct proxy_work *reload_take_proxies(struct reload *r);

/* Everything, from the file on. One reference to how it went. */
struct reload_result *reload_run(
	struct reload *r, enum reload_cause cause) MUST_USE;

#endif
