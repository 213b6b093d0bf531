/* Counters of dial-peers: kept across configurations, found at any size. */
#include "test.h"

#include <stdlib.h>

#include "b2bua/route/tally.h"
#include "base/obj.h"

enum { MANY = 10000 };

static struct conf_dial_peer *peers(size_t n, unsigned step)
{
	struct conf_dial_peer *v = mem_array(n, sizeof(*v));

	for (size_t i = 0; i < n; i++) {
		v[i].tag = (unsigned)(i + 1) * step;
		v[i].next = i + 1 < n ? &v[i + 1] : NULL;
	}
	return v;
}

static void survives(void **state)
{
	(void)state;
	struct tallies *t = tallies_new();
	struct conf_dial_peer *v = peers(3, 100);
	struct conf c = { .dial_peers = v };
	struct tally *all;
	size_t n;

	assert_null(tally_of(t, 100));
	tallies_configure(t, &c);
	tally_begin(t, 100, TALLY_IN);
	tally_begin(t, 200, TALLY_OUT);
	tally_begin(t, 300, TALLY_OUT);
	tally_begin(t, 7, TALLY_OUT); /* none of ours */
	tally_begin(t, 0, TALLY_IN);
	tally_answered(t, 100, 60, 16);
	tally_failed(t, 300, TALLY_BUSY, 17);
	/* 200 and 300 are gone; 200 still has a call */
	c.dial_peers = &v[0];
	v[0].next = NULL;
	tallies_configure(t, &c);
	assert_int_equal(tally_of(t, 100)->answered, 1);
	assert_int_equal(tally_of(t, 100)->seconds, 60);
	assert_int_equal(tally_of(t, 200)->current, 1);
	assert_null(tally_of(t, 300));
	tally_answered(t, 200, 1, 16);
	tallies_configure(t, &c);
	assert_null(tally_of(t, 200));
	all = tallies_read(t, &n);
	assert_int_equal(n, 1);
	assert_int_equal(all[0].tag, 100);
	free(all);
	tally_begin(t, 100, TALLY_OUT);
	tallies_clear(t);
	assert_int_equal(tally_of(t, 100)->answered, 0);
	assert_int_equal(tally_of(t, 100)->current, 1);
	tally_undo(t, 100, TALLY_OUT);
	assert_int_equal(tally_of(t, 100)->current, 0);
	assert_int_equal(tally_of(t, 100)->out, 0);
	tallies_free(t);
	free(v);
}

static void many(void **state)
{
	(void)state;
	struct tallies *t = tallies_new();
	struct conf_dial_peer *v = peers(MANY, 1 << 12); /* bad for a hash */
	struct conf c = { .dial_peers = v };
	struct tally *all;
	size_t n;

	tallies_configure(t, &c);
	for (unsigned i = 1; i <= MANY; i++)
		tally_begin(t, i << 12, TALLY_OUT);
	all = tallies_read(t, &n);
	assert_int_equal(n, MANY);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(all[i].tag, (i + 1) << 12);
		assert_int_equal(all[i].out, 1);
	}
	free(all);
	tallies_free(t);
	free(v);
}

static void causes(void **state)
{
	(void)state;
	static const struct {
		unsigned q850;
		enum tally_end end;
	} rows[] = { { 17, TALLY_BUSY }, { 19, TALLY_NO_ANSWER },
		{ 21, TALLY_REJECTED }, { 1, TALLY_NO_ROUTE },
		{ 41, TALLY_RESOURCES }, { 65, TALLY_MEDIA },
		{ 16, TALLY_OTHER }, { 0, TALLY_OTHER }, { 127, TALLY_OTHER },
		{ 4711, TALLY_OTHER } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(tally_end_of(rows[i].q850), rows[i].end);
	for (size_t i = 0; i < TALLY_ENDS; i++)
		assert_non_null(tally_end_names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(survives), T(many), T(causes) };

	return RUN_TESTS(tests);
}
