#include "test.h"

#include "b2bua/sofia/nta_merged.h"

static struct merged_request invite(void)
{
	return (struct merged_request){ .call_id = SLICE_LIT("a@b"),
		.from_tag = SLICE_LIT("1"),
		.method = SLICE_LIT("INVITE"),
		.ruri = SLICE_LIT("sip:ls-1@edge"),
		.branch = SLICE_LIT("z9hG4bK-1"),
		.cseq = 7 };
}

/* RFC 3261 8.2.2.2: all of these alike, but for the branch. */
static void what_makes_it_the_same(void **state)
{
	(void)state;
	struct merged_set s = { 0 };
	struct merged_request r = invite(), rows[7];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		rows[i] = r;
		rows[i].branch = SLICE_LIT("z9hG4bK-2");
	}
	rows[1].call_id = SLICE_LIT("a@c");
	rows[2].from_tag = SLICE_LIT("2");
	rows[3].method = SLICE_LIT("MESSAGE");
	rows[4].ruri = SLICE_LIT("sip:ls-2@edge");
	rows[5].cseq = 8;
	rows[6].branch = r.branch;
	assert_false(merged_before(&s, &r, 1000));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(merged_before(&s, &rows[i], 1001), i == 0);
	merged_free(&s);
}

static void parts_do_not_run_together(void **state)
{
	(void)state;
	struct merged_set s = { 0 };
	struct merged_request a = invite(), b = invite();

	a.call_id = SLICE_LIT("ab");
	a.from_tag = SLICE_LIT("c");
	b.call_id = SLICE_LIT("a");
	b.from_tag = SLICE_LIT("bc");
	b.branch = SLICE_LIT("z9hG4bK-2");
	assert_false(merged_before(&s, &a, 0));
	assert_false(merged_before(&s, &b, 0));
	merged_free(&s);
}

static void it_is_forgotten(void **state)
{
	(void)state;
	struct merged_set s = { 0 };
	struct merged_request r = invite(), again = r;

	again.branch = SLICE_LIT("z9hG4bK-2");
	assert_false(merged_before(&s, &r, 1000));
	assert_true(merged_before(&s, &again, 1000 + MERGED_MS - 1));
	assert_false(merged_before(&s, &again, 1000 + MERGED_MS));
	merged_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_makes_it_the_same),
		T(parts_do_not_run_together),
		T(it_is_forgotten),
	};

	return RUN_TESTS(tests);
}
