/* What the files of call logic share. */
#ifndef LINESIDE_B2BUA_CORE_INT_H
#define LINESIDE_B2BUA_CORE_INT_H

#include "b2bua/call/oneways.h"
#include "b2bua/core/core.h"
#include "b2bua/line/tie.h"
#include "b2bua/route/admission.h"
#include "b2bua/route/headers.h"
#include "b2bua/sip/refusal.h"
#include "media/xcode.h"

enum {
	CORE_SUB_BUCKETS = 4096,
	CORE_CALL_BUCKETS = 4096,
	CORE_PEER_BUCKETS = 256,
};

struct call;
struct desc_memo;
struct leg_filed;
struct recording;
struct peer_count;
struct registrar;
struct sub;

/*
 * A request that waits for the answer to another one, outside dialogs. The
 * port lives longer than the core: what is left is answered when the core
 * goes, and the late answer finds core NULL.
 */
struct waiting {
	struct waiting *next, **link;
	struct core *core;
	struct sip_txn *txn;
};

struct core {
	struct sip_port *port;
	const struct media_ops *media_ops;
	struct media *media;
	struct conf *conf; /* referenced: for what comes next */
	struct trustpoint **trustpoints; /* referenced */
	size_t ntrustpoints;
	struct call *calls; /* owned, newest first */
	size_t ncalls;
	/* call_index.c */
	struct leg_filed *by_call_id[CORE_CALL_BUCKETS];
	struct leg_filed *by_home[CORE_CALL_BUCKETS];
	struct peer_count *by_peer[CORE_PEER_BUCKETS]; /* owned; by tag */
	uint32_t last_id;
	struct desc_memo *read; /* owned */
	struct admission admission;
	struct { /* calls that a server group had: round-robin */
		unsigned tag, calls;
	} * turn;
	size_t nturns;
	struct registrar *registrar; /* owned */
	struct keepalives *keepalives; /* owned */
	struct trunks *trunks; /* owned */
	struct trusted *trusted; /* owned */
	struct core_password *passwords; /* owned */
	size_t npasswords;
	struct shares *shares; /* owned */
	struct ties *ties; /* owned */
	struct xcode_farm *farm; /* owned */
	struct core_sound *sounds; /* referenced */
	size_t nsounds;
	struct cdr *cdr; /* owned */
	struct tallies *tallies; /* owned */
	struct waiting *waiting;
	struct sub *subs[CORE_SUB_BUCKETS]; /* owned; by phone */
	size_t nsubs;
	struct recording *recordings; /* owned, newest first */
	struct oneways oneways;
};

/* How things stand for admission. */
void core_figures(const struct core *c, struct admission_figures *out);

void core_wait(struct core *c, struct waiting *w, struct sip_txn *t);
void core_waited(struct waiting *w); /* it is over; the caller answers */

/* For that status, else for any other; 0: there is but one. NULL: there is
 * none, or it is gone. Borrowed. */
struct sound *core_sound(const struct core *c, enum core_sound_kind kind,
	unsigned tag, unsigned status);
/* In clear: wipe and free it. NULL: there is none, or it was not opened. */
char *core_password(const struct core *c, const struct conf_secret *s) MUST_USE;
/* By name; NULL: the listener's own serves. Borrowed. */
struct trustpoint *core_trustpoint(
	struct core *c, const struct conf_trustpoint *t);
/* So that no phone, broken or not, leaves the others without their turn: counts
 * the request as its own. False: it was answered. */
bool core_admits(struct core *c, struct sip_txn *t, const struct sip_msg *m,
	const struct sip_source *src);
/* core_route.c: to one of the dial-peer's hosts, first to its outbound proxy
 * if there is one. NULL: no listener of ours reaches it. Borrows of `conf`. */
const struct conf_listener *core_route(struct core *c, const struct conf *conf,
	const struct conf_dial_peer *p, const struct conf_host *to,
	struct sip_route *out);
/* The same to sip-ua's registrar, of the core's configuration. */
const struct conf_listener *core_route_registrar(
	struct core *c, struct sip_route *out);
/* core_answer.c: 101-299, no refusal. `o` may be NULL. */
void core_answer(
	struct core *c, struct sip_txn *t, int status, const struct sip_out *o);
/* A refusal of our own, with its Reason (RFC 6432) and Warning. */
void core_refuse(struct core *c, struct sip_txn *t, enum refusal r);
/* The same with what is particular this time. */
void core_refuse_for(struct core *c, struct sip_txn *t, const struct fail *f);
/* The other side's refusal `m` as `status`, with what of it is in `o`; when
 * the port made it, since nobody answered, it is ours and says so. */
void core_pass(struct core *c, struct sip_txn *t, const struct sip_msg *m,
	int status, struct sip_out *o);
/* Reason, Warning and its own header of a final answer. */
void core_add_why(const struct core *c, struct hdrs *h, const struct fail *f);
/* RFC 3261 8.2.2.3. True: it asks for something that we do not carry, and was
 * answered with 420. */
bool core_refuse_unsupported(
	struct core *c, struct sip_txn *t, const struct sip_msg *m);
/* 405 or 501 with Allow, for methods that are not carried. */
void core_refuse_method(
	struct core *c, struct sip_txn *t, const struct sip_msg *m);

/* call.c: an INVITE outside a dialog. */
void call_invite(struct core *c, struct sip_txn *t, const struct sip_msg *m,
	const struct sip_source *src);
/* The phone of that identity, or of the old flow, is on another flow now. */
void call_rebind(struct core *c, const struct identity *who,
	const struct sip_flow *old, struct sip_flow *now);
/* May it speak for the line in its From? False: `why` not. */
bool call_may_speak(struct core *c, const struct sip_source *src,
	const struct sip_msg *m, enum refusal *why);
void call_flow_closed(struct core *c, const struct sip_flow *f);
void call_end_all(struct core *c);
bool call_clear(struct core *c, uint32_t id); /* false: no such call */
void call_describe(const struct call *c, struct call_info *out);
struct call *call_next(const struct call *c);
size_t call_legs(const struct call *c); /* 1, or 2 once B was called */

#endif
