/* One exchange of scep_client.h, and what its files ask of each other. */
#ifndef LINESIDE_CERTS_SCEP_INT_H
#define LINESIDE_CERTS_SCEP_INT_H

#include "certs/ca/ca_int.h"
#include "certs/enrol/scep_client.h"
#include "certs/fetch.h"

struct scep_caps {
	bool post, aes, des3, sha1, sha256, renewal, next;
};

struct scep_exchange {
	const struct scep_ask *a;
	struct scep_told *out;
	struct scep_caps caps;
	STACK_OF(X509) * shown; /* by GetCACert; not believed as such */
	X509 *reader; /* requests are encrypted to */
	X509_REQ *req;
	struct scep_nonce nonce;
};

/* Servers without GetCACaps are those that know nothing new. */
void scep_get_caps(struct scep_exchange *x);
/* It is the CA, was said to be one of its RAs, or is that by what the CA
 * certified. */
bool scep_believed(const struct scep_exchange *x, X509 *crt);

/* ---- scep_http.c ---- */

/* An operation that is asked with GET; fetch_free() *r in each case. EPROTO:
 * the server answered, and not with 200. */
int scep_get(struct fetch_result *r, const struct scep_ask *a,
	const char *operation, const char *message, char why[CA_WHY]) MUST_USE;
/* PKIOperation, as the server takes it. Words are in x->out. */
int scep_send(const struct scep_exchange *x, struct slice message,
	struct fetch_result *r) MUST_USE;

#endif
