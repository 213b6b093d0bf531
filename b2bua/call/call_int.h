/* A call and its two legs, for the files that make up call logic. */
#ifndef LINESIDE_B2BUA_CALL_INT_H
#define LINESIDE_B2BUA_CALL_INT_H

#include "b2bua/call/refer.h"
#include "b2bua/call/ring.h"
#include "b2bua/call/session_timer.h"
#include "b2bua/call/transfer.h"
#include "b2bua/core/core_int.h"
#include "b2bua/dtmf/keys.h"
#include "b2bua/line/registrar.h"
#include "b2bua/offer/negotiate.h"
#include "b2bua/offer/sdp.h"
#include "b2bua/route/numbers.h"
#include "b2bua/route/route.h"
#include "b2bua/sip/cause.h"
#include "b2bua/trunk/dlg_auth.h"
#include "media/capture.h"

/* Where a leg is found by; see call_index.c. A link that is NULL: it is not. */
struct leg_filed {
	struct leg *leg;
	struct leg_filed *id_next, **id_link; /* Call-ID */
	struct leg_filed *home_next, **home_link; /* phone */
};

struct leg_oneway { /* a stream that is not heard although it should be */
	bool on, nat;
	uint8_t cause; /* enum media_oneway */
	uint32_t since_s; /* by the port's clock */
};

/*
 * One side of a call: a dialog, its policy, and its media as text. The texts
 * are what was said (keys included, hence wiped); structs are computed from
 * them when needed, so a call at rest costs about two kilobytes a leg.
 */
struct leg {
	struct call *call;
	struct leg_filed *filed; /* of who holds the leg */
	int side; /* 0: A, who called us; 1: B, whom we call */
	enum conf_side where;
	enum conf_transport transport;
	char listener[CONF_NAME_MAX + 1];
	const struct conf_dial_peer *peer; /* in the call's conf; NULL: none */
	struct neg_policy policy;
	struct sip_dlg *dlg; /* owned */
	struct identity *identity; /* referenced; NULL: unknown yet */
	struct sip_flow *flow; /* referenced; NULL: none */
	char number[64];
	char *contact_user; /* owned; NULL: none */
	bool hidden; /* who calls is not shown to its far end */
	char *who; /* its far end as a name-addr without tag; owned */
	struct log_ctx log;

	bool uac; /* we began the dialog */
	bool joining; /* came from another call, and is not yet up in this */
	bool gone; /* it has not answered: BYE, but it is not given back */
	bool invite_pending; /* our first INVITE waits for its final answer */
	int said; /* the last answer to it; 0: none yet */
	bool confirmed; /* a 2xx was sent (A) or received (B) */
	bool acked; /* and acknowledged */
	bool bye_pending; /* our BYE waits for its answer */
	bool bye_after_ack; /* RFC 3261 15: not before the ACK to our 2xx */

	struct { /* in force; and, while an exchange goes on, to come */
		char *local, *remote;
	} now, next;
	struct sdp_shape shape;
	struct sdp_origin origin;
	bool plain; /* SRTP was offered, refused, and may fall back */
	bool fallback; /* SRTP was wanted and is not in force */
	unsigned weak; /* MDESC_UN… in force */
	bool opaque; /* the far ends' keys are in force: srtp pass-thru */
	bool protection_told;
	bool other_holds; /* by the other leg's description */
	bool hears; /* what is sent to it, in */
	struct xcode_side speaks;
	struct leg_oneway oneway[SDP_MEDIA_MAX]; /* by stream */
	const struct sound *played; /* of ours, now; NULL: none; to compare */
	struct xcode_side play; /* in this codec */
	char codec[32];
	const char *suite; /* of SRTP, in force; NULL: RTP */
	char *streams; /* beside the main one, for show; owned; NULL: none */
	bool clear; /* one of these is not encrypted */
	uint8_t clear_told; /* by stream */
	struct session_timer st;
	struct dlg_auth *auth; /* owned; NULL: no challenge is ours */
	bool can_update; /* the far end takes UPDATE */
	bool record_aware; /* and shows whether it is recorded (RFC 7866) */
	bool can_rel, must_rel; /* A: reliable provisional responses */
	/* Offer and answer are complete without the 2xx: in a reliable
	 * response and its PRACK (RFC 3262 5) */
	bool settled;
	char *settled_tag; /* B: of the early dialog that this was; owned */
	bool reoffer; /* it has to be offered what is in force */
	struct leg_keys keys;
	unsigned tallied; /* dial-peer that counts it; 0: none */
};

