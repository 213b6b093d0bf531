/* Reading pkiMessages. */
#include "certs/enrol/scep_msg.h"

#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"
#include "certs/ca/ca_int.h"
#include "certs/enrol/scep_oid.h"

const char *scep_fail_name(enum scep_fail f)
{
	static const char *const names[] = { "badAlg", "badMessageCheck",
		"badRequest", "badTime", "badCertId" };

	return f < ARRAY_SIZE(names) ? names[f] : "?";
}

void scep_fresh_nonce(struct scep_nonce *n)
{
	n->n = SCEP_NONCE;
	random_bytes(n->b, n->n);
}

/* The one value of a signed attribute; NULL: none, several, another type. */
static const ASN1_STRING *attribute(
	CMS_SignerInfo *si, const char *oid, int type)
{
	ASN1_OBJECT *obj = OBJ_txt2obj(oid, 1);
	const ASN1_STRING *v = CMS_signed_get0_data_by_OBJ(si, obj, -3, type);

	ASN1_OBJECT_free(obj);
	return v;
}

static bool get_text(
	CMS_SignerInfo *si, const char *oid, int type, char *out, size_t size)
{
	const ASN1_STRING *v = attribute(si, oid, type);
	const unsigned char *p;
	size_t n;

	if (v == NULL)
		return false;
	p = ASN1_STRING_get0_data(v);
	n = (size_t)ASN1_STRING_length(v);
	if (n == 0 || n >= size)
		return false;
	for (size_t i = 0; i < n; i++)
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	memcpy(out, p, n);
	out[n] = '\0';
	return true;
}

static bool get_number(CMS_SignerInfo *si, const char *oid, unsigned *out)
{
	char text[8];
	uint64_t v;

	if (!get_text(si, oid, V_ASN1_PRINTABLESTRING, text, sizeof(text)) ||
		slice_uint(slice_str(text), 99, &v) != 0)
		return false;
	*out = (unsigned)v;
	return true;
}

static bool get_nonce(
	CMS_SignerInfo *si, const char *oid, struct scep_nonce *out)
{
	const ASN1_STRING *v = attribute(si, oid, V_ASN1_OCTET_STRING);
	int n = v != NULL ? ASN1_STRING_length(v) : 0;

	if (n <= 0 || n > SCEP_NONCE_MAX)
		return false;
	out->n = (size_t)n;
	memcpy(out->b, ASN1_STRING_get0_data(v), out->n);
	return true;
}

static bool known_type(unsigned type)
{
	return type == SCEP_CERT_REP || type == SCEP_RENEWAL_REQ ||
	       (type >= SCEP_PKCS_REQ && type <= SCEP_GET_CRL);
}

static bool get_reply(struct scep_msg *m, CMS_SignerInfo *si)
{
	unsigned status, fail = 0;

	if (!get_number(si, OID_STATUS, &status) ||
		(status != SCEP_SUCCESS && status != SCEP_FAILURE &&
			status != SCEP_PENDING))
		return false;
	m->status = (enum scep_status)status;
	if (status == SCEP_FAILURE &&
		(!get_number(si, OID_FAIL, &fail) || fail > SCEP_BAD_CERT_ID))
		return false;
	m->fail = (enum scep_fail)fail;
	if (!get_text(si, OID_FAIL_TEXT, V_ASN1_UTF8STRING, m->fail_text,
		    sizeof(m->fail_text)))
		m->fail_text[0] = '\0';
	get_nonce(si, OID_RECIPIENT_NONCE, &m->recipient);
	return true;
}

static int get_attributes(
	struct scep_msg *m, CMS_SignerInfo *si, char why[CA_WHY])
{
	unsigned type;

