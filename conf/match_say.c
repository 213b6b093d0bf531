/* Why no row fits the words, and what may have been meant. */
#include <stdio.h>
#include <string.h>

#include "conf/match_int.h"

static void names_add(struct names *s, struct slice name)
{
	for (size_t i = 0; i < s->n; i++)
		if (slice_eq(s->v[i], name))
			return;
	if (s->n < THREADS_MAX)
		s->v[s->n++] = name;
}

void threads_expect(
	const struct threads *t, bool with_foreign, struct names *out)
{
	out->n = 0;
	for (size_t k = 0; k < t->n; k++) {
		const struct arg_kind *kind = arg_kind_of(t->t[k].at);
		const char *name;

		if (*t->t[k].at == '\0' ||
			(!with_foreign && row_is_foreign(t->t[k].row)) ||
			(t->t[k].row->flags & C_HIDDEN))
			continue;
		if (kind == NULL || kind->list == NULL)
			names_add(out, syntax_token(t->t[k].at));
		else
			for (size_t i = 0; (name = kind->list(i)) != NULL; i++)
				names_add(out, slice_str(name));
	}
}

/* "a, b or c" */
static void names_text(const struct names *s, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < s->n; i++) {
		const char *gap = i == 0 ? "" : i + 1 < s->n ? ", " : " or ";
		int n = snprintf(
			out + at, size - at, "%s%.*s", gap, SLICE_ARG(s->v[i]));

		if (n < 0 || (size_t)n >= size - at)
			return;
		at += (size_t)n;
	}
}

void say_expected(struct match *m, const struct threads *t, const char *intro)
{
	struct names names;
	size_t n = strlen(intro);

	threads_expect(t, false, &names);
	if (names.n == 0)
		threads_expect(t, true, &names);
	if (names.n == 0)
		return;
	memcpy(m->hint, intro, n);
	names_text(&names, m->hint + n, sizeof(m->hint) - n);
}

void say_ambiguous(
	struct match *m, const struct threads *t, const struct word *w)
{
	struct names names = { 0 };

	for (size_t k = 0; k < t->n; k++)
		names_add(&names, t->t[k].cap[t->t[k].n - 1].text);
	snprintf(m->message, sizeof(m->message), "'%.*s' is ambiguous",
		SLICE_ARG(w->text));
	memcpy(m->hint, "it may be ", 10);
	names_text(&names, m->hint + 10, sizeof(m->hint) - 10);
}

/* The only argument that may stand here; NULL: there is more to choose. */
static const char *only_argument(const struct threads *t)
{
	const char *token = NULL;

	for (size_t k = 0; k < t->n; k++) {
		const char *at = t->t[k].at;
		const struct arg_kind *kind = arg_kind_of(at);

		if (*at == '\0' || row_is_foreign(t->t[k].row))
			continue;
		if (kind == NULL || kind->list != NULL ||
			(token != NULL && !slice_eq(syntax_token(token),
						  syntax_token(at))))
			return NULL;
		token = at;
	}
	return token;
}

/*
 * A choice of keywords and one argument whose beginning the word has ("ipv4:"
 * of a target): then its complaint tells more than the list.
 */
static const char *likely_argument(const struct threads *t, struct slice word)
{
	for (size_t k = 0; k < t->n; k++)
		if (slice_eq_str(syntax_token(t->t[k].at), "TARGET") &&
			slice_find(word, ':') < word.n)
			return t->t[k].at;
	return only_argument(t);
}

/* An address or a name alone where a TARGET may stand: with its kind. */
static bool target_meant(
	const struct threads *t, struct slice word, char *out, size_t size)
{
	static const char *const forms[] = { "ipv4:%.*s", "ipv6:%.*s",
		"ipv6:[%.*s]", "dns:%.*s" };
	struct arg_bad bad;
	struct target target;
	bool wanted = false, letter = false;

	for (size_t k = 0; k < t->n; k++)
		wanted |= slice_eq_str(syntax_token(t->t[k].at), "TARGET");
	for (size_t i = 0; i < word.n; i++)
		letter |=
			(word.p[i] | 0x20) >= 'a' && (word.p[i] | 0x20) <= 'z';
	for (size_t i = 0; wanted && i < ARRAY_SIZE(forms); i++) {
		bool name = i + 1 == ARRAY_SIZE(forms);
		int n = snprintf(out, size, forms[i], SLICE_ARG(word));

		if (n > 0 && (size_t)n < size &&
			(!name || (letter && slice_find(word, '.') < word.n)) &&
			target_parse(slice_str(out), &target, &bad))
			return true;
	}
	out[0] = '\0';
	return false;
}

struct skipped {
	struct slice word;
	bool next;
};

static void is_next(void *arg, const char *token)
{
	struct skipped *s = arg;

	s->next |= arg_kind_of(token) == NULL &&
		   slice_caseeq(syntax_token(token), s->word);
}

/* The word may stand behind one that is missing: `tls` for `tcp tls`. */
static bool skipped_keyword(
	const struct threads *t, struct slice word, char *hint, size_t size)
{
	struct skipped s = { .word = word };

	for (size_t k = 0; k < t->n; k++) {
		const char *at = t->t[k].at;

		if (*at == '\0' || arg_kind_of(at) != NULL ||
			row_is_foreign(t->t[k].row))
			continue;
		syntax_follow(syntax_after(at), is_next, &s);
		if (!s.next)
			continue;
		snprintf(hint, size, "did you mean '%.*s %.*s'?",
			SLICE_ARG(syntax_token(at)), SLICE_ARG(word));
		return true;
	}
	return false;
}

void say_unexpected(struct match *m, const struct threads *t,
	const struct lexer *x, size_t i)
{
	struct word w = x->word[i];
	struct near near = { .word = w.text };
	const char *token = likely_argument(t, w.text);
	struct arg_bad bad = { 0 };
	struct names names;

	if (x->unclosed && i == x->n - 1) {
		snprintf(m->message, sizeof(m->message),
			"the quote is not closed");
		return;
	}
	if (token != NULL && !arg_ok(token, &w, &bad)) {
		m->pos.column += (unsigned)bad.offset;
		snprintf(m->message, sizeof(m->message), "'%.*s' %s",
			SLICE_ARG(slice_head(w.text, 100)), bad.text);
		return;
	}
	if (t->n > 0 && t->t[0].row->set == set_secret && m->words > 1) {
		snprintf(m->message, sizeof(m->message),
			"there is a word too many");
		snprintf(m->hint, sizeof(m->hint),
			"write a password that has blanks in quotes");
		return;
	}
	threads_expect(t, false, &names);
	for (size_t k = 0; k < names.n; k++)
		near_try(&near, names.v[k]);
	if (names.n == 0)
		snprintf(m->message, sizeof(m->message),
			"'%.*s' is one word too many",
			SLICE_ARG(slice_head(w.text, 100)));
	else
		snprintf(m->message, sizeof(m->message), "%s '%.*s'",
			m->words == 0 ? "unknown command" : "unexpected",
			SLICE_ARG(slice_head(w.text, 100)));
	if (skipped_keyword(t, w.text, m->hint, sizeof(m->hint)))
		return;
	if ((near_found(&near) &&
		    slice_copy(near.best, m->fix, sizeof(m->fix))) ||
		target_meant(t, w.text, m->fix, sizeof(m->fix))) {
		snprintf(
			m->hint, sizeof(m->hint), "did you mean '%s'?", m->fix);
		m->fix_at = i;
	} else if (m->words > 0)
		say_expected(m, t, "expected: ");
}
