/*
 * TFTP: the input is a list of packets (two bytes of length each) given to a
 * sending and to a fetching session, between which the clock goes on. Neither
 * may send more packets than it was given reason to.
 */
#include <string.h>

#include "base/need.h"
#include "phoneproxy/serve/tftp_fetch.h"
#include "phoneproxy/serve/tftp_serve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *arg, struct slice packet)
{
	unsigned *n = arg;

	need(packet.n >= 2 && packet.n <= TFTP_PACKET_MAX);
	(*n)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char content[5000];
	struct rbuf r = rbuf_of(slice_of(data, size));
	struct tftp_packet p;
	struct tftp_serve s;
	struct tftp_fetch f;
	unsigned sent = 0, fetched = 0, given = 0;
	uint64_t now = 0;
	bool serving = false;

	tftp_fetch_start(
		&f, &tftp_defaults, SLICE_LIT("f"), 4000, now, count, &fetched);
	while (rbuf_left(&r) >= 2) {
		size_t n = rbuf_u16(&r);

		if (n > rbuf_left(&r))
			n = rbuf_left(&r);
		struct slice packet = rbuf_bytes(&r, n);

		given++;
		now += 300;
		tftp_fetch_timer(&f, now);
		tftp_fetch_packet(&f, packet, now);
		if (serving) {
			tftp_serve_timer(&s, now);
			tftp_serve_packet(&s, packet, now);
		} else if (tftp_parse(&p, packet) == 0 && p.op == TFTP_RRQ &&
			   p.octet) {
			serving = true;
			tftp_serve_start(&s, &tftp_defaults, packet, &p,
				slice_of(content, sizeof(content)), now, count,
				&sent);
		}
	}
	need(f.content.n <= 4000);
	need(fetched <= 1 + 2 * given);
	need(sent <= (given + 1) * 2 * tftp_defaults.window_max);
	tftp_fetch_free(&f);
	return 0;
}
