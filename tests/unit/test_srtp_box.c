/* Known answers: RFC 3711 appendix B, RFC 7714 sections 16 and 17. */
#include "rtp_make.h"

#include "media/srtp_box.h"

/* RFC 3711 B.3 */
static void derives_keys(void **state)
{
	static const struct {
		const char *name;
		unsigned label;
		const char *hex;
	} row[] = {
		{ "cipher key", SRTP_LABEL_KEY,
			"C61E7A93744F39EE10734AFE3FF7A087" },
		{ "cipher salt", SRTP_LABEL_SALT,
			"30CBBC08863D8C85D49DB34A9AE1" },
		{ "auth key", SRTP_LABEL_AUTH,
			"CEBE321F6FF7716B6FD4AB49AF256A15"
			"6D38BAA48F0A0ACF3C34E2359E6CDBCE"
			"E049646C43D9327AD175578EF7227098"
			"6371C10C9A369AC2F94A8C5FBCDDDC25"
			"6D6E919A48B610EF17C2041E47403576"
			"6B68642C59BBFC2F34DB60DBDFB2" },
	};
	uint8_t master[64], want[128], got[128];

	(void)state;
	from_hex(master, "E1F97A0D3E018BE0D64FA32C06DE4139"
			 "0EC675AD498AFEEBB6960B3AABE6");
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		size_t n = from_hex(want, row[i].hex);

		srtp_derive(&suite_rows[CONF_AES_CM_128_HMAC_SHA1_80], master,
			row[i].label, got, n);
		check_row(row[i].name, memcmp(got, want, n) == 0);
	}
}

/* RFC 3711 B.2: the keystream, also far from its beginning. */
static void makes_keystream(void **state)
{
	static const struct {
		size_t block;
		const char *hex;
	} row[] = {
		{ 0, "E03EAD0935C95E80E166B16DD92B4EB4" },
		{ 1, "D23513162B02D0F72A43A2FE4A5F97AB" },
		{ 2, "41E95B3BB0A2E8DD477901E4FCA894C0" },
		{ 0xfeff, "EC8CDF7398607CB0F2D21675EA9EA1E4" },
		{ 0xff00, "362B7C3C6773516318A077D7FC5073AE" },
		{ 0xff01, "6A2CC3787889374FBEB4C81B17BA6C44" },
	};
	uint8_t key[16], salt[14], auth[20] = { 0 }, want[16];
	size_t n = (size_t)0xff02 * 16;
	uint8_t *stream = calloc(1, n);
	struct srtp_box box;

	(void)state;
	from_hex(key, "2B7E151628AED2A6ABF7158809CF4F3C");
	from_hex(salt, "F0F1F2F3F4F5F6F7F8F9FAFBFCFD");
	srtp_box_set(&box, &suite_rows[CONF_AES_CM_128_HMAC_SHA1_80], key, salt,
		auth);
	srtp_cm_crypt(&box, 0, 0, stream, n);
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		from_hex(want, row[i].hex);
		assert_memory_equal(stream + 16 * row[i].block, want, 16);
	}
	srtp_box_close(&box);
	free(stream);
}

/* RFC 2202, test case 1 */
static void authenticates(void **state)
{
	uint8_t key[16] = { 0 }, salt[14] = { 0 }, auth[20], tag[20], want[20];
	struct srtp_box box;

	(void)state;
	memset(auth, 0x0b, sizeof(auth));
	from_hex(want, "b617318655057264e28bc0b6fb378c8ef146be00");
	srtp_box_set(&box, &suite_rows[CONF_AES_CM_128_HMAC_SHA1_80], key, salt,
		auth);
	srtp_cm_tag(&box, (const uint8_t *)"Hi There", 8, NULL, 0, tag);
	assert_memory_equal(tag, want, 20);
	srtp_cm_tag(&box, (const uint8_t *)"Hi T", 4, (const uint8_t *)"here",
		4, tag);
	assert_memory_equal(tag, want, 20);
}

#define KEY_128 "000102030405060708090a0b0c0d0e0f"
#define KEY_256 KEY_128 "101112131415161718191a1b1c1d1e1f"
#define RTP_HEX                                                                \
	"8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064"         \
	"697669736120696e207061727465732074726573"
