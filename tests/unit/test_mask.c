#include "test.h"

#include "b2bua/sip/mask.h"

static const struct {
	const char *name, *in, *out;
} rows[] = {
	{ "nothing secret", "SIP/2.0 200 OK\r\nTo: <sip:a@b>;tag=1\r\n\r\n",
		"SIP/2.0 200 OK\r\nTo: <sip:a@b>;tag=1\r\n\r\n" },
	{ "crypto", "a=crypto:1 AEAD_AES_128_GCM inline:c2VjcmV0|2^20|1:4\r\n",
		"a=crypto:1 AEAD_AES_128_GCM inline:***|2^20|1:4\r\n" },
	{ "two keys", "a=crypto:1 X inline:AAA|1:1;inline:BBB|2:1 KDR=1",
		"a=crypto:1 X inline:***|1:1;inline:***|2:1 KDR=1" },
	{ "key without end", "a=crypto:1 X inline:AAA",
		"a=crypto:1 X inline:***" },
	{ "key management", "a=key-mgmt:mikey AQAF\r\n", "a=key-mgmt:***\r\n" },
	{ "key line", "k=clear:secret\n", "k=***\n" },
	{ "digest",
		"Authorization: Digest username=\"2001\", nonce=\"n,1\", "
		"response=\"abc\", uri=\"sip:x\"\r\n",
		"Authorization: Digest username=\"2001\", nonce=***, "
		"response=***, uri=\"sip:x\"\r\n" },
	{ "quoted quote", "Proxy-Authorization: Digest cnonce=\"a\\\",b\",nc=1",
		"Proxy-Authorization: Digest cnonce=***,nc=1" },
	{ "challenge", "WWW-Authenticate: Digest realm=\"x\",nonce=\"y\"\r\n",
		"WWW-Authenticate: Digest realm=\"x\",nonce=***\r\n" },
	{ "basic", "Authorization: Basic dXNlcjpwYXNz\r\n",
		"Authorization: Basic ***\r\n" },
	{ "case and spaces", "authorization :digest RESPONSE = \"z\"",
		"authorization :digest RESPONSE =***" },
	{ "folded credentials",
		"Authorization: Digest a=\"b\",\r\n response=\"z\"\r\nTo: x\r\n",
		"Authorization: Digest a=\"b\",\r\n\t***\r\nTo: x\r\n" },
	{ "no credentials", "Authorization:\r\n", "Authorization:\r\n" },
	{ "password", "To: <sip:a:secret@b:5060>\r\n",
		"To: <sip:a:***@b:5060>\r\n" },
	{ "password in the first line", "INVITE sip:a:s@b SIP/2.0",
		"INVITE sip:a:***@b SIP/2.0" },
	{ "no password", "To: <sip:a@b:5060>", "To: <sip:a@b:5060>" },
	{ "two addresses", "X: <sip:a:1@b>, <sips:c:2@d>",
		"X: <sip:a:***@b>, <sips:c:***@d>" },
	{ "origin line", "o=- 1 2 IN IP4 1.2.3.4", "o=- 1 2 IN IP4 1.2.3.4" },
	{ "empty", "", "" },
};

static void masks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text t = { 0 };
		char *out;

		sip_mask(&t, slice_str(rows[i].in));
		out = text_take(&t);
		if (strcmp(out, rows[i].out) != 0)
			fail_msg("row \"%s\": %s", rows[i].name, out);
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(masks) };

	return RUN_TESTS(tests);
}
