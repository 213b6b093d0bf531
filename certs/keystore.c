/* Private keys: the only code that reads or holds one. */
#include "certs/keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/pkcs11.h>
#include <gnutls/pkcs12.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/wire.h"
#include "certs/crt.h"
#include "certs/keystore_rsa.h"
#include "certs/pemfile.h"
#include "certs/seal.h"

struct keystore {
	gnutls_x509_privkey_t key; /* NULL: on a token */
	gnutls_privkey_t any; /* of either kind */
	uint8_t id[KEYSTORE_ID];
	bool exportable;
	char *url, *pin; /* of a token's */
};

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

/* For interfaces that forgot to say const. */
static void *ptr_of(const void *p)
{
	void *out;

	memcpy(&out, &p, sizeof(out));
	return out;
}

static struct keystore *keystore_new(void)
{
	return obj_new(sizeof(struct keystore), keystore_free);
}

/* k->key is there: the rest of it. GnuTLS's error. */
static int complete(struct keystore *k)
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
		err = complete(k);
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
	gnutls_datum_t in = { .data = ptr_of(data.p),
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
		err = complete(k);
	k->exportable = exportable;
	if (err != 0)
		k = obj_unref(k);
	*out = k;
	return err == 0 ? 0 : EINVAL;
}

static int said(char **why, const char *fmt, ...) PRINTF(2, 3);
static int said(char **why, const char *fmt, ...)
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
		err = complete(k);
	mem_wipe(in.data, in.size);
	free(in.data);
	k->exportable = true;
	if (err == GNUTLS_E_DECRYPTION_FAILED)
		err = said(why,
			password == NULL
				? "the private key is encrypted: give its "
				  "password with --password-file"
				: "the password does not open the private key");
	else if (err != 0)
		err = said(why, "the private key cannot be used: %s",
			gnutls_strerror(err));
	if (err != 0)
		k = obj_unref(k);
	*out = k;
	return err;
}

static void take_crts(gnutls_x509_crt_t **all, size_t *n,
	gnutls_x509_crt_t *more, unsigned count)
{
	*all = mem_resize(*all, *n + count + 1, sizeof(gnutls_x509_crt_t));
	for (unsigned i = 0; i < count; i++)
		(*all)[(*n)++] = more[i];
	gnutls_free(more);
}

