/* Text and bytes as (pointer, length). */
#include "base/slice.h"

#include <errno.h>
#include <string.h>

#include "base/obj.h"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Most characters are none of them, and are above them all. */
static bool is_blank(char c)
{
	return (unsigned char)c <= ' ' &&
	       (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

bool slice_case_same(const char *a, const char *b, size_t n)
{
	enum { CASE = 'a' ^ 'A' };

	for (size_t i = 0; i < n; i++) {
		int differ = a[i] ^ b[i];

		if (differ != 0 && (differ != CASE || !is_letter(a[i])))
			return false;
	}
	return true;
}

static inline struct slice trimmed(struct slice s)
{
	size_t a = 0;

	while (a < s.n && is_blank(s.p[a]))
		a++;
	s = slice_from(s, a);
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct slice slice_trim(struct slice s)
{
	return trimmed(s);
}

size_t slice_search(struct slice s, struct slice needle)
{
	if (needle.n == 0)
		return 0;
	const char *at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;

	return at == NULL ? s.n : (size_t)(at - s.p);
}

bool slice_cut(struct slice *rest, char sep, struct slice *field)
{
	size_t at = slice_find(*rest, sep);

	*field = slice_head(*rest, at);
	if (rest->n == 0)
		return false;
	*rest = slice_from(*rest, at < rest->n ? at + 1 : at);
	return true;
}

bool slice_line(struct slice *rest, struct slice *line)
{
	if (!slice_cut(rest, '\n', line))
		return false;
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

bool slice_word(struct slice *rest, struct slice *word)
{
	size_t n = 0;

	*rest = trimmed(*rest);
	while (n < rest->n && !is_blank(rest->p[n]))
		n++;
	*word = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return n > 0;
}

int slice_uint(struct slice s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	*out = 0;
	if (s.n == 0)
		return EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9 || __builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, digit, &v) || v > max)
			return EINVAL;
	}
	*out = v;
	return 0;
}

char *slice_dup(struct slice s)
{
	return mem_ndup(s.p, s.n);
}

bool slice_copy(struct slice s, char *out, size_t size)
{
	need(size > 0);
	bool fits = s.n < size;

	if (!fits)
		s.n = 0;
	if (s.n > 0)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return fits;
}
