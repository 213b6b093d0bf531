/*
 * What the files of the SIP port share. Who owns what: the port owns
 * endpoints, and lists every dialog, server transaction and request of ours;
 * dialogs belong to their user until dlg_close and free themselves when their
 * last request is over.
 */
#ifndef LINESIDE_B2BUA_NTA_INT_H
#define LINESIDE_B2BUA_NTA_INT_H

#include "b2bua/names/failed.h"
#include "b2bua/names/stay.h"
#include "b2bua/names/resolver.h"
#include "b2bua/sip/refusal.h"
#include "b2bua/sofia/nta_merged.h"
#include "b2bua/sofia/sip_nta.h"
#include "b2bua/sofia/sofia.h"
#include "b2bua/sofia/tport_stream.h"
#include "base/obj.h"

enum {
	NTA_FORKS_MAX = 8, /* early dialogs of one INVITE */
	/* Most of a message, in one block; of a size that nothing has that lives
	 * as long as a call: of blocks that share pages with such the heap can
	 * give back nothing. */
	NTA_MSG_ROOM = 3072,
	NTA_TAG = 16, /* hex digits */
	NTA_TRYING_MS = 200, /* RFC 3261 17.2.1 */
	NTA_BRANCH = 24,
	NTA_CANCEL_MS = 32000, /* no final answer after our CANCEL */
	NTA_SWEEP_MS = 1000,
	NTA_PHONE_TXNS = 500, /* requests of one connection that wait */
	NTA_PROCEEDING = 20000, /* the same of a listener */
	HOP_TRIES_MAX = 8, /* addresses that one request tries */
	HOP_PATIENCE_MS = 4000, /* for one of them, while there are others */
};

struct nta_port {
	struct sip_port pub;
	struct stack *stack;
	struct hs_pool *hs;
	const struct sip_user *user;
	void *user_arg;
	struct endpoint *endpoints;
	struct sip_dlg *dlgs;
	struct sip_txn *txns;
	struct out_req *reqs;
	struct sip_timer *timers;
	struct nta_rel *rels;
	struct hop *hops;
	struct dial *dials;
	struct resolver *resolver;
	struct dns_channel *dns, *dns_retired; /* NULL: none could be made */
	struct failed_set failed;
	struct stays stays;
	struct merged_set merged;
	su_timer_t *sweep;
	bool closing; /* nothing is told to the user any more */
};

struct leg { /* of nta: the default one of an endpoint, or a dialog's */
	struct endpoint *ep;
	struct sip_dlg *dlg; /* NULL: the default one */
	nta_leg_t *leg;
	uint32_t rseq; /* CSeq of the last request that was the peer's */
	uint32_t rel; /* RSeq of its last reliable response; 0: none */
	bool hung_up; /* a BYE went or came: the session is over */
};

struct nta_rel; /* a reliable response of ours: nta_rel.c */

struct endpoint {
	struct endpoint *next;
	struct nta_port *port;
	nta_agent_t *agent;
	struct leg dflt;
	struct stream *stream; /* NULL: UDP */
	struct conf *conf; /* referenced; holds `lc` */
	const struct conf_listener *lc;
	struct trustpoint *trustpoint; /* referenced; NULL: not TLS */
	char name[CONF_NAME_MAX + 1];
	enum conf_side side;
	enum conf_transport transport;
	struct addr addr, advertise;
	char via_host[ADDR_TEXT]; /* when it changed since it was bound */
	bool live, retiring;
	unsigned users; /* dialogs, transactions and requests on it */
	size_t unreadable; /* by nta's count, and counted so far */
};

/* Where a request goes once it is known. */
struct hop_target {
	struct addr addr;
	struct conn *conn; /* NULL: UDP */
	unsigned left; /* addresses of that name which were not tried */
};
typedef void hop_fn(void *arg, int err, const struct hop_target *t);

struct hop_want {
	struct endpoint *ep;
	const char *host; /* name or numeric; copied */
	uint16_t port; /* 0: by SRV, else the transport's */
	struct trustpoint *trustpoint; /* NULL: the listener's */
	bool by_address, reuse; /* see sip_route */
	const char *peer_name; /* NULL: host; copied */
	uint32_t seed; /* the same goes to the same of equal servers */
	const struct addr *tried; /* not to these again; at most */
	size_t ntried; /* HOP_TRIES_MAX; copied */
};

