#include "test.h"

#include <errno.h>

#include "base/wire.h"

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 'h', 'i' };

static void reads(void **state)
{
	(void)state;
	struct rbuf r = rbuf_of(slice_of(bytes, sizeof(bytes)));

	assert_int_equal(rbuf_u8(&r), 0x01);
	assert_int_equal(rbuf_u16(&r), 0x0203);
	assert_int_equal(rbuf_u24(&r), 0x040506);
	assert_int_equal(rbuf_u32(&r), 0x0708090a);
	assert_true(rbuf_u64(&r) == 0x0b0c0d0e0f101112u);
	assert_true(slice_eq_str(rbuf_bytes(&r, 2), "hi"));
	assert_int_equal(rbuf_left(&r), 0);
	assert_int_equal(rbuf_bytes(&r, 0).n, 0);
	assert_false(r.bad);
}

/* However short the input is, nothing beyond it is read, and it shows. */
static void reads_short(void **state)
{
	(void)state;
	for (size_t n = 0; n < 20; n++) {
		uint8_t *copy = malloc(n ? n : 1); /* ASan guards its end */

		memcpy(copy, bytes, n);
		struct rbuf r = rbuf_of(slice_of(copy, n));

		rbuf_u8(&r);
		rbuf_u16(&r);
		rbuf_u24(&r);
		rbuf_u32(&r);
		rbuf_u64(&r);
		assert_int_equal(rbuf_bytes(&r, 2).n, 0);
		assert_true(r.bad);
		assert_int_equal(rbuf_u8(&r), 0); /* it sticks */
		free(copy);
	}
}

static void writes(void **state)
{
	(void)state;
	uint8_t out[20];
	struct wbuf w = wbuf_of(out, sizeof(out));

	wbuf_u8(&w, 0x01);
	wbuf_u16(&w, 0x0203);
	wbuf_u32(&w, 0x04050607);
	wbuf_u64(&w, 0x08090a0b0c0d0e0fu);
	wbuf_bytes(&w, SLICE_LIT("hello"));
	assert_false(w.bad);
	assert_int_equal(w.at, 20);
	for (uint8_t i = 0; i < 15; i++)
		assert_int_equal(out[i], i + 1);
	assert_memory_equal(out + 15, "hello", 5);
	wbuf_bytes(&w, slice_str(NULL));
	assert_false(w.bad);
	wbuf_u8(&w, 1);
	assert_true(w.bad);
}

static void fills_holes(void **state)
{
	(void)state;
	uint8_t out[8], big[65540];
	struct wbuf w = wbuf_of(out, sizeof(out));

	wbuf_u8(&w, 9);
	size_t hole = wbuf_hole16(&w);

	wbuf_bytes(&w, SLICE_LIT("abc"));
	wbuf_fill16(&w, hole);
	assert_memory_equal(out,
		"\x09\x00\x03"
		"abc",
		6);
	hole = wbuf_hole16(&w);
	wbuf_fill16(&w, hole);
	assert_false(w.bad);
	hole = wbuf_hole16(&w); /* no room: sticks, fill does nothing */
	assert_true(w.bad);
	wbuf_fill16(&w, hole);

	memset(big, 0, sizeof(big));
	w = wbuf_of(big, sizeof(big));
	hole = wbuf_hole16(&w);
	w.at += 65536;
	wbuf_fill16(&w, hole);
	assert_true(w.bad);
}

static void text_grows(void **state)
{
	(void)state;
	struct text t = { 0 };
	char *s = text_take(&t);

	assert_string_equal(s, "");
	free(s);
	text_printf(&t, "%d,", 42);
	for (int i = 0; i < 1000; i++)
		text_addc(&t, 'x');
	text_add(&t, SLICE_LIT("end"));
	assert_int_equal(text_slice(&t).n, 1006);
	assert_string_equal(t.p + 1000, "xxxend");
	s = text_take(&t);
	assert_null(t.p);
	free(s);
	text_free(&t);
}

