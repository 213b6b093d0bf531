/* Bytes to libcrypto's objects and back. */
#include "certs/x509/ossl.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"

struct bytes bytes_of(struct slice s)
{
	struct bytes b = { .p = mem_new(s.n + 1), .n = s.n };

	if (s.n > 0)
		memcpy(b.p, s.p, s.n);
	return b;
}

struct slice bytes_slice(const struct bytes *b)
{
	return slice_of(b->p, b->n);
}

void bytes_free(struct bytes *b)
{
	free(b->p);
	*b = (struct bytes){ .n = 0 };
}

void bytes_wipe(struct bytes *b)
{
	if (b->p != NULL)
		mem_wipe(b->p, b->n);
	bytes_free(b);
}

const char *ossl_why(char out[256])
{
	unsigned long code = ERR_peek_last_error();

	if (code == 0)
		snprintf(out, 256, "no reason given");
	else
		ERR_error_string_n(code, out, 256);
	ERR_clear_error();
	return out;
}

int ossl_read(void *out, struct slice der, const ASN1_ITEM *it)
{
	const unsigned char *p = (const unsigned char *)der.p;
	const unsigned char *end = p + der.n;
	ASN1_VALUE *v = NULL;

	if (der.n > 0 && der.n <= INT32_MAX)
		v = ASN1_item_d2i(NULL, &p, (long)der.n, it);
	if (v != NULL && p != end) {
		ASN1_item_free(v, it);
		v = NULL;
	}
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): the pointer itself */
	memcpy(out, &v, sizeof(v));
	ERR_clear_error();
	return v != NULL ? 0 : EBADMSG;
}

struct bytes ossl_der(const void *obj, const ASN1_ITEM *it)
{
	unsigned char *p = NULL;
	int n = ASN1_item_i2d(obj, &p, it);
	struct bytes b;

	need(n > 0);
	b = bytes_of(slice_of(p, (size_t)n));
	OPENSSL_free(p);
	return b;
}

int ossl_read_cert(X509 **out, struct slice der)
{
	return ossl_read(out, der, ASN1_ITEM_rptr(X509));
}

struct bytes ossl_cert_der(const X509 *crt)
{
	return ossl_der(crt, ASN1_ITEM_rptr(X509));
}

static BIO *bio_of(struct slice s)
{
	BIO *bio;

	need(s.n <= INT32_MAX);
	bio = BIO_new_mem_buf(s.n > 0 ? s.p : "", (int)s.n);
	need(bio != NULL);
	return bio;
}

static struct bytes bio_take(BIO *bio)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);
	struct bytes b = bytes_of(slice_of(p, (size_t)n));

	BIO_free(bio); /* wiped by OpenSSL: clear on free */
	return b;
}

int ossl_pem_certs(STACK_OF(X509) * *out, struct slice pem)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	BIO *bio = bio_of(pem);
	X509 *crt;

	need(certs != NULL);
	while (sk_X509_num(certs) < OSSL_CERTS_MAX &&
		(crt = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		need(sk_X509_push(certs, crt) > 0);
	BIO_free(bio);
	ERR_clear_error(); /* "no more PEM" among them */
	if (sk_X509_num(certs) == 0) {
		sk_X509_free(certs);
		certs = NULL;
	}
	*out = certs;
	return certs != NULL ? 0 : EBADMSG;
}

void ossl_pem_add(struct text *out, const X509 *crt)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct bytes b;

	need(bio != NULL && PEM_write_bio_X509(bio, crt) == 1);
	b = bio_take(bio);
	text_add(out, bytes_slice(&b));
	bytes_free(&b);
}

/* A key with a password is not asked about on a terminal. */
/* NOLINTNEXTLINE(readability-non-const-parameter): pem_password_cb */
static int no_password(char *buf, int size, int rw, void *arg)
{
	(void)buf, (void)size, (void)rw, (void)arg;
	return -1;
}

int ossl_pem_key(EVP_PKEY **out, struct slice pem)
{
	BIO *bio = bio_of(pem);

	*out = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return *out != NULL ? 0 : EBADMSG;
}

struct bytes ossl_key_pem(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_secmem());

	need(bio != NULL);
	need(PEM_write_bio_PKCS8PrivateKey(
		     bio, key, NULL, NULL, 0, NULL, NULL) == 1);
	return bio_take(bio);
}

struct bytes ossl_box(STACK_OF(X509) * certs, X509_CRL *crl)
{
	PKCS7 *p7 = PKCS7_new();
	struct bytes b;

	need(p7 != NULL && PKCS7_set_type(p7, NID_pkcs7_signed) == 1 &&
		PKCS7_content_new(p7, NID_pkcs7_data) == 1 &&
		PKCS7_set_detached(p7, 1) == 1);
	for (int i = 0; i < sk_X509_num(certs); i++)
		need(PKCS7_add_certificate(p7, sk_X509_value(certs, i)) == 1);
	if (crl != NULL)
		need(PKCS7_add_crl(p7, crl) == 1);
	b = ossl_der(p7, ASN1_ITEM_rptr(PKCS7));
	PKCS7_free(p7);
	return b;
}

