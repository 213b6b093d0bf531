#include "test.h"

#include <errno.h>

#include "base/obj.h"
#include "conf/conf.h"
#include "conf_text.h"

static struct conf *rules(const char *lines)
{
	struct conf_errs errs = { 0 };
	char *text =
		mem_printf(CONF_BASE "voice translation-rule 1\n%s", lines);
	struct conf *c = conf_parse(slice_str(text), "t", &errs);

	conf_errs_print(&errs, "t", stderr);
	conf_errs_free(&errs);
	free(text);
	return c;
}

/* One rule; what a number becomes. */
static const struct {
	const char *rule, *number;
	int err;
	const char *out;
} rows[] = {
	/* clang-format off */
	/* the first match is replaced, the rest stays */
	{ "/123/ /456/",                 "51239",       0, "54569" },
	{ "/123/ /456/",                 "123123",      0, "456123" },
	{ "/123/ /456/",                 "5",           ENOENT, "" },
	{ "/^9/ //",                     "95551234",    0, "5551234" },
	{ "/^9/ //",                     "19",          ENOENT, "" },
	{ "// /9/",                      "123",         0, "9123" },
	{ "// /9/",                      "",            0, "9" },
	{ "/^$/ /1000/",                 "",            0, "1000" },
	{ "/^$/ /1000/",                 "5",           ENOENT, "" },
	{ "/4$/ /5/",                    "404",         0, "405" },
	/* sets */
	{ "/^\\(...\\)\\(...\\)$/ /\\2\\1/", "123456",  0, "456123" },
	{ "/^408\\(526\\)\\(....\\)/ /\\1\\2/", "4085261234", 0, "5261234" },
	{ "/\\(^...\\)456\\(...\\)/ /\\1555\\2/", "123456789", 0, "123555789" },
	{ "/^9(.*)/ /\\1/",              "9123",        0, "123" },
	{ "/^\\(9\\)(1|2)\\(.*\\)/ /\\2/", "92345",     0, "345" },
	{ "/^(1|2)(3)/ /\\2\\1/",        "135",         0, "315" },
	/* & and \0 are all that matched; \& is the character */
	{ "/^[2-9]..[2-9]......$/ /91&/", "4085261234", 0, "914085261234" },
	{ "/^1/ /\\0\\0/",               "12",          0, "112" },
	{ "/^1/ /\\&/",                  "12",          0, "&2" },
	/* operators, and when they are characters */
	{ "/^1*2/ /x/",                  "1112",        0, "x" },
	{ "/^1+2/ /x/",                  "2",           ENOENT, "" },
	{ "/^1?2/ /x/",                  "2",           0, "x" },
	{ "/^\\+1/ //",                  "+12",         0, "2" },
	{ "/^+1/ //",                    "+12",         0, "2" },
	{ "/^*67/ //",                   "*675",        0, "5" },
	{ "/^\\*67/ //",                 "*675",        0, "5" },
	{ "/#$/ //",                     "12#",         0, "12" },
	{ "/^0\\(.*\\)/ /+49\\1/",       "030123",      0, "+4930123" },
	{ "/.*/ /2000/",                 "5551234",     0, "2000" },
	/* brackets */
	{ "/^[^1-3]/ /0/",               "45",          0, "05" },
	{ "/^[^1-3]/ /0/",               "25",          ENOENT, "" },
	{ "/^[135-]/ /0/",               "-5",          0, "05" },
	{ "/^[]5]/ /0/",                 "5",           -1, "" },
	{ "/a\\/b/ /c\\/d/",             "a/b",         0, "c/d" },
	/* Perl's ways of writing mean nothing */
	{ "/\\d/ /x/",                   "5",           ENOENT, "" },
	{ "/\\d/ /x/",                   "d",           0, "x" },
	{ "/1{2}/ /x/",                  "11",          ENOENT, "" },
	{ "/1.*+2/ /x/",                 "13+2",        0, "x" },
	/* rejected */
	{ "reject /^1900/",              "19001234",    EACCES, "" },
	{ "reject /^1900/",              "5",           ENOENT, "" },
	{ "/^1/ /2/ type any any plan any any", "1",    0, "2" },
	/* wrong rules */
	{ "/^9\\(/ /1/",                 "9",           -1, "" },
	{ "/9\\)/ /1/",                  "9",           -1, "" },
	{ "/[1/ /1/",                    "9",           -1, "" },
	{ "/1/ /\\1/",                   "9",           -1, "" },
	{ "/1 /2/",                      "9",           -1, "" },
	{ "1 2",                         "9",           -1, "" },
	{ "/1/x /2/",                    "9",           -1, "" },
	{ "/1\\/ /2/",                   "9",           -1, "" },
	/* clang-format on */
};

