/* Certificate requests: what they may ask for, and what of it is granted. */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/ca/ca_int.h"

enum { CSR_MAX = 65536, SANS_MAX = 100, PASSWORD_MAX = 256 };

/* Purposes that a request may name; others are left out. */
static const int purposes[] = { NID_server_auth, NID_client_auth,
	NID_ipsecEndSystem, NID_ipsecTunnel, NID_ipsecUser, NID_ipsec_IKE };

static X509_EXTENSION *find_ext(STACK_OF(X509_EXTENSION) * exts, int nid)
{
	int i = X509v3_get_ext_by_NID(exts, nid, -1);

	return i >= 0 ? X509v3_get_ext(exts, i) : NULL;
}

static void *ext_value(const struct ca_csr *c, int nid)
{
	STACK_OF(X509_EXTENSION) *exts = X509_REQ_get_extensions(c->req);
	X509_EXTENSION *ext = find_ext(exts, nid);
	void *v = ext != NULL ? X509V3_EXT_d2i(ext) : NULL;

	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	ERR_clear_error();
	return v;
}

/* RFC 5480 2.1.1: by its name. Parameters that somebody chose may be of a curve
 * on which two keys are one. */
static bool names_its_curve(const EVP_PKEY *key)
{
	int spelt_out = 0;

	return EVP_PKEY_get_int_param(key,
		       OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
		       &spelt_out) == 1 &&
	       spelt_out == 0;
}

static int check_key(
	const struct ca_csr *c, bool legacy, bool unsigned_ok, char why[CA_WHY])
{
	EVP_PKEY *key = X509_REQ_get0_pubkey(c->req);
	int bits;

	if (key == NULL)
		return ca_say(why, EBADMSG,
			"the request's public key cannot be read");
	bits = EVP_PKEY_get_bits(key);
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		if (bits >= (legacy ? 1024 : 2048) && bits <= 16384)
			break;
		return ca_say(why, EACCES,
			"an RSA key of %d bits is not accepted: make one of "
			"2048 bits or more",
			bits);
	case EVP_PKEY_EC:
		if (!names_its_curve(key))
			return ca_say(why, EACCES,
				"the request's EC key names no curve: use "
				"P-256 or P-384");
		if (bits >= 256)
			break;
		return ca_say(why, EACCES,
			"an EC key of %d bits is not accepted: use P-256 or "
			"P-384",
			bits);
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		break;
	default:
		return ca_say(why, EACCES,
			"keys of this kind are not accepted: use RSA or EC");
	}
	if (unsigned_ok || X509_REQ_verify(c->req, key) == 1)
		return 0;
	ERR_clear_error();
	return ca_say(
		why, EBADMSG, "the request is not signed with its own key");
}

static int check_hash(const struct ca_csr *c, bool legacy, char why[CA_WHY])
{
	int nid = X509_REQ_get_signature_nid(c->req), md = NID_undef;

	if (OBJ_find_sigid_algs(nid, &md, NULL) == 1 &&
		(md == NID_sha256 || md == NID_sha384 || md == NID_sha512 ||
			md == NID_undef || (legacy && md == NID_sha1)))
		return 0;
	return ca_say(why, EACCES,
		"the request is signed with %s: use SHA-256, or `legacy` here",
		OBJ_nid2sn(nid));
}

static bool good_text(const ASN1_STRING *s)
{
	const unsigned char *p = ASN1_STRING_get0_data(s);
	int n = ASN1_STRING_length(s);

	for (int i = 0; i < n; i++)
		if (p[i] < 0x20 || p[i] >= 0x7f)
			return false;
	return n > 0;
}

static bool good_san(const GENERAL_NAME *name)
{
	int n;

	switch (name->type) {
	case GEN_DNS:
		return good_text(name->d.dNSName);
	case GEN_URI:
		return good_text(name->d.uniformResourceIdentifier);
	case GEN_EMAIL:
		return good_text(name->d.rfc822Name);
	case GEN_IPADD:
		n = ASN1_STRING_length(name->d.iPAddress);
		return n == 4 || n == 16;
	default:
		return false;
	}
}

