/*
 * A SCEP pkiMessage (RFC 8894 3): a CMS SignedData whose attributes say what
 * it is, around an EnvelopedData with what it carries. Bytes in, bytes out;
 * knows no CA and no HTTP.
 */
#ifndef LINESIDE_CERTS_SCEP_MSG_H
#define LINESIDE_CERTS_SCEP_MSG_H

#include "certs/ca/ca.h"
#include "certs/x509/ossl.h"

enum {
	SCEP_MESSAGE_MAX = 1 << 17,
	SCEP_TRANSACTION = 128, /* characters of a transaction ID */
	SCEP_NONCE = 16, /* bytes; others' may be shorter or up to 64 */
	SCEP_NONCE_MAX = 64,
};

enum scep_type {
	SCEP_CERT_REP = 3,
	SCEP_RENEWAL_REQ = 17,
	SCEP_PKCS_REQ = 19,
	SCEP_CERT_POLL = 20,
	SCEP_GET_CERT = 21,
	SCEP_GET_CRL = 22,
};

enum scep_status { SCEP_SUCCESS = 0, SCEP_FAILURE = 2, SCEP_PENDING = 3 };

enum scep_fail {
	SCEP_BAD_ALG,
	SCEP_BAD_MESSAGE_CHECK,
	SCEP_BAD_REQUEST,
	SCEP_BAD_TIME,
	SCEP_BAD_CERT_ID,
};
const char *scep_fail_name(enum scep_fail f);

struct scep_nonce {
	uint8_t b[SCEP_NONCE_MAX];
	size_t n; /* 0: none */
};

struct scep_msg {
	enum scep_type type;
	enum scep_status status; /* CertRep */
	enum scep_fail fail; /* CertRep, FAILURE */
	char fail_text[256]; /* "": none */
	char transaction[SCEP_TRANSACTION + 1];
	struct scep_nonce sender, recipient;
	X509 *signer; /* whose signature is good; not judged otherwise */
	uint8_t signer_id[32]; /* SHA-256 of its public key */
	const EVP_MD *md; /* it was signed with; static */
	struct bytes envelope; /* empty: carries nothing */
	int cipher; /* NID of the envelope, once opened */
};

/* EBADMSG: malformed; EACCES: wrong signature or algorithm. With words. */
int scep_parse(struct scep_msg *out, struct slice der, bool legacy,
	char why[CA_WHY]) MUST_USE;
void scep_msg_free(struct scep_msg *m);
/* What the envelope holds, for whoever has the key. */
int scep_open(struct scep_msg *m, X509 *crt, EVP_PKEY *key, bool legacy,
	struct bytes *out, char why[CA_WHY]) MUST_USE;

struct scep_out {
	enum scep_type type;
	enum scep_status status;
	enum scep_fail fail;
	const char *fail_text; /* NULL: none */
	const char *transaction;
	struct scep_nonce sender, recipient;
	X509 *signer;
	EVP_PKEY *key;
	X509 *reader; /* the content is encrypted to; NULL: no content */
	struct slice content;
	const EVP_MD *md;
	const EVP_CIPHER *cipher;
};
int scep_build(
	struct bytes *out, const struct scep_out *o, char why[CA_WHY]) MUST_USE;

void scep_fresh_nonce(struct scep_nonce *n);

/* Contents of CertPoll, GetCert and GetCRL. */
struct bytes scep_names(
	const X509_NAME *issuer, const X509_NAME *subject) MUST_USE;
/* The serial number of an IssuerAndSerialNumber by this issuer. EBADMSG;
 * ENOENT: another issuer's, or no number of ours. */
int scep_serial(
	struct slice der, X509 *issuer, uint8_t out[CA_DB_SERIAL]) MUST_USE;
struct bytes scep_issuer_serial(X509 *crt) MUST_USE;

#endif