enum call_state {
	CALL_IDLE,
	CALL_DIALING, /* B has the INVITE */
	CALL_TELLING, /* nobody takes it: A hears why */
	CALL_RINGING, /* B has said something */
	CALL_ANSWERED, /* A has the 200, its ACK is to come */
	CALL_UP,
	CALL_REFERRED, /* one leg has gone to another call */
	CALL_ENDING, /* BYE or CANCEL are under way */
	CALL_DONE,
	CALL_STATE_COUNT
};

enum call_event {
	EV_INVITE, /* A calls */
	EV_PROGRESS, /* B: 101–199 */
	EV_ANSWER, /* B: 2xx */
	EV_REJECT, /* B: 300–699 */
	EV_ACK, /* to a 2xx of ours, from either side */
	EV_NO_ACK, /* none came */
	EV_CANCEL, /* of A's INVITE, or of a re-INVITE of either */
	EV_REQUEST, /* in the dialog, from either side, but BYE */
	EV_BYE,
	EV_REPLY, /* to a request that we passed on */
	EV_PRACK, /* of A */
	EV_BYE_DONE, /* our BYE was answered */
	EV_FAIL, /* ours: it cannot go on; see call.fail */
	EV_TELL, /* ours: the same, and A is to hear why */
	EV_PLAYED, /* that is over */
	EV_HANGUP, /* ours: media died, operator, shutdown */
	EV_TIMEOUT, /* ringing, or ending, took too long */
	EV_REFRESH, /* a session timer: the session wants one of ours */
	EV_EXPIRED, /* and here nobody has refreshed it */
	EV_QUIET, /* ours: nothing is pending any more */
	EV_TRANSFER, /* ours: who remains is to be joined with a target */
	EV_JOIN, /* ours: a leg of another call is to be taken or asked */
	EV_MOVED, /* ours: a leg has gone to another call */
	EV_RETURN, /* ours: it came back, or need not be waited for */
	EV_PICKUP, /* ours: another phone answers in place of B */
	CALL_EVENT_COUNT
};

struct event {
	enum call_event what;
	int side; /* whose */
	struct sip_txn *txn; /* to be answered by the action */
	const struct sip_msg *m; /* may be NULL */
	void *cookie;
};

/* A request without offer that was passed to the other side. */
struct relay {
	struct relay *next;
	struct sip_txn *txn; /* NULL: answered already */
	int from;
	const struct sip_dlg *to; /* whom it was passed to */
};

/* An offer that one side made in an established call: one at a time. */
struct xchg {
	bool active;
	int from; /* -1: ourselves, to the side that is asked */
	const struct sip_dlg *to; /* who was asked; NULL: by ourselves */
	enum sip_method method; /* INVITE or UPDATE */
	struct sip_txn *txn; /* NULL: answered, or cancelled */
	bool late; /* INVITE without SDP: the offer comes in the 2xx */
	bool wait_ack;
	bool prack; /* it came in a PRACK, and goes on in an UPDATE */
	bool cancelled;
};

enum { RELAYS_MAX = 8, CALL_REQURI_MAX = 255 };

