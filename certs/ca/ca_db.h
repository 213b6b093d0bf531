/*
 * What a CA must never forget, in SQLite: serial numbers, certificates,
 * requests, one-time passwords. Each function is one transaction that is on
 * disk when it returns, so that kill -9 at any instant loses nothing that was
 * acknowledged. One owner at a time, on one thread.
 */
#ifndef LINESIDE_CERTS_CA_DB_H
#define LINESIDE_CERTS_CA_DB_H

#include "certs/x509/bytes.h"

struct ca_db;

enum {
	CA_DB_SERIAL = 16, /* bytes of a serial number of ours */
	CA_DB_VERSION = 2, /* of the tables */
	CA_DB_PENDING_MAX = 1000,
	CA_DB_SOURCE_MAX = 100, /* of these, from one source */
};

enum ca_db_state {
	CA_DB_RESERVED, /* a number that may have been signed, or not */
	CA_DB_ISSUED,
	CA_DB_REVOKED,
};

enum ca_db_request_state {
	CA_REQ_PENDING, /* nobody decided yet */
	CA_REQ_APPROVED, /* granted, and not yet issued (RA: by the CA) */
	CA_REQ_GRANTED,
	CA_REQ_REJECTED,
};

/* In DIR/ca.db. EBUSY: another process has it; ENOTSUP: it is of a newer
 * version; with words in `why`. */
int ca_db_open(
	struct ca_db **out, const char *dir, char *why, size_t size) MUST_USE;
void ca_db_close(struct ca_db *s); /* NULL is fine */
/* In words, why the last call failed. */
const char *ca_db_why(const struct ca_db *s);

/* Named values. ENOENT: there is none. */
int ca_db_get(struct ca_db *s, const char *key, struct bytes *out) MUST_USE;
int ca_db_put(struct ca_db *s, const char *key, struct slice value) MUST_USE;
int ca_db_remove(struct ca_db *s, const char *key) MUST_USE;

/* ---- certificates ---- */

struct ca_db_cert {
	uint8_t serial[CA_DB_SERIAL];
	enum ca_db_state state;
	int64_t not_after, revoked_at;
	int reason; /* of CRLs; -1: none given */
	char *subject; /* NULL: not kept */
	struct bytes der; /* empty: not kept */
};
void ca_db_cert_free(struct ca_db_cert *c);

/* EEXIST: that number was used before. */
int ca_db_reserve(struct ca_db *s, const uint8_t serial[CA_DB_SERIAL],
	int64_t not_after) MUST_USE;
/* What was signed. `subject` NULL, `der` empty: not to be kept. When
 * `request` is not 0 that request is granted with `whole` in the same
 * transaction. */
int ca_db_issued(struct ca_db *s, const uint8_t serial[CA_DB_SERIAL],
	const char *subject, struct slice der, int64_t request,
	struct slice whole, int64_t now) MUST_USE;
/* ENOENT; EALREADY: revoked before. */
int ca_db_revoke(struct ca_db *s, const uint8_t serial[CA_DB_SERIAL],
	int reason, int64_t now) MUST_USE;
int ca_db_cert(struct ca_db *s, const uint8_t serial[CA_DB_SERIAL],
	struct ca_db_cert *out) MUST_USE;
typedef void ca_db_cert_fn(void *arg, const struct ca_db_cert *c);
/* Revoked ones that expire after `after`. */
int ca_db_each_revoked(
	struct ca_db *s, int64_t after, ca_db_cert_fn *fn, void *arg) MUST_USE;

/* Those that expire after `after` and were signed, `max` of them; that which
 * ends last comes first. */
int ca_db_each_cert(struct ca_db *s, int64_t after, size_t max,
	ca_db_cert_fn *fn, void *arg) MUST_USE;

/* ---- requests ---- */

struct ca_db_request {
	int64_t id;
	char *transaction;
	uint8_t csr_id[32]; /* SHA-256 of the request */
	uint8_t signer_id[32]; /* of the public key that signed the message */
	struct bytes csr;
	char *subject;
	char *kind; /* "", "CA", "RA", "renewal", "phone" */
	enum ca_db_request_state state;
	int64_t received, changed;
	struct bytes der; /* GRANTED */
	char *upstream; /* APPROVED: the CA's transaction; NULL: not asked */
	char *text; /* REJECTED: why */
	char *source; /* who is counted; "": nobody */
};
void ca_db_request_free(struct ca_db_request *r);

/* A new one, in the state it says, its number in *id; a one-time password
 * (NULL: none) is used up by it. EAGAIN: CA_DB_PENDING_MAX wait, or
 * CA_DB_SOURCE_MAX of that source. */
int ca_db_request_add(struct ca_db *s, const struct ca_db_request *r,
	const uint8_t once[32], int64_t *id) MUST_USE;
/* The newest of a transaction. ENOENT. */
int ca_db_request_find(struct ca_db *s, const char *transaction,
	struct ca_db_request *out) MUST_USE;
int ca_db_request_get(
	struct ca_db *s, int64_t id, struct ca_db_request *out) MUST_USE;
int ca_db_request_approve(struct ca_db *s, int64_t id, const char *upstream,
	int64_t now) MUST_USE;
int ca_db_request_grant(
	struct ca_db *s, int64_t id, struct slice der, int64_t now) MUST_USE;
int ca_db_request_reject(
	struct ca_db *s, int64_t id, const char *text, int64_t now) MUST_USE;
typedef void ca_db_request_fn(void *arg, const struct ca_db_request *r);
/* Those in that state, oldest first. */
int ca_db_each_request(struct ca_db *s, enum ca_db_request_state state,
	ca_db_request_fn *fn, void *arg) MUST_USE;

struct ca_db_count {
	int64_t issued, revoked, reserved, pending, granted, rejected;
};
int ca_db_count(struct ca_db *s, struct ca_db_count *out) MUST_USE;

/* ---- one-time passwords, by their hash ---- */

int ca_db_password_add(
	struct ca_db *s, const uint8_t hash[32], int64_t expires) MUST_USE;
bool ca_db_password_good(struct ca_db *s, const uint8_t hash[32], int64_t now);

/* Forgets passwords past their time and requests that were answered before
 * `before`. */
int ca_db_tidy(struct ca_db *s, int64_t before, int64_t now) MUST_USE;

#endif
