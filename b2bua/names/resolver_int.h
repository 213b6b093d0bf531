/* What resolver.c (what is known) and resolver_lookup.c (asking) share. */
#ifndef LINESIDE_B2BUA_RESOLVER_INT_H
#define LINESIDE_B2BUA_RESOLVER_INT_H

#include "b2bua/names/resolver.h"

enum { RESOLVER_BUCKETS = 256 };

struct lookup;

struct resolver_waiter {
	struct resolver_waiter *next;
	resolver_fn *fn;
	void *arg;
};

struct resolver_entry {
	struct resolver_entry *next;
	char *name;
	enum conf_transport transport;
	uint16_t port;
	int family;
	struct dns_targets *targets; /* referenced; NULL: none known */
	int err; /* of the last lookup */
	const char *from; /* static */
	bool from_conf, stale;
	bool forgotten; /* goes with its lookup; nobody joins */
	uint64_t learnt_ms, expires_ms, used_ms, uses;
	struct lookup *lookup; /* under way; NULL: none */
	struct resolver_waiter *waiters;
};

struct resolver {
	struct resolver_io io;
	void *io_arg;
	struct conf *conf; /* referenced */
	struct resolver_entry *entries[RESOLVER_BUCKETS];
	size_t nentries, nwaiters;
	struct lookup *lookups;
	uint64_t next_sweep;
};

uint64_t resolver_now(const struct resolver *r);
void resolver_done(struct resolver *r, struct resolver_entry *e, int err,
	struct dns_targets *t, uint32_t ttl_s, const char *from);

/* resolver_lookup.c */
void resolver_look_up(struct resolver *r, struct resolver_entry *e);
/* Those that have taken too long end with what they have. */
void resolver_hurry(struct resolver *r, uint64_t now);

#endif
