#include "test.h"

#include "media/arrival.h"

enum { RATE = 8000 };

static const uint64_t packet_ns = 20000000;

static bool note(struct arrival *a, uint32_t ssrc, uint16_t seq, uint64_t now)
{
	struct rtp_head head = {
		.ssrc = ssrc,
		.seq = seq,
		.timestamp = 160u * seq,
	};

	return arrival_note(a, &head, now, RATE);
}

/* Sequences and what is lost in the end. */
static void counts_loss(void **state)
{
	static const struct {
		const char *name;
		uint16_t seq[12];
		unsigned n;
		uint64_t lost;
	} row[] = {
		{ "none", { 1, 2, 3, 4 }, 4, 0 },
		{ "one", { 1, 2, 4 }, 3, 1 },
		{ "came late", { 1, 2, 4, 3, 5 }, 5, 0 },
		{ "twice", { 1, 2, 2, 2, 3 }, 5, 0 },
		{ "twice and one lost", { 1, 2, 2, 4, 4 }, 5, 1 },
		{ "over the wrap", { 65534, 65535, 0, 2 }, 4, 1 },
		{ "late over the wrap", { 65534, 0, 65535, 1 }, 4, 0 },
		{ "before the first", { 5, 4, 3, 6 }, 4, 0 },
		{ "one far off", { 5, 40000, 6, 7 }, 4, 0 },
		{ "begun anew", { 5, 7, 40000, 40001, 40003 }, 5, 2 },
		{ "begun anew behind", { 5000, 100, 101, 102 }, 4, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct arrival a = { 0 };

		for (unsigned k = 0; k < row[i].n; k++)
			(void)note(&a, 1, row[i].seq[k], k * packet_ns);
		check_row(row[i].name, arrival_lost(&a) == row[i].lost);
	}
}

static void survives_rounds(void **state)
{
	struct arrival a = { 0 };
	uint64_t lost = 0;

	(void)state;
	for (uint32_t i = 65400; i < 4 * 65536; i++) {
		if (i % 1000 == 7)
			lost++;
		else
			assert_true(note(&a, 1, (uint16_t)i, i * packet_ns));
	}
	assert_int_equal(arrival_lost(&a), lost);
	/* Another source: what was lost before stays counted. */
	assert_true(note(&a, 2, 9, 0));
	assert_true(note(&a, 2, 11, 0));
	assert_int_equal(arrival_lost(&a), lost + 1);
}

static void tells_the_newest(void **state)
{
	struct arrival a = { 0 };

	(void)state;
	assert_true(note(&a, 1, 10, 0));
	assert_true(note(&a, 1, 12, 0));
	assert_false(note(&a, 1, 11, 0));
	assert_false(note(&a, 1, 12, 0));
	assert_false(note(&a, 1, 30000, 0));
	assert_true(note(&a, 1, 30001, 0));
}

/* RFC 3550 A.8 */
static void measures_jitter(void **state)
{
	struct arrival a = { 0 };

	(void)state;
	for (uint16_t i = 0; i < 200; i++)
		(void)note(&a, 1, i, i * packet_ns);
	assert_int_equal(arrival_jitter_us(&a, RATE), 0);
	/* Every second one 4 ms late: differences of 4 ms, always. */
	for (uint16_t i = 200; i < 600; i++)
		(void)note(&a, 1, i, i * packet_ns + i % 2 * 4000000u);
	assert_in_range(arrival_jitter_us(&a, RATE), 3700, 4000);
	/* Events of RFC 4733 keep their timestamp. */
	uint32_t before = arrival_jitter_us(&a, RATE);
	struct rtp_head head = { .ssrc = 1, .timestamp = 160u * 600 };

	for (uint16_t i = 600; i < 620; i++) {
		head.seq = i;
		(void)arrival_note(&a, &head, i * packet_ns, RATE);
	}
	assert_in_range(arrival_jitter_us(&a, RATE), before - 300, before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(counts_loss),
		T(survives_rounds),
		T(tells_the_newest),
		T(measures_jitter),
	};

	return RUN_TESTS(tests);
}
