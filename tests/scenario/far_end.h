/*
 * What far ends may send through the fake port: each way in keeps the promises
 * of b2bua/sip/sip_port.h (what the port answers by itself never reaches call
 * logic), and counts what the checks at the end want to know. What is said in
 * the messages is the caller's: stories, the fuzzer, crossings.
 */
#ifndef LINESIDE_TESTS_SCENARIO_FAR_END_H
#define LINESIDE_TESTS_SCENARIO_FAR_END_H

#include "fake.h"

enum sip_method far_method(const char *name); /* SIP_OTHER: not known */

/* A request, in `d` or, where that is NULL, outside dialogs: all but ACK,
 * PRACK and CANCEL. */
void far_request(struct party *p, struct sip_dlg *d, const struct sip_msg *m);

/* A NOTIFY of `p`, who took the SUBSCRIBE of ours that began `of` as well. */
void far_fork(struct party *p, struct sip_dlg *of, const struct sip_msg *m);

/* What follows an INVITE of theirs; m NULL: nothing did, and the port says so. */
void far_ack(struct sip_txn *t, const struct sip_msg *m);
void far_cancel(struct sip_txn *t, const struct sip_msg *m);
/* `t`: the INVITE whose reliable answers it acknowledges; NULL: none. */
void far_prack(struct sip_dlg *d, struct sip_txn *t, const struct sip_msg *m);
/* The newest that is unanswered, or answered with 2xx and without its ACK;
 * NULL: there is none. `d` NULL: in any dialog. */
struct sip_txn *far_invite_open(struct party *p, const struct sip_dlg *d);
struct sip_txn *far_invite_unacked(struct party *p, const struct sip_dlg *d);

void far_respond(struct client *c, const struct sip_msg *m);

/* After core_free(): nobody waits for an answer, every 2xx has its ACK, every
 * dialog its BYE; no dialog, timer or media is open. */
void world_nothing_left(const struct world *w);

#endif
