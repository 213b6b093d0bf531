/* Secrets at rest. */
#include "certs/store/seal.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"
#include "certs/store/keystore.h"

#define PASSWORD "password" /* purpose of the configuration's */

static int aead(gnutls_aead_cipher_hd_t *h, const struct secret *master)
{
	uint8_t key[KEYSTORE_MASTER];
	gnutls_datum_t k = { .data = key, .size = sizeof(key) };
	int err;

	if (master->n != KEYSTORE_MASTER)
		return EINVAL;
	memcpy(key, master->b, sizeof(key));
	err = gnutls_aead_cipher_init(h, GNUTLS_CIPHER_AES_256_GCM, &k);
	mem_wipe(key, sizeof(key));
	return err == 0 ? 0 : EINVAL;
}

/* The nonce is in the box's beginning. */
static int encrypt(uint8_t *box, struct slice text, struct slice about,
	const struct secret *master)
{
	gnutls_aead_cipher_hd_t h;
	size_t n = text.n + SEAL_TAG;
	int err = aead(&h, master);

	if (err != 0)
		return err;
	err = gnutls_aead_cipher_encrypt(h, box, SEAL_NONCE, about.p, about.n,
		SEAL_TAG, text.p, text.n, box + SEAL_NONCE, &n);
	gnutls_aead_cipher_deinit(h);
	return err == 0 ? 0 : EINVAL;
}

int seal_box(uint8_t *box, struct slice text, struct slice about,
	const struct secret *master)
{
	random_bytes(box, SEAL_NONCE);
	return encrypt(box, text, about, master);
}

int seal_open(uint8_t *out, size_t *n, struct slice box, struct slice about,
	const struct secret *master)
{
	gnutls_aead_cipher_hd_t h;
	struct slice sealed;
	int err;

	*n = 0;
	if (box.n < SEAL_OVERHEAD)
		return EBADMSG;
	err = aead(&h, master);
	if (err != 0)
		return err;
	sealed = slice_from(box, SEAL_NONCE);
	*n = box.n;
	err = gnutls_aead_cipher_decrypt(h, box.p, SEAL_NONCE, about.p, about.n,
		SEAL_TAG, sealed.p, sealed.n, out, n);
	gnutls_aead_cipher_deinit(h);
	if (err == 0)
		return 0;
	*n = 0;
	return EACCES;
}

/* ---- words ---- */

static char *about_of(const char *purpose)
{
	return mem_printf("lineside sealed %s", purpose);
}

/* Of the secret and what it is for, under a key that seals nothing else. */
static int nonce_of(uint8_t nonce[SEAL_NONCE], struct slice secret,
	const char *about, const struct secret *master)
{
	static const char label[] = "lineside nonce of words";
	uint8_t key[32], mac[32];
	gnutls_hmac_hd_t h;
	int err = gnutls_hmac_fast(GNUTLS_MAC_SHA256, master->b, master->n,
		label, sizeof(label), key);

	if (err == 0)
		err = gnutls_hmac_init(&h, GNUTLS_MAC_SHA256, key, sizeof(key));
	if (err == 0) {
		err = gnutls_hmac(h, about, strlen(about) + 1);
		if (err == 0)
			err = gnutls_hmac(h, secret.p, secret.n);
		gnutls_hmac_deinit(h, mac);
	}
	mem_wipe(key, sizeof(key));
	if (err == 0)
		memcpy(nonce, mac, SEAL_NONCE);
	return err == 0 ? 0 : EINVAL;
}

int seal_word(char **out, struct slice secret, const char *purpose,
	const struct secret *master)
{
	uint8_t box[SEAL_SECRET_MAX + SEAL_OVERHEAD];
	struct text t = { 0 };
	char *about;
	int err;

	*out = NULL;
	if (master->n != KEYSTORE_MASTER)
		return EINVAL;
	if (secret.n > SEAL_SECRET_MAX)
		return E2BIG;
	about = about_of(purpose);
	err = nonce_of(box, secret, about, master);
	if (err == 0)
		err = encrypt(box, secret, slice_str(about), master);
	free(about);
	if (err != 0)
		return err;
	base64_encode(&t, slice_of(box, secret.n + SEAL_OVERHEAD), true);
	*out = text_take(&t);
	return 0;
}

