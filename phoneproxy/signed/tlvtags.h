/* The header's tags, and what reader and writer of headers share. */
#ifndef LINESIDE_PHONEPROXY_TLVTAGS_H
#define LINESIDE_PHONEPROXY_TLVTAGS_H

#include "base/slice.h"
#include "phoneproxy/signed/fault.h"

enum {
	TAG_VERSION = 1,
	TAG_HEADER_LENGTH = 2,
	TAG_SIGNER_ID = 3, /* holds 4, 5, 6 */
	TAG_SIGNER_NAME = 4,
	TAG_SERIAL = 5,
	TAG_ISSUER_NAME = 6,
	TAG_SIG_INFO = 7, /* holds 8, 9 */
	TAG_DIGEST = 8,
	TAG_SIG_ALGORITHM_INFO = 9, /* holds 10, 11 */
	TAG_SIG_ALGORITHM = 10,
	TAG_MODULUS = 11,
	TAG_SIGNATURE = 12,
	TAG_PADDING = 13, /* a lone byte */
	TAG_FILE_NAME = 14,
	TAG_TIMESTAMP = 15,
	TAG_ENC_INFO = 16, /* holds 17, 21 */
	TAG_ENC_IV_INFO = 17, /* holds 18, 19, 20 */
	TAG_ENC_UNKNOWN_1 = 18,
	TAG_ENC_IV = 19,
	TAG_ENC_PAD = 20,
	TAG_ENC_KEY_INFO = 21, /* holds 22, 23, 24, 25 */
	TAG_ENC_UNKNOWN_2 = 22,
	TAG_ENC_KEY_BITS = 23,
	TAG_ENC_KEY_ALGORITHM = 24,
	TAG_ENC_KEY = 25,
	TAG_PLAIN_ALGORITHM = 26,
	TAG_PLAIN_DIGEST = 27,
	TAG_SIGNER_VERSION = 28,
};

/* Sizes of modulus that sign: there are codes for no others (RSA-512 has
 * one, but is of no use). */
static inline bool tlv_signs(size_t rsa_size)
{
	return rsa_size == 128 || rsa_size == 256 || rsa_size == 512;
}

static inline uint8_t tlv_modulus_code(size_t rsa_size)
{
	return rsa_size == 128 ? 1 : rsa_size == 256 ? 2 : 3;
}

/* A text's value without its NUL; FAULT_TEXT. */
enum fault tlv_text(struct slice v, struct slice *out) MUST_USE;

#endif