static STACK_OF(X509) * copies(STACK_OF(X509) * in)
{
	STACK_OF(X509) *out = sk_X509_new_null();

	need(out != NULL);
	for (int i = 0; i < sk_X509_num(in) && i < OSSL_CERTS_MAX; i++) {
		X509 *crt = sk_X509_value(in, i);

		need(X509_up_ref(crt) == 1 && sk_X509_push(out, crt) > 0);
	}
	return out;
}

static int unbox_single(struct slice der, STACK_OF(X509) * *certs)
{
	X509 *crt;

	if (certs == NULL || ossl_read_cert(&crt, der) != 0)
		return EBADMSG;
	*certs = sk_X509_new_null();
	need(*certs != NULL && sk_X509_push(*certs, crt) > 0);
	return 0;
}

int ossl_unbox(struct slice der, STACK_OF(X509) * *certs, X509_CRL **crl)
{
	PKCS7 *p7;

	if (certs != NULL)
		*certs = NULL;
	if (crl != NULL)
		*crl = NULL;
	if (ossl_read(&p7, der, ASN1_ITEM_rptr(PKCS7)) != 0)
		return unbox_single(der, certs);
	if (!PKCS7_type_is_signed(p7) || p7->d.sign == NULL) {
		PKCS7_free(p7);
		return EBADMSG;
	}
	if (certs != NULL)
		*certs = copies(p7->d.sign->cert);
	if (crl != NULL && sk_X509_CRL_num(p7->d.sign->crl) > 0) {
		*crl = sk_X509_CRL_value(p7->d.sign->crl, 0);
		need(X509_CRL_up_ref(*crl) == 1);
	}
	PKCS7_free(p7);
	return 0;
}

X509 *ossl_cert_of_key(STACK_OF(X509) * certs, const EVP_PKEY *key)
{
	for (int i = 0; i < sk_X509_num(certs); i++) {
		EVP_PKEY *have = X509_get0_pubkey(sk_X509_value(certs, i));

		if (have != NULL && EVP_PKEY_eq(have, key) == 1)
			return sk_X509_value(certs, i);
	}
	ERR_clear_error();
	return NULL;
}

char *ossl_name_text(const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct bytes b;
	char *s;

	need(bio != NULL);
	if (X509_NAME_print_ex(
		    bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
		ERR_clear_error();
	b = bio_take(bio);
	s = slice_dup(bytes_slice(&b));
	bytes_free(&b);
	return s;
}

/* Up to the next ',' that no backslash precedes; backslashes dropped. */
static char *cut_part(const char **rest)
{
	struct text t = { 0 };
	const char *p = *rest;

	for (; *p != '\0' && *p != ','; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		text_addc(&t, *p);
	}
	*rest = *p == ',' ? p + 1 : p;
	return text_take(&t);
}

static bool add_part(X509_NAME *name, const char *part)
{
	const char *eq = strchr(part, '=');
	char *field;
	bool ok;

	if (eq == NULL || eq[1] == '\0')
		return false;
	field = slice_dup(slice_trim(slice_of(part, (size_t)(eq - part))));
	/* at the front: RFC 4514 writes the last part first */
	ok = X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
		     (const unsigned char *)eq + 1, -1, 0, 0) == 1;
	free(field);
	return ok;
}

int ossl_name(X509_NAME **out, const char *text, char *why, size_t size)
{
	X509_NAME *name = X509_NAME_new();
	bool ok = *text != '\0';

	need(name != NULL);
	while (ok && *text != '\0') {
		char *part = cut_part(&text);

		ok = add_part(name, part);
		if (!ok)
			snprintf(why, size,
				"'%s' is no part of a name: write it as in "
				"CN=Lineside CA,O=Example,C=DE",
				part);
		free(part);
	}
	ERR_clear_error();
	if (!ok) {
		X509_NAME_free(name);
		name = NULL;
	}
	*out = name;
	return ok ? 0 : EINVAL;
}

void ossl_key_id(X509_PUBKEY *key, uint8_t out[32])
{
	struct bytes b = ossl_der(key, ASN1_ITEM_rptr(X509_PUBKEY));

	need(EVP_Digest(b.p, b.n, out, NULL, EVP_sha256(), NULL) == 1);
	bytes_free(&b);
}

bool ossl_issued(X509 *crt, X509 *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer);
	bool ok = key != NULL &&
		  X509_NAME_cmp(X509_get_issuer_name(crt),
			  X509_get_subject_name(issuer)) == 0 &&
		  X509_verify(crt, key) == 1;

	ERR_clear_error();
	return ok;
}
