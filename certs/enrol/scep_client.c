/* One exchange with a SCEP server. */
#include "certs/enrol/scep_client.h"

#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/ca/ca_int.h"

enum { ANSWER_MAX = 1 << 18, PATH_MAX_CERTS = 5, RETRY_S = 60 };

struct caps {
	bool post, aes, des3, sha1, sha256, renewal, next;
};

struct exchange {
	const struct scep_ask *a;
	struct scep_told *out;
	struct caps caps;
	STACK_OF(X509) * shown; /* by GetCACert; not believed as such */
	X509 *reader; /* requests are encrypted to */
	X509_REQ *req;
	struct scep_nonce nonce;
};

void scep_told_free(struct scep_told *t)
{
	X509_free(t->cert);
	sk_X509_pop_free(t->issuers, X509_free);
	bytes_free(&t->box);
	t->cert = NULL;
	t->issuers = NULL;
}

/* ---- HTTP ---- */

static void add_encoded(struct text *t, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			(c >= 'a' && c <= 'z') || c == '-' || c == '_' ||
			c == '.')
			text_addc(t, c);
		else
			text_printf(t, "%%%02X", (unsigned char)c);
	}
}

static char *url_of(
	const char *base, const char *operation, const char *message)
{
	struct text t = { 0 };

	text_printf(&t, "%s%coperation=%s", base,
		strchr(base, '?') != NULL ? '&' : '?', operation);
	if (message != NULL) {
		text_add(&t, SLICE_LIT("&message="));
		add_encoded(&t, slice_str(message));
	}
	return text_take(&t);
}

/* What a server says beside a status that is no success, shortened. */
static void quote(char *out, size_t size, const struct fetch_result *r)
{
	struct text t = { 0 };
	struct slice s = slice_head(slice_of(r->body, r->n), 160);

	if (slice_starts(slice_str(r->content_type), "text/plain"))
		text_escape(&t, slice_trim(s));
	snprintf(
		out, size, "%s%s", t.n > 0 ? ": " : "", t.p != NULL ? t.p : "");
	text_free(&t);
}

static int get(struct fetch_result *r, const struct scep_ask *a,
	const char *operation, const char *message, char why[CA_WHY])
{
	char *url = url_of(a->url, operation, message), said[400];
	struct fetch_params p = { .url = url,
		.method = "GET",
		.timeout_ms = a->timeout_ms,
		.size_max = ANSWER_MAX,
		.source = a->source,
		.unverified = true };
	int err = fetch(r, &p);

	if (err != 0) {
		ca_say(why, err, "%s", r->error);
	} else if (r->status != 200) {
		quote(said, sizeof(said), r);
		err = ca_say(why, EPROTO, "%s answered %s with status %d%s",
			a->url, operation, r->status, said);
	}
	free(url);
	return err;
}

/* ---- what the server is and can ---- */

