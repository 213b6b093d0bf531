/* RTP headers where they lie. See rtp.h. */
#include "media/rtp.h"

#include <errno.h>

int rtp_parse(struct rtp_head *out, const uint8_t *p, size_t n)
{
	if (n < RTP_HEADER || p[0] >> 6 != 2)
		return EBADMSG;
	out->padding = (p[0] & 0x20) != 0;
	out->marker = (p[1] & 0x80) != 0;
	out->pt = p[1] & 0x7f;
	out->seq = get_u16(p + 2);
	out->timestamp = get_u32(p + 4);
	out->ssrc = get_u32(p + 8);
	out->size = RTP_HEADER + 4 * (size_t)(p[0] & 0x0f);
	if ((p[0] & 0x10) != 0) { /* an extension, its length in words */
		if (n < out->size + 4)
			return EBADMSG;
		out->size += 4 + 4 * (size_t)get_u16(p + out->size + 2);
	}
	return out->size <= n ? 0 : EBADMSG;
}

int rtp_payload(
	const struct rtp_head *head, const uint8_t *p, size_t n, size_t *out)
{
	size_t payload = n - head->size;
	size_t pad = 0;

	if (head->padding) {
		if (payload == 0)
			return EBADMSG;
		pad = p[n - 1];
		if (pad == 0 || pad > payload)
			return EBADMSG;
	}
	*out = payload - pad;
	return 0;
}

enum rtp_kind rtp_kind(const uint8_t *p, size_t n, bool mux)
{
	if (n < RTCP_HEADER || p[0] >> 6 != 2)
		return RTP_KIND_OTHER;
	if (mux && p[1] >= 192 && p[1] <= 223)
		return RTP_KIND_RTCP;
	return RTP_KIND_RTP;
}