struct sip_dlg {
	struct sip_dlg *next, **prev;
	struct nta_port *port;
	struct endpoint *ep;
	const struct sip_dlg_user *user;
	void *arg;
	bool uac, confirmed, closed, sips;
	bool reconnect; /* when its flow is gone: by its next hop */
	uint8_t nlegs, cur; /* which leg requests use */
	char tag[NTA_TAG + 1]; /* ours */
	char *call_id;
	char *from, *to; /* local and remote value, for further legs */
	struct leg **leg; /* nlegs of them; to NTA_FORKS_MAX */
	struct sip_flow *flow; /* held; NULL: UDP, or not yet connected */
	struct addr peer; /* last seen or sent to */
	struct addr *by; /* owned; of a fork: who brought it may speak, too */
	struct identity *identity; /* of the peer; NULL: not yet known */
	struct {
		char *host, *peer_name;
		uint16_t port;
		struct trustpoint *trustpoint;
		char *target_name; /* see sip_route */
		bool by_address, reuse;
	} route;
	unsigned nreqs; /* requests of ours not over */
	struct out_req *invite; /* ours, pending or waiting for its ACK */
	struct sip_txn *pending; /* INVITE of theirs that waits for us */
	struct sip_timer *late; /* it was cancelled before the dialog was */
	uint32_t invite_cseq;
	char *ack_branch;
};

struct sip_txn {
	struct sip_txn *next, **prev;
	struct nta_port *port;
	struct endpoint *ep;
	struct sip_dlg *dlg; /* NULL: outside dialogs */
	nta_incoming_t *irq;
	enum sip_method method;
	struct sip_flow *flow; /* referenced; NULL: UDP */
	struct addr peer;
	bool sips;
	char tag[NTA_TAG + 1];
	bool answered; /* INVITE with 2xx: waits for its ACK */
	struct nta_rel *rel; /* waits for its PRACK; NULL: none */
	struct nta_held *held; /* answers that wait for that, first first */
	bool unpracked; /* nta has given it up */
	bool gone; /* cancelled; the user may still answer, to no effect */
	struct sip_timer *trying; /* 100 is due then; NULL: no more */
};

struct out_req {
	struct out_req *next, **prev;
	struct nta_port *port;
	struct endpoint *ep;
	struct sip_dlg *dlg; /* NULL: outside dialogs, or orphaned */
	enum sip_method method;
	char *method_name;
	uint32_t cseq;
	void *cookie;
	sip_response_fn *fn;
	void *arg;
	nta_outgoing_t *orq;
	char branch[NTA_BRANCH + 16];
	char *ack_branch; /* ACK: branch of its INVITE */
	msg_t *msg; /* until it is sent */
	struct sip_flow *flow; /* held */
	bool cancelled;
	bool waiting; /* hop_get will call back */
	bool starting; /* within nta_outgoing_mcreate() */
	bool answered; /* INVITE with 2xx, not yet acknowledged */
	char *reason; /* header line for the CANCEL, or NULL */
	struct sip_timer *timer; /* local failure, or patience after CANCEL */
	int local_status;
	struct { /* nta_again.c; host NULL: a connection was given */
		char *host, *peer_name;
		uint16_t port;
		struct trustpoint *trustpoint;
		bool by_address, reuse; /* see sip_route */
		bool named; /* no numeric address */
		uint32_t seed;
		struct addr now, tried[HOP_TRIES_MAX];
		size_t ntried;
		unsigned left;
	} to;
	msg_t *spare; /* for another address; NULL: there is none */
	struct sip_timer *patience; /* for a first answer */
};

#define LIST_IN(head, x)                                                       \
	do {                                                                   \
		(x)->next = (head);                                            \
		(x)->prev = &(head);                                           \
		if ((x)->next != NULL)                                         \
			(x)->next->prev = &(x)->next;                          \
		(head) = (x);                                                  \
	} while (0)
#define LIST_OUT(x)                                                            \
	do {                                                                   \
		*(x)->prev = (x)->next;                                        \
		if ((x)->next != NULL)                                         \
			(x)->next->prev = (x)->prev;                           \
	} while (0)

static inline struct nta_port *nta_port_of(struct sip_port *p)
{
	return (struct nta_port *)(void *)p;
}

/* nta_msg.c */
enum sip_method nta_method(sip_method_t m);
sip_method_t nta_method_out(
	enum sip_method m, const char *name, const char **out_name);
/* `m` borrows from `msg` and its home. False: something in it is beyond our
 * limits or forbidden (400). */
bool nta_msg_read(struct sip_msg *m, msg_t *msg);
/* A failure that never was on the wire. */
void nta_msg_local(struct sip_msg *m, const struct out_req *r, int status);
/* One to be sent from that endpoint. */
msg_t *nta_msg_new(struct endpoint *ep) MUST_USE;
/* Headers and body of `o`, verbatim and in order. EINVAL: a CR, LF or NUL. */
int nta_msg_write(msg_t *msg, const struct sip_out *o) MUST_USE;
/* Contact of ours on that endpoint; free() it. */
char *nta_contact(struct endpoint *ep, const struct conn *c,
	const struct addr *peer, bool sips, const struct sip_out *o);
