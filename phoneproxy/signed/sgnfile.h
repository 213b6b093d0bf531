/*
 * Signed files (.sgn): a header, then the original byte for byte. Pure: bytes
 * in, bytes out.
 */
#ifndef LINESIDE_PHONEPROXY_SGNFILE_H
#define LINESIDE_PHONEPROXY_SGNFILE_H

#include "phoneproxy/signed/tlvhead.h"

struct sgnfile {
	struct tlvhead head; /* points into the file */
	struct slice payload; /* points into the file */
};

/* Reads without verifying; an encrypted file is FAULT_VERSION. */
enum fault sgnfile_read(struct sgnfile *out, struct slice file) MUST_USE;

/* By the certificate (DER) of a signer that the caller trusts. */
enum fault sgnfile_verify(
	const struct sgnfile *f, struct slice file, struct slice cert) MUST_USE;

/*
 * Appends the signed file to *out. `name` is the name that was asked for,
 * with .sgn and with its folder.
 */
enum fault sgnfile_write(struct text *out, const char *name, enum digest d,
	uint32_t timestamp, const struct signer *signer,
	struct slice payload) MUST_USE;

#endif
