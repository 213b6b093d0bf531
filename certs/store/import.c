/*
 * Finding certificates in foreign bytes. A file is armoured text, bare
 * base64, hexadecimal or DER, and may hold any number of objects; each object
 * is a certificate, PKCS#7, PKCS#12, a key, or something that is named and
 * passed over.
 */
#include "certs/store/import.h"

#include <errno.h>
#include <gnutls/pkcs7.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/x509/crt.h"

struct reader {
	struct import *in;
	const char *password;
	char **why;
	int err; /* the first one ends it */
};

static int fail(struct reader *r, const char *fmt, ...) PRINTF(2, 3);
static int fail(struct reader *r, const char *fmt, ...)
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

static void note(struct reader *r, const char *text)
{
	if (slice_search(text_slice(&r->in->notes), slice_str(text)) <
		r->in->notes.n)
		return; /* said */
	text_printf(&r->in->notes, "%s\n", text);
}

/* Takes the certificate. */
static void add_crt(struct reader *r, gnutls_x509_crt_t crt)
{
	struct import *in = r->in;

	for (size_t i = 0; i < in->n; i++) {
		if (gnutls_x509_crt_equals(in->crt[i], crt) == 0)
			continue;
		note(r, "a certificate is there more than once");
		gnutls_x509_crt_deinit(crt);
		return;
	}
	if (in->n == IMPORT_CERTS_MAX) {
		gnutls_x509_crt_deinit(crt);
		(void)fail(r, "there are more than %d certificates",
			IMPORT_CERTS_MAX);
		return;
	}
	in->crt = mem_resize(in->crt, in->n + 1, sizeof(gnutls_x509_crt_t));
	in->crt[in->n++] = crt;
}

static bool try_crt(struct reader *r, struct slice der)
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

static void take_pkcs7(struct reader *r, gnutls_pkcs7_t p7)
{
	int n = gnutls_pkcs7_get_crt_count(p7);

	if (gnutls_pkcs7_get_crl_count(p7) > 0)
		note(r, "a revocation list was passed over");
	if (n <= 0)
		(void)fail(r, "the PKCS#7 file holds no certificate");
	for (int i = 0; i < n && r->err == 0; i++) {
		gnutls_datum_t der = { 0 };

		if (gnutls_pkcs7_get_crt_raw2(p7, (unsigned)i, &der) < 0 ||
			!try_crt(r, slice_of(der.data, der.size)))
			(void)fail(r,
				"certificate %d of the PKCS#7 file cannot be "
				"read: ask for the file again",
				i + 1);
		gnutls_free(der.data);
	}
}

static bool try_pkcs7(struct reader *r, struct slice der)
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

static void take_key(struct reader *r, struct keystore *key)
{
	if (r->in->key == NULL) {
		r->in->key = key;
		return;
	}
	if (memcmp(keystore_id(r->in->key), keystore_id(key), KEYSTORE_ID) != 0)
		(void)fail(r, "there are several private keys: give one");
	obj_unref(key);
}

static void read_key(struct reader *r, struct slice bytes)
{
	struct keystore *key = NULL;
	char *why = NULL;

	if (keystore_parse(&key, bytes, r->password, &why) == 0)
		take_key(r, key);
	else
		(void)fail(r, "%s", why);
	free(why);
}

static void read_pkcs12(struct reader *r, struct slice der)
{
	gnutls_x509_crt_t *crts = NULL;
	struct keystore *key = NULL;
	char *why = NULL;
	size_t n = 0;

	if (r->password == NULL) {
		(void)fail(r, "a PKCS#12 file is protected with a password: "
			      "give it with --password-file");
		return;
	}
	if (keystore_pkcs12(&key, &crts, &n, der, r->password, &why) != 0)
		(void)fail(r, "%s", why);
	for (size_t i = 0; i < n; i++)
		add_crt(r, crts[i]);
	if (key != NULL)
		take_key(r, key);
	free(crts);
	free(why);
}

/* ---- DER, and BER as streaming signers write it ---- */

enum { TAG_INTEGER = 2, TAG_OCTETS = 4, TAG_OID = 6, TAG_SEQUENCE = 0x30 };
enum { CONSTRUCTED = 0x20 };

/* Head of the element at the front and the length of its content, or
 * INDEFINITE (X.690 8.1.3.6). False: none. */
