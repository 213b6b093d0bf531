/* Private keys: new ones, those of files and tokens, and their use. */
#include "certs/store/keystore_int.h"

#include <errno.h>
#include <gnutls/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/store/keystore_rsa.h"
#include "certs/store/pemfile.h"
#include "certs/x509/crt.h"

static void keystore_free(void *p)
{
	struct keystore *k = p;

	if (k->any != NULL)
		gnutls_privkey_deinit(k->any);
	if (k->key != NULL)
		gnutls_x509_privkey_deinit(k->key); /* wipes */
	if (k->pin != NULL)
		mem_wipe(k->pin, strlen(k->pin));
	free(k->pin);
	free(k->url);
}

void *keystore_ptr(const void *p)
{
	void *out;

	memcpy(&out, &p, sizeof(out));
	return out;
}

struct keystore *keystore_new(void)
{
	return obj_new(sizeof(struct keystore), keystore_free);
}

int keystore_complete(struct keystore *k)
{
	size_t n = sizeof(k->id);
	int err = gnutls_x509_privkey_get_key_id(
		k->key, GNUTLS_KEYID_USE_SHA256, k->id, &n);

	if (err == 0)
		err = gnutls_x509_privkey_verify_params(k->key);
	if (err == 0)
		err = gnutls_privkey_init(&k->any);
	if (err == 0)
		err = gnutls_privkey_import_x509(
			k->any, k->key, GNUTLS_PRIVKEY_IMPORT_COPY);
	return err;
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
		err = keystore_complete(k);
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
	struct keystore *k = keystore_new();
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

bool keystore_exportable(const struct keystore *k)
{
	return k->exportable;
}

void keystore_set_exportable(struct keystore *k, bool exportable)
{
	k->exportable = exportable && k->key != NULL;
}

gnutls_privkey_t keystore_key(const struct keystore *k)
{
	return k->any;
}

const char *keystore_url(const struct keystore *k)
{
	return k->url;
}

const char *keystore_pin(const struct keystore *k)
{
	return k->pin;
}

int keystore_sign(const struct keystore *k, gnutls_digest_algorithm_t hash,
	struct slice data, uint8_t *sig, size_t size, size_t *n)
{
	gnutls_datum_t in = { .data = keystore_ptr(data.p),
		.size = (unsigned)data.n };
	gnutls_datum_t out = { 0 };
	gnutls_sign_algorithm_t algo = GNUTLS_SIGN_UNKNOWN;
	int err = EINVAL;

	if (hash == GNUTLS_DIG_SHA1)
		algo = GNUTLS_SIGN_RSA_SHA1;
	else if (hash == GNUTLS_DIG_SHA256)
		algo = GNUTLS_SIGN_RSA_SHA256;
	else if (hash == GNUTLS_DIG_SHA512)
		algo = GNUTLS_SIGN_RSA_SHA512;
	*n = 0;
	if (algo == GNUTLS_SIGN_UNKNOWN ||
		gnutls_privkey_get_pk_algorithm(k->any, NULL) != GNUTLS_PK_RSA)
		return EINVAL;
	if (gnutls_privkey_sign_data2(k->any, algo, 0, &in, &out) == 0 &&
		out.size <= size) {
		memcpy(sig, out.data, out.size);
		*n = out.size;
		err = 0;
	}
	gnutls_free(out.data);
	return err;
}

char *keystore_describe(const struct keystore *k)
{
	unsigned bits = 0;
	int algo = gnutls_privkey_get_pk_algorithm(k->any, &bits);
	const char *token = k->url != NULL ? " on a token" : "";

	if (algo == GNUTLS_PK_RSA)
		return mem_printf("RSA %u%s", bits, token);
	if (algo == GNUTLS_PK_ECDSA)
		return mem_printf("EC P-%u%s", bits, token);
	return mem_printf("%s%s",
		algo < 0 ? "unknown"
			 : gnutls_pk_get_name((gnutls_pk_algorithm_t)algo),
		token);
}

/* ---- new ones ---- */

int keystore_generate(struct keystore **out, enum conf_key_kind kind,
	unsigned bits, bool exportable)
{
	struct keystore *k = keystore_new();
	unsigned size = bits != 0 ? bits : 2048;
	int err = gnutls_x509_privkey_init(&k->key);

	if (kind == CONF_KEY_EC)
		size = GNUTLS_CURVE_TO_BITS(
			bits == 384 ? GNUTLS_ECC_CURVE_SECP384R1
				    : GNUTLS_ECC_CURVE_SECP256R1);
	if (err == 0)
		err = gnutls_x509_privkey_generate(k->key,
			kind == CONF_KEY_EC ? GNUTLS_PK_ECDSA : GNUTLS_PK_RSA,
			size, 0);
	if (err == 0)
		err = keystore_complete(k);
	k->exportable = exportable;
	if (err != 0)
		k = obj_unref(k);
	*out = k;
	return err == 0 ? 0 : EINVAL;
}

int keystore_said(char **why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*why = mem_vprintf(fmt, ap);
	va_end(ap);
	return EBADMSG;
}

static bool is_pem(struct slice s)
{
	return slice_search(s, SLICE_LIT("-----BEGIN ")) < s.n;
}

int keystore_parse(struct keystore **out, struct slice bytes,
	const char *password, char **why)
{
	struct keystore *k = keystore_new();
	gnutls_datum_t in = { .data = (unsigned char *)slice_dup(bytes),
		.size = (unsigned)bytes.n };
	int err = gnutls_x509_privkey_init(&k->key);

	*why = NULL;
	if (err == 0)
		err = gnutls_x509_privkey_import2(k->key, &in,
			is_pem(bytes) ? GNUTLS_X509_FMT_PEM
				      : GNUTLS_X509_FMT_DER,
			password, password == NULL ? GNUTLS_PKCS_PLAIN : 0);
	if (err == 0)
		err = keystore_complete(k);
	mem_wipe(in.data, in.size);
	free(in.data);
	k->exportable = true;
	if (err == GNUTLS_E_DECRYPTION_FAILED)
		err = keystore_said(why,
			password == NULL
				? "the private key is encrypted: give its "
				  "password with --password-file"
				: "the password does not open the private key");
	else if (err != 0)
		err = keystore_said(why, "the private key cannot be used: %s",
			gnutls_strerror(err));
	if (err != 0)
		k = obj_unref(k);
	*out = k;
	return err;
}

/* ---- tokens ---- */

static int give_pin(void *arg, int attempt, const char *url, const char *label,
	unsigned flags, char *pin, size_t size)
{
	const struct keystore *k = arg;

	(void)url;
	(void)label;
	/* A second try with the same PIN would come closer to locking it. */
	if (attempt > 0 || (flags & GNUTLS_PIN_FINAL_TRY) != 0 ||
		k->pin == NULL || strlen(k->pin) >= size)
		return GNUTLS_E_PKCS11_PIN_ERROR;
	(void)snprintf(pin, size, "%s", k->pin);
	return 0;
}

/* The first line; NULL: cannot be read. Wipe it. */
static char *first_line(const char *path)
{
	FILE *f = fopen(path, "re");
	char line[256] = "";
	char *out = NULL;

	if (f == NULL)
		return NULL;
	setbuf(f, NULL); /* no second copy of it */
	if (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		out = mem_dup(line);
	}
	(void)fclose(f);
	mem_wipe(line, sizeof(line));
	return out;
}

/* Handles of a token belong to one user each: keys for sessions are opened
 * apart from ours. */
static int open_url(const struct keystore *k, gnutls_privkey_t *out)
{
	int err = gnutls_privkey_init(out);

	if (err != 0)
		return err;
	gnutls_privkey_set_pin_function(*out, give_pin, keystore_ptr(k));
	err = gnutls_privkey_import_url(*out, k->url, 0);
	if (err == 0)
		return 0;
	gnutls_privkey_deinit(*out);
	*out = NULL;
	return err;
}

static int token_id(struct keystore *k)
{
	gnutls_pubkey_t pub = NULL;
	size_t n = sizeof(k->id);
	int err = gnutls_pubkey_init(&pub);

	if (err == 0)
		err = gnutls_pubkey_import_privkey(pub, k->any, 0, 0);
	if (err == 0)
		err = gnutls_pubkey_get_key_id(
			pub, GNUTLS_KEYID_USE_SHA256, k->id, &n);
	if (pub != NULL)
		gnutls_pubkey_deinit(pub);
	return err;
}

int keystore_open_url(struct keystore **out, const char *url,
	const char *pin_file, char **why)
{
	struct keystore *k = keystore_new();
	int err = 0;

	*why = NULL;
	k->url = mem_dup(url);
	if (pin_file != NULL) {
		k->pin = first_line(pin_file);
		if (k->pin == NULL)
			err = keystore_said(why,
				"the PIN cannot be read from %s: %s", pin_file,
				strerrordesc_np(errno));
	}
	if (err == 0) {
		err = open_url(k, &k->any);
		if (err == 0)
			err = token_id(k);
		if (err != 0)
			err = keystore_said(why,
				"the key on the token cannot be used: %s "
				"(`p11tool --list-keys URL` shows what is "
				"there)",
				gnutls_strerror(err));
	}
	if (err != 0)
		k = obj_unref(k);
	*out = k;
	return err;
}

/* ---- TLS ---- */

/* GnuTLS takes the certificates and the key for its own. */
static int use_key(gnutls_certificate_credentials_t cred,
	gnutls_x509_crt_t *chain, unsigned n, gnutls_privkey_t key)
{
	gnutls_pcert_st *list = mem_array(n, sizeof(*list));
	unsigned done = 0;
	int err = 0;

	for (; done < n && err == 0; done++)
		err = gnutls_pcert_import_x509(&list[done], chain[done], 0);
	if (err == 0)
		err = gnutls_certificate_set_key(
			cred, NULL, 0, list, (int)n, key);
	if (err < 0) { /* then they stay ours */
		while (done > 0)
			gnutls_pcert_deinit(&list[--done]);
		gnutls_privkey_deinit(key);
	}
	free(list);
	return err < 0 ? EBADMSG : 0;
}

int keystore_use(const struct keystore *k,
	gnutls_certificate_credentials_t cred, gnutls_x509_crt_t *chain,
	unsigned n)
{
	gnutls_privkey_t key = NULL;

	if (k->key == NULL)
		return open_url(k, &key) == 0 ? use_key(cred, chain, n, key)
					      : EBADMSG;
	if (keystore_fits(k, chain[0]) && keystore_rsa_key(&key, k->key) == 0)
		return use_key(cred, chain, n, key);
	/* GnuTLS copies the certificates and the key. */
	return gnutls_certificate_set_x509_key(cred, chain, (int)n, k->key) < 0
		       ? EBADMSG
		       : 0;
}
