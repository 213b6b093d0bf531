/*
 * Media that would come back to us without end: legs whose far ends are ports
 * of ours, so that a packet goes round through one call or several. Two calls
 * that meet at us (a call manager that leaves media alone) are none: their
 * ways end at phones. The sip thread's.
 */
#ifndef LINESIDE_MEDIA_CIRCLE_H
#define LINESIDE_MEDIA_CIRCLE_H

#include <stdbool.h>

#include "base/addr.h"

enum { CIRCLE_SLOTS = 4096 };

struct circle_leg { /* a member of whoever has the leg */
	const struct addr *local; /* RTP; does not change while it is here */
	struct addr to; /* where its RTP goes; AF_UNSPEC: nowhere yet */
	struct circle_leg *other; /* what arrives here leaves there */
	struct circle_leg *next; /* in the slot */
};

struct circle { /* { 0 } */
	struct circle_leg *slot[CIRCLE_SLOTS]; /* by port */
};

void circle_add(struct circle *c, struct circle_leg *leg);
void circle_remove(struct circle *c, struct circle_leg *leg);
/* Would what leaves `leg` towards `to` come back to leave it again? */
bool circle_closes(const struct circle *c, const struct circle_leg *leg,
	const struct addr *to);

#endif
