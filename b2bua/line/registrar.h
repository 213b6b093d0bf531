/*
 * The phones' registrations: who is bound to which line, over which
 * connection, under which token towards the core.
 */
#ifndef LINESIDE_B2BUA_REGISTRAR_H
#define LINESIDE_B2BUA_REGISTRAR_H

#include "b2bua/core/core_int.h"
#include "b2bua/core/share.h"

enum { REG_TOKEN_SIZE = 32 }; /* "ls-" and 24 hex digits */

/* One contact of a phone. Borrowed from the registrar; good until it is
 * entered again. */
struct binding {
	struct binding *next; /* of the same line and device */
	struct binding *next_token; /* in the registrar's table */
	struct binding *next_flow; /* likewise, by connection */
	struct line *line;
	char *contact; /* the phone's own URI */
	char *params; /* ";+sip.instance=…", without expires */
	char *instance; /* its value; NULL: none */
	char token[REG_TOKEN_SIZE];
	char *call_id; /* towards the core */
	uint32_t cseq;
	uint64_t ends_ms; /* access side; 0: not granted yet */
	uint64_t core_ends_ms; /* at the core */
	uint32_t ways; /* where its name led then: see register_ways() */
	uint32_t here; /* refreshes that were answered here */
	unsigned fails; /* of the core, in a row */
	struct sip_flow *flow; /* referenced; NULL on UDP */
	struct addr addr; /* where it registered from */
	enum conf_transport transport;
	char listener[CONF_NAME_MAX + 1];
	struct sip_timer *timer;
	struct share *share; /* that it counts in */
};

/* An address of record and the device that holds it. */
struct line {
	struct line *next;
	struct registrar *owner;
	char *user, *host; /* as in To */
	struct identity *identity; /* referenced */
	struct binding *bindings; /* owned, newest first */
};

struct registrar *registrar_new(struct core *core) MUST_USE;
void registrar_free(struct registrar *r);

/* A REGISTER arrived. */
void registrar_request(struct registrar *r, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src);
void registrar_flow_closed(struct registrar *r, const struct sip_flow *f);

/* True: the user part has the form of our tokens, whether bound or not. */
bool registrar_is_token(struct slice user);
const struct binding *registrar_by_token(
	const struct registrar *r, struct slice user);
/* The newest reachable binding of a line. */
const struct binding *registrar_by_number(
	const struct registrar *r, struct slice user);
/* The binding of a device for that line; NULL: none. */
const struct binding *registrar_of(const struct registrar *r, struct slice user,
	const struct sip_source *src);
/* All contacts of that number that a call can reach now, of all who share the
 * line, the newest first; how many. */
size_t registrar_contacts(const struct registrar *r, struct slice user,
	const struct binding *out[CONF_CONTACTS_MAX]);
/*
 * The line is bound, live, by somebody else than `who`, who comes by that
 * listener; and not both may share it: by what ties the line to each (tie.h),
 * or by `shared-line` of the dial-peer that leads to each.
 */
bool registrar_taken(const struct registrar *r, struct slice user,
	const char *listener, const struct identity *who);
bool binding_reachable(const struct binding *b);

size_t registrar_count(const struct registrar *r);
struct reg_info *registrar_list(const struct registrar *r, size_t *n);

#endif
