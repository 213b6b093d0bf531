/*
 * The sip thread with everything on it: Sofia's agents and listeners, calls
 * and registrations. What the daemon (src/) sees.
 */
#ifndef LINESIDE_B2BUA_B2BUA_H
#define LINESIDE_B2BUA_B2BUA_H

#include "b2bua/core/core.h"
#include "b2bua/route/tally.h"
#include "b2bua/sip/listener_info.h"
#include "base/mq.h"
#include "certs/tls/handshake.h"
#include "conf/conf.h"
#include "media/media.h"

struct b2bua;

/* Nothing runs yet; the queue can be given to media_start(). Main thread. */
int b2bua_new(struct b2bua **out) MUST_USE;
struct mq *b2bua_queue(struct b2bua *b);
/* Starts the sip thread: no listener yet (see b2bua_prepare). */
int b2bua_start(
	struct b2bua *b, struct media *media, struct hs_pool *hs) MUST_USE;
/* Hangs up, closes, ends the thread. Main thread. */
void b2bua_stop(struct b2bua *b);
void b2bua_free(struct b2bua *b);

/*
 * Reload (and the first load). prepare loads trustpoints and binds listeners
 * that are new or moved, complaining to `errs` with places; nothing that runs
 * changes. Then publish, which cannot fail, or discard. Main thread, blocking.
 */
struct b2bua_plan;
int b2bua_prepare(struct b2bua_plan **out, struct b2bua *b, struct conf *c,
	struct conf_errs *errs) MUST_USE;
void b2bua_publish(struct b2bua_plan *plan);
void b2bua_discard(struct b2bua_plan *plan);

/* show: the answer is gathered on the sip thread and given to `done` on
 * `reply`'s. */
enum b2bua_what {
	B2BUA_CALLS = 1,
	B2BUA_REGISTRATIONS = 2,
	B2BUA_CONNECTIONS = 4,
	B2BUA_LISTENERS = 8,
	B2BUA_TRUSTPOINTS = 16,
	B2BUA_DSPFARM = 32,
	B2BUA_KEEPALIVES = 64,
	B2BUA_TRUNKS = 4096,
	B2BUA_TRUSTED = 8192, /* who is heard on the core side */
	B2BUA_RECORDINGS = 16384,
	B2BUA_ONEWAYS = 32768, /* streams that went one way */
	B2BUA_SUBSCRIPTIONS = 65536,
	B2BUA_RINGS = 131072, /* calls that nobody has answered yet */
	B2BUA_HOSTS = 128, /* names, and addresses that failed */
	B2BUA_USAGE = 256, /* which comes in any case */
	B2BUA_PEERS = 512, /* counters of dial-peers */
};
struct trustpoint_info {
	char name[CONF_NAME_MAX + 1];
	size_t ncerts;
	struct cert_info *certs;
};
struct b2bua_query {
	struct mq_node node; /* the query's own; leave it alone */
	unsigned what; /* of b2bua_what */
	struct mq *reply;
	void (*done)(struct b2bua_query *q); /* owns q: b2bua_query_free */
	void *arg;
	/* answers */
	struct call_info *calls;
	struct reg_info *regs;
	struct conn_info *conns;
	struct listener_info *listeners;
	struct trustpoint_info *trustpoints;
	struct xcode_pool_info *pools;
	struct tally *tallies; /* by ascending tag */
	size_t ntallies;
	struct keepalive_info *keepalives;
	struct trunk_info *trunks;
	size_t ntrunks;
	struct trusted_info *trusted; /* trusted.h */
	size_t ntrusted;
	struct recording_info *recordings;
	size_t nrecordings;
	struct oneway_info *oneways;
	size_t noneways;
	struct sub_info *subs;
	size_t nsubs;
	struct ring_info *rings;
	size_t nrings;
	size_t npools, nkeepalives;
	struct host_info *hosts; /* resolver.h */
	struct failed_info *failed; /* nta_failed.h */
	size_t nhosts, nfailed;
	size_t ncalls, nregs, nconns, nlisteners, ntrustpoints;
	struct core_usage usage;
};
/* `q` from the heap, zeroed but for what, reply, done, arg. Any thread. */
void b2bua_ask(struct b2bua *b, struct b2bua_query *q);
void b2bua_query_free(struct b2bua_query *q);

/* As core_tie(). Any thread. */
void b2bua_tie(struct b2bua *b, struct slice device, struct slice lines);

/* As core_capture(); takes the reference. A call that is gone ends it. */
void b2bua_capture(struct b2bua *b, uint32_t id, struct capture *cap);

/* Hangs up one call by its number ("clear call …"); 0 or ENOENT in the log.
 * Any thread. */
void b2bua_clear_call(struct b2bua *b, uint32_t id);
/* Sets the counters of dial-peers to 0. Any thread. */
void b2bua_clear_tallies(struct b2bua *b);

#endif