	if (!get_number(si, OID_TYPE, &type) || !known_type(type))
		return ca_say(why, EBADMSG,
			"the SCEP message does not say which one it is");
	m->type = (enum scep_type)type;
	if (!get_text(si, OID_TRANSACTION, V_ASN1_PRINTABLESTRING,
		    m->transaction, sizeof(m->transaction)))
		return ca_say(why, EBADMSG,
			"the SCEP message has no usable transaction ID");
	if (!get_nonce(si, OID_SENDER_NONCE, &m->sender) &&
		type != SCEP_CERT_REP)
		return ca_say(
			why, EBADMSG, "the SCEP message has no sender nonce");
	if (type == SCEP_CERT_REP && !get_reply(m, si))
		return ca_say(why, EBADMSG,
			"the SCEP answer does not say how it went");
	return 0;
}

static int check_digest(
	struct scep_msg *m, CMS_SignerInfo *si, bool legacy, char why[CA_WHY])
{
	X509_ALGOR *alg = NULL;
	const ASN1_OBJECT *oid;
	int nid;

	CMS_SignerInfo_get0_algs(si, NULL, NULL, &alg, NULL);
	X509_ALGOR_get0(&oid, NULL, NULL, alg);
	nid = OBJ_obj2nid(oid);
	if (nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512 ||
		(legacy && nid == NID_sha1)) {
		m->md = EVP_get_digestbynid(nid);
		return 0;
	}
	return ca_say(why, EACCES,
		"the SCEP message is signed with %s: SHA-256 is wanted, or "
		"`legacy` here",
		OBJ_nid2sn(nid));
}

static int verify(struct scep_msg *m, CMS_ContentInfo *cms, char why[CA_WHY])
{
	ASN1_OCTET_STRING **content = CMS_get0_content(cms);
	BIO *empty = NULL, *out = BIO_new(BIO_s_mem());
	char *p;
	long n;
	int ok;

	need(out != NULL);
	if (content == NULL || *content == NULL)
		empty = BIO_new_mem_buf("", 0);
	ok = CMS_verify(cms, NULL, NULL, empty, out,
		CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY);
	if (ok == 1) {
		n = BIO_get_mem_data(out, &p);
		m->envelope = bytes_of(slice_of(p, (size_t)n));
	}
	BIO_free(empty);
	BIO_free(out);
	ERR_clear_error();
	return ok == 1 ? 0
		       : ca_say(why, EACCES,
				 "the signature of the SCEP message is wrong");
}

static int read_signed(
	struct scep_msg *m, CMS_ContentInfo *cms, bool legacy, char why[CA_WHY])
{
	STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(cms);
	CMS_SignerInfo *si;
	int err;

	if (sk_CMS_SignerInfo_num(infos) != 1)
		return ca_say(
			why, EBADMSG, "a SCEP message has exactly one signer");
	si = sk_CMS_SignerInfo_value(infos, 0);
	err = check_digest(m, si, legacy, why);
	if (err == 0)
		err = get_attributes(m, si, why);
	if (err == 0)
		err = verify(m, cms, why);
	if (err != 0)
		return err;
	CMS_SignerInfo_get0_algs(si, NULL, &m->signer, NULL, NULL);
	need(m->signer != NULL && X509_up_ref(m->signer) == 1);
	ossl_key_id(X509_get_X509_PUBKEY(m->signer), m->signer_id);
	return 0;
}

int scep_parse(
	struct scep_msg *out, struct slice der, bool legacy, char why[CA_WHY])
{
	CMS_ContentInfo *cms = NULL;
	int err = EBADMSG;

