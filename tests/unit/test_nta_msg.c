/* Messages between Sofia and sip_port.h: text in, the same text out. */
#include "test.h"

#include <errno.h>

#include "b2bua/sofia/nta_int.h"

#define HEAD                                                                   \
	"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"                       \
	"f: \"A B\" <sip:a@x>;tag=t1\r\nTo: <sip:b@y>\r\ni: id@x\r\n"

static msg_t *parsed(const char *text)
{
	msg_t *msg = msg_make(sip_default_mclass(), MSG_DO_EXTRACT_COPY, text,
		(ssize_t)strlen(text));

	assert_non_null(msg);
	assert_non_null(sip_object(msg)->sip_from);
	return msg;
}

static void request(void **state)
{
	struct sip_msg m;
	msg_t *msg = parsed("INVITE sip:b@y;p=1 SIP/2.0\r\n" HEAD
			    "CSeq: 7 INVITE\r\nMax-Forwards: 9\r\n"
			    "m: \"C, D\" <sip:c@z>;+sip.instance=\"<u>\";"
			    "expires=60\r\nExpires: 120\r\n"
			    "k: 100rel, timer\r\nx-Mixed-CASE:  v \r\n"
			    "Allow: INVITE\r\nAllow: ACK, BYE\r\n"
			    "Subject: one\r\n  two\r\n\tthree\r\n"
			    "Subject: again\r\nc: text/plain\r\n"
			    "Content-Length: 5\r\n\r\nhello");

	(void)state;
	assert_true(nta_msg_read(&m, msg));
	assert_false(m.response || m.local);
	assert_int_equal(m.method, SIP_INVITE);
	assert_true(slice_eq_str(m.ruri, "sip:b@y;p=1"));
	assert_true(slice_eq_str(m.from, "\"A B\" <sip:a@x>;tag=t1"));
	assert_true(slice_eq_str(m.from_tag, "t1"));
	assert_true(slice_eq_str(m.to, "<sip:b@y>"));
	assert_int_equal(m.to_tag.n, 0);
	assert_true(slice_eq_str(m.call_id, "id@x"));
	assert_int_equal(m.cseq, 7);
	assert_int_equal(m.max_forwards, 9);
	assert_int_equal(m.expires, 120);
	assert_int_equal(m.ncontacts, 1);
	assert_true(slice_eq_str(m.contact[0].uri, "sip:c@z"));
	assert_int_equal(m.contact[0].expires, 60);
	assert_true(slice_eq_str(m.body, "hello"));

	static const char *const hdrs[][2] = {
		{ "Supported", "100rel, timer" },
		{ "x-Mixed-CASE", "v" },
		{ "Allow", "INVITE" },
		{ "Allow", "ACK, BYE" },
		{ "Subject", "one two three" },
		{ "Content-Type", "text/plain" },
	};

	assert_int_equal(m.nhdrs, ARRAY_SIZE(hdrs));
	for (size_t i = 0; i < ARRAY_SIZE(hdrs); i++) {
		check_row(hdrs[i][0], slice_eq_str(m.hdr[i].name, hdrs[i][0]));
		check_row(hdrs[i][0], slice_eq_str(m.hdr[i].value, hdrs[i][1]));
	}
	msg_destroy(msg);
}

static void response(void **state)
{
	struct sip_msg m;
	msg_t *msg = parsed("SIP/2.0 486 Nicht da\r\n" HEAD
			    "CSeq: 3 PRIVATE\r\nm: *\r\nl: 0\r\n\r\n");

	(void)state;
	assert_true(nta_msg_read(&m, msg));
	assert_true(m.response);
	assert_int_equal(m.status, 486);
	assert_true(slice_eq_str(m.reason, "Nicht da"));
	assert_int_equal(m.method, SIP_OTHER);
	assert_true(slice_eq_str(m.method_name, "PRIVATE"));
	assert_int_equal(m.max_forwards, -1);
	assert_int_equal(m.expires, -1);
	assert_true(m.ncontacts == 1 && m.contact[0].star);
	assert_int_equal(m.nhdrs, 0);
	msg_destroy(msg);
}

static void too_many_contacts(void **state)
{
	struct text t = { 0 };
	struct sip_msg m;
	msg_t *msg;

	(void)state;
	text_add(&t, SLICE_LIT("REGISTER sip:y SIP/2.0\r\n" HEAD
			       "CSeq: 1 REGISTER\r\n"));
	for (int i = 0; i <= SIP_CONTACTS_MAX; i++)
		text_printf(&t, "Contact: <sip:%d@z>\r\n", i);
	text_add(&t, SLICE_LIT("l: 0\r\n\r\n"));
	msg = parsed(t.p);
	assert_false(nta_msg_read(&m, msg));
	msg_destroy(msg);
	text_free(&t);
}

static char *printed(msg_t *msg)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	size_t n;
	char *s, *copy;

	su_home_init(home);
	assert_true(msg_serialize(msg, msg_object(msg)) >= 0);
	s = msg_as_string(home, msg, NULL, 0, &n);
	assert_non_null(s);
	copy = mem_ndup(s, n);
	su_home_deinit(home);
	return copy;
}

static void writes_verbatim(void **state)
{
	char uri[] = "sip:x";
	static const struct sip_hdr hdrs[] = {
		{ SLICE_LIT("Supported"), SLICE_LIT("b ,a;  x") },
		{ SLICE_LIT("X-Own"), SLICE_LIT("\"q\" <sip:a@b ;odd") },
		{ SLICE_LIT("Supported"), SLICE_LIT("again") },
	};
	const struct sip_out o = { .hdr = hdrs,
		.nhdrs = ARRAY_SIZE(hdrs),
		.body = SLICE_LIT("v=0\r\n") };
	msg_t *msg = msg_create(sip_default_mclass(), 0);
	sip_request_t *rq = sip_request_create(
		msg_home(msg), SIP_METHOD_OPTIONS, URL_STRING_MAKE(uri), NULL);
	char *s;

	(void)state;
	assert_true(msg_header_insert(
			    msg, msg_object(msg), (msg_header_t *)rq) >= 0);
	assert_int_equal(nta_msg_write(msg, &o), 0);
	assert_int_equal(nta_msg_write(msg, NULL), 0);
	s = printed(msg);
	assert_non_null(strstr(s, "Supported: b ,a;  x\r\n"
				  "X-Own: \"q\" <sip:a@b ;odd\r\n"
				  "Supported: again\r\n"));
	assert_non_null(strstr(s, "v=0\r\n"));
	free(s);
	msg_destroy(msg);
}

static void refuses_line_breaks(void **state)
{
	static const struct sip_hdr bad[] = {
		{ SLICE_LIT("A"), SLICE_LIT("x\r\nB: y") },
		{ SLICE_LIT("A"), SLICE_LIT("x\ny") },
		{ SLICE_LIT("A"), SLICE_LIT("x\0y") },
		{ SLICE_LIT("A\r\nB"), SLICE_LIT("x") },
		{ SLICE_LIT(""), SLICE_LIT("x") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct sip_out o = { .hdr = &bad[i], .nhdrs = 1 };
		msg_t *msg = msg_create(sip_default_mclass(), 0);

		assert_int_equal(nta_msg_write(msg, &o), EINVAL);
		msg_destroy(msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(request),
		T(response),
		T(too_many_contacts),
		T(writes_verbatim),
		T(refuses_line_breaks),
	};

	return RUN_TESTS(tests);
}
