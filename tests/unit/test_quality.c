#include "test.h"

#include <math.h>

#include "media/quality.h"

/* G.107's own figures: R 93.2 of the default values is MOS 4.41; 80 is 4.03,
 * 70 is 3.60, 60 is 3.10, 50 is 2.58 (Annex B, table B.1). */
static void maps_r_to_mos(void **state)
{
	static const struct {
		const char *name;
		double r, mos;
	} row[] = {
		{ "defaults", 93.2, 4.41 },
		{ "90", 90, 4.34 },
		{ "80", 80, 4.03 },
		{ "70", 70, 3.60 },
		{ "60", 60, 3.10 },
		{ "50", 50, 2.58 },
		{ "none", 0, 1 },
		{ "the dip", 3, 1 },
		{ "beyond", 120, 4.5 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++)
		check_row(row[i].name,
			fabs(emodel_mos(row[i].r) - row[i].mos) < 0.01);
}

/* Delay and codec impairments as G.107 and G.113 give them. */
static void rates_impairments(void **state)
{
	static const struct {
		const char *name;
		double loss, delay, ie, bpl, r;
	} row[] = {
		{ "nothing", 0, 0, 0, 25.1, 93.2 },
		{ "100 ms are free", 0, 100, 0, 25.1, 93.2 },
		{ "150 ms", 0, 150, 0, 25.1, 93.2 - 0.16 },
		{ "400 ms", 0, 400, 0, 25.1, 93.2 - 24.09 },
		{ "G.729", 0, 50, 11, 19, 82.2 },
		{ "G.711, a tenth lost", 10, 0, 0, 25.1, 93.2 - 27.07 },
		{ "G.711 without concealment", 1, 0, 0, 4.3, 93.2 - 17.92 },
		{ "G.729, 2 of a hundred", 2, 0, 11, 19, 93.2 - 11 - 8.0 },
		{ "all lost", 100, 0, 0, 4.3, 93.2 - 91.08 },
		{ "never below zero", 100, 400, 11, 4.3, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		double r = emodel_r(
			row[i].loss, row[i].delay, row[i].ie, row[i].bpl);

		if (fabs(r - row[i].r) > 0.02)
			fail_msg("row \"%s\": R %.3f", row[i].name, r);
	}
}

/* G.107.1: 129 is the best, and as good as 100 of narrow band; what is lost
 * weighs as 7.5 has it. */
static void rates_wide_band(void **state)
{
	static const struct {
		const char *name, *codec;
		unsigned lost; /* of 1000 */
		double r, mos;
	} row[] = {
		{ "L16, nothing lost", "L16/16000", 0, 129, 4.5 },
		{ "narrow, nothing lost", "L16/8000", 0, 93.2, 4.41 },
		{ "G.722, nothing lost", "G722/8000", 0, 116, 4.34 },
		{ "opus, nothing lost", "opus/48000", 0, 128, 4.49 },
		{ "opus, 1 of 100", "opus/48000", 10, 111.2, 4.23 },
		{ "G.722, 1 of 100", "G722/8000", 10, 102.1, 3.99 },
		{ "G.722, 5 of 100", "G722/8000", 50, 74.59, 2.98 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct mleg_stats st = { .rx_packets = 1000 - row[i].lost,
			.lost = row[i].lost };
		struct quality q;

		quality_read(&q, &st, row[i].codec);
		if (fabs(q.rx.r_tenths / 10.0 - row[i].r) > 0.1 ||
			fabs(q.rx.mos_hundredths / 100.0 - row[i].mos) > 0.02)
			fail_msg("row \"%s\": R %u, MOS %u", row[i].name,
				q.rx.r_tenths, q.rx.mos_hundredths);
	}
}

static void reads_both_ways(void **state)
{
	struct mleg_stats st = {
		.rx_packets = 950,
		.lost = 50,
		.jitter_us = 10000,
		.rtt_us = 100000,
	};
	struct quality q;

	(void)state;
	quality_read(&q, &st, "PCMU/8000");
	assert_true(q.rx.known);
	assert_false(q.tx.known); /* he never reported */
	assert_int_equal(q.rx.loss_permyriad, 500);
	assert_int_equal(q.rx.jitter_us, 10000);
	assert_int_equal(q.rx.delay_us, 50000 + 20000 + 20000);
	assert_in_range(q.rx.r_tenths, 774, 775); /* 93.2 - 95 * 5 / 30.1 */
	assert_in_range(q.rx.mos_hundredths, 392, 396);
	st.reported_of = 200;
	st.loss_reported = 1000; /* more than there were: all */
	st.jitter_reported_us = 3000;
	quality_read(&q, &st, "G729/8000");
	assert_true(q.tx.known);
	assert_int_equal(q.tx.loss_permyriad, 10000);
	assert_int_equal(q.tx.jitter_us, 3000);
	assert_true(q.tx.mos_hundredths < 200);
	st = (struct mleg_stats){ .lost = 7 };
	quality_read(&q, &st, "");
	assert_false(q.rx.known);
}

static void knows_codecs(void **state)
{
	static const struct {
		const char *codec;
		double ie, bpl;
	} row[] = {
		{ "PCMU/8000", 0, 25.1 },
		{ "pcma/8000", 0, 25.1 },
		{ "G729/8000", 11, 19 },
		{ "G726-32/8000", 7, 10 },
		{ "opus/48000", 1, 4.6 },
		{ "G722/8000", 13, 4.9 },
		{ "L16/8000", 0, 4.3 },
		{ "L16/16000", 0, 4.3 },
		{ "", 0, 25.1 },
		{ "SPEEX/8000", 0, 4.3 },
		{ "G7/8000", 0, 4.3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		const struct quality_codec *c = quality_codec(row[i].codec);

		check_row(row[i].codec, c->ie == row[i].ie);
		check_row(row[i].codec, c->bpl == row[i].bpl);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(maps_r_to_mos),
		T(rates_impairments), T(rates_wide_band), T(reads_both_ways),
		T(knows_codecs) };

	return RUN_TESTS(tests);
}