struct call {
	struct call *next, **link; /* in the core's list */
	struct leg_filed filed[2];
	unsigned counted[2]; /* dial-peers' tags; 0: not */
	struct core *core;
	struct conf *conf; /* the snapshot it began with */
	uint32_t id;
	enum call_state state;
	struct leg leg[2];
	struct sip_txn *invite; /* A's, until its final answer */
	struct sip_msg *first; /* A's INVITE, kept until somebody answers */
	bool late; /* without SDP */
	bool forced; /* B was made an offer in spite of that */
	unsigned redirects; /* 3xx followed */
	char *redirected; /* what stands in first->ruri then; owned */
	struct { /* B's reliable response whose PRACK will bring A's answer */
		uint32_t rseq, cseq;
		char *tag; /* owned */
	} owed;
	char *requri; /* what B was called by: to see loops; owned; or NULL */

	char calling[NUMBER_SIZE], called[NUMBER_SIZE]; /* as they came in */
	char *from_number; /* what B is told; owned; NULL: as it came */
	const struct conf_dial_peer **route; /* owned; NULL: B has answered */
	size_t nroute, tried;
	struct conf_host *hosts; /* of route[tried], until somebody answers */
	size_t nhosts, host;
	bool emergency; /* dial-peers' limits do not hold */
	bool to_token; /* the core called one of our tokens */
	struct { /* referrer.h: routes are his who transferred, not leg A's */
		bool is, may_go_back;
		enum conf_side where;
		const struct conf_dial_peer *peer; /* of `conf`; NULL: none */
	} referrer;
	struct ring *ring; /* owned; NULL: B is one far end */

	struct mcall *media; /* owned */
	struct mcall *extra[SDP_MEDIA_MAX]; /* owned; by stream; 0 is `media` */
	uint8_t datagrams; /* of these, by stream: no RTP */
	struct capture *capture; /* owned; NULL as a rule */
	struct recording *recording; /* the core's; NULL as a rule */
	struct xcode *xcode; /* owned; NULL: both legs speak one codec */
	struct { /* to come with the exchange that goes on */
		bool planned;
		struct xcode *xcode; /* owned; NULL: none */
	} plan;
	bool ringback; /* A hears ours */
	bool no_answer; /* B was cancelled: it rang too long */
	unsigned refused_q850; /* why A is refused, which it may hear */
	struct sip_msg *refusal; /* B's, while A hears why; owned */
	bool media_told; /* A knows our address: it cannot move any more */
	bool hold;
	struct xchg xchg;
	struct relay *relays;
	size_t nrelays;
	struct refers refers;
	struct transfer transfer;
	struct takeover take[2];
	struct call *taker; /* who takes a leg of ours; NULL: nobody */
	char *offer; /* what B is offered for who is to come; owned */
	struct sip_timer *again; /* for EV_JOIN */
	struct fail fail;
	char *why_text; /* owned; or NULL */
	bool posted; /* an event of our own waits for the present one */
	enum call_event post;
	struct sip_timer *timer; /* ringing or ending */
	uint64_t born_ms, alert_ms, up_ms; /* 0: not yet */
	unsigned released_q850; /* told by who hung up; 0: nobody */
	unsigned attempts; /* INVITEs to dial-peers and hosts */
};

/* Cookies of requests that are not relays. */
extern char cookie_invite, cookie_bye, cookie_xchg, cookie_refresh,
	cookie_prack, cookie_notify, cookie_join, cookie_rejoin;

/* call_index.c: the leg is found by its Call-ID and by its phone from here on:
 * whenever its dialog, identity or connection is another one. No more. */
void leg_file(struct leg *l);
void leg_unfile(struct leg *l);
/* The next leg with that Call-ID; `after` NULL: the first. */
struct leg *leg_by_call_id(
	const struct core *core, struct slice call_id, const struct leg *after);
/* The next leg that may lead to that phone, or be on that connection of who has
 * no certificate: to be looked at closely. */
struct leg *leg_by_home(const struct core *core, const struct identity *who,
	const struct sip_flow *flow, const struct leg *after);
/* We have sent that Request-URI in a dialog with that Call-ID. */
bool call_index_has(
	const struct core *core, struct slice call_id, struct slice ruri);
