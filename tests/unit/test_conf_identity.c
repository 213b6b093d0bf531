#include "test.h"
#include "conf_text.h"

#include <errno.h>

static const char rules[] =
	CONF_BASE "voice class phone-identity 1\n"
		  " rule 30 subject-cn .*any\n"
		  " rule 10 subject-cn ^SEP[0-9A-F]{12}$\n"
		  " rule 20 san-dns ^phone-([0-9]+)\\.example\\.com$ line \\1\n"
		  " rule 40 san-uri sip:([^@]*)@(.*) line \\2-\\1\n"
		  " rule 41 san-uri tel:(\\+)?(.*) line x\\1\\2\\\\\n"
		  " rule 50 san-email \"a b ([a-z]*)\" line \\1\n"
		  " rule 60 san-dns (x+x+)+y\n";

static const struct {
	const char *name;
	enum conf_id_field field;
	const char *text;
	int err;
	const char *line;
} rows[] = {
	{ "whole name", CONF_ID_CN, "SEP0123456789AB", 0, "" },
	{ "case counts", CONF_ID_CN, "sep0123456789ab", ENOENT, "" },
	{ "not a part of it", CONF_ID_CN, "SEP0123456789ABC", ENOENT, "" },
	{ "other field", CONF_ID_SAN_DNS, "SEP0123456789AB", ENOENT, "" },
	{ "later rule", CONF_ID_CN, "xany", 0, "" },
	{ "line", CONF_ID_SAN_DNS, "phone-1001.example.com", 0, "1001" },
	{ "dots are dots", CONF_ID_SAN_DNS, "phone-1001xexample.com", ENOENT,
		"" },
	{ "nothing behind", CONF_ID_SAN_DNS, "phone-1.example.com.evil.org",
		ENOENT, "" },
	{ "no newline", CONF_ID_SAN_DNS, "phone-1.example.com\n", ENOENT, "" },
	{ "two groups", CONF_ID_SAN_URI, "sip:a@b", 0, "b-a" },
	{ "absent group", CONF_ID_SAN_URI, "tel:12", 0, "x12\\" },
	{ "present group", CONF_ID_SAN_URI, "tel:+12", 0, "x+12\\" },
	{ "blanks", CONF_ID_SAN_EMAIL, "a b c", 0, "c" },
	{ "an empty line is none", CONF_ID_SAN_EMAIL, "a b ", ENOENT, "" },
	{ "line does not fit", CONF_ID_SAN_DNS,
		"phone-12345678901234567890.example.com", ENOENT, "" },
	{ "empty name", CONF_ID_CN, "", ENOENT, "" },
	{ "control character", CONF_ID_CN,
		"x\x01"
		"any",
		ENOENT, "" },
	{ "costly pattern", CONF_ID_SAN_DNS,
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		ENOENT, "" },
};

static void rules_decide(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(slice_str(rules), "t", &errs);

	assert_non_null(c);
	assert_int_equal(errs.n, 0);
	assert_int_equal(c->id_classes->n, 7);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char line[16] = "junk";

		check_row(rows[i].name,
			conf_identity_match(c->id_classes, rows[i].field,
				slice_str(rows[i].text), line,
				sizeof(line)) == rows[i].err);
		assert_string_equal(line, rows[i].line);
	}
	obj_unref(c);
}

static void nul_is_no_end(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(slice_str(rules), "t", &errs);
	static const char name[] = "SEP0123456789AB\0.evil";
	char line[16];

	assert_non_null(c);
	assert_int_equal(
		conf_identity_match(c->id_classes, CONF_ID_CN,
			slice_of(name, sizeof(name) - 1), line, sizeof(line)),
		ENOENT);
	obj_unref(c);
}

static void numbers_order_rules(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(
		SLICE_LIT(CONF_BASE "voice class phone-identity 1\n"
				    " rule 20 subject-cn (.*) line second\n"
				    " rule 10 subject-cn (.*) line first\n"
				    " rule 5 subject-cn x line five\n"
				    " rule 5 subject-cn y line six\n"
				    " no rule 7\n"),
		"t", &errs);
	char line[16];

	assert_non_null(c);
	assert_int_equal(c->id_classes->n, 3);
	assert_int_equal(conf_identity_match(c->id_classes, CONF_ID_CN,
				 slice_str("x"), line, sizeof(line)),
		0);
	assert_string_equal(line, "first");
	assert_int_equal(conf_identity_match(c->id_classes, CONF_ID_CN,
				 slice_str("y"), line, sizeof(line)),
		0);
	assert_string_equal(line, "six");
	obj_unref(c);
}

/* Elsewhere '^SEP' is what begins so; here it is three letters. */
static void half_a_name_is_told(void **state)
{
	static const struct {
		const char *pattern;
		bool told;
	} patterns[] = {
		{ "^SEP", true },
		{ "^phone-", true },
		{ "^SEP$", false },
		{ "^SEP.*", false },
		{ "^SEP[0-9A-F]{12}", false },
		{ "SEP", false },
		{ ".*example\\.com$", false },
		{ "example\\.com$", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		char *text =
			mem_printf(CONF_BASE "voice class phone-identity 1\n"
					     " rule 1 subject-cn %s\n",
				patterns[i].pattern);
		char *said = conf_complaints(text);

		check_row(patterns[i].pattern,
			patterns[i].told ==
				(strstr(said, "must match the whole name") !=
					NULL));
		free(said);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rules_decide),
		T(nul_is_no_end),
		T(numbers_order_rules),
		T(half_a_name_is_told),
	};

	return RUN_TESTS(tests);
}
