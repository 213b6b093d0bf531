/* Command lines: splitting, abbreviations, "?", completion, complaints; and
 * the request line around them. */
#include <errno.h>

#include "command.h"
#include "control/request.h"
#include "test.h"

static const struct command_words rows[] = {
	{ "show", "Show things", true },
	{ "show call active voice", "Calls" },
	{ "show call active voice brief", "Calls, in brief" },
	{ "show counters", "Counters" },
	{ "show dial-peer voice <number>", "One" },
	{ "show pki <name>", "Certificates" },
	{ "show pki status", "Status" },
	{ "show registrations", "Phones" },
	{ "show registration status", "Phones, too" },
	{ "reload", "Reload" },
};

static const struct command_words *row(size_t i)
{
	return &rows[i];
}

static struct match match(const char *line)
{
	struct words w;
	struct match m;

	assert_int_equal(words_split(slice_str(line), &w), 0);
	words_match(&m, &w, row, ARRAY_SIZE(rows));
	return m;
}

static void splits(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		int err;
		size_t n;
		const char *last;
	} cases[] = {
		{ "", 0, 0, "" },
		{ "  show  call ", 0, 2, "call" },
		{ "show \"a b\"", 0, 2, "a b" },
		{ "show \"\"", 0, 2, "" },
		{ "show \"a", EBADMSG, 0, "" },
		{ "show \x01", EBADMSG, 0, "" },
		{ "a b c d e f g h i j k l m n o p", 0, 16, "p" },
		{ "a b c d e f g h i j k l m n o p q", E2BIG, 0, "" },
	};
	struct words w;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *name = cases[i].line;

		check_row(
			name, words_split(slice_str(name), &w) == cases[i].err);
		if (cases[i].err != 0)
			continue;
		check_row(name, w.n == cases[i].n);
		if (w.n > 0)
			check_row(name,
				slice_eq_str(w.w[w.n - 1], cases[i].last));
	}
}

static void too_long(void **state)
{
	char line[WORDS_LINE_MAX + 2];
	struct words w;

	(void)state;
	memset(line, 'a', sizeof(line));
	assert_int_equal(words_split(slice_of(line, WORDS_LINE_MAX), &w), 0);
	assert_int_equal(
		words_split(slice_of(line, WORDS_LINE_MAX + 1), &w), E2BIG);
}

static void matches(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		enum match_kind kind;
		size_t row_or_word;
		const char *arg;
	} cases[] = {
		{ "show call active voice brief", MATCH_OK, 2, NULL },
		{ "sh call act vo br", MATCH_OK, 2, NULL },
		{ "SH CALL ACT VO", MATCH_OK, 1, NULL },
		{ "sh c", MATCH_AMBIGUOUS, 1, NULL },
		{ "sh co", MATCH_OK, 3, NULL },
		{ "sh d v 12", MATCH_OK, 4, "12" },
		{ "sh d v x", MATCH_INVALID, 3, NULL },
		{ "sh d v 99999999999", MATCH_INVALID, 3, NULL },
		{ "sh pki EDGE", MATCH_OK, 5, "EDGE" },
		{ "sh pki st", MATCH_OK, 6, NULL },
		/* one keyword begins the other: not at odds */
		{ "sh reg", MATCH_OK, 7, NULL },
		{ "sh reg st", MATCH_OK, 8, NULL },
		{ "sh registrations st", MATCH_INVALID, 2, NULL },
		{ "show", MATCH_INCOMPLETE, 1, NULL },
		{ "show call", MATCH_INCOMPLETE, 2, NULL },
		{ "", MATCH_INCOMPLETE, 0, NULL },
		{ "frob", MATCH_INVALID, 0, NULL },
		{ "reload now", MATCH_INVALID, 1, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct match m = match(cases[i].line);
		size_t found = m.kind == MATCH_OK ? m.row : m.word;

		check_row(cases[i].line, m.kind == cases[i].kind);
		check_row(cases[i].line, found == cases[i].row_or_word);
		check_row(cases[i].line,
			(cases[i].arg != NULL) == (m.nargs == 1));
		if (cases[i].arg != NULL)
			check_row(cases[i].line,
				slice_eq_str(m.arg[0], cases[i].arg));
	}
}

