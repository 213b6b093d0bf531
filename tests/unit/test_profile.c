#include "test.h"

#include "b2bua/route/profile.h"
#include "base/obj.h"
#include "base/secret.h"
#include "conf_text.h"

static struct conf *profile(const char *rules)
{
	struct conf_errs errs = { 0 };
	char *text =
		mem_printf(CONF_BASE "voice class sip-profiles 1\n%s\n", rules);
	struct conf *c = conf_parse(slice_str(text), "t", &errs);

	conf_errs_print(&errs, "t", stdout);
	conf_errs_free(&errs);
	free(text);
	return c;
}

static const struct {
	const char *rules, *name, *value;
	const char *out; /* headers after it, "N: V|…"; NULL: refused */
} rows[] = {
	/* clang-format off */
	{ "request ANY sip-header X add \"X: 2\"", "X", "1", "X: 1|X: 2|" },
	{ "request ANY sip-header x-y add \"X-Y: 2\"", "Z", "1", "Z: 1|x-y: 2|" },
	{ "request INVITE sip-header X remove", "x", "1", "" },
	{ "request BYE sip-header X remove", "X", "1", "X: 1|" },
	{ "response ANY sip-header X remove", "X", "1", "X: 1|" },
	{ "request ANY sip-header X modify \"1\" \"2\"", "X", "112", "X: 212|" },
	{ "request ANY sip-header X modify \"X: (.)(.)\" \"X: \\2\\1\"", "X", "12", "X: 21|" },
	{ "request ANY sip-header X modify \"(.*)\" \"\\1;a=b\"", "X", "12", "X: 12;a=b|" },
	{ "request ANY sip-header Allow-Header modify \", UPDATE\" \"\"", "Allow", "INVITE, UPDATE", "Allow: INVITE|" },
	/* in order of numbers, one after the other */
	{ "rule 2 request ANY sip-header X modify \"2\" \"3\"\n rule 1 request ANY sip-header X modify \"1\" \"2\"", "X", "1", "X: 3|" },
	/* groups of one rule for another */
	{ "rule 1 request ANY sip-header X copy \"X: (.)\" u07\n rule 2 request ANY sip-header Y add \"Y: \\u07\\u08.\"", "X", "92", "X: 92|Y: 9.|" },
	{ "rule 1 request ANY sip-header X copy \"X: (.*)\" u01\n rule 2 request ANY sip-header X modify \"X: (.)\" \"X: \\u01\\1\"", "X", "\\1", "X: \\1\\1|" },
	/* what would make it unusable is left out */
	{ "request ANY sip-header X modify \"X\" \"Y\"", "X", "1", "X: 1|" },
	{ "request ANY sip-header X modify \".*\" \"\"", "X", "1", "X: 1|" },
	/* what cannot be configured */
	{ "request ANY sip-header Via remove", "X", "1", NULL },
	{ "request ANY sip-header X add \"Y: 1\"", "X", "1", NULL },
	{ "request ANY sip-header X modify \"(\" \"1\"", "X", "1", NULL },
	{ "request ANY sip-header X modify \"a\" \"\\1\"", "X", "1", NULL },
	{ "request ANY sip-header X copy \"a\" v01", "X", "1", NULL },
	{ "response 99 sip-header X remove", "X", "1", NULL },
	{ "request ANY sdp-header Foo remove", "X", "1", NULL },
	{ "request ANY sdp-header Audio-Attribute add \"b=1\"", "X", "1", NULL },
	/* clang-format on */
};

static void headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf *c = profile(rows[i].rules);
		struct text t = { 0 };
		struct hdrs h;
		struct profile_msg m = { .method = SLICE_LIT("INVITE"),
			.h = &h };

		check_row(rows[i].rules, (c != NULL) == (rows[i].out != NULL));
		if (c == NULL)
			continue;
		hdrs_init(&h);
		hdrs_add_str(&h, rows[i].name, rows[i].value);
		profile_apply(c->sip_profiles, &m);
		for (size_t k = 0; k < h.n; k++)
			text_printf(&t, "%.*s: %.*s|", SLICE_ARG(h.v[k].name),
				SLICE_ARG(h.v[k].value));
		if (!slice_eq_str(text_slice(&t), rows[i].out))
			fail_msg("row \"%s\" gives %s", rows[i].rules,
				t.n > 0 ? t.p : "nothing");
		assert_null(m.new_body);
		text_free(&t);
		hdrs_free(&h);
		obj_unref(c);
	}
}

