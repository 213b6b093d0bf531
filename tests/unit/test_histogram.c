#include "test.h"

#include "base/histogram.h"

static void rows_are_whole(void **state)
{
	(void)state;
	for (size_t h = 0; h < HISTOGRAM_COUNT; h++) {
		const struct histogram_row *r = &histogram_rows[h];

		assert_non_null(r->name);
		assert_true(r->n > 0 && r->n <= HISTOGRAM_BOUNDS_MAX);
		for (size_t i = 1; i < r->n; i++)
			check_row(r->name, r->bound[i] > r->bound[i - 1]);
	}
}

/* A bound belongs to what is below it: "le". */
static void counts_up_to(void **state)
{
	struct histogram_read got;

	(void)state;
	histogram_add(H_MEDIA_LOSS_RECEIVED, 0);
	histogram_add(H_MEDIA_LOSS_RECEIVED, 10);
	histogram_add(H_MEDIA_LOSS_RECEIVED, 11);
	histogram_add(H_MEDIA_LOSS_RECEIVED, 9999);
	histogram_get(H_MEDIA_LOSS_RECEIVED, &got);
	assert_int_equal(got.upto[0], 1);
	assert_int_equal(got.upto[1], 2);
	assert_int_equal(got.upto[2], 3);
	assert_int_equal(got.upto[7], 3);
	assert_int_equal(got.count, 4);
	assert_int_equal(got.sum, 10020);
	histogram_get(H_MEDIA_ROUND_TRIP, &got);
	assert_int_equal(got.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(rows_are_whole),
		T(counts_up_to) };

	return RUN_TESTS(tests);
}
