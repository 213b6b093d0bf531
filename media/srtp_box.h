/*
 * Session keys of SRTP or SRTCP in one direction and what they do to bytes:
 * AES in counter mode with HMAC-SHA1 (RFC 3711 4), AES-GCM (RFC 7714 8, 9).
 * Knows indexes and tags, but no packets. On nettle; keys are derived once.
 */
#ifndef LINESIDE_MEDIA_SRTP_BOX_H
#define LINESIDE_MEDIA_SRTP_BOX_H

#include <nettle/aes.h>
#include <nettle/gcm.h>
#include <nettle/sha1.h>

#include "media/suites.h"

/* RFC 3711 4.3.2; SRTCP has 3, 4, 5. */
enum srtp_label { SRTP_LABEL_KEY, SRTP_LABEL_AUTH, SRTP_LABEL_SALT };

enum { SRTP_SALT = 14, SRTP_GCM_SALT = 12, SRTP_GCM_TAG = 16 };

struct srtp_box {
	union {
		struct aes128_ctx aes128;
		struct aes256_ctx aes256;
	} aes;
	nettle_cipher_func *encrypt;
	uint8_t salt[SRTP_SALT];
	struct gcm_key *gcm; /* owned; only GCM suites need it */
	size_t gcm_size; /* bytes of it that are there */
	/* SHA-1 after the key pads of HMAC, which are a block each. */
	uint32_t inner[_SHA1_DIGEST_LENGTH], outer[_SHA1_DIGEST_LENGTH];
};

/* RFC 3711 4.3.1 with key_derivation_rate 0. `label`: 0 to 5. */
void srtp_derive(const struct suite_row *suite, const uint8_t *master,
	unsigned label, uint8_t *out, size_t n);
/* `master`: master key, then master salt, as long as the suite says. */
void srtp_box_init(struct srtp_box *b, const struct suite_row *suite,
	const uint8_t *master, bool rtcp);
/* The same from session keys; `auth`: 20 bytes, not used by GCM suites. */
void srtp_box_set(struct srtp_box *b, const struct suite_row *suite,
	const uint8_t *key, const uint8_t *salt, const uint8_t *auth);
void srtp_box_close(struct srtp_box *b); /* wiped */

/* Encrypts or decrypts in place. `index`: 48 bits, or SRTCP's 31. */
void srtp_cm_crypt(const struct srtp_box *b, uint32_t ssrc, uint64_t index,
	uint8_t *p, size_t n);
/* HMAC over n bytes at p, then `extra` of 0 or 4 bytes (the ROC). */
void srtp_cm_tag(const struct srtp_box *b, const uint8_t *p, size_t n,
	const uint8_t *extra, size_t extra_n, uint8_t tag[SHA1_DIGEST_SIZE]);

/* The 12 bytes of IV: `index` is ROC and sequence number, or SRTCP's. */
void srtp_gcm_iv(const struct srtp_box *b, uint32_t ssrc, uint64_t index,
	uint8_t iv[GCM_IV_SIZE]);
struct srtp_aad { /* authenticated, not encrypted: `p`, then `tail` */
	const uint8_t *p;
	size_t n;
	const uint8_t *tail;
	size_t tail_n; /* 0 or 4 */
};
/* In place; the tag is written behind the n bytes. */
void srtp_gcm_seal(const struct srtp_box *b, const uint8_t iv[GCM_IV_SIZE],
	const struct srtp_aad *aad, uint8_t *p, size_t n);
/* In place; the tag is behind the n bytes. False: nothing was changed. */
bool srtp_gcm_open(const struct srtp_box *b, const uint8_t iv[GCM_IV_SIZE],
	const struct srtp_aad *aad, uint8_t *p, size_t n);

#endif
