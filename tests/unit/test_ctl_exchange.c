/* What boxes that share a trust list say to each other; and the secrets by
 * which they are let in. */
#include "test.h"

#include <errno.h>

#include "certs/store/secret8.h"
#include "phoneproxy/signed/ctl_exchange.h"

static const struct ctlx_msg questions[] = {
	{ .type = CTLX_ASK,
		.user = { "admin", 5 },
		.secret = { "p\xc3\xa4ss word", 9 } },
	{ .type = CTLX_OFFER },
	{ .type = CTLX_OFFER,
		.n = 2,
		.record = { { 2, { "\x30\x01x", 3 } },
			{ 4, { "\x30\x02xy", 4 } } } },
	{ .type = CTLX_REFUSED, .reason = CTLX_LOCKED },
};

static void built(struct text *t, const struct ctlx_msg *m)
{
	assert_int_equal(ctlx_build(t, m), 0);
}

static void check_same(const struct ctlx_msg *a, const struct ctlx_msg *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->reason, b->reason);
	assert_true(slice_eq(a->user, b->user));
	assert_true(slice_eq(a->secret, b->secret));
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		assert_int_equal(a->record[i].role, b->record[i].role);
		assert_true(slice_eq(a->record[i].cert, b->record[i].cert));
	}
}

/* What is built is read back; whole or not at all, at every byte. */
static void messages_survive(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		struct text t = { 0 };
		struct ctlx_msg m;
		size_t size;

		built(&t, &questions[i]);
		for (size_t n = 0; n < t.n; n++) {
			struct slice cut = slice_head(text_slice(&t), n);

			assert_int_equal(ctlx_frame(cut, &size), 0);
			assert_int_equal(size, n < CTLX_HEAD ? 0 : t.n);
			assert_int_equal(ctlx_parse(&m, cut), EBADMSG);
		}
		assert_int_equal(ctlx_parse(&m, text_slice(&t)), 0);
		check_same(&m, &questions[i]);
		text_addc(&t, 'x');
		assert_int_equal(ctlx_parse(&m, text_slice(&t)), EBADMSG);
		text_free(&t);
	}
}

#define HEAD(type, n) "LCTL\x01" type "\0\0\0" n
static const struct {
	const char *name;
	struct slice frame;
	int err;
} bad[] = {
	{ "another protocol", SLICE_LIT("GET / HTTP/1.1\r\n"), EBADMSG },
	{ "another version", SLICE_LIT("LCTL\x02\x01\0\0\0\0"), ENOTSUP },
	{ "endless", SLICE_LIT("LCTL\x01\x01\xff\xff\xff\xff"), EBADMSG },
	{ "unknown type", SLICE_LIT(HEAD("\x09", "\0")), EBADMSG },
	{ "nobody asks", SLICE_LIT(HEAD("\x01", "\0")), EPROTO },
	{ "no secret", SLICE_LIT(HEAD("\x01", "\x05") "\1\0\0\1u"), EPROTO },
	{ "an empty user", SLICE_LIT(HEAD("\x01", "\x04") "\1\0\0\0"),
		EBADMSG },
	{ "a NUL in the user", SLICE_LIT(HEAD("\x01", "\x06") "\1\0\0\2u\0"),
		EBADMSG },
	{ "two users", SLICE_LIT(HEAD("\x01", "\x0a") "\1\0\0\1u\1\0\0\1v"),
		EPROTO },
	{ "an item beyond the end", SLICE_LIT(HEAD("\x01", "\x05") "\1\0\0\2u"),
		EBADMSG },
	{ "an item's head cut", SLICE_LIT(HEAD("\x02", "\x03") "\x09\0\0"),
		EBADMSG },
	{ "no reason", SLICE_LIT(HEAD("\x03", "\0")), EPROTO },
	{ "a reason of none", SLICE_LIT(HEAD("\x03", "\x05") "\3\0\0\1\0"),
		EBADMSG },
	{ "a record without certificate",
		SLICE_LIT(HEAD("\x02", "\x06") "\4\0\0\2\0\2"), EBADMSG },
	{ "a record without role", SLICE_LIT(HEAD("\x02", "\x05") "\4\0\0\1\0"),
		EBADMSG },
	{ "a signer", SLICE_LIT(HEAD("\x02", "\x07") "\4\0\0\3\0\0x"), EACCES },
	{ "an unknown item is stepped over",
		SLICE_LIT(HEAD("\x02", "\x0c") "\x77\0\0\1z\4\0\0\3\0\4x"), 0 },
};

