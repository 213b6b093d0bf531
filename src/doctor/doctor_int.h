/*
 * Between the parts of the doctor: doctor.c (order, printing), doctor_own.c
 * (our certificates), doctor_peers.c and doctor_plain.c (core nodes over TLS;
 * UDP and TCP), doctor_node.c (what both ask), doctor_names.c (where they are),
 * doctor_lists.c (CRLs and responders), doctor_phones.c (phone proxies),
 * doctor_files.c (open files), doctor_seen.c (peers of the running daemon),
 * doctor_oneway.c (its calls). Each adds findings; none prints.
 */
#ifndef LINESIDE_DOCTOR_INT_H
#define LINESIDE_DOCTOR_INT_H

#include <jansson.h>
#include <time.h>

#include "b2bua/names/resolver.h"
#include "certs/judge/judge.h"
#include "certs/store/trustpoint.h"
#include "conf/conf.h"
#include "control/request.h"
#include "doctor/doctor.h"

enum doctor_severity { DOCTOR_NOTE, DOCTOR_WARNING, DOCTOR_ERROR, DOCTOR_SEVS };

struct doctor_finding {
	enum doctor_severity severity;
	const char *check; /* "chain", "name", …: static */
	unsigned line; /* of the configuration; 0: none */
	char *what, *mend; /* mend NULL: nothing to do */
};

struct doctor_tp {
	const struct conf_trustpoint *conf;
	struct trustpoint *t; /* NULL: cannot be used */
	bool server, client, verifies; /* the roles it has to fill */
};

/* Where a name of a core node led, and who is there. */
struct doctor_found {
	char *what, *host; /* who names it first; owned */
	struct conf_pos pos;
	enum conf_transport transport;
	uint16_t port; /* as configured; 0: none */
	struct dns_targets *targets; /* of one family; referenced */
	size_t order[RESOLVER_TARGETS_MAX];
	bool failed[RESOLVER_TARGETS_MAX];
};

struct doctor {
	const struct doctor_params *p;
	struct conf *conf; /* NULL: it has errors */
	time_t now;
	size_t n;
	struct doctor_finding *v;
	size_t count[DOCTOR_SEVS];
	size_t ntp;
	struct doctor_tp *tp;
	struct doctor_names *names; /* NULL: none was looked up yet */
	size_t nfound;
	struct doctor_found **found; /* owned */
};

void doctor_say(struct doctor *d, enum doctor_severity severity,
	const char *check, struct conf_pos pos, const char *mend,
	const char *fmt, ...) PRINTF(6, 7);
struct doctor_tp *doctor_tp(
	struct doctor *d, const struct conf_trustpoint *c); /* NULL for NULL */
/* Tells when it ends soon or is over. `whose`: how the sentence begins. */
void doctor_dates(struct doctor *d, struct conf_pos pos, gnutls_x509_crt_t crt,
	const char *whose);
/* The issuer of `crt` among our chains and all CA bundles; a copy or NULL. */
gnutls_x509_crt_t doctor_issuer(struct doctor *d, gnutls_x509_crt_t crt);

/* A core node as the configuration names it. */
struct doctor_node {
	struct doctor *d;
	char *what; /* "dial-peer 200", "the registrar"; owned */
	struct conf_pos pos;
	const char *host;
	uint16_t port; /* 0: the transport's */
	struct addr addr; /* the host itself, or one that its name leads to */
	const struct conf_listener *bind; /* asked from; NULL: any that fits */
	const char *names; /* one of them in its certificate; NULL: the host */
	bool *failed; /* set when an error is told; borrowed; may be NULL */
};
/* `p` NULL: the registrar. node.what is handed over. */
typedef void doctor_node_fn(
	void *arg, struct doctor_node node, const struct conf_dial_peer *p);
/* Those over TLS, or the others: of dial-peers, of their groups, the
 * registrar; of a name every address that calls could go to. */
void doctor_each_node(
	struct doctor *d, bool tls, doctor_node_fn *fn, void *arg);
/* "dial-peer 200, pbx.example.com:5060: …" */
void doctor_node_say(const struct doctor_node *n, enum doctor_severity severity,
	const char *check, const char *mend, const char *fmt, ...) PRINTF(5, 6);
/* An OPTIONS request from the socket; "UDP", "TCP" or "TLS". free() it. */
char *doctor_node_options(
	const struct doctor_node *n, int fd, const char *transport) MUST_USE;
/* Looks at what it answered, its clock for one. NULL, or what is wrong. */
char *doctor_node_answer(
	const struct doctor_node *n, struct slice answer) MUST_USE;

/*
 * Where the name leads, as calls look it up: NAPTR, SRV, addresses; all of the
 * family. NULL, and *err: EHOSTUNREACH nowhere, ETIMEDOUT nobody answers. Of
 * name servers' answers a note is made in the end, with who was there.
 */
struct dns_targets *doctor_name(
	struct doctor *d, const struct resolver_want *w, int *err) MUST_USE;
/* Kept for that note; borrowed. */
struct doctor_found *doctor_found(struct doctor *d, const struct doctor_node *n,
	const struct resolver_want *w, struct dns_targets *t);
void doctor_tell_names(struct doctor *d); /* when all were asked */
void doctor_names_free(struct doctor *d);

void doctor_load(struct doctor *d); /* fills d->tp */
void doctor_own(struct doctor *d);
void doctor_peers(struct doctor *d);
void doctor_plain(struct doctor *d);
void doctor_files(struct doctor *d);
void doctor_lists(struct doctor *d);
void doctor_phones(struct doctor *d);
void doctor_seen(struct doctor *d);
void doctor_oneway(struct doctor *d); /* part of that */
/* What the daemon answers, to be given back; NULL: none runs, which is fine. */
json_t *doctor_ask(const struct doctor *d, const char *question) MUST_USE;
char *doctor_ask_text(const struct doctor *d, enum request_form form,
	const char *question) MUST_USE; /* free() it */
const char *doctor_text(const json_t *row, const char *key); /* or "?" */

#endif