bool nta_text_clean(struct slice s);

/* nta_print.c: of a message that is complete but for what the transaction adds
 * to it. Nothing of its start line, CSeq, Max-Forwards and body changes
 * afterwards. */
void nta_print_ahead(msg_t *msg);

/* endpoint.c */
struct endpoint *nta_find_endpoint(struct nta_port *p, const char *listener);
/* Whose agent sends there: a flow's own, even if it retires. NULL: none. */
struct endpoint *nta_route_endpoint(
	struct nta_port *p, const struct sip_route *route);
void nta_endpoint_sweep(struct nta_port *p);
void nta_endpoint_free(struct endpoint *e);
bool nta_contact_host(const struct endpoint *e, const struct conn *c,
	const struct addr *peer, char *out, size_t size);

/* A reference that also keeps the connection from counting as idle. */
struct sip_flow *nta_flow_hold(struct sip_flow *f);
struct sip_flow *nta_flow_drop(struct sip_flow *f); /* NULL */

/* nta_hop.c */
/* Calls back exactly once, possibly at once. */
void hop_get(const struct hop_want *w, hop_fn *fn, void *arg);
void hop_abandon(struct nta_port *p, void *arg);
void hop_free_all(struct nta_port *p);
/* What became of an address of that name. */
void nta_address_failed(struct nta_port *p, enum conf_transport transport,
	const struct addr *a, const char *host, const char *why);
void nta_address_good(struct nta_port *p, enum conf_transport transport,
	const struct addr *a, const char *host);

/* dns_ares.c */
extern const struct resolver_io dns_io; /* its argument is the port */
void dns_set_conf(struct nta_port *p, const struct conf *conf);
void dns_sweep(struct nta_port *p);
void dns_close(struct nta_port *p); /* what is asked is answered */

/* nta_hears.c */
tport_hears_fn nta_hears; /* `arg` is the endpoint */
/* A request in the name of `owner`, who did not send it. */
void nta_log_intruder(const char *method, const char *call_id,
	const struct sip_flow *f, const struct addr *from,
	const struct addr *owner);

/* nta_txn.c */
/* What is bound to each INVITE's transaction. */
int nta_on_ack_cancel(struct sip_txn *t, nta_incoming_t *irq, sip_t const *sip);
int nta_on_request(
	struct leg *leg, nta_leg_t *l, nta_incoming_t *irq, sip_t const *sip);
void nta_answer(struct sip_port *p, struct sip_txn *t, int status,
	const char *reason, const struct sip_out *o);
/* Final answer by the port, or none if it has one; then it is gone. */
void nta_txn_drop(struct sip_txn *t);
void nta_txn_free(struct sip_txn *t);

/* What nta_on_request() does for a PRACK that nta matched itself. */
void nta_on_prack(
	struct sip_txn *invite, nta_incoming_t *irq, sip_t const *sip);
/* Sent at last: the txn may be gone afterwards. */
void nta_txn_send(struct sip_txn *t, msg_t *msg, int status, bool reliable);

/* nta_rel.c: reliable provisional responses (RFC 3262) */
/* True: kept until the one before is acknowledged; takes `msg`. */
bool nta_rel_hold(struct sip_txn *t, msg_t *msg, int status, bool reliable);
void nta_rel_send(struct sip_txn *t, msg_t *msg);
void nta_rel_send_held(struct sip_txn *t);
bool nta_rel_answered(const struct sip_txn *t); /* a 2xx is kept */
void nta_rel_drop(struct sip_txn *t); /* the txn is over */
void nta_rel_free_all(struct nta_port *p);
/* False: a repetition, or one before it is missing. Sets `leg`'s number. */
bool nta_rel_take(struct leg *leg, sip_t const *sip, uint32_t *rseq);

/* nta_req.c */
/* Takes `msg`. What goes wrong later becomes a local answer. */
struct out_req *nta_req_new(
	struct endpoint *ep, msg_t *msg, struct sip_dlg *d, void *cookie);
void nta_req_start_on(struct out_req *r, struct sip_flow *f);
void nta_req_on_hop(void *arg, int err, const struct hop_target *t);
void nta_req_branch(struct out_req *r); /* a new one */
/* A failure of our own; another address, or the user is told. */
void nta_req_failed(struct out_req *r, int status);
void nta_req_cancel(struct out_req *r, const struct sip_out *o);
void nta_req_free(struct out_req *r);
/* The port goes: whoever waits for the answer is told, to let go of it. */
void nta_req_forsake(struct out_req *r);
int nta_request(struct sip_port *p, const struct sip_route *route,
	const struct sip_out *o, sip_response_fn *fn, void *arg);

