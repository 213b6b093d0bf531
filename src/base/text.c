/* The growing and encoding half of wire.h: text on the heap, base64, hex. */
#include "base/wire.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/print.h"
#include "base/secret.h"

/* Room for n more bytes and the NUL. What is left behind may be a key, so it
 * is wiped: realloc() would leave a copy in freed memory. */
static void grow(struct text *t, size_t n)
{
	size_t want = t->n + n + 1;
	char *p;

	need(want > t->n);
	if (want <= t->size)
		return;
	if (want < t->size * 2)
		want = t->size * 2;
	if (want < 64)
		want = 64;
	p = mem_resize(NULL, want, 1);
	if (t->n > 0)
		memcpy(p, t->p, t->n);
	if (t->p != NULL)
		mem_wipe(t->p, t->n);
	free(t->p);
	t->p = p;
	t->size = want;
}

void text_add(struct text *t, struct slice s)
{
	grow(t, s.n);
	if (s.n > 0)
		memcpy(t->p + t->n, s.p, s.n);
	t->n += s.n;
	t->p[t->n] = '\0';
}

void text_addc(struct text *t, char c)
{
	text_add(t, slice_of(&c, 1));
}

/* Straight into the room that there is; most of what is printed is short. */
void text_printf(struct text *t, const char *fmt, ...)
{
	enum { GUESS = 48 };
	va_list ap, again;
	size_t n;

	grow(t, GUESS);
	va_start(ap, fmt);
	va_copy(again, ap);
	n = print_va(t->p + t->n, t->size - t->n, fmt, ap);
	if (n >= t->size - t->n) {
		mem_wipe(t->p + t->n, t->size - t->n);
		grow(t, n);
		(void)print_va(t->p + t->n, t->size - t->n, fmt, again);
	}
	va_end(again);
	va_end(ap);
	t->n += n;
}

struct slice text_slice(const struct text *t)
{
	return slice_of(t->p, t->n);
}

char *text_take(struct text *t)
{
	char *p = t->p;

	*t = (struct text){ 0 };
	return p == NULL ? mem_new(1) : p;
}

void text_free(struct text *t)
{
	if (t->p != NULL)
		mem_wipe(t->p, t->n);
	free(t->p);
	*t = (struct text){ 0 };
}

/*
 * Length of the UTF-8 character that s begins with, if it may be shown: no
 * control character (C1 included: terminals obey them), nothing overlong, no
 * surrogates. 0 otherwise.
 */
static size_t printable(struct slice s)
{
	const uint8_t *b = (const uint8_t *)s.p;
	size_t n = b[0] < 0x80			 ? 1
		   : b[0] >= 0xc2 && b[0] < 0xe0 ? 2
		   : b[0] >= 0xe0 && b[0] < 0xf0 ? 3
		   : b[0] >= 0xf0 && b[0] < 0xf5 ? 4
						 : 0;

	if (n == 0 || n > s.n || b[0] < 0x20 || b[0] == 0x7f)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	if ((b[0] == 0xc2 && b[1] < 0xa0) || (b[0] == 0xe0 && b[1] < 0xa0) ||
		(b[0] == 0xed && b[1] > 0x9f) ||
		(b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))
		return 0;
	return n;
}

void text_escape(struct text *t, struct slice s)
{
	while (s.n > 0) {
		size_t n = printable(s);

		if (n == 0)
			text_printf(t, "\\x%02x", (unsigned char)s.p[0]);
		else
			text_add(t, slice_head(s, n));
		s = slice_from(s, n ? n : 1);
	}
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_encoded_size(size_t n)
{
	return (n + 2) / 3 * 4;
}

void base64_encode(struct text *out, struct slice in, bool pad)
{
	const uint8_t *b = (const uint8_t *)in.p;

	for (size_t i = 0; i < in.n; i += 3) {
		size_t left = in.n - i < 3 ? in.n - i : 3;
		uint32_t v = (uint32_t)b[i] << 16;
		char digits[4];

		if (left > 1)
			v |= (uint32_t)b[i + 1] << 8;
		if (left > 2)
			v |= b[i + 2];
		for (size_t k = 0; k < 4; k++)
			digits[k] =
				k <= left
					? base64_digits[v >> (18 - 6 * k) & 63]
					: '=';
		text_add(out, slice_of(digits, pad ? 4 : left + 1));
	}
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int base64_decode(struct slice in, uint8_t *out, size_t size, size_t *n)
{
	size_t pad = 0;
	uint32_t bits = 0; /* those not yet written, at the low end */
	unsigned have = 0;

	*n = 0;
	while (pad < 2 && in.n > 0 && in.p[in.n - 1] == '=') {
		in.n--;
		pad++;
	}
	if (in.n % 4 == 1 || (pad > 0 && (in.n + pad) % 4 != 0))
		return EBADMSG;
	for (size_t i = 0; i < in.n; i++) {
		int v = base64_value(in.p[i]);

		if (v < 0)
			return EBADMSG;
		bits = (bits << 6 | (uint32_t)v) & 0xffff;
		have += 6;
		if (have < 8)
			continue;
		if (*n == size)
			return ENOBUFS;
		have -= 8;
		out[(*n)++] = (uint8_t)(bits >> have);
	}
	return 0;
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void hex_encode(const void *p, size_t n, char *out)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++) {
		*out++ = "0123456789abcdef"[b[i] >> 4];
		*out++ = "0123456789abcdef"[b[i] & 15];
	}
	*out = '\0';
}
