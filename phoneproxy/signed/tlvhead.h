/*
 * The header that trust lists, signed and encrypted files share, and the
 * signature in it. Bytes in, bytes out; private keys stay with their keeper.
 */
#ifndef LINESIDE_PHONEPROXY_TLVHEAD_H
#define LINESIDE_PHONEPROXY_TLVHEAD_H

#include "base/wire.h"
#include "phoneproxy/signed/certfield.h"
#include "phoneproxy/signed/fault.h"
#include "phoneproxy/signed/rsablock.h"

enum { FILE_NAME_MAX = 255, SERIAL_MAX = 64 };

/* Tags 16 to 27, of encrypted files only. */
struct tlvcrypt {
	struct slice iv; /* 16 bytes */
	uint16_t pad; /* bytes that were added to the plain text, 1 to 16 */
	uint16_t key_bits; /* of the phone's RSA key */
	uint8_t key_algorithm; /* 1 */
	struct slice key; /* the file's AES key under the phone's RSA key */
	uint8_t plain_algorithm; /* enum digest, as far as known */
	struct slice plain_digest;
};

/* Slices point into the file. Texts come without their NUL. */
struct tlvhead {
	uint16_t size; /* of the header, signature and padding included */
	uint8_t version[2], signer_version[2];
	bool has_signer_version, has_crypt, has_modulus;
	struct slice signer, issuer, serial;
	uint8_t digest; /* enum digest, as far as known */
	uint8_t algorithm; /* 0 RSA */
	uint8_t modulus; /* code: 1, 2, 3 for 128, 256, 512 bytes */
	struct slice signature;
	size_t signature_at; /* where its item begins */
	struct slice file_name;
	uint32_t timestamp;
	struct tlvcrypt crypt;
};

/*
 * Any order of items after the first two, Cisco's and usecallmanager's both;
 * unknown items are stepped over. Serial, digest and signature are there when
 * FAULT_NONE is returned.
 */
enum fault tlvhead_read(struct tlvhead *out, struct slice file) MUST_USE;

/* The signature over everything but itself, by this certificate's key. */
enum fault tlvhead_verify(const struct tlvhead *h, struct slice file,
	const struct certfield *signer) MUST_USE;
/* The same by a certificate in DER, which must be the one the head names. */
enum fault tlvhead_verify_by(
	const struct tlvhead *h, struct slice file, struct slice cert) MUST_USE;

/*
 * The keeper of a key signs `data` (PKCS#1 v1.5, d) into sig, RSA_MAX bytes
 * of room, and sets *n. 0 or an errno value.
 */
typedef int sign_fn(
	void *arg, enum digest d, struct slice data, uint8_t *sig, size_t *n);

struct signer {
	struct slice cert; /* DER */
	sign_fn *sign;
	void *arg;
};

struct tlvhead_new {
	uint8_t version[2];
	const uint8_t *signer_version; /* two bytes; NULL: not written */
	enum digest digest;
	const char *file_name;
	uint32_t timestamp;
	const struct tlvcrypt *crypt; /* NULL: not encrypted */
};

/*
 * Header, signature and body, appended to *out; nothing on failure. Item
 * order is usecallmanager's, so the same input gives the same bytes.
 * FAULT_DIGEST, _KEY_KIND, _CERTIFICATE, _NAME, _TOO_BIG, _SIGNING; also any
 * fault that verifying the own result shows (FAULT_KEY_SIZE, _SIGNATURE: the
 * key is not the certificate's).
 */
enum fault tlvhead_sign(struct text *out, const struct tlvhead_new *p,
	const struct signer *signer, struct slice body) MUST_USE;

#endif
