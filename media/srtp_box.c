/* Session keys and what they do to bytes. See srtp_box.h. */
#include "media/srtp_box.h"

#include <nettle/ctr.h>
#include <nettle/memops.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"
#include "media/rtp.h"

static nettle_cipher_func *const aes128 =
	(nettle_cipher_func *)(void (*)(void))aes128_encrypt;
static nettle_cipher_func *const aes256 =
	(nettle_cipher_func *)(void (*)(void))aes256_encrypt;

static void set_aes(struct srtp_box *b, const uint8_t *key, size_t n)
{
	if (n == AES256_KEY_SIZE) {
		aes256_set_encrypt_key(&b->aes.aes256, key);
		b->encrypt = aes256;
	} else {
		need(n == AES128_KEY_SIZE);
		aes128_set_encrypt_key(&b->aes.aes128, key);
		b->encrypt = aes128;
	}
}

/* `b` has the master key; its salt has n bytes. */
static void derive(
	const struct srtp_box *b, unsigned label, uint8_t *out, size_t n)
{
	uint8_t ctr[AES_BLOCK_SIZE] = { 0 };

	memcpy(ctr, b->salt, SRTP_SALT);
	ctr[7] ^= (uint8_t)label;
	memset(out, 0, n);
	ctr_crypt(&b->aes, b->encrypt, AES_BLOCK_SIZE, ctr, n, out, out);
}

static void set_master(struct srtp_box *b, const struct suite_row *suite,
	const uint8_t *master)
{
	/* A salt of 96 bits counts as 112 with zeros below (RFC 7714 11). */
	memset(b->salt, 0, sizeof(b->salt));
	memcpy(b->salt, master + suite->key_len, suite->salt_len);
	set_aes(b, master, suite->key_len);
}

void srtp_derive(const struct suite_row *suite, const uint8_t *master,
	unsigned label, uint8_t *out, size_t n)
{
	struct srtp_box b;

	set_master(&b, suite, master);
	derive(&b, label, out, n);
	mem_wipe(&b, sizeof(b));
}

static void pad_state(uint32_t *out, const uint8_t *key, uint8_t pad)
{
	uint8_t block[SHA1_BLOCK_SIZE];
	struct sha1_ctx sha;

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < SHA1_DIGEST_SIZE; i++)
		block[i] ^= key[i];
	sha1_init(&sha);
	sha1_update(&sha, sizeof(block), block);
	memcpy(out, sha.state, sizeof(sha.state));
	mem_wipe(&sha, sizeof(sha));
	mem_wipe(block, sizeof(block));
}

/* Where pad_state() left off, one block on. */
static void sha1_resume(struct sha1_ctx *sha, const uint32_t *state)
{
	memcpy(sha->state, state, sizeof(sha->state));
	sha->count = 1;
	sha->index = 0;
}

/*
 * The table for GHASH has 4 KB, of which nettle fills what its code for this
 * processor uses: a few rows where there is carry-less multiplication. What it
 * leaves as it was it cannot read either, so that is not kept: with thousands
 * of keys it would be most of our memory.
 */
static struct gcm_key *gcm_key_new(const struct srtp_box *b, size_t *n)
{
	enum { ROW = GCM_BLOCK_SIZE, MARK = 0xa5 };
	_Alignas(ROW) uint8_t table[sizeof(struct gcm_key)];
	uint8_t unused[ROW];
	struct gcm_key *key = NULL;

	memset(table, MARK, sizeof(table));
	memset(unused, MARK, sizeof(unused));
	gcm_set_key((struct gcm_key *)(void *)table, &b->aes, b->encrypt);
	*n = sizeof(table);
	while (*n > ROW && memcmp(table + *n - ROW, unused, ROW) == 0)
		*n -= ROW;
	need(posix_memalign((void **)&key, ROW, *n) == 0);
	memcpy(key, table, *n);
	mem_wipe(table, sizeof(table));
	return key;
}

void srtp_box_set(struct srtp_box *b, const struct suite_row *suite,
	const uint8_t *key, const uint8_t *salt, const uint8_t *auth)
{
	memset(b, 0, sizeof(*b));
	set_aes(b, key, suite->key_len);
	memcpy(b->salt, salt, suite->salt_len);
	if (suite->aead) {
		b->gcm = gcm_key_new(b, &b->gcm_size);
	} else {
		pad_state(b->inner, auth, 0x36);
		pad_state(b->outer, auth, 0x5c);
	}
}

void srtp_box_close(struct srtp_box *b)
{
	if (b->gcm != NULL)
		mem_wipe(b->gcm, b->gcm_size);
	free(b->gcm);
	mem_wipe(b, sizeof(*b));
}

