/* One step of an enrolment, by SCEP or by EST. */
#include "certs/enrol/enroll.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"
#include "certs/ca/ca_int.h"
#include "certs/enrol/enroll_int.h"
#include "certs/enrol/scep_client.h"

enum { WRAPPING_DAYS = 7 };

void enroll_say(struct enroll_result *out, enum enroll_outcome outcome,
	const char *fmt, ...)
{
	va_list ap;

	out->outcome = outcome;
	va_start(ap, fmt);
	vsnprintf(out->text, sizeof(out->text), fmt, ap);
	va_end(ap);
}

void enroll_result_free(struct enroll_result *r)
{
	free(r->cert);
	free(r->issuers);
	r->cert = NULL;
	r->issuers = NULL;
}

int enroll_key(EVP_PKEY **out, gnutls_privkey_t key)
{
	gnutls_x509_privkey_t x = NULL;
	gnutls_datum_t der = { .size = 0 };
	const unsigned char *p;
	int err = gnutls_privkey_export_x509(key, &x);

	*out = NULL;
	if (err == 0)
		err = gnutls_x509_privkey_export2_pkcs8(
			x, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN, &der);
	if (err == 0) {
		p = der.data;
		*out = d2i_AutoPrivateKey(NULL, &p, (long)der.size);
		mem_wipe(der.data, der.size);
		gnutls_free(der.data);
	}
	if (x != NULL)
		gnutls_x509_privkey_deinit(x);
	ERR_clear_error();
	return *out != NULL ? 0 : ENOTSUP;
}

static void keep_issuers(
	struct enroll_result *out, const X509 *own, STACK_OF(X509) * certs)
{
	struct text t = { 0 };

	for (int i = 0; i < sk_X509_num(certs); i++)
		if (X509_cmp(sk_X509_value(certs, i), own) != 0 &&
			X509_check_ca(sk_X509_value(certs, i)) == 1)
			ossl_pem_add(&t, sk_X509_value(certs, i));
	free(out->issuers);
	out->issuers = text_take(&t);
}

static void keep_cert(struct enroll_result *out, const X509 *crt)
{
	struct bytes der = ossl_cert_der(crt);

	out->outcome = ENROLL_GRANTED;
	out->cert = der.p;
	out->cert_len = der.n;
	out->text[0] = '\0';
}

static X509 *for_request(struct slice csr, STACK_OF(X509) * certs)
{
	X509_REQ *req;
	X509 *crt = NULL;

	if (ossl_read(&req, csr, ASN1_ITEM_rptr(X509_REQ)) == 0 &&
		X509_REQ_get0_pubkey(req) != NULL)
		crt = ossl_cert_of_key(certs, X509_REQ_get0_pubkey(req));
	X509_REQ_free(req);
	return crt;
}

void enroll_granted(struct enroll_result *out, const struct enroll_params *p,
	STACK_OF(X509) * certs)
{
	X509 *ca = NULL, *crt = for_request(p->csr, certs);
	STACK_OF(X509) *known = NULL;

	if (crt == NULL) {
		enroll_say(out, ENROLL_FAILED,
			"the CA's answer holds no certificate for our key");
	} else if (ossl_read_cert(&ca, p->ca) != 0) {
		enroll_say(out, ENROLL_FAILED,
			"the CA's certificate cannot be read: authenticate "
			"it again");
	} else if (!scep_below(crt, ca, certs) &&
		   (ossl_pem_certs(&known, p->chain) != 0 ||
			   !scep_below(crt, ca, known))) {
		enroll_say(out, ENROLL_FAILED,
			"the certificate that came was not issued by the CA "
			"that was authenticated");
	} else {
		keep_cert(out, crt);
		keep_issuers(out, crt, certs);
	}
	sk_X509_pop_free(known, X509_free);
	X509_free(ca);
}

/* ---- SCEP ---- */

