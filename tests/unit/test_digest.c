#include "test.h"

#include <errno.h>

#include "b2bua/trunk/digest.h"

/* RFC 7616 3.9.1, both algorithms; RFC 2617 3.5 (MD5 not named). */
static void vectors(void **state)
{
	(void)state;
	static const struct {
		const char *challenge, *user, *password, *uri, *cnonce;
		const char *response;
	} rows[] = {
		{ "Digest realm=\"http-auth@example.org\", qop=\"auth, "
		  "auth-int\", algorithm=MD5, "
		  "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
		  "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
			"Mufasa", "Circle of Life", "/dir/index.html",
			"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
			"8ca523f5e9506fed4657c9700eebdbec" },
		{ "Digest realm=\"http-auth@example.org\", qop=\"auth, "
		  "auth-int\", algorithm=SHA-256, "
		  "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
		  "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
			"Mufasa", "Circle of Life", "/dir/index.html",
			"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
			"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8"
			"db5856cb6c1" },
		{ "Digest realm=\"testrealm@host.com\",qop=\"auth,auth-int\","
		  "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",opaque="
		  "\"5ccc069c403ebaf9f0171e9517f40e41\"",
			"Mufasa", "Circle Of Life", "/dir/index.html",
			"0a4f113b", "6629fae49393a05397450978507c4ef1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct digest_request r = { .method = SLICE_LIT("GET"),
			.uri = slice_str(rows[i].uri),
			.count = 1,
			.cnonce = slice_str(rows[i].cnonce) };
		struct digest_challenge c;
		char *out;

		assert_int_equal(
			digest_read(&c, slice_str(rows[i].challenge)), 0);
		assert_int_equal(
			digest_answer(&out, &c, slice_str(rows[i].user),
				rows[i].password, &r),
			0);
		assert_non_null(strstr(out, rows[i].response));
		assert_non_null(strstr(out, "qop=auth, nc=00000001"));
		assert_non_null(strstr(out, ", opaque=\""));
		free(out);
	}
}

static void refused(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		int err;
	} rows[] = {
		{ "Basic realm=\"x\"", EBADMSG },
		{ "Digest realm=\"x\"", EBADMSG },
		{ "Digest nonce=\"x\"", EBADMSG },
		{ "Digest realm=\"x\", nonce=\"\"", EBADMSG },
		{ "Digest realm=\"x\", nonce=\"y", EBADMSG },
		{ "Digest realm=\"x\", nonce", EBADMSG },
		{ "Digest realm=\"x\", nonce=\"y\", algorithm=ROT13", ENOTSUP },
		{ "Digest realm=\"x\", nonce=\"y\", qop=\"token\"", ENOTSUP },
	};
	struct digest_challenge c;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(
			digest_read(&c, slice_str(rows[i].value)), rows[i].err);
	assert_int_equal(
		digest_read(&c, SLICE_LIT("Digest realm=\"a\\\"b\",nonce=n,"
					  "stale=TRUE,algorithm=sha-256,"
					  "qop=\"auth-int\"")),
		0);
	assert_string_equal(c.realm, "a\"b");
	assert_true(c.stale);
	assert_int_equal(c.alg, DIGEST_SHA256);
	assert_int_equal(c.qop, DIGEST_AUTH_INT);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(vectors), T(refused) };

	return RUN_TESTS(tests);
}