static void wrong_ones_are_refused(void **state)
{
	struct ctlx_msg m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		check_row(bad[i].name,
			ctlx_parse(&m, bad[i].frame) == bad[i].err);
}

static void bounds_hold(void **state)
{
	static char big[CTLX_CERT_MAX + 1];
	struct ctlx_msg *m = calloc(1, sizeof(*m));
	struct text t = { 0 };

	(void)state;
	m->type = CTLX_OFFER;
	m->n = 1;
	m->record[0] = (struct ctlx_record){ 0, SLICE_LIT("x") };
	assert_int_equal(ctlx_build(&t, m), EINVAL); /* a signer */
	m->record[0] = (struct ctlx_record){ 4, slice_of(big, sizeof(big)) };
	assert_int_equal(ctlx_build(&t, m), EINVAL);
	m->n = CTLX_RECORDS_MAX;
	for (size_t i = 0; i < m->n; i++)
		m->record[i] =
			(struct ctlx_record){ 4, slice_of(big, CTLX_CERT_MAX) };
	assert_int_equal(ctlx_build(&t, m), EINVAL); /* together */
	*m = (struct ctlx_msg){ .type = CTLX_ASK,
		.user = { "u", 1 },
		.secret = slice_of(big, CTLX_TEXT_MAX + 1) };
	assert_int_equal(ctlx_build(&t, m), EINVAL);
	assert_int_equal(t.n, 0);
	/* one record more than is taken */
	m->type = CTLX_OFFER;
	*m = (struct ctlx_msg){ .type = CTLX_OFFER, .n = CTLX_RECORDS_MAX };
	for (size_t i = 0; i < m->n; i++)
		m->record[i] = (struct ctlx_record){ 4, SLICE_LIT("x") };
	built(&t, m);
	text_add(&t, SLICE_LIT("\4\0\0\3\0\4x"));
	t.p[8] = (char)((t.n - CTLX_HEAD) >> 8);
	t.p[9] = (char)(t.n - CTLX_HEAD);
	assert_int_equal(ctlx_parse(m, text_slice(&t)), E2BIG);
	text_free(&t);
	free(m);
}

/* A known answer: hashcat's example of type 8 (mode 9200). */
static void secrets_are_compared(void **state)
{
	static const char example[] = "$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f."
				      "EMHr6M.FzU8xnZnBr/tJdFWk";
	char own[SECRET8_TEXT], again[SECRET8_TEXT];

	(void)state;
	assert_true(secret8_matches(example, SLICE_LIT("hashcat")));
	assert_false(secret8_matches(example, SLICE_LIT("hashcaT")));
	assert_false(secret8_matches(example, SLICE_LIT("")));
	assert_false(secret8_matches("hashcat", SLICE_LIT("hashcat")));
	secret8_make(SLICE_LIT("geheim"), own);
	secret8_make(SLICE_LIT("geheim"), again);
	assert_string_not_equal(own, again);
	assert_int_equal(strlen(own), SECRET8_TEXT - 1);
	assert_true(secret8_matches(own, SLICE_LIT("geheim")));
	assert_false(secret8_matches(own, SLICE_LIT("geheim ")));
	assert_true(secret_text_matches("geheim", SLICE_LIT("geheim")));
	assert_false(secret_text_matches("geheim", SLICE_LIT("gehei")));
	assert_false(secret_text_matches("geheim", SLICE_LIT("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(messages_survive),
		T(wrong_ones_are_refused),
		T(bounds_hold),
		T(secrets_are_compared),
	};

	return RUN_TESTS(tests);
}
