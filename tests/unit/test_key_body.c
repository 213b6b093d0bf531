/* Keys in bodies of SIP; the corpus of the fuzzer has what cannot be read. */
#include "test.h"

#include <errno.h>

#include "b2bua/dtmf/key_body.h"

static void infos(void **state)
{
	(void)state;
	static const struct {
		const char *type, *body;
		int err;
		uint8_t key;
		unsigned ms;
	} rows[] = {
		/* clang-format off */
		{ "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", 0, 5, 160 },
		{ "application/dtmf-relay", "Signal= 5\nDuration= 160", 0, 5, 160 },
		{ "APPLICATION/DTMF-RELAY;charset=x", "signal=*", 0, 10, 250 },
		{ "application/dtmf-relay", "Duration=20\nSignal=#", 0, 11, 100 },
		{ "application/dtmf-relay", "Signal=d\nDuration=9000", 0, 15, 5000 },
		{ "application/dtmf-relay", "Signal=11", 0, 11, 250 },
		{ "application/dtmf-relay", "Signal=hf", 0, 16, 250 },
		{ "application/dtmf-relay", "Signal=17", EBADMSG, 0, 0 },
		{ "application/dtmf-relay", "Signal=", EBADMSG, 0, 0 },
		{ "application/dtmf-relay", "", EBADMSG, 0, 0 },
		{ "application/dtmf", "7", 0, 7, 250 },
		{ "application/dtmf", " 10\r\n", 0, 10, 250 },
		{ "application/dtmf", "77", EBADMSG, 0, 0 },
		{ "application/sdp", "7", ENOTSUP, 0, 0 },
		{ "", "", ENOTSUP, 0, 0 },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct key_press k;
		int err = key_info_read(
			&k, slice_str(rows[i].type), slice_str(rows[i].body));

		check_row(rows[i].body, err == rows[i].err);
		check_row(rows[i].body,
			err != 0 ||
				(k.key == rows[i].key && k.ms == rows[i].ms));
	}
}

static void call_infos(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		unsigned ms; /* 0: is none */
	} rows[] = {
		{ "<sip:a>;method=\"NOTIFY;Event=telephone-event;Duration=700\"",
			700 },
		{ "<sip:a>; method=\"Notify;Duration=9;Event=Telephone-Event\"",
			9 },
		{ "<sip:a>;method=\"NOTIFY;Event=telephone-event\"", 2000 },
		{ "<sip:a>;method=\"NOTIFY;Event=telephone-event;Duration=x\"",
			2000 },
		{ "<sip:a>;method=\"NOTIFY;Event=refer\"", 0 },
		{ "<urn:x-cisco-remotecc:callinfo>;security=Encrypted", 0 },
		{ "", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned ms = 0;
		bool is = key_call_info_read(slice_str(rows[i].value), &ms);

		check_row(rows[i].value, is == (rows[i].ms != 0));
		check_row(rows[i].value, ms == rows[i].ms);
	}
}

static void wishes(void **state)
{
	(void)state;
	static const struct {
		const char *regex;
		int err;
		uint32_t keys;
	} rows[] = {
		{ "x", 0, 0x3ff },
		{ "[x*#ABCD]", 0, 0xffff },
		{ "[0-3]", 0, 0xf },
		{ "5|#", 0, 0x820 },
		{ "[x#*+]|bs", 0, 0xfff },
		{ "xx", ENOTSUP, 0 },
		{ "x{3}", ENOTSUP, 0 },
		{ "L", ENOTSUP, 0 },
		{ "[x", EBADMSG, 0 },
		{ "", ENOTSUP, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct key_wish w;
		char body[256];
		int err;

		snprintf(body, sizeof(body),
			"<kpml-request version=\"1.0\"><pattern>"
			"<regex tag=\"t\">%s</regex></pattern></kpml-request>",
			rows[i].regex);
		err = key_wish_read(&w, slice_str(body));
		check_row(rows[i].regex, err == rows[i].err);
		check_row(rows[i].regex, err != 0 || w.keys == rows[i].keys);
	}
}

/* RFC 4730 5.1, 5.2: what we write is read, by the library as by us. */
static void documents(void **state)
{
	(void)state;
	const uint8_t key = 11;
	struct text t = { 0 };
	struct key_wish w;
	struct key_report r;

	key_wish_write(&t);
	assert_int_equal(key_wish_read(&w, text_slice(&t)), 0);
	assert_true(w.keys == 0xffff && w.persist == KEY_PERSIST);
	assert_string_equal(w.tag, "dtmf");
	text_free(&t);
	key_report_write(&t, 200, "OK", &key, "a\"<&>");
	assert_int_equal(key_report_read(&r, text_slice(&t)), 0);
	assert_true(r.code == 200 && r.n == 1 && r.key[0] == 11);
	text_free(&t);
	key_report_write(&t, 487, "Subscription Expired", NULL, "");
	assert_int_equal(key_report_read(&r, text_slice(&t)), 0);
	assert_true(r.code == 487 && r.n == 0);
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(infos), T(call_infos), T(wishes),
		T(documents) };

	return RUN_TESTS(tests);
}
