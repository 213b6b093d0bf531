/* RTCP over a transcoder. See rtcp_map.h. */
#include "media/rtcp_map.h"

#include <stdbool.h>
#include <string.h>

#include "media/rtcp.h"
#include "media/rtp.h"

enum { REPORT = 24, SENDER_INFO = 20 }; /* bytes */

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

enum { /* RFC 3611 4: blocks that say nothing of single packets */
	XR_TIME = 4,
	XR_REPLIES = 5,
	XR_VOICE = 7,
};

static void map_block(uint8_t *p, size_t n, const struct rtcp_map *heard)
{
	enum { HEAD = 4, REPLY = 12 };
	size_t step = p[0] == XR_REPLIES ? REPLY : n;

	for (size_t i = HEAD; i + 4 <= n && p[0] != XR_TIME; i += step)
		map_source(p + i, heard);
}

/* Padding goes, and so does what is cut short. */
static size_t without_padding(uint8_t *p, size_t n)
{
	size_t pad = (p[0] & 0x20) != 0 ? p[n - 1] : 0;

	p[0] &= (uint8_t)~0x20;
	return pad % 4 == 0 && pad + RTCP_HEADER <= n ? n - pad : RTCP_HEADER;
}

/* The blocks that stay, moved up; how long it is then, 0 without any. */
static size_t map_extended(
	uint8_t *p, size_t n, const struct rtcp_map *heard, unsigned *left_out)
{
	enum { BLOCK = 4 };
	size_t end = without_padding(p, n), to = RTCP_HEADER, size;

	for (size_t at = RTCP_HEADER; at + BLOCK <= end; at += size) {
		size = BLOCK + 4 * (size_t)get_u16(p + at + 2);
		if (at + size > end ||
			(p[at] != XR_TIME && p[at] != XR_REPLIES &&
				p[at] != XR_VOICE)) {
			(*left_out)++;
			continue;
		}
		map_block(p + at, size, heard);
		memmove(p + to, p + at, size);
		to += size;
	}
	if (to == RTCP_HEADER && n > RTCP_HEADER)
		return 0;
	put_u16(p + 2, (uint16_t)(to / 4 - 1));
	return to;
}

/* How long that part is then; 0: it goes no further. */
static size_t map_part(uint8_t *p, size_t n, const struct rtcp_map *sent,
	const struct rtcp_map *heard, unsigned *left_out)
{
	if (p[1] == RTCP_RTPFB || p[1] == RTCP_PSFB) {
		(*left_out)++;
		return 0;
	}
	if (n < RTCP_HEADER)
		return n;
	if (p[1] == RTCP_SR || p[1] == RTCP_RR)
		map_reports(p, n, sent, heard);
	if (p[1] == RTCP_XR)
		n = map_extended(p, n, heard, left_out);
	/* the SSRC of the sender begins whatever has any */
	put_u32(p + 4, sent->ssrc_out);
	return n;
}

size_t rtcp_rewrite(uint8_t *p, size_t n, const struct rtcp_map *sent,
	const struct rtcp_map *heard, unsigned *left_out)
{
	size_t to = 0, part, stays;

	*left_out = 0;
	for (size_t at = 0; at + 4 <= n; at += part) {
		part = 4 * ((size_t)get_u16(p + at + 2) + 1);
		if (part > n - at)
			break;
		stays = map_part(p + at, part, sent, heard, left_out);
		memmove(p + to, p + at, stays);
		to += stays;
	}
	return to < RTCP_HEADER ? 0 : to; /* a BYE of nobody */
}
