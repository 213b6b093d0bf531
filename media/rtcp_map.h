/*
 * RTCP of a stream that was made anew on its way (another codec, another
 * source, other numbers), rewritten so that both ends find their own numbers
 * in it. Any thread; nothing is kept.
 *
 * What is about single packets goes no further: whoever asks for one again
 * (generic NACK), tells of rates and pictures (RFC 4585, RFC 5104), or of each
 * packet and ranges of them (RFC 3611 4.1 to 4.3, 4.6, RFC 6776) means packets
 * that the other end has never sent.
 */
#ifndef LINESIDE_MEDIA_RTCP_MAP_H
#define LINESIDE_MEDIA_RTCP_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/need.h"

struct rtcp_map { /* a stream as it came in, and as it left */
	uint32_t ssrc_in, ssrc_out;
	uint32_t timestamp_in, timestamp_out; /* of one moment */
	uint32_t clock_in, clock_out; /* Hz */
	uint16_t seq_in, seq_out; /* of the newest */
	uint32_t packets, bytes; /* sent */
};

/*
 * In place; a packet that rtcp_parse() has found well formed. `sent`: the
 * stream of whoever sent this RTCP; `heard`: the one that he receives.
 * *left_out: how many parts and blocks are not in it any more. Returns how long
 * it is then; 0: there is nothing to say.
 */
size_t rtcp_rewrite(uint8_t *p, size_t n, const struct rtcp_map *sent,
	const struct rtcp_map *heard, unsigned *left_out) MUST_USE;

#endif