#define RTCP_HEX                                                               \
	"81c8000d4d6172734e5450314e545032525450200000042a0000e930"             \
	"4c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"

/* RFC 7714 16.1, 16.2 (SRTP), 17.1, 17.2, 17.3 (SRTCP; index 0x5d4) */
static const struct gcm_row {
	const char *name;
	enum conf_suite suite;
	const char *key, *plain, *sealed; /* with the tag */
	size_t clear;
	uint32_t ssrc;
	uint64_t index;
	const char *tail; /* E bit and index */
} gcm_rows[] = {
	{ "16.1 SRTP 128", CONF_AEAD_AES_128_GCM, KEY_128, RTP_HEX,
		"8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bca"
		"be633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
		"899d7f27beb16a9152cf765ee4390cce",
		12, 0x5501a0b2, 0xf17b, "" },
	{ "16.2 SRTP 256", CONF_AEAD_AES_256_GCM, KEY_256, RTP_HEX,
		"8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aa"
		"b18012389a58e2f3b50b2a0276ffae0f1ba63799b87b"
		"7aa3db36dfffd6b0f9bb7878d7a76c13",
		12, 0x5501a0b2, 0xf17b, "" },
	{ "17.1 SRTCP 128", CONF_AEAD_AES_128_GCM, KEY_128, RTCP_HEX,
		"81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f7"
		"6c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
		"c84aa45896cf4d2fc5abf87245d9eade",
		8, 0x4d617273, 0x5d4, "800005d4" },
	{ "17.2 SRTCP 256", CONF_AEAD_AES_256_GCM, KEY_256, RTCP_HEX,
		"81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5d"
		"bffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad"
		"1d1eb30c4446839f57ff6f6cb26ac3be",
		8, 0x4d617273, 0x5d4, "800005d4" },
	{ "17.3 SRTCP 128, not encrypted", CONF_AEAD_AES_128_GCM, KEY_128,
		RTCP_HEX, RTCP_HEX "841dd9683dd78ec92ae58790125f62b3", 56,
		0x4d617273, 0x5d4, "000005d4" },
};

static void seals_and_opens(void **state)
{
	uint8_t key[32], salt[12], iv[GCM_IV_SIZE], tail[4];
	uint8_t plain[128], sealed[128], p[128];

	(void)state;
	from_hex(salt, "517569642070726f2071756f");
	for (size_t i = 0; i < ARRAY_SIZE(gcm_rows); i++) {
		const struct gcm_row *r = &gcm_rows[i];
		size_t n = from_hex(plain, r->plain);
		size_t n_sealed = from_hex(sealed, r->sealed);
		/* What is not encrypted lies before the piece that is. */
		size_t clear = r->clear < n ? r->clear : n;
		struct srtp_aad aad = { p, clear, tail,
			from_hex(tail, r->tail) };
		struct srtp_box box;

		check_row(r->name, n_sealed == n + SRTP_GCM_TAG);
		from_hex(key, r->key);
		srtp_box_set(&box, &suite_rows[r->suite], key, salt, NULL);
		srtp_gcm_iv(&box, r->ssrc, r->index, iv);
		memcpy(p, plain, n);
		srtp_gcm_seal(&box, iv, &aad, p + clear, n - clear);
		check_row(r->name, memcmp(p, sealed, n_sealed) == 0);
		check_row(r->name,
			srtp_gcm_open(&box, iv, &aad, p + clear, n - clear));
		check_row(r->name, memcmp(p, plain, n) == 0);
		memcpy(p, sealed, n_sealed);
		p[n_sealed - 1] ^= 1;
		check_row(r->name,
			!srtp_gcm_open(&box, iv, &aad, p + clear, n - clear));
		check_row(r->name, memcmp(p, sealed, n_sealed - 1) == 0);
		srtp_box_close(&box);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(derives_keys),
		T(makes_keystream),
		T(authenticates),
		T(seals_and_opens),
	};

	return RUN_TESTS(tests);
}
