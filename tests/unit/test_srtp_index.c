#include "test.h"

#include "media/srtp_index.h"

/* RFC 3711 3.3.1 and appendix A */
static void guesses_indexes(void **state)
{
	static const struct {
		const char *name;
		uint64_t top;
		uint16_t seq;
		uint64_t want;
	} row[] = {
		{ "next", 0x10005, 6, 0x10006 },
		{ "before", 0x10005, 4, 0x10004 },
		{ "over the wrap", 0x1fff0, 3, 0x20003 },
		{ "back over the wrap", 0x20003, 0xfff0, 0x1fff0 },
		{ "half a round ahead", 0x20000, 0x8000, 0x28000 },
		{ "more than half is behind", 0x20000, 0x8001, 0x18001 },
		{ "half a round behind", 0x28000, 0, 0x20000 },
		{ "one more is ahead", 0x28001, 0, 0x30000 },
		{ "nothing before the first", 5, 0xfff0, 0xfff0 },
		{ "first wrap", 0xfff0, 5, 0x10005 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++)
		check_row(row[i].name,
			index_guess(row[i].top, row[i].seq) == row[i].want);
}

static void remembers_the_window(void **state)
{
	struct replay r = { 0 };

	(void)state;
	assert_false(replay_known(&r, 0));
	replay_mark(&r, 0);
	assert_true(replay_known(&r, 0));
	replay_mark(&r, 1000);
	assert_true(replay_known(&r, 0)); /* too old to tell */
	assert_true(replay_known(&r, 1000 - REPLAY_SPAN));
	assert_false(replay_known(&r, 1000 - REPLAY_SPAN + 1));
	for (uint64_t i = 0; i < REPLAY_SPAN; i += 3)
		replay_mark(&r, 1000 - i);
	for (uint64_t i = 0; i < REPLAY_SPAN; i++)
		assert_int_equal(replay_known(&r, 1000 - i), i % 3 == 0);
}

/* Against a window that remembers everything, over jumps of each size. */
static void shifts_rightly(void **state)
{
	(void)state;
	for (uint64_t jump = 1; jump < 2 * REPLAY_SPAN; jump++) {
		struct replay r = { 0 };

		for (uint64_t i = 0; i < REPLAY_SPAN; i += 5)
			replay_mark(&r, 1000 + i);
		uint64_t old = r.top;

		replay_mark(&r, old + jump);
		for (uint64_t age = 0; age < REPLAY_SPAN; age++) {
			uint64_t at = r.top - age;
			bool seen = at == r.top ||
				    (at >= 1000 && at <= old && at % 5 == 0);

			assert_int_equal(replay_known(&r, at), seen);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(guesses_indexes),
		T(remembers_the_window),
		T(shifts_rightly),
	};

	return RUN_TESTS(tests);
}
