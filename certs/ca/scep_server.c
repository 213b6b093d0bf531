/* What SCEP clients, and those who ask for CRLs and OCSP, are answered. */
#include "certs/ca/scep_server.h"

#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/thread.h"
#include "certs/ca/ca_int.h"
#include "certs/enrol/scep_msg.h"

#define CAPS "POSTPKIOperation\nSHA-256\nSHA-512\nAES\nSCEPStandard\nRenewal\n"
#define CAPS_LEGACY "SHA-1\nDES3\n"
/* A root of ours makes its next certificate itself. */
#define CAPS_ROOT "GetNextCACert\n"

void scep_response_free(struct scep_response *r)
{
	bytes_free(&r->body);
}

static void say(struct scep_response *out, int status, const char *type,
	struct slice body)
{
	out->status = status;
	out->content_type = type;
	out->body = bytes_of(body);
}

static void refuse(struct scep_response *out, int status, const char *why)
{
	char *line = mem_printf("%s\n", why);

	say(out, status, "text/plain; charset=utf-8", slice_str(line));
	free(line);
}

static void give(
	struct scep_response *out, const char *type, struct bytes *body)
{
	*out = (struct scep_response){ 200, type, *body };
	*body = (struct bytes){ .n = 0 };
}

/* ---- what everybody may have ---- */

static void get_ca_cert(struct ca *ca, struct scep_response *out)
{
	STACK_OF(X509) * all;
	struct bytes body;

	if (sk_X509_num(ca->issuers) == 0) {
		body = ossl_cert_der(ca->own.crt);
		give(out, "application/x-x509-ca-cert", &body);
		return;
	}
	all = sk_X509_dup(ca->issuers);
	need(all != NULL && sk_X509_unshift(all, ca->own.crt) > 0);
	body = ossl_box(all, NULL);
	sk_X509_free(all);
	give(out, "application/x-x509-ca-ra-cert", &body);
}

/*
 * The next certificate, vouched for by this one (RFC 8894 4.7). Who missed
 * that learns, as long as the predecessor is valid, from it of this one.
 */
static void get_next_ca_cert(struct ca *ca, struct scep_response *out)
{
	const struct ca_pair *by =
		ca->next.crt != NULL ? &ca->own : ca_past(ca);
	X509 *crt = ca->next.crt != NULL ? ca->next.crt : ca->own.crt;
	STACK_OF(X509) * next;
	struct bytes box, body;
	CMS_ContentInfo *cms;
	BIO *bio;

	if (by == NULL) {
		refuse(out, 404, "there is no next CA certificate yet");
		return;
	}
	next = sk_X509_new_null();
	need(next != NULL && sk_X509_push(next, crt) > 0);
	box = ossl_box(next, NULL);
	sk_X509_free(next);
	bio = BIO_new_mem_buf(box.p, (int)box.n);
	need(bio != NULL);
	cms = CMS_sign(
		by->crt, by->key, NULL, bio, CMS_BINARY | CMS_NOSMIMECAP);
	need(cms != NULL);
	body = ossl_der(cms, ASN1_ITEM_rptr(CMS_ContentInfo));
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	bytes_free(&box);
	give(out, "application/x-x509-next-ca-cert", &body);
}

static void get_crl(
	struct ca *ca, struct slice query, struct scep_response *out)
{
	struct slice id = { .n = 0 }, field;
	struct bytes crl;
	char why[CA_WHY];

	while (slice_cut(&query, '&', &field))
		if (slice_starts(field, "ca="))
			id = slice_from(field, 3);
	if (ca_crl_of(ca, id, &crl, why) == 0)
		give(out, "application/pkix-crl", &crl);
	else
		refuse(out, 503, why);
}

/* ---- PKIOperation ---- */

struct exchange {
	struct ca *ca;
	const char *source;
	struct scep_msg m;
	struct scep_out reply;
	struct bytes inner; /* what the request carried */
	struct bytes box; /* what the reply carries */
	char why[CA_WHY];
};

static void fail(struct exchange *x, enum scep_fail how)
{
	x->reply.status = SCEP_FAILURE;
	x->reply.fail = how;
	x->reply.fail_text = x->why;
}

static void carry(struct exchange *x, struct slice cert, X509_CRL *crl)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	X509 *crt = NULL;

	need(certs != NULL);
	if (cert.n > 0) {
		need(ossl_read_cert(&crt, cert) == 0);
		need(sk_X509_push(certs, crt) > 0);
	}
	x->box = ossl_box(certs, crl);
	sk_X509_pop_free(certs, X509_free);
	x->reply.status = SCEP_SUCCESS;
	x->reply.reader = x->m.signer;
	x->reply.content = bytes_slice(&x->box);
}

static void tell(struct exchange *x, struct ca_answer *a)
{
	switch (a->status) {
	case CA_GRANTED:
		carry(x, bytes_slice(&a->cert), NULL);
		break;
	case CA_PENDING:
		x->reply.status = SCEP_PENDING;
		break;
	case CA_REJECTED:
	case CA_FAILED:
	default:
		snprintf(x->why, sizeof(x->why), "%s", a->text);
		fail(x, SCEP_BAD_REQUEST);
	}
	ca_answer_free(a);
}