/* A NUL in a name deceives whoever takes it as a text. */
static bool good_subject(const X509_NAME *name)
{
	for (int i = 0; i < X509_NAME_entry_count(name); i++) {
		const ASN1_STRING *s =
			X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i));
		unsigned char *utf8 = NULL;
		int n = ASN1_STRING_to_UTF8(&utf8, s);
		bool ok = n > 0;

		for (int k = 0; ok && k < n; k++)
			ok = utf8[k] >= 0x20 && utf8[k] != 0x7f;
		OPENSSL_free(utf8);
		if (!ok)
			return false;
	}
	return true;
}

static int check_names(const struct ca_csr *c, char why[CA_WHY])
{
	GENERAL_NAMES *sans = ext_value(c, NID_subject_alt_name);
	const X509_NAME *name = X509_REQ_get_subject_name(c->req);
	int n = sk_GENERAL_NAME_num(sans);
	bool ok = true;

	for (int i = 0; i < n; i++)
		ok = ok && good_san(sk_GENERAL_NAME_value(sans, i));
	GENERAL_NAMES_free(sans);
	if (!ok || n > SANS_MAX || !good_subject(name))
		return ca_say(why, EBADMSG,
			"a name in the request is empty, too long, of a kind "
			"that is not issued, or holds control characters");
	if (X509_NAME_entry_count(name) == 0 && n <= 0)
		return ca_say(why, EBADMSG, "the request names nobody");
	return 0;
}

static enum ca_kind kind_of(const struct ca_csr *c)
{
	BASIC_CONSTRAINTS *bc = ext_value(c, NID_basic_constraints);
	EXTENDED_KEY_USAGE *eku = ext_value(c, NID_ext_key_usage);
	enum ca_kind kind = CA_KIND_USUAL;

	for (int i = 0; i < sk_ASN1_OBJECT_num(eku); i++)
		if (OBJ_obj2nid(sk_ASN1_OBJECT_value(eku, i)) == NID_cmcRA)
			kind = CA_KIND_RA;
	if (bc != NULL && bc->ca)
		kind = CA_KIND_CA;
	BASIC_CONSTRAINTS_free(bc);
	EXTENDED_KEY_USAGE_free(eku);
	return kind;
}

static char *password_of(const struct ca_csr *c)
{
	int i = X509_REQ_get_attr_by_NID(
		c->req, NID_pkcs9_challengePassword, -1);
	X509_ATTRIBUTE *attr = i >= 0 ? X509_REQ_get_attr(c->req, i) : NULL;
	ASN1_TYPE *v = X509_ATTRIBUTE_get0_type(attr, 0);
	unsigned char *utf8 = NULL;
	char *out = NULL;
	int n;

	if (v == NULL || (v->type != V_ASN1_PRINTABLESTRING &&
				 v->type != V_ASN1_UTF8STRING &&
				 v->type != V_ASN1_IA5STRING &&
				 v->type != V_ASN1_T61STRING &&
				 v->type != V_ASN1_BMPSTRING))
		return NULL;
	n = ASN1_STRING_to_UTF8(&utf8, v->value.asn1_string);
	if (n > 0 && n <= PASSWORD_MAX && memchr(utf8, 0, (size_t)n) == NULL)
		out = mem_ndup((const char *)utf8, (size_t)n);
	if (n > 0)
		OPENSSL_cleanse(utf8, (size_t)n);
	OPENSSL_free(utf8);
	return out;
}

int ca_csr_read(struct ca_csr *out, struct slice der, bool legacy, bool vouched,
	char why[CA_WHY])
{
	bool bare;
	int err;

	*out = (struct ca_csr){ .req = NULL };
	if (der.n > CSR_MAX ||
		ossl_read(&out->req, der, ASN1_ITEM_rptr(X509_REQ)) != 0)
		return ca_say(
			why, EBADMSG, "this is no PKCS#10 certificate request");
	bare = vouched && ca_csr_is_unsigned(out->req);
	err = check_key(out, legacy, bare, why);
	if (err == 0 && !bare)
		err = check_hash(out, legacy, why);
	if (err == 0)
		err = check_names(out, why);
	if (err == 0) {
		out->kind = kind_of(out);
		out->subject =
			ossl_name_text(X509_REQ_get_subject_name(out->req));
		out->password = password_of(out);
	} else {
		ca_csr_free(out);
	}
	return err;
}

