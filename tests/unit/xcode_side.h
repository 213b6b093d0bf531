/* What one end of a transcoder speaks, where nothing else is said. */
#ifndef LINESIDE_TESTS_UNIT_XCODE_SIDE_H
#define LINESIDE_TESTS_UNIT_XCODE_SIDE_H

#include "media/xcode.h"

/* Packets of 20 ms of type 0, no events. */
static inline struct xcode_side rig_side(const struct codec *c)
{
	return (struct xcode_side){ .codec = c,
		.ptime_ms = 20,
		.from = 0,
		.to = 0,
		.event_from = XCODE_NO_PT,
		.event_to = XCODE_NO_PT,
		.event_clock = 8000,
		.noise_from = XCODE_NO_PT,
		.noise_to = XCODE_NO_PT };
}

#endif
