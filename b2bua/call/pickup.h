/*
 * A call that rings is picked up by another phone: its INVITE has Replaces that
 * names the ringing leg (RFC 3891 3: an early dialog that this UA began). Only
 * where transfers end here. Sip thread.
 *
 * The caller is answered at once, by ourselves (phones that begin with a=inactive
 * may stay deaf: baresip does), and who rings is cancelled. Then the call is one that is up, and who picks up takes it over as
 * any other Replaces does: by a re-INVITE to the caller with his offer
 * (takeover.c).
 */
#ifndef LINESIDE_B2BUA_PICKUP_H
#define LINESIDE_B2BUA_PICKUP_H

#include <stdbool.h>

struct call;
struct refer_named;

enum { PICKUP_MS = 50 }; /* how often to look for the caller's ACK */

/* That leg rings, and it is we who called it. */
bool pickup_may(const struct refer_named *n);
/* The caller of `x` is answered, and will have a call that is up once he has
 * acknowledged it. False: he offers nothing that could be answered; `x` rings
 * on. */
bool pickup_answer(struct call *x);

#endif