#define SDP                                                                    \
	"v=0\r\ns=x\r\na=sess\r\nm=audio 1 RTP/AVP 0\r\na=one\r\n"             \
	"m=video 2 RTP/AVP 9\r\na=two\r\n"

static const struct {
	const char *rules, *out;
} sdps[] = {
	{ "request ANY sdp-header Audio-Attribute add \"a=new\"",
		"v=0\r\ns=x\r\na=sess\r\nm=audio 1 RTP/AVP 0\r\na=one\r\n"
		"a=new\r\nm=video 2 RTP/AVP 9\r\na=two\r\n" },
	{ "request ANY sdp-header Session-Attribute add \"a=new\"",
		"v=0\r\ns=x\r\na=sess\r\na=new\r\nm=audio 1 RTP/AVP 0\r\n"
		"a=one\r\nm=video 2 RTP/AVP 9\r\na=two\r\n" },
	{ "request ANY sdp-header Video-Attribute add \"a=new\"",
		SDP "a=new\r\n" },
	{ "request ANY sdp-header Attribute remove",
		"v=0\r\ns=x\r\nm=audio 1 RTP/AVP 0\r\n"
		"m=video 2 RTP/AVP 9\r\n" },
	{ "request ANY sdp-header Video-Attribute modify \"two\" \"2\"",
		"v=0\r\ns=x\r\na=sess\r\nm=audio 1 RTP/AVP 0\r\na=one\r\n"
		"m=video 2 RTP/AVP 9\r\na=2\r\n" },
	/* a line that is of another kind now is gone */
	{ "request ANY sdp-header Video-Attribute modify \".*\" \"\"",
		"v=0\r\ns=x\r\na=sess\r\nm=audio 1 RTP/AVP 0\r\na=one\r\n"
		"m=video 2 RTP/AVP 9\r\n" },
	{ "request BYE sdp-header Attribute remove", NULL },
};

static void sdp(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sdps); i++) {
		struct conf *c = profile(sdps[i].rules);
		struct hdrs h;
		struct profile_msg m = { .method = SLICE_LIT("INVITE"),
			.h = &h,
			.body = SLICE_LIT(SDP) };

		assert_non_null(c);
		hdrs_init(&h);
		profile_apply(c->sip_profiles, &m);
		check_row(sdps[i].rules,
			(m.new_body == NULL) == (sdps[i].out == NULL));
		if (m.new_body != NULL)
			assert_string_equal(m.new_body, sdps[i].out);
		free(m.new_body);
		hdrs_free(&h);
		obj_unref(c);
	}
}

/* Rules are shown as they parse back. */
static void shown(void **state)
{
	(void)state;
	struct conf_errs errs = { 0 };
	char *text = conf_shown(CONF_BASE
		"voice class sip-profiles 7\n description d\n"
		" request INVITE sip-header X add \"X: a \\\"b\\\"\"\n"
		" rule 5 response ANY method BYE sip-header X remove\n"
		" rule 6 response 200 sdp-header Attribute remove\n"
		" rule 9 request ANY peer-header sip To copy \"(\\d+)\" u02\n"
		" no rule 6\n",
		&errs);
	char *again;

	assert_non_null(text);
	assert_non_null(strstr(text,
		"voice class sip-profiles 7\n description d\n"
		" rule 1 request INVITE sip-header X add \"X: a \\\"b\\\"\"\n"
		" rule 5 response ANY method BYE sip-header X remove\n"
		" rule 9 request ANY peer-header sip To copy \"(\\\\d+)\" u02\n"
		"!\n"));
	again = conf_shown(text, &errs);
	assert_string_equal(text, again);
	free(text);
	free(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(headers), T(sdp), T(shown) };

	return RUN_TESTS(tests);
}