static void escapes(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "plain text", "plain text" },
		{ "a\r\nb", "a\\x0d\\x0ab" },
		{ "tab\t", "tab\\x09" },
		{ "esc\033[0m", "esc\\x1b[0m" },
		{ "del\x7f", "del\\x7f" },
		{ "back\\slash", "back\\slash" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
			"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\xc2\x9b", "\\xc2\\x9b" }, /* C1 control */
		{ "\xc0\x80", "\\xc0\\x80" }, /* overlong */
		{ "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" }, /* surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "cut\xe2\x82", "cut\\xe2\\x82" },
		{ "\xff", "\\xff" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text t = { 0 };

		text_escape(&t, slice_str(rows[i].in));
		assert_string_equal(t.p, rows[i].out);
		text_free(&t);
	}
}

static void base64_vectors(void **state)
{
	(void)state;
	static const struct { /* RFC 4648 section 10 */
		const char *plain, *padded, *bare;
	} rows[] = {
		{ "", "", "" },
		{ "f", "Zg==", "Zg" },
		{ "fo", "Zm8=", "Zm8" },
		{ "foo", "Zm9v", "Zm9v" },
		{ "foob", "Zm9vYg==", "Zm9vYg" },
		{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
		{ "\xfb\xff\xbf", "+/+/", "+/+/" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice plain = slice_str(rows[i].plain);
		struct text a = { 0 }, b = { 0 };
		uint8_t out[16];
		size_t n;

		base64_encode(&a, plain, true);
		base64_encode(&b, plain, false);
		check_row(rows[i].plain,
			slice_eq_str(text_slice(&a), rows[i].padded));
		check_row(rows[i].plain,
			slice_eq_str(text_slice(&b), rows[i].bare));
		check_row(rows[i].plain, a.n == base64_encoded_size(plain.n));
		check_row(rows[i].plain,
			base64_decode(text_slice(&a), out, plain.n, &n) == 0);
		check_row(rows[i].plain, slice_eq(slice_of(out, n), plain));
		check_row(rows[i].plain,
			base64_decode(text_slice(&b), out, plain.n, &n) == 0);
		check_row(rows[i].plain, slice_eq(slice_of(out, n), plain));
		if (plain.n > 0)
			check_row(rows[i].plain,
				base64_decode(text_slice(&a), out, plain.n - 1,
					&n) == ENOBUFS);
		text_free(&a);
		text_free(&b);
	}
}

static void base64_malformed(void **state)
{
	(void)state;
	static const char *const rows[] = { "A", "AAAAA", "AA=", "AAA==", "=",
		"==", "A===", "AAAA=", "AA\n", "AA AA", "A-B_", "AA=A",
		"AAAA====" };
	uint8_t out[16];
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(rows[i], base64_decode(slice_str(rows[i]), out,
					   sizeof(out), &n) == EBADMSG);
}

/* Of every length around the room that there is, behind other text. */
static void text_prints(void **state)
{
	static char long_text[300];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	for (int n = 0; n < (int)sizeof(long_text); n++) {
		struct text t = { 0 };
		char want[400];

		(void)snprintf(
			want, sizeof(want), "<%.*s> %d", n, long_text, n);
		text_addc(&t, '<');
		text_printf(&t, "%.*s> %d", n, long_text, n);
		assert_string_equal(t.p, want);
		assert_int_equal(t.n, strlen(want));
		text_free(&t);
	}
}

static void hex(void **state)
{
	(void)state;
	char out[9];

	hex_encode("\x00\x9f\xaf\xff", 4, out);
	assert_string_equal(out, "009fafff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(reads),
		T(reads_short),
		T(writes),
		T(fills_holes),
		T(text_grows),
		T(text_prints),
		T(escapes),
		T(base64_vectors),
		T(base64_malformed),
		T(hex),
	};

	return RUN_TESTS(tests);
}
