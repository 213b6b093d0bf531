/*
 * Lines into words. A word ends at a blank; "…" keeps blanks inside, where \"
 * and \\ stand for the character and any other backslash for itself, so that
 * regular expressions can be written as they are.
 */
#include <string.h>

#include "conf/conf_int.h"

/* Length of the UTF-8 character at p (RFC 3629), or 0. */
static size_t utf8_len(const unsigned char *p, size_t left)
{
	unsigned char c = p[0];
	size_t n;

	if (c < 0x80)
		return 1;
	n = c >= 0xc2 && c <= 0xdf   ? 2
	    : (c & 0xf0) == 0xe0     ? 3
	    : c >= 0xf0 && c <= 0xf4 ? 4
				     : 0;
	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) ||
		(c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

const char *lex_line_bad(struct slice line, size_t *offset)
{
	const unsigned char *p = (const unsigned char *)line.p;
	size_t n;

	*offset = 0;
	if (line.n >= LINE_SIZE_MAX)
		return "the line is longer than 4095 bytes";
	for (size_t i = 0; i < line.n; i += n) {
		*offset = i;
		if ((p[i] < ' ' && p[i] != '\t') || p[i] == 0x7f)
			return "a control character stands here";
		n = utf8_len(p + i, line.n - i);
		if (n == 0)
			return "this is not UTF-8 text";
	}
	return NULL;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The quoted word whose quote is at *at. */
static struct slice lex_quoted(struct lexer *x, size_t *at)
{
	const char *p = x->line.p;
	char *to = x->room + x->used;
	size_t n = 0, i = *at + 1;

	for (; i < x->line.n && p[i] != '"'; i++) {
		if (p[i] == '\\' && i + 1 < x->line.n &&
			(p[i + 1] == '"' || p[i + 1] == '\\'))
			i++;
		to[n++] = p[i];
	}
	x->used += n;
	x->unclosed = i == x->line.n;
	*at = x->unclosed ? i : i + 1;
	return slice_of(to, n);
}

void lex_line(struct lexer *x, struct slice line, unsigned number)
{
	size_t at = 0;

	x->line = line;
	x->number = number;
	x->n = x->used = 0;
	x->unclosed = false;
	while (x->n < LEX_WORDS_MAX) {
		struct word *w = &x->word[x->n];
		size_t from;

		while (at < line.n && blank(line.p[at]))
			at++;
		if (at == line.n)
			break;
		*w = (struct word){ .pos = { number, (unsigned)at + 1 } };
		x->n++;
		if (line.p[at] == '"') {
			w->text = lex_quoted(x, &at);
			continue;
		}
		for (from = at; at < line.n && !blank(line.p[at]);)
			at++;
		w->text = slice_of(line.p + from, at - from);
	}
}

static const struct {
	const char *bytes, *what;
} odd[] = {
	{ "\xc2\xa0", "a no-break space (U+00A0) stands here" },
	{ "\xe2\x80\xaf", "a narrow no-break space (U+202F) stands here" },
	{ "\xe2\x80\x8b", "an invisible space (U+200B) stands here" },
	{ "\xef\xbb\xbf", "a byte order mark (U+FEFF) stands here" },
	{ "\xe2\x80\x90", "a typographic hyphen (U+2010) stands here" },
	{ "\xe2\x80\x91", "a no-break hyphen (U+2011) stands here" },
	{ "\xe2\x80\x93", "a dash (U+2013) stands here" },
	{ "\xe2\x80\x94", "a dash (U+2014) stands here" },
	{ "\xe2\x80\x98", "a typographic quote (U+2018) stands here" },
	{ "\xe2\x80\x99", "a typographic quote (U+2019) stands here" },
	{ "\xe2\x80\x9c", "a typographic quote (U+201C) stands here" },
	{ "\xe2\x80\x9d", "a typographic quote (U+201D) stands here" },
	{ "\xe2\x80\x9e", "a typographic quote (U+201E) stands here" },
};

const char *lex_odd(const struct lexer *x, unsigned *column)
{
	for (size_t w = 0; w < x->n; w++) {
		size_t begin = x->word[w].pos.column - 1;

		if (x->line.p[begin] == '"')
			continue;
		for (size_t i = 0; i < x->word[w].text.n; i++) {
			struct slice at = slice_from(x->word[w].text, i);

			for (size_t k = 0; k < ARRAY_SIZE(odd); k++)
				if (slice_starts(at, odd[k].bytes)) {
					*column = (unsigned)(begin + i + 1);
					return odd[k].what;
				}
		}
	}
	return NULL;
}

struct slice lex_rest(const struct lexer *x, const struct word *w)
{
	return slice_trim(slice_from(x->line, w->pos.column - 1));
}

void lex_quote(FILE *out, const char *s)
{
	if (s[0] != '\0' && s[0] != '"' && strpbrk(s, " \t") == NULL) {
		fputs(s, out);
		return;
	}
	fputc('"', out);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', out);
		fputc(*s, out);
	}
	fputc('"', out);
}
