/*
 * What call logic needs of SIP, and nothing of how it is done: requests that
 * arrive, answers, requests to send, dialogs, timers. sip_nta.c makes it with
 * Sofia's nta; tests/scenario has one with a clock that is a command. All on
 * the sip thread.
 *
 * What the port does by itself: transactions, retransmissions, dialog
 * matching, CSeq, RSeq, tags, Call-IDs and branches (random), Via, route sets,
 * Contact of ours, 100 Trying, Max-Forwards 0 (483), merged requests (482),
 * PRACK to nothing (481), reliable responses repeated or out of order
 * (dropped), unknown schemes (416), requests without what RFC 3261 demands (400), answer
 * to CANCEL and the 487 that follows, ACK to a failure, ACK and BYE to a
 * second 2xx of a fork, ACK and BYE to a 2xx that crosses our CANCEL after the
 * dialog was closed, resolving of host names away from the thread, and the check that an
 * in-dialog request comes from the peer the dialog belongs to (else 403,
 * counted and logged).
 */
#ifndef LINESIDE_B2BUA_SIP_PORT_H
#define LINESIDE_B2BUA_SIP_PORT_H

#include "b2bua/sip/uri.h"
#include "base/addr.h"
#include "base/log.h"
#include "certs/judge/identity.h"
#include "certs/store/trustpoint.h"
#include "conf/model_base.h"

struct sip_port;
struct sip_dlg; /* a dialog of ours, or one that is to become one */
struct sip_txn; /* a request received that waits for our answer */
struct sip_timer;

enum sip_method {
	SIP_OTHER, /* by name only */
	SIP_INVITE,
	SIP_ACK,
	SIP_BYE,
	SIP_CANCEL,
	SIP_REGISTER,
	SIP_OPTIONS,
	SIP_UPDATE,
	SIP_INFO,
	SIP_PRACK,
	SIP_REFER,
	SIP_NOTIFY,
	SIP_SUBSCRIBE,
	SIP_MESSAGE,
	SIP_PUBLISH,
};

/* As it is written, RFC 3261 7.1; NULL: SIP_OTHER. */
const char *sip_method_text(enum sip_method m);

struct sip_hdr {
	struct slice name, value; /* name in its long form; value unfolded */
};

struct sip_contact {
	bool star; /* Contact: * */
	struct slice display, uri;
	struct slice params; /* ";+sip.instance=…;expires=60" */
	int64_t expires; /* -1: none */
};

enum { SIP_CONTACTS_MAX = 16, SIP_HDRS_MAX = 256 };

/* A message received. Borrowed: good during the callback only. */
struct sip_msg {
	bool response;
	bool local; /* made by the port: 408 timeout, 503 transport, DNS */
	enum sip_method method; /* a response's: of its CSeq */
	struct slice method_name;
	int status; /* of a response */
	struct slice reason;
	struct slice ruri; /* of a request */
	struct slice from, to; /* whole values, tag included */
	struct slice via_host; /* of a request: what its sender calls itself */
	struct slice from_tag, to_tag, call_id;
	uint32_t cseq;
	uint32_t rseq; /* of a reliable provisional response; 0: it is not */
	int max_forwards; /* -1: absent */
	int64_t expires; /* Expires header; -1: absent */
	size_t ncontacts;
	struct sip_contact contact[SIP_CONTACTS_MAX];
	/*
	 * All others in the order they came, Content-Type included, one entry
	 * per header line (comma lists stay as they are). Not here: Via,
	 * Route, Record-Route, From, To, Call-ID, CSeq, Contact, Max-Forwards,
	 * Expires, Content-Length, and repeats of single-value headers.
	 */
	size_t nhdrs;
	struct sip_hdr hdr[SIP_HDRS_MAX];
	struct slice body;
};
/* The first header of that name (case-insensitive), or the empty slice. */
struct slice sip_msg_header(const struct sip_msg *m, const char *name);
/* A copy that outlives the callback. Freeing wipes the body: it may hold
 * keys. NULL is fine. */
struct sip_msg *sip_msg_dup(const struct sip_msg *m) MUST_USE;
void sip_msg_free(struct sip_msg *copy);

/* A message to send. Borrowed during the call: the port copies. */
struct sip_out {
	enum sip_method method;
	const char *method_name; /* for SIP_OTHER */
	struct slice ruri; /* empty: the dialog's remote target */
	size_t nhdrs;
	const struct sip_hdr *hdr; /* as in sip_msg, Expires included */
	int max_forwards; /* requests; -1: 70 */
	struct slice contact_user; /* user part of our Contact; may be empty */
	struct slice contact_host; /* in place of our address; may be empty */
	struct slice contact_params; /* behind it, ";…" */
	bool no_contact;
	bool passed; /* an answer: the other side's, in its words */
	/* Answers 101–199 to an INVITE that knows 100rel (RFC 3262): sent
	 * until its PRACK comes. Others wait behind it. */
	bool reliable;
	struct { /* PRACK: the response meant */
		uint32_t rseq, cseq;
		struct slice tag;
	} rack;
	struct slice contacts; /* answers to REGISTER: whole value instead */
	struct slice body; /* its Content-Type is in hdr */
	/* For requests outside dialogs only: */
	struct slice from, to; /* whole values; a From tag is added if absent */
	struct slice call_id; /* empty: a random one */
	uint32_t cseq; /* 0: random */
};

