/*
 * Finding certificates in foreign bytes. A file is armoured text, bare
 * base64, hexadecimal or DER, and may hold any number of objects: what each of
 * them is, import_object.c knows.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/store/der_shape.h"
#include "certs/store/import_int.h"

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
static void decode_base64(struct import_reader *r, struct slice s)
{
	size_t room = s.n, at = 0;
	uint8_t *der = mem_new(room + 1);

	while (s.n > 0 && r->err == 0) {
		size_t end = slice_find(s, '='), n = 0;

		while (end < s.n && s.p[end] == '=')
			end++;
		if (base64_decode(
			    slice_head(s, end), der + at, room - at, &n) != 0)
			(void)import_fail(r,
				"the text is not whole: characters are "
				"missing or were added");
		at += n;
		s = slice_from(s, end);
	}
	if (r->err == 0)
		import_der(r, slice_of(der, at));
	mem_wipe(der, room);
	free(der);
}

static uint8_t nibble(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static void decode_hex(struct import_reader *r, struct slice s)
{
	uint8_t *der = mem_new(s.n / 2 + 1);

	for (size_t i = 0; i + 1 < s.n; i += 2)
		der[i / 2] =
			(uint8_t)(nibble(s.p[i]) << 4 | nibble(s.p[i + 1]));
	if (s.n % 2 != 0)
		(void)import_fail(r, "the hexadecimal text is not whole");
	else
		import_der(r, slice_of(der, s.n / 2));
	free(der);
}

static void flush(struct import_reader *r, struct body *b)
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
static void bare_line(
	struct import_reader *r, struct body *b, struct slice line)
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
static void read_bare(struct import_reader *r, struct slice s)
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
static void read_block(struct import_reader *r, struct slice body)
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
			(void)import_fail(r,
				"in the armoured text stands a line that "
				"is none of it: copy it again");
	}
	if (b.digits.n == 0)
		(void)import_fail(r, "there is nothing between BEGIN and END");
	flush(r, &b);
}

/* `block` begins with "-----BEGIN LABEL-----". */
static void read_labelled(struct import_reader *r, struct slice block)
{
	struct slice label = slice_from(block, begin.n), body;
	size_t n = slice_search(label, SLICE_LIT("-----"));

	body = slice_from(label, n + strlen("-----"));
	label = slice_head(label, n);
	if (slice_search(label, SLICE_LIT("PRIVATE KEY")) < label.n) {
		import_key(r, block);
		return;
	}
	if (slice_search(label, SLICE_LIT("PARAMETERS")) < label.n ||
		slice_eq_str(label, "PUBLIC KEY")) {
		import_note(r, "a public key or parameters were passed over");
		return;
	}
	read_block(r, body);
}

/* Text between blocks is for people: "subject=…", "Bag Attributes". */
static void read_armoured(struct import_reader *r, struct slice s)
{
	while (r->err == 0) {
		size_t at = slice_search(s, begin), n, next;

		if (at == s.n)
			return;
		s = slice_from(s, at);
		/* END may be missing where `quit` or the next one ends it. */
		next = slice_search(slice_from(s, 1), begin) + 1;
		n = slice_search(slice_head(s, next), end);
		if (n < next) {
			n += end.n;
			n += slice_search(slice_from(s, n), SLICE_LIT("-----"));
			n += strlen("-----");
		}
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

static void read_any(struct import_reader *r, struct slice s)
{
	if (slice_starts(s, "\xef\xbb\xbf"))
		s = slice_from(s, 3);
	while (s.n > 0 && strchr("\r\n \t", s.p[0]) != NULL)
		s = slice_from(s, 1);
	/* "0" begins hexadecimal text as well, but that goes on with digits.
	 * DER is not trimmed: its last byte may look like a blank. */
	if (s.n > 1 && (uint8_t)s.p[0] == DER_SEQUENCE &&
		!all_of(slice_head(s, 8), is_hex_or_blank)) {
		import_der(r, s);
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
	struct import_reader r = {
		.in = out, .password = password, .why = why
	};
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
		(void)import_fail(&r, "it holds no certificate%s%.*s",
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
