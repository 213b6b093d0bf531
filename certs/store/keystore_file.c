/* Keys at rest: the master key, and files sealed under it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/wire.h"
#include "certs/store/keystore_int.h"
#include "certs/store/seal.h"

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
		(void)keystore_said(why,
			"the systemd credential %s is not there: only a "
			"service started by systemd has it",
			credential);
		return ENOENT;
	}
	path = file != NULL ? mem_dup(file)
			    : mem_printf("%s/%s", dir, credential);
	err = read_small(path, room, sizeof(room), &n);
	if (err != 0)
		(void)keystore_said(why,
			"the master key cannot be read from %s: %s", path,
			strerrordesc_np(err));
	else if (!master_of(out, room, n))
		err = keystore_said(why,
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
		return keystore_said(why, "it is too long for a key");
	if (!slice_starts(text, sealed_head)) {
		err = keystore_parse(out, text, NULL, why);
		(void)slice_line(&rest, &head);
	} else if (master->n == 0) {
		(void)keystore_said(why, "it is sealed, and there is no 'pki "
					 "master-key'");
		return EACCES;
	} else {
		(void)slice_line(&rest, &head);
		pem = mem_new(n);
		err = unseal(head, rest, pem, &n, master);
		if (err == 0)
			err = keystore_parse(out, slice_of(pem, n), NULL, why);
		else if (err == EACCES)
			(void)keystore_said(why,
				"it was sealed with another master key, "
				"or was changed");
		else
			(void)keystore_said(why, "it is damaged");
		mem_wipe(pem, KEY_TEXT_MAX);
		free(pem);
	}
	if (*out != NULL) /* of our own files, the first line says it */
		(*out)->exportable =
			slice_search(head, slice_str(may_export)) < head.n;
	return err;
}