void ca_csr_free(struct ca_csr *c)
{
	X509_REQ_free(c->req);
	free(c->subject);
	if (c->password != NULL)
		OPENSSL_cleanse(c->password, strlen(c->password));
	free(c->password);
	*c = (struct ca_csr){ .req = NULL };
}

static bool add_san(const struct ca_csr *c, X509 *crt)
{
	GENERAL_NAMES *sans = ext_value(c, NID_subject_alt_name);
	bool nameless =
		X509_NAME_entry_count(X509_REQ_get_subject_name(c->req)) == 0;
	bool ok = sans == NULL ||
		  X509_add1_ext_i2d(crt, NID_subject_alt_name, sans, nameless,
			  X509V3_ADD_DEFAULT) == 1;

	GENERAL_NAMES_free(sans);
	return ok;
}

static bool may_be_for(const struct ca_csr *c, int nid)
{
	for (size_t i = 0; i < ARRAY_SIZE(purposes); i++)
		if (purposes[i] == nid)
			return true;
	return nid == NID_cmcRA && c->kind == CA_KIND_RA;
}

static bool add_purposes(const struct ca_csr *c, X509 *crt)
{
	EXTENDED_KEY_USAGE *want = ext_value(c, NID_ext_key_usage);
	EXTENDED_KEY_USAGE *eku = sk_ASN1_OBJECT_new_null();
	bool ok;

	need(eku != NULL);
	for (int i = 0; i < sk_ASN1_OBJECT_num(want); i++) {
		int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(want, i));

		if (may_be_for(c, nid))
			need(sk_ASN1_OBJECT_push(eku, OBJ_nid2obj(nid)) > 0);
	}
	if (sk_ASN1_OBJECT_num(eku) == 0)
		need(sk_ASN1_OBJECT_push(eku, OBJ_nid2obj(NID_server_auth)) >
				0 &&
			sk_ASN1_OBJECT_push(eku, OBJ_nid2obj(NID_client_auth)) >
				0);
	ok = X509_add1_ext_i2d(
		     crt, NID_ext_key_usage, eku, 0, X509V3_ADD_DEFAULT) == 1;
	EXTENDED_KEY_USAGE_free(eku);
	EXTENDED_KEY_USAGE_free(want);
	return ok;
}

int ca_csr_wishes(const struct ca_csr *c, X509 *crt, X509 *issuer)
{
	bool rsa = EVP_PKEY_get_base_id(X509_REQ_get0_pubkey(c->req)) ==
		   EVP_PKEY_RSA;
	bool ok = add_san(c, crt);

	if (c->kind == CA_KIND_CA)
		ok = ok &&
		     ca_add_ext(crt, issuer, NID_basic_constraints,
			     "critical,CA:TRUE,pathlen:0") &&
		     ca_add_ext(crt, issuer, NID_key_usage,
			     "critical,digitalSignature,keyEncipherment,"
			     "keyCertSign,cRLSign");
	else
		ok = ok &&
		     ca_add_ext(crt, issuer, NID_basic_constraints,
			     "critical,CA:FALSE") &&
		     ca_add_ext(crt, issuer, NID_key_usage,
			     rsa ? "critical,digitalSignature,keyEncipherment"
				 : "critical,digitalSignature") &&
		     add_purposes(c, crt);
	return ok ? 0 : EBADMSG;
}

static struct bytes san_der(GENERAL_NAMES *sans)
{
	struct bytes b = { .n = 0 };

	if (sans != NULL)
		b = ossl_der(sans, ASN1_ITEM_rptr(GENERAL_NAMES));
	GENERAL_NAMES_free(sans);
	return b;
}

bool ca_csr_same_names(const struct ca_csr *c, X509 *crt)
{
	struct bytes a = san_der(ext_value(c, NID_subject_alt_name));
	struct bytes b = san_der(
		X509_get_ext_d2i(crt, NID_subject_alt_name, NULL, NULL));
	bool same = slice_eq(bytes_slice(&a), bytes_slice(&b)) &&
		    X509_NAME_cmp(X509_REQ_get_subject_name(c->req),
			    X509_get_subject_name(crt)) == 0;

	bytes_free(&a);
	bytes_free(&b);
	return same;
}
