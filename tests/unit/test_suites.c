#include "test.h"

#include <errno.h>

#include "media/suites.h"

static void finds_by_name(void **state)
{
	enum conf_suite s;

	(void)state;
	for (unsigned i = 0; i < CONF_SUITE_COUNT; i++) {
		assert_int_equal(
			suite_find(slice_str(suite_rows[i].name), &s), 0);
		assert_int_equal(s, i);
	}
	assert_int_equal(suite_find(SLICE_LIT("aead_aes_128_gcm"), &s), ENOENT);
	assert_int_equal(
		suite_find(SLICE_LIT("AEAD_AES_128_GCM "), &s), ENOENT);
	assert_int_equal(
		suite_find(SLICE_LIT("F8_128_HMAC_SHA1_80"), &s), ENOENT);
	assert_int_equal(suite_find(SLICE_LIT(""), &s), ENOENT);
}

/* RFC 4568 6.2, RFC 7714 12 */
static void has_the_lengths(void **state)
{
	const struct suite_row *r = suite_rows;

	(void)state;
	assert_int_equal(r[CONF_AES_CM_128_HMAC_SHA1_80].key_len +
				 r[CONF_AES_CM_128_HMAC_SHA1_80].salt_len,
		30);
	assert_int_equal(r[CONF_AEAD_AES_128_GCM].key_len +
				 r[CONF_AEAD_AES_128_GCM].salt_len,
		28);
	assert_int_equal(r[CONF_AEAD_AES_256_GCM].key_len +
				 r[CONF_AEAD_AES_256_GCM].salt_len,
		44);
	assert_int_equal(r[CONF_AES_CM_128_HMAC_SHA1_32].rtp_tag_len, 4);
	assert_int_equal(r[CONF_AES_CM_128_HMAC_SHA1_32].rtcp_tag_len, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(finds_by_name),
		T(has_the_lengths),
	};

	return RUN_TESTS(tests);
}
