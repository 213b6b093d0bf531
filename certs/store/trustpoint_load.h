/* A trustpoint in the making (trustpoint.c), and where its certificates come
 * from (trustpoint_load.c). */
#ifndef LINESIDE_CERTS_TRUSTPOINT_LOAD_H
#define LINESIDE_CERTS_TRUSTPOINT_LOAD_H

#include "certs/store/keystore.h"
#include "certs/store/trustpoint_int.h"

struct certs {
	gnutls_x509_crt_t *v;
	size_t n;
};

struct trustpoint {
	char *name;
	struct keystore *key; /* NULL: none */
	struct certs chain; /* ours, in order, without the root */
	struct certs anchors;
	gnutls_certificate_credentials_t cred;
	gnutls_x509_trust_list_t list; /* owned by cred */
	bool send_ca_names;
	struct revoke_rules revocation;
	struct judge_legacy legacy;
	bool whole_chain;
	uint8_t id[TRUSTPOINT_ID]; /* of chain, key and anchors */
};

/* Its key and chain, if it has them: both into `cred` as well. */
int trustpoint_load_own(struct trustpoint *t, const struct conf_trustpoint *c,
	struct conf_errs *errs) MUST_USE;
/* Its bundle, what it keeps, and those of another that it names. */
int trustpoint_load_anchors(struct trustpoint *t,
	const struct conf_trustpoint *c, struct conf_errs *errs) MUST_USE;

#endif
