/*
 * Is a leg heard that should be heard, and if not, why? Looked at about once a
 * second by the leg's worker, from its counters; no packet pays for it.
 *
 * Expected to be heard is a leg that both sends and receives (no hold), while
 * the other direction flows, or while something comes that has to be dropped:
 * where nobody talks at all there is no one-way audio.
 */
#ifndef LINESIDE_MEDIA_ONEWAY_H
#define LINESIDE_MEDIA_ONEWAY_H

#include "media/mleg.h"

struct oneway {
	bool expected; /* as of the last look */
	bool ever; /* RTP was heard since media was set */
	bool told;
	uint64_t rtp; /* packets at the last look */
	uint64_t since_ms; /* heard last, or expected from here */
	uint64_t tell_ms; /* not before */
	struct { /* at since_ms */
		uint64_t auth_failed, malformed, wrong_source, rtcp;
		uint64_t send_failed, tx_packets;
	} then;
};

enum oneway_news { ONEWAY_QUIET, ONEWAY_TOLD, ONEWAY_OVER };

/* Notes what came; true: RTP did, since the last look. */
bool oneway_hear(struct oneway *o, const struct mleg *leg, uint64_t now_ms);
/*
 * After oneway_hear() of both legs. `flows`: the leg is sent something.
 * TOLD: nothing was heard for `limit_ms`; *cause says why; said again each
 * time the limit has passed. OVER: it is heard again, or nobody expects it to
 * be: *cause MEDIA_ONEWAY_HEARD or MEDIA_ONEWAY_HELD.
 */
enum oneway_news oneway_judge(struct oneway *o, const struct mleg *leg,
	bool flows, unsigned limit_ms, uint64_t now_ms,
	enum media_oneway *cause);

#endif