/* RFC 8894 2.3: who has no certificate yet signs with one of its own. */
static X509 *wrapping(struct slice csr, EVP_PKEY *key)
{
	X509 *crt = X509_new();
	X509_REQ *req;
	time_t now = time(NULL);
	uint64_t serial = 0;
	bool ok = ossl_read(&req, csr, ASN1_ITEM_rptr(X509_REQ)) == 0;

	random_bytes(&serial, sizeof(serial));
	need(crt != NULL);
	ok = ok && X509_set_version(crt, X509_VERSION_3) == 1 &&
	     ASN1_INTEGER_set_uint64(
		     X509_get_serialNumber(crt), (serial >> 1) | 1) == 1 &&
	     X509_set_subject_name(crt, X509_REQ_get_subject_name(req)) == 1 &&
	     X509_set_issuer_name(crt, X509_REQ_get_subject_name(req)) == 1 &&
	     ASN1_TIME_set(X509_getm_notBefore(crt), now - 86400) != NULL &&
	     ASN1_TIME_set(X509_getm_notAfter(crt),
		     now + (time_t)WRAPPING_DAYS * 86400) != NULL &&
	     X509_set_pubkey(crt, key) == 1 &&
	     ca_add_ext(crt, crt, NID_key_usage,
		     "critical,digitalSignature,keyEncipherment") &&
	     X509_sign(crt, key, EVP_sha256()) > 0;
	X509_REQ_free(req);
	if (!ok) {
		X509_free(crt);
		crt = NULL;
	}
	ERR_clear_error();
	return crt;
}

static void name_transaction(
	struct enroll_result *out, const struct enroll_params *p)
{
	uint8_t hash[32];
	struct text t = { 0 };

	if (p->transaction != NULL) {
		snprintf(out->transaction, sizeof(out->transaction), "%s",
			p->transaction);
		return;
	}
	/* Of what is asked for and what it replaces: a renewal with the same
	 * key is another transaction, a repetition is not. */
	text_add(&t, p->csr);
	text_add(&t, p->old_cert);
	need(EVP_Digest(t.p, t.n, hash, NULL, EVP_sha256(), NULL) == 1);
	hex_encode(hash, sizeof(hash), out->transaction);
	text_free(&t);
}

struct scep {
	struct scep_ask ask;
	X509 *ca, *signer;
	STACK_OF(X509) * known;
	EVP_PKEY *key;
};

static int scep_signer(struct scep *s, struct enroll_result *out,
	const struct enroll_params *p)
{
	bool renewal = p->old_cert.n > 0 && p->old_key != NULL;

	if (enroll_key(&s->key, renewal ? p->old_key : p->key) != 0) {
		enroll_say(out, ENROLL_FAILED,
			"SCEP needs the private key itself, and this one "
			"cannot leave its token: enrol with EST");
		return ENOTSUP;
	}
	if (EVP_PKEY_get_base_id(s->key) != EVP_PKEY_RSA) {
		enroll_say(out, ENROLL_FAILED,
			"SCEP works with RSA keys only, since answers are "
			"encrypted to them: use `rsakeypair`, or enrol with "
			"EST");
		return ENOTSUP;
	}
	if (renewal && ossl_read_cert(&s->signer, p->old_cert) != 0)
		renewal = false;
	if (!renewal)
		s->signer = wrapping(p->csr, s->key);
	s->ask.renewal = renewal;
	if (s->signer != NULL &&
		EVP_PKEY_eq(X509_get0_pubkey(s->signer), s->key) == 1)
		return 0;
	enroll_say(out, ENROLL_FAILED,
		"request, certificate and key do not belong together");
	return EBADMSG;
}

static int scep_begin(struct scep *s, struct enroll_result *out,
	const struct enroll_params *p)
{
	if (ossl_read_cert(&s->ca, p->ca) != 0) {
		enroll_say(out, ENROLL_FAILED,
			"the CA is not known yet: `lineside pki authenticate` "
			"fetches its certificate and shows the fingerprint");
		return EBADMSG;
	}
	if (p->chain.n > 0 && ossl_pem_certs(&s->known, p->chain) != 0)
		s->known = NULL;
	return scep_signer(s, out, p);
}

