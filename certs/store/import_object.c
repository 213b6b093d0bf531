/* What one object in foreign bytes is: a certificate, PKCS#7, PKCS#12, a key,
 * or something that is named and passed over. */
#include <errno.h>
#include <gnutls/pkcs7.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/store/der_shape.h"
#include "certs/store/import_int.h"
#include "certs/x509/crt.h"

enum { OBJECTS_MAX = 2 * IMPORT_CERTS_MAX }; /* also what is passed over */

int import_fail(struct import_reader *r, const char *fmt, ...)
{
	va_list ap;

	if (r->err != 0)
		return r->err;
	va_start(ap, fmt);
	*r->why = mem_vprintf(fmt, ap);
	va_end(ap);
	r->err = EBADMSG;
	return r->err;
}

void import_note(struct import_reader *r, const char *text)
{
	if (slice_search(text_slice(&r->in->notes), slice_str(text)) <
		r->in->notes.n)
		return; /* said */
	text_printf(&r->in->notes, "%s\n", text);
}

/* Takes the certificate. */
static void add_crt(struct import_reader *r, gnutls_x509_crt_t crt)
{
	struct import *in = r->in;

	for (size_t i = 0; i < in->n; i++) {
		if (gnutls_x509_crt_equals(in->crt[i], crt) == 0)
			continue;
		import_note(r, "a certificate is there more than once");
		gnutls_x509_crt_deinit(crt);
		return;
	}
	if (in->n == IMPORT_CERTS_MAX) {
		gnutls_x509_crt_deinit(crt);
		(void)import_fail(r, "there are more than %d certificates",
			IMPORT_CERTS_MAX);
		return;
	}
	in->crt = mem_resize(in->crt, in->n + 1, sizeof(gnutls_x509_crt_t));
	in->crt[in->n++] = crt;
}

static bool try_crt(struct import_reader *r, struct slice der)
{
	gnutls_datum_t d = { .data = (unsigned char *)slice_dup(der),
		.size = (unsigned)der.n };
	gnutls_x509_crt_t crt = NULL;
	bool ok = crt_import(&crt, &d) == 0;

	free(d.data);
	if (ok)
		add_crt(r, crt);
	return ok;
}

static void take_pkcs7(struct import_reader *r, gnutls_pkcs7_t p7)
{
	int n = gnutls_pkcs7_get_crt_count(p7);

	if (gnutls_pkcs7_get_crl_count(p7) > 0)
		import_note(r, "a revocation list was passed over");
	if (n <= 0)
		(void)import_fail(r, "the PKCS#7 file holds no certificate");
	for (int i = 0; i < n && r->err == 0; i++) {
		gnutls_datum_t der = { 0 };

		if (gnutls_pkcs7_get_crt_raw2(p7, (unsigned)i, &der) < 0 ||
			!try_crt(r, slice_of(der.data, der.size)))
			(void)import_fail(r,
				"certificate %d of the PKCS#7 file cannot be "
				"read: ask for the file again",
				i + 1);
		gnutls_free(der.data);
	}
}

static bool try_pkcs7(struct import_reader *r, struct slice der)
{
	gnutls_datum_t d = { .data = (unsigned char *)slice_dup(der),
		.size = (unsigned)der.n };
	gnutls_pkcs7_t p7 = NULL;
	bool ok = gnutls_pkcs7_init(&p7) == 0 &&
		  gnutls_pkcs7_import(p7, &d, GNUTLS_X509_FMT_DER) == 0;

	if (ok)
		take_pkcs7(r, p7);
	if (p7 != NULL)
		gnutls_pkcs7_deinit(p7);
	free(d.data);
	return ok;
}

static void take_key(struct import_reader *r, struct keystore *key)
{
	if (r->in->key == NULL) {
		r->in->key = key;
		return;
	}
	if (memcmp(keystore_id(r->in->key), keystore_id(key), KEYSTORE_ID) != 0)
		(void)import_fail(
			r, "there are several private keys: give one");
	obj_unref(key);
}

