/* The OCSP responder (RFC 6960): bytes in, signed bytes out. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "base/obj.h"
#include "certs/ca/ca_int.h"

enum {
	REQUEST_MAX = 8192,
	SINGLES_MAX = 16, /* certificates asked about at once */
	NONCE_MAX = 34, /* RFC 8954: 32 bytes, and their header */
	FRESH_S = 600, /* until an answer should be asked for again */
};

/* Is it about a certificate that this one issued? */
static bool is_of(X509 *issuer, OCSP_CERTID *id)
{
	ASN1_OBJECT *oid = NULL;
	const EVP_MD *md;
	OCSP_CERTID *mine;
	bool ours;

	OCSP_id_get0_info(NULL, &oid, NULL, NULL, id);
	md = EVP_get_digestbyobj(oid);
	if (md == NULL)
		return false;
	mine = OCSP_cert_to_id(md, NULL, issuer);
	ours = mine != NULL && OCSP_id_issuer_cmp(mine, id) == 0;
	OCSP_CERTID_free(mine);
	return ours;
}

struct verdict {
	int status, reason;
	time_t revoked_at;
};

static struct verdict judge(struct ca *ca, X509 *issuer, OCSP_CERTID *id)
{
	struct verdict v = { .status = V_OCSP_CERTSTATUS_UNKNOWN };
	uint8_t serial[CA_DB_SERIAL];
	ASN1_INTEGER *number = NULL;
	struct ca_db_cert c;

	OCSP_id_get0_info(NULL, NULL, NULL, &number, id);
	if (!is_of(issuer, id) || !ca_serial_of(number, serial) ||
		ca_db_cert(ca->db, serial, &c) != 0)
		return v;
	if (c.state == CA_DB_ISSUED)
		v.status = V_OCSP_CERTSTATUS_GOOD;
	if (c.state == CA_DB_REVOKED)
		v = (struct verdict){ V_OCSP_CERTSTATUS_REVOKED, c.reason,
			(time_t)c.revoked_at };
	ca_db_cert_free(&c);
	return v;
}

static bool add_single(
	struct ca *ca, X509 *issuer, OCSP_BASICRESP *bs, OCSP_CERTID *id)
{
	struct verdict v = judge(ca, issuer, id);
	time_t now = ca_now(ca);
	ASN1_TIME *from = ASN1_TIME_set(NULL, now);
	ASN1_TIME *to = ASN1_TIME_set(NULL, now + FRESH_S);
	ASN1_TIME *when = ASN1_TIME_set(NULL, v.revoked_at);
	bool revoked = v.status == V_OCSP_CERTSTATUS_REVOKED;
	bool ok =
		OCSP_basic_add1_status(bs, id, v.status,
			v.reason > 0 ? v.reason : OCSP_REVOKED_STATUS_NOSTATUS,
			revoked ? when : NULL, from, to) != NULL;

	ASN1_TIME_free(when);
	ASN1_TIME_free(to);
	ASN1_TIME_free(from);
	return ok;
}

static bool add_nonce(OCSP_BASICRESP *bs, OCSP_REQUEST *req)
{
	int i = OCSP_REQUEST_get_ext_by_NID(req, NID_id_pkix_OCSP_Nonce, -1);
	X509_EXTENSION *ext;

	if (i < 0)
		return true;
	ext = OCSP_REQUEST_get_ext(req, i);
	if (ASN1_STRING_length(X509_EXTENSION_get_data(ext)) > NONCE_MAX)
		return true; /* not repeated */
	return OCSP_BASICRESP_add_ext(bs, ext, -1) == 1;
}

/* Who is asked about a certificate of the predecessor answers as it: the
 * issuer signs (RFC 6960 4.2.2.2). */
static const struct ca_pair *answerer(const struct ca *ca, OCSP_REQUEST *req)
{
	const struct ca_pair *past = ca_past(ca);
	OCSP_CERTID *id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(req, 0));

	return past != NULL && is_of(past->crt, id) ? past : &ca->own;
}

static OCSP_RESPONSE *answer(struct ca *ca, OCSP_REQUEST *req, int n)
{
	const struct ca_pair *by = answerer(ca, req);
	OCSP_BASICRESP *bs = OCSP_BASICRESP_new();
	OCSP_RESPONSE *resp = NULL;
	bool ok = bs != NULL;

	for (int i = 0; ok && i < n; i++)
		ok = add_single(ca, by->crt, bs,
			OCSP_onereq_get0_id(OCSP_request_onereq_get0(req, i)));
	ok = ok && add_nonce(bs, req) &&
	     OCSP_basic_sign(bs, by->crt, by->key, ca_md(ca), NULL,
		     OCSP_RESPID_KEY) == 1;
	if (ok)
		resp = OCSP_response_create(
			OCSP_RESPONSE_STATUS_SUCCESSFUL, bs);
	OCSP_BASICRESP_free(bs);
	return resp;
}

void ca_ocsp(struct ca *ca, struct slice request, struct bytes *out)
{
	int fault = OCSP_RESPONSE_STATUS_MALFORMEDREQUEST, n;
	OCSP_RESPONSE *resp = NULL;
	OCSP_REQUEST *req = NULL;

	metric_inc(M_PKI_OCSP_REQUESTS);
	if (request.n <= REQUEST_MAX &&
		ossl_read(&req, request, ASN1_ITEM_rptr(OCSP_REQUEST)) == 0) {
		n = OCSP_request_onereq_count(req);
		if (ca->p.mode == CA_RA)
			fault = OCSP_RESPONSE_STATUS_UNAUTHORIZED;
		else if (n > 0 && n <= SINGLES_MAX) {
			fault = OCSP_RESPONSE_STATUS_INTERNALERROR;
			resp = answer(ca, req, n);
		}
	}
	if (resp == NULL)
		resp = OCSP_response_create(fault, NULL);
	need(resp != NULL);
	*out = ossl_der(resp, ASN1_ITEM_rptr(OCSP_RESPONSE));
	OCSP_RESPONSE_free(resp);
	OCSP_REQUEST_free(req);
	ERR_clear_error();
}
