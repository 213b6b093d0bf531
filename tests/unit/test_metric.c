#include "test.h"

#include "base/metric.h"
#include "base/thread.h"

enum { THREADS = 4, EACH = 10000 };

static void *count(void *arg)
{
	(void)arg;
	for (int i = 0; i < EACH; i++)
		metric_inc(M_LOG_LOST);
	return NULL;
}

/* Counted while threads run, and kept after they have ended. */
static void adds_up(void **state)
{
	(void)state;
	uint64_t before = metric_read(M_LOG_LOST), seen = before;
	pthread_t t[THREADS];

	metric_add(M_LOG_LOST, 5);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(thread_start(&t[i], count, NULL), 0);
	for (int i = 0; i < 100; i++) {
		uint64_t now = metric_read(M_LOG_LOST);

		assert_true(now >= seen); /* never backwards */
		seen = now;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(metric_read(M_LOG_LOST) - before, THREADS * EACH + 5);
}

static void rows(void **state)
{
	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_row *r = &metric_rows[i];

		assert_memory_equal(r->name, "lineside_", 9);
		assert_int_equal(
			strspn(r->name,
				"abcdefghijklmnopqrstuvwxyz0123456789_"),
			strlen(r->name));
		assert_true(strlen(r->help) > 0);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(r->name, metric_rows[k].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(adds_up), T(rows) };

	return RUN_TESTS(tests);
}
