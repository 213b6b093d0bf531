/* The two ports of a leg: a pair that an earlier call left open, or a new one. */
#ifndef LINESIDE_MEDIA_RESERVE_H
#define LINESIDE_MEDIA_RESERVE_H

#include "media/mleg.h"
#include "media/spares.h"

struct reserve_from { /* both borrowed */
	struct ports *ports;
	struct spares *spares; /* NULL: only new ones */
};

/* Sip thread. Opens the leg at that address, on a port of the range, which is in
 * use from then on. EAGAIN: none is left; else errno of the system. */
int reserve_leg(struct mleg *leg, const struct reserve_from *from,
	const struct addr *local) MUST_USE;

#endif
