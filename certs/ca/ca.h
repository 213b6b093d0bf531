/*
 * A certification authority, or a registration authority in front of one:
 * who may have a certificate, and what becomes of it. Speaks bytes; what
 * carries them is certs/ca/scep_server.h's affair.
 *
 *   request ─► policy ─┬─► granted: serial recorded, signed, recorded, given
 *                      ├─► pending: a person says grant or reject
 *                      └─► rejected
 *
 * Everything blocks (disk, arithmetic, in an RA the CA behind it): on the
 * helper thread only, and there one CA belongs to one caller at a time.
 */
#ifndef LINESIDE_CERTS_CA_H
#define LINESIDE_CERTS_CA_H

#include <time.h>

#include "certs/ca/ca_db.h"

enum ca_mode { CA_ROOT, CA_SUBORDINATE, CA_RA };
enum ca_grant { CA_GRANT_MANUAL, CA_GRANT_AUTO };
/* What is kept of a certificate beside its serial number. */
enum ca_level { CA_MINIMAL, CA_NAMES, CA_COMPLETE };
enum ca_hash { CA_SHA256, CA_SHA384, CA_SHA512 };

/*
 * Where private keys are kept. load: PEM (PKCS#8), wiped by the caller; save:
 * replaces the file at once and for good. 0, ENOENT, EACCES, … with words.
 */
struct ca_keys {
	int (*load)(void *arg, const char *path, struct bytes *pem, char *why,
		size_t size);
	int (*save)(void *arg, const char *path, struct slice pem, char *why,
		size_t size);
	void *arg;
};
/* Files of mode 0600 that are not encrypted. */
extern const struct ca_keys ca_keys_plain;

struct ca_params {
	const char *name; /* label */
	const char *dir; /* database and keys; made when it is not there */
	enum ca_mode mode;
	enum ca_grant grant;
	enum ca_level level;
	enum ca_hash hash;
	const char *issuer_name; /* NULL: CN=name */
	unsigned modulus; /* of our key, bits */
	uint64_t cert_s, ca_s, crl_s; /* lifetimes */
	uint64_t rollover_s; /* a next CA is made so long before; 0: by hand */
	bool renew_ca, renew_ra; /* such certificates renew themselves */
	const char *password; /* challenge that grants; NULL: none */
	const char *cdp_url, *ocsp_url; /* put into certificates; NULL: none */
	bool legacy; /* 3DES, SHA-1, RSA from 1024 bits */
	/* SUBORDINATE and RA: a certificate from elsewhere, with its issuers
	 * (PEM) and its key; ROOT: NULL */
	const char *cert_file, *key_file;
	const char *ca_file; /* RA: the CA behind us, PEM */
	const char *upstream; /* RA: its SCEP URL */
	const char
		*source; /* RA: asked from there, as in struct fetch_params */
	unsigned upstream_timeout_ms;
	struct ca_keys keys;
	time_t (*now)(void); /* NULL: the system's clock */
};

struct ca;

enum { CA_WHY = 512 };

/* Makes database, key and root certificate when there are none. On failure
 * words with the remedy in `why`, and nothing was changed. */
int ca_open(
	struct ca **out, const struct ca_params *p, char why[CA_WHY]) MUST_USE;
void ca_close(struct ca *ca); /* NULL is fine */

/* ---- what requests become ---- */

enum ca_status { CA_GRANTED, CA_PENDING, CA_REJECTED, CA_FAILED };

struct ca_answer {
	enum ca_status status;
	struct bytes cert; /* GRANTED: DER */
	char text[CA_WHY]; /* REJECTED, FAILED: why */
};
void ca_answer_free(struct ca_answer *a);

struct ca_request {
	struct slice csr; /* DER */
	const char *transaction; /* the same one asks again */
	/* SHA-256 of the public key that vouched for the request, and the
	 * certificate if it is not just a self-signed wrapping of that key. */
	uint8_t signer_id[32];
	struct slice signer; /* DER; empty: self-signed */
	/* Whoever hands it in has looked at who asks, and vouches that the key
	 * is theirs: the request need not be signed by it. */
	bool vouched;
	uint64_t max_s; /* valid no longer than this; 0: as the CA has it */
	/* Who hands it in, in words by which one's requests are counted: an
	 * address. NULL: nobody who is to be counted. */
	const char *source;
};

void ca_submit(
	struct ca *ca, const struct ca_request *r, struct ca_answer *out);
/* What became of it; only who sent it is told. */
void ca_poll(struct ca *ca, const char *transaction,
	const uint8_t signer_id[32], struct ca_answer *out);

