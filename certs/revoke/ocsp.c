/* OCSP: asking about one certificate, and reading the answer. */
#include <errno.h>
#include <gnutls/ocsp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"
#include "certs/revoke/revoke_read.h"
#include "certs/x509/crt.h"

enum {
	DAY = 24 * 3600,
	SINGLES_MAX = 64, /* statuses of one answer that are looked at */
};

int ocsp_request(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer,
	uint8_t nonce[OCSP_NONCE], uint8_t **out, size_t *n)
{
	gnutls_ocsp_req_t req;
	gnutls_datum_t d = { .data = nonce, .size = OCSP_NONCE };
	gnutls_datum_t der = { 0 };
	int err;

	random_bytes(nonce, OCSP_NONCE);
	need(gnutls_ocsp_req_init(&req) == 0);
	err = gnutls_ocsp_req_add_cert(req, GNUTLS_DIG_SHA1, issuer, crt);
	if (err == 0)
		err = gnutls_ocsp_req_set_nonce(req, 0, &d);
	if (err == 0)
		err = gnutls_ocsp_req_export(req, &der);
	gnutls_ocsp_req_deinit(req);
	*out = NULL;
	*n = 0;
	if (err < 0 || der.data == NULL)
		return EBADMSG;
	*n = der.size;
	*out = mem_new(der.size);
	memcpy(*out, der.data, der.size);
	gnutls_free(der.data);
	return 0;
}

static int bad(char why[REVOKE_WHY], const char *fmt, ...) PRINTF(2, 3);

static int bad(char why[REVOKE_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is */
	(void)vsnprintf(why, REVOKE_WHY, fmt, ap);
	va_end(ap);
	return EBADMSG;
}

static int check_success(gnutls_ocsp_resp_t resp, char *why)
{
	static const char *const words[] = { "successful",
		"it did not understand the request", "it has an internal error",
		"it says to try later", "", "it wants signed requests",
		"it is not allowed to tell us" };
	int status = gnutls_ocsp_resp_get_status(resp);

	if (status == GNUTLS_OCSP_RESP_SUCCESSFUL)
		return 0;
	return bad(why, "%s",
		status > 0 && (size_t)status < ARRAY_SIZE(words)
			? words[status]
			: "its answer has no status");
}

static int check_nonce(gnutls_ocsp_resp_t resp, const uint8_t *nonce, char *why)
{
	gnutls_datum_t got = { 0 };
	bool same;

	if (nonce == NULL || gnutls_ocsp_resp_get_nonce(resp, NULL, &got) < 0)
		return 0;
	same = got.size == OCSP_NONCE &&
	       memcmp(got.data, nonce, OCSP_NONCE) == 0;
	gnutls_free(got.data);
	return same ? 0 : bad(why, "its answer is to another request");
}

static int check_signer(
	gnutls_ocsp_resp_t resp, gnutls_x509_crt_t issuer, char *why)
{
	unsigned verify = 0;
	char name[CRT_NAME];
	int err = gnutls_ocsp_resp_verify_direct(resp, issuer, &verify, 0);

	if (err >= 0 && verify == 0)
		return 0;
	return bad(why,
		"its answer is not signed by \"%s\" or a responder of it%s",
		crt_subject(issuer, name),
		verify & (GNUTLS_OCSP_VERIFY_CERT_EXPIRED |
				 GNUTLS_OCSP_VERIFY_CERT_NOT_ACTIVATED)
			? ": the responder's certificate is not valid now"
			: "");
}

/* Both names the certificate by hashes of issuer and serial number. */
static int find_single(gnutls_ocsp_resp_t resp, gnutls_x509_crt_t crt,
	unsigned *index, char *why)
{
	for (unsigned i = 0; i < SINGLES_MAX; i++) {
		int err = gnutls_ocsp_resp_check_crt(resp, i, crt);

		if (err == 0) {
			*index = i;
			return 0;
		}
		if (err == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
	}
	return bad(why, "its answer is about another certificate");
}

static int check_dates(struct ocsp_answer *out, time_t now, char *why)
{
	char date[CRT_DATE];

	if (out->this_update == (time_t)-1)
		return bad(why, "the dates of its answer cannot be read");
	/* None said: newer information is available all the time. */
	if (out->until == (time_t)-1)
		out->until = out->this_update + DAY;
	if (out->this_update > now + REVOKE_CLOCKS)
		return bad(why, "its answer is of the future, %s",
			crt_date(out->this_update, date));
	if (out->until < now - REVOKE_CLOCKS)
		return bad(why, "its answer is out of date since %s",
			crt_date(out->until, date));
	return 0;
}

static int read_single(struct ocsp_answer *out, gnutls_ocsp_resp_t resp,
	unsigned i, time_t now, char *why)
{
	unsigned status = GNUTLS_OCSP_CERT_UNKNOWN;
	time_t when = 0;
	int err = gnutls_ocsp_resp_get_single(resp, i, NULL, NULL, NULL, NULL,
		&status, &out->this_update, &out->until, &when, NULL);

	if (err < 0)
		return bad(why, "its answer cannot be read");
	err = check_dates(out, now, why);
	if (err != 0)
		return err;
	if (status == GNUTLS_OCSP_CERT_GOOD)
		out->status.kind = JUDGE_STATUS_GOOD;
	else if (status == GNUTLS_OCSP_CERT_REVOKED)
		out->status.kind = JUDGE_STATUS_REVOKED;
	else
		return bad(why, "it does not know the certificate");
	out->status.when = when != (time_t)-1 ? when : 0;
	return 0;
}

static int read_answer(struct ocsp_answer *out, gnutls_ocsp_resp_t resp,
	gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, const uint8_t *nonce,
	time_t now, char *why)
{
	unsigned index = 0;
	int err = check_success(resp, why);

	if (err == 0)
		err = check_signer(resp, issuer, why);
	if (err == 0)
		err = check_nonce(resp, nonce, why);
	if (err == 0)
		err = find_single(resp, crt, &index, why);
	if (err == 0)
		err = read_single(out, resp, index, now, why);
	return err;
}

int ocsp_read(struct ocsp_answer *out, struct slice body, gnutls_x509_crt_t crt,
	gnutls_x509_crt_t issuer, const uint8_t *nonce, time_t now,
	char why[REVOKE_WHY])
{
	union {
		const char *in;
		unsigned char *gnutls; /* which does not write to it */
	} u = { .in = body.p };
	gnutls_datum_t d = { .data = u.gnutls, .size = (unsigned)body.n };
	gnutls_ocsp_resp_t resp;
	int err;

	*out = (struct ocsp_answer){ 0 };
	need(gnutls_ocsp_resp_init(&resp) == 0);
	if (body.n == 0 ||
		gnutls_ocsp_resp_import2(resp, &d, GNUTLS_X509_FMT_DER) < 0)
		err = bad(why, "the answer is not OCSP");
	else
		err = read_answer(out, resp, crt, issuer, nonce, now, why);
	gnutls_ocsp_resp_deinit(resp);
	return err;
}
