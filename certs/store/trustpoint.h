/*
 * A trustpoint made ready for use: our certificate chain and key, and the
 * anchors we accept peers by. Immutable and counted: a reload makes a new one
 * and connections keep theirs.
 */
#ifndef LINESIDE_CERTS_TRUSTPOINT_H
#define LINESIDE_CERTS_TRUSTPOINT_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "certs/store/keystore.h"
#include "certs/x509/cert_info.h"

struct trustpoint;
struct keystore;

/*
 * Reads the files that `c` names, orders the chain, checks that key and
 * certificate belong together. Every complaint goes to `errs` with the place
 * of the trustpoint, naming file, cause and remedy; ENOENT, EBADMSG or EACCES
 * is returned when it cannot be used. Blocking: not on the sip thread.
 */
int trustpoint_load(struct trustpoint **out, const struct conf_trustpoint *c,
	struct conf_errs *errs) MUST_USE;

/* Our certificate and key as `own` has them, and its name; peers are judged by
 * the authorities and rules of `judges`. EBADMSG: no use of the key. */
int trustpoint_combine(struct trustpoint **out, const struct trustpoint *own,
	const struct trustpoint *judges) MUST_USE;

const char *trustpoint_name(const struct trustpoint *t);
bool trustpoint_has_key(const struct trustpoint *t);
gnutls_x509_trust_list_t trustpoint_anchors(const struct trustpoint *t);
/* Ours, own first, without the root; NULL behind the last. Borrowed. */
gnutls_x509_crt_t trustpoint_chain(const struct trustpoint *t, size_t i);
/* Our key; NULL: none. Borrowed. */
const struct keystore *trustpoint_key(const struct trustpoint *t);
/* The authorities, in the order they were read; NULL behind the last. */
gnutls_x509_crt_t trustpoint_anchor(const struct trustpoint *t, size_t i);
/* True when both hold the same certificates, key, anchors and rules. */
bool trustpoint_equal(const struct trustpoint *a, const struct trustpoint *b);
/*
 * Sets our credentials (and, for a server that verifies, the CA names to
 * ask for) on a session. The session must not outlive the reference that the
 * caller keeps.
 */
int trustpoint_use(const struct trustpoint *t, gnutls_session_t s) MUST_USE;

/* Our chain first, then the anchors. Count in *n; free() the array's parts
 * with cert_info_free. */
struct cert_info *trustpoint_certs(const struct trustpoint *t, size_t *n);

#endif
