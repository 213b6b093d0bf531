#include "test.h"

#include <errno.h>

#include "base/slice.h"

static void compares(void **state)
{
	(void)state;
	struct slice none = slice_str(NULL);

	assert_true(slice_eq(none, SLICE_LIT("")));
	assert_true(slice_eq_str(SLICE_LIT("abc"), "abc"));
	assert_false(slice_eq_str(SLICE_LIT("abc"), "abd"));
	assert_false(slice_eq_str(SLICE_LIT("ab"), "abc"));
	assert_true(slice_caseeq_str(SLICE_LIT("Call-ID"), "call-id"));
	assert_false(slice_caseeq_str(SLICE_LIT("a["), "a{"));
	assert_true(slice_starts(SLICE_LIT("a=crypto:1"), "a=crypto:"));
	assert_false(slice_starts(SLICE_LIT("a="), "a=crypto:"));
	assert_true(slice_casestarts(SLICE_LIT("SIPS:x"), "sips:"));
	assert_true(slice_starts(none, ""));
}

static void parts(void **state)
{
	(void)state;
	struct slice s = SLICE_LIT("hello");

	assert_true(slice_eq_str(slice_from(s, 2), "llo"));
	assert_int_equal(slice_from(s, 9).n, 0);
	assert_int_equal(slice_from(slice_str(NULL), 3).n, 0);
	assert_true(slice_eq_str(slice_head(s, 2), "he"));
	assert_true(slice_eq(slice_head(s, 9), s));
	assert_true(slice_eq_str(slice_trim(SLICE_LIT(" \ta b\r\n")), "a b"));
	assert_int_equal(slice_trim(SLICE_LIT(" \t ")).n, 0);
	assert_int_equal(slice_find(s, 'l'), 2);
	assert_int_equal(slice_find(s, 'x'), 5);
	assert_int_equal(slice_search(s, SLICE_LIT("lo")), 3);
	assert_int_equal(slice_search(s, SLICE_LIT("lol")), 5);
	assert_int_equal(slice_search(s, SLICE_LIT("")), 0);
}

/* Joins what a splitter gives with '|', to compare it as text. */
static void join(char *out, size_t size, struct slice field)
{
	size_t n = strlen(out);

	snprintf(out + n, size - n, "%.*s|", SLICE_ARG(field));
}

static void splits(void **state)
{
	(void)state;
	static const struct {
		const char *in, *cut, *lines, *words;
	} rows[] = {
		{ "", "", "", "" },
		{ "a", "a|", "a|", "a|" },
		{ "a,b", "a|b|", "a,b|", "a,b|" },
		{ ",a,,b,", "|a||b|", ",a,,b,|", ",a,,b,|" },
		{ "a b\r\nc\n\nd", "a b\r\nc\n\nd|", "a b|c||d|", "a|b|c|d|" },
		{ " \t x  y ", " \t x  y |", " \t x  y |", "x|y|" },
		{ "\r\n", "\r\n|", "|", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char cut[64] = "", lines[64] = "", words[64] = "";
		struct slice rest = slice_str(rows[i].in), f;

		while (slice_cut(&rest, ',', &f))
			join(cut, sizeof(cut), f);
		rest = slice_str(rows[i].in);
		while (slice_line(&rest, &f))
			join(lines, sizeof(lines), f);
		rest = slice_str(rows[i].in);
		while (slice_word(&rest, &f))
			join(words, sizeof(words), f);
		assert_string_equal(cut, rows[i].cut);
		assert_string_equal(lines, rows[i].lines);
		assert_string_equal(words, rows[i].words);
	}
}

static void numbers(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		uint64_t max, out;
		int err;
	} rows[] = {
		{ "0", 10, 0, 0 },
		{ "65535", 65535, 65535, 0 },
		{ "65536", 65535, 0, EINVAL },
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX, 0 },
		{ "18446744073709551616", UINT64_MAX, 0, EINVAL },
		{ "0007", 10, 7, 0 },
		{ "", 10, 0, EINVAL },
		{ "-1", 10, 0, EINVAL },
		{ "+1", 10, 0, EINVAL },
		{ " 1", 10, 0, EINVAL },
		{ "1x", 10, 0, EINVAL },
		{ "0x1", 10, 0, EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t v = 99;
		int err = slice_uint(slice_str(rows[i].in), rows[i].max, &v);

		check_row(rows[i].in, err == rows[i].err);
		check_row(rows[i].in, v == rows[i].out);
	}
}

static void copies(void **state)
{
	(void)state;
	char out[4] = "xyz";

	assert_true(slice_copy(SLICE_LIT("abc"), out, sizeof(out)));
	assert_string_equal(out, "abc");
	assert_false(slice_copy(SLICE_LIT("abcd"), out, sizeof(out)));
	assert_string_equal(out, "");
	assert_true(slice_copy(slice_str(NULL), out, sizeof(out)));

	char *s = slice_dup(slice_head(SLICE_LIT("abcdef"), 3));

	assert_string_equal(s, "abc");
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(compares),
		T(parts),
		T(splits),
		T(numbers),
		T(copies),
	};

	return RUN_TESTS(tests);
}
