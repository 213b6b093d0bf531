#include "test.h"

#include <errno.h>

#include "media/ports.h"

static void takes_each_pair_once(void **state)
{
	struct ports *ps = ports_new(10001, 10021); /* 10002 to 10020 */
	bool had[10] = { false };
	uint16_t port = 0;

	(void)state;
	assert_int_equal(ports_count(ps), 10);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(ports_take(ps, 1000, &port), 0);
		assert_int_equal(port % 2, 0);
		assert_in_range(port, 10002, 10020);
		assert_false(had[(port - 10002) / 2]);
		had[(port - 10002) / 2] = true;
	}
	assert_int_equal(ports_used(ps), 10);
	assert_int_equal(ports_take(ps, 1000, &port), EAGAIN);
	ports_free(ps);
}

/* Pairs are given back on other threads, also after the clock was read here. */
static void knows_what_was_given_back_just_now(void **state)
{
	struct ports *ps = ports_new(10000, 10003);
	uint16_t first = 0, second = 0, again = 0;

	(void)state;
	assert_int_equal(ports_take(ps, 0, &first), 0);
	assert_int_equal(ports_take(ps, 0, &second), 0);
	ports_give(ps, 1000, first);
	for (unsigned i = 0; i < 50; i++) { /* it begins at a random place */
		ports_give(ps, 2000, second);
		assert_int_equal(ports_take(ps, 1999, &again), 0);
		assert_int_equal(again, first);
		assert_int_equal(ports_take(ps, 1999, &again), 0);
		ports_give(ps, 1000, first);
	}
	ports_free(ps);
}

static void lets_pairs_rest(void **state)
{
	struct ports *ps = ports_new(10000, 10005);
	uint16_t port[3], again = 0;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(ports_take(ps, 0, &port[i]), 0);
	ports_give(ps, 1000, port[0]);
	ports_give(ps, 2000, port[1]);
	/* None has rested: the one that has most. */
	assert_int_equal(ports_take(ps, 2001, &again), 0);
	assert_int_equal(again, port[0]);
	ports_give(ps, 2500, port[0]);
	/* port[1] has rested, port[0] has not. */
	assert_int_equal(ports_take(ps, 2000 + PORTS_REST_MS, &again), 0);
	assert_int_equal(again, port[1]);
	assert_int_equal(ports_used(ps), 2);
	ports_free(ps);
}

/* Nobody gets the number of a pair that is kept, but who asks for it. */
static void keeps_pairs(void **state)
{
	struct ports *ps = ports_new(10000, 10511);
	uint16_t port = 0, next = 0;

	(void)state;
	assert_int_equal(ports_take(ps, 0, &port), 0);
	assert_true(ports_keep(ps, port));
	assert_int_equal(ports_used(ps), 0);
	assert_int_equal(ports_kept(ps), 1);
	for (unsigned i = 0; i < 255; i++) {
		assert_int_equal(ports_take(ps, 0, &next), 0);
		assert_int_not_equal(next, port);
	}
	assert_int_equal(ports_take(ps, UINT32_MAX, &next), EAGAIN);
	assert_true(ports_few(ps));
	ports_use_kept(ps, port);
	assert_int_equal(ports_used(ps), 256);
	assert_int_equal(ports_kept(ps), 0);
	assert_false(ports_few(ps)); /* nothing is to be had back */
	assert_false(ports_keep(ps, port)); /* more than half are in use */
	ports_give(ps, 1000, port);
	ports_free(ps);
}

/* A call that began before a reload has a port of the range before. */
static void keeps_none_outside_its_range(void **state)
{
	struct ports *ps = ports_new(20000, 20001);
	uint16_t port = 0;

	(void)state;
	assert_int_equal(ports_take(ps, 0, &port), 0);
	ports_set_range(ps, 20002, 21000);
	assert_false(ports_keep(ps, port));
	ports_set_range(ps, 19000, 19999);
	assert_false(ports_keep(ps, port));
	ports_set_range(ps, 19000, 20001);
	assert_true(ports_keep(ps, port));
	ports_give_kept(ps, 0, port);
	assert_int_equal(ports_kept(ps), 0);
	ports_free(ps);
}

static void moves_its_range(void **state)
{
	static const struct {
		const char *name;
		uint16_t min, max;
		unsigned pairs;
	} row[] = {
		{ "even to odd", 16384, 16387, 2 },
		{ "even to even", 16384, 16386, 2 },
		{ "odd to odd", 16385, 16387, 1 },
		{ "one pair", 16384, 16385, 1 },
		{ "the pair of the last", 16385, 16386, 1 },
		{ "no pair", 16385, 16385, 0 },
		{ "the last ones", 65534, 65535, 1 },
		{ "backwards", 20000, 10000, 0 },
	};
	struct ports *ps = ports_new(10000, 10001);
	uint16_t port = 0, other = 0;

	(void)state;
	assert_int_equal(ports_take(ps, 0, &port), 0);
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		ports_set_range(ps, row[i].min, row[i].max);
		check_row(row[i].name, ports_count(ps) == row[i].pairs);
	}
	ports_set_range(ps, 10000, 10003);
	assert_int_equal(ports_take(ps, 0, &other), 0);
	assert_int_equal(other, 10002); /* the first is still in use */
	ports_set_range(ps, 20000, 20003);
	ports_give(ps, 0, port); /* out of range by now */
	ports_give(ps, 0, other);
	assert_int_equal(ports_used(ps), 0);
	ports_free(ps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(takes_each_pair_once),
		T(knows_what_was_given_back_just_now),
		T(lets_pairs_rest),
		T(keeps_pairs),
		T(keeps_none_outside_its_range),
		T(moves_its_range),
	};

	return RUN_TESTS(tests);
}