/* Each leg counts for its dial-peer until the call ends: what has changed is
 * put right; nothing of it when it is gone. */
void call_count(struct call *c, bool gone);
size_t call_count_of(const struct core *core, unsigned tag);

/* call_fsm.c */
void call_event(struct call *c, const struct event *e);
void call_post(struct call *c, enum call_event what);
const char *call_state_name(enum call_state s);
/* For tests: rows of the table and how often each was taken. */
struct call_rule_use {
	enum call_state state;
	enum call_event event;
	uint64_t taken;
};
size_t call_rules(struct call_rule_use *out, size_t max);
const char *call_event_name(enum call_event e);

/* Actions: call_setup.c, call_mid.c, call_end.c */
typedef void call_action_fn(struct call *c, const struct event *e);
call_action_fn call_begin, call_progress, call_answer, call_reject,
	call_confirm;
call_action_fn call_request, call_defer, call_reply, call_re_ack,
	call_re_cancel, call_refresh, call_expired, call_prack;
call_action_fn call_cancelled, call_early_bye, call_bye, call_give_up,
	call_ring_timeout, call_crossed_answer, call_b_is_gone, call_late_ack,
	call_bye_crossed, call_gone, call_ignore, call_bye_done,
	call_drop_reply, call_release, call_refuse;
call_action_fn call_tell, call_told, call_tell_only;
call_action_fn call_pick_up;
call_action_fn transfer_begin, transfer_join, transfer_join_refused;

/* call.c: one that is idle, in the core's list. */
struct slice call_uri_of(struct slice name_addr); /* empty: none */
struct call *call_new(struct core *core);
/* Chooses the targets of the number that is called now; how many. */
size_t call_route(struct call *c, struct slice user);
/* These are to be tried; copied. 0: none are, any more. */
void call_set_route(
	struct call *c, const struct conf_dial_peer *const *v, size_t n);
/* Sets why, for the FAIL event that follows. */
void call_fail(struct call *c, enum refusal r);
/* The answer `m` of who was called: its words pass, if it has any. */
void call_fail_passed(struct call *c, const struct sip_msg *m);
/* That dial-peer lets its numbers not come in. */
void call_fail_blocked(struct call *c, const struct conf_dial_peer *p);
void call_fail_negotiation(struct call *c, int side, enum neg_result r);

/* call_setup.c: the refusal was of our SRTP, and RTP may be offered. */
bool call_may_fall_back(const struct call *c, int status);
/* call_mid.c: RFC 4028 9: what is asked for is below our minimum; 422. */
bool call_session_too_short(const struct conf *conf, const struct sip_msg *m);
void call_refuse_short(
	struct core *core, struct sip_txn *t, const struct conf *conf);

/* call_tally.c: in the counters of dial-peers. */
void call_tally_begin(struct leg *l, const struct conf_dial_peer *p);
void call_tally_refused(struct leg *l, int status, unsigned q850);
void call_tally_end(struct call *c, bool comes_again);
/* call_end.c: Q.850 of the end, by who ended it or by what went wrong. */
unsigned call_end_cause(const struct call *c);
/* B is cancelled, or hung up, as its dialog is. */
void call_end_b(struct call *c, const struct leg_msg *lm);

/* call_rel.c: RFC 3262, for each leg by itself. */
/* May A's INVITE go on? False: c->fail says why not. */
bool call_rel_begin(struct call *c, const struct sip_msg *m);
/* What an INVITE to B says of it. */
void call_rel_offer(const struct leg *b, struct hdrs *h);
/* B's provisional response: acknowledged where it is reliable. */
void call_rel_progress(struct call *c, const struct sip_msg *m, bool described);
/* How it goes on to A: `described` with a description. */
bool call_rel_to_a(
	const struct call *c, const struct sip_msg *m, bool described);
