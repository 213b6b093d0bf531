/* Private keys: the only code that reads or holds one. */
#include "certs/keystore.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/pemfile.h"

struct keystore {
	gnutls_x509_privkey_t key;
	uint8_t id[KEYSTORE_ID];
};

static void keystore_free(void *p)
{
	struct keystore *k = p;

	if (k->key != NULL)
		gnutls_x509_privkey_deinit(k->key); /* wipes */
}

static void check_mode(struct pemfile *f)
{
	if ((f->st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		pemfile_warn(f,
			"chmod 0600 it, owned by the user that linesided runs "
			"as",
			"others than its owner may read the private key (mode "
			"%04o)",
			(unsigned)f->st.st_mode & 07777u);
}

static bool contains(const struct pemfile *f, const char *text)
{
	return slice_search(slice_of(f->p, f->n), slice_str(text)) < f->n;
}

static int import(struct keystore *k, struct pemfile *f)
{
	gnutls_datum_t pem = { .data = (unsigned char *)f->p,
		.size = (unsigned)f->n };
	size_t n = sizeof(k->id);
	int err;

	if (contains(f, "-----BEGIN ENCRYPTED PRIVATE KEY-----") ||
		contains(f, "Proc-Type: 4,ENCRYPTED"))
		return pemfile_bad(f,
			"`openssl pkey -in FILE -out NEW` writes it without a "
			"password; protect the file by owner and mode",
			"the private key is encrypted with a password");
	if (!contains(f, "PRIVATE KEY-----"))
		return pemfile_bad(f,
			"a key begins with -----BEGIN PRIVATE KEY-----, "
			"-----BEGIN RSA PRIVATE KEY----- or -----BEGIN EC "
			"PRIVATE KEY-----",
			"holds no private key");
	err = gnutls_x509_privkey_init(&k->key);
	if (err == 0)
		err = gnutls_x509_privkey_import(
			k->key, &pem, GNUTLS_X509_FMT_PEM);
	if (err == 0)
		err = gnutls_x509_privkey_get_key_id(
			k->key, GNUTLS_KEYID_USE_SHA256, k->id, &n);
	if (err == 0)
		err = gnutls_x509_privkey_verify_params(k->key);
	if (err == 0)
		return 0;
	return pemfile_bad(f, "`openssl pkey -in FILE -check` examines a key",
		"the private key cannot be used: %s", gnutls_strerror(err));
}

int keystore_load(struct keystore **out, const char *path, struct conf_pos pos,
	struct conf_errs *errs)
{
	struct pemfile f = {
		.path = path, .what = "key", .pos = pos, .errs = errs
	};
	struct keystore *k = obj_new(sizeof(*k), keystore_free);
	int err = pemfile_read(&f);

	if (err == 0) {
		check_mode(&f);
		err = import(k, &f);
	}
	pemfile_free(&f);
	if (err != 0)
		k = obj_unref(k);
	*out = k;
	return err;
}

bool keystore_fits(const struct keystore *k, gnutls_x509_crt_t crt)
{
	uint8_t id[KEYSTORE_ID];
	size_t n = sizeof(id);

	return gnutls_x509_crt_get_key_id(
		       crt, GNUTLS_KEYID_USE_SHA256, id, &n) == 0 &&
	       n == sizeof(id) && memcmp(id, k->id, n) == 0;
}

const uint8_t *keystore_id(const struct keystore *k)
{
	return k->id;
}

int keystore_use(const struct keystore *k,
	gnutls_certificate_credentials_t cred, gnutls_x509_crt_t *chain,
	unsigned n)
{
	/* GnuTLS copies the certificates and the key. */
	return gnutls_certificate_set_x509_key(cred, chain, (int)n, k->key) < 0
		       ? EBADMSG
		       : 0;
}
