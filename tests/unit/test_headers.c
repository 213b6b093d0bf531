#include "test.h"

#include "b2bua/route/headers.h"
#include "base/wire.h"

static void passes(void **state)
{
	(void)state;
	const enum conf_side A = CONF_ACCESS, C = CONF_CORE;
	const struct {
		const char *name, *value;
		enum conf_side from, to;
		const char *passed; /* NULL: not at all */
	} rows[] = {
		/* clang-format off */
		{ "X-Own", "a b", A, C, "a b" },
		{ "x-own", "a", C, A, "a" },
		{ "Subject", "s", A, C, "s" },
		{ "via", "SIP/2.0/UDP x", A, C, NULL },
		{ "Record-Route", "<sip:x>", C, A, NULL },
		{ "Contact", "<sip:x>", C, A, NULL },
		{ "Path", "<sip:x>", A, C, NULL },
		{ "Service-Route", "<sip:x>", C, A, NULL },
		{ "Replaces", "a;to-tag=b", A, C, NULL },
		{ "RSeq", "1", C, A, NULL },
		{ "Require", "100rel", C, A, NULL },
		{ "Require", "timer, replaces,100rel", C, A, "replaces" },
		{ "P-Asserted-Identity", "<sip:boss@x>", A, C, NULL },
		{ "P-Asserted-Identity", "<sip:boss@x>", C, A, "<sip:boss@x>" },
		{ "Remote-Party-ID", "<sip:boss@x>", A, C, NULL },
		{ "Identity", "a.b.c;info=<x>;ppt=div", C, C, "a.b.c;info=<x>;ppt=div" },
		{ "P-Charging-Vector", "x", C, A, NULL },
		{ "History-Info", "x", C, A, NULL },
		{ "History-Info", "x", A, C, "x" },
		{ "Server", "cucm 14", C, A, "Lineside" },
		{ "User-Agent", "phone/1", A, C, "phone/1" },
		{ "User-Agent", "cucm 14", C, A, "Lineside" },
		{ "Supported", "100rel, timer,replaces ,outbound,path,gruu,x", A, C, "replaces, x" },
		{ "Supported", "100rel", A, C, NULL },
		{ "Allow", "INVITE,ACK,REFER,bye", A, C, "INVITE, ACK, BYE, REFER" },
		{ "Allow", "FROB", A, C, NULL },
		{ "Content-Type", "text/plain", A, C, NULL },
		{ "Authorization", "Digest x", A, C, "Digest x" },
		{ "WWW-Authenticate", "Digest a=\"b\", qop=\"auth,auth-int\", c=d", C, A, "Digest a=\"b\", qop=\"auth\", c=d" },
		{ "Proxy-Authenticate", "Digest QOP=\"auth-int\"", C, A, "Digest QOP=\"auth\"" },
		{ "WWW-Authenticate", "Digest nonce=\"auth-int\"", C, A, "Digest nonce=\"auth-int\"" },
		{ "WWW-Authenticate", "Digest qop=\"auth", C, A, "Digest qop=\"auth" },
		{ "Retry-After", "5", C, A, "5" },
		{ "Session-Expires", "1800", A, C, NULL },
		{ "Min-SE", "90", A, C, NULL },
		/* clang-format on */
	};
	static struct sip_msg m;
	static struct hdrs out;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		m.nhdrs = 1;
		m.hdr[0] = (struct sip_hdr){ slice_str(rows[i].name),
			slice_str(rows[i].value) };
		hdrs_init(&out);
		headers_pass(&out, &m, rows[i].from, rows[i].to, HDR_BODY_NONE);
		check_row(rows[i].value, out.n == (rows[i].passed != NULL));
		if (out.n == 1)
			check_row(rows[i].value,
				slice_eq_str(out.v[0].value, rows[i].passed));
		hdrs_free(&out);
	}
}

static void bodies(void **state)
{
	(void)state;
	static struct sip_msg m;
	static struct hdrs out;

	m.nhdrs = 2;
	m.hdr[0] = (struct sip_hdr){ SLICE_LIT("Content-Type"),
		SLICE_LIT("text/plain") };
	m.hdr[1] = (struct sip_hdr){ SLICE_LIT("Content-Disposition"),
		SLICE_LIT("session") };
	hdrs_init(&out);
	headers_pass(&out, &m, CONF_ACCESS, CONF_CORE, HDR_BODY_PASS);
	assert_int_equal(out.n, 2);
	hdrs_free(&out);
	headers_pass(&out, &m, CONF_ACCESS, CONF_CORE, HDR_BODY_SDP);
	assert_int_equal(out.n, 1);
	assert_true(slice_eq_str(out.v[0].value, "application/sdp"));
	hdrs_free(&out);
}

static void bounded(void **state)
{
	(void)state;
	static struct hdrs out;

	hdrs_init(&out);
	for (int i = 0; i < HDRS_MAX + 5; i++)
		hdrs_add_str(&out, "X", "y");
	assert_true(out.n <= HDRS_MAX);
	assert_true(out.nowned <= HDRS_OWNED_MAX);
	hdrs_free(&out);
}

static void unsupported(void **state)
{
	(void)state;
	static struct sip_msg m;
	char out[64];

	m.nhdrs = 2;
	m.hdr[0] = (struct sip_hdr){ SLICE_LIT("require"),
		SLICE_LIT("timer, 100rel ,x") };
	m.hdr[1] = (struct sip_hdr){ SLICE_LIT("Proxy-Require"),
		SLICE_LIT("sec-agree") };
	assert_true(headers_unsupported(&m, out, sizeof(out)));
	assert_string_equal(out, "x, sec-agree");
	m.nhdrs = 1;
	m.hdr[0].value = SLICE_LIT("timer, privacy");
	assert_false(headers_unsupported(&m, out, sizeof(out)));
	m.nhdrs = 0;
	assert_false(headers_unsupported(&m, out, sizeof(out)));
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(passes), T(bodies), T(bounded),
		T(unsupported) };

	return RUN_TESTS(tests);
}
