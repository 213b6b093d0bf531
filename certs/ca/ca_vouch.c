/*
 * Certificates for keys whose owners somebody else has looked at, and that
 * bring no request of their own: phones that proved themselves by CAPF.
 *
 * The request is written here in their name. Nobody has signed it, which its
 * signature says: id-alg-noSignature (RFC 5272 C.1), a bare hash. Such a
 * request is taken from us, and from an RA of this CA, which vouches for it by
 * signing the message around it.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"
#include "base/thread.h"
#include "certs/ca/ca_int.h"

#define NO_SIGNATURE "1.3.6.1.5.5.7.6.2"

enum { SPKI_MAX = 4096 };

static bool is_no_signature(const X509_ALGOR *a)
{
	ASN1_OBJECT *wanted = OBJ_txt2obj(NO_SIGNATURE, 1);
	const ASN1_OBJECT *found;
	bool same;

	need(wanted != NULL);
	X509_ALGOR_get0(&found, NULL, NULL, a);
	same = OBJ_cmp(found, wanted) == 0;
	ASN1_OBJECT_free(wanted);
	return same;
}

bool ca_csr_is_unsigned(const X509_REQ *req)
{
	const ASN1_BIT_STRING *signature;
	const X509_ALGOR *a;

	X509_REQ_get0_signature(req, &signature, &a);
	return is_no_signature(a);
}

/* The whole of what would be signed, by SHA-1 as the RFC has it. */
static bool set_no_signature(X509_REQ *req)
{
	uint8_t value[2 + SHA_DIGEST_LENGTH] = { V_ASN1_OCTET_STRING,
		SHA_DIGEST_LENGTH };
	ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
	X509_ALGOR *algor = X509_ALGOR_new();
	unsigned char *tbs = NULL;
	int n = i2d_re_X509_REQ_tbs(req, &tbs);
	bool ok;

	need(bits != NULL && algor != NULL);
	ok = n > 0 &&
	     X509_ALGOR_set0(algor, OBJ_txt2obj(NO_SIGNATURE, 1), V_ASN1_NULL,
		     NULL) == 1 &&
	     EVP_Digest(tbs, (size_t)n, value + 2, NULL, EVP_sha1(), NULL) ==
		     1 &&
	     ASN1_BIT_STRING_set(bits, value, sizeof(value)) == 1 &&
	     X509_REQ_set1_signature_algo(req, algor) == 1;
	bits->flags = ASN1_STRING_FLAG_BITS_LEFT; /* no bits are unused */
	if (ok)
		X509_REQ_set0_signature(req, bits);
	else
		ASN1_BIT_STRING_free(bits);
	OPENSSL_free(tbs);
	X509_ALGOR_free(algor);
	return ok;
}

/* CN is the device; organisation and place as the issuer has them. */
static bool set_subject(X509_REQ *req, X509 *issuer, const char *device)
{
	const X509_NAME *theirs = X509_get_subject_name(issuer);
	X509_NAME *name = X509_NAME_new();
	bool ok;

	need(name != NULL);
	ok = X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC,
		     (const unsigned char *)device, -1, -1, 0) == 1;
	for (int i = 0; ok && i < X509_NAME_entry_count(theirs); i++) {
		const X509_NAME_ENTRY *e = X509_NAME_get_entry(theirs, i);

		if (OBJ_obj2nid(X509_NAME_ENTRY_get_object(e)) !=
			NID_commonName)
			ok = X509_NAME_add_entry(name, e, -1, 0) == 1;
	}
	ok = ok && X509_REQ_set_subject_name(req, name) == 1;
	X509_NAME_free(name);
	return ok;
}

static void push_ext(
	STACK_OF(X509_EXTENSION) * exts, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	need(ext != NULL && sk_X509_EXTENSION_push(exts, ext) > 0);
}

static bool set_wishes(X509_REQ *req, const struct ca_vouched *v)
{
	STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();
	char *uri = mem_printf("URI:%s", v->device);
	bool ok;

	need(exts != NULL);
	push_ext(exts, NID_subject_alt_name, uri);
	push_ext(exts, NID_ext_key_usage,
		"serverAuth,clientAuth,ipsecEndSystem");
	ok = X509_REQ_add_extensions(req, exts) == 1;
	if (ok && v->password != NULL)
		ok = X509_REQ_add1_attr_by_NID(req, NID_pkcs9_challengePassword,
			     MBSTRING_UTF8, (const unsigned char *)v->password,
			     -1) == 1;
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	free(uri);
	return ok;
}

static bool set_key(X509_REQ *req, struct slice spki)
{
	const unsigned char *p = (const unsigned char *)spki.p;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)spki.n);
	bool ok = key != NULL && p == (const unsigned char *)spki.p + spki.n &&
		  X509_REQ_set_pubkey(req, key) == 1;

	EVP_PKEY_free(key);
	return ok;
}

static int write_request(struct ca *ca, const struct ca_vouched *v,
	struct bytes *der, char why[CA_WHY])
{
	X509_REQ *req = X509_REQ_new();
	int err = 0;

	need(req != NULL);
	if (v->spki.n > SPKI_MAX || !set_key(req, v->spki))
		err = ca_say(why, EBADMSG, "the phone's key cannot be read");
	else if (X509_REQ_set_version(req, X509_REQ_VERSION_1) != 1 ||
		 !set_subject(req, ca_issuer(ca), v->device) ||
		 !set_wishes(req, v) || !set_no_signature(req))
		err = ca_say(why, EIO, "the request cannot be written");
	if (err == 0)
		*der = ossl_der(req, ASN1_ITEM_rptr(X509_REQ));
	X509_REQ_free(req);
	ERR_clear_error();
	return err;
}

/* Of the certificate that proved it; of nothing: no renewal. */
static void signer_of(struct ca_request *r, struct slice proof)
{
	X509 *crt;

	if (proof.n == 0 || ossl_read_cert(&crt, proof) != 0)
		return;
	ossl_key_id(X509_get_X509_PUBKEY(crt), r->signer_id);
	r->signer = proof;
	X509_free(crt);
}

void ca_certify(
	struct ca *ca, const struct ca_vouched *v, struct ca_answer *out)
{
	struct ca_request r = { .vouched = true, .max_s = v->max_s };
	struct bytes der = { .n = 0 };
	char *transaction = mem_printf("capf:%s", v->device);

	need(on_thread(THR_HELPER));
	*out = (struct ca_answer){ .status = CA_FAILED };
	if (write_request(ca, v, &der, out->text) == 0) {
		r.csr = bytes_slice(&der);
		r.transaction = transaction;
		signer_of(&r, v->proof);
		ca_submit(ca, &r, out);
	}
	bytes_wipe(&der); /* may hold a password */
	free(transaction);
}