/* A wrapping of one's own key must be of the key that is asked for. */
static bool wraps_other_key(const struct exchange *x, bool self_signed)
{
	X509_REQ *req;
	bool other;

	if (!self_signed || ossl_read(&req, bytes_slice(&x->inner),
				    ASN1_ITEM_rptr(X509_REQ)) != 0)
		return false; /* the CA finds better words */
	other = X509_REQ_get0_pubkey(req) == NULL ||
		EVP_PKEY_eq(X509_REQ_get0_pubkey(req),
			X509_get0_pubkey(x->m.signer)) != 1;
	X509_REQ_free(req);
	ERR_clear_error();
	return other;
}

static void request(struct exchange *x)
{
	bool self_signed = X509_NAME_cmp(X509_get_issuer_name(x->m.signer),
				   X509_get_subject_name(x->m.signer)) == 0;
	struct bytes signer = ossl_cert_der(x->m.signer);
	struct ca_request r = {
		.csr = bytes_slice(&x->inner),
		.transaction = x->m.transaction,
		.source = x->source,
	};
	struct ca_answer a;

	memcpy(r.signer_id, x->m.signer_id, sizeof(r.signer_id));
	if (!self_signed)
		r.signer = bytes_slice(&signer);
	if (wraps_other_key(x, self_signed)) {
		ca_say(x->why, EACCES,
			"the request is not signed with the key that it is "
			"for");
		fail(x, SCEP_BAD_MESSAGE_CHECK);
	} else {
		ca_submit(x->ca, &r, &a);
		tell(x, &a);
	}
	bytes_free(&signer);
}

static void poll(struct exchange *x)
{
	struct ca_answer a;

	ca_poll(x->ca, x->m.transaction, x->m.signer_id, &a);
	tell(x, &a);
}

/* An RA passes it on as it came. */
static void ra_lookup(struct exchange *x)
{
	int err = ca_ra_lookup(
		x->ca, (int)x->m.type, bytes_slice(&x->inner), &x->box, x->why);

	if (err != 0) {
		fail(x, err == ENOENT ? SCEP_BAD_CERT_ID : SCEP_BAD_REQUEST);
		return;
	}
	x->reply.status = SCEP_SUCCESS;
	x->reply.reader = x->m.signer;
	x->reply.content = bytes_slice(&x->box);
}

static void get_cert(struct exchange *x)
{
	uint8_t serial[CA_DB_SERIAL];
	struct bytes der = { .n = 0 };

	if (x->ca->p.mode == CA_RA) {
		ra_lookup(x);
		return;
	}
	if (scep_serial(bytes_slice(&x->inner), x->ca->own.crt, serial) != 0 ||
		ca_find(x->ca, serial, &der) != 0) {
		ca_say(x->why, ENOENT, "no such certificate is kept here");
		fail(x, SCEP_BAD_CERT_ID);
		return;
	}
	carry(x, bytes_slice(&der), NULL);
	bytes_free(&der);
}

static void get_crl_msg(struct exchange *x)
{
	struct bytes der;
	X509_CRL *crl = NULL;

	if (x->ca->p.mode == CA_RA) {
		ra_lookup(x);
		return;
	}
	if (ca_crl(x->ca, &der, x->why) != 0) {
		fail(x, SCEP_BAD_REQUEST);
		return;
	}
	need(ossl_read(&crl, bytes_slice(&der), ASN1_ITEM_rptr(X509_CRL)) == 0);
	carry(x, (struct slice){ .n = 0 }, crl);
	X509_CRL_free(crl);
	bytes_free(&der);
}

static void dispatch(struct exchange *x)
{
	switch (x->m.type) {
	case SCEP_PKCS_REQ:
	case SCEP_RENEWAL_REQ:
		request(x);
		break;
	case SCEP_CERT_POLL:
		poll(x);
		break;
	case SCEP_GET_CERT:
		get_cert(x);
		break;
	case SCEP_GET_CRL:
		get_crl_msg(x);
		break;
	case SCEP_CERT_REP:
	default:
		ca_say(x->why, EPROTO, "an answer is no request");
		fail(x, SCEP_BAD_REQUEST);
	}
}

static const EVP_CIPHER *reply_cipher(int asked)
{
	switch (asked) {
	case NID_aes_256_cbc:
		return EVP_aes_256_cbc();
	case NID_aes_192_cbc:
		return EVP_aes_192_cbc();
	case NID_des_ede3_cbc:
	case NID_des_cbc: /* who knows one knows the other */
		return EVP_des_ede3_cbc();
	default:
		return EVP_aes_128_cbc();
	}
}

static void begin_reply(struct exchange *x)
{
	x->reply = (struct scep_out){
		.type = SCEP_CERT_REP,
		.transaction = x->m.transaction,
		.recipient = x->m.sender,
		.signer = x->ca->own.crt,
		.key = x->ca->own.key,
		.md = x->m.md,
	};
	scep_fresh_nonce(&x->reply.sender);
}

