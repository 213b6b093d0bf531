#include "rtp_make.h"

#include <errno.h>

static void parses_headers(void **state)
{
	static const struct {
		const char *name, *hex;
		int err;
		size_t size;
	} row[] = {
		{ "plain", "80000001000000020000000355", 0, 12 },
		{ "no payload", "800000010000000200000003", 0, 12 },
		{ "short", "8000000100000002000000", EBADMSG, 0 },
		{ "version 1", "400000010000000200000003", EBADMSG, 0 },
		{ "version 3", "c00000010000000200000003", EBADMSG, 0 },
		{ "CSRC", "81000001000000020000000300000004", 0, 16 },
		{ "CSRC missing", "81000001000000020000000300", EBADMSG, 0 },
		{ "extension", "900000010000000200000003bede0001000000005566",
			0, 20 },
		{ "empty extension", "900000010000000200000003bede0000", 0,
			16 },
		{ "extension cut", "900000010000000200000003bede0001000000",
			EBADMSG, 0 },
		{ "extension's header cut", "900000010000000200000003bede00",
			EBADMSG, 0 },
		{ "extension too long", "900000010000000200000003bedeffff",
			EBADMSG, 0 },
	};
	uint8_t p[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		size_t n = from_hex(p, row[i].hex);
		struct rtp_head head;

		check_row(row[i].name, rtp_parse(&head, p, n) == row[i].err);
		if (row[i].err != 0)
			continue;
		check_row(row[i].name, head.size == row[i].size);
		check_row(row[i].name, head.seq == 1 && head.timestamp == 2);
		check_row(row[i].name, head.ssrc == 3 && head.pt == 0);
	}
}

static void takes_padding_off(void **state)
{
	static const struct {
		const char *name, *hex;
		int err;
		size_t payload;
	} row[] = {
		{ "none", "8080000100000002000000035566", 0, 2 },
		{ "one", "a080000100000002000000035501", 0, 1 },
		{ "all", "a080000100000002000000030002", 0, 0 },
		{ "more than all", "a080000100000002000000030003", EBADMSG, 0 },
		{ "zero", "a080000100000002000000035500", EBADMSG, 0 },
		{ "nothing there", "a08000010000000200000003", EBADMSG, 0 },
	};
	uint8_t p[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		size_t n = from_hex(p, row[i].hex), payload = 0;
		struct rtp_head head;

		check_row(row[i].name, rtp_parse(&head, p, n) == 0);
		check_row(row[i].name, head.marker);
		check_row(row[i].name,
			rtp_payload(&head, p, n, &payload) == row[i].err);
		check_row(row[i].name, payload == row[i].payload);
	}
}

/* RFC 5761 4, RFC 7983 7 */
static void tells_kinds(void **state)
{
	static const struct {
		const char *name;
		uint8_t first, second;
		bool mux;
		enum rtp_kind kind;
	} row[] = {
		{ "RTP", 0x80, 0, true, RTP_KIND_RTP },
		{ "RTP with marker", 0x80, 0x80 | 101, true, RTP_KIND_RTP },
		{ "SR", 0x80, 200, true, RTP_KIND_RTCP },
		{ "lowest", 0x80, 192, true, RTP_KIND_RTCP },
		{ "highest", 0x80, 223, true, RTP_KIND_RTCP },
		{ "below", 0x80, 191, true, RTP_KIND_RTP },
		{ "above", 0x80, 224, true, RTP_KIND_RTP },
		{ "not muxed", 0x80, 200, false, RTP_KIND_RTP },
		{ "STUN", 0x00, 1, true, RTP_KIND_OTHER },
		{ "DTLS", 22, 254, false, RTP_KIND_OTHER },
		{ "TURN channel", 0x40, 0, false, RTP_KIND_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		uint8_t p[12] = { row[i].first, row[i].second };

		check_row(row[i].name,
			rtp_kind(p, sizeof(p), row[i].mux) == row[i].kind);
		check_row(row[i].name,
			rtp_kind(p, 7, row[i].mux) == RTP_KIND_OTHER);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(parses_headers),
		T(takes_padding_off),
		T(tells_kinds),
	};

	return RUN_TESTS(tests);
}
