#include "test.h"

#include <errno.h>

#include "b2bua/offer/srtp_sdes.h"
#include "base/wire.h"
#include "media/suites.h"

/* KEY30 and KEY44 in a row stand for keys of that many bytes, made here;
 * KEY30U is the same one without its padding. */
static char *with_keys(const char *row)
{
	struct text t = { 0 };
	uint8_t key[46];

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 7 + 1);
	while (*row != '\0') {
		size_t n = 0;

		if (strncmp(row, "KEY", 3) == 0)
			n = (size_t)atoi(row + 3);
		if (n == 0) {
			text_addc(&t, *row++);
			continue;
		}
		row += 5;
		base64_encode(&t, slice_of(key, n), *row != 'U');
		row += *row == 'U';
	}
	return text_take(&t);
}

static void parses(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		int err;
		unsigned tag;
		enum conf_suite suite;
		unsigned mki_len;
		uint64_t mki;
		unsigned weak;
	} rows[] = {
		/* clang-format off */
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30", 0, 1, CONF_AES_CM_128_HMAC_SHA1_80 },
		{ "2 AES_CM_128_HMAC_SHA1_32 inline:KEY30", 0, 2, CONF_AES_CM_128_HMAC_SHA1_32 },
		{ "3 AEAD_AES_128_GCM inline:KEY28", 0, 3, CONF_AEAD_AES_128_GCM },
		{ "3 AEAD_AES_128_GCM inline:KEY28U", 0, 3, CONF_AEAD_AES_128_GCM },
		{ "4 AEAD_AES_256_GCM inline:KEY44", 0, 4, CONF_AEAD_AES_256_GCM },
		{ "4 AEAD_AES_256_GCM inline:KEY44U", 0, 4, CONF_AEAD_AES_256_GCM },
		{ "999999999 AES_CM_128_HMAC_SHA1_80 inline:KEY30", 0, 999999999, CONF_AES_CM_128_HMAC_SHA1_80 },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|2^48", 0, 1, CONF_AES_CM_128_HMAC_SHA1_80 },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|1048576", 0, 1, CONF_AES_CM_128_HMAC_SHA1_80 },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|2^20|1:4", 0, 1, CONF_AES_CM_128_HMAC_SHA1_80, 4, 1 },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|255:1", 0, 1, CONF_AES_CM_128_HMAC_SHA1_80, 1, 255 },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|18446744073709551615:8", 0, 1, CONF_AES_CM_128_HMAC_SHA1_80, 8, UINT64_MAX },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30 WSH=128", 0, 1, CONF_AES_CM_128_HMAC_SHA1_80 },
		{ "1  AES_CM_128_HMAC_SHA1_80   INLINE:KEY30 ", 0, 1, CONF_AES_CM_128_HMAC_SHA1_80 },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30 FEC_ORDER=FEC_SRTP -X", 0, 1, CONF_AES_CM_128_HMAC_SHA1_80 },
		{ "1 AES_256_CM_HMAC_SHA1_80 inline:KEY46", 0, 1, CONF_AES_256_CM_HMAC_SHA1_80 },
		{ "1 AES_CM_256_HMAC_SHA1_80 inline:KEY46U", 0, 1, CONF_AES_256_CM_HMAC_SHA1_80 },
		{ "1 AES_CM_256_HMAC_SHA1_32 inline:KEY46", 0, 1, CONF_AES_256_CM_HMAC_SHA1_32 },
		/* not ours */
		{ "1 F8_128_HMAC_SHA1_80 inline:KEY30", ENOENT },
		{ "1 aes_cm_128_hmac_sha1_80 inline:KEY30", ENOENT },
		/* what weakens is told */
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30 UNENCRYPTED_SRTP", 0, 1, CONF_AES_CM_128_HMAC_SHA1_80, 0, 0, 1 },
		{ "1 AES_CM_128_HMAC_SHA1_32 inline:KEY30 UNENCRYPTED_SRTCP", 0, 1, CONF_AES_CM_128_HMAC_SHA1_32, 0, 0, 2 },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30 WSH=64 UNAUTHENTICATED_SRTP", 0, 1, CONF_AES_CM_128_HMAC_SHA1_80, 0, 0, 4 },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|1:4 UNAUTHENTICATED_SRTP UNENCRYPTED_SRTCP UNENCRYPTED_SRTP", 0, 1, CONF_AES_CM_128_HMAC_SHA1_80, 4, 1, 7 },
		/* what an AEAD suite cannot do without, and what changes the transform */
		{ "1 AEAD_AES_128_GCM inline:KEY28 UNENCRYPTED_SRTP", ENOTSUP },
		{ "1 AEAD_AES_256_GCM inline:KEY44 UNENCRYPTED_SRTCP", ENOTSUP },
		{ "1 AEAD_AES_256_GCM inline:KEY44 UNAUTHENTICATED_SRTP", ENOTSUP },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30 UNENCRYPTED_SRTPX", ENOTSUP },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30 KDR=1", ENOTSUP },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30 FEC_ORDER=SRTP_FEC", ENOTSUP },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30 X", ENOTSUP },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30 FEC_KEY=inline:KEY30", ENOTSUP },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30 -", ENOTSUP },
		{ "1 AES_CM_256_HMAC_SHA1_64 inline:KEY46", ENOENT },
		{ "1 AES_CM_256_ inline:KEY46", ENOENT },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|1:4;inline:KEY30|2:4", ENOTSUP },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|1:16", ENOTSUP },
		/* malformed */
		{ "", EBADMSG },
		{ "1", EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80", EBADMSG },
		{ "0 AES_CM_128_HMAC_SHA1_80 inline:KEY30", EBADMSG },
		{ "01 AES_CM_128_HMAC_SHA1_80 inline:KEY30", EBADMSG },
		{ "1000000000 AES_CM_128_HMAC_SHA1_80 inline:KEY30", EBADMSG },
		{ "x AES_CM_128_HMAC_SHA1_80 inline:KEY30", EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:", EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 KEY30", EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY29", EMSGSIZE },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY31", EMSGSIZE },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY44", EMSGSIZE },
		{ "1 AEAD_AES_128_GCM inline:KEY30", EMSGSIZE },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:!!!!", EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|0", EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|2^49", EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|x", EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|256:1", EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|1:0", EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|1:129", EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30|2^20|1:4|2", EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:KEY30 WSH=x", EBADMSG },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct mdesc_crypto c, again;
		char *in = with_keys(rows[i].in);
		struct text t = { 0 };

		check_row(rows[i].in,
			sdes_parse(slice_str(in), &c) == rows[i].err);
		free(in);
		if (rows[i].err != 0) {
			check_row(rows[i].in, c.key.n == 0 && c.tag == 0);
			continue;
		}
		check_row(rows[i].in, c.tag == rows[i].tag);
		check_row(rows[i].in, c.suite == rows[i].suite);
		check_row(rows[i].in, c.mki_len == rows[i].mki_len);
		check_row(rows[i].in, c.mki == rows[i].mki);
		check_row(rows[i].in, c.weak == rows[i].weak);
		check_row(rows[i].in,
			c.key.n == suite_rows[c.suite].key_len +
					   suite_rows[c.suite].salt_len);
		sdes_print(&t, &c);
		check_row(rows[i].in, sdes_parse(text_slice(&t), &again) == 0);
		check_row(rows[i].in, secret_equal(&c.key, &again.key));
		check_row(rows[i].in, again.mki == c.mki);
		check_row(rows[i].in, again.weak == c.weak);
		check_row(rows[i].in, again.cm256 == c.cm256);
		check_row(rows[i].in, again.unpadded == c.unpadded);
		text_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(parses) };

	return RUN_TESTS(tests);
}