/*
 * One connection from the access side, or towards it. Counted (obj_ref);
 * `closed` becomes true when it is gone and never false again.
 */
struct sip_flow {
	uint64_t id; /* never reused */
	bool closed;
	struct identity *identity; /* owned, never NULL */
	struct addr peer;
	enum conf_transport transport;
	enum conf_side side;
	char listener[CONF_NAME_MAX + 1];
};

/* Where a request came from. Borrowed during the callback. */
struct sip_source {
	const char *listener; /* name; look it up in the present conf */
	enum conf_side side;
	enum conf_transport transport;
	struct addr addr;
	const struct identity *identity; /* never NULL */
	struct sip_flow *flow; /* NULL on UDP */
};

/* Where a request goes. */
struct sip_route {
	const char *listener; /* whose agent and address sends; copied */
	struct sip_flow *flow; /* this connection and no other; or NULL and: */
	const char *host; /* name or numeric address; copied */
	uint16_t port; /* 0: by transport */
	enum conf_transport transport;
	struct trustpoint *trustpoint; /* TLS; NULL: the listener's */
	/* One that sip_user.remote_trustpoint() has for the address that the
	 * host leads to goes before it. */
	bool by_address;
	/* The address of `host` that granted the last REGISTER sent so, if it
	 * answers. */
	bool reuse;
	const char *peer_name; /* TLS: name to expect; NULL: host; copied */
	/* `host` is an outbound proxy's: requests within the dialog go by its
	 * route set, and where the proxy is not in it to the remote target,
	 * whose TLS name is this. NULL: there is no proxy; copied */
	const char *target_name;
};

/* What is known of a dialog's signalling, for show and policy. */
struct sip_peer_info {
	enum conf_transport transport;
	struct addr addr; /* may be unset before the first answer */
	const struct identity *identity; /* NULL: not yet known */
};

/* What names a dialog (RFC 3261 12), as we see it. Borrowed from it. */
struct sip_dlg_ids {
	struct slice call_id, local_tag;
	struct slice remote_tag; /* empty: not known yet */
	uint32_t cseq; /* of the latest request of ours */
	char target_room[512];
	struct slice
		target; /* within it: URI of requests of ours; empty: none yet */
};

/* Callbacks of a dialog; `arg` is the leg. After dlg_close none comes. */
struct sip_dlg_user {
	/* A request within the dialog, neither ACK, PRACK nor CANCEL. */
	void (*request)(void *arg, struct sip_txn *t, const struct sip_msg *m);
	/* ACK to the 2xx that answered the pending INVITE; m NULL: none came
	 * (the port sends nothing by itself then; end the call). */
	void (*ack)(void *arg, const struct sip_msg *m);
	/* PRACK to a reliable answer of ours, to be answered; both NULL: none
	 * came, and the INVITE must be refused (RFC 3262 3). */
	void (*prack)(void *arg, struct sip_txn *t, const struct sip_msg *m);
	/* The pending INVITE was cancelled: 200 and 487 are sent already and
	 * the txn is gone. m: the CANCEL, for its Reason; may be NULL. */
	void (*cancel)(void *arg, const struct sip_msg *m);
	/* Answer to a request of ours; `cookie` as given to send. Provisional
	 * ones (not 100) as often as they come; exactly one final. */
	void (*response)(void *arg, void *cookie, const struct sip_msg *m);
	/* A NOTIFY of somebody else who took the SUBSCRIBE (REFER) of ours that
	 * began this dialog (RFC 6665 4.4.1). `d` is the dialog that it makes:
	 * the user's, to be given a user of its own (dlg_set_user) or closed.
	 * NULL: 481 for those. */
	void (*fork)(void *arg, struct sip_dlg *d, struct sip_txn *t,
		const struct sip_msg *m);
};

/* Callbacks outside dialogs. */
struct sip_user {
	/* Asked of each message before anything answers it, unless it belongs
	 * to a dialog or transaction. False: it is dropped. */
	bool (*hears)(
		void *arg, const struct sip_source *src, struct slice method);
	/* Any request outside a dialog: INVITE, REGISTER, OPTIONS, … */
	void (*request)(void *arg, struct sip_txn *t, const struct sip_msg *m,
		const struct sip_source *src);
	void (*flow_closed)(void *arg, struct sip_flow *f);
	/* Which certificate TLS peers of that address are shown on the core
	 * side, and whose authorities judge theirs; NULL: the route's, the
	 * listener's. Borrowed. May be NULL. */
	struct trustpoint *(*remote_trustpoint)(
		void *arg, const struct addr *peer);
};

