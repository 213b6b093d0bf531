/* Text and bytes as (pointer, length): borrowed, never NUL-terminated. */
#ifndef LINESIDE_BASE_SLICE_H
#define LINESIDE_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/need.h"

struct slice {
	const char *p; /* may be NULL when n is 0 */
	size_t n;
};

#define SLICE_LIT(lit) ((struct slice){ .p = "" lit, .n = sizeof(lit) - 1 })
/* For printf: "%.*s", SLICE_ARG(s) */
#define SLICE_ARG(s) (int)(s).n, (s).n ? (s).p : ""

/*
 * The small ones are here for the compiler to see: the length of a literal is
 * then known, and most comparisons end with it.
 */
static inline struct slice slice_of(const void *p, size_t n)
{
	return (struct slice){ .p = p, .n = n };
}

/* NULL gives the empty slice. */
static inline struct slice slice_str(const char *s)
{
	return slice_of(s, s == NULL ? 0 : strlen(s));
}

/* The first n bytes; what is behind them. Both clamp. */
static inline struct slice slice_head(struct slice s, size_t n)
{
	return slice_of(s.p, n < s.n ? n : s.n);
}

static inline struct slice slice_from(struct slice s, size_t offset)
{
	if (offset > s.n)
		offset = s.n;
	return slice_of(offset > 0 ? s.p + offset : s.p, s.n - offset);
}

static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool slice_eq_str(struct slice a, const char *s)
{
	return slice_eq(a, slice_str(s));
}

static inline bool slice_starts(struct slice s, const char *prefix)
{
	struct slice want = slice_str(prefix);

	return s.n >= want.n && slice_eq(slice_head(s, want.n), want);
}

bool slice_case_same(const char *a, const char *b, size_t n); /* ASCII only */

static inline bool slice_caseeq(struct slice a, struct slice b)
{
	return a.n == b.n && slice_case_same(a.p, b.p, a.n);
}

static inline bool slice_caseeq_str(struct slice a, const char *s)
{
	return slice_caseeq(a, slice_str(s));
}

static inline bool slice_casestarts(struct slice s, const char *prefix)
{
	struct slice want = slice_str(prefix);

	return s.n >= want.n && slice_case_same(s.p, want.p, want.n);
}

struct slice slice_trim(struct slice s); /* SP HT CR LF at both ends */
/* Position of a byte, or s.n when it is not there. */
static inline size_t slice_find(struct slice s, char c)
{
	const char *at = s.n ? (const char *)memchr(s.p, c, s.n) : NULL;

	return at == NULL ? s.n : (size_t)(at - s.p);
}
/* Position of a text, or s.n. */
size_t slice_search(struct slice s, struct slice needle);
/*
 * Cuts the next field off the front of *rest at `sep` (which is dropped).
 * False when *rest is exhausted: no empty field follows a final separator.
 */
bool slice_cut(struct slice *rest, char sep, struct slice *field);
/* The next line, without its CRLF or LF; false at the end. */
bool slice_line(struct slice *rest, struct slice *line);
/* The next word between blanks; false at the end. */
bool slice_word(struct slice *rest, struct slice *word);
/* Decimal digits only, whole slice, at most `max`: EINVAL otherwise. */
int slice_uint(struct slice s, uint64_t max, uint64_t *out) MUST_USE;
char *slice_dup(struct slice s) MUST_USE; /* NUL added; free() it */
/* NULL equals NULL alone. */
static inline bool str_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}
/* Copies with NUL; false (and an empty string) when it does not fit. */
bool slice_copy(struct slice s, char *out, size_t size) MUST_USE;

/* For show and logs, where the head of a long text is enough: what does not fit
 * is left out. Always NUL-terminated; size > 0. */
static inline void slice_fit(struct slice s, char *out, size_t size)
{
	need(size > 0);
	s = slice_head(s, size - 1);
	if (s.n > 0)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
}

#endif
