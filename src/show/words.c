/* Lines of the operator: splitting, matching, help. */
#include "show/words.h"

#include <errno.h>
#include <string.h>

#include "base/obj.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Ends a word that began at `i` (after its quote, if `quoted`). */
static size_t word_end(struct slice line, size_t i, bool quoted)
{
	while (i < line.n && (quoted ? line.p[i] != '"' : !blank(line.p[i])))
		i++;
	return i;
}

int words_split(struct slice line, struct words *out)
{
	*out = (struct words){ .n = 0 };
	if (line.n > WORDS_LINE_MAX)
		return E2BIG;
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return EBADMSG;
	}
	for (size_t i = 0; i < line.n;) {
		if (blank(line.p[i])) {
			out->open = false;
			i++;
			continue;
		}
		if (out->n == WORDS_MAX)
			return E2BIG;
		bool quoted = line.p[i] == '"';
		size_t from = quoted ? i + 1 : i;
		size_t end = word_end(line, from, quoted);

		if (quoted && end == line.n)
			return EBADMSG;
		out->at[out->n] = i;
		out->w[out->n++] =
			slice_head(slice_from(line, from), end - from);
		out->open = true;
		i = quoted ? end + 1 : end;
	}
	return 0;
}

/* The words of a row, one after another. */
struct row_cursor {
	struct slice rest;
};

static bool next_token(struct row_cursor *c, struct slice *token)
{
	return slice_word(&c->rest, token);
}

static bool token_at(
	const struct command_words *row, size_t i, struct slice *token)
{
	struct row_cursor c = { .rest = slice_str(row->words) };

	for (size_t k = 0; next_token(&c, token); k++)
		if (k == i)
			return true;
	*token = (struct slice){ .n = 0 };
	return false;
}

static bool is_place(struct slice token)
{
	return slice_starts(token, "<");
}

static bool fits_place(struct slice token, struct slice word)
{
	uint64_t v;

	if (slice_eq_str(token, "<number>"))
		return slice_uint(word, UINT32_MAX, &v) == 0;
	return word.n > 0;
}

static bool begins(struct slice token, struct slice word)
{
	return word.n <= token.n &&
	       slice_caseeq(slice_head(token, word.n), word);
}

/* Which rows are still possible, word by word. */
struct alive {
	words_row_fn *row;
	size_t n;
	bool on[WORDS_ROWS_MAX];
};

enum how { BY_KEYWORD, BY_PREFIX, BY_PLACE };

static bool token_fits(struct slice token, struct slice word, enum how how)
{
	if (how == BY_PLACE)
		return is_place(token) && fits_place(token, word);
	if (is_place(token))
		return false;
	return how == BY_KEYWORD ? slice_caseeq(token, word)
				 : begins(token, word);
}

/* "registration" and "registrations" are not at odds, "call" and "counters"
 * are. */
static bool at_odds(struct slice a, struct slice b)
{
	return !begins(a, b) && !begins(b, a);
}

/* Rows whose word `i` fits that way stay; false (and nothing changes) when
 * there is none. *many: they do not agree on the keyword. */
static bool keep(
	struct alive *a, size_t i, struct slice word, enum how how, bool *many)
{
	bool fits[WORDS_ROWS_MAX] = { false };
	struct slice first = { .n = 0 }, token;
	bool any = false;

	*many = false;
	for (size_t r = 0; r < a->n; r++) {
		if (!a->on[r] || !token_at(a->row(r), i, &token) ||
			!token_fits(token, word, how))
			continue;
		fits[r] = true;
		if (any && how == BY_PREFIX && at_odds(first, token))
			*many = true;
		if (!any)
			first = token;
		any = true;
	}
	if (any)
		memcpy(a->on, fits, sizeof(fits));
	return any;
}

static enum match_kind narrow(struct alive *a, size_t i, struct slice word)
{
	bool many;

	if (keep(a, i, word, BY_KEYWORD, &many))
		return MATCH_OK;
	if (word.n > 0 && keep(a, i, word, BY_PREFIX, &many))
		return many ? MATCH_AMBIGUOUS : MATCH_OK;
	return keep(a, i, word, BY_PLACE, &many) ? MATCH_OK : MATCH_INVALID;
}

static void alive_all(struct alive *a, words_row_fn *row, size_t n)
{
	need(n <= WORDS_ROWS_MAX);
	*a = (struct alive){ .row = row, .n = n };
	for (size_t r = 0; r < n; r++)
		a->on[r] = true;
}

