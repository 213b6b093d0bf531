/* What the rest of certs/ asks of a trustpoint. */
#ifndef LINESIDE_CERTS_TRUSTPOINT_INT_H
#define LINESIDE_CERTS_TRUSTPOINT_INT_H

#include "certs/judge/judge.h"
#include "certs/store/trustpoint.h"

enum { TRUSTPOINT_ID = 32 };

/* The same for equal trustpoints, different for others. */
const uint8_t *trustpoint_id(const struct trustpoint *t);

/* How peers' certificates are asked about. */
struct revoke_rules {
	enum conf_revocation method[CONF_REVOKES_MAX];
	size_t n; /* 0: not at all */
	char *crl_url, *ocsp_url; /* instead of the certificates'; NULL */
	char *source; /* asked from there, as in struct fetch_params; NULL */
	unsigned wait_ms; /* of a handshake */
};
const struct revoke_rules *trustpoint_revocation(const struct trustpoint *t);
/* What its section says about judging: legacy, chain-validation. The other
 * fields of *p are left. */
void trustpoint_judge_by(const struct trustpoint *t, struct judge_params *p);

#endif