	*out = (struct scep_msg){ .cipher = NID_undef };
	if (der.n <= SCEP_MESSAGE_MAX)
		err = ossl_read(&cms, der, ASN1_ITEM_rptr(CMS_ContentInfo));
	if (err == 0 && OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
		err = EBADMSG;
	if (err != 0)
		ca_say(why, err, "this is no SCEP message");
	else
		err = read_signed(out, cms, legacy, why);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	if (err != 0)
		scep_msg_free(out);
	return err;
}

void scep_msg_free(struct scep_msg *m)
{
	X509_free(m->signer);
	bytes_free(&m->envelope);
	*m = (struct scep_msg){ .cipher = NID_undef };
}

/* ---- the envelope ---- */

static int cipher_of(struct slice der)
{
	PKCS7 *p7;
	int nid = NID_undef;

	if (ossl_read(&p7, der, ASN1_ITEM_rptr(PKCS7)) != 0)
		return nid;
	if (PKCS7_type_is_enveloped(p7) && p7->d.enveloped != NULL &&
		p7->d.enveloped->enc_data != NULL &&
		p7->d.enveloped->enc_data->algorithm != NULL)
		nid = OBJ_obj2nid(
			p7->d.enveloped->enc_data->algorithm->algorithm);
	PKCS7_free(p7);
	return nid;
}

static bool cipher_good(int nid, bool legacy)
{
	switch (nid) {
	case NID_aes_128_cbc:
	case NID_aes_192_cbc:
	case NID_aes_256_cbc:
		return true;
	case NID_des_ede3_cbc:
	case NID_des_cbc:
		return legacy;
	default:
		return false;
	}
}

/* Single DES, which some clients still choose, is not in OpenSSL's usual set.
 * It lives in a library context of its own. */
static OSSL_LIB_CTX *des_context;

static void make_des_context(void)
{
	OSSL_LIB_CTX *ctx = OSSL_LIB_CTX_new();

	if (ctx != NULL && OSSL_PROVIDER_load(ctx, "default") != NULL &&
		OSSL_PROVIDER_load(ctx, "legacy") != NULL)
		des_context = ctx;
	else
		OSSL_LIB_CTX_free(ctx);
	ERR_clear_error();
}

static CMS_ContentInfo *read_envelope(struct slice der, int cipher)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const unsigned char *p = (const unsigned char *)der.p;
	OSSL_LIB_CTX *ctx = NULL;
	CMS_ContentInfo *cms;

	if (cipher == NID_des_cbc) {
		need(pthread_once(&once, make_des_context) == 0);
		ctx = des_context;
	}
	cms = CMS_ContentInfo_new_ex(ctx, NULL);
	need(cms != NULL);
	if (d2i_CMS_ContentInfo(&cms, &p, (long)der.n) == NULL)
		cms = NULL; /* freed by d2i */
	return cms;
}

/* One sentence for every failure: which step it was would tell an attacker
 * about the key. */
static int decrypt(struct slice der, int cipher, X509 *crt, EVP_PKEY *key,
	struct bytes *out, char why[CA_WHY])
{
	CMS_ContentInfo *cms = read_envelope(der, cipher);
	BIO *bio = BIO_new(BIO_s_mem());
	char *p;
	long n;
	bool ok;

	need(bio != NULL);
	ok = cms != NULL &&
	     OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_enveloped &&
	     CMS_decrypt(cms, key, crt, NULL, bio, CMS_BINARY) == 1;
	if (ok) {
		n = BIO_get_mem_data(bio, &p);
		*out = bytes_of(slice_of(p, (size_t)n));
	}
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	ERR_clear_error();
	return ok ? 0
		  : ca_say(why, EACCES,
			    "the SCEP message is not encrypted for our key");
}

int scep_open(struct scep_msg *m, X509 *crt, EVP_PKEY *key, bool legacy,
	struct bytes *out, char why[CA_WHY])
{
	struct slice der = bytes_slice(&m->envelope);

	*out = (struct bytes){ .n = 0 };
	if (der.n == 0)
		return ca_say(why, EBADMSG, "the SCEP message carries nothing");
	m->cipher = cipher_of(der);
	if (m->cipher == NID_undef)
		return ca_say(why, EBADMSG,
			"what the SCEP message carries is no envelope");
	if (!cipher_good(m->cipher, legacy))
		return ca_say(why, EACCES,
			"the SCEP message is encrypted with %s: AES is "
			"wanted, or `legacy` here",
			OBJ_nid2sn(m->cipher));
	return decrypt(der, m->cipher, crt, key, out, why);
}
