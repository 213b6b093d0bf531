/*
 * What a call would do, told without placing it: which dial-peers it would
 * take, and why not the others. By a configuration alone, or with what the
 * daemon knows besides.
 */
#ifndef LINESIDE_EXPLAIN_H
#define LINESIDE_EXPLAIN_H

#include "base/table.h"
#include "conf/conf.h"

/* What goes on; NULL in place of a function: not known. */
struct explain_live {
	bool (*registered)(void *arg, const char *number);
	size_t (*calls)(void *arg, unsigned tag); /* that it carries now */
	/* The host is busied out: for how long; else false. */
	bool (*busied_out)(void *arg, const struct conf_dial_peer *p,
		const struct conf_host *to, uint64_t *seconds);
	/* A name leads to that address now: whose it is (0: a registrar's). */
	bool (*leads_to)(void *arg, const struct addr *a, unsigned *peer);
	void *arg;
};

struct explain_ask {
	struct slice from, to; /* numbers, or SIP URIs */
	struct slice listener; /* name; empty: the first where phones are */
	struct slice source; /* address; empty: none */
	struct explain_live live;
};

/* ENOENT: no such listener, EINVAL: an address or URI cannot be read (and the
 * table says so); EHOSTUNREACH: the call would be refused. */
int explain_call(
	struct table *t, const struct conf *c, const struct explain_ask *ask);
/* Tells whether a core listener hears that address, and why. False: it does
 * not. */
bool explain_heard(struct table *t, const struct conf *c,
	const struct addr *source, const struct explain_live *live);
/* test voice translation-rule: ENOENT: no such rules, or none matches. */
int explain_rules(struct table *t, const struct conf *c, struct slice tag,
	struct slice number);
/* `lineside -f FILE {explain|test} WORDS…`. Exit code. */
int explain_command(int n, char *const *words, const char *file, bool json);

#endif