/*
 * A certificate for a phone that proved itself to us and has handed over a bare
 * key. The policy is that of every request: `grant auto`, the password, a
 * person. One that waits for a person is granted to the device, which takes it
 * up with the next ca_certify(), whatever key it has by then. `proof`: the
 * certificate that it proved itself by; one of ours renews unless it was
 * revoked, and one that was is refused.
 */
struct ca_vouched {
	const char *device; /* CN, and URI as alternative name */
	struct slice spki; /* DER */
	struct slice proof; /* DER; empty: by other means */
	const char *password; /* challenge; NULL: none */
	uint64_t max_s; /* as in ca_request */
};
void ca_certify(
	struct ca *ca, const struct ca_vouched *v, struct ca_answer *out);

/* ---- the operator ---- */

/* `why` says what is wrong and what to do. ENOENT: no such request. */
int ca_grant(struct ca *ca, int64_t id, char why[CA_WHY]) MUST_USE;
/* All that wait but those that ask to be a CA; how many in *n. */
int ca_grant_all(struct ca *ca, size_t *n, char why[CA_WHY]) MUST_USE;
int ca_reject(struct ca *ca, int64_t id, char why[CA_WHY]) MUST_USE;
int ca_reject_all(struct ca *ca, size_t *n, char why[CA_WHY]) MUST_USE;
/* Serial in hex; reason by its name in RFC 5280 ("keyCompromise"), NULL: none
 * given. A new CRL is made at once. */
int ca_revoke(struct ca *ca, const char *serial, const char *reason,
	char why[CA_WHY]) MUST_USE;
/* Hex digits that grant one request within `minutes`. */
int ca_password(struct ca *ca, unsigned minutes, char out[17],
	char why[CA_WHY]) MUST_USE;
/* Makes the next CA certificate, which clients may learn of at once and which
 * is used from the middle of the time until this one expires. EALREADY: there
 * is one. */
int ca_rollover(struct ca *ca, char why[CA_WHY]) MUST_USE;
/* To be called now and then: rollover, fresh CRL, old requests. */
void ca_tick(struct ca *ca);

/* ---- what may be told to everybody ---- */

/* DER of the CRL in force: made anew when half its life is over. */
int ca_crl(struct ca *ca, struct bytes *out, char why[CA_WHY]) MUST_USE;
/* The one that `id` (of its URL, "ca=ID") asks for: a predecessor that is valid
 * signs its own, which is that of an URL without id, too. */
int ca_crl_of(struct ca *ca, struct slice id, struct bytes *out,
	char why[CA_WHY]) MUST_USE;
/* OCSP: request in, response out, whatever the bytes are (RFC 6960). */
void ca_ocsp(struct ca *ca, struct slice request, struct bytes *out);
/* ENOENT; ENOTSUP: the database's level does not keep certificates. */
int ca_find(struct ca *ca, const uint8_t serial[CA_DB_SERIAL],
	struct bytes *der) MUST_USE;
/* Our certificate with its issuers, PEM; free() it. */
char *ca_chain_pem(const struct ca *ca) MUST_USE;

/* ---- show ---- */

struct ca_info {
	const char *name, *issuer_name; /* borrowed */
	enum ca_mode mode;
	enum ca_grant grant;
	enum ca_level level;
	char *subject;
	char sha256[65], sha1[41], md5[33];
	time_t not_before, not_after;
	time_t next_not_after; /* 0: there is no next certificate */
	uint64_t cert_s, crl_s;
	time_t crl_next_update; /* 0: none was made */
	int64_t crl_number;
	struct ca_db_count count;
};
int ca_info(struct ca *ca, struct ca_info *out, char why[CA_WHY]) MUST_USE;
void ca_info_free(struct ca_info *i);

struct ca_issued { /* a certificate */
	char serial[33]; /* hex */
	enum ca_db_state state;
	const char *subject; /* NULL: not kept */
	time_t not_after, revoked_at; /* revoked_at 0: not revoked */
};
typedef void ca_issued_fn(void *arg, const struct ca_issued *c);
/* Those that have not expired, `max` of them; the last to end comes first. */
int ca_each_issued(struct ca *ca, size_t max, ca_issued_fn *fn, void *arg,
	char why[CA_WHY]) MUST_USE;

struct ca_pending {
	int64_t id;
	const char *subject, *kind, *transaction;
	const char *source; /* "": not known */
	enum ca_db_request_state state;
	time_t received;
	char sha256[65]; /* of the request */
};
/* Borrowed for the time of the call. */
typedef void ca_pending_fn(void *arg, const struct ca_pending *p);
int ca_each_pending(
	struct ca *ca, ca_pending_fn *fn, void *arg, char why[CA_WHY]) MUST_USE;

#endif