static int fail(char **why, int err, const char *text)
{
	*why = mem_dup(text);
	return err;
}

int seal_open_word(char **out, struct slice word, const char *purpose,
	const struct secret *master, char **why)
{
	uint8_t box[SEAL_SECRET_MAX + SEAL_OVERHEAD], clear[sizeof(box)];
	size_t n = 0, size = 0;
	char *about;
	int err;

	*out = NULL;
	*why = NULL;
	if (master->n != KEYSTORE_MASTER)
		return fail(why, EINVAL,
			"it is sealed, and there is no 'pki master-key'");
	if (base64_decode(word, box, sizeof(box), &size) != 0 ||
		size < SEAL_OVERHEAD)
		return fail(why, EBADMSG,
			"it is not whole: copy all of it, or make it anew with "
			"`lineside pki password encrypt`");
	about = about_of(purpose);
	err = seal_open(
		clear, &n, slice_of(box, size), slice_str(about), master);
	free(about);
	if (err == 0)
		*out = mem_ndup((const char *)clear, n);
	mem_wipe(clear, sizeof(clear));
	return err == 0 ? 0
			: fail(why, err,
				  "it was sealed with another master key, or "
				  "was changed: make it anew with `lineside "
				  "pki password encrypt`");
}

/* ---- the configuration's ---- */

int seal_password(char **out, const struct conf_secret *s,
	const char *master_file, const char *master_credential, char **why)
{
	struct secret master;
	int err;

	*out = NULL;
	*why = NULL;
	if (s->text == NULL)
		return 0;
	if (!s->sealed) {
		*out = mem_dup(s->text);
		return 0;
	}
	err = keystore_master(&master, master_file, master_credential, why);
	if (err == 0)
		err = seal_open_word(
			out, slice_str(s->text), PASSWORD, &master, why);
	secret_wipe(&master);
	return err;
}

int seal_password_word(
	char **out, const char *clear, const struct secret *master, char **why)
{
	int err = seal_word(out, slice_str(clear), PASSWORD, master);

	*why = NULL;
	if (err == EINVAL)
		return fail(why, err,
			"there is no master key: write 'pki master-key file "
			"PATH' into the configuration");
	if (err != 0)
		return fail(why, err, "the password is too long");
	return 0;
}

static void check(void *arg, const struct conf *c, const struct conf_secret *s,
	const char *whose)
{
	struct conf_errs *errs = arg;
	char *clear, *why;

	if (seal_password(&clear, s, c->master_key_file,
		    c->master_key_credential, &why) != 0)
		conf_errs_add(errs, false, s->pos, NULL,
			"the password of %s cannot be had: %s", whose,
			why != NULL ? why : "the master key is of no use");
	if (clear != NULL && s->sealed) /* in clear: conf has judged it */
		conf_password_judge(c, clear, s->pos, whose, errs);
	if (clear != NULL)
		mem_wipe(clear, strlen(clear));
	free(clear);
	free(why);
}

void seal_check_conf(const struct conf *c, struct conf_errs *errs)
{
	conf_each_secret(c, check, errs);
}

static char *seal_shown(void *arg, const char *clear)
{
	char *word;

	return seal_word(&word, slice_str(clear), PASSWORD, arg) == 0 ? word
								      : NULL;
}

void seal_print_conf(const struct conf *c, FILE *out)
{
	struct secret master = { .n = 0 };
	char *why = NULL;

	if (c->password_encryption &&
		keystore_master(&master, c->master_key_file,
			c->master_key_credential, &why) != 0)
		master.n = 0;
	conf_print_sealed(c, out, master.n > 0 ? seal_shown : NULL, &master);
	secret_wipe(&master);
	free(why);
}
