/*
 * What arrives on a leg, by RTP's own numbers: loss and jitter of the stream
 * (RFC 3550 A.1, A.3, A.8), over changes of SSRC and restarts of the sequence.
 * Packets that come late are no longer lost. One thread.
 */
#ifndef LINESIDE_MEDIA_ARRIVAL_H
#define LINESIDE_MEDIA_ARRIVAL_H

#include "media/rtp.h"
#include "media/srtp_index.h"

struct arrival { /* { 0 }: nothing yet */
	bool any, timed;
	bool jumped; /* the last one was far off: see `expect` */
	uint32_t ssrc;
	uint64_t base; /* extended sequence number of the first one */
	struct replay seen; /* .top: the highest */
	uint64_t received; /* different ones, since base */
	uint64_t lost_before; /* of SSRCs and sequences before this one */
	uint32_t last_timestamp, last_transit;
	uint32_t jitter; /* in 1/16 of timestamp units */
	uint16_t expect;
};

/* True: it is newer than all before it. `rate`: of the timestamp, Hz. */
bool arrival_note(struct arrival *a, const struct rtp_head *head,
	uint64_t now_ns, uint32_t rate);
uint64_t arrival_lost(const struct arrival *a);
uint32_t arrival_jitter_us(const struct arrival *a, uint32_t rate);

#endif