static void says(
	void (*fn)(struct text *, const struct words *, words_row_fn *, size_t),
	const char *line, const char *expected)
{
	struct words w;
	struct text t = { 0 };

	assert_int_equal(words_split(slice_str(line), &w), 0);
	fn(&t, &w, row, ARRAY_SIZE(rows));
	assert_string_equal(t.p != NULL ? t.p : "", expected);
	text_free(&t);
}

static void helps(void **state)
{
	(void)state;
	says(words_help, "",
		"  show             Show things\n"
		"  reload           Reload\n");
	says(words_help, "sh call a", "  active           \n");
	says(words_help, "sh call active voice ",
		"  brief            Calls, in brief\n"
		"  <cr>            \n");
	says(words_help, "sh pki ",
		"  <name>           Certificates\n"
		"  status           Status\n");
	says(words_help, "frob ", "");
}

static void completes(void **state)
{
	(void)state;
	says(words_complete, "sh", "show\n");
	says(words_complete, "sh c", "call\ncounters\n");
	says(words_complete, "sh call ", "active\n");
	says(words_complete, "sh d v ", "");
}

static void complains(const char *line, const char *expected)
{
	struct match m = match(line);
	struct words w;
	struct text t = { 0 };

	assert_int_equal(words_split(slice_str(line), &w), 0);
	words_complain(&t, &m, slice_str(line), &w);
	assert_string_equal(t.p, expected);
	text_free(&t);
}

static void complaints(void **state)
{
	(void)state;
	complains("show frob",
		"show frob\n     ^\n% Invalid input detected at '^' marker.\n");
	complains("sh c", "% Ambiguous command: \"sh c\"\n");
	complains("sh call", "% Incomplete command.\n");
}

static void requests(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		int err;
		enum request_form form;
		size_t words;
	} cases[] = {
		{ "lineside/1 text show version", 0, REQUEST_TEXT, 2 },
		{ "lineside/1 json show version", 0, REQUEST_JSON, 2 },
		{ "lineside/1 help ", 0, REQUEST_HELP, 0 },
		{ "lineside/1 complete sh", 0, REQUEST_COMPLETE, 1 },
		{ "lineside/1 text", 0, REQUEST_TEXT, 0 },
		{ "lineside/2 text show", EPROTO, REQUEST_TEXT, 0 },
		{ "lineside/1 html show", EBADMSG, REQUEST_TEXT, 0 },
		{ "lineside/1", EBADMSG, REQUEST_TEXT, 0 },
		{ "GET / HTTP/1.1", EBADMSG, REQUEST_TEXT, 0 },
		{ "", EBADMSG, REQUEST_TEXT, 0 },
		{ "lineside/1 text \"open", EBADMSG, REQUEST_TEXT, 0 },
	};
	struct request r;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int err = request_parse(slice_str(cases[i].line), &r);

		check_row(cases[i].line, err == cases[i].err);
		if (err != 0)
			continue;
		check_row(cases[i].line, r.form == cases[i].form);
		check_row(cases[i].line, r.words.n == cases[i].words);
	}
}

/* Every row of the real table is reached by its own words in full. */
static void own_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ncommands; i++) {
		struct words w;
		struct match m;
		char line[256];

		if (commands[i].kind == COMMAND_TOPIC)
			continue;
		snprintf(line, sizeof(line), "%s", commands[i].words.words);
		char *place;

		while ((place = strstr(line, "<number>")) != NULL) {
			*place = '7';
			memmove(place + 1, place + strlen("<number>"),
				strlen(place + strlen("<number>")) + 1);
		}
		check_row(line, words_split(slice_str(line), &w) == 0);
		words_match(&m, &w, command_row, ncommands);
		check_row(line, m.kind == MATCH_OK && m.row == i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(splits),
		T(too_long),
		T(matches),
		T(helps),
		T(completes),
		T(complaints),
		T(requests),
		T(own_table),
	};

	return RUN_TESTS(tests);
}
