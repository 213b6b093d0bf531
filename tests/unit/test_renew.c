/* The calendar of renewals, by a clock that is a number. */
#include "test.h"

#include "certs/enrol/renew.h"

enum { DAY = 86400, BEGIN = 1800000000 };

static const struct renew_params automatic = {
	.automatic = true, .percent = 80, .pending_s = 60, .pending_max = 10
};
static const struct renew_params by_hand = { .automatic = false };

static void renewed_at_its_percentage(void **state)
{
	struct renew r;

	(void)state;
	renew_begin(&r, &automatic, BEGIN, BEGIN + 100, false, BEGIN);
	assert_int_equal(renew_next(&r, BEGIN), BEGIN + 80);
	assert_int_equal(renew_tick(&r, BEGIN + 79).action, RENEW_NOTHING);
	assert_int_equal(renew_tick(&r, BEGIN + 80).action, RENEW_ASK);
	assert_int_equal(r.state, RENEW_ASKING);
	/* one attempt at a time */
	assert_int_equal(renew_tick(&r, BEGIN + 81).action, RENEW_NOTHING);
	renew_done(&r, OBTAIN_DONE, 0, BEGIN + 82);
	renew_begin(&r, &automatic, BEGIN + 82, BEGIN + 182, false, BEGIN + 82);
	assert_int_equal(renew_next(&r, BEGIN + 82), BEGIN + 162);
}

static void jitter_is_small(void **state)
{
	struct renew_params p = automatic;
	struct renew r;
	int64_t first = 0, last = 0;

	(void)state;
	for (uint32_t seed = 0; seed < 4000; seed++) {
		p.seed = seed * 2654435761u;
		renew_begin(&r, &p, BEGIN, BEGIN + 365 * DAY, false, BEGIN);
		assert_true(r.due >= BEGIN + 292 * DAY);
		assert_true(r.due <= BEGIN + 292 * DAY + 3600);
		first = seed == 0 || r.due < first ? r.due : first;
		last = r.due > last ? r.due : last;
		renew_begin(&r, &p, BEGIN, BEGIN + 100, false, BEGIN);
		assert_true(r.due >= BEGIN + 80 && r.due <= BEGIN + 81);
	}
	assert_true(last - first > 3000);
}

static void failures_back_off(void **state)
{
	static const int waits[] = { 60, 120, 240, 480, 960, 1920, 3600, 3600,
		3600 };
	struct renew r;
	int64_t now;

	(void)state;
	renew_begin(&r, &automatic, BEGIN, BEGIN + 365 * DAY, false, BEGIN);
	now = r.due;
	for (size_t i = 0; i < ARRAY_SIZE(waits); i++) {
		assert_int_equal(renew_tick(&r, now).action, RENEW_ASK);
		renew_done(&r, OBTAIN_FAILED, 0, now);
		assert_int_equal(renew_next(&r, now), now + waits[i]);
		assert_int_equal(renew_tick(&r, now + waits[i] - 1).action,
			RENEW_NOTHING);
		now += waits[i];
	}
}

/* Of 20 seconds, tries are left up to the end. */
static void short_lives_are_tried_often(void **state)
{
	struct renew r;
	unsigned tries = 0;

	(void)state;
	renew_begin(&r, &automatic, BEGIN, BEGIN + 100, false, BEGIN);
	for (int64_t now = BEGIN; now < BEGIN + 100; now++)
		if (renew_tick(&r, now).action == RENEW_ASK) {
			tries++;
			renew_done(&r, OBTAIN_FAILED, 0, now);
		}
	assert_in_range(tries, 6, 20);
}

static void expired_goes_on_trying(void **state)
{
	struct renew r;

	(void)state;
	renew_begin(&r, &automatic, BEGIN, BEGIN + 100, false, BEGIN + 5000);
	assert_int_equal(renew_tick(&r, BEGIN + 5000).action, RENEW_ASK);
	renew_done(&r, OBTAIN_FAILED, 0, BEGIN + 5000);
	assert_int_equal(renew_next(&r, BEGIN + 5000), BEGIN + 5010);
}

static void pending_is_polled(void **state)
{
	struct renew r;
	int64_t now = BEGIN;

	(void)state;
	/* no certificate yet: asked at once */
	renew_begin(&r, &automatic, 0, 0, false, now);
	assert_int_equal(renew_tick(&r, now).action, RENEW_ASK);
	renew_done(&r, OBTAIN_PENDING, 0, now);
	assert_int_equal(renew_next(&r, now), now + 60);
	now += 60;
	assert_int_equal(renew_tick(&r, now).action, RENEW_ASK);
	renew_done(&r, OBTAIN_PENDING, 7, now); /* the CA says when */
	assert_int_equal(renew_next(&r, now), now + 7);
	for (unsigned i = 0; i < 9; i++) {
		now = r.at;
		assert_int_equal(renew_tick(&r, now).action, RENEW_ASK);
		renew_done(&r, OBTAIN_PENDING, 0, now);
	}
	assert_true(r.at - now > 3600); /* seldom, but still */
	/* after a restart it goes on at once */
	renew_begin(&r, &automatic, 0, 0, true, now);
	assert_int_equal(renew_tick(&r, now).action, RENEW_ASK);
}

