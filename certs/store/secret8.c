#include "certs/store/secret8.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "base/secret.h"
#include "base/wire.h"

enum { SALT = 14, ROUNDS = 20000, KEY = 32, KEY_TEXT = 43 };

static const char crypt64[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz";

/* The bits of base64 (RFC 4648) in another alphabet, without padding. */
static void encode(const uint8_t key[KEY], char out[KEY_TEXT + 1])
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;

	for (size_t i = 0; i < KEY; i++) {
		bits = (bits << 8 | key[i]) & 0xffff;
		have += 8;
		while (have >= 6) {
			have -= 6;
			out[n++] = crypt64[bits >> have & 63];
		}
	}
	out[n++] = crypt64[bits << (6 - have) & 63];
	need(n == KEY_TEXT);
	out[n] = '\0';
}

static void derive(
	struct slice secret, const char *salt, char out[KEY_TEXT + 1])
{
	const gnutls_datum_t k = { (unsigned char *)(uintptr_t)secret.p,
		(unsigned)secret.n };
	const gnutls_datum_t s = { (unsigned char *)(uintptr_t)salt, SALT };
	uint8_t key[KEY];

	need(gnutls_pbkdf2(GNUTLS_MAC_SHA256, &k, &s, ROUNDS, key, KEY) == 0);
	encode(key, out);
	mem_wipe(key, sizeof(key));
}

void secret8_make(struct slice secret, char out[SECRET8_TEXT])
{
	char salt[SALT + 1] = "", key[KEY_TEXT + 1];
	uint8_t noise[SALT];

	random_bytes(noise, sizeof(noise));
	for (size_t i = 0; i < SALT; i++)
		salt[i] = crypt64[noise[i] & 63];
	derive(secret, salt, key);
	memcpy(out, "$8$", 3);
	memcpy(out + 3, salt, SALT);
	out[3 + SALT] = '$';
	memcpy(out + 4 + SALT, key, sizeof(key));
}

bool secret8_matches(const char *type8, struct slice secret)
{
	char key[KEY_TEXT + 1];
	bool same;

	if (strlen(type8) != SECRET8_TEXT - 1 || strncmp(type8, "$8$", 3) != 0)
		return false;
	derive(secret, type8 + 3, key);
	same = gnutls_memcmp(key, type8 + 4 + SALT, KEY_TEXT) == 0;
	mem_wipe(key, sizeof(key));
	return same;
}

/* Of their hashes, so that not even the length is told by time. */
bool secret_text_matches(const char *clear, struct slice secret)
{
	uint8_t a[32], b[32];
	bool same;

	need(gnutls_hash_fast(GNUTLS_DIG_SHA256, clear, strlen(clear), a) == 0);
	need(gnutls_hash_fast(GNUTLS_DIG_SHA256, secret.p, secret.n, b) == 0);
	same = gnutls_memcmp(a, b, sizeof(a)) == 0;
	mem_wipe(a, sizeof(a));
	mem_wipe(b, sizeof(b));
	return same;
}