static void scep_enroll(
	struct enroll_result *out, const struct enroll_params *p)
{
	struct scep s = { .ca = NULL };
	struct scep_told told;

	name_transaction(out, p);
	if (scep_begin(&s, out, p) == 0) {
		s.ask.url = p->url;
		s.ask.ca_identifier = p->ca_identifier;
		s.ask.source = p->source;
		s.ask.ca = s.ca;
		s.ask.known = s.known;
		s.ask.signer = s.signer;
		s.ask.key = s.key;
		s.ask.csr = p->csr;
		s.ask.transaction = out->transaction;
		s.ask.poll = p->transaction != NULL;
		s.ask.legacy = p->legacy;
		s.ask.timeout_ms = p->timeout_ms;
		scep_ask(&told, &s.ask);
		enroll_say(out, told.outcome, "%s", told.text);
		out->retry_after_s = told.retry_after_s;
		if (told.outcome == ENROLL_GRANTED) {
			keep_cert(out, told.cert);
			keep_issuers(out, told.cert, told.issuers);
		}
		scep_told_free(&told);
	}
	X509_free(s.ca);
	X509_free(s.signer);
	sk_X509_pop_free(s.known, X509_free);
	EVP_PKEY_free(s.key);
}

void enroll(struct enroll_result *out, const struct enroll_params *p)
{
	*out = (struct enroll_result){ .outcome = ENROLL_FAILED };
	if (p->protocol == ENROLL_EST)
		est_enroll(out, p);
	else
		scep_enroll(out, p);
	if (out->issuers == NULL)
		out->issuers = mem_dup("");
}

int enroll_ca_certs(
	const struct enroll_params *p, char **out, char *text, size_t text_size)
{
	const struct scep_ask ask = { .url = p->url,
		.ca_identifier = p->ca_identifier,
		.source = p->source,
		.timeout_ms = p->timeout_ms };
	STACK_OF(X509) *certs = NULL;
	char why[CA_WHY] = "";
	struct text t = { 0 };
	int err = p->protocol == ENROLL_EST
			  ? est_ca_certs(&certs, p, why, sizeof(why))
			  : scep_ca_certs(&certs, &ask, why);

	snprintf(text, text_size, "%s", why);
	for (int i = 0; i < sk_X509_num(certs); i++)
		ossl_pem_add(&t, sk_X509_value(certs, i));
	sk_X509_pop_free(certs, X509_free);
	*out = NULL;
	if (err == 0)
		*out = text_take(&t);
	else
		text_free(&t);
	return err;
}

int enroll_next_ca(
	const struct enroll_params *p, char **out, char *text, size_t text_size)
{
	struct scep_ask ask = { .url = p->url,
		.ca_identifier = p->ca_identifier,
		.source = p->source,
		.timeout_ms = p->timeout_ms };
	STACK_OF(X509) *certs = NULL, *known = NULL;
	char why[CA_WHY] = "";
	struct text t = { 0 };
	int err = p->protocol == ENROLL_SCEP ? 0 : ENOTSUP;

	*out = NULL;
	if (err == 0)
		err = ossl_read_cert(&ask.ca, p->ca);
	if (err == 0 && p->chain.n > 0 && ossl_pem_certs(&known, p->chain) == 0)
		ask.known = known;
	if (err == 0)
		err = scep_next_ca(&certs, &ask, why);
	snprintf(text, text_size, "%s", why);
	for (int i = 0; i < sk_X509_num(certs); i++)
		ossl_pem_add(&t, sk_X509_value(certs, i));
	if (err == 0)
		*out = text_take(&t);
	sk_X509_pop_free(certs, X509_free);
	sk_X509_pop_free(known, X509_free);
	X509_free(ask.ca);
	return err;
}
