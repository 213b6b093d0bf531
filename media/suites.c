/* The suites we speak, in the order in which they are offered by default. */
#include "media/suites.h"

#include <errno.h>

/* clang-format off */
const struct suite_row suite_rows[CONF_SUITE_COUNT] = {
	/* RFC 7714 14.1: a tag of 16 bytes on everything */
	[CONF_AEAD_AES_256_GCM] =
		{ "AEAD_AES_256_GCM", 32, 12, 16, 16, true },
	[CONF_AEAD_AES_128_GCM] =
		{ "AEAD_AES_128_GCM", 16, 12, 16, 16, true },
	/* RFC 4568 6.2.1 and 6.2.2: _32 keeps the long tag for SRTCP */
	[CONF_AES_CM_128_HMAC_SHA1_80] =
		{ "AES_CM_128_HMAC_SHA1_80", 16, 14, 10, 10, false },
	[CONF_AES_CM_128_HMAC_SHA1_32] =
		{ "AES_CM_128_HMAC_SHA1_32", 16, 14, 4, 10, false },
	/* RFC 6188 4, tables 3 and 4 */
	[CONF_AES_256_CM_HMAC_SHA1_80] =
		{ "AES_256_CM_HMAC_SHA1_80", 32, 14, 10, 10, false },
	[CONF_AES_256_CM_HMAC_SHA1_32] =
		{ "AES_256_CM_HMAC_SHA1_32", 32, 14, 4, 10, false },
};
/* clang-format on */

int suite_find(struct slice name, enum conf_suite *out)
{
	for (size_t i = 0; i < CONF_SUITE_COUNT; i++) {
		if (slice_eq_str(name, suite_rows[i].name)) {
			*out = (enum conf_suite)i;
			return 0;
		}
	}
	return ENOENT;
}
