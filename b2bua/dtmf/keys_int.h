/* What keys.c and keys_out.c share. */
#ifndef LINESIDE_B2BUA_KEYS_INT_H
#define LINESIDE_B2BUA_KEYS_INT_H

#include "b2bua/call/call_int.h"

bool keys_listed(const struct leg *l, enum conf_dtmf d);
/* The best way that its far end knows is KPML: we have to ask for keys. */
bool keys_come_by_kpml(const struct leg *l);
/* To that leg's far end by SIP, behind those that wait. */
void keys_send(struct leg *l, const struct key_press *k);
/* It subscribes to keys of the other side; answered. */
void keys_subscribed(struct call *c, const struct event *e);
void keys_forget_asked(struct leg *l);
/* A far end takes one way less than was known: media does what is left to be
 * done, by a transcoder if there is one to be had. */
void keys_other_way(struct call *c);

#endif
