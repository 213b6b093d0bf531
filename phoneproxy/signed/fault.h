/*
 * Why a file for phones (trust list, signed or encrypted file) was refused:
 * one list of reasons for reading, verifying and writing, each with its word
 * for counters and its sentence for people.
 */
#ifndef LINESIDE_PHONEPROXY_FAULT_H
#define LINESIDE_PHONEPROXY_FAULT_H

#include "base/need.h"

enum fault {
	FAULT_NONE,
	/* the header */
	FAULT_HEADER_START, /* not tags 1 and 2 at its beginning */
	FAULT_HEADER_CUT, /* the file ends inside the header */
	FAULT_HEADER_BEYOND, /* its length points beyond the file */
	FAULT_HEADER_LENGTH, /* its length is not where its last item ends */
	FAULT_HEADER_ITEM, /* an item of wrong size, or outside its container */
	FAULT_HEADER_TWICE, /* an item occurs twice */
	FAULT_HEADER_LACKS, /* serial, digest or signature is missing */
	FAULT_VERSION, /* of a format that this is not */
	FAULT_TEXT, /* a name without NUL at its end, or with one inside */
	/* records of a trust list */
	FAULT_RECORD_START, /* does not begin with its length */
	FAULT_RECORD_SHORT, /* length below that of its own head */
	FAULT_RECORD_BEYOND, /* length reaches over the record that follows */
	FAULT_RECORD_CUT, /* the file ends inside the record */
	FAULT_RECORD_ITEM, /* an item ends outside of its record, or odd size */
	FAULT_RECORD_TWICE, /* an item occurs twice */
	FAULT_RECORDS_MANY,
	FAULT_TRAILING, /* bytes after the last record */
	/* the signature */
	FAULT_DIGEST, /* an algorithm that phones do not take */
	FAULT_KEY_KIND, /* signer's key is not RSA, or of a size without code */
	FAULT_KEY_SIZE, /* code, signature and key differ in size */
	FAULT_SIGNER_UNKNOWN, /* no SAST record, no trusted certificate for it */
	FAULT_CERTIFICATE, /* a certificate that cannot be read */
	FAULT_SIGNATURE, /* damaged, or made with another key */
	FAULT_PADDING, /* PKCS#1 padding too short */
	FAULT_NO_DIGEST_INFO, /* the bare hash was signed */
	FAULT_DIGEST_INFO, /* not the one of the digest that the header names */
	FAULT_CONTENT, /* a good signature, but of other content */
	/* encryption */
	FAULT_CIPHERTEXT, /* not whole blocks, or padding impossible */
	FAULT_FILE_KEY, /* cannot be unwrapped with our key, or odd size */
	FAULT_PLAIN_DIGEST, /* the plain text is not the one announced */
	/* our own lists and files */
	FAULT_NO_SAST,
	FAULT_MANY_SAST, /* more than two */
	FAULT_SAME_SAST, /* SAST1 and SAST2 share a certificate or key */
	FAULT_SIGNER_NOT_SAST,
	FAULT_NAME, /* of the file: empty or too long */
	FAULT_TOO_BIG,
	FAULT_SIGNING, /* the key's keeper refused or failed */
	FAULTS
};

const char *fault_name(enum fault f); /* "record-cut" */
const char *fault_text(enum fault f); /* a sentence */

#endif
