/* One exchange with a SCEP server. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "certs/enrol/scep_int.h"

enum { PATH_MAX_CERTS = 5, RETRY_S = 60 };

void scep_told_free(struct scep_told *t)
{
	X509_free(t->cert);
	sk_X509_pop_free(t->issuers, X509_free);
	bytes_free(&t->box);
	t->cert = NULL;
	t->issuers = NULL;
}

/* ---- what the server is and can ---- */

int scep_ca_certs(
	STACK_OF(X509) * *out, const struct scep_ask *a, char why[CA_WHY])
{
	struct fetch_result r;
	int err = scep_get(&r, a, "GetCACert",
		a->ca_identifier != NULL ? a->ca_identifier : "", why);

	*out = NULL;
	if (err == 0 && (ossl_unbox(slice_of(r.body, r.n), out, NULL) != 0 ||
				sk_X509_num(*out) <= 0))
		err = ca_say(why, EBADMSG,
			"%s: what GetCACert answers is no certificate: is "
			"this the URL of a SCEP service?",
			a->url);
	if (err != 0) {
		sk_X509_pop_free(*out, X509_free);
		*out = NULL;
	}
	fetch_free(&r);
	return err;
}

static void read_caps(struct scep_caps *c, struct slice text)
{
	struct slice line;

	while (slice_line(&text, &line)) {
		line = slice_trim(line);
		if (slice_caseeq_str(line, "SCEPStandard"))
			c->post = c->aes = c->sha256 = true;
		c->post |= slice_caseeq_str(line, "POSTPKIOperation");
		c->aes |= slice_caseeq_str(line, "AES");
		c->des3 |= slice_caseeq_str(line, "DES3");
		c->sha1 |= slice_caseeq_str(line, "SHA-1");
		c->sha256 |= slice_caseeq_str(line, "SHA-256");
		c->renewal |= slice_caseeq_str(line, "Renewal");
		c->next |= slice_caseeq_str(line, "GetNextCACert");
	}
}

void scep_get_caps(struct scep_exchange *x)
{
	struct fetch_result r;
	char why[CA_WHY];

	if (scep_get(&r, x->a, "GetCACaps", x->a->ca_identifier, why) == 0)
		read_caps(&x->caps, slice_of(r.body, r.n));
	fetch_free(&r);
}

static int ask_caps(struct scep_exchange *x)
{
	scep_get_caps(x);
	if ((x->caps.aes && x->caps.sha256) || x->a->legacy)
		return 0;
	return ca_say(x->out->text, ENOTSUP,
		"%s does not know AES and SHA-256: update the CA, or permit "
		"3DES and SHA-1 with `legacy`",
		x->a->url);
}

/* May answer and read requests in the CA's name: what the CA certified says
 * so. Any other certificate of that CA may be a phone's. */
static bool is_agent(X509 *crt)
{
	static const char *const oids[] = { "1.3.6.1.5.5.7.3.28", /* cmcRA */
		"1.3.6.1.5.5.7.3.27", /* cmcCA */
		"1.3.6.1.4.1.311.20.2.1" }; /* Microsoft's request agent */
	EXTENDED_KEY_USAGE *eku =
		X509_get_ext_d2i(crt, NID_ext_key_usage, NULL, NULL);
	bool agent = X509_check_ca(crt) == 1;
	char oid[64];

	for (int i = 0; i < sk_ASN1_OBJECT_num(eku); i++) {
		OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(eku, i), 1);
		for (size_t k = 0; k < ARRAY_SIZE(oids); k++)
			agent = agent || strcmp(oid, oids[k]) == 0;
	}
	EXTENDED_KEY_USAGE_free(eku);
	ERR_clear_error();
	return agent;
}

static bool among(STACK_OF(X509) * certs, X509 *crt)
{
	for (int i = 0; i < sk_X509_num(certs); i++)
		if (X509_cmp(sk_X509_value(certs, i), crt) == 0)
			return true;
	return false;
}

bool scep_below(X509 *crt, X509 *ca, STACK_OF(X509) * by)
{
	X509 *at = crt;

	for (int depth = 0; depth < PATH_MAX_CERTS; depth++) {
		X509 *issuer = NULL;

		if (ossl_issued(at, ca))
			return true;
		for (int i = 0; issuer == NULL && i < sk_X509_num(by); i++) {
			X509 *c = sk_X509_value(by, i);

			if (c != at && X509_check_ca(c) == 1 &&
				ossl_issued(at, c))
				issuer = c;
		}
		if (issuer == NULL)
			return false;
		at = issuer;
	}
	return false;
}