int keystore_pkcs12(struct keystore **out, gnutls_x509_crt_t **crts,
	size_t *ncrts, struct slice der, const char *password, char **why)
{
	struct keystore *k = keystore_new();
	gnutls_datum_t in = { .data = (unsigned char *)slice_dup(der),
		.size = (unsigned)der.n };
	gnutls_x509_crt_t *chain = NULL, *extra = NULL;
	unsigned nchain = 0, nextra = 0;
	gnutls_pkcs12_t p12 = NULL;
	int err = gnutls_pkcs12_init(&p12);

	*why = NULL;
	*crts = NULL;
	*ncrts = 0;
	if (err == 0)
		err = gnutls_pkcs12_import(p12, &in, GNUTLS_X509_FMT_DER, 0);
	if (err == 0)
		err = gnutls_pkcs12_verify_mac(p12, password);
	if (err == 0)
		err = gnutls_pkcs12_simple_parse(p12, password, &k->key, &chain,
			&nchain, &extra, &nextra, NULL,
			GNUTLS_PKCS12_SP_INCLUDE_SELF_SIGNED);
	if (p12 != NULL)
		gnutls_pkcs12_deinit(p12);
	mem_wipe(in.data, in.size);
	free(in.data);
	take_crts(crts, ncrts, chain, nchain);
	take_crts(crts, ncrts, extra, nextra);
	if (err == 0 && k->key != NULL)
		err = complete(k);
	k->exportable = true;
	if (err == GNUTLS_E_MAC_VERIFY_FAILED)
		err = said(why, "the password does not open the PKCS#12 file");
	else if (err != 0)
		err = said(why, "the PKCS#12 file cannot be used: %s",
			gnutls_strerror(err));
	if (err != 0 || k->key == NULL)
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
	gnutls_privkey_set_pin_function(*out, give_pin, ptr_of(k));
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
			err = said(why, "the PIN cannot be read from %s: %s",
				pin_file, strerrordesc_np(errno));
	}
	if (err == 0) {
		err = open_url(k, &k->any);
		if (err == 0)
			err = token_id(k);
		if (err != 0)
			err = said(why,
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

/* ---- at rest ---- */

static const char sealed_head[] = "# lineside sealed key";
static const char plain_head[] = "# lineside key";
static const char may_export[] = ", exportable";

enum { KEY_TEXT_MAX = 16 << 10 };

static int read_small(const char *path, char *room, size_t size, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t got;

	if (fd < 0)
		return errno;
	got = read(fd, room, size);
	*n = got < 0 ? 0 : (size_t)got;
	(void)close(fd);
	return got < 0 ? EIO : 0;
}

static bool master_of(struct secret *out, const char *room, size_t n)
{
	struct slice hex = slice_trim(slice_of(room, n));

	out->n = KEYSTORE_MASTER;
	if (n == KEYSTORE_MASTER) {
		memcpy(out->b, room, n);
		return true;
	}
	for (size_t i = 0; i < KEYSTORE_MASTER && hex.n == 64; i++) {
		int high = hex_digit(hex.p[2 * i]);
		int low = hex_digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out->b[i] = (uint8_t)(high << 4 | low);
	}
	return hex.n == 64;
}

int keystore_master(struct secret *out, const char *file,
	const char *credential, char **why)
{
	/* Nobody sets it. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char room[128];
	char *path = NULL;
	size_t n = 0;
	int err;

	*why = NULL;
	*out = (struct secret){ .n = 0 };
	if (file == NULL && credential == NULL)
		return 0;
	if (file == NULL && dir == NULL) {
		(void)said(why,
			"the systemd credential %s is not there: only a "
			"service started by systemd has it",
			credential);
		return ENOENT;
	}
	path = file != NULL ? mem_dup(file)
			    : mem_printf("%s/%s", dir, credential);
	err = read_small(path, room, sizeof(room), &n);
	if (err != 0)
		(void)said(why, "the master key cannot be read from %s: %s",
			path, strerrordesc_np(err));
	else if (!master_of(out, room, n))
		err = said(why,
			"%s is no master key: 32 bytes or 64 hexadecimal "
			"digits (`openssl rand -hex 32` makes them)",
			path);
	if (err != 0)
		secret_wipe(out);
	mem_wipe(room, sizeof(room));
	free(path);
	return err;
}

/* "# lineside sealed key, exportable\n" is authenticated with it. */
static int seal(struct text *out, const char *head, const gnutls_datum_t *pem,
	const struct secret *master)
{
	size_t n = pem->size + SEAL_OVERHEAD;
	uint8_t *box = mem_new(n);
	int err = seal_box(
		box, slice_of(pem->data, pem->size), slice_str(head), master);

	if (err == 0) {
		text_printf(out, "%s\n", head);
		base64_encode(out, slice_of(box, n), true);
		text_addc(out, '\n');
	}
	free(box);
	return err;
}

int keystore_seal(
	const struct keystore *k, const struct secret *master, char **out)
{
	gnutls_datum_t pem = { 0 };
	struct text t = { 0 };
	char head[64];
	int err = 0;

	*out = NULL;
	if (k->key == NULL)
		return ENOTSUP;
	if (gnutls_x509_privkey_export2_pkcs8(k->key, GNUTLS_X509_FMT_PEM, NULL,
		    GNUTLS_PKCS_PLAIN, &pem) != 0)
		return EINVAL;
	(void)snprintf(head, sizeof(head), "%s%s",
		master->n > 0 ? sealed_head : plain_head,
		k->exportable ? may_export : "");
	if (master->n > 0)
		err = seal(&t, head, &pem, master);
	else
		text_printf(&t, "%s\n%.*s", head, (int)pem.size,
			(const char *)pem.data);
	mem_wipe(pem.data, pem.size);
	gnutls_free(pem.data);
	*out = text_take(&t);
	return err;
}

static int unseal(struct slice head, struct slice body, uint8_t *pem, size_t *n,
	const struct secret *master)
{
	uint8_t *box = mem_new(KEY_TEXT_MAX);
	size_t size = 0;
	int err = base64_decode(slice_trim(body), box, KEY_TEXT_MAX, &size);

	if (err == 0)
		err = seal_open(pem, n, slice_of(box, size), head, master);
	free(box);
	return err;
}

int keystore_unseal(struct keystore **out, struct slice text,
	const struct secret *master, char **why)
{
	struct slice rest = text, head = { .n = 0 };
	size_t n = KEY_TEXT_MAX;
	uint8_t *pem;
	int err;

	*out = NULL;
	*why = NULL;
	if (text.n > KEY_TEXT_MAX)
		return said(why, "it is too long for a key");
	if (!slice_starts(text, sealed_head)) {
		err = keystore_parse(out, text, NULL, why);
		(void)slice_line(&rest, &head);
	} else if (master->n == 0) {
		(void)said(why, "it is sealed, and there is no 'pki "
				"master-key'");
		return EACCES;
	} else {
		(void)slice_line(&rest, &head);
		pem = mem_new(n);
		err = unseal(head, rest, pem, &n, master);
		if (err == 0)
			err = keystore_parse(out, slice_of(pem, n), NULL, why);
		else if (err == EACCES)
			(void)said(why,
				"it was sealed with another master key, "
				"or was changed");
		else
			(void)said(why, "it is damaged");
		mem_wipe(pem, KEY_TEXT_MAX);
		free(pem);
	}
	if (*out != NULL) /* of our own files, the first line says it */
		(*out)->exportable =
			slice_search(head, slice_str(may_export)) < head.n;
	return err;
}

int keystore_export(const struct keystore *k, const char *password, char **out)
{
	gnutls_datum_t pem = { 0 };

	*out = NULL;
	if (!k->exportable || k->key == NULL)
		return EACCES;
	if (gnutls_x509_privkey_export2_pkcs8(k->key, GNUTLS_X509_FMT_PEM,
		    password, GNUTLS_PKCS_PBES2_AES_256, &pem) != 0)
		return EINVAL;
	*out = mem_ndup((const char *)pem.data, pem.size);
	gnutls_free(pem.data);
	return 0;
}

static int add_bag(gnutls_pkcs12_t p12, gnutls_pkcs12_bag_t bag,
	const char *password, unsigned flags)
{
	int err = flags != 0 ? gnutls_pkcs12_bag_encrypt(bag, password, flags)
			     : 0;

	return err == 0 ? gnutls_pkcs12_set_bag(p12, bag) : err;
}

static int fill_certs(gnutls_pkcs12_bag_t bag, const struct keystore *k,
	const char *name, gnutls_x509_crt_t const *chain, size_t n)
{
	gnutls_datum_t id = { .data = (unsigned char *)ptr_of(k->id),
		.size = sizeof(k->id) };
	int err = 0;

	for (size_t i = 0; i < n && err >= 0; i++) {
		err = gnutls_pkcs12_bag_set_crt(bag, chain[i]);
		if (err < 0 || i > 0)
			continue;
		(void)gnutls_pkcs12_bag_set_friendly_name(
			bag, (unsigned)err, name);
		err = gnutls_pkcs12_bag_set_key_id(bag, (unsigned)err, &id);
	}
	return err < 0 ? err : 0;
}

static int fill_key(gnutls_pkcs12_bag_t bag, const struct keystore *k,
	const char *password, const char *name)
{
	gnutls_datum_t id = { .data = (unsigned char *)ptr_of(k->id),
		.size = sizeof(k->id) };
	gnutls_datum_t der = { 0 };
	int err = gnutls_x509_privkey_export2_pkcs8(k->key, GNUTLS_X509_FMT_DER,
		password, GNUTLS_PKCS_PBES2_AES_256, &der);

	if (err == 0)
		err = gnutls_pkcs12_bag_set_data(
			bag, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, &der);
	gnutls_free(der.data);
	if (err >= 0) {
		(void)gnutls_pkcs12_bag_set_friendly_name(
			bag, (unsigned)err, name);
		err = gnutls_pkcs12_bag_set_key_id(bag, (unsigned)err, &id);
	}
	return err < 0 ? err : 0;
}

int keystore_export_pkcs12(const struct keystore *k, const char *password,
	const char *name, gnutls_x509_crt_t const *chain, size_t n,
	gnutls_datum_t *out)
{
	gnutls_pkcs12_bag_t certs = NULL, key = NULL;
	gnutls_pkcs12_t p12 = NULL;
	int err;

	*out = (gnutls_datum_t){ 0 };
	if (!k->exportable || k->key == NULL)
		return EACCES;
	err = gnutls_pkcs12_init(&p12);
	if (err == 0)
		err = gnutls_pkcs12_bag_init(&certs);
	if (err == 0)
		err = gnutls_pkcs12_bag_init(&key);
	if (err == 0)
		err = fill_certs(certs, k, name, chain, n);
	if (err == 0)
		err = fill_key(key, k, password, name);
	if (err == 0)
		err = add_bag(p12, certs, password, GNUTLS_PKCS_PBES2_AES_256);
	if (err == 0)
		err = add_bag(p12, key, password, 0);
	if (err == 0)
		err = gnutls_pkcs12_generate_mac2(
			p12, GNUTLS_MAC_SHA256, password);
	if (err == 0)
		err = gnutls_pkcs12_export2(p12, GNUTLS_X509_FMT_DER, out);
	if (certs != NULL)
		gnutls_pkcs12_bag_deinit(certs);
	if (key != NULL)
		gnutls_pkcs12_bag_deinit(key);
	if (p12 != NULL)
		gnutls_pkcs12_deinit(p12);
	return err == 0 ? 0 : EINVAL;
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
