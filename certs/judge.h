/*
 * Judging a peer's certificate chain: one function for every TLS connection,
 * pure, that says in words why. It fetches nothing and keeps nothing.
 */
#ifndef LINESIDE_CERTS_JUDGE_H
#define LINESIDE_CERTS_JUDGE_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <time.h>

#include "base/need.h"
#include "base/slice.h"

enum judge_reason {
	JUDGE_OK,
	JUDGE_NO_CERTIFICATE,
	JUDGE_MALFORMED,
	JUDGE_UNKNOWN_CA, /* no anchor of ours issued it */
	JUDGE_BAD_SIGNATURE,
	JUDGE_EXPIRED,
	JUDGE_NOT_YET_VALID,
	JUDGE_NOT_A_CA, /* an issuer in the chain must not issue */
	JUDGE_PURPOSE, /* extended key usage or key usage forbids the role */
	JUDGE_WEAK, /* key or hash below what is accepted */
	JUDGE_NAME, /* not the name that was expected */
	JUDGE_OTHER,
	JUDGE_REASONS
};
const char *judge_reason_name(enum judge_reason r); /* "unknown-ca" */

enum { JUDGE_TEXT = 512, JUDGE_CHAIN_MAX = 10 };

struct judge_params {
	const gnutls_datum_t *chain; /* DER, the peer's own first */
	unsigned chain_len;
	gnutls_x509_trust_list_t anchors;
	bool peer_is_client; /* needs clientAuth; else serverAuth */
	const char *expected_name; /* host name or address; NULL: any */
	time_t now;
};

struct judge_verdict {
	enum judge_reason reason;
	gnutls_alert_description_t alert; /* to send when refused */
	char text[JUDGE_TEXT]; /* one sentence that names both sides */
};

/* True when accepted. Any thread. */
bool judge_chain(struct judge_verdict *out, const struct judge_params *p);

#endif
