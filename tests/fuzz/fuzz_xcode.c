/*
 * Packets into the software transcoder. The first four bytes choose the two
 * codecs and what else was agreed; then packets, each behind its length, and
 * after each some time, in which a stream may pause.
 */
#include <errno.h>
#include <string.h>

#include "media/dtmf.h"
#include "media/flow.h"
#include "media/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct codec *pick(uint8_t which)
{
	size_t n = 0;

	while (codec_at(n) != NULL)
		n++;
	return codec_at(which % n);
}

static struct xcode_side side(const struct codec *c, unsigned flags)
{
	return (struct xcode_side){ .codec = c,
		.options.vad = flags & 1,
		.ptime_ms = flags >> 2 & 0x3f,
		.event_from = flags & 1 ? 101 : XCODE_NO_PT,
		.event_to = flags & 1 ? 101 : XCODE_NO_PT,
		.event_clock = c->clock,
		.noise_from = flags & 2 ? 13 : XCODE_NO_PT,
		.noise_to = flags & 2 ? 13 : XCODE_NO_PT,
		.ear = (enum xcode_ear)(flags >> 6) };
}

static void drain(struct flow *f)
{
	struct xcode_key heard;
	uint8_t room[PKT_ROOM];
	struct pkt out = { room, 0, sizeof(room) };
	struct xcode_out about;
	unsigned packets = 0;

	while (flow_get(f, &out, &about) == 0) {
		need(out.n <= sizeof(room) - XFORM_OVERHEAD);
		need(out.n == RTP_HEADER + about.payload);
		need(++packets <
			300); /* nobody makes minutes out of a packet */
	}
	while (flow_heard(f, packets == 0, &heard))
		need(heard.key < DTMF_KEYS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xcode_side from, to;
	uint64_t now = 1000000000;
	struct flow *f;

	if (size < 4)
		return 0;
	from = side(pick(data[0]), data[2]);
	to = side(pick(data[1]), data[3]);
	f = flow_new(&from, &to);
	data += 4;
	size -= 4;
	while (size > 2) {
		uint8_t p[1500];
		size_t n = (size_t)(data[0] << 8 | data[1]) % sizeof(p);
		struct rtp_head head;
		size_t payload;

		data += 2;
		size -= 2;
		n = n < size ? n : size;
		memcpy(p, data, n);
		data += n;
		size -= n;
		/* as mleg_accept() lets it in */
		if (rtp_parse(&head, p, n) != 0 ||
			rtp_payload(&head, p, n, &payload) != 0)
			continue;
		flow_put(f, &(struct pkt){ p, n, sizeof(p) }, now);
		drain(f);
		now += (uint64_t)p[3] * 1000000; /* ms: as good as any byte */
		if (p[3] == 77)
			(void)flow_press(f, p[4] % 20, p[5] * 32u);
		(void)flow_rest(f, now);
		if (p[3] % 2 == 0)
			drain(f);
	}
	flow_free(f);
	return 0;
}