/* nta_again.c */
void nta_req_start_to(struct out_req *r, const struct hop_want *w);
/* Its way is known, its message not yet sent. */
void nta_req_prepare(struct out_req *r, const struct hop_target *t);
void nta_req_sent(struct out_req *r);
void nta_req_heard(struct out_req *r, int status); /* from the wire */
/* True: on its way to another address. */
bool nta_req_again(struct out_req *r, int status, bool local);
void nta_req_forget_way(struct out_req *r);

/* nta_dlg.c */
struct sip_dlg *nta_dlg_uas(struct sip_port *p, struct sip_txn *t,
	const struct sip_dlg_user *user, void *arg);
int nta_dlg_uac(struct sip_dlg **out, struct sip_port *p,
	const struct sip_route *route, struct slice from, struct slice to,
	const struct sip_dlg_user *user, void *arg);
void nta_dlg_close(struct sip_port *p, struct sip_dlg *d);
void nta_dlg_set_user(struct sip_port *p, struct sip_dlg *d,
	const struct sip_dlg_user *user, void *arg);
void nta_dlg_set_flow(
	struct sip_port *p, struct sip_dlg *d, struct sip_flow *f);
void nta_dlg_info(
	struct sip_port *p, const struct sip_dlg *d, struct sip_peer_info *out);
void nta_dlg_ids(
	struct sip_port *p, const struct sip_dlg *d, struct sip_dlg_ids *out);
const char *nta_dlg_call_id(struct sip_port *p, const struct sip_dlg *d);
int nta_dlg_send(struct sip_port *p, struct sip_dlg *d, const struct sip_out *o,
	void *cookie);
int nta_dlg_ack(struct sip_port *p, struct sip_dlg *d, const struct sip_out *o);
void nta_dlg_cancel(
	struct sip_port *p, struct sip_dlg *d, const struct sip_out *o);
/* What the ways of making one have in common. */
struct sip_dlg *nta_dlg_new(
	struct endpoint *ep, const struct sip_dlg_user *user, void *arg);
/* Its next leg: of whom, with all the tags that are known, our first CSeq and
 * the peer's so far (0: none). NULL: From or To are not what they should. */
struct leg *nta_dlg_add_leg(struct sip_dlg *d, const char *from, const char *to,
	uint32_t first, uint32_t cseq);
void nta_dlg_take_flow(struct sip_dlg *d, struct sip_flow *f);
/* A response (not 100) to one of its requests, before the user sees it. */
void nta_dlg_on_response(
	struct sip_dlg *d, struct out_req *r, sip_t const *sip);
/* The first request found its way. */
void nta_dlg_hop_known(struct sip_dlg *d, const struct hop_target *t);
/* A request of its own is over: may free it. */
void nta_dlg_req_over(struct sip_dlg *d, struct out_req *r);
/* Whether a request from there may act on it. */
bool nta_dlg_allows(const struct sip_dlg *d, const struct sip_flow *f,
	const struct addr *a);
/* Before another INVITE that shall begin it: early dialogs of a refused one
 * are over. */
void nta_dlg_begin_again(struct sip_dlg *d);
/* The same leg anew, with the CSeq that the peer is really at. */
void nta_leg_renew(struct leg *leg);
/* A request that comes before the answer which makes the dialog. */
void nta_dlg_early(struct sip_dlg *d, struct leg *leg, sip_t const *sip);
/* Target refresh by a request or response that carries a Contact. */
void nta_dlg_retarget(struct sip_dlg *d, struct leg *leg, sip_t const *sip);
void nta_dlg_free(struct sip_dlg *d);

/* nta_fork.c */
/* The dialog beside which a NOTIFY that belongs to none makes one; NULL: there
 * is none, or its user wants no other. */
struct sip_dlg *nta_fork_of(const struct endpoint *ep, sip_t const *sip);
/* That one: its only leg. The user has not heard of it. */
struct leg *nta_fork_take(const struct sip_dlg *of, sip_t const *sip);
struct sip_dlg *nta_dlg_fork(struct sip_port *p, const struct sip_dlg *of,
	const struct sip_dlg_user *user, void *arg);

/* nta_timer.c */
void nta_timer_start(struct sip_port *p, struct sip_timer **out, unsigned ms,
	sip_timer_fn *fn, void *arg);
void nta_timer_stop(struct sip_port *p, struct sip_timer **t);
uint64_t nta_now_ms(struct sip_port *p);
void nta_timer_free_all(struct nta_port *p);

/* nta_refuse.c: refusals of the port's own, with their cause. Returns the
 * status, for nta's callbacks. */
int nta_refuse(nta_incoming_t *irq, enum refusal r);
/* The same of a request that is one of ours already. */
void nta_refuse_txn(struct sip_txn *t, enum refusal r);

#endif
