/*
 * RTP headers where they lie (RFC 3550 5.1), and telling packets on a media
 * port apart (RFC 5761, RFC 7983). Any thread; nothing is kept.
 */
#ifndef LINESIDE_MEDIA_RTP_H
#define LINESIDE_MEDIA_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/need.h"

enum {
	RTP_HEADER = 12,
	RTCP_HEADER = 8, /* with the sender's SSRC: what SRTCP leaves clear */
};

struct rtp_head {
	uint8_t pt;
	bool marker, padding;
	uint16_t seq;
	uint32_t timestamp, ssrc;
	size_t size; /* of the header, with CSRCs and extension */
};

/* EBADMSG: not version 2, or the header does not fit into n bytes. */
int rtp_parse(struct rtp_head *out, const uint8_t *p, size_t n) MUST_USE;
/*
 * Bytes of payload without padding. EBADMSG: the padding is longer than what
 * there is; so only for packets that are not encrypted (any more).
 */
int rtp_payload(const struct rtp_head *head, const uint8_t *p, size_t n,
	size_t *out) MUST_USE;

enum rtp_kind {
	RTP_KIND_RTP,
	RTP_KIND_RTCP,
	RTP_KIND_OTHER, /* STUN, DTLS, garbage: not version 2 */
};
/*
 * By the first two bytes. `mux`: both kinds share the port, so payload types
 * 64 to 95 with the marker bit mean RTCP (RFC 5761 4).
 */
enum rtp_kind rtp_kind(const uint8_t *p, size_t n, bool mux);

static inline uint16_t get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline void put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

#endif