/* A name of the configuration, to be looked up as for a request. */
struct sip_name {
	const char *host; /* copied */
	uint16_t port; /* 0: by SRV, or the transport's */
	enum conf_transport transport;
	int family;
};
enum { SIP_RESOLVED_MAX = 32 };
/* Exactly one call, perhaps at once. No addresses: nobody knows. */
typedef void sip_resolved_fn(void *arg, const struct addr *v, size_t n);

typedef void sip_response_fn(void *arg, const struct sip_msg *m);
typedef void sip_timer_fn(void *arg);

struct sip_port_ops {
	/*
	 * The txn is the user's from the callback until its final answer is
	 * given (the port keeps what it needs for retransmissions and ACK).
	 * Statuses 101–699; o may be NULL. `reason` NULL: the standard one.
	 */
	void (*answer)(struct sip_port *p, struct sip_txn *t, int status,
		const char *reason, const struct sip_out *o);

	/* The dialog that a received INVITE (SUBSCRIBE, REFER) begins; before
	 * its first answer
	 * above 100. Owned by the caller until dlg_close. */
	struct sip_dlg *(*dlg_uas)(struct sip_port *p, struct sip_txn *t,
		const struct sip_dlg_user *user, void *arg);
	/* A dialog that an INVITE (SUBSCRIBE, REFER) of ours shall begin. from/to: whole values
	 * without tags. EHOSTUNREACH: no such listener or flow closed. */
	int (*dlg_uac)(struct sip_dlg **out, struct sip_port *p,
		const struct sip_route *route, struct slice from,
		struct slice to, const struct sip_dlg_user *user, void *arg);
	/* A further dialog with who sent the SUBSCRIBE (REFER) that began `of`,
	 * with a tag of its own; owned as of dlg_uas. */
	struct sip_dlg *(*dlg_fork)(struct sip_port *p,
		const struct sip_dlg *of, const struct sip_dlg_user *user,
		void *arg);
	/*
	 * Lets go of it. What is pending ends properly by itself: an INVITE of
	 * ours is cancelled (a 2xx that crosses gets ACK and BYE), a request
	 * that waits for our answer gets 487 (INVITE) or 500. A confirmed
	 * dialog is NOT hung up: send BYE before (its answer may be lost).
	 */
	void (*dlg_close)(struct sip_port *p, struct sip_dlg *d);
	/* The phone came back on another connection. */
	void (*dlg_set_flow)(
		struct sip_port *p, struct sip_dlg *d, struct sip_flow *f);
	/* Its callbacks go to another user from here on; requests that wait
	 * for an answer stay, and so do cookies. */
	void (*dlg_set_user)(struct sip_port *p, struct sip_dlg *d,
		const struct sip_dlg_user *user, void *arg);
	void (*dlg_info)(struct sip_port *p, const struct sip_dlg *d,
		struct sip_peer_info *out);
	void (*dlg_ids)(struct sip_port *p, const struct sip_dlg *d,
		struct sip_dlg_ids *out);
	/* Call-ID of the dialog, for log lines and show. Lives with it. */
	const char *(*dlg_call_id)(struct sip_port *p, const struct sip_dlg *d);

	/* A request in the dialog (or the INVITE that begins it, which may
	 * be another one after a refusal). One INVITE at a time. 0: exactly one final response will come, later. */
	int (*send)(struct sip_port *p, struct sip_dlg *d,
		const struct sip_out *o, void *cookie);
	/* ACK to the 2xx of our last INVITE in this dialog. */
	int (*ack)(
		struct sip_port *p, struct sip_dlg *d, const struct sip_out *o);
	/* Cancels our pending INVITE; its final response still comes. */
	void (*cancel)(
		struct sip_port *p, struct sip_dlg *d, const struct sip_out *o);

	/* A request outside dialogs (REGISTER). 0: one final response, a local
	 * one when the port goes before. */
	int (*request)(struct sip_port *p, const struct sip_route *route,
		const struct sip_out *o, sip_response_fn *fn, void *arg);

	/* One shot. *out is NULLed by the port before fn runs. */
	void (*timer_start)(struct sip_port *p, struct sip_timer **out,
		unsigned ms, sip_timer_fn *fn, void *arg);
	void (*timer_stop)(struct sip_port *p, struct sip_timer **t);
	uint64_t (*now_ms)(struct sip_port *p); /* monotonic */
	/* Our host:port on that listener as a URI's hostport, and parameters
	 * (";transport=tls"), for Contacts we write. False: no such one. */
	bool (*contact_host)(struct sip_port *p, const char *listener,
		char *out, size_t size);
	/* Another number whenever one of the host's addresses failed or is
	 * back: what was arranged with the one before may not hold. */
	uint32_t (*ways)(struct sip_port *p, const char *host);
	/* Where a name leads now. */
	void (*resolve)(struct sip_port *p, const struct sip_name *name,
		sip_resolved_fn *fn, void *arg);
};

struct sip_port {
	const struct sip_port_ops *ops;
};

#endif
