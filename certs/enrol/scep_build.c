/* Writing pkiMessages. */
#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/ca/ca_int.h"
#include "certs/enrol/scep_msg.h"
#include "certs/enrol/scep_oid.h"

/* CertPoll's content: IssuerAndSubject. */
struct scep_issuer_subject {
	X509_NAME *issuer, *subject;
};
typedef struct scep_issuer_subject SCEP_NAMES;

/* clang-format off */
ASN1_SEQUENCE(SCEP_NAMES) = {
	ASN1_SIMPLE(SCEP_NAMES, issuer, X509_NAME),
	ASN1_SIMPLE(SCEP_NAMES, subject, X509_NAME),
} static_ASN1_SEQUENCE_END(SCEP_NAMES)
/* clang-format on */

struct bytes scep_names(const X509_NAME *issuer, const X509_NAME *subject)
{
	SCEP_NAMES names = { X509_NAME_dup(issuer), X509_NAME_dup(subject) };
	struct bytes b;

	need(names.issuer != NULL && names.subject != NULL);
	b = ossl_der(&names, ASN1_ITEM_rptr(SCEP_NAMES));
	X509_NAME_free(names.issuer);
	X509_NAME_free(names.subject);
	return b;
}

int scep_serial(struct slice der, X509 *issuer, uint8_t out[CA_DB_SERIAL])
{
	PKCS7_ISSUER_AND_SERIAL *is;
	int err = ossl_read(&is, der, ASN1_ITEM_rptr(PKCS7_ISSUER_AND_SERIAL));

	if (err != 0)
		return err;
	if (X509_NAME_cmp(is->issuer, X509_get_subject_name(issuer)) != 0 ||
		!ca_serial_of(is->serial, out))
		err = ENOENT;
	PKCS7_ISSUER_AND_SERIAL_free(is);
	return err;
}

struct bytes scep_issuer_serial(X509 *crt)
{
	PKCS7_ISSUER_AND_SERIAL *is = PKCS7_ISSUER_AND_SERIAL_new();
	struct bytes b;

	need(is != NULL &&
		X509_NAME_set(&is->issuer, X509_get_issuer_name(crt)) == 1);
	ASN1_INTEGER_free(is->serial);
	is->serial = ASN1_INTEGER_dup(X509_get0_serialNumber(crt));
	need(is->serial != NULL);
	b = ossl_der(is, ASN1_ITEM_rptr(PKCS7_ISSUER_AND_SERIAL));
	PKCS7_ISSUER_AND_SERIAL_free(is);
	return b;
}

static bool add(
	CMS_SignerInfo *si, const char *oid, int type, const void *p, size_t n)
{
	ASN1_OBJECT *obj = OBJ_txt2obj(oid, 1);
	bool ok = CMS_signed_add1_attr_by_OBJ(si, obj, type, p, (int)n) == 1;

	ASN1_OBJECT_free(obj);
	return ok;
}

static bool add_number(CMS_SignerInfo *si, const char *oid, unsigned v)
{
	char text[12];
	int n = snprintf(text, sizeof(text), "%u", v);

	return add(si, oid, V_ASN1_PRINTABLESTRING, text, (size_t)n);
}

static bool add_nonce(
	CMS_SignerInfo *si, const char *oid, const struct scep_nonce *nonce)
{
	return nonce->n == 0 ||
	       add(si, oid, V_ASN1_OCTET_STRING, nonce->b, nonce->n);
}

static bool add_attributes(CMS_SignerInfo *si, const struct scep_out *o)
{
	bool ok = add_number(si, OID_TYPE, o->type) &&
		  add(si, OID_TRANSACTION, V_ASN1_PRINTABLESTRING,
			  o->transaction, strlen(o->transaction)) &&
		  add_nonce(si, OID_SENDER_NONCE, &o->sender) &&
		  add_nonce(si, OID_RECIPIENT_NONCE, &o->recipient);

	if (!ok || o->type != SCEP_CERT_REP)
		return ok;
	ok = add_number(si, OID_STATUS, o->status);
	if (ok && o->status == SCEP_FAILURE)
		ok = add_number(si, OID_FAIL, o->fail);
	if (ok && o->status == SCEP_FAILURE && o->fail_text != NULL &&
		o->fail_text[0] != '\0')
		ok = add(si, OID_FAIL_TEXT, V_ASN1_UTF8STRING, o->fail_text,
			strlen(o->fail_text));
	return ok;
}

static bool envelop(struct bytes *out, const struct scep_out *o)
{
	STACK_OF(X509) *to = sk_X509_new_null();
	BIO *bio = BIO_new_mem_buf(o->content.p, (int)o->content.n);
	CMS_ContentInfo *cms;

	need(to != NULL && bio != NULL && sk_X509_push(to, o->reader) > 0);
	cms = CMS_encrypt(to, bio, o->cipher, CMS_BINARY);
	if (cms != NULL)
		*out = ossl_der(cms, ASN1_ITEM_rptr(CMS_ContentInfo));
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	sk_X509_free(to);
	return cms != NULL;
}

static bool sign(
	struct bytes *out, const struct scep_out *o, struct slice content)
{
	CMS_ContentInfo *cms =
		CMS_sign(NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_BINARY);
	BIO *bio =
		BIO_new_mem_buf(content.n > 0 ? content.p : "", (int)content.n);
	CMS_SignerInfo *si;
	bool ok;

	need(cms != NULL && bio != NULL);
	if (content.n == 0) /* RFC 8894 3.2.2: then it is left out */
		need(CMS_set_detached(cms, 1) == 1);
	si = CMS_add1_signer(cms, o->signer, o->key, o->md,
		CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP);
	ok = si != NULL && add_attributes(si, o) &&
	     CMS_final(cms, bio, NULL, CMS_BINARY) == 1;
	if (ok)
		*out = ossl_der(cms, ASN1_ITEM_rptr(CMS_ContentInfo));
	BIO_free(bio);
	CMS_ContentInfo_free(cms);
	return ok;
}

int scep_build(struct bytes *out, const struct scep_out *o, char why[CA_WHY])
{
	struct bytes envelope = { .n = 0 };
	char text[256];
	bool ok;

	*out = (struct bytes){ .n = 0 };
	ok = o->reader == NULL || envelop(&envelope, o);
	ok = ok && sign(out, o, bytes_slice(&envelope));
	bytes_free(&envelope);
	if (ok)
		return 0;
	return ca_say(why, EIO, "the SCEP message cannot be made: %s",
		ossl_why(text));
}