#define INDEFINITE SIZE_MAX

static bool head_of(struct slice s, size_t *head, size_t *content)
{
	const uint8_t *b = (const uint8_t *)s.p;
	size_t digits, n = 0;

	if (s.n < 2)
		return false;
	*head = 2;
	digits = b[1] & 0x7fu;
	if (b[1] < 0x80) {
		*content = b[1];
		return *content <= s.n - 2;
	}
	if (digits == 0) {
		*content = INDEFINITE;
		return (b[0] & CONSTRUCTED) != 0;
	}
	if (digits > 4 || s.n < 2 + digits)
		return false;
	for (size_t i = 0; i < digits; i++)
		n = n << 8 | b[2 + i];
	*head += digits;
	*content = n;
	return n <= s.n - *head;
}

/* Length of the element at the front, with its head; 0: none. One of
 * indefinite length goes on until as many are closed as were opened. */
static size_t element(struct slice s, size_t *head)
{
	size_t at = 0, open = 0, n = 0, first = 0;

	do {
		struct slice rest = slice_from(s, at);
		size_t h = 0;

		if (!head_of(rest, &h, &n))
			return 0;
		if (at == 0)
			first = h;
		if (n == INDEFINITE) {
			open++;
			n = 0;
		} else if (open > 0 && rest.p[0] == 0 && n == 0) {
			open--; /* the mark of an end */
		}
		at += h + n;
	} while (open > 0);
	*head = first;
	return at;
}

/* The tag of the i-th element inside of a SEQUENCE, and its content. */
static int inner(struct slice der, size_t i, struct slice *content)
{
	struct slice rest;
	size_t head = 0, n = element(der, &head);

	rest = slice_from(slice_head(der, n), head);
	for (;; i--) {
		n = element(rest, &head);
		if (n == 0 || rest.p[0] == 0)
			return -1;
		if (i == 0)
			break;
		rest = slice_from(rest, n);
	}
	*content = slice_from(slice_head(rest, n), head);
	return (uint8_t)rest.p[0];
}

/* Certificates and requests begin with two SEQUENCEs, the rest does not. */
static bool is_integer(struct slice der, size_t i, uint8_t value)
{
	struct slice v;

	return inner(der, i, &v) == TAG_INTEGER && v.n == 1 &&
	       (uint8_t)v.p[0] == value;
}

static bool is_pkcs12(struct slice der)
{
	struct slice v;

	return is_integer(der, 0, 3) && inner(der, 1, &v) == TAG_SEQUENCE;
}

/* PKCS#8: 0, algorithm, octets; PKCS#1: 0 and numbers; SEC1: 1 and octets;
 * encrypted PKCS#8: algorithm, octets and nothing more. */
