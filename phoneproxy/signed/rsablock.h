/*
 * What is inside an RSA signature. Phones' formats need more than yes or no:
 * the reason of a refusal, and blocks without DigestInfo (CAPF). Public keys
 * only. Whole blocks are compared; nothing is searched for in them.
 */
#ifndef LINESIDE_PHONEPROXY_RSABLOCK_H
#define LINESIDE_PHONEPROXY_RSABLOCK_H

#include <gnutls/abstract.h>

#include "base/slice.h"
#include "phoneproxy/signed/fault.h"

/* The codes of the files' header. SHA-256 has one, but no phone takes it. */
enum digest {
	DIGEST_SHA1 = 1,
	DIGEST_SHA256 = 2,
	DIGEST_SHA512 = 3,
};

enum { DIGEST_MAX = 64, RSA_MAX = 512 };

bool digest_usable(unsigned code); /* SHA-1 or SHA-512 */
const char *digest_name(enum digest d); /* "SHA-1" */
size_t digest_size(enum digest d);

/* Of the parts one after the other; `d` must be usable. */
void digest_of(enum digest d, const struct slice *part, size_t parts,
	uint8_t out[DIGEST_MAX]);

/* Bytes of the RSA modulus of a public key, 0 when it is another kind. */
size_t rsa_key_size(gnutls_pubkey_t key);

/*
 * RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2) over `hash`, digest_size(d) bytes.
 * FAULT_NONE: it verifies. Otherwise one of FAULT_KEY_SIZE, _SIGNATURE,
 * _PADDING, _NO_DIGEST_INFO, _DIGEST_INFO, _CONTENT.
 */
enum fault rsa_verify(gnutls_pubkey_t key, enum digest d, const uint8_t *hash,
	struct slice signature) MUST_USE;

/* 00 01 FF..FF 00 || hash, without DigestInfo: how phones sign for CAPF. */
bool rsa_verify_bare(
	gnutls_pubkey_t key, struct slice hash, struct slice signature);

#endif
