/* What the files of the CA, and SCEP, share. */
#ifndef LINESIDE_CERTS_CA_INT_H
#define LINESIDE_CERTS_CA_INT_H

#include "certs/ca/ca.h"
#include "certs/x509/ossl.h"

struct ca_pair { /* a certificate and its key */
	X509 *crt;
	EVP_PKEY *key;
	char *key_path;
};

struct ca {
	struct ca_params p; /* texts are ours */
	char *text[12]; /* those texts */
	size_t ntext;
	struct ca_db *db;
	struct ca_pair own, next; /* next.crt NULL: there is none */
	struct ca_pair past; /* whom `own` succeeded; NULL: nobody */
	STACK_OF(X509) * issuers; /* above `own`; RA: the CA behind us first */
};

enum ca_kind { CA_KIND_USUAL, CA_KIND_CA, CA_KIND_RA };

struct ca_csr { /* a request that was looked at */
	X509_REQ *req;
	enum ca_kind kind;
	char *subject;
	char *password; /* challengePassword; NULL: none */
	uint64_t max_s; /* valid no longer than this; 0: as the CA has it */
};

/* ---- ca.c ---- */

time_t ca_now(const struct ca *ca);
/* EINVAL before 2020: nothing is signed by such a clock. */
int ca_clock(const struct ca *ca, char why[CA_WHY]) MUST_USE;
const EVP_MD *ca_md(const struct ca *ca);
int ca_say(char why[CA_WHY], int err, const char *fmt, ...) PRINTF(3, 4);

/* ---- ca_key.c ---- */

int ca_read_file(
	const char *path, struct bytes *out, char why[CA_WHY]) MUST_USE;

/* The predecessor while it is valid: what it issued goes on until then. */
const struct ca_pair *ca_past(const struct ca *ca);
/* Issued by us, or by the predecessor. RA: by the CA behind us. */
bool ca_issued_here(const struct ca *ca, X509 *crt);

/* ---- ca_crl.c ---- */

/* A CRL with a new number, in force from now on. */
int ca_crl_make(struct ca *ca, struct bytes *out, char why[CA_WHY]) MUST_USE;
/* What tells a CA's certificate from its predecessor's in a CRL's URL. */
enum { CA_CRL_ID = 9 };
void ca_crl_id(const X509 *crt, char out[CA_CRL_ID]);
void ca_crl_times(struct ca *ca, int64_t *number, time_t *next_update);

/* ---- ca_csr.c ---- */

/* EBADMSG malformed, EACCES too weak or forbidden; with words. `vouched`: it
 * may be unsigned. */
int ca_csr_read(struct ca_csr *out, struct slice der, bool legacy, bool vouched,
	char why[CA_WHY]) MUST_USE;
void ca_csr_free(struct ca_csr *c);
/* Adds what of its wishes is granted: names, usage. */
int ca_csr_wishes(const struct ca_csr *c, X509 *crt, X509 *issuer) MUST_USE;
/* The same names in a certificate and in a request? */
bool ca_csr_same_names(const struct ca_csr *c, X509 *crt);

/* ---- ca_issue.c ---- */

/* Records a fresh serial number, signs, records what was signed and grants
 * `request` with it, in that order. */
int ca_issue(struct ca *ca, const struct ca_csr *c, int64_t request,
	struct bytes *der, char why[CA_WHY]) MUST_USE;
/* Our root: self-signed with `key`, from `from` on. */
int ca_make_root(struct ca *ca, EVP_PKEY *key, time_t from, X509 **out,
	char why[CA_WHY]) MUST_USE;
bool ca_add_ext(X509 *crt, X509 *issuer, int nid, const char *value);
/* Hex to a serial number; false when it cannot be one of ours. */
bool ca_serial(const char *hex, uint8_t out[CA_DB_SERIAL]);
bool ca_serial_of(const ASN1_INTEGER *n, uint8_t out[CA_DB_SERIAL]);

time_t ca_not_after(X509 *crt);

/* ---- ca_policy.c ---- */

/* Whose certificates are given out: ours, or (RA) the CA behind us. */
X509 *ca_issuer(const struct ca *ca);

/* ---- ca_vouch.c ---- */

bool ca_csr_is_unsigned(const X509_REQ *req);

/* ---- ca_ra.c ---- */

/* Takes an approved request on to the CA: as ca_submit(). */
void ca_ra_forward(
	struct ca *ca, const struct ca_db_request *r, struct ca_answer *out);
/* GetCert (21) or GetCRL (22), answered by the CA: PKCS#7 in *box. ENOENT: it
 * has none; else it could not be asked; with words. */
int ca_ra_lookup(struct ca *ca, int type, struct slice about, struct bytes *box,
	char why[CA_WHY]) MUST_USE;

#endif
