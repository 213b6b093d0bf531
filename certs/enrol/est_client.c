/* Enrolment over Secure Transport (RFC 7030), as a client. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"
#include "certs/enrol/enroll_int.h"

enum { ANSWER_MAX = 1 << 18, RETRY_S = 60 };

/* "https://host/.well-known/est[/label]" and the operation. */
static char *url_of(const char *base, const char *operation)
{
	size_t n = strlen(base);
	bool whole = strstr(base, "/.well-known/est") != NULL;

	while (n > 0 && base[n - 1] == '/')
		n--;
	return mem_printf("%.*s%s/%s", (int)n, base,
		whole ? "" : "/.well-known/est", operation);
}

/* Bodies are base64 with line ends (RFC 7030 4); some send the bytes. */
static int unbox_body(const struct fetch_result *r, STACK_OF(X509) * *certs)
{
	struct bytes raw = { .p = mem_new(r->n + 1) };
	struct text dense = { 0 };
	int err;

	for (size_t i = 0; i < r->n; i++)
		if (strchr(" \t\r\n", (char)r->body[i]) == NULL)
			text_addc(&dense, (char)r->body[i]);
	err = base64_decode(text_slice(&dense), raw.p, r->n, &raw.n);
	err = ossl_unbox(err == 0 ? bytes_slice(&raw) : slice_of(r->body, r->n),
		certs, NULL);
	text_free(&dense);
	bytes_free(&raw);
	if (err == 0 && sk_X509_num(*certs) <= 0)
		err = EBADMSG;
	if (err != 0) {
		sk_X509_pop_free(*certs, X509_free);
		*certs = NULL;
	}
	return err;
}

int est_ca_certs(STACK_OF(X509) * *out, const struct enroll_params *p,
	char *text, size_t size)
{
	char *full = url_of(p->url, "cacerts");
	struct fetch_params fp = { .url = full,
		.method = "GET",
		.timeout_ms = p->timeout_ms,
		.size_max = ANSWER_MAX,
		.source = p->source,
		.unverified = true };
	struct fetch_result r;
	int err = fetch(&r, &fp);

	*out = NULL;
	if (err != 0) {
		snprintf(text, size, "%s", r.error);
	} else if (r.status != 200) {
		err = EPROTO;
		snprintf(text, size, "%s answered with status %d", full,
			r.status);
	} else {
		err = unbox_body(&r, out);
		if (err != 0)
			snprintf(text, size,
				"%s: what it answers is no certificate: is "
				"this the URL of an EST service?",
				full);
	}
	fetch_free(&r);
	free(full);
	return err;
}

/* What vouches for the server: the CA that was authenticated. */
static struct text anchors_of(const struct enroll_params *p)
{
	struct text t = { 0 };
	X509 *ca;

	if (ossl_read_cert(&ca, p->ca) == 0)
		ossl_pem_add(&t, ca);
	X509_free(ca);
	text_add(&t, p->chain);
	return t;
}

/* The certificate to be replaced, and its key unless a token has it, for
 * TLS. */
static int identity_of(const struct enroll_params *p, struct bytes *out)
{
	struct text t = { 0 };
	struct bytes pem;
	EVP_PKEY *key;
	X509 *crt;

	*out = (struct bytes){ .n = 0 };
	if (p->old_cert.n == 0 || p->old_key == NULL)
		return 0;
	if (ossl_read_cert(&crt, p->old_cert) != 0)
		return EBADMSG;
	ossl_pem_add(&t, crt);
	X509_free(crt);
	if (p->old_key_url != NULL) {
		*out = bytes_of(text_slice(&t));
		text_free(&t);
		return 0;
	}
	if (enroll_key(&key, p->old_key) != 0) {
		text_free(&t);
		return ENOTSUP;
	}
	pem = ossl_key_pem(key);
	*out = (struct bytes){ .p = mem_new(t.n + pem.n), .n = t.n + pem.n };
	memcpy(out->p, t.p, t.n);
	memcpy(out->p + t.n, pem.p, pem.n);
	text_free(&t);
	bytes_wipe(&pem);
	EVP_PKEY_free(key);
	return 0;
}

static void take_answer(struct enroll_result *out,
	const struct enroll_params *p, const char *url,
	const struct fetch_result *r)
{
	STACK_OF(X509) * certs;
	struct text said = { 0 };

	switch (r->status) {
	case 200:
		if (unbox_body(r, &certs) != 0) {
			enroll_say(out, ENROLL_FAILED,
				"%s: what it answers is no certificate", url);
			return;
		}
		enroll_granted(out, p, certs);
		sk_X509_pop_free(certs, X509_free);
		return;
	case 202:
		out->retry_after_s =
			r->retry_after_s > 0 ? r->retry_after_s : RETRY_S;
		enroll_say(out, ENROLL_PENDING,
			"the CA has the request; a person there has to grant "
			"it");
		return;
	case 401:
		enroll_say(out, ENROLL_DENIED,
			"%s wants another user name or password", url);
		return;
	default:
		if (slice_starts(slice_str(r->content_type), "text/plain"))
			text_escape(
				&said, slice_trim(slice_head(
					       slice_of(r->body, r->n), 160)));
		enroll_say(out,
			r->status >= 400 && r->status < 500 ? ENROLL_DENIED
							    : ENROLL_FAILED,
			"%s answered with status %d%s%s", url, r->status,
			said.n > 0 ? ": " : "", said.n > 0 ? said.p : "");
		text_free(&said);
	}
}

void est_enroll(struct enroll_result *out, const struct enroll_params *p)
{
	bool renewal = p->old_cert.n > 0;
	char *url = url_of(p->url, renewal ? "simplereenroll" : "simpleenroll");
	struct text body = { 0 }, anchors = anchors_of(p);
	struct bytes identity;
	struct fetch_result r = { .status = 0 };
	struct fetch_params fp = { .url = url,
		.method = "POST",
		.content_type = "application/pkcs10",
		.accept = "application/pkcs7-mime",
		.user = p->user,
		.password = p->password,
		.timeout_ms = p->timeout_ms,
		.size_max = ANSWER_MAX,
		.source = p->source,
		.key_url = p->old_key_url,
		.key_pin = p->old_key_pin };
	int err = identity_of(p, &identity);

	base64_encode(&body, p->csr, true);
	fp.body = text_slice(&body);
	fp.anchors = text_slice(&anchors);
	fp.identity = bytes_slice(&identity);
	if (!slice_casestarts(slice_str(url), "https://"))
		enroll_say(out, ENROLL_FAILED,
			"EST is spoken over https:// only: %s", p->url);
	else if (err != 0)
		enroll_say(out, ENROLL_FAILED,
			"the certificate to be renewed cannot be shown: it or "
			"its key cannot be read; enrol anew");
	else if (fetch(&r, &fp) != 0)
		enroll_say(out, ENROLL_FAILED, "%s", r.error);
	else
		take_answer(out, p, url, &r);
	snprintf(out->transaction, sizeof(out->transaction), "%s",
		p->transaction != NULL ? p->transaction : "est");
	fetch_free(&r);
	bytes_wipe(&identity);
	text_free(&anchors);
	text_free(&body);
	free(url);
}
