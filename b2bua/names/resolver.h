/*
 * Where a name leads (RFC 3263): NAPTR, SRV, A or AAAA records, or what the
 * configuration says, kept as long as they say. The transport is always that
 * of the configuration; a NAPTR record only names where its SRV records are.
 * Who asks the network is given (dns_ares.h); so the course runs without one.
 * Sip thread.
 */
#ifndef LINESIDE_B2BUA_RESOLVER_H
#define LINESIDE_B2BUA_RESOLVER_H

#include "b2bua/names/dns_msg.h"
#include "conf/model.h"

struct resolver;

enum {
	RESOLVER_TARGETS_MAX = 32, /* of a name */
	RESOLVER_SRVS_MAX = 16,
	RESOLVER_PER_HOST = 8, /* addresses of one of its hosts */
	RESOLVER_ENTRIES_MAX = 1024, /* names that are kept */
	RESOLVER_WAITERS_MAX = 4096, /* requests that wait, in all */
	RESOLVER_BUDGET_MS = 5000, /* a name, from beginning to end */
	RESOLVER_TTL_MIN_S = 1,
	RESOLVER_TTL_MAX_S = 86400,
	RESOLVER_NOTHING_MAX_S = 300, /* that there is nothing */
	RESOLVER_SILENT_S = 10, /* that servers did not answer */
	RESOLVER_STALE_S = 86400, /* an old answer is better than none */
};

/* Borrowed during the callback; NULL: no server answered. */
typedef void resolver_reply_fn(void *arg, const struct dns_reply *reply);
struct resolver_io {
	/* Answers exactly once, later or at once. */
	void (*ask)(void *io, const char *name, enum dns_type type,
		resolver_reply_fn *fn, void *arg);
	/* /etc/hosts: how many, without port. */
	size_t (*file)(void *io, const char *name, int family, struct addr *out,
		size_t max);
	uint64_t (*now_ms)(void *io);
};

struct dns_target {
	struct addr addr; /* with port */
	uint16_t priority, weight;
};
struct dns_targets { /* counted; immutable */
	size_t n;
	struct dns_target v[RESOLVER_TARGETS_MAX];
};

struct resolver *resolver_new(const struct resolver_io *io, void *arg) MUST_USE;
/* Every question that is out must have been answered before: the network's
 * side is closed first. */
void resolver_free(struct resolver *r);
/* Hosts of the configuration; referenced. What was learnt by others is asked
 * anew. */
void resolver_set_conf(struct resolver *r, struct conf *conf);
void resolver_clear(struct resolver *r); /* "clear host *" */
/* About once a second: lookups that take too long, entries nobody needs. */
void resolver_sweep(struct resolver *r);

struct resolver_want {
	const char *name; /* copied */
	enum conf_transport transport;
	uint16_t port; /* 0: by SRV, else the transport's */
	int family;
};
/* Exactly one call, perhaps at once: `t` to be referenced if kept, or an
 * error: EHOSTUNREACH nothing there, ETIMEDOUT nobody answers, EAGAIN too many
 * wait. */
typedef void resolver_fn(void *arg, int err, struct dns_targets *t);
void resolver_get(struct resolver *r, const struct resolver_want *w,
	resolver_fn *fn, void *arg);

/* In which order to try them (RFC 2782): indices, by priority, what is equal
 * by weight. `seed`: the same gives the same. */
void dns_targets_order(const struct dns_targets *t, uint32_t seed,
	size_t order[RESOLVER_TARGETS_MAX]);

/* For show: an array from the heap. */
struct host_info {
	char name[DNS_NAME];
	enum conf_transport transport;
	uint16_t port; /* as asked; 0: none */
	char from[16]; /* "configured", "file", "dns" */
	char state[16]; /* "ok", "stale", "asking", "nothing", "silent" */
	int64_t ttl_s; /* -1: for good */
	uint64_t age_ms, uses;
	size_t n;
	struct dns_target target[RESOLVER_TARGETS_MAX];
};
struct host_info *resolver_list(struct resolver *r, size_t *n);

#endif
