/*
 * What trustpoints keep in the state directory, below pki/:
 *
 *   keys/LABEL.<id>.key      a private key, mode 0600, perhaps sealed; <id> is
 *                            the SHA-256 of its public key
 *   keys/LABEL.current       the id of the one that requests are made with
 *   trustpoints/NAME.own.pem our certificate, then its intermediates
 *   trustpoints/NAME.ca.pem  the authorities that were authenticated
 *   trustpoints/NAME.pending a request that an authority has yet to grant
 *
 * A file is replaced as a whole: written aside, synced, renamed. A certificate
 * finds its key by the id, so that a change of both needs no moment at which
 * they fit each other in two files at once; kill -9 at any instant leaves the
 * old pair or the new one. Blocking.
 */
#ifndef LINESIDE_CERTS_STORE_H
#define LINESIDE_CERTS_STORE_H

#include "certs/store/keystore.h"

struct store;

/*
 * Directories are made when `create` and missing. ENOENT: there is none yet;
 * EACCES, ENOSPC …: *why says which file and what to do (free() it).
 */
int store_open(struct store **out, const struct conf_trustpoint *c, bool create,
	char **why) MUST_USE;
void store_close(struct store *s); /* unlocks; NULL is fine */
/* One writer at a time; waits. */
int store_lock(struct store *s, char **why) MUST_USE;

/* The label of a trustpoint's key. */
const char *store_label(const struct conf_trustpoint *c);

/* ENOENT: no such key. EACCES, EBADMSG. One reference. */
int store_key_current(struct store *s, const char *label, struct keystore **out,
	char **why) MUST_USE;
int store_key(struct store *s, const char *label, const uint8_t id[KEYSTORE_ID],
	struct keystore **out, char **why) MUST_USE;
/* Writes it; `current`: requests are made with it from now on. */
int store_key_add(struct store *s, const char *label, const struct keystore *k,
	bool current, char **why) MUST_USE;
int store_key_set_current(struct store *s, const char *label,
	const uint8_t id[KEYSTORE_ID], char **why) MUST_USE;
/* Every key of the label, overwritten and removed. */
int store_key_remove(struct store *s, const char *label, char **why) MUST_USE;
/* Those that neither a certificate, a request nor `current` needs. */
void store_key_prune(struct store *s);
/* Writes every key anew, sealed or plain as is configured now. */
int store_key_reseal(struct store *s, size_t *n, char **why) MUST_USE;
typedef void store_key_fn(void *arg, const char *label,
	const struct keystore *k, bool current, const char *why);
/* Each key that is there; k NULL: *why it cannot be read. */
void store_each_key(struct store *s, store_key_fn *each, void *arg);

enum store_certs { STORE_OWN, STORE_ANCHORS };

/* An empty list and 0 when there are none. Free with pemfile_certs_free. */
int store_certs(struct store *s, const char *name, enum store_certs which,
	gnutls_x509_crt_t **v, size_t *n, char **why) MUST_USE;
int store_set_certs(struct store *s, const char *name, enum store_certs which,
	const gnutls_x509_crt_t *v, size_t n, char **why) MUST_USE;
/* Both, the pending request, not the key. */
int store_forget(struct store *s, const char *name, char **why) MUST_USE;

/* A request on its way. */
struct store_pending {
	char transaction[65]; /* "": nothing was sent yet */
	uint8_t key_id[KEYSTORE_ID];
	int64_t since; /* seconds since 1970 */
	unsigned asked; /* how often */
	uint8_t *csr; /* DER */
	size_t csr_len;
};
/* ENOENT: none. */
int store_pending(struct store *s, const char *name, struct store_pending *out,
	char **why) MUST_USE;
int store_set_pending(struct store *s, const char *name,
	const struct store_pending *p, char **why) MUST_USE;
void store_clear_pending(struct store *s, const char *name);
void store_pending_free(struct store_pending *p);

#endif