void srtp_box_init(struct srtp_box *b, const struct suite_row *suite,
	const uint8_t *master, bool rtcp)
{
	uint8_t key[AES256_KEY_SIZE], salt[SRTP_SALT], auth[SHA1_DIGEST_SIZE];
	unsigned base = rtcp ? 3 : 0;

	set_master(b, suite, master);
	derive(b, base + SRTP_LABEL_KEY, key, suite->key_len);
	derive(b, base + SRTP_LABEL_AUTH, auth, sizeof(auth));
	derive(b, base + SRTP_LABEL_SALT, salt, suite->salt_len);
	srtp_box_set(b, suite, key, salt, auth);
	mem_wipe(key, sizeof(key));
	mem_wipe(auth, sizeof(auth));
	mem_wipe(salt, sizeof(salt));
}

/* RFC 3711 4.1.1: (salt << 16) ^ (SSRC << 64) ^ (index << 16) */
void srtp_cm_crypt(const struct srtp_box *b, uint32_t ssrc, uint64_t index,
	uint8_t *p, size_t n)
{
	uint8_t ctr[AES_BLOCK_SIZE] = { 0 };

	memcpy(ctr, b->salt, SRTP_SALT);
	for (unsigned i = 0; i < 4; i++)
		ctr[4 + i] ^= (uint8_t)(ssrc >> (24 - 8 * i));
	for (unsigned i = 0; i < 6; i++)
		ctr[8 + i] ^= (uint8_t)(index >> (40 - 8 * i));
	ctr_crypt(&b->aes, b->encrypt, AES_BLOCK_SIZE, ctr, n, p, p);
}

void srtp_cm_tag(const struct srtp_box *b, const uint8_t *p, size_t n,
	const uint8_t *extra, size_t extra_n, uint8_t tag[SHA1_DIGEST_SIZE])
{
	struct sha1_ctx sha;

	sha1_resume(&sha, b->inner);
	sha1_update(&sha, n, p);
	sha1_update(&sha, extra_n, extra);
	sha1_digest(&sha, SHA1_DIGEST_SIZE, tag);
	sha1_resume(&sha, b->outer);
	sha1_update(&sha, SHA1_DIGEST_SIZE, tag);
	sha1_digest(&sha, SHA1_DIGEST_SIZE, tag);
}

/* RFC 7714 8.1, 9.1: 00 00, SSRC, 48 bits of index; all ^ salt */
void srtp_gcm_iv(const struct srtp_box *b, uint32_t ssrc, uint64_t index,
	uint8_t iv[GCM_IV_SIZE])
{
	memcpy(iv, b->salt, GCM_IV_SIZE);
	for (unsigned i = 0; i < 4; i++)
		iv[2 + i] ^= (uint8_t)(ssrc >> (24 - 8 * i));
	for (unsigned i = 0; i < 6; i++)
		iv[6 + i] ^= (uint8_t)(index >> (40 - 8 * i));
}

/* GCM takes associated data in whole blocks, but for the last piece. */
static void gcm_begin(struct gcm_ctx *g, const struct srtp_box *b,
	const uint8_t *iv, const struct srtp_aad *aad)
{
	uint8_t last[GCM_BLOCK_SIZE + 4];
	size_t whole = aad->n - aad->n % GCM_BLOCK_SIZE;
	size_t rest = aad->n - whole;

	gcm_set_iv(g, b->gcm, GCM_IV_SIZE, iv);
	if (aad->tail_n == 0) {
		gcm_update(g, b->gcm, aad->n, aad->p);
		return;
	}
	need(aad->tail_n == 4);
	gcm_update(g, b->gcm, whole, aad->p);
	memcpy(last, aad->p + whole, rest);
	memcpy(last + rest, aad->tail, 4);
	gcm_update(g, b->gcm, rest + 4, last);
}

void srtp_gcm_seal(const struct srtp_box *b, const uint8_t iv[GCM_IV_SIZE],
	const struct srtp_aad *aad, uint8_t *p, size_t n)
{
	struct gcm_ctx g;

	gcm_begin(&g, b, iv, aad);
	gcm_encrypt(&g, b->gcm, &b->aes, b->encrypt, n, p, p);
	gcm_digest(&g, b->gcm, &b->aes, b->encrypt, SRTP_GCM_TAG, p + n);
}

bool srtp_gcm_open(const struct srtp_box *b, const uint8_t iv[GCM_IV_SIZE],
	const struct srtp_aad *aad, uint8_t *p, size_t n)
{
	struct gcm_ctx g;
	uint8_t tag[SRTP_GCM_TAG];

	gcm_begin(&g, b, iv, aad);
	gcm_decrypt(&g, b->gcm, &b->aes, b->encrypt, n, p, p);
	gcm_digest(&g, b->gcm, &b->aes, b->encrypt, sizeof(tag), tag);
	if (memeql_sec(tag, p + n, sizeof(tag)))
		return true;
	/* Not ours: back to what came, for another index or key to try. */
	gcm_set_iv(&g, b->gcm, GCM_IV_SIZE, iv);
	gcm_encrypt(&g, b->gcm, &b->aes, b->encrypt, n, p, p);
	return false;
}