/* PRACK with A's answer, to B's response that waits for it. */
void call_rel_pay(struct call *c, const char *body);
/* call_relay.c: to the other side, body and all; false: answered, it cannot. */
bool call_pass_on(struct call *c, const struct event *e);
void call_relay_reply(struct call *c, struct relay *r, const struct sip_msg *m);
/* The leg's dialog closes: what waits for it is answered with 480, what it asked with 481. */
void call_relays_over(struct leg *l);
/* call_mid.c: 500 with Retry-After. */
void call_answer_later(struct call *c, struct sip_txn *t);
/* call_dial.c: an address of a listener of ours. */
bool call_names_us(const struct conf *conf, struct slice host);
/* A caller from inside, as a phone may see him; free() it. */
char *call_outside_name(const struct binding *b, const struct sip_msg *m,
	struct slice value) MUST_USE;
/* call_mid.c: A offers anew in a PRACK; answered there or later. */
void call_offer_in_prack(struct call *c, const struct event *e);

/* call_dial.c: tries the targets from c->tried on; FAIL when none is left. */
void call_dial(struct call *c);
/* The INVITE to B, for the first time or, after a refusal, once more in the
 * same dialog (RFC 3261 8.1.3.5). */
int call_send_invite(struct call *c);
/* Until somebody answers: EV_TIMEOUT. */
void call_start_ring_timer(struct call *c);
/* RFC 3261 14.1: how long to wait after a 491. */
unsigned call_glare_ms(const struct leg *l);
/* The INVITE to one contact of a phone (NULL: it has none); errno; c->fail says
 * why. */
int call_dial_contact(struct call *c, const struct conf_dial_peer *p,
	const struct binding *bind);
void call_dial_next(struct call *c); /* the same, from the next one on */
int call_dial_again(struct call *c); /* the same; errno; c->fail says why */
bool call_has_next(const struct call *c);
void call_forget_hosts(struct call *c);
/* It carries as many calls as it may; that is noted. `counted`: this call is
 * one of them already. */
bool call_peer_full(
	const struct call *c, const struct conf_dial_peer *p, bool counted);
/* Headers of the INVITE to B that name the caller, or who was called first. */
void call_numbers_headers(const struct call *c, struct hdrs *h);
bool call_quiet(const struct call *c);

/* call_exchange.c: the exchange of descriptions, in the four steps of
 * negotiate.h; the texts go to leg.next until call_media_commit(). */
bool call_is_sdp(const struct sip_msg *m);
enum neg_result call_take_offer(struct call *c, int side, struct slice body);
enum neg_result call_make_offer(struct call *c, int side);
enum neg_result call_take_answer(struct call *c, int side, struct slice body);
enum neg_result call_make_answer(struct call *c, int side);
/* A's answer, where B has given none: in one codec that can be played to. */
enum neg_result call_answer_ourselves(struct call *c);
/* An offer for B that A did not make: of all codecs that B may have. */
void call_invent_offer(struct call *c);
/* It has served: A's own description is still to come. */
void call_forget_invented(struct call *c);
/* Our description that stands for that leg brings keys. */
bool call_offered_secure(const struct call *c, int side);
/* The same, and RTP cannot come of it any more: what a padlock may say. */
bool call_is_protected(const struct call *c, int side);

/* call_through.c */
/* The policies of both legs are known: keys pass on both, or on neither. */
void call_match_pass_thru(struct call *c);
/* Of keys that pass; "unknown" here, or weakened. */
const char *call_passed_suite(const struct leg *l, const struct mdesc *local,
	const struct mdesc *remote);
bool call_suite_unknown(const char *suite); /* what that said; or NULL */
/* Keys pass on the leg, and what they are for is known to encrypt. */
bool call_passes_known(const struct leg *l);

/* call_xcode.c */
/* Both answers are known: the session is taken now, while the call can still
 * be refused. One that does the same already goes on. */
enum neg_result call_plan_transcoder(struct call *c);
void call_start_transcoder(struct call *c); /* as planned */
void call_drop_transcoder(struct call *c); /* the plan, not what is in force */

