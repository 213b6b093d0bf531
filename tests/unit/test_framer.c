#include "test.h"

#include "b2bua/sofia/framer.h"
#include "base/wire.h"

#define RQ "OPTIONS sip:x SIP/2.0\r\n"

static const struct {
	const char *name, *data;
	enum framer_verdict verdict;
	size_t size;
} rows[] = {
	{ "no body", RQ "Content-Length: 0\r\n\r\n", FRAMER_MESSAGE, 44 },
	{ "body", RQ "l: 3\r\n\r\nabcXYZ", FRAMER_MESSAGE, 34 },
	{ "response", "SIP/2.0 200 OK\r\nl:0\r\n\r\n", FRAMER_MESSAGE, 23 },
	{ "bare LF", "SIP/2.0 200 OK\nl:0\n\n", FRAMER_MESSAGE, 20 },
	{ "folded", RQ "A: b\r\n l: 7\r\nl: 0\r\n\r\n", FRAMER_MESSAGE, 44 },
	{ "space before colon", RQ "content-length : 0\r\n\r\n", FRAMER_MESSAGE,
		45 },
	{ "ping", "\r\n\r\n", FRAMER_BLANK, 4 },
	{ "blank, then more", "\r\nSIP", FRAMER_BLANK, 2 },
	{ "nothing", "", FRAMER_MORE, 0 },
	{ "half a line", "OPTIONS", FRAMER_MORE, 0 },
	{ "headers only", RQ "l: 0\r\n", FRAMER_MORE, 0 },
	{ "half a body", RQ "l: 9\r\n\r\nabc", FRAMER_MORE, 0 },
	{ "no length", RQ "To: x\r\n\r\n", FRAMER_GARBAGE, 0 },
	{ "two lengths", RQ "l: 0\r\nl: 0\r\n\r\n", FRAMER_GARBAGE, 0 },
	{ "negative", RQ "l: -1\r\n\r\n", FRAMER_GARBAGE, 0 },
	{ "list", RQ "l: 1,1\r\n\r\n", FRAMER_GARBAGE, 0 },
	{ "no number", RQ "l:\r\n\r\n", FRAMER_GARBAGE, 0 },
	{ "huge", RQ "l: 99999999999999999999\r\n\r\n", FRAMER_GARBAGE, 0 },
	{ "too long", RQ "l: 24577\r\n\r\n", FRAMER_TOO_LONG, 0 },
	{ "too long in all", RQ "l: 24570\r\n\r\n", FRAMER_TOO_LONG, 0 },
	{ "HTTP", "GET / HTTP/1.1\r\n", FRAMER_GARBAGE, 0 },
	{ "two words", "OPTIONS SIP/2.0\r\n", FRAMER_GARBAGE, 0 },
	{ "four words", "A b c SIP/2.0\r\n", FRAMER_GARBAGE, 0 },
};

/* As a connection does it: again with every byte that comes. */
static enum framer_verdict by_bytes(struct slice data, size_t *size)
{
	struct framer f = { 0 };
	enum framer_verdict v = FRAMER_MORE;

	*size = 0;
	for (size_t n = 0; n <= data.n && v == FRAMER_MORE; n++)
		v = framer_scan(&f, slice_head(data, n), size);
	return v;
}

static void verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice data = slice_str(rows[i].data);
		struct framer f = { 0 };
		size_t size;

		check_row(rows[i].name,
			framer_scan(&f, data, &size) == rows[i].verdict);
		check_row(rows[i].name, size == rows[i].size);
		if (rows[i].verdict == FRAMER_BLANK)
			continue; /* one byte of it is enough */
		check_row(
			rows[i].name, by_bytes(data, &size) == rows[i].verdict);
		check_row(rows[i].name, size == rows[i].size);
	}
}

static void many_headers(void **state)
{
	struct text t = { 0 };
	struct framer f = { 0 };
	size_t size;

	(void)state;
	text_add(&t, SLICE_LIT(RQ "l: 0\r\n"));
	for (int i = 1; i < FRAMER_HEADERS_MAX; i++)
		text_add(&t, SLICE_LIT("A:\r\n"));
	assert_int_equal(framer_scan(&f, text_slice(&t), &size), FRAMER_MORE);
	assert_false(framer_too_many_headers(text_slice(&t)));
	text_add(&t, SLICE_LIT("A:\r\n"));
	assert_true(framer_too_many_headers(text_slice(&t)));
	assert_int_equal(framer_scan(&f, text_slice(&t), &size),
		FRAMER_TOO_MANY_HEADERS);
	text_free(&t);
}

static void endless_line(void **state)
{
	struct text t = { 0 };
	struct framer f = { 0 };
	size_t size;

	(void)state;
	while (t.n <= FRAMER_MESSAGE_MAX)
		text_addc(&t, 'x');
	assert_int_equal(
		framer_scan(&f, text_slice(&t), &size), FRAMER_TOO_LONG);
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(verdicts),
		T(many_headers),
		T(endless_line),
	};

	return RUN_TESTS(tests);
}
