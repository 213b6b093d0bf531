#include "test.h"

#include "b2bua/sip/cause.h"

static void passing(void **state)
{
	(void)state;
	static const struct {
		int status;
		bool local;
		int passed;
		bool hunts;
		unsigned q850;
	} rows[] = {
		/* clang-format off */
		{ 302, false, 302, false, 31 }, { 300, false, 480, false, 31 },
		{ 401, false, 401, false, 21 }, { 404, false, 404, false, 1 },
		{ 407, false, 407, false, 21 }, { 408, false, 408, false, 102 },
		{ 408, true,  504, true,  102 }, { 480, false, 480, false, 18 },
		{ 481, false, 500, false, 41 }, { 486, false, 486, false, 17 },
		{ 487, false, 487, false, 16 }, { 488, false, 488, false, 65 },
		{ 503, false, 503, true,  41 }, { 503, true,  503, true,  41 },
		{ 500, false, 500, false, 41 }, { 603, false, 603, false, 21 },
		{ 777, false, 500, false, 31 }, { 200, false, 500, false, 16 },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char name[16];

		snprintf(name, sizeof(name), "%d%s", rows[i].status,
			rows[i].local ? " local" : "");
		check_row(name, cause_pass(rows[i].status, rows[i].local) ==
					rows[i].passed);
		check_row(name, cause_hunts(rows[i].status, rows[i].local) ==
					rows[i].hunts);
		check_row(name, cause_q850(rows[i].status) == rows[i].q850);
	}
}

/* Each row says what it says through the functions, once. */
static void every_row(void **state)
{
	(void)state;
	struct cause_row r, other;
	char out[CAUSE_TEXT], name[128];
	size_t n = 0;

	for (; cause_row(n, &r); n++) {
		snprintf(name, sizeof(name), "%d %u", r.status, r.q850);
		for (size_t k = 0; k < n && cause_row(k, &other); k++)
			check_row(name,
				other.by_q850 != r.by_q850 ||
					(r.by_q850 ? other.q850 != r.q850
						   : other.status != r.status));
		check_row(name, r.q850 >= 1 && r.q850 <= 127);
		/* no cause without words for it */
		check_row(name, strcmp(cause_q850_text(r.q850), "unspecified"));
		if (!r.by_q850) {
			check_row(name, cause_q850(r.status) == r.q850);
			check_row(name, r.status >= 200 && r.status <= 699);
			continue;
		}
		check_row(name, cause_of_q850(r.q850) ==
					(r.status != 0 ? r.status : 480));
		/* and every status that we tell has a cause of its own */
		check_row(name, r.status == 0 || cause_q850(r.status) != 31);
		snprintf(name, sizeof(name), "Q.850;cause=%u;text=\"%s\"",
			r.q850, r.text);
		assert_string_equal(cause_reason(r.q850, out), name);
	}
	assert_in_range(n, 110, 200);
}

static void texts(void **state)
{
	(void)state;
	char out[CAUSE_TEXT], name[512];

	assert_string_equal(
		cause_reason(17, out), "Q.850;cause=17;text=\"user busy\"");
	assert_string_equal(
		cause_reason(126, out), "Q.850;cause=126;text=\"unspecified\"");
	assert_string_equal(cause_reason_sip(488, "a \"b\"", out),
		"SIP;cause=488;text=\"a 'b'\"");
	assert_string_equal(cause_reason_sip(480, NULL, out), "SIP;cause=480");
	assert_string_equal(cause_warning(399, "h", "a \"b\"\r\nX: y\\", out),
		"399 h \"a 'b'''X: y'\"");
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	cause_warning(305, name, name, out);
	assert_int_equal(strlen(out), CAUSE_TEXT - 1);
	assert_int_equal(out[CAUSE_TEXT - 2], '"');
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(passing), T(texts),
		T(every_row) };

	return RUN_TESTS(tests);
}