static void answer(struct exchange *x, struct scep_response *out)
{
	struct bytes body;
	char why[CA_WHY];

	begin_reply(x);
	if (scep_open(&x->m, x->ca->own.crt, x->ca->own.key, x->ca->p.legacy,
		    &x->inner, x->why) != 0)
		fail(x, x->m.cipher == NID_undef ? SCEP_BAD_MESSAGE_CHECK
						 : SCEP_BAD_ALG);
	else
		dispatch(x);
	x->reply.cipher = reply_cipher(x->m.cipher);
	if (scep_build(&body, &x->reply, why) == 0)
		give(out, "application/x-pki-message", &body);
	else
		refuse(out, 500, why);
	bytes_wipe(&x->inner); /* a challenge password is in it */
	bytes_free(&x->box);
}

static void operation(struct ca *ca, struct slice message, const char *source,
	struct scep_response *out)
{
	struct exchange x = { .ca = ca, .source = source };

	if (scep_parse(&x.m, message, ca->p.legacy, x.why) != 0) {
		refuse(out, 400, x.why);
		return;
	}
	answer(&x, out);
	scep_msg_free(&x.m);
}

/* In a GET the message is base64, now and then with line ends. */
static void operation_get(struct ca *ca, struct slice message,
	const char *source, struct scep_response *out)
{
	struct bytes plain = { .p = mem_new(message.n + 1) };
	struct text dense = { 0 };
	bool ok;

	for (size_t i = 0; i < message.n; i++)
		if (strchr(" \r\n", message.p[i]) == NULL)
			text_addc(&dense, message.p[i]);
	ok = base64_decode(text_slice(&dense), plain.p, message.n, &plain.n) ==
	     0;
	text_free(&dense);
	if (ok)
		operation(ca, bytes_slice(&plain), source, out);
	else
		refuse(out, 400, "the message is not base64");
	bytes_free(&plain);
}

static void get_ca_caps(const struct ca *ca, struct scep_response *out)
{
	struct text t = { 0 };

	text_printf(&t, "%s%s%s", CAPS, ca->p.legacy ? CAPS_LEGACY : "",
		ca->p.mode == CA_ROOT ? CAPS_ROOT : "");
	say(out, 200, "text/plain", text_slice(&t));
	text_free(&t);
}

static void pkiclient(struct ca *ca, const struct scep_request *r,
	const struct scep_query *q, struct scep_response *out)
{
	const char *op = q->operation;

	if (strcmp(op, "PKIOperation") == 0) {
		if (r->post)
			operation(ca, r->body, r->source, out);
		else
			operation_get(
				ca, bytes_slice(&q->message), r->source, out);
	} else if (strcmp(op, "GetCACaps") == 0) {
		get_ca_caps(ca, out);
	} else if (strcmp(op, "GetCACert") == 0) {
		get_ca_cert(ca, out);
	} else if (strcmp(op, "GetNextCACert") == 0) {
		get_next_ca_cert(ca, out);
	} else if (strcmp(op, "GetCRL") == 0) {
		get_crl(ca, (struct slice){ .n = 0 }, out);
	} else {
		refuse(out, 400, "this is no operation of SCEP");
	}
}

/* GET /ocsp/BASE64 (RFC 6960 A.1): the path is percent-encoded. */
static void ocsp(struct ca *ca, const struct scep_request *r, struct slice rest,
	struct scep_response *out)
{
	char *query = mem_printf("message=%.*s", SLICE_ARG(rest));
	struct bytes body = { .n = 0 }, plain;
	struct scep_query q;

	if (r->post) {
		ca_ocsp(ca, r->body, &body);
	} else if (scep_query_parse(&q, slice_str(query)) == 0) {
		plain = (struct bytes){ .p = mem_new(q.message.n + 1) };
		if (base64_decode(bytes_slice(&q.message), plain.p, q.message.n,
			    &plain.n) != 0)
			plain.n = 0;
		ca_ocsp(ca, bytes_slice(&plain), &body);
		bytes_free(&plain);
		scep_query_free(&q);
	}
	free(query);
	if (body.n > 0)
		give(out, "application/ocsp-response", &body);
	else
		refuse(out, 400, "this is no OCSP request");
}

void scep_serve(
	struct ca *ca, const struct scep_request *r, struct scep_response *out)
{
	struct scep_query q;

	need(on_thread(THR_HELPER));
	*out = (struct scep_response){ .status = 500, .content_type = "" };
	if (slice_eq_str(r->path, "/crl")) {
		get_crl(ca, r->query, out);
	} else if (slice_eq_str(r->path, "/ocsp")) {
		ocsp(ca, r, (struct slice){ .n = 0 }, out);
	} else if (slice_starts(r->path, "/ocsp/")) {
		ocsp(ca, r, slice_from(r->path, 6), out);
	} else if (!slice_starts(r->path, "/cgi-bin/pkiclient.exe") &&
		   !slice_eq_str(r->path, "/scep")) {
		refuse(out, 404, "there is nothing here");
	} else if (scep_query_parse(&q, r->query) != 0) {
		refuse(out, 400, "the query cannot be read");
	} else {
		pkiclient(ca, r, &q, out);
		scep_query_free(&q);
	}
}
