/*
 * Far ends that play fair: they acknowledge, answer what they are asked with
 * what fits, and hang up nothing by themselves. What a story or a crossing has
 * begun is brought to its end by them.
 */
#ifndef LINESIDE_TESTS_SCENARIO_FAIR_H
#define LINESIDE_TESTS_SCENARIO_FAIR_H

#include "story.h"

/* No connection leads there any more. */
bool fair_gone(const struct party *p);
/* It has sent BYE in the dialog, or received one. */
bool fair_over(const struct sip_dlg *d);

/* A request in the dialog; `sdp` names the description in it, NULL: none. */
void fair_request(struct sip_dlg *d, const char *method, const char *sdp);
/* ACK and PRACK, with an answer where the offer was ours. */
void fair_ack(struct sip_txn *t);
void fair_prack(struct sip_txn *t);
/* Any status; 101–299 of what asks for it have a description that fits. */
void fair_answer(struct client *c, int status);
/* That no answer came, as the port tells it. */
void fair_timeout(struct client *c);
/* An offer of that far end, which differs from what is in force. */
const char *fair_offer(const struct party *p);

/* One thing that a far end owes; false: nobody owes any. `last`: whoever came
 * into the world last does it first. */
bool fair_react(bool last);

#endif