/* The first row that is possible and has exactly `words` words, or n. */
static size_t whole_row(const struct alive *a, size_t words)
{
	struct slice token;

	for (size_t r = 0; r < a->n; r++)
		if (a->on[r] && !a->row(r)->topic &&
			!token_at(a->row(r), words, &token))
			return r;
	return a->n;
}

static void take_args(struct match *out, const struct words *line,
	const struct command_words *row)
{
	struct slice token;

	for (size_t i = 0; token_at(row, i, &token); i++) {
		if (!is_place(token))
			continue;
		need(out->nargs < WORDS_ARGS_MAX);
		out->arg[out->nargs++] = line->w[i];
	}
}

void words_match(struct match *out, const struct words *line, words_row_fn *row,
	size_t n)
{
	struct alive a;

	*out = (struct match){ .kind = MATCH_INCOMPLETE, .word = line->n };
	alive_all(&a, row, n);
	for (size_t i = 0; i < line->n; i++) {
		enum match_kind kind = narrow(&a, i, line->w[i]);

		if (kind != MATCH_OK) {
			out->kind = kind;
			out->word = i;
			return;
		}
	}
	size_t r = whole_row(&a, line->n);

	if (r == n || line->n == 0)
		return;
	out->kind = MATCH_OK;
	out->row = r;
	take_args(out, line, row(r));
}

/* Rows that the words before the last, open one lead to; its beginning is
 * *last. False: they lead nowhere. */
static bool lead(struct alive *a, const struct words *line, words_row_fn *row,
	size_t n, size_t *at, struct slice *last)
{
	size_t whole = line->open && line->n > 0 ? line->n - 1 : line->n;

	*last = whole < line->n ? line->w[whole] : (struct slice){ .n = 0 };
	*at = whole;
	alive_all(a, row, n);
	for (size_t i = 0; i < whole; i++)
		if (narrow(a, i, line->w[i]) != MATCH_OK)
			return false;
	return true;
}

/* Has an earlier possible row the same word there? */
static bool said_before(
	const struct alive *a, size_t r, size_t at, struct slice token)
{
	struct slice other;

	for (size_t k = 0; k < r; k++)
		if (a->on[k] && token_at(a->row(k), at, &other) &&
			slice_eq(other, token))
			return true;
	return false;
}

/* A row's help belongs to its last word; earlier words have the help of the
 * row that ends there, when there is one. */
static const char *help_of(const struct alive *a, size_t at, struct slice token)
{
	struct slice word, beyond;

	for (size_t r = 0; r < a->n; r++)
		if (a->on[r] && token_at(a->row(r), at, &word) &&
			slice_eq(word, token) &&
			!token_at(a->row(r), at + 1, &beyond))
			return a->row(r)->help;
	return "";
}

void words_help(
	struct text *out, const struct words *line, words_row_fn *row, size_t n)
{
	struct alive a;
	struct slice last, token;
	size_t at;

	if (!lead(&a, line, row, n, &at, &last))
		return;
	for (size_t r = 0; r < n; r++) {
		if (!a.on[r] || !token_at(row(r), at, &token) ||
			said_before(&a, r, at, token))
			continue;
		if (!is_place(token) && !begins(token, last))
			continue;
		text_printf(out, "  %-16.*s %s\n", SLICE_ARG(token),
			help_of(&a, at, token));
	}
	if (last.n == 0 && line->n > 0 && whole_row(&a, at) < n)
		text_printf(out, "  %-16s\n", "<cr>");
}

void words_complete(
	struct text *out, const struct words *line, words_row_fn *row, size_t n)
{
	struct alive a;
	struct slice last, token;
	size_t at;

	if (!lead(&a, line, row, n, &at, &last))
		return;
	for (size_t r = 0; r < n; r++)
		if (a.on[r] && token_at(row(r), at, &token) &&
			!is_place(token) && begins(token, last) &&
			!said_before(&a, r, at, token))
			text_printf(out, "%.*s\n", SLICE_ARG(token));
}

void words_complain(struct text *out, const struct match *m, struct slice line,
	const struct words *words)
{
	if (m->kind == MATCH_AMBIGUOUS) {
		text_printf(out, "%% Ambiguous command: \"%.*s\"\n",
			SLICE_ARG(line));
	} else if (m->kind == MATCH_INCOMPLETE) {
		text_add(out, SLICE_LIT("% Incomplete command.\n"));
	} else {
		text_printf(out, "%.*s\n%*s^\n", SLICE_ARG(line),
			(int)words->at[m->word], "");
		text_add(out,
			SLICE_LIT("% Invalid input detected at '^' marker.\n"));
	}
}
