/*
 * RSA signatures of TLS handshakes by libcrypto, which makes them about three
 * times faster than nettle does. To GnuTLS it is an external key.
 */
#include "certs/store/keystore_rsa.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/secret.h"

/* What a session may ask for. PSS: the salt is as long as the digest. */
static const struct form {
	const EVP_MD *(*digest)(void); /* NULL: a DigestInfo comes */
	gnutls_sign_algorithm_t algo;
	bool pss;
} forms[] = {
	/* clang-format off */
	{ NULL, GNUTLS_SIGN_RSA_RAW, false },
	{ EVP_sha1, GNUTLS_SIGN_RSA_SHA1, false },
	{ EVP_sha224, GNUTLS_SIGN_RSA_SHA224, false },
	{ EVP_sha256, GNUTLS_SIGN_RSA_SHA256, false },
	{ EVP_sha384, GNUTLS_SIGN_RSA_SHA384, false },
	{ EVP_sha512, GNUTLS_SIGN_RSA_SHA512, false },
	{ EVP_sha256, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, true },
	{ EVP_sha384, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, true },
	{ EVP_sha512, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, true },
	/* clang-format on */
};

static const struct form *form_of(gnutls_sign_algorithm_t algo)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (forms[i].algo == algo)
			return &forms[i];
	return NULL;
}

static bool prepare(EVP_PKEY_CTX *c, const struct form *f)
{
	int padding = f->pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;

	if (EVP_PKEY_sign_init(c) != 1 ||
		EVP_PKEY_CTX_set_rsa_padding(c, padding) != 1)
		return false;
	if (f->digest != NULL &&
		EVP_PKEY_CTX_set_signature_md(c, f->digest()) != 1)
		return false;
	return !f->pss ||
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(c, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool make(EVP_PKEY *key, const struct form *f,
	const gnutls_datum_t *hash, gnutls_datum_t *sig)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	size_t n = (size_t)EVP_PKEY_get_size(key);
	bool ok;

	sig->data = gnutls_malloc(n);
	ok = c != NULL && sig->data != NULL && prepare(c, f) &&
	     EVP_PKEY_sign(c, sig->data, &n, hash->data, hash->size) == 1;
	sig->size = (unsigned)n;
	EVP_PKEY_CTX_free(c);
	return ok;
}

static int sign_hash(gnutls_privkey_t any, gnutls_sign_algorithm_t algo,
	void *arg, unsigned flags, const gnutls_datum_t *hash,
	gnutls_datum_t *sig)
{
	const struct form *f = form_of(algo);

	(void)any;
	(void)flags;
	*sig = (gnutls_datum_t){ 0 };
	if (f == NULL)
		return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
	if (make(arg, f, hash, sig))
		return 0;
	gnutls_free(sig->data);
	*sig = (gnutls_datum_t){ 0 };
	ERR_clear_error();
	return GNUTLS_E_PK_SIGN_FAILED;
}

static int info(gnutls_privkey_t any, unsigned flags, void *arg)
{
	(void)any;
	if ((flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO) != 0)
		return form_of(GNUTLS_FLAGS_TO_SIGN_ALGO(flags)) != NULL;
	if (flags == GNUTLS_PRIVKEY_INFO_PK_ALGO)
		return GNUTLS_PK_RSA;
	if (flags == GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
		return EVP_PKEY_get_bits(arg);
	return flags == GNUTLS_PRIVKEY_INFO_SIGN_ALGO ? 0 : -1;
}

static void release(gnutls_privkey_t any, void *arg)
{
	(void)any;
	EVP_PKEY_free(arg); /* wipes */
}

/* ---- the key's numbers ---- */

enum { M, E, D, P, Q, U, E1, E2, NUMBERS };

static const char *const names[NUMBERS] = {
	[M] = OSSL_PKEY_PARAM_RSA_N,
	[E] = OSSL_PKEY_PARAM_RSA_E,
	[D] = OSSL_PKEY_PARAM_RSA_D,
	[P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
	[Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
	[U] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	[E1] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
	[E2] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
};

/* In place, from big-endian to the order of this machine. */
static bool to_native(gnutls_datum_t *d)
{
	BIGNUM *b = BN_bin2bn(d->data, (int)d->size, NULL);
	bool ok = b != NULL && d->size > 0 &&
		  BN_bn2nativepad(b, d->data, (int)d->size) == (int)d->size;

	BN_clear_free(b);
	return ok;
}

static EVP_PKEY *key_of(gnutls_datum_t v[NUMBERS])
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM params[NUMBERS + 1];
	EVP_PKEY *key = NULL;
	bool ok = c != NULL;

	for (int i = 0; i < NUMBERS; i++) {
		ok = ok && to_native(&v[i]);
		params[i] =
			OSSL_PARAM_construct_BN(names[i], v[i].data, v[i].size);
	}
	params[NUMBERS] = OSSL_PARAM_construct_end();
	if (ok && EVP_PKEY_fromdata_init(c) == 1)
		(void)EVP_PKEY_fromdata(c, &key, EVP_PKEY_KEYPAIR, params);
	EVP_PKEY_CTX_free(c);
	return key;
}

static EVP_PKEY *import(gnutls_x509_privkey_t from)
{
	gnutls_datum_t v[NUMBERS] = { 0 };
	EVP_PKEY *key = NULL;

	if (gnutls_x509_privkey_export_rsa_raw2(from, &v[M], &v[E], &v[D],
		    &v[P], &v[Q], &v[U], &v[E1], &v[E2]) == 0)
		key = key_of(v);
	for (int i = 0; i < NUMBERS; i++) {
		if (v[i].data != NULL)
			mem_wipe(v[i].data, v[i].size);
		gnutls_free(v[i].data);
	}
	return key;
}

int keystore_rsa_key(gnutls_privkey_t *out, gnutls_x509_privkey_t from)
{
	EVP_PKEY *key = NULL;

	*out = NULL;
	if (gnutls_x509_privkey_get_pk_algorithm(from) == GNUTLS_PK_RSA)
		key = import(from);
	if (key != NULL && gnutls_privkey_init(out) == 0 &&
		gnutls_privkey_import_ext4(*out, key, NULL, sign_hash, NULL,
			release, info, 0) == 0)
		return 0;
	if (*out != NULL)
		gnutls_privkey_deinit(*out);
	*out = NULL;
	EVP_PKEY_free(key);
	ERR_clear_error();
	return ENOTSUP;
}
