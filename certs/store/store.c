/* Certificates and requests of trustpoints in the store. */
#include "certs/store/store_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/obj.h"
#include "certs/store/import.h"
#include "certs/store/pemfile.h"

static char *file_of(const char *name, enum store_certs which)
{
	return mem_printf("%s.%s.pem", name, which == STORE_OWN ? "own" : "ca");
}

int store_certs(struct store *s, const char *name, enum store_certs which,
	gnutls_x509_crt_t **v, size_t *n, char **why)
{
	char *file = file_of(name, which), *text, *reason = NULL;
	struct import in = { .n = 0 };
	size_t size;
	int err = store_read(s, s->trustpoints, file, &text, &size, why);

	*v = NULL;
	*n = 0;
	if (err == 0) {
		err = import_parse(&in, slice_of(text, size), NULL, &reason);
		if (err != 0)
			(void)store_said(why, err, "%s/trustpoints/%s: %s",
				s->root, file, reason);
	} else if (err == ENOENT) {
		err = 0; /* nothing yet */
	}
	if (err == 0) { /* taken out of `in` */
		*v = in.crt;
		*n = in.n;
		in.crt = NULL;
		in.n = 0;
	}
	import_free(&in);
	free(reason);
	free(text);
	free(file);
	return err;
}

static void add_pem(struct text *out, gnutls_x509_crt_t crt)
{
	gnutls_datum_t pem = { 0 };

	need(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem) == 0);
	text_add(out, slice_of(pem.data, pem.size));
	gnutls_free(pem.data);
}

int store_set_certs(struct store *s, const char *name, enum store_certs which,
	const gnutls_x509_crt_t *v, size_t n, char **why)
{
	char *file = file_of(name, which);
	struct text t = { 0 };
	int err;

	for (size_t i = 0; i < n; i++)
		add_pem(&t, v[i]);
	err = store_write(s, s->trustpoints, file, text_slice(&t), why);
	text_free(&t);
	free(file);
	return err;
}

static char *pending_file(const char *name)
{
	return mem_printf("%s.pending", name);
}

int store_forget(struct store *s, const char *name, char **why)
{
	char *files[] = { file_of(name, STORE_OWN),
		file_of(name, STORE_ANCHORS), pending_file(name) };
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (err == 0 && unlinkat(s->trustpoints, files[i], 0) != 0 &&
			errno != ENOENT)
			err = store_said(why, errno,
				"%s/trustpoints/%s cannot be removed: %s",
				s->root, files[i], strerrordesc_np(errno));
		free(files[i]);
	}
	return err;
}

/* ---- requests on their way ---- */

void store_pending_free(struct store_pending *p)
{
	free(p->csr);
	*p = (struct store_pending){ .csr = NULL };
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_of(struct slice s, uint8_t out[KEYSTORE_ID])
{
	if (s.n != (size_t)2 * KEYSTORE_ID)
		return false;
	for (size_t i = 0; i < KEYSTORE_ID; i++) {
		int high = nibble(s.p[2 * i]);
		int low = nibble(s.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool take_csr(struct store_pending *p, struct slice value)
{
	free(p->csr);
	p->csr = mem_new(value.n + 1);
	return base64_decode(value, p->csr, value.n, &p->csr_len) == 0;
}

/* "name value" lines. */
static bool take_line(struct store_pending *p, struct slice line)
{
	struct slice value = line, key;
	uint64_t v;

	if (!slice_word(&value, &key))
		return true;
	value = slice_trim(value);
	if (slice_eq_str(key, "transaction"))
		return slice_copy(
			value, p->transaction, sizeof(p->transaction));
	if (slice_eq_str(key, "key"))
		return hex_of(value, p->key_id);
	if (slice_eq_str(key, "csr"))
		return take_csr(p, value);
	if (slice_uint(value, INT64_MAX, &v) != 0)
		return false;
	if (slice_eq_str(key, "since"))
		p->since = (int64_t)v;
	else if (slice_eq_str(key, "asked"))
		p->asked = (unsigned)v;
	return true;
}

int store_pending(struct store *s, const char *name, struct store_pending *out,
	char **why)
{
	char *file = pending_file(name), *text;
	struct slice rest, line;
	size_t n;
	int err = store_read(s, s->trustpoints, file, &text, &n, why);

	*out = (struct store_pending){ .csr = NULL };
	rest = slice_of(text, n);
	while (err == 0 && slice_line(&rest, &line))
		if (!take_line(out, line))
			err = EBADMSG;
	if (err == 0 && out->csr_len == 0)
		err = EBADMSG;
	if (err == EBADMSG)
		(void)store_said(why, err,
			"%s/trustpoints/%s is damaged: remove it and request "
			"again",
			s->root, file);
	if (err != 0)
		store_pending_free(out);
	free(text);
	free(file);
	return err;
}

int store_set_pending(struct store *s, const char *name,
	const struct store_pending *p, char **why)
{
	char hex[2 * KEYSTORE_ID + 1];
	char *file = pending_file(name);
	struct text t = { 0 };
	int err;

	hex_encode(p->key_id, KEYSTORE_ID, hex);
	text_printf(&t, "since %lld\nasked %u\nkey %s\n", (long long)p->since,
		p->asked, hex);
	if (p->transaction[0] != '\0')
		text_printf(&t, "transaction %s\n", p->transaction);
	text_printf(&t, "csr ");
	base64_encode(&t, slice_of(p->csr, p->csr_len), true);
	text_addc(&t, '\n');
	err = store_write(s, s->trustpoints, file, text_slice(&t), why);
	text_free(&t);
	free(file);
	return err;
}

void store_clear_pending(struct store *s, const char *name)
{
	char *file = pending_file(name);

	if (unlinkat(s->trustpoints, file, 0) != 0)
		errno = 0; /* there was none */
	free(file);
}
