#include "test.h"

#include "conf/conf_int.h"

/* The words of a line, each in <>, and what stands from the second on. */
static const struct {
	const char *line, *words, *rest;
	bool unclosed;
} lines[] = {
	{ "", "", "", false },
	{ "  ", "", "", false },
	{ "srtp", "<srtp>", "", false },
	{ " \tsession  target\tregistrar ", "<session><target><registrar>",
		"target\tregistrar", false },
	{ "a \"b c\" d", "<a><b c><d>", "\"b c\" d", false },
	{ "a \"\"", "<a><>", "\"\"", false },
	{ "a \"x\\\"y\\\\z\\d\"", "<a><x\"y\\z\\d>", "\"x\\\"y\\\\z\\d\"",
		false },
	{ "a b\"c", "<a><b\"c>", "b\"c", false },
	{ "a \"b c", "<a><b c>", "\"b c", true },
	{ "a \"b\\", "<a><b\\>", "\"b\\", true },
	{ "a \"b\"c", "<a><b><c>", "\"b\"c", false },
	{ "^SEP\\d+$ \\1", "<^SEP\\d+$><\\1>", "\\1", false },
};

static void cuts_words(void **state)
{
	(void)state;
	static struct lexer x;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char words[256] = "";

		lex_line(&x, slice_str(lines[i].line), 3);
		for (size_t k = 0; k < x.n; k++)
			snprintf(words + strlen(words),
				sizeof(words) - strlen(words), "<%.*s>",
				SLICE_ARG(x.word[k].text));
		assert_string_equal(words, lines[i].words);
		check_row(lines[i].line, x.unclosed == lines[i].unclosed);
		if (x.n > 1)
			check_row(lines[i].line,
				slice_eq_str(lex_rest(&x, &x.word[1]),
					lines[i].rest));
	}
}

static void knows_places(void **state)
{
	(void)state;
	static struct lexer x;

	lex_line(&x, slice_str("\t no  \"a b\" c"), 7);
	assert_int_equal(x.n, 3);
	assert_int_equal(x.word[0].pos.line, 7);
	assert_int_equal(x.word[0].pos.column, 3);
	assert_int_equal(x.word[1].pos.column, 7);
	assert_int_equal(x.word[2].pos.column, 13);
}

static void stops_at_many_words(void **state)
{
	(void)state;
	static struct lexer x;
	char line[400];

	for (size_t i = 0; i < sizeof(line); i++)
		line[i] = i % 2 ? ' ' : 'w';
	lex_line(&x, slice_of(line, sizeof(line)), 1);
	assert_int_equal(x.n, LEX_WORDS_MAX);
}

static void refuses_bytes(void **state)
{
	(void)state;
	static const struct {
		const char *name, *line;
		size_t n, offset;
		bool bad;
	} rows[] = {
		{ "plain", "a\tb", 3, 0, false },
		{ "umlaut", "a \xc3\xa4 b", 6, 0, false },
		{ "four bytes", "\xf0\x9f\x93\x9e", 4, 0, false },
		{ "NUL", "ab\0c", 4, 2, true },
		{ "escape", "a\x1b[31m", 6, 1, true },
		{ "delete", "\x7f", 1, 0, true },
		{ "latin 1", "a\xe4 b", 4, 1, true },
		{ "cut off", "ab\xc3", 3, 2, true },
		{ "overlong", "\xc0\xaf", 2, 0, true },
		{ "overlong of three", "\xe0\x80\x80", 3, 0, true },
		{ "surrogate", "\xed\xa0\x80", 3, 0, true },
		{ "beyond", "\xf4\x90\x80\x80", 4, 0, true },
		{ "overlong of four", "\xf0\x80\x80\x80", 4, 0, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t offset = 99;
		const char *why = lex_line_bad(
			slice_of(rows[i].line, rows[i].n), &offset);

		check_row(rows[i].name, (why != NULL) == rows[i].bad);
		if (rows[i].bad)
			check_row(rows[i].name, offset == rows[i].offset);
	}
}

static void quotes_where_needed(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "abc", "abc" },
		{ "", "\"\"" },
		{ "a b", "\"a b\"" },
		{ "a\\d", "a\\d" },
		{ "a \\d", "\"a \\\\d\"" },
		{ "\"", "\"\\\"\"" },
		{ "a\"b", "a\"b" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static struct lexer x;
		char *text = NULL;
		size_t n;
		FILE *out = open_memstream(&text, &n);

		lex_quote(out, rows[i].in);
		fclose(out);
		assert_string_equal(text, rows[i].out);
		lex_line(&x, slice_str(text), 1);
		assert_int_equal(x.n, 1);
		check_row(rows[i].in, slice_eq_str(x.word[0].text, rows[i].in));
		free(text);
	}
}

static void means_near_words(void **state)
{
	(void)state;
	static const struct {
		const char *word, *candidate;
		size_t edits;
		bool found;
	} rows[] = {
		{ "targt", "target", 1, true },
		{ "taregt", "target", 1, true },
		{ "TARGET", "target", 0, false },
		{ "destintion-patern", "destination-pattern", 2, true },
		{ "x", "y", 1, false },
		{ "abc", "xyz", 3, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct near n = { .word = slice_str(rows[i].word) };

		near_try(&n, slice_str(rows[i].candidate));
		check_row(rows[i].word, n.edits == rows[i].edits);
		check_row(rows[i].word, near_found(&n) == rows[i].found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(cuts_words),
		T(knows_places),
		T(stops_at_many_words),
		T(refuses_bytes),
		T(quotes_where_needed),
		T(means_near_words),
	};

	return RUN_TESTS(tests);
}
