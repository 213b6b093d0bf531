/* An RA: what was granted here is asked of the CA behind it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/obj.h"
#include "base/secret.h"
#include "certs/ca/ca_int.h"
#include "certs/enrol/scep_client.h"

/* Of the request and who sent it, so that asking twice is asking once. */
static void transaction_of(const struct ca_db_request *r, char out[65])
{
	uint8_t hash[32];

	need(EVP_Digest(r->csr.p, r->csr.n, hash, NULL, EVP_sha256(), NULL) ==
		1);
	hash[0] ^= (uint8_t)r->id; /* a renewal with the same words */
	hash[1] ^= (uint8_t)(r->id >> 8);
	hash[2] ^= (uint8_t)(r->id >> 16);
	hex_encode(hash, sizeof(hash), out);
}

static void granted(struct ca *ca, const struct ca_db_request *r, X509 *crt,
	struct ca_answer *out)
{
	struct bytes der = ossl_cert_der(crt);
	int err = ca_db_request_grant(
		ca->db, r->id, bytes_slice(&der), ca_now(ca));

	if (err == 0) {
		out->status = CA_GRANTED;
		out->cert = der;
		log_event(MSG_PKI_RA_GRANTED, NULL, L_STR("server", ca->p.name),
			L_STR("subject", r->subject));
		return;
	}
	bytes_free(&der);
	out->status = CA_FAILED;
	ca_say(out->text, err, "%s", ca_db_why(ca->db));
}

static void denied(struct ca *ca, const struct ca_db_request *r,
	const char *text, struct ca_answer *out)
{
	out->status = CA_REJECTED;
	ca_say(out->text, EACCES, "%s", text);
	if (ca_db_request_reject(ca->db, r->id, text, ca_now(ca)) != 0) {
		out->status = CA_FAILED;
		ca_say(out->text, EIO, "%s", ca_db_why(ca->db));
	}
}

/* A CA that does not answer is asked again when the client does. */
static void waits(struct ca *ca, const struct ca_db_request *r,
	const char *transaction, struct ca_answer *out)
{
	out->status = CA_PENDING;
	if (ca_db_request_approve(ca->db, r->id, transaction, ca_now(ca)) !=
		0) {
		out->status = CA_FAILED;
		ca_say(out->text, EIO, "%s", ca_db_why(ca->db));
	}
}

static struct scep_ask ask_of(const struct ca *ca, const char *transaction)
{
	return (struct scep_ask){
		.url = ca->p.upstream,
		.source = ca->p.source,
		.ca = sk_X509_value(ca->issuers, 0),
		.known = ca->issuers,
		.signer = ca->own.crt,
		.key = ca->own.key,
		.transaction = transaction,
		.legacy = ca->p.legacy,
		.timeout_ms = ca->p.upstream_timeout_ms,
	};
}

int ca_ra_lookup(struct ca *ca, int type, struct slice about, struct bytes *box,
	char why[CA_WHY])
{
	char transaction[33];
	struct scep_ask ask = ask_of(ca, transaction);
	struct scep_told told;
	int err = 0;

	random_hex(transaction, 32);
	ask.lookup = type == SCEP_GET_CERT ? SCEP_GET_CERT : SCEP_GET_CRL;
	ask.about = about;
	scep_ask(&told, &ask);
	*box = told.box;
	told.box = (struct bytes){ .n = 0 };
	if (told.outcome != ENROLL_GRANTED)
		err = ca_say(why,
			told.outcome == ENROLL_DENIED ? ENOENT : EHOSTUNREACH,
			"%s", told.text);
	if (err == EHOSTUNREACH)
		log_event(MSG_PKI_RA_UPSTREAM, NULL,
			L_STR("server", ca->p.name), L_STR("reason", why));
	scep_told_free(&told);
	return err;
}

void ca_ra_forward(
	struct ca *ca, const struct ca_db_request *r, struct ca_answer *out)
{
	char transaction[65];
	struct scep_told told;
	struct scep_ask ask = ask_of(ca, transaction);

	transaction_of(r, transaction);
	ask.csr = bytes_slice(&r->csr);
	ask.poll = r->upstream != NULL;
	scep_ask(&told, &ask);
	switch (told.outcome) {
	case ENROLL_GRANTED:
		granted(ca, r, told.cert, out);
		break;
	case ENROLL_DENIED:
		denied(ca, r, told.text, out);
		break;
	case ENROLL_PENDING:
		waits(ca, r, transaction, out);
		break;
	case ENROLL_FAILED:
	default:
		log_event(MSG_PKI_RA_UPSTREAM, NULL,
			L_STR("server", ca->p.name),
			L_STR("reason", told.text));
		waits(ca, r, r->upstream, out);
	}
	scep_told_free(&told);
}
