/*
 * Keys of a telephone between the legs of a call that tell them in different
 * ways: RTP events, INFO, KPML, Cisco's NOTIFY. Whatever comes is a key and how
 * long it was down; whatever leaves is made of that. Only where a dial-peer of
 * the call has `dtmf-relay`; elsewhere keys pass as they come. Sip thread.
 */
#ifndef LINESIDE_B2BUA_KEYS_H
#define LINESIDE_B2BUA_KEYS_H

#include "b2bua/dtmf/key_body.h"
#include "b2bua/offer/negotiate.h"
#include "b2bua/route/headers.h"

struct call;
struct event;
struct leg;
struct leg_msg;

enum { KEYS_WAIT = 32 };

enum key_way { /* how a far end is told */
	KEY_BY_NOTHING, /* as sound, if at all */
	KEY_BY_NTE,
	KEY_BY_NOTIFY,
	KEY_BY_KPML,
	KEY_BY_INFO,
	KEY_BY_TONES, /* as sound, that a transcoder makes or hears */
	KEY_WAYS
};
const char *key_way_name(enum key_way w); /* as in dtmf-relay; "inband" */

struct key_told { /* a far end that has subscribed */
	bool on;
	struct key_wish wish;
	char event[48]; /* "kpml;id=7" */
	uint64_t until_ms;
};

struct leg_keys {
	/* what the far end can take */
	bool known; /* it has said what: the rest is good */
	bool no_info, no_notify, kpml;
	unsigned notify_ms; /* 0: no NOTIFY */
	struct neg_events events; /* in force on the leg */

	/* A way was refused: events of the other side go on being told to us,
	 * and are put in one by one, behind what was told again. */
	bool put_in;
	/* keys on their way to it, one request at a time */
	bool busy; /* a request is under way, about: */
	bool is_down; /* see `down` */
	struct key_press sent;
	enum key_way by;
	unsigned n;
	/* Room for KEYS_WAIT and one that came back, while there are any. */
	struct key_press *wait;

	struct key_told *told; /* of the other side's; owned; NULL: never */
	struct { /* and we to its own */
		bool on;
		struct sip_timer *again; /* to renew it */
	} asked;

	/* what it has told: one way at a time */
	uint64_t heard_ms;
	enum key_way heard;
	struct key_press down; /* by NOTIFY, not let go yet */
};

/* What its INVITE, 1xx, 2xx or UPDATE says of keys. */
void keys_learn(struct leg *l, const struct sip_msg *m);
/* What we say of it, and what of the other side does not pass. */
void keys_headers(struct leg *l, struct hdrs *h, bool described);
/* A way of `dtmf-relay` that is SIP, as far as is known. */
bool keys_by_sip(const struct leg *l);
/* What a transcoder has to do about keys, where the far ends have RTP events
 * or not. False: nothing. */
bool keys_want(
	const struct call *c, const bool events[2], struct xcode_want *want);
enum key_way keys_way(const struct leg *l);

/* Descriptions were put into force: media does its part. */
void keys_arrange(struct call *c);
/* The call is up: subscribes where keys come by KPML. */
void keys_up(struct call *c);
/* A request of the far end. True: it was about keys, and is answered. */
bool keys_request(struct call *c, const struct event *e);
/* RTP events of that side, told by media. */
void keys_heard(struct call *c, int side, const struct media_event *ev);
/* A final answer to a request of ours about keys. */
void keys_answered(struct leg *l, void *cookie, const struct sip_msg *m);
void keys_stop(struct leg *l);
void keys_free(struct leg *l);
/* All of it goes to the leg of another call (takeover.c). */
void keys_move(struct leg *to, struct leg *from);

extern char cookie_key, cookie_kpml; /* of those requests */

#endif
