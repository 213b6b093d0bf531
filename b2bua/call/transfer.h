/*
 * Transfers that end here instead of passing (`no supplementary-service sip
 * refer`), and calls that take legs of others. Sip thread.
 *
 *   call X: transferor ── us ── who remains       REFER of the transferor
 *   call Y:      (A to come) ── us ── target      begun by transfer_refer()
 *
 * Y dials like any call, offering what is spoken with who remains. Once its
 * target answers, the leg of who remains moves from X to Y as leg A and gets a
 * re-INVITE with an offer made of that answer; Y is up when it took it. Until
 * then X goes on, so that a target that fails leaves the call as it was. X
 * tells the transferor by NOTIFY (RFC 3515 2.4.4) and ends by its BYE, or ours
 * (RFC 5589 6.1). With Replaces in Refer-To (RFC 5589 7) the target is a leg of
 * a third call, which moves to Y as leg B and gets its re-INVITE first.
 *
 * An INVITE whose Replaces names a leg (RFC 3891) is a call Y of its own, whose
 * leg B is the other leg of that call; or, while that leg is ringing, takes
 * its place in the call itself.
 */
#ifndef LINESIDE_B2BUA_TRANSFER_H
#define LINESIDE_B2BUA_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "b2bua/offer/sdp.h"

struct call;
struct event;
struct leg;
struct sip_msg;

/* The REFER that a call waits for the end of. */
struct transfer {
	bool active; /* NOTIFYs are owed */
	bool silent; /* RFC 4488: none are wanted */
	int from; /* the side that asked */
	uint32_t cseq; /* of the REFER */
	unsigned count; /* REFERs answered in this dialog */
	int told; /* the last status in a NOTIFY */
};

/* Where a leg of a call comes from. */
struct takeover {
	bool wanted; /* it is another call's */
	struct call *from; /* which has `taker` set; NULL: it is gone */
	int side; /* there */
	bool inherited; /* the protection of its media came, too */
	int8_t stream[SDP_MEDIA_MAX]; /* its sections there */
};

/* Do transfers in this call end here? */
bool transfer_ends_here(const struct call *c);
/* REFER in the dialog, to be answered here. */
void transfer_refer(struct call *c, const struct event *e);
/* The INVITE that begins `c`: true: its Replaces names a leg of ours, and
 * either c->take[1] says which call it joins, or c->fail why it is refused. */
bool transfer_replaces(struct call *c);

/* takeover.c: of the call that takes. */
/* Leg B is another call's: it is asked by re-INVITE. */
void transfer_dial(struct call *c, const struct event *e);
/* B rings, for a call that nobody called. */
void transfer_progress(struct call *c, const struct sip_msg *m);
/* Its re-INVITE was refused; true: it is seen to. */
bool transfer_refused(struct call *c, const struct event *e);
/* A was told by re-INVITE what B answered. */
void transfer_joined(struct call *c, const struct sip_msg *m);
/* Keys of a leg that came go on: the state of their contexts can come, too. */
bool transfer_inherits(const struct leg *l);
/* It is up, or it ends (c->fail says why). */
void transfer_done(struct call *c);
void transfer_failed(struct call *c);
/* Its cancelled re-INVITE to B has its final answer; true: B went back to
 * where it came from. */
bool transfer_returned(struct call *c, const struct sip_msg *m);

/* Of the call whose leg is taken. */
/* Who asked for the transfer hangs up: who remains waits for the target. */
void transfer_left(struct call *c, int side);
/* The call ends: who wanted its leg cannot have it. */
void transfer_ending(struct call *c);
/* It is released: nobody points to it any more. */
void transfer_forget(struct call *c);
/* NOTIFY of that status, once each; 200 and above end the subscription. */
void transfer_notify(struct call *c, int status);

#endif
