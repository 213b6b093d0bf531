#include "test.h"

#include "b2bua/line/tie.h"
#include "base/obj.h"

static char sep[] = "SEP001122334455", mic[] = "CP-8841-SEP001122334455";
static char lower[] = "sep00112233445a", other[] = "SEP00112233445A";
static char alice[] = "alice", own[] = "2001", foreign[] = "2009";

static const struct {
	const char *name;
	struct identity who;
	const char *line;
	enum tie tie;
} rows[] = {
	{ "its own line", { .certified = true, .device = sep }, "2001",
		TIE_CONFIG },
	{ "its second line", { .certified = true, .device = sep }, "2002",
		TIE_CONFIG },
	{ "another's line", { .certified = true, .device = sep }, "2003",
		TIE_OTHER_CONFIG },
	{ "a part of its line", { .certified = true, .device = sep }, "200",
		TIE_OTHER_CONFIG },
	{ "by the manufacturer's name", { .certified = true, .device = mic },
		"2003", TIE_OTHER_CONFIG },
	{ "a phone without configuration",
		{ .certified = true, .device = other }, "2003", TIE_NONE },
	{ "capitals do not matter", { .certified = true, .device = lower },
		"2003", TIE_NONE },
	{ "no phone of that kind", { .certified = true, .device = alice },
		"2003", TIE_NONE },
	{ "without a certificate", { .device = sep }, "2003", TIE_NONE },
	{ "rule and configuration agree",
		{ .certified = true, .device = sep, .line = own }, "2001",
		TIE_CONFIG },
	{ "the rule says another",
		{ .certified = true, .device = sep, .line = own }, "2002",
		TIE_OTHER_RULE },
	{ "the rule allows what the configuration does not",
		{ .certified = true, .device = sep, .line = foreign }, "2009",
		TIE_OTHER_CONFIG },
	{ "the rule alone", { .certified = true, .device = alice, .line = own },
		"2001", TIE_RULE },
};

static void lines_are_judged(void **state)
{
	struct ties *t = ties_new();

	(void)state;
	ties_set(t, slice_str(sep), SLICE_LIT("2001\n2002\n"));
	ties_set(t, slice_str("SEPxx1122334455"), SLICE_LIT("1\n"));
	ties_set(t, slice_str("alice"), SLICE_LIT("1\n"));
	assert_int_equal(ties_count(t), 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(rows[i].name,
			ties_judge(t, &rows[i].who, slice_str(rows[i].line)) ==
				rows[i].tie);
	ties_free(t);
}

static void the_last_word_counts(void **state)
{
	const struct identity who = { .certified = true, .device = sep };
	struct ties *t = ties_new();

	(void)state;
	ties_set(t, slice_str(sep), SLICE_LIT("2001\n"));
	ties_set(t, slice_str(mic), SLICE_LIT("2005\n"));
	assert_int_equal(ties_count(t), 1);
	assert_int_equal(ties_judge(t, &who, SLICE_LIT("2005")), TIE_CONFIG);
	assert_true(tie_broken(ties_judge(t, &who, SLICE_LIT("2001"))));
	ties_set(t, slice_str(sep), SLICE_LIT(""));
	assert_int_equal(ties_count(t), 0);
	assert_int_equal(ties_judge(t, &who, SLICE_LIT("2001")), TIE_NONE);
	/* the oldest makes room */
	ties_set(t, slice_str(sep), SLICE_LIT("2001\n"));
	for (unsigned i = 0; i < TIES_MAX; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "SEP%012X", i);
		ties_set(t, slice_str(name), SLICE_LIT("1\n"));
	}
	assert_int_equal(ties_count(t), TIES_MAX);
	assert_int_equal(ties_judge(t, &who, SLICE_LIT("9")), TIE_NONE);
	ties_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lines_are_judged),
		T(the_last_word_counts),
	};

	return RUN_TESTS(tests);
}