static bool is_key(struct slice der)
{
	struct slice v;

	if (is_integer(der, 0, 0) || is_integer(der, 0, 1))
		return true;
	return inner(der, 0, &v) == TAG_SEQUENCE &&
	       inner(der, 1, &v) == TAG_OCTETS && inner(der, 2, &v) < 0;
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

static void read_object(struct reader *r, struct slice der)
{
	struct slice v;

	if (inner(der, 0, &v) == TAG_OID) {
		if (!try_pkcs7(r, der))
			(void)fail(r, "a PKCS#7 file cannot be read: ask for "
				      "it again");
	} else if (is_pkcs12(der)) {
		read_pkcs12(r, der);
	} else if (is_key(der)) {
		read_key(r, der);
	} else if (try_crt(r, der)) {
		return;
	} else if (is_crl(der)) {
		note(r, "a revocation list was passed over");
	} else if (is_request(der)) {
		note(r, "a certificate request was passed over: it is not a "
			"certificate");
	} else {
		(void)fail(r,
			"certificate %zu cannot be read: it is damaged, "
			"or something else",
			r->in->n + 1);
	}
}

static void read_der(struct reader *r, struct slice s)
{
	size_t head = 0;

	while (r->err == 0 && s.n > 0 && (uint8_t)s.p[0] == TAG_SEQUENCE) {
		size_t n = element(s, &head);

		if (n == 0) {
			(void)fail(r,
				"it is cut off: %zu bytes are there and "
				"more are missing",
				s.n);
			return;
		}
		read_object(r, slice_head(s, n));
		s = slice_from(s, n);
		/* Line ends between objects, and zeros that pad a file. */
		while (s.n > 0 && strchr("\r\n \t", s.p[0]) != NULL)
			s = slice_from(s, 1);
	}
	if (r->err == 0 && s.n > 0)
		note(r, "bytes behind the last certificate were passed over");
}

/* ---- text ---- */

static bool all_of(struct slice s, bool (*is)(char c))
{
	for (size_t i = 0; i < s.n; i++)
		if (!is(s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_base64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

static bool is_hex_or_blank(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F') || c == ' ' || c == '\t';
}

/* Digits of base64 that wait to be decoded; or of hexadecimal. */
struct body {
	struct text digits;
	bool hex;
};

/* A text with '=' in the middle is several, one after the other. */
static void decode_base64(struct reader *r, struct slice s)
{
	size_t room = s.n, at = 0;
	uint8_t *der = mem_new(room + 1);

	while (s.n > 0 && r->err == 0) {
		size_t end = slice_find(s, '='), n = 0;

		while (end < s.n && s.p[end] == '=')
			end++;
		if (base64_decode(
			    slice_head(s, end), der + at, room - at, &n) != 0)
			(void)fail(r, "the text is not whole: characters are "
				      "missing or were added");
		at += n;
		s = slice_from(s, end);
	}
	if (r->err == 0)
		read_der(r, slice_of(der, at));
	mem_wipe(der, room);
	free(der);
}

static uint8_t nibble(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static void decode_hex(struct reader *r, struct slice s)
{
	uint8_t *der = mem_new(s.n / 2 + 1);

	for (size_t i = 0; i + 1 < s.n; i += 2)
		der[i / 2] =
			(uint8_t)(nibble(s.p[i]) << 4 | nibble(s.p[i + 1]));
	if (s.n % 2 != 0)
		(void)fail(r, "the hexadecimal text is not whole");
	else
		read_der(r, slice_of(der, s.n / 2));
	free(der);
}

static void flush(struct reader *r, struct body *b)
{
	struct slice s = text_slice(&b->digits);

	if (s.n > 0 && r->err == 0) {
		if (b->hex)
			decode_hex(r, s);
		else
			decode_base64(r, s);
	}
	if (b->digits.p != NULL)
		mem_wipe(b->digits.p, b->digits.n);
	text_free(&b->digits);
	b->hex = false;
}

static void add_digits(struct body *b, struct slice line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] != ' ' && line.p[i] != '\t')
			text_addc(&b->digits, line.p[i]);
}

/* IOS says "308201A0 …" for a certificate, base64 begins with 'M'. */
static bool is_hex_begin(struct slice line)
{
	return slice_starts(line, "30") && all_of(line, is_hex_or_blank);
}

/* A line of text outside of armour. Words of people end a body. */
static void bare_line(struct reader *r, struct body *b, struct slice line)
{
	if (slice_caseeq_str(line, "quit")) {
		flush(r, b);
		return;
	}
	if (b->digits.n == 0 && is_hex_begin(line))
		b->hex = true;
	if (b->hex ? all_of(line, is_hex_or_blank) : all_of(line, is_base64))
		add_digits(b, line);
	else
		flush(r, b);
}

/* What is not armoured: bodies are those that begin as DER does, so that a
 * lone word is not taken for one. */
static void read_bare(struct reader *r, struct slice s)
{
	struct body b = { .hex = false };
	struct slice line;

	while (slice_line(&s, &line) && r->err == 0) {
		line = slice_trim(line);
		if (line.n == 0)
			continue;
		if (b.digits.n == 0 && !slice_starts(line, "MI") &&
			!is_hex_begin(line))
			continue;
		bare_line(r, &b, line);
	}
	flush(r, &b);
}

static const struct slice begin = SLICE_LIT("-----BEGIN ");
static const struct slice end = SLICE_LIT("-----END ");

/* The base64 of a block, without headers and what IOS adds. */
static void read_block(struct reader *r, struct slice body)
{
	struct body b = { .hex = false };
	struct slice line;

	while (slice_line(&body, &line)) {
		line = slice_trim(line);
		if (slice_caseeq_str(line, "quit") || slice_starts(line, "---"))
			break;
		if (all_of(line, is_base64))
			add_digits(&b, line);
		else if (line.n > 0 && slice_find(line, ':') == line.n)
			(void)fail(r, "in the armoured text stands a line that "
				      "is none of it: copy it again");
	}
	if (b.digits.n == 0)
		(void)fail(r, "there is nothing between BEGIN and END");
	flush(r, &b);
}

/* `block` begins with "-----BEGIN LABEL-----". */
static void read_labelled(struct reader *r, struct slice block)
{
	struct slice label = slice_from(block, begin.n), body;
	size_t n = slice_search(label, SLICE_LIT("-----"));

	body = slice_from(label, n + strlen("-----"));
	label = slice_head(label, n);
	if (slice_search(label, SLICE_LIT("PRIVATE KEY")) < label.n) {
		read_key(r, block);
		return;
	}
	if (slice_search(label, SLICE_LIT("PARAMETERS")) < label.n ||
		slice_eq_str(label, "PUBLIC KEY")) {
		note(r, "a public key or parameters were passed over");
		return;
	}
	read_block(r, body);
}

/* Text between blocks is for people: "subject=…", "Bag Attributes". */
static void read_armoured(struct reader *r, struct slice s)
{
	while (r->err == 0) {
		size_t at = slice_search(s, begin), n, next;

		if (at == s.n)
			return;
		s = slice_from(s, at);
		n = slice_search(s, end);
		next = slice_search(slice_from(s, 1), begin) + 1;
		if (n < s.n && n < next) {
			n += end.n;
			n += slice_search(slice_from(s, n), SLICE_LIT("-----"));
			n += strlen("-----");
		}
		/* END may be missing where `quit` or the next one ends it. */
		if (n > next)
			n = next;
		read_labelled(r, slice_head(s, n));
		s = slice_from(s, n);
	}
}

static char narrow_one(const char *two, bool big)
{
	if (two[big ? 0 : 1] != 0)
		return '?';
	return two[big ? 1 : 0];
}

/* Windows writes two bytes for each character. */
static char *narrow(struct slice *s)
{
	const char *from = s->p;
	bool big = slice_starts(*s, "\xfe\xff");
	char *out;

	if (!big && !slice_starts(*s, "\xff\xfe"))
		return NULL;
	out = mem_new(s->n / 2 + 1);
	for (size_t i = 2; i + 1 < s->n; i += 2)
		out[i / 2 - 1] = narrow_one(from + i, big);
	*s = slice_of(out, s->n / 2 - 1);
	return out;
}

static void read_any(struct reader *r, struct slice s)
{
	if (slice_starts(s, "\xef\xbb\xbf"))
		s = slice_from(s, 3);
	while (s.n > 0 && strchr("\r\n \t", s.p[0]) != NULL)
		s = slice_from(s, 1);
	/* "0" begins hexadecimal text as well, but that goes on with digits.
	 * DER is not trimmed: its last byte may look like a blank. */
	if (s.n > 1 && (uint8_t)s.p[0] == TAG_SEQUENCE &&
		!all_of(slice_head(s, 8), is_hex_or_blank)) {
		read_der(r, s);
		return;
	}
	s = slice_trim(s);
	if (slice_search(s, begin) < s.n)
		read_armoured(r, s);
	else
		read_bare(r, s);
}

int import_parse(struct import *out, struct slice bytes, const char *password,
	char **why)
{
	struct reader r = { .in = out, .password = password, .why = why };
	char *text;

	*out = (struct import){ .n = 0 };
	*why = NULL;
	if (bytes.n > IMPORT_SIZE_MAX) {
		*why = mem_printf(
			"it is larger than %d bytes", IMPORT_SIZE_MAX);
		return E2BIG;
	}
	text = narrow(&bytes);
	read_any(&r, bytes);
	free(text);
	if (r.err == 0 && out->n == 0 && out->key == NULL)
		(void)fail(&r, "it holds no certificate%s%.*s",
			out->notes.n > 0 ? ": " : "",
			(int)(out->notes.n > 0 ? out->notes.n - 1 : 0),
			out->notes.n > 0 ? out->notes.p : "");
	return r.err;
}

void import_free(struct import *in)
{
	for (size_t i = 0; i < in->n; i++)
		gnutls_x509_crt_deinit(in->crt[i]);
	free(in->crt);
	obj_unref(in->key);
	text_free(&in->notes);
	*in = (struct import){ .n = 0 };
}
