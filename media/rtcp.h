/*
 * RTCP as a relay needs it: is the packet well formed, when was a sender
 * report made, and what does the far end say about the stream it hears.
 * Any thread; nothing is kept.
 */
#ifndef LINESIDE_MEDIA_RTCP_H
#define LINESIDE_MEDIA_RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/need.h"

enum rtcp_type {
	RTCP_SR = 200,
	RTCP_RR = 201,
	RTCP_SDES = 202,
	RTCP_BYE = 203,
	RTCP_APP = 204,
	RTCP_RTPFB = 205, /* RFC 4585 */
	RTCP_PSFB = 206,
	RTCP_XR = 207, /* RFC 3611 */
};

struct rtcp_report { /* a report block, RFC 3550 6.4.1 */
	uint32_t ssrc; /* whom it is about */
	uint8_t fraction; /* lost since the last one, of 256 */
	int32_t lost; /* since the beginning; duplicates can make it < 0 */
	uint32_t highest, jitter; /* sequence with cycles; timestamp units */
	uint32_t lsr, dlsr; /* 1/65536 s */
};

struct rtcp_info {
	uint32_t ssrc; /* of whoever sent it */
	bool has_sr;
	uint32_t sr_time; /* middle 32 bits of the NTP time, as LSR repeats */
	bool has_report; /* about the SSRC asked for */
	struct rtcp_report report;
	bool bye;
};

/*
 * Reads a whole compound packet (reduced-size ones are fine, RFC 5506), not
 * encrypted; `about` is the SSRC whose report is looked for. EBADMSG: a part
 * is not version 2, lengths do not add up, a report is cut short.
 */
int rtcp_parse(struct rtcp_info *out, const uint8_t *p, size_t n,
	uint32_t about) MUST_USE;

#endif