bool scep_believed(const struct scep_exchange *x, X509 *crt)
{
	return X509_cmp(crt, x->a->ca) == 0 || among(x->a->known, crt) ||
	       (is_agent(crt) && scep_below(crt, x->a->ca, x->shown));
}

/* Who reads requests: an RA that may encipher keys, else the CA. */
static int choose_reader(struct scep_exchange *x)
{
	bool ca_shown = false;

	for (int i = 0; i < sk_X509_num(x->shown); i++) {
		X509 *crt = sk_X509_value(x->shown, i);

		ca_shown = ca_shown || X509_cmp(crt, x->a->ca) == 0;
		if (x->reader == NULL && scep_believed(x, crt) &&
			X509_check_ca(crt) != 1 &&
			(X509_get_key_usage(crt) & KU_KEY_ENCIPHERMENT) != 0)
			x->reader = crt;
	}
	/* A subordinate CA is its own reader; the root is only above it. */
	for (int i = 0; x->reader == NULL && i < sk_X509_num(x->shown); i++)
		if (scep_believed(x, sk_X509_value(x->shown, i)))
			x->reader = sk_X509_value(x->shown, i);
	if (x->reader != NULL)
		return 0;
	return ca_say(x->out->text, EACCES,
		"%s shows other certificates than the CA that was "
		"authenticated: compare fingerprints and authenticate it "
		"again",
		x->a->url);
}

/* ---- the exchange ---- */

static bool key_matches(const struct scep_exchange *x, X509 *crt)
{
	EVP_PKEY *key = X509_get0_pubkey(crt);

	return key != NULL &&
	       EVP_PKEY_eq(key, X509_REQ_get0_pubkey(x->req)) == 1;
}

static struct bytes poll_content(const struct scep_exchange *x)
{
	return scep_names(X509_get_subject_name(x->a->ca),
		X509_REQ_get_subject_name(x->req));
}

static int build(struct scep_exchange *x, struct bytes *message)
{
	struct bytes poll = { .n = 0 };
	struct scep_out o = {
		.type = x->a->lookup != 0		   ? x->a->lookup
			: x->a->poll			   ? SCEP_CERT_POLL
			: x->a->renewal && x->caps.renewal ? SCEP_RENEWAL_REQ
							   : SCEP_PKCS_REQ,
		.transaction = x->a->transaction,
		.signer = x->a->signer,
		.key = x->a->key,
		.reader = x->reader,
		.content = x->a->csr,
		.md = x->caps.sha256 ? EVP_sha256() : EVP_sha1(),
		.cipher = x->caps.aes ? EVP_aes_128_cbc() : EVP_des_ede3_cbc(),
	};
	int err;

	scep_fresh_nonce(&x->nonce);
	o.sender = x->nonce;
	if (x->a->lookup != 0) {
		o.content = x->a->about;
	} else if (x->a->poll) {
		poll = poll_content(x);
		o.content = bytes_slice(&poll);
	}
	err = scep_build(message, &o, x->out->text);
	bytes_free(&poll);
	return err;
}

static int check_answer(struct scep_exchange *x, const struct scep_msg *m)
{
	char *text = x->out->text;

	if (m->type != SCEP_CERT_REP)
		return ca_say(text, EPROTO, "the CA's answer is no CertRep");
	if (strcmp(m->transaction, x->a->transaction) != 0)
		return ca_say(text, EPROTO,
			"the CA's answer is about another transaction");
	if (m->recipient.n != x->nonce.n ||
		memcmp(m->recipient.b, x->nonce.b, x->nonce.n) != 0)
		return ca_say(text, EPROTO,
			"the CA's answer does not repeat our nonce: it may be "
			"an old one");
	if (!scep_believed(x, m->signer))
		return ca_say(text, EACCES,
			"the answer is signed by somebody else than the CA "
			"that was authenticated, or an RA of it");
	return 0;
}

/* Below the CA, or, since CAs are succeeded by others, below any that is
 * believed. */
