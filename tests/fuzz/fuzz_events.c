/*
 * Keys of a telephone in RTP (RFC 4733), and RTCP that is rewritten. The first
 * byte says what was agreed on; then packets, each behind its length, and
 * before each a byte that says what happens: bits 0-1, whether the packet
 * comes, leaves, is RTCP, or a key is pressed; the rest is time.
 */
#include <stdlib.h>
#include <string.h>

#include "media/dtmf.h"
#include "media/keys.h"
#include "media/rtcp.h"
#include "media/rtcp_map.h"
#include "media/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EVENT = 101, WITHIN = 1000 };

static void agree(struct keys *k, unsigned flags)
{
	keys_set(k,
		&(struct mcall_keys){ .from = flags & 1 ? EVENT : MEDIA_NO_PT,
			.from_clock = flags & 2 ? 48000 : 8000,
			.to = flags & 4 ? EVENT : MEDIA_NO_PT,
			.to_clock = flags & 8 ? 16000 : 8000,
			.clock = flags & 16 ? 48000 : 8000,
			.take = (flags & 32) != 0,
			.tones = (flags & 64) != 0 });
}

/* What waits is given out, and comes to an end. */
static void drain(struct keys *k, uint64_t now)
{
	uint8_t room[PKT_ROOM];
	struct pkt out = { room, 0, sizeof(room) };
	unsigned n = 0;

	while (keys_due(k, &out, now) == 0) {
		struct rtp_head h;

		need(rtp_parse(&h, out.p, out.n) == 0);
		need(h.pt == EVENT && out.n == h.size + DTMF_EVENT);
		need(++n < WITHIN);
	}
}

static void rtp(struct keys *k, struct pkt *p, bool comes, uint64_t now)
{
	struct keys_heard heard;
	struct rtp_head h;
	size_t payload;

	/* as mleg_accept() lets it in */
	if (rtp_parse(&h, p->p, p->n) != 0 ||
		rtp_payload(&h, p->p, p->n, &payload) != 0)
		return;
	if (comes) {
		(void)keys_take(k, p, now % 2 == 0, now, &heard);
		need(!heard.any || heard.key < DTMF_KEYS);
	} else {
		keys_leave(k, p, now);
		need(p->n <= p->room && rtp_parse(&h, p->p, p->n) == 0);
	}
}

static void rtcp(uint8_t *p, size_t n)
{
	const struct rtcp_map a = { 1, 2, 3, 4, 8000, 48000, 5, 6, 7, 8 };
	const struct rtcp_map b = { 9, 10, 11, 12, 48000, 8000, 13, 14, 15,
		16 };
	struct rtcp_info before, after;
	unsigned left_out;
	size_t now;

	if (rtcp_parse(&before, p, n, 0) != 0)
		return;
	now = rtcp_rewrite(p, n, &a, &b, &left_out);
	need(now <= n && (now == n || left_out > 0 || (p[0] & 0x20) == 0));
	need(now == 0 || rtcp_parse(&after, p, now, 0) == 0);
	need(now == 0 ? !before.has_sr : before.has_sr == after.has_sr);
}

static void one(
	struct keys *k, unsigned what, const uint8_t *p, size_t n, uint64_t now)
{
	uint8_t *room = malloc(PKT_ROOM); /* exactly: overruns show */
	struct pkt pkt = { room, n, PKT_ROOM };

	need(room != NULL);
	memcpy(room, p, n);
	if (what < 2)
		rtp(k, &pkt, what == 0, now);
	else if (what == 2)
		rtcp(room, n);
	else if (n > 1 && keys_are_tones(k))
		(void)keys_press_tone(k, now);
	else if (n > 1)
		(void)keys_press(k, p[0] % DTMF_KEYS, p[1] * 20u, now);
	free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keys *k = keys_new();
	struct keys_heard heard;
	uint64_t now = 1000000000;

	if (size > 0)
		agree(k, data[0]);
	for (size_t at = 1; at + 3 <= size;) {
		size_t n = get_u16(data + at + 1) % (PKT_ROOM - XFORM_OVERHEAD);
		unsigned what = data[at] % 4;

		now += (uint64_t)(data[at] / 4) * 5000000;
		at += 3;
		n = n < size - at ? n : size - at;
		one(k, what, data + at, n, now);
		at += n;
		keys_tick(k, now, &heard);
		drain(k, now);
	}
	free(k);
	return 0;
}
