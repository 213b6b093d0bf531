/* Words and sentences of the reasons to refuse a file. */
#include "phoneproxy/signed/fault.h"

/* clang-format off */
static const struct {
	const char *name, *text;
} faults[FAULTS] = {
	[FAULT_NONE] = { "ok",
		"The file is good." },
	[FAULT_HEADER_START] = { "header-start",
		"The file does not begin with a version and a header length." },
	[FAULT_HEADER_CUT] = { "header-cut",
		"The file ends inside its header." },
	[FAULT_HEADER_BEYOND] = { "header-beyond",
		"The header length points beyond the end of the file." },
	[FAULT_HEADER_LENGTH] = { "header-length",
		"The header length is not where the last header item ends." },
	[FAULT_HEADER_ITEM] = { "header-item",
		"A header item has a wrong size or leaves its container." },
	[FAULT_HEADER_TWICE] = { "header-twice",
		"A header item occurs twice." },
	[FAULT_HEADER_LACKS] = { "header-lacks",
		"The header lacks the signer's serial, digest or signature." },
	[FAULT_VERSION] = { "version",
		"The header's version belongs to another kind of file." },
	[FAULT_TEXT] = { "text",
		"A name does not end in NUL, or holds one." },
	[FAULT_RECORD_START] = { "record-start",
		"A record does not begin with its length." },
	[FAULT_RECORD_SHORT] = { "record-short",
		"A record length is shorter than the record's own head." },
	[FAULT_RECORD_BEYOND] = { "record-beyond",
		"A record length reaches over the record that follows." },
	[FAULT_RECORD_CUT] = { "record-cut",
		"The file ends inside a record." },
	[FAULT_RECORD_ITEM] = { "record-item",
		"A record item has a wrong size or ends outside its record." },
	[FAULT_RECORD_TWICE] = { "record-twice",
		"An item occurs twice in a record." },
	[FAULT_RECORDS_MANY] = { "records-many",
		"The list has more records than are read." },
	[FAULT_TRAILING] = { "trailing",
		"Bytes stand after the last record." },
	[FAULT_DIGEST] = { "digest",
		"The digest is none that phones take: SHA-1 or SHA-512." },
	[FAULT_KEY_KIND] = { "key-kind",
		"Only RSA keys of 1024, 2048 or 4096 bits sign for phones." },
	[FAULT_KEY_SIZE] = { "key-size",
		"Modulus code, signature and the signer's key differ in size." },
	[FAULT_SIGNER_UNKNOWN] = { "signer-unknown",
		"No certificate is known for the signer that is named." },
	[FAULT_CERTIFICATE] = { "certificate",
		"A certificate cannot be read." },
	[FAULT_SIGNATURE] = { "signature",
		"The signature is damaged or was made with another key." },
	[FAULT_PADDING] = { "padding",
		"The signature's PKCS#1 padding is too short." },
	[FAULT_NO_DIGEST_INFO] = { "no-digest-info",
		"The signature holds the bare hash without a DigestInfo." },
	[FAULT_DIGEST_INFO] = { "digest-info",
		"The DigestInfo is not that of the digest the header names." },
	[FAULT_CONTENT] = { "content",
		"The signature belongs to other content." },
	[FAULT_CIPHERTEXT] = { "ciphertext",
		"The encrypted text is not whole blocks, or its padding is impossible." },
	[FAULT_FILE_KEY] = { "file-key",
		"The file's key is not for this phone." },
	[FAULT_PLAIN_DIGEST] = { "plain-digest",
		"The decrypted text is not the one that was announced." },
	[FAULT_NO_SAST] = { "no-sast",
		"A trust list needs a SAST record." },
	[FAULT_MANY_SAST] = { "many-sast",
		"A trust list has at most two SAST records." },
	[FAULT_SAME_SAST] = { "same-sast",
		"SAST1 and SAST2 must be different certificates and keys." },
	[FAULT_SIGNER_NOT_SAST] = { "signer-not-sast",
		"The signer of a trust list must be one of its SAST records." },
	[FAULT_NAME] = { "name",
		"The file name is empty or too long." },
	[FAULT_TOO_BIG] = { "too-big",
		"The header or a record would be longer than 65535 bytes." },
	[FAULT_SIGNING] = { "signing",
		"The private key could not be used." },
};
/* clang-format on */

const char *fault_name(enum fault f)
{
	return faults[f].name;
}

const char *fault_text(enum fault f)
{
	return faults[f].text;
}
