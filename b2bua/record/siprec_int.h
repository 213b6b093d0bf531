/* A recording, for the files that make it. */
#ifndef LINESIDE_B2BUA_SIPREC_INT_H
#define LINESIDE_B2BUA_SIPREC_INT_H

#include "b2bua/call/call_int.h"
#include "b2bua/call/media_place.h"
#include "b2bua/record/rs_metadata.h"
#include "b2bua/record/siprec.h"

enum rec_state {
	REC_IDLE,
	REC_CALLING, /* a recorder has the INVITE */
	REC_UP,
	REC_ASKING, /* our re-INVITE waits for its answer */
	REC_ASKED, /* the recorder's was answered, its ACK is to come */
	REC_ENDING, /* our BYE waits for its answer */
	REC_OVER,
	REC_STATE_COUNT
};

enum rec_event {
	RE_BEGIN,
	RE_ANSWER, /* 2xx to our first INVITE */
	RE_REJECT,
	RE_TIMEOUT, /* it rings too long */
	RE_CHANGE, /* the call is not what the recorder knows */
	RE_REPLY, /* to our re-INVITE */
	RE_INVITE, /* the recorder's re-INVITE */
	RE_REQUEST, /* another request of its */
	RE_SETTLED, /* its re-INVITE is over: acknowledged, or refused */
	RE_NO_ACK,
	RE_BYE,
	RE_BYE_DONE,
	RE_END, /* the call ends */
	RE_FAIL, /* ours: it cannot go on; see `reason` */
	REC_EVENT_COUNT
};

struct rec_said {
	enum rec_event what;
	struct sip_txn *txn; /* to be answered by the action */
	const struct sip_msg *m; /* may be NULL */
	bool disbelieved; /* a 401 or 407 to our credentials */
};

enum { REC_STREAMS = 2 }; /* what A says, what B says */

/* Counted; the core's list holds it until it is over and its call, too. */
struct recording {
	struct recording *next, **link;
	struct core *core;
	struct conf *conf; /* referenced: that of the call */
	struct call *call; /* borrowed; NULL: it has ended */
	struct log_ctx log;
	enum rec_state state;
	bool posted; /* an event of our own waits for the present one */
	enum rec_event post;

	const struct conf_recorder *to;
	size_t tried; /* of to->peer */
	struct conf_host host[ROUTE_HOSTS_MAX]; /* of that one */
	size_t nhosts, host_at;
	struct neg_policy policy; /* of that one */
	bool plain; /* it has refused SRTP, and may have RTP */
	char listener[CONF_NAME_MAX + 1];
	enum conf_side where;

	struct sip_dlg *dlg; /* owned */
	struct dlg_auth *auth; /* owned; NULL: no challenge is ours */
	struct sip_timer *timer;
	struct mcall *media; /* owned */
	bool copying; /* the call's media comes to it */
	/* Descriptions in force, keys included; and of ours to come. Owned. */
	char *local, *remote, *coming;
	struct sdp_origin origin;
	char *known; /* what the recorder was told of the call; owned */
	bool changed; /* that is not all any more */
	struct rs_metadata meta;

	uint64_t up_ms, until_ms; /* 0: not yet */
	bool secure; /* every stream is encrypted */
	struct mleg_stats stats[REC_STREAMS]; /* when its media was closed */
	char reason[96]; /* why it is over; "": its call was */
};

static inline const struct conf_dial_peer *rec_peer(const struct recording *r)
{
	return r->to->peer[r->tried];
}

/* Why it comes to nothing, or to an early end. */
static inline void rec_because(struct recording *r, const char *why)
{
	slice_fit(slice_str(why), r->reason, sizeof(r->reason));
}

extern const char rec_label[REC_STREAMS][2];

/* siprec_fsm.c */
void rec_event(struct recording *r, const struct rec_said *e);
void rec_post(struct recording *r, enum rec_event what);
const char *rec_state_name(enum rec_state s);

typedef void rec_action_fn(struct recording *r, const struct rec_said *e);
/* siprec_dial.c */
rec_action_fn rec_begin, rec_next, rec_give_up;
/* siprec_msg.c */
rec_action_fn rec_answered, rec_change, rec_note_change, rec_reply,
	rec_late_reply, rec_asked, rec_request, rec_settled, rec_refuse_early,
	rec_glare, rec_gone, rec_no_ack;

/* siprec_send.c */
/* Of r->coming, with the metadata; `requri` NULL: within the dialog. */
int rec_send_invite(
	struct recording *r, const char *requri, void *cookie) MUST_USE;
void rec_ack(struct recording *r);
/* 200 to e's request; `sdp` may be NULL. */
void rec_answer(struct recording *r, const struct rec_said *e, const char *sdp);
void rec_bye(struct recording *r);
/* A final answer was a challenge, and the request goes out once more. */
bool rec_sent_again(struct recording *r, void *cookie, const struct sip_msg *m,
	bool *disbelieved) MUST_USE;
/* By sip-profiles: sip_msg_free(); NULL: it is as it came. */
struct sip_msg *rec_received(
	const struct recording *r, const struct sip_msg *m) MUST_USE;

/* siprec.c */
rec_action_fn rec_left, rec_left_too, rec_hang_up, rec_failed, rec_over,
	rec_ignore;
/* It is over, and its call too. */
void rec_forget(struct recording *r);
/* Nothing comes to it any more; its figures stay. */
void rec_stop_media(struct recording *r);
void rec_close_dialog(struct recording *r);

/* siprec_media.c */
/* Ports of ours beside the call's media. errno as media's open. */
int rec_open_media(struct recording *r) MUST_USE;
/* What the recorder ought to know of the call: free() it. */
char *rec_picture(struct recording *r) MUST_USE;
/* An offer of that into r->coming. */
enum neg_result rec_make_offer(struct recording *r);
/* The answer to r->coming: both are in force. */
enum neg_result rec_take_answer(struct recording *r, struct slice sdp);
/* The recorder's own offer: r->coming is the answer, and both are in force. */
enum neg_result rec_take_offer(struct recording *r, struct slice sdp);
/* The multipart body of r->coming and the metadata; free() both. */
char *rec_body(struct recording *r, const char *sdp, char **type) MUST_USE;

extern const struct sip_dlg_user rec_dlg_user;
extern char rec_cookie_invite, rec_cookie_again, rec_cookie_bye;

#endif
