/* The next CA (RFC 8894 4.7): what the present one signed as its successor. */
#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "certs/enrol/scep_int.h"

static bool signed_by_believed(
	const struct scep_exchange *x, CMS_ContentInfo *cms)
{
	STACK_OF(X509) *signers = CMS_get0_signers(cms);
	bool ok = sk_X509_num(signers) > 0;

	for (int i = 0; i < sk_X509_num(signers); i++)
		ok = ok && scep_believed(x, sk_X509_value(signers, i));
	sk_X509_free(signers);
	return ok;
}

/* The signer's certificate may be left out: it is one of those we know. */
static STACK_OF(X509) * believed_certs(const struct scep_exchange *x)
{
	STACK_OF(X509) *v = x->a->known != NULL ? sk_X509_dup(x->a->known)
						: sk_X509_new_null();

	need(v != NULL && sk_X509_push(v, x->a->ca) > 0);
	return v;
}

/* Certificates in a box, inside of what the present CA signed. */
static int open_next(const struct scep_exchange *x, struct slice der,
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
	const struct scep_exchange *x, STACK_OF(X509) * certs, char why[CA_WHY])
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
	struct scep_exchange x = { .a = a };
	struct fetch_result r = { .status = 0 };
	int err;

	*out = NULL;
	scep_get_caps(&x);
	if (!x.caps.next)
		return ca_say(why, ENOTSUP, "%s does not tell of its next CA",
			a->url);
	err = scep_get(&r, a, "GetNextCACert", a->ca_identifier, why);
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
