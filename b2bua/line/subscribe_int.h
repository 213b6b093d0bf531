/* A subscription, for subscribe.c and what tells of it. */
#ifndef LINESIDE_B2BUA_SUBSCRIBE_INT_H
#define LINESIDE_B2BUA_SUBSCRIBE_INT_H

#include "b2bua/line/outside.h"

struct sub_relay { /* a request within it that waits for its answer */
	struct sub_relay *next;
	struct sub *sub;
	struct sip_txn *txn; /* NULL: it has gone with its dialog */
	int to; /* side that is to answer */
	bool last; /* a NOTIFY that ends it */
	/* A refresh that could go to another node: */
	struct sip_msg *refresh; /* owned; NULL: none */
	struct sip_timer *patience;
};

struct sub_end {
	struct sub *sub;
	int side; /* 0: who asked */
	struct sip_dlg *dlg;
	enum conf_side where;
	struct refer_side words; /* for what goes to it */
	struct addr addr;
	char listener[CONF_NAME_MAX + 1];
	char contact_user[64];
	bool up; /* it has answered, or was answered */
	unsigned waiting; /* requests to it that have no answer yet */
};

struct sub {
	struct sub *next, **link;
	struct core *core;
	struct sub_end end[2];
	struct identity *phone; /* who asked, or else was; referenced */
	struct sip_flow *flow; /* of the phone; referenced; NULL: UDP */
	struct addr phone_addr;
	struct sip_txn *txn; /* the first request; NULL: answered */
	bool refer;
	bool forked; /* beside the one that was asked for */
	struct turns *turns; /* owned; NULL: answered, or one contact */
	/* For another node, should the one that notifies be gone: */
	char *ruri, *from_value, *to_value, *event_value; /* owned */
	struct sip_txn *moving; /* the refresh that waits for it */
	bool over; /* a last NOTIFY of ours is under way */
	struct sub_relay *relays;
	size_t nrelays;
	int64_t asked_s; /* Expires; -1: none */
	uint64_t born_ms, notified_ms, ends_ms; /* 0: not yet */
	unsigned notifies, refreshes, failed;
	char who[64], of[64], event[64], state[16]; /* as in sub_info */
	struct sip_timer *timer;
};

/* subscribe.c */
bool sub_has_room(
	struct core *c, const struct identity *who, const struct addr *addr);
struct sub *sub_new(
	struct core *c, const struct outside *w, const struct sip_source *src);
/* The dialog towards who notifies, and the request that begins it; false: it
 * could not be sent. */
bool sub_ask(struct sub *s, const struct outside *w, const struct sip_msg *m);
/* One more between the same two, with no dialogs yet. */
struct sub *sub_new_like(const struct sub *s);
/* How many of its phone there are with that dialog's Call-ID. */
size_t sub_family(const struct sub *s);
extern const struct sip_dlg_user sub_dlg_user;
void sub_close(struct sub *s);
void sub_live(struct sub *s, int64_t seconds);
void sub_relay_free(struct sub_relay *r); /* out of the list */
/* Into `o`, what of `m` passes to that side; hdrs_free(h). */
void sub_pass(struct hdrs *h, const struct sub *s, int to,
	const struct sip_msg *m, struct sip_out *o);
void sub_answer(
	struct sub *s, int to, struct sip_txn *t, const struct sip_msg *m);

/* subscribe_fork.c: several have taken it. */
void sub_fork(void *arg, struct sip_dlg *d, struct sip_txn *t,
	const struct sip_msg *m);

/* subscribe_next.c: one of several contacts of a line has not taken it. */
/* The next is asked, in a sub of its own: `s` is gone; false: there is none. */
bool sub_next(struct sub *s);
/* Who is asked now may not be silent for long, if there is another. */
void sub_be_patient(struct sub *s);
/* A refusal of the first request. True: `s` is gone; else *m is to be passed. */
bool sub_refused(struct sub *s, const struct sip_msg **m);
void sub_end_turns(struct sub *s);

/* subscribe_move.c: a refresh whose node is gone. */
/* True: `m` from who asked may go to another node, should this one be silent.
 * Not one of several: begun anew, it would be all of them. */
bool sub_may_move(const struct sub *s, const struct sip_msg *m);
void sub_watch(struct sub_relay *r, const struct sip_msg *m);
/* True: the answer `m` to that refresh, made by the port, is seen to. */
bool sub_move(struct sub_relay *r, const struct sip_msg *m);
/* A refresh for a node that has not taken it yet. */
void sub_begin_again(struct sub *s, struct sip_txn *t, const struct sip_msg *m);
/* Final answers to the two kinds of requests of its own; true: it was one. */
bool sub_moved(struct sub *s, void *cookie, const struct sip_msg *m);

#endif
