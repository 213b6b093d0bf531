/* RTCP compound packets, read in place. See rtcp.h. */
#include "media/rtcp.h"

#include <errno.h>

#include "media/rtp.h"

enum { REPORT = 24, SENDER_INFO = 20 }; /* bytes */

static void read_report(struct rtcp_report *out, const uint8_t *p)
{
	uint32_t lost = (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7];

	out->ssrc = get_u32(p);
	out->fraction = p[4];
	out->lost = (lost & 0x800000) != 0 ? (int32_t)lost - 0x1000000
					   : (int32_t)lost;
	out->highest = get_u32(p + 8);
	out->jitter = get_u32(p + 12);
	out->lsr = get_u32(p + 16);
	out->dlsr = get_u32(p + 20);
}

/* The blocks of a sender or receiver report of n bytes in all. */
static int read_reports(
	struct rtcp_info *out, const uint8_t *p, size_t n, uint32_t about)
{
	size_t at = RTCP_HEADER;
	size_t count = p[0] & 0x1f;

	if (p[1] == RTCP_SR) {
		if (n < at + SENDER_INFO)
			return EBADMSG;
		out->has_sr = true;
		out->sr_time = get_u32(p + at + 2);
		at += SENDER_INFO;
	}
	if (n < at + count * REPORT)
		return EBADMSG;
	for (size_t i = 0; i < count; i++, at += REPORT) {
		if (get_u32(p + at) == about) {
			out->has_report = true;
			read_report(&out->report, p + at);
		}
	}
	return 0;
}

int rtcp_parse(
	struct rtcp_info *out, const uint8_t *p, size_t n, uint32_t about)
{
	int err = 0;

	*out = (struct rtcp_info){ 0 };
	if (n < RTCP_HEADER)
		return EBADMSG;
	out->ssrc = get_u32(p + 4);
	while (n > 0 && err == 0) {
		size_t part = 0;

		if (n < 4 || p[0] >> 6 != 2)
			return EBADMSG;
		part = 4 * ((size_t)get_u16(p + 2) + 1);
		if (part > n || ((p[0] & 0x20) != 0 && part < n))
			return EBADMSG; /* padding: in the last part only */
		if (p[1] == RTCP_SR || p[1] == RTCP_RR)
			err = part < RTCP_HEADER
				      ? EBADMSG
				      : read_reports(out, p, part, about);
		else if (p[1] == RTCP_BYE)
			out->bye = true;
		p += part;
		n -= part;
	}
	return err;
}
