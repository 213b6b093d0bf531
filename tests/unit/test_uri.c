#include "test.h"

#include <errno.h>

#include "b2bua/sip/uri.h"

static void uris(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		int err;
		const char *scheme, *user, *host;
		unsigned port;
		const char *params, *headers;
	} rows[] = {
		/* clang-format off */
		{ "sip:h", 0, "sip", "", "h", 0, "", "" },
		{ "sips:2001@example.com", 0, "sips", "2001", "example.com", 0, "", "" },
		{ "SIP:2001@10.0.0.1:5061;transport=tls", 0, "SIP", "2001", "10.0.0.1", 5061, ";transport=tls", "" },
		{ "sip:a;b=c@h;lr?X=y", 0, "sip", "a;b=c", "h", 0, ";lr", "X=y" },
		{ "sip:a:secret@h", 0, "sip", "a", "h", 0, "", "" },
		{ "sip:[2001:db8::1]:5060", 0, "sip", "", "2001:db8::1", 5060, "", "" },
		{ "sip:u@[::1]", 0, "sip", "u", "::1", 0, "", "" },
		{ "sip:u@h?a=b", 0, "sip", "u", "h", 0, "", "a=b" },
		{ "tel:+1-212;phone-context=x", 0, "tel", "+1-212", "", 0, ";phone-context=x", "" },
		{ "tel:", EBADMSG },
		{ "", EBADMSG },
		{ "sip:", EBADMSG },
		{ ":h", EBADMSG },
		{ "http://h", EBADMSG },
		{ "sip:@h", EBADMSG },
		{ "sip:u@", EBADMSG },
		{ "sip:u@h@i", EBADMSG },
		{ "sip:u@h:0", EBADMSG },
		{ "sip:u@h:70000", EBADMSG },
		{ "sip:u@h:5x", EBADMSG },
		{ "sip:u@h:", EBADMSG },
		{ "sip:u@[::1", EBADMSG },
		{ "sip:u@[]", EBADMSG },
		{ "sip:u@[::1]x", EBADMSG },
		{ "sip:u@[gg]", EBADMSG },
		{ "sip:u @h", EBADMSG },
		{ "sip:u@h>", EBADMSG },
		{ "sip:u@h\r\nX: y", EBADMSG },
		{ "sip:u@h/x", EBADMSG },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sip_uri u;

		check_row(rows[i].in, sip_uri_parse(slice_str(rows[i].in),
					      &u) == rows[i].err);
		if (rows[i].err != 0)
			continue;
		check_row(rows[i].in, slice_eq_str(u.scheme, rows[i].scheme));
		check_row(rows[i].in, slice_eq_str(u.user, rows[i].user));
		check_row(rows[i].in, slice_eq_str(u.host, rows[i].host));
		check_row(rows[i].in, u.port == rows[i].port);
		check_row(rows[i].in, slice_eq_str(u.params, rows[i].params));
		check_row(rows[i].in, slice_eq_str(u.headers, rows[i].headers));
	}
}

static void name_addrs(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		int err;
		const char *display, *uri, *params;
	} rows[] = {
		/* clang-format off */
		{ "<sip:a@h>", 0, "", "sip:a@h", "" },
		{ "\"A <b>, \\\"c\" <sip:a@h;x>;tag=1", 0, "\"A <b>, \\\"c\"", "sip:a@h;x", ";tag=1" },
		{ "Bob <sip:a@h> ;tag=1", 0, "Bob", "sip:a@h", ";tag=1" },
		{ "sip:a@h;tag=1", 0, "", "sip:a@h", ";tag=1" },
		{ "<sip:a@h", EBADMSG },
		{ "<>", EBADMSG },
		{ "", EBADMSG },
		{ "<sip:a@h>x", EBADMSG },
		{ "<sip:a b@h>", EBADMSG },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sip_name_addr na;

		check_row(rows[i].in, sip_name_addr_parse(slice_str(rows[i].in),
					      &na) == rows[i].err);
		if (rows[i].err != 0)
			continue;
		check_row(
			rows[i].in, slice_eq_str(na.display, rows[i].display));
		check_row(rows[i].in, slice_eq_str(na.uri, rows[i].uri));
		check_row(rows[i].in, slice_eq_str(na.params, rows[i].params));
	}
}