/* call_apply.c */
void call_media_commit(struct call *c);
void call_media_drop(struct call *c);
void call_media_refused(struct call *c, int side, enum neg_result r);
void call_tell_weak(struct leg *l, struct slice media, unsigned weak);
/* What to tell the far end of that leg; names the codecs allowed there. */
const char *call_neg_text(struct call *c, int side, enum neg_result r);

/* call_sound.c: what legs hear from us. */
void call_sounds(struct call *c); /* as both legs are now */
/* B's provisional response: does A hear ringback of ours (from now on)? */
bool call_ring(struct call *c, const struct sip_msg *m);
void call_ringback_end(struct call *c); /* at the next call_media_commit() */
/* c->fail says why: FAIL, or TELL where A is to hear it first. `m`: B's
 * refusal; NULL: it is ours. */
void call_refuse_a(struct call *c, const struct sip_msg *m);

/* call_media.c */
int call_media_open(struct call *c); /* EAGAIN: no ports */
/* The media that is open is at the address that leg wants. */
bool call_media_stays(const struct call *c, int side);
/* Media for one more stream, in the same worker. */
int call_media_more(struct call *c, struct mcall **out) MUST_USE;
void call_end_media(struct call *c);
/* The address of ours to put into SDP for this media. */
struct addr call_media_addr(const struct leg *l, const struct mcall *mc);

/* call_streams.c: streams beside the main one. */
/* A description came, whose main stream is section `main`. */
void call_streams_note(struct leg *l, const struct sdp *s, size_t main);
/* Which of several sections is the sound: SRTP and RTP of one stream may have
 * been offered side by side. `found`: what sdp_find_main() says. */
size_t call_choose_main(const struct leg *l, const struct sdp *s, size_t found);
/* Is any of them offered, or answered, on that leg? */
bool call_streams_offered(const struct leg *l);
bool call_streams_answered(const struct leg *l);
/* Why the first of those that stand is not: NEG_NO_AUDIO where there is none. */
enum neg_result call_streams_refusal(const struct leg *l);
/* Fills the parts of an offer to `l`, of an answer to it; `local` has room for
 * every stream that either leg has. */
void call_streams_offer(
	struct leg *l, struct sdp_draft *d, struct mdesc *local);
void call_streams_answer(
	struct leg *l, struct sdp_draft *d, struct mdesc *local);
void call_streams_commit(struct call *c);
void call_streams_end(struct call *c);
/* Whose media that is; 0 also where nobody says. */
int call_stream_of(const struct call *c, const struct mcall *mc);
/* "video", as the leg's description calls it; borrowed. */
struct slice call_stream_name(const struct leg *l, int k);

/* call_capture.c */
void call_capture_media(struct call *c); /* once there is media */
void call_capture_end(struct call *c, enum capture_end why);
/* Appends a message or description as a capture may have it: no secrets. */
void call_capture_text(struct text *out, struct slice raw);
/* call_oneway.c */
void call_oneway(struct call *c, const struct media_event *ev);
/* A stream is over, or the call: nothing is missed any more. */
void call_oneway_forget(struct call *c, int stream);
/* Of each stream that is not heard; "": there is none. */
void call_oneway_text(const struct leg *l, char *out, size_t size);

/* leg.c */
extern const struct sip_dlg_user leg_dlg_user;
void leg_set_peer(struct leg *l, const struct conf_dial_peer *p);
/* Keeps it without its parameters. */
void leg_set_who(struct leg *l, struct slice name_addr);
void leg_set_where(struct leg *l, const struct conf_listener *cl);
/* What to add to a message: headers of `m` as they pass (m may be NULL). */
struct leg_msg {
	const struct sip_msg *m; /* what it is passed from; NULL: ours */
	const char *body; /* SDP of ours; NULL: none, or m's own */
	bool pass_body; /* m's body as it is */
	bool reliable; /* 101–199 to A's INVITE: until PRACK comes */
	bool session; /* a 2xx to INVITE or UPDATE: begins or refreshes it */
	struct fail *why; /* Reason, Warning */
};
/* What a far end's INVITE, UPDATE or 2xx says that it can do. */
void leg_learn(struct leg *l, const struct sip_msg *m);
int leg_send(struct leg *l, enum sip_method method, const struct leg_msg *lm,
	void *cookie);