static bool below_believed(
	const struct scep_exchange *x, X509 *crt, STACK_OF(X509) * by)
{
	if (scep_below(crt, x->a->ca, by))
		return true;
	for (int i = 0; i < sk_X509_num(x->a->known); i++) {
		X509 *ca = sk_X509_value(x->a->known, i);

		if (X509_check_ca(ca) == 1 && scep_below(crt, ca, by))
			return true;
	}
	return false;
}

static int take_certs(struct scep_exchange *x, struct slice box)
{
	STACK_OF(X509) * certs;
	X509 *crt = NULL;

	if (ossl_unbox(box, &certs, NULL) != 0 || certs == NULL)
		return ca_say(x->out->text, EBADMSG,
			"the CA's answer holds no certificates");
	for (int i = 0; crt == NULL && i < sk_X509_num(certs); i++)
		if (key_matches(x, sk_X509_value(certs, i)))
			crt = sk_X509_delete(certs, i);
	x->out->cert = crt;
	for (int i = 0; i < sk_X509_num(x->shown); i++) {
		X509 *more = sk_X509_value(x->shown, i);

		if (!among(certs, more))
			need(X509_up_ref(more) == 1 &&
				sk_X509_push(certs, more) > 0);
	}
	x->out->issuers = certs;
	if (crt == NULL)
		return ca_say(x->out->text, EBADMSG,
			"the CA's answer holds no certificate for our key");
	if (!below_believed(x, crt, certs) &&
		!below_believed(x, crt, x->a->known))
		return ca_say(x->out->text, EACCES,
			"the certificate that came was not issued by the CA "
			"that was authenticated");
	return 0;
}

static void take_answer(struct scep_exchange *x, struct scep_msg *m)
{
	struct bytes box;

	if (check_answer(x, m) != 0)
		return;
	if (m->status == SCEP_PENDING) {
		x->out->outcome = ENROLL_PENDING;
		if (x->out->retry_after_s == 0)
			x->out->retry_after_s = RETRY_S;
		ca_say(x->out->text, 0,
			"the CA has the request; a person there has to grant "
			"it");
	} else if (m->status == SCEP_FAILURE) {
		x->out->outcome = ENROLL_DENIED;
		ca_say(x->out->text, 0, "the CA says no (%s)%s%.256s",
			scep_fail_name(m->fail),
			m->fail_text[0] != '\0' ? ": " : "", m->fail_text);
	} else if (scep_open(m, x->a->signer, x->a->key, true, &box,
			   x->out->text) == 0) {
		/* What comes so is a certificate: public whatever cipher. */
		if (x->a->lookup != 0) {
			x->out->box = box;
			x->out->outcome = ENROLL_GRANTED;
			return;
		}
		if (take_certs(x, bytes_slice(&box)) == 0)
			x->out->outcome = ENROLL_GRANTED;
		bytes_free(&box);
	}
}

static void exchange(struct scep_exchange *x)
{
	struct fetch_result r = { .status = 0 };
	struct bytes message = { .n = 0 };
	struct scep_msg m;
	int err = build(x, &message);

	if (err == 0)
		err = scep_send(x, bytes_slice(&message), &r);
	if (err == 0)
		err = scep_parse(
			&m, slice_of(r.body, r.n), x->a->legacy, x->out->text);
	if (err == 0) {
		take_answer(x, &m);
		scep_msg_free(&m);
	}
	bytes_free(&message);
	fetch_free(&r);
}

void scep_ask(struct scep_told *out, const struct scep_ask *a)
{
	struct scep_exchange x = { .a = a, .out = out };
	int err = 0;

	*out = (struct scep_told){ .outcome = ENROLL_FAILED };
	if (a->lookup == 0)
		err = ossl_read(&x.req, a->csr, ASN1_ITEM_rptr(X509_REQ));
	if (err != 0)
		ca_say(out->text, err, "the request is no PKCS#10");
	if (err == 0)
		err = scep_ca_certs(&x.shown, a, out->text);
	if (err == 0)
		err = choose_reader(&x);
	if (err == 0)
		err = ask_caps(&x);
	if (err == 0)
		exchange(&x);
	if (out->outcome != ENROLL_GRANTED)
		scep_told_free(out);
	sk_X509_pop_free(x.shown, X509_free);
	X509_REQ_free(x.req);
	ERR_clear_error();
}
