/* What registrar.c (the data) and register.c (the requests) share. */
#ifndef LINESIDE_B2BUA_REGISTRAR_INT_H
#define LINESIDE_B2BUA_REGISTRAR_INT_H

#include <stdio.h>

#include "b2bua/line/registrar.h"

#define REG_TOKEN_PREFIX "ls-"

enum {
	REG_BUCKETS = 8192,
	REG_BINDINGS_MAX = 65536, /* in all */
	REG_CONTACTS_MAX = 4, /* of one device for one line */
	REG_PARAMS_MAX = 1024, /* bytes of a contact's parameters */
	REG_PENDING_MS = 40000, /* asked for and never granted */
	REG_TIMER_MAX = 86400000,
};

struct registrar {
	struct core *core;
	size_t nbindings;
	uint32_t core_min; /* Min-Expires of a 423; 0: none met */
	struct line *lines[REG_BUCKETS]; /* by user; owned */
	struct binding *tokens[REG_BUCKETS]; /* by token */
	struct binding *flows[REG_BUCKETS]; /* those that have one */
};

bool binding_live(const struct binding *b);
bool registrar_same_owner(const struct identity *a, const struct identity *b);
/* Another device holds the line, live. */
bool registrar_shared(const struct registrar *r, struct slice user,
	const struct identity *who);
/* Contacts of all devices: those that can be reached or are asked for. */
size_t registrar_held(const struct registrar *r, struct slice user);
/* The line as held by that device; NULL: none. */
struct line *registrar_line(const struct registrar *r, struct slice user,
	const struct identity *who);
struct line *registrar_line_new(struct registrar *r, struct slice user,
	struct slice host, struct identity *who);
/* Takes the share. */
struct binding *binding_new(struct line *l, struct share *s);
void binding_free(struct binding *b); /* the last one takes the line */
void binding_timer(struct binding *b, uint64_t ms);
/* The connection it is on; NULL: none. Referenced. */
void binding_set_flow(struct binding *b, struct sip_flow *f);

struct want { /* one contact of a REGISTER */
	char token[REG_TOKEN_SIZE];
	char *contact, *params, *instance; /* to come into force */
	uint32_t expires; /* 0: remove */
};

struct asked { /* a REGISTER that waits for the core */
	struct waiting wait;
	struct registrar *r;
	struct sip_txn *txn;
	char *user;
	struct identity *identity;
	struct sip_flow *flow;
	struct addr addr;
	enum conf_transport transport;
	char listener[CONF_NAME_MAX + 1];
	uint32_t core_expires; /* what we asked for */
	size_t n;
	struct want want[REG_CONTACTS_MAX];
};

/* registrar.c */
struct binding *line_by_token(const struct line *l, const char *token);
/* register.c */
char *register_contacts(const struct line *l) MUST_USE; /* for Contact */
/* Towards the core, and our own hostport there; false: no such listener. */
bool register_route(const struct registrar *r, struct sip_route *out,
	char *host, size_t size);

/* register_here.c: answered from here; false: it is for the core. */
bool register_here(struct asked *a, const struct sip_msg *m);
/* The core has failed: the phone stays registered, and was told; false: no. */
bool register_keep(struct asked *a, int status, bool local);
uint32_t register_spread(const struct registrar *r, uint32_t seconds);
/* Changes when the registrar's name begins to lead elsewhere. */
uint32_t register_ways(const struct registrar *r);
/* The core shall forget this one. */
void register_withdraw(struct registrar *r, struct binding *b);

/* register_read.c: who asks, for which line, and may he? False: answered. The
 * parts of the AOR in *aor. */
bool register_judge(struct registrar *r, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src,
	struct sip_uri *aor);
void register_refuse_taken(struct registrar *r, struct sip_txn *t,
	const struct identity *who, const struct addr *peer, struct slice user);
/* The contacts, as wants; new bindings are begun. Of
 * status 0, or what to refuse with. */
struct fail register_read(struct registrar *r, struct asked *a,
	const struct sip_msg *m, const struct sip_uri *aor,
	const struct sip_source *src);

#endif