static void denied_waits_a_day(void **state)
{
	struct renew r;

	(void)state;
	renew_begin(&r, &automatic, BEGIN, BEGIN + 365 * DAY, false, BEGIN);
	assert_int_equal(renew_tick(&r, r.due).action, RENEW_ASK);
	renew_done(&r, OBTAIN_DENIED, 0, r.due);
	assert_int_equal(r.at, r.due + DAY);
}

static unsigned warnings(
	const struct renew_params *p, int64_t life, bool fail, int64_t said[8])
{
	struct renew r;
	unsigned n = 0;

	renew_begin(&r, p, BEGIN, BEGIN + life, false, BEGIN);
	for (int64_t now = BEGIN; now < BEGIN + life + 3 * DAY;
		now = renew_next(&r, now)) {
		struct renew_step s = renew_tick(&r, now);

		if (s.warn) {
			assert_true(n < 8);
			said[n++] = s.days;
		}
		if (s.action == RENEW_ASK)
			renew_done(
				&r, fail ? OBTAIN_FAILED : OBTAIN_DONE, 0, now);
	}
	return n;
}

/* The clock was a year ahead, and is set right. */
static void a_wait_ends_by_a_clock_set_back(void **state)
{
	enum { AHEAD = 365 * DAY };
	struct renew r;

	(void)state;
	renew_begin(&r, &automatic, 0, 0, false, BEGIN + AHEAD);
	assert_int_equal(renew_tick(&r, BEGIN).action, RENEW_ASK);
	renew_begin(&r, &automatic, 0, 0, false, BEGIN + AHEAD);
	assert_int_equal(renew_tick(&r, BEGIN + AHEAD).action, RENEW_ASK);
	renew_done(&r, OBTAIN_FAILED, 0, BEGIN + AHEAD);
	assert_int_equal(renew_tick(&r, BEGIN).action, RENEW_NOTHING);
	assert_int_equal(renew_tick(&r, BEGIN + 59).action, RENEW_NOTHING);
	assert_int_equal(renew_tick(&r, BEGIN + 60).action, RENEW_ASK);
	/* of a certificate the calendar counts, whatever was before */
	renew_begin(&r, &automatic, BEGIN, BEGIN + 100, false, BEGIN + 10);
	assert_int_equal(renew_tick(&r, BEGIN).action, RENEW_NOTHING);
	assert_int_equal(renew_next(&r, BEGIN), BEGIN + 80);
}

static void the_end_is_announced(void **state)
{
	int64_t said[8];

	(void)state;
	assert_int_equal(warnings(&by_hand, 365LL * DAY, false, said), 5);
	assert_int_equal(said[0], 30);
	assert_int_equal(said[1], 14);
	assert_int_equal(said[2], 7);
	assert_int_equal(said[3], 1);
	assert_int_equal(said[4], -1);
	/* renewals that fail are heard of likewise */
	assert_int_equal(warnings(&automatic, 365LL * DAY, true, said), 5);
	/* ten days: only 7, 1 and the end */
	assert_int_equal(warnings(&by_hand, 10LL * DAY, false, said), 3);
	assert_int_equal(said[0], 7);
	assert_int_equal(warnings(&by_hand, 100, false, said), 1);
}

/* Started late: one warning, not one for each threshold that passed. */
static void old_thresholds_are_not_repeated(void **state)
{
	struct renew r;
	int64_t now = BEGIN + 360LL * DAY;
	struct renew_step s;

	(void)state;
	renew_begin(&r, &by_hand, BEGIN, BEGIN + 365LL * DAY, false, now);
	s = renew_tick(&r, now);
	assert_true(s.warn);
	assert_int_equal(s.days, 5);
	assert_false(renew_tick(&r, now + 1).warn);
	assert_true(renew_tick(&r, BEGIN + 364LL * DAY).warn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(renewed_at_its_percentage),
		T(jitter_is_small),
		T(failures_back_off),
		T(short_lives_are_tried_often),
		T(expired_goes_on_trying),
		T(pending_is_polled),
		T(denied_waits_a_day),
		T(a_wait_ends_by_a_clock_set_back),
		T(the_end_is_announced),
		T(old_thresholds_are_not_repeated),
	};

	return RUN_TESTS(tests);
}
