/*
 * Judging a peer's certificate chain: one function for every TLS connection,
 * the doctor and name checks, pure, that says in words why. It fetches nothing
 * and keeps nothing: what is known of revocation it asks of its caller.
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
	JUDGE_PATH_LENGTH, /* more CAs in a row than one of them allows */
	JUDGE_CONSTRAINT, /* a name outside what a CA may issue for */
	JUDGE_CLOCK, /* not yet valid, and our clock is likely wrong */
	JUDGE_REVOKED,
	JUDGE_REVOCATION_UNKNOWN, /* nobody told, and an answer is demanded */
	JUDGE_OTHER,
	JUDGE_REASONS
};
const char *judge_reason_name(enum judge_reason r); /* "unknown-ca" */

enum { JUDGE_TEXT = 512, JUDGE_CHAIN_MAX = 10, JUDGE_KEY = 32 };

enum judge_status_kind {
	JUDGE_STATUS_GOOD,
	JUDGE_STATUS_REVOKED,
	JUDGE_STATUS_UNKNOWN,
};
struct judge_status { /* of one certificate */
	enum judge_status_kind kind;
	time_t when; /* revoked since; 0: not said */
	char by[256]; /* who says so; UNKNOWN: why nobody did */
};
typedef void judge_status_fn(void *arg, gnutls_x509_crt_t crt,
	gnutls_x509_crt_t issuer, struct judge_status *out);

/* What is accepted of old certificates, by the operator's word, for a time. */
struct judge_legacy {
	bool md5, sha1;
	bool short_keys; /* RSA from 512 bits, EC from 160 */
	bool expired_anchors;
	time_t until; /* then it is as if nothing was set */
};

struct judge_params {
	const gnutls_datum_t *chain; /* DER, the peer's own first */
	unsigned chain_len;
	gnutls_x509_trust_list_t anchors;
	bool peer_is_client; /* needs clientAuth; else serverAuth */
	/* A host name or address, "*.example.com", or several with blanks
	 * between, of which one must be there; NULL: any */
	const char *expected_name;
	time_t now;
	/* Only an anchor that is signed by itself ends a path; the others
	 * help to get there. Otherwise any anchor does. */
	bool whole_chain;
	const struct judge_legacy *legacy; /* NULL: no exceptions */
	/* Asked about each certificate below the anchor when all else is well.
	 * NULL: nobody is asked. */
	judge_status_fn *status;
	void *status_arg;
};

struct judge_verdict {
	enum judge_reason reason;
	gnutls_alert_description_t alert; /* to send when refused */
	char text[JUDGE_TEXT]; /* one sentence that names both sides */
	char excused[JUDGE_TEXT]; /* accepted, and what only `legacy` excuses;
				   * "": nothing */
	uint8_t anchor[JUDGE_KEY]; /* SHA-256 of the public key of the anchor
				    * that the chain leads to; 0: to none */
};

/*
 * True when what the peer signed may be verified with its key: that may be
 * one which takes seconds to compute with. Else the verdict says so. Any
 * thread.
 */
bool judge_key(struct judge_verdict *out, const gnutls_datum_t *der);

/* True when accepted. Any thread. */
bool judge_chain(struct judge_verdict *out, const struct judge_params *p);

#endif