static void lists_and_params(void **state)
{
	(void)state;
	struct slice rest = SLICE_LIT(
			     " <sip:a@h>;x=\"1,2\" ,, \"q, r\" <sip:b@h,c> "),
		     one, v;

	assert_true(sip_name_addr_cut(&rest, &one));
	assert_true(slice_eq_str(one, "<sip:a@h>;x=\"1,2\""));
	assert_true(sip_name_addr_cut(&rest, &one));
	assert_true(slice_eq_str(one, "\"q, r\" <sip:b@h,c>"));
	assert_false(sip_name_addr_cut(&rest, &one));

	struct slice p = SLICE_LIT(";A=1; +sip.instance=\"<u;x>\" ;ob;b = 2");

	assert_true(sip_param(p, "a", &v) && slice_eq_str(v, "1"));
	assert_true(sip_param(p, "+SIP.instance", &v) &&
		    slice_eq_str(v, "\"<u;x>\""));
	assert_true(sip_param(p, "ob", &v) && v.n == 0);
	assert_true(sip_param(p, "b", &v) && slice_eq_str(v, "2"));
	assert_false(sip_param(p, "x", &v));
	assert_false(sip_param(SLICE_LIT(""), "x", &v));
}

static void digits(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "2001", "2001" },
		{ "+1-212.555(0)1", "+121255501" },
		{ "%2B49", "+49" },
		{ "a-b", "a-b" },
		{ "2001;phone-context=x", "2001" },
		{ "%zz", "%zz" },
		{ "%4", "%4" },
		{ "-", "-" },
		{ "", "" },
	};
	char out[32];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		check_row(rows[i].in, sip_user_digits(slice_str(rows[i].in),
					      out, sizeof(out)) == 0);
		check_row(rows[i].in, strcmp(out, rows[i].out) == 0);
	}
	assert_int_equal(sip_user_digits(SLICE_LIT("12345"), out, 5), ENOBUFS);
	assert_string_equal(out, "");
}

/* A parameter that changes its meaning with its neighbours is refused. */
static void parameters(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		int err;
	} rows[] = {
		{ "<sip:a@b>;x=\"c;d\";e", 0 },
		{ "<sip:a@b>;x=\"c, <sip:d@e>\"", 0 },
		{ "<sip:a@b>;x=\"c\\\"\"", 0 },
		{ "<sip:a@b>;x=\"c", EBADMSG },
		{ "<sip:a@b>;x=\"c\\\"", EBADMSG },
		{ "<sip:a@b>;x=<c", EBADMSG },
		{ "<sip:a@b>;x=<,<sip:d@e>", EBADMSG },
		{ "sip:a@b;x=\"c", EBADMSG },
	};
	struct sip_name_addr na;
	struct slice params = SLICE_LIT(";x=\"a;b=1\";; c=2 ;d"), one;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(rows[i].in, sip_name_addr_parse(slice_str(rows[i].in),
					      &na) == rows[i].err);
	assert_true(sip_param_cut(&params, &one));
	assert_true(slice_eq_str(one, "x=\"a;b=1\""));
	assert_true(sip_param_cut(&params, &one));
	assert_true(slice_eq_str(one, "c=2"));
	assert_true(sip_param_cut(&params, &one));
	assert_true(slice_eq_str(one, "d"));
	assert_false(sip_param_cut(&params, &one));
}

static void users(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
		bool canonical;
	} rows[] = {
		{ "2001", "2001", true },
		{ "+1-212*3;x=y", "+1-212*3;x=y", true },
		{ "%2312", "%2312", true },
		{ "#12", "%2312", true },
		{ "%32001", "%32001", false },
		{ "%6aoe", "%6aoe", false },
		{ ">,<sip:e@f", "%3E,%3Csip%3Ae%40f", true },
		{ "a\r\nB: c\"%", "a%0D%0AB%3A%20c%22%25", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text t = { 0 };

		sip_user_escape(&t, slice_str(rows[i].in));
		check_row(rows[i].in, strcmp(t.p, rows[i].out) == 0);
		check_row(
			rows[i].in, sip_user_canonical(slice_str(rows[i].in)) ==
					    rows[i].canonical);
		text_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(uris), T(name_addrs),
		T(lists_and_params), T(digits), T(parameters), T(users) };

	return RUN_TESTS(tests);
}
