/*
 * What a suite's arithmetic costs a packet of G.711 when N sessions take
 * turns: half of the packets are protected, half unprotected, as between an
 * SRTP and an RTP leg. Prints nanoseconds a packet.
 *
 *   media_crypto SUITE SESSIONS
 */
#include "base/obj.h"
#include "base/thread.h"
#include "bench.h"
#include "media/rtp.h"
#include "media/xform.h"

enum { PAYLOAD = 160, ROUNDS = 100 };

struct session {
	struct xform tx, rx;
};

static void open_session(struct session *s, enum conf_suite suite, unsigned n)
{
	struct secret key = { .n = (uint8_t)(suite_rows[suite].key_len +
					     suite_rows[suite].salt_len) };
	struct xform_params p = { .suite = suite, .key = &key };

	memset(key.b, (int)n, key.n);
	memcpy(key.b, &n, sizeof(n));
	check(xform_open(&s->tx, &p) == 0, "transform");
	p.receive = true;
	check(xform_open(&s->rx, &p) == 0, "transform");
}

static void pass(struct session *s, unsigned seq, uint8_t room[PKT_ROOM])
{
	struct pkt p = { room, RTP_HEADER + PAYLOAD, PKT_ROOM };

	put_u32(room, 0x80000000u | seq);
	put_u32(room + 4, 160 * seq);
	put_u32(room + 8, 1000);
	check(xform_rtp(&s->tx, &p) == 0, "protect");
	check(xform_rtp(&s->rx, &p) == 0, "unprotect");
}

int main(int argc, char **argv)
{
	_Alignas(16) static uint8_t room[PKT_ROOM];
	enum conf_suite suite = CONF_SUITE_COUNT;
	struct session *s = NULL;
	unsigned n = 0;
	uint64_t begin = 0;

	if (argc == 3) {
		suite = suite_word(argv[1]);
		n = number(argv[2], CALLS_MAX);
	}
	if (suite == CONF_SUITE_COUNT || n == 0) {
		(void)fprintf(stderr, "usage: media_crypto SUITE SESSIONS\n");
		return 2;
	}
	pin(0);
	s = mem_array(n, sizeof(*s));
	for (unsigned i = 0; i < n; i++)
		open_session(&s[i], suite, i);
	begin = clock_ns();
	for (unsigned r = 0; r < ROUNDS; r++)
		for (unsigned i = 0; i < n; i++)
			pass(&s[i], r + 1, room);
	(void)printf(
		"%.0f\n", (double)(clock_ns() - begin) / (2.0 * ROUNDS * n));
	for (unsigned i = 0; i < n; i++) {
		xform_close(&s[i].tx);
		xform_close(&s[i].rx);
	}
	free(s);
	return 0;
}