int scep_ca_certs(
	STACK_OF(X509) * *out, const struct scep_ask *a, char why[CA_WHY])
{
	struct fetch_result r;
	int err = get(&r, a, "GetCACert",
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

static void read_caps(struct caps *c, struct slice text)
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

/* Servers without GetCACaps are those that know nothing new. */
static void get_caps(struct exchange *x)
{
	struct fetch_result r;
	char why[CA_WHY];

	if (get(&r, x->a, "GetCACaps", x->a->ca_identifier, why) == 0)
		read_caps(&x->caps, slice_of(r.body, r.n));
	fetch_free(&r);
}

static int ask_caps(struct exchange *x)
{
	get_caps(x);
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

static bool believed(const struct exchange *x, X509 *crt)
{
	return X509_cmp(crt, x->a->ca) == 0 || among(x->a->known, crt) ||
	       (is_agent(crt) && scep_below(crt, x->a->ca, x->shown));
}

/* Who reads requests: an RA that may encipher keys, else the CA. */
static int choose_reader(struct exchange *x)
{
	bool ca_shown = false;

	for (int i = 0; i < sk_X509_num(x->shown); i++) {
		X509 *crt = sk_X509_value(x->shown, i);

		ca_shown = ca_shown || X509_cmp(crt, x->a->ca) == 0;
		if (x->reader == NULL && believed(x, crt) &&
			X509_check_ca(crt) != 1 &&
			(X509_get_key_usage(crt) & KU_KEY_ENCIPHERMENT) != 0)
			x->reader = crt;
	}
	/* A subordinate CA is its own reader; the root is only above it. */
	for (int i = 0; x->reader == NULL && i < sk_X509_num(x->shown); i++)
		if (believed(x, sk_X509_value(x->shown, i)))
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

static bool key_matches(const struct exchange *x, X509 *crt)
{
	EVP_PKEY *key = X509_get0_pubkey(crt);

	return key != NULL &&
	       EVP_PKEY_eq(key, X509_REQ_get0_pubkey(x->req)) == 1;
}

static struct bytes poll_content(const struct exchange *x)
{
	return scep_names(X509_get_subject_name(x->a->ca),
		X509_REQ_get_subject_name(x->req));
}

static int build(struct exchange *x, struct bytes *message)
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

static int send_post(
	struct exchange *x, struct slice message, struct fetch_result *r)
{
	char *url = url_of(x->a->url, "PKIOperation", NULL);
	struct fetch_params p = { .url = url,
		.method = "POST",
		.content_type = "application/x-pki-message",
		.body = message,
		.timeout_ms = x->a->timeout_ms,
		.size_max = ANSWER_MAX,
		.source = x->a->source,
		.unverified = true };
	int err = fetch(r, &p);

	free(url);
	return err;
}

static int send_get(
	struct exchange *x, struct slice message, struct fetch_result *r)
{
	struct text t = { 0 };
	struct fetch_params p = { .method = "GET",
		.timeout_ms = x->a->timeout_ms,
		.size_max = ANSWER_MAX,
		.source = x->a->source,
		.unverified = true };
	char *url;
	int err;

	base64_encode(&t, message, true);
	url = url_of(x->a->url, "PKIOperation", t.p);
	p.url = url;
	err = fetch(r, &p);
	free(url);
	text_free(&t);
	return err;
}

static int send_message(
	struct exchange *x, struct slice message, struct fetch_result *r)
{
	char said[400];
	int err = x->caps.post ? send_post(x, message, r)
			       : send_get(x, message, r);

	if (err != 0)
		return ca_say(x->out->text, err, "%s", r->error);
	x->out->retry_after_s = r->retry_after_s;
	if (r->status == 200)
		return 0;
	quote(said, sizeof(said), r);
	return ca_say(x->out->text, EPROTO, "%s answered with status %d%s",
		x->a->url, r->status, said);
}

static int check_answer(struct exchange *x, const struct scep_msg *m)
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
	if (!believed(x, m->signer))
		return ca_say(text, EACCES,
			"the answer is signed by somebody else than the CA "
			"that was authenticated, or an RA of it");
	return 0;
}

/* Below the CA, or, since CAs are succeeded by others, below any that is
 * believed. */
static bool below_believed(
	const struct exchange *x, X509 *crt, STACK_OF(X509) * by)
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

static int take_certs(struct exchange *x, struct slice box)
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

static void take_answer(struct exchange *x, struct scep_msg *m)
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

static void exchange(struct exchange *x)
{
	struct fetch_result r = { .status = 0 };
	struct bytes message = { .n = 0 };
	struct scep_msg m;
	int err = build(x, &message);

	if (err == 0)
		err = send_message(x, bytes_slice(&message), &r);
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
	struct exchange x = { .a = a, .out = out };
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

/* ---- the next CA (RFC 8894 4.7) ---- */

static bool signed_by_believed(const struct exchange *x, CMS_ContentInfo *cms)
{
	STACK_OF(X509) *signers = CMS_get0_signers(cms);
	bool ok = sk_X509_num(signers) > 0;

	for (int i = 0; i < sk_X509_num(signers); i++)
		ok = ok && believed(x, sk_X509_value(signers, i));
	sk_X509_free(signers);
	return ok;
}

/* The signer's certificate may be left out: it is one of those we know. */
static STACK_OF(X509) * believed_certs(const struct exchange *x)
{
	STACK_OF(X509) *v = x->a->known != NULL ? sk_X509_dup(x->a->known)
						: sk_X509_new_null();

	need(v != NULL && sk_X509_push(v, x->a->ca) > 0);
	return v;
}

/* Certificates in a box, inside of what the present CA signed. */
static int open_next(const struct exchange *x, struct slice der,
	STACK_OF(X509) * *out, char why[CA_WHY])
{
	STACK_OF(X509) *more = believed_certs(x);
	BIO *inner = BIO_new(BIO_s_mem());
	CMS_ContentInfo *cms = NULL;
	char *p;
	long n;
	int err = 0;

	need(inner != NULL);
	if (ossl_read(&cms, der, ASN1_ITEM_rptr(CMS_ContentInfo)) != 0 ||
		CMS_verify(cms, more, NULL, NULL, inner,
			CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) != 1)
		err = ca_say(why, EBADMSG,
			"%s: what GetNextCACert answers is not signed, or was "
			"changed on the way",
			x->a->url);
	if (err == 0 && !signed_by_believed(x, cms))
		err = ca_say(why, EACCES,
			"%s: the next CA certificate is signed by somebody "
			"else than the CA that was authenticated",
			x->a->url);
	if (err == 0) {
		n = BIO_get_mem_data(inner, &p);
		if (ossl_unbox(slice_of(p, (size_t)n), out, NULL) != 0 ||
			sk_X509_num(*out) <= 0)
			err = ca_say(why, EBADMSG,
				"%s: what GetNextCACert answers holds no "
				"certificate",
				x->a->url);
	}
	CMS_ContentInfo_free(cms);
	BIO_free(inner);
	sk_X509_free(more);
	return err;
}

/* Nothing but CAs may become anchors. */
static int only_cas(
	const struct exchange *x, STACK_OF(X509) * certs, char why[CA_WHY])
{
	for (int i = 0; i < sk_X509_num(certs); i++)
		if (X509_check_ca(sk_X509_value(certs, i)) != 1)
			return ca_say(why, EACCES,
				"%s: GetNextCACert answers with a certificate "
				"that is no CA's",
				x->a->url);
	return 0;
}

int scep_next_ca(
	STACK_OF(X509) * *out, const struct scep_ask *a, char why[CA_WHY])
{
	struct exchange x = { .a = a };
	struct fetch_result r = { .status = 0 };
	int err;

	*out = NULL;
	get_caps(&x);
	if (!x.caps.next)
		return ca_say(why, ENOTSUP, "%s does not tell of its next CA",
			a->url);
	err = get(&r, a, "GetNextCACert", a->ca_identifier, why);
	/* How a server says that there is none differs from one to another. */
	if (err == EPROTO)
		err = ENOENT;
	if (err == 0)
		err = scep_ca_certs(&x.shown, a, why);
	if (err == 0)
		err = open_next(&x, slice_of(r.body, r.n), out, why);
	if (err == 0)
		err = only_cas(&x, *out, why);
	if (err != 0) {
		sk_X509_pop_free(*out, X509_free);
		*out = NULL;
	}
	sk_X509_pop_free(x.shown, X509_free);
	fetch_free(&r);
	ERR_clear_error();
	return err;
}
