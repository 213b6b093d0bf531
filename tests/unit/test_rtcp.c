#include "rtp_make.h"

#include <errno.h>

#include "media/rtcp.h"
#include "media/rtcp_map.h"

static void reads_compounds(void **state)
{
	static const struct {
		const char *name, *hex;
		int err;
		bool sr, report, bye;
	} row[] = {
		{ "SR",
			"80c8000600000007"
			"aaaa1111222233330000000000000000"
			"00000000",
			0, true, false, false },
		{ "RR, empty", "80c9000100000007", 0, false, false, false },
		{ "RR about us",
			"81c9000700000007"
			"000000092000000500000000000000000000000a0000000b",
			0, false, true, false },
		{ "RR about another",
			"81c9000700000007"
			"000000082000000500000000000000000000000a0000000b",
			0, false, false, false },
		{ "RR and BYE", "80c900010000000781cb000100000007", 0, false,
			false, true },
		{ "feedback alone", "81ce00020000000700000009", 0, false, false,
			false },
		{ "padding at the end",
			"80c9000100000007a0cb000200000007"
			"00000004",
			0, false, false, true },
		{ "padding in the middle",
			"a0c90002000000070000000481cb000100000007", EBADMSG,
			false, false, false },
		{ "SR cut", "80c8000200000007aaaa1111", EBADMSG, false, false,
			false },
		{ "report missing", "81c9000100000007", EBADMSG, false, false,
			false },
		{ "RR without SSRC", "80c9000080ca0000", EBADMSG, false, false,
			false },
		{ "length beyond the end", "80c9000200000007", EBADMSG, false,
			false, false },
		{ "rest of three bytes", "80c900010000000780c900", EBADMSG,
			false, false, false },
		{ "second of version 1", "80c900010000000741ca0000", EBADMSG,
			false, false, false },
		{ "short", "80c90000", EBADMSG, false, false, false },
		{ "empty", "", EBADMSG, false, false, false },
	};
	uint8_t p[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		size_t n = from_hex(p, row[i].hex);
		struct rtcp_info info;

		check_row(
			row[i].name, rtcp_parse(&info, p, n, 9) == row[i].err);
		if (row[i].err != 0)
			continue;
		check_row(row[i].name, info.ssrc == 7);
		check_row(row[i].name, info.has_sr == row[i].sr);
		check_row(row[i].name, info.has_report == row[i].report);
		check_row(row[i].name, info.bye == row[i].bye);
		if (info.has_sr)
			check_row(row[i].name, info.sr_time == 0x11112222);
	}
}

static void reads_reports(void **state)
{
	uint8_t p[128];
	size_t n =
		from_hex(p, "82c9000d00000007"
			    "000000081111111122222222333333334444444455555555"
			    "0000000940fffffe0001000200000003aabbccdd00010000");
	struct rtcp_info info;

	(void)state;
	assert_int_equal(rtcp_parse(&info, p, n, 9), 0);
	assert_true(info.has_report);
	assert_int_equal(info.report.ssrc, 9);
	assert_int_equal(info.report.fraction, 0x40);
	assert_int_equal(info.report.lost, -2);
	assert_int_equal(info.report.highest, 0x10002);
	assert_int_equal(info.report.jitter, 3);
	assert_int_equal(info.report.lsr, 0xaabbccdd);
	assert_int_equal(info.report.dlsr, 65536);
}

/* Over a transcoder each end finds its own sources in what the other says. */
static void maps_sources(void **state)
{
	/* 7 sends this, and is 70 beyond; whom he hears is 90, there 9 */
	const struct rtcp_map sent = { .ssrc_in = 7,
		.ssrc_out = 70,
		.clock_in = 8000,
		.clock_out = 8000 },
			      heard = { .ssrc_in = 9,
				      .ssrc_out = 90,
				      .clock_in = 8000,
				      .clock_out = 8000 };
	static const struct {
		const char *name, *in, *out;
		unsigned left_out;
	} row[] = {
		{ "RR, SDES, BYE",
			"80c9000100000007"
			"81ca00030000000701026162"
			"00000000"
			"81cb000100000007",
			"80c9000100000046"
			"81ca00030000004601026162"
			"00000000"
			"81cb000100000046" },
		{ "a picture is lost", "81ce0002000000070000005a", "", 1 },
		{ "RR, packets are wanted again (RFC 4585 6.2.1), SDES",
			"80c9000100000007"
			"81cd0003000000070000005a04d20001"
			"81ca0003000000070102616200000000",
			"80c9000100000046"
			"81ca0003000000460102616200000000",
			1 },
		{ "rates (RFC 5104 4.2.1), and of all packets",
			"83cd0004000000070000000000000"
			"05a00000000"
			"8fcd0004000000070000005a0001000100000000",
			"", 2 },
		{ "APP", "80cc0002000000074c696e65",
			"80cc0002000000464c696e65" },
		{ "XR: time, replies, voice",
			"80cf000c00000007"
			"040000021111111122222222"
			"050000030000005a0000000100000002"
			"070000030000005a0102030405060708",
			"80cf000c00000046"
			"040000021111111122222222"
			"05000003000000090000000100000002"
			"07000003000000090102030405060708" },
		{ "XR: runs of losses, summary, voice, receipts",
			"80cf001600000007"
			"010000030000005a0001000240000000"
			"060000040000005a000100090000000200000000"
			"070000030000005a0102030405060708"
			"030000030000005a0001000200000001"
			"0e0000030000005a0001000200000001",
			"80cf000500000046"
			"07000003000000090102030405060708",
			4 },
		{ "XR: cut", "80cf000300000007070000090000005a", "", 1 },
		{ "XR: a reply about another, padding",
			"a0cf0006000000070500000300000063"
			"000000010000000200000004",
			"80cf0005000000460500000300000063"
			"0000000100000002" },
		{ "XR: nothing in it", "80cf000100000007", "80cf000100000046" },
		{ "BYE of nobody", "80cb0000", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		uint8_t p[128], want[128];
		size_t n = from_hex(p, row[i].in);
		unsigned left_out;

		n = rtcp_rewrite(p, n, &sent, &heard, &left_out);
		check_row(row[i].name, from_hex(want, row[i].out) == n);
		check_row(row[i].name, memcmp(p, want, n) == 0);
		check_row(row[i].name, left_out == row[i].left_out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(reads_compounds),
		T(reads_reports),
		T(maps_sources),
	};

	return RUN_TESTS(tests);
}
