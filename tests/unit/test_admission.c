#include "test.h"

#include "b2bua/route/admission.h"
#include "base/obj.h"

/* One line of events after the other, over one memory. */
static const struct {
	const char *name;
	size_t calls;
	uint64_t now_ms;
	const char *called;
	enum admitted want;
} rows[] = {
	{ "few", 0, 10000, "1", ADMIT },
	{ "below the high mark", 3, 20000, "1", ADMIT },
	{ "at the high mark", 4, 30000, "1", ADMIT_NOT_THRESHOLD },
	{ "still above the low one", 3, 40000, "1", ADMIT_NOT_THRESHOLD },
	{ "an emergency meanwhile", 3, 50000, "112", ADMIT_EMERGENCY },
	{ "not one that only begins so", 3, 60000, "1123",
		ADMIT_NOT_THRESHOLD },
	{ "at the low mark", 2, 70000, "1", ADMIT },
	{ "and up again", 3, 80000, "1", ADMIT },
	{ "the limit goes first", 6, 90000, "1", ADMIT_NOT_LIMIT },
	{ "down", 0, 100000, "1", ADMIT },
	/* two within three spans of 100 ms */
	{ "one", 0, 110000, "1", ADMIT },
	{ "two", 0, 110050, "1", ADMIT },
	{ "three", 0, 110250, "1", ADMIT_NOT_SPIKE },
	{ "an emergency in a spike", 0, 110251, "112", ADMIT_EMERGENCY },
	{ "the first two are past, the refused count", 0, 110350, "1",
		ADMIT_NOT_SPIKE },
	{ "a pause", 0, 110700, "1", ADMIT },
	{ "long ago", 0, 999110700, "1", ADMIT },
	{ "again", 0, 999110700, "1", ADMIT },
	{ "too many", 0, 999110701, "1", ADMIT_NOT_SPIKE },
};

static void judged(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(
		SLICE_LIT("call threshold global total-calls low 2 high 4\n"
			  "call spike 2 steps 3 size 100\n"
			  "sip-listener L\n side core\n"
			  " address ipv4 127.0.0.1 port 5060\n"
			  "voice service voip\n no srtp\n max-conn 6\n"
			  " emergency 112 911\n"
			  "dial-peer voice 1 voip\n destination-pattern 1\n"
			  " session target ipv4:127.0.0.2\n"),
		"t", &errs);
	struct admission a = { 0 };

	conf_errs_print(&errs, "t", stderr);
	conf_errs_free(&errs);
	assert_non_null(c);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(rows[i].name,
			admission_judge(&a, c,
				&(struct admission_figures){
					.now[0] = (unsigned)rows[i].calls },
				slice_str(rows[i].called),
				rows[i].now_ms) == rows[i].want);
	obj_unref(c);
}

/* Nothing configured: everybody is taken, at any time of the clock. */
static void unlimited(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(
		SLICE_LIT("sip-listener L\n side core\n"
			  " address ipv4 127.0.0.1 port 5060\n"
			  "voice service voip\n no srtp\n"
			  "dial-peer voice 1 voip\n destination-pattern 1\n"
			  " session target ipv4:127.0.0.2\n"),
		"t", &errs);
	struct admission a = { 0 };
	const struct admission_figures many = { .now = { 100000, 100, 100, 100,
							0 } };

	conf_errs_free(&errs);
	assert_non_null(c);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(
			admission_judge(&a, c, &many, SLICE_LIT("1"), i % 3),
			ADMIT);
	assert_false(admission_emergency(c, SLICE_LIT("")));
	obj_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(judged), T(unlimited) };

	return RUN_TESTS(tests);
}
