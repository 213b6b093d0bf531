/*
 * RTP and RTCP as they come from the network, and each transform. The first
 * byte chooses protection and MKI; then packets, each after its length in two
 * bytes. What a transform refuses it must not have touched, and what it
 * protects it must open again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "media/rtcp.h"
#include "media/rtp.h"
#include "media/suites.h"
#include "media/xform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct case_of {
	struct xform tx, rx;
};

static struct xform open_one(unsigned choice, bool receive)
{
	static const uint8_t mki_lens[] = { 0, 1, 4, 8 };
	enum conf_suite suite = (enum conf_suite)(choice % CONF_SUITE_COUNT);
	struct secret key = { .n = (uint8_t)(suite_rows[suite].key_len +
					     suite_rows[suite].salt_len) };
	struct xform_params p = {
		.plain = (choice & 0x80) != 0,
		.suite = suite,
		.key = &key,
		.receive = receive,
		.mki_len = mki_lens[choice / 16 % 4],
		.mki = 0x0102030405060708u,
	};
	struct xform x;

	for (unsigned i = 0; i < key.n; i++)
		key.b[i] = (uint8_t)(i * 11);
	need(xform_open(&x, &p) == 0);
	return x;
}

static int run(struct xform *x, struct pkt *p, bool rtcp)
{
	return rtcp ? xform_rtcp(x, p) : xform_rtp(x, p);
}

/* As it came: mostly refused, then as it was. */
static void receive(struct case_of *c, const uint8_t *in, size_t n, bool rtcp)
{
	uint8_t *room = malloc(PKT_ROOM); /* exactly, so that overruns show */
	struct pkt p = { room, n, PKT_ROOM };

	need(room != NULL);
	memcpy(room, in, n);
	if (run(&c->rx, &p, rtcp) != 0)
		need(p.n == n && memcmp(room, in, n) == 0);
	else
		need(p.n <= n);
	free(room);
}

/* Protected, opened again; and refused the second time. */
static void both_ways(struct case_of *c, const uint8_t *in, size_t n, bool rtcp)
{
	uint8_t *room = malloc(PKT_ROOM);
	struct pkt p = { room, n, PKT_ROOM };

	need(room != NULL);
	memcpy(room, in, n);
	if (run(&c->tx, &p, rtcp) == 0) {
		need(p.n >= n && p.n <= n + XFORM_OVERHEAD);
		if (run(&c->rx, &p, rtcp) == 0)
			need(p.n == n && memcmp(room, in, n) == 0);
	} else {
		need(p.n == n && memcmp(room, in, n) == 0);
	}
	free(room);
}

static void parse(const uint8_t *p, size_t n)
{
	struct rtcp_info info;
	struct rtp_head head;
	size_t payload = 0;

	(void)rtp_kind(p, n, true);
	if (rtp_parse(&head, p, n) == 0) {
		need(head.size <= n);
		if (rtp_payload(&head, p, n, &payload) == 0)
			need(head.size + payload <= n);
	}
	if (rtcp_parse(&info, p, n, n > 12 ? get_u32(p + 8) : 0) == 0)
		need(n >= RTCP_HEADER && n % 4 == 0);
}

static void one(struct case_of *c, const uint8_t *p, size_t n)
{
	bool rtcp = rtp_kind(p, n, true) == RTP_KIND_RTCP;

	parse(p, n);
	receive(c, p, n, false);
	receive(c, p, n, true);
	both_ways(c, p, n, rtcp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct case_of c;
	unsigned choice = size > 0 ? data[0] : 0;
	size_t at = 1;

	c.tx = open_one(choice, false);
	c.rx = open_one(choice, true);
	while (at + 2 <= size) {
		size_t n = get_u16(data + at) % (PKT_ROOM - XFORM_OVERHEAD);

		at += 2;
		if (n > size - at)
			n = size - at;
		one(&c, data + at, n);
		at += n;
	}
	xform_close(&c.tx);
	xform_close(&c.rx);
	return 0;
}