void import_key(struct import_reader *r, struct slice bytes)
{
	struct keystore *key = NULL;
	char *why = NULL;

	if (keystore_parse(&key, bytes, r->password, &why) == 0)
		take_key(r, key);
	else
		(void)import_fail(r, "%s", why);
	free(why);
}

static void read_pkcs12(struct import_reader *r, struct slice der)
{
	gnutls_x509_crt_t *crts = NULL;
	struct keystore *key = NULL;
	char *why = NULL;
	size_t n = 0;

	if (r->password == NULL) {
		(void)import_fail(r,
			"a PKCS#12 file is protected with a password: "
			"give it with --password-file");
		return;
	}
	if (keystore_pkcs12(&key, &crts, &n, der, r->password, &why) != 0)
		(void)import_fail(r, "%s", why);
	for (size_t i = 0; i < n; i++)
		add_crt(r, crts[i]);
	if (key != NULL)
		take_key(r, key);
	free(crts);
	free(why);
}

static bool is_request(struct slice der)
{
	gnutls_datum_t d = { .data = (unsigned char *)slice_dup(der),
		.size = (unsigned)der.n };
	gnutls_x509_crq_t crq = NULL;
	bool ok = gnutls_x509_crq_init(&crq) == 0 &&
		  gnutls_x509_crq_import(crq, &d, GNUTLS_X509_FMT_DER) == 0;

	if (crq != NULL)
		gnutls_x509_crq_deinit(crq);
	free(d.data);
	return ok;
}

static bool is_crl(struct slice der)
{
	gnutls_datum_t d = { .data = (unsigned char *)slice_dup(der),
		.size = (unsigned)der.n };
	gnutls_x509_crl_t crl = NULL;
	bool ok = gnutls_x509_crl_init(&crl) == 0 &&
		  gnutls_x509_crl_import(crl, &d, GNUTLS_X509_FMT_DER) == 0;

	if (crl != NULL)
		gnutls_x509_crl_deinit(crl);
	free(d.data);
	return ok;
}

static void read_object(struct import_reader *r, struct slice der)
{
	struct slice v;

	if (der_inner(der, 0, &v) == DER_OID) {
		if (!try_pkcs7(r, der))
			(void)import_fail(r,
				"a PKCS#7 file cannot be read: ask for "
				"it again");
	} else if (der_is_pkcs12(der)) {
		read_pkcs12(r, der);
	} else if (der_is_key(der)) {
		import_key(r, der);
	} else if (try_crt(r, der)) {
		return;
	} else if (is_crl(der)) {
		import_note(r, "a revocation list was passed over");
	} else if (is_request(der)) {
		import_note(r,
			"a certificate request was passed over: it is not a "
			"certificate");
	} else {
		(void)import_fail(r,
			"certificate %zu cannot be read: it is damaged, "
			"or something else",
			r->in->n + 1);
	}
}

void import_der(struct import_reader *r, struct slice s)
{
	size_t head = 0;

	while (r->err == 0 && s.n > 0 && (uint8_t)s.p[0] == DER_SEQUENCE) {
		size_t n = der_element(s, &head);

		if (n == 0) {
			(void)import_fail(r,
				"it is cut off: %zu bytes are there and "
				"more are missing",
				s.n);
			return;
		}
		if (r->objects++ == OBJECTS_MAX) {
			(void)import_fail(r, "there are more than %d objects",
				OBJECTS_MAX);
			return;
		}
		read_object(r, slice_head(s, n));
		s = slice_from(s, n);
		/* Line ends between objects, and zeros that pad a file. */
		while (s.n > 0 && strchr("\r\n \t", s.p[0]) != NULL)
			s = slice_from(s, 1);
	}
	if (r->err == 0 && s.n > 0)
		import_note(r,
			"bytes behind the last certificate were passed over");
}
