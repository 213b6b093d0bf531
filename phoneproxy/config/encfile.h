/*
 * Encrypted configuration (.enc.sgn): AES-128-CBC under a key that only the
 * phone can unwrap, signed behind. Pure but for enckeys_fresh, which draws
 * random numbers.
 */
#ifndef LINESIDE_PHONEPROXY_ENCFILE_H
#define LINESIDE_PHONEPROXY_ENCFILE_H

#include "phoneproxy/signed/tlvhead.h"

enum { ENC_BLOCK = 16, CERT_HASH_TEXT = 33 };

struct enckeys {
	uint8_t aes[ENC_BLOCK], iv[ENC_BLOCK];
	uint8_t wrapped[RSA_MAX]; /* aes under the phone's key */
	size_t nwrapped;
};

/*
 * New for every build: key and IV, wrapped for the phone whose certificate
 * (its LSC, else its MIC) this is. FAULT_KEY_KIND: not RSA, for which the
 * format has no form. Wipe with enckeys_wipe.
 */
enum fault enckeys_fresh(struct enckeys *out, struct slice phone_cert) MUST_USE;
void enckeys_wipe(struct enckeys *k);

/* `name` ends in .cnf.xml.enc.sgn. Appends to *out; nothing on failure. */
enum fault encfile_write(struct text *out, const char *name, enum digest d,
	uint32_t timestamp, const struct signer *signer,
	const struct enckeys *keys, struct slice xml) MUST_USE;

struct encfile {
	struct tlvhead head; /* points into the file */
	struct slice ciphertext;
};

/* Reads without verifying; FAULT_VERSION: not an encrypted file. */
enum fault encfile_read(struct encfile *out, struct slice file) MUST_USE;
enum fault encfile_verify(
	const struct encfile *f, struct slice file, struct slice cert) MUST_USE;

/* The keeper of the phone's key: RSAES-PKCS1-v1_5. 0 or an errno value. */
typedef int unwrap_fn(void *arg, struct slice wrapped, uint8_t aes[ENC_BLOCK]);

/* The plain text, checked against its digest, appended to *out. */
enum fault encfile_decrypt(struct text *out, const struct encfile *f,
	unwrap_fn *unwrap, void *arg) MUST_USE;

/* MD5 of a certificate in hex: what the element certHash holds. */
void cert_hash(struct slice cert, char out[CERT_HASH_TEXT]);

#endif