void leg_ack(struct leg *l, const struct leg_msg *lm);
void leg_cancel(struct leg *l, const struct leg_msg *lm);
/* PRACK to the response of that RSeq, CSeq and To tag. */
void leg_prack(struct leg *l, uint32_t rseq, uint32_t cseq, struct slice tag,
	const char *body);
/* 101-299. */
void leg_answer(
	struct leg *l, struct sip_txn *t, int status, const struct leg_msg *lm);
/* A refusal; with the words of `m`, if the other side has said it. NULL: it
 * is ours. */
void leg_refuse(struct leg *l, struct sip_txn *t, struct fail *why,
	const struct sip_msg *m);
/* The answer lm->m of the other side, as `status`; when nobody answered, it
 * is a refusal of ours. */
void leg_pass(
	struct leg *l, struct sip_txn *t, int status, const struct leg_msg *lm);
void leg_bye(struct leg *l, const struct leg_msg *lm);
/* takeover.c: the dialog with all that belongs to it. */
void leg_move(struct leg *to, struct leg *from);
void leg_reset(struct leg *l); /* closes the dialog, forgets its media */
void leg_describe(const struct leg *l, struct leg_info *out);
void leg_text_set(char **slot, char *text); /* wipes what was there */
void leg_names_free(struct leg *l); /* of it, of its far end */

/* The offer is B's, and A has not answered it yet. */
static inline bool call_is_late(const struct call *c)
{
	return c->late && !c->leg[0].settled;
}

/* leg_auth.c: challenges to requests of ours. As the port's send; what is
 * sent is kept until its answer, to be sent again with credentials. */
int leg_auth_send(
	struct leg *l, struct hdrs *h, struct sip_out *o, void *cookie);
/* A final answer: true when the request was sent again. `refused`: our answer
 * was not believed, and the challenge is nobody else's. */
bool leg_auth_again(
	struct leg *l, void *cookie, const struct sip_msg *m, bool *refused);

/* leg_profile.c: rules of sip-profiles over what is sent (the body that they
 * made, for leg_profile_done; or NULL) and received (sip_msg_free(); NULL:
 * as it is). From and To are those of the INVITE that begins the dialog. */
char *leg_profile_request(const struct leg *l, const struct sip_msg *peer,
	struct hdrs *h, struct sip_out *o) MUST_USE;
char *leg_profile_response(const struct leg *l, const struct sip_txn *t,
	int status, const struct sip_msg *peer, struct hdrs *h,
	struct sip_out *o) MUST_USE;
void leg_profile_done(char *body);
/* leg_caller.c: how its far end is told who calls */
struct conf_caller leg_caller(const struct leg *l); /* the policy in force */
/* Headers of `m`, which pass from the other leg, become those of this one. */
void leg_caller_pass(
	const struct leg *l, struct hdrs *h, const struct sip_msg *m);
/* From as that far end shall see it; takes `value`, free() it. */
char *leg_caller_from(const struct leg *l, char *value) MUST_USE;
/* Is it to be anonymous, by the INVITE or by the dial-peer? */
bool leg_caller_hidden(const struct leg *l, const struct sip_msg *first);
void leg_profile_names(const struct leg *l, char **from, char **to);
struct sip_msg *leg_profile_received(
	const struct leg *l, const struct sip_msg *m) MUST_USE;

static inline const struct leg *leg_other_const(const struct leg *l)
{
	return &l->call->leg[1 - l->side];
}

static inline struct leg *leg_other(struct leg *l)
{
	return &l->call->leg[1 - l->side];
}

#endif
