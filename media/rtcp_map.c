/* RTCP over a transcoder. See rtcp_map.h. */
#include "media/rtcp_map.h"

#include <stdbool.h>

#include "media/rtcp.h"
#include "media/rtp.h"

enum { REPORT = 24, SENDER_INFO = 20, FEEDBACK = 12 }; /* bytes */

static uint32_t rescale(uint32_t v, uint32_t from, uint32_t to)
{
	return (uint32_t)((uint64_t)v * to / from);
}

/* The moment of a sender report lies a little before or after. */
static uint32_t map_time(const struct rtcp_map *m, uint32_t ts)
{
	int32_t since = (int32_t)(ts - m->timestamp_in);

	return m->timestamp_out +
	       (uint32_t)(int32_t)((int64_t)since * m->clock_out / m->clock_in);
}

static void map_sender(uint8_t *p, const struct rtcp_map *m)
{
	put_u32(p + 8, map_time(m, get_u32(p + 8)));
	put_u32(p + 12, m->packets);
	put_u32(p + 16, m->bytes);
}

static bool map_source(uint8_t *p, const struct rtcp_map *m)
{
	bool ours = get_u32(p) == m->ssrc_out;

	if (ours)
		put_u32(p, m->ssrc_in);
	return ours;
}

/* What he says about our stream is true of the one that it was made from,
 * but for its numbers; lost packets are told as a share, which stays. */
static void map_report(uint8_t *p, const struct rtcp_map *m)
{
	uint32_t highest = get_u32(p + 8);
	uint16_t behind = (uint16_t)(m->seq_out - (uint16_t)highest);

	if (!map_source(p, m))
		return;
	put_u32(p + 8, (highest & 0xffff0000) | (uint16_t)(m->seq_in - behind));
	put_u32(p + 12, rescale(get_u32(p + 12), m->clock_out, m->clock_in));
}

static void map_reports(uint8_t *p, size_t n, const struct rtcp_map *sent,
	const struct rtcp_map *heard)
{
	size_t at = RTCP_HEADER;

	if (p[1] == RTCP_SR) {
		map_sender(p + at, sent);
		at += SENDER_INFO;
	}
	for (unsigned i = 0; i < (p[0] & 0x1fu) && at + REPORT <= n; i++) {
		map_report(p + at, heard);
		at += REPORT;
	}
}

/* Whom an extended report's blocks are about (RFC 3611 4): losses, repeats and
 * times; replies to times, one for each; summaries, voice. */
static void map_extended(uint8_t *p, size_t n, const struct rtcp_map *heard)
{
	enum { BLOCK = 4, REPLY = 5, TIMES = 4, REPLY_SIZE = 12 };
	size_t at = RTCP_HEADER;

	while (at + BLOCK + 4 <= n) {
		size_t size = BLOCK + 4 * (size_t)get_u16(p + at + 2);
		size_t end = at + size <= n ? at + size : n;
		size_t step = p[at] == REPLY ? REPLY_SIZE : size;

		for (size_t i = at + BLOCK; i + 4 <= end && p[at] != TIMES;
			i += step)
			map_source(p + i, heard);
		at += size;
	}
}

/* The SSRC of the sender begins whatever has any. */
void rtcp_rewrite(uint8_t *p, size_t n, const struct rtcp_map *sent,
	const struct rtcp_map *heard)
{
	while (n >= RTCP_HEADER) {
		size_t part = 4 * ((size_t)get_u16(p + 2) + 1);

		if (part > n)
			return;
		if (part >= RTCP_HEADER && (p[1] == RTCP_SR || p[1] == RTCP_RR))
			map_reports(p, part, sent, heard);
		if (part >= FEEDBACK &&
			(p[1] == RTCP_RTPFB || p[1] == RTCP_PSFB))
			map_source(p + 8, heard);
		if (p[1] == RTCP_XR)
			map_extended(p, part, heard);
		if (part >= RTCP_HEADER)
			put_u32(p + 4, sent->ssrc_out);
		p += part;
		n -= part;
	}
}