static void one_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *line = mem_printf(" rule 1 %s\n", rows[i].rule), out[64];
		struct conf *c = rules(line);
		unsigned rule;
		int err = c == NULL ? -1
				    : conf_xlate(conf_find_xlate_rules(c, 1),
					      slice_str(rows[i].number), out,
					      sizeof(out), &rule);

		if (err != rows[i].err)
			fail_msg("row \"%s\" %s: %d", rows[i].rule,
				rows[i].number, err);
		if (err == 0)
			assert_string_equal(out, rows[i].out);
		if (err == 0 || err == EACCES)
			assert_int_equal(rule, 1);
		obj_unref(c);
		free(line);
	}
}

static void order(void **state)
{
	(void)state;
	struct conf *c = rules(" rule 20 /^1/ /b/\n rule 10 /^12/ /a/\n"
			       " rule 5 /x/ /y/\n no rule 5\n");
	const struct conf_xlate_rules *x = conf_find_xlate_rules(c, 1);
	char out[64];
	unsigned rule;

	assert_int_equal(
		conf_xlate(x, SLICE_LIT("123"), out, sizeof(out), &rule), 0);
	assert_int_equal(rule, 10);
	assert_string_equal(out, "a3");
	assert_int_equal(
		conf_xlate(x, SLICE_LIT("13"), out, sizeof(out), &rule), 0);
	assert_int_equal(rule, 20);
	assert_int_equal(
		conf_xlate(x, SLICE_LIT("x"), out, sizeof(out), &rule), ENOENT);
	assert_null(conf_find_xlate_rules(c, 2));
	obj_unref(c);
}

/* What does not fit, and what costs too much, is said and not done. */
static void limits(void **state)
{
	(void)state;
	struct conf *c = rules(" rule 1 /^1/ /12345678901234567890/\n"
			       " rule 2 /^2(((((2*)*)*)*)*)*3/ /3/\n");
	const struct conf_xlate_rules *x = conf_find_xlate_rules(c, 1);
	char out[16];
	unsigned rule;

	assert_int_equal(conf_xlate(x, SLICE_LIT("1"), out, sizeof(out), &rule),
		ENOBUFS);
	assert_int_equal(rule, 1);
	assert_int_equal(conf_xlate(x,
				 SLICE_LIT("22222222222222222222222222222222"
					   "222222222222222222222222222243"),
				 out, sizeof(out), &rule),
		E2BIG);
	assert_int_equal(rule, 2);
	obj_unref(c);
}

/* Rules for typed numbers are read, said to be of no use, and left out. */
static void types(void **state)
{
	(void)state;
	char *said = conf_complaints(
		CONF_BASE "voice translation-rule 1\n"
			  " rule 1 /1/ /2/ type national unknown\n");
	struct conf *c = rules(" rule 1 /1/ /2/ type national unknown\n");

	assert_string_equal(said,
		"t:12:22: warning: numbers in SIP have no type: this rule "
		"never applies, write 'type any', or leave the rule out\n");
	assert_int_equal(conf_find_xlate_rules(c, 1)->n, 0);
	free(said);
	obj_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_rule),
		T(order),
		T(limits),
		T(types),
	};

	return RUN_TESTS(tests);
}
