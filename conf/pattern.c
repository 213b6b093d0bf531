/*
 * IOS dial patterns. A pattern matches the beginning of a number, `$` asks
 * for its end. A place in the number is a state: `best[i]` is the largest
 * number of explicit characters with which the pattern so far can have taken
 * the first i characters, or -1; each piece of a pattern maps one such set to
 * the next, so nothing is tried twice however the operators are nested.
 *
 * Explicit are the characters that the pattern names one by one; what '.',
 * [...] and T took is not, so that 5553... is preferred to 555[2-3]....
 */
#include <errno.h>
#include <string.h>

#include "conf/conf_int.h"

enum { NUMBER_MAX = 128, DEPTH_MAX = 3 };

struct reach {
	short best[NUMBER_MAX + 1];
};

struct walk {
	struct slice p; /* pattern */
	size_t at;
	struct slice number;
	const char *why; /* what is wrong with the pattern; NULL: nothing */
};

static bool bad(struct walk *w, const char *why)
{
	if (w->why == NULL)
		w->why = why;
	return false;
}

static bool dialled(char c)
{
	return (c >= '0' && c <= '9') || c == '*' || c == '#' ||
	       (c >= 'A' && c <= 'D') || (c >= 'a' && c <= 'd');
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Moves every place one character on where `takes` says so. */
static void step(const struct walk *w, struct reach *r,
	bool (*takes)(const void *arg, char c), const void *arg,
	short explicit_chars)
{
	short last = -1;

	for (size_t i = 0; i <= w->number.n; i++) {
		short here = r->best[i];

		r->best[i] = last;
		last = -1;
		if (here >= 0 && i < w->number.n && takes(arg, w->number.p[i]))
			last = (short)(here + explicit_chars);
	}
}

static bool takes_any(const void *arg, char c)
{
	(void)arg;
	(void)c;
	return true;
}

static bool takes_char(const void *arg, char c)
{
	return upper(*(const char *)arg) == upper(c);
}

struct range {
	bool inverse;
	struct slice s; /* between the brackets */
};

static bool takes_range(const void *arg, char c)
{
	const struct range *r = arg;
	bool in = false;

	for (size_t i = 0; i < r->s.n; i++) {
		char from = r->s.p[i];

		if (i + 2 < r->s.n && r->s.p[i + 1] == '-') {
			in = in || (c >= from && c <= r->s.p[i + 2]);
			i += 2;
		} else if (from != ',') {
			in = in || upper(c) == upper(from);
		}
	}
	return in != r->inverse;
}

static bool range_ok(struct walk *w, const struct range *r)
{
	if (r->s.n == 0)
		return bad(w, "the brackets are empty");
	for (size_t i = 0; i < r->s.n; i++) {
		char c = r->s.p[i];

		w->at = (size_t)(r->s.p + i - w->p.p);
		if (c == ',' && i > 0)
			continue;
		if (!dialled(c))
			return bad(w, "this does not belong in brackets");
		if (i + 1 == r->s.n || r->s.p[i + 1] != '-')
			continue;
		if (i + 2 == r->s.n || !dialled(r->s.p[i + 2]))
			return bad(w, "the range has no end");
		if (r->s.p[i + 2] < c)
			return bad(w, "the range runs backwards");
		i += 2;
	}
	return true;
}

static bool brackets(struct walk *w, struct reach *r)
{
	struct slice rest = slice_from(w->p, w->at + 1);
	struct range range = { .s = slice_head(rest, slice_find(rest, ']')) };
	size_t end = w->at + 1 + range.s.n;

	if (range.s.n == rest.n)
		return bad(w, "the bracket is not closed");
	range.inverse = range.s.n > 0 && range.s.p[0] == '^';
	if (range.inverse)
		range.s = slice_from(range.s, 1);
	if (!range_ok(w, &range))
		return false;
	w->at = end + 1;
	if (r != NULL)
		step(w, r, takes_range, &range, 0);
	return true;
}

static bool sequence(struct walk *w, struct reach *r, unsigned depth);

static bool group(struct walk *w, struct reach *r, unsigned depth)
{
	size_t open = w->at, end;

	if (depth == DEPTH_MAX)
		return bad(w, "groups are nested too deep");
	w->at++;
	if (!sequence(w, r, depth + 1))
		return false;
	end = w->at;
	w->at = open; /* for complaints */
	if (end == w->p.n)
		return bad(w, "the group is not closed");
	if (end == open + 1)
		return bad(w, "the group is empty");
	w->at = end + 1;
	return true;
}

static bool atom(struct walk *w, struct reach *r, unsigned depth)
{
	char c = w->p.p[w->at];

	if (c == '[')
		return brackets(w, r);
	if (c == '(')
		return group(w, r, depth);
	if (c != '.' && !dialled(c))
		return bad(w, "this character is not dialled");
	w->at++;
	if (r != NULL && c == '.')
		step(w, r, takes_any, NULL, 0);
	else if (r != NULL)
		step(w, r, takes_char, &c, 1);
	return true;
}

static bool merge(struct reach *into, const struct reach *r, size_t n)
{
	bool more = false;

	for (size_t i = 0; i <= n; i++) {
		if (r->best[i] > into->best[i]) {
			into->best[i] = r->best[i];
			more = true;
		}
	}
	return more;
}

/* The piece from `from` to w->at once more and again. */
static void repeat(struct walk *w, size_t from, struct reach *r, unsigned depth)
{
	struct reach once = *r;
	size_t end = w->at;

	do {
		w->at = from;
		(void)atom(w, &once, depth);
	} while (merge(r, &once, w->number.n));
	w->at = end + 1;
}

/* An atom with the operator behind it. */
static bool piece(struct walk *w, struct reach *r, unsigned depth)
{
	size_t from = w->at;
	struct reach before;
	char op;

	if (r != NULL)
		before = *r;
	if (!atom(w, r, depth))
		return false;
	op = w->at < w->p.n ? w->p.p[w->at] : '\0';
	if (op != '?' && op != '%' && op != '+')
		return true;
	if (r != NULL && op != '+')
		merge(r, &before, w->number.n);
	if (r != NULL && op != '?')
		repeat(w, from, r, depth);
	else
		w->at++;
	return true;
}

static void only_end(const struct walk *w, struct reach *r)
{
	for (size_t i = 0; i < w->number.n; i++)
		r->best[i] = -1;
}

/* T: any further characters. */
static void rest_of_number(const struct walk *w, struct reach *r)
{
	for (size_t i = 1; i <= w->number.n; i++)
		if (r->best[i - 1] > r->best[i])
			r->best[i] = r->best[i - 1];
}

/* What stands at the end: T, $. */
static bool tail(struct walk *w, struct reach *r)
{
	if (w->p.p[w->at] == 'T') {
		w->at++;
		if (r != NULL)
			rest_of_number(w, r);
		if (w->at < w->p.n && w->p.p[w->at] != '$')
			return bad(w, "nothing may follow T");
	}
	if (w->at < w->p.n && w->p.p[w->at] == '$') {
		w->at++;
		if (r != NULL)
			only_end(w, r);
	}
	return w->at == w->p.n || bad(w, "nothing may follow $");
}

static bool sequence(struct walk *w, struct reach *r, unsigned depth)
{
	while (w->at < w->p.n) {
		char c = w->p.p[w->at];

		if (depth > 0 && c == ')')
			return true;
		if (depth == 0 && (c == 'T' || c == '$'))
			return tail(w, r);
		if (c == ',')
			w->at++; /* a pause while dialling */
		else if (!piece(w, r, depth))
			return false;
	}
	return true;
}

/* '^', and a '+' of E.164, which is a character and not an operator. */
static void head(struct walk *w, struct reach *r)
{
	char plus = '+';

	if (w->at < w->p.n && w->p.p[w->at] == '^')
		w->at++;
	if (w->at < w->p.n && w->p.p[w->at] == '+') {
		w->at++;
		if (r != NULL)
			step(w, r, takes_char, &plus, 1);
	}
}

static bool walk(struct walk *w, struct reach *r)
{
	if (w->p.n > PATTERN_SIZE_MAX) {
		w->at = PATTERN_SIZE_MAX;
		return bad(w, "it is longer than 96 characters");
	}
	head(w, r);
	if (w->at == w->p.n)
		return bad(w, "it is empty");
	return sequence(w, r, 0);
}

bool pattern_ok(struct slice pattern, size_t *offset, const char **why)
{
	struct walk w = { .p = pattern };

	if (walk(&w, NULL))
		return true;
	*offset = w.at;
	*why = w.why;
	return false;
}

int conf_pattern_check(const char *pattern, size_t *offset)
{
	const char *why;

	return pattern_ok(slice_str(pattern), offset, &why) ? 0 : EINVAL;
}

int conf_pattern_match(const char *pattern, struct slice number)
{
	struct walk w = { .p = slice_str(pattern), .number = number };
	struct reach r;
	int best = -1;

	if (number.n > NUMBER_MAX)
		return -1;
	memset(&r, 0xff, sizeof(r)); /* -1 everywhere */
	r.best[0] = 0;
	if (!walk(&w, &r))
		return -1;
	for (size_t i = 0; i <= number.n; i++)
		if (r.best[i] > best)
			best = r.best[i];
	return best;
}
