/*
 * Words against the rows of a mode, all rows at once: a thread is a row and
 * the place in its syntax that the words so far have led to. A keyword in
 * full beats abbreviations, abbreviations beat arguments; an abbreviation
 * must leave one keyword. What the threads expect is also the answer to "?",
 * the list in an error message and the field for "did you mean".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

enum { THREADS_MAX = 192 };

struct thread {
	const struct cmd *row;
	const char *at; /* token that comes next; "" at the end */
	size_t n;
	struct word cap[LINE_WORDS_MAX];
};

struct threads {
	size_t n;
	struct thread t[THREADS_MAX];
};

enum rank { RANK_NONE, RANK_ARGUMENT, RANK_ABBREVIATED, RANK_EXACT };

struct branch {
	struct threads *to;
	const struct thread *from;
};

static void add_thread(void *arg, const char *at)
{
	struct branch *b = arg;
	struct thread *t;

	need(b->to->n < THREADS_MAX);
	t = &b->to->t[b->to->n++];
	t->row = b->from->row;
	t->n = b->from->n;
	memcpy(t->cap, b->from->cap, t->n * sizeof(t->cap[0]));
	t->at = at;
}

static void begin(struct threads *t, enum cmd_mode mode)
{
	t->n = 0;
	FOR_EACH_ROW(row, mode)
	{
		struct thread from;
		struct branch b = { t, &from };

		from.row = row;
		from.n = 0; /* so nothing of from.cap is looked at */
		syntax_follow(row->syntax, add_thread, &b);
	}
}

static bool foreign(const struct cmd *row)
{
	return row->kind == K_NOTICE || row->kind == K_REFUSED;
}

static enum rank rank_keyword(
	struct slice word, struct slice keyword, bool may_abbreviate)
{
	if (slice_caseeq(word, keyword))
		return RANK_EXACT;
	if (may_abbreviate && word.n > 0 && word.n < keyword.n &&
		slice_caseeq(word, slice_head(keyword, word.n)))
		return RANK_ABBREVIATED;
	return RANK_NONE;
}

/* A word that must be one of a list: the best of them. */
static enum rank rank_list(const struct arg_kind *kind, struct word *w)
{
	enum rank best = RANK_NONE;
	struct slice given = w->text;
	const char *name;

	for (size_t i = 0; (name = kind->list(i)) != NULL; i++) {
		enum rank r = rank_keyword(given, slice_str(name), true);

		if (r == RANK_ABBREVIATED && best == r)
			return RANK_NONE; /* of two: the message lists all */
		if (r > best) {
			best = r;
			w->text = slice_str(name);
		}
	}
	return best;
}

/* How well the word fits the thread; *w becomes what is captured. */
static enum rank rank_word(
	const struct thread *t, const struct lexer *x, size_t i, struct word *w)
{
	const struct arg_kind *kind = arg_kind_of(t->at);
	struct arg_bad bad;
	enum rank r;

	*w = x->word[i];
	w->token = t->at;
	if (*t->at == '\0')
		return RANK_NONE;
	if (arg_is_line(t->at)) {
		w->text = lex_rest(x, w);
		return RANK_ARGUMENT;
	}
	if (x->unclosed && i == x->n - 1)
		return RANK_NONE;
	if (kind != NULL && kind->list != NULL)
		return rank_list(kind, w);
	if (kind != NULL)
		return arg_ok(t->at, w, &bad) ? RANK_ARGUMENT : RANK_NONE;
	r = rank_keyword(w->text, syntax_token(t->at), !foreign(t->row));
	w->keyword = true;
	w->text = syntax_token(t->at);
	return r;
}

/* Threads of `from` that take word i with rank `best`. */
static void advance(struct threads *to, struct threads *from,
	const struct lexer *x, size_t i, enum rank best)
{
	struct word w;

	to->n = 0;
	for (size_t k = 0; k < from->n; k++) {
		struct thread *t = &from->t[k];
		struct branch b = { to, t };

		if (rank_word(t, x, i, &w) != best)
			continue;
		need(t->n < LINE_WORDS_MAX);
		t->cap[t->n++] = w;
		if (arg_is_line(t->at))
			add_thread(&b, "");
		else
			syntax_follow(syntax_after(t->at), add_thread, &b);
	}
}

static enum rank best_rank(
	const struct threads *from, const struct lexer *x, size_t i)
{
	enum rank best = RANK_NONE;
	struct word w;

	for (size_t k = 0; k < from->n; k++) {
		enum rank r = rank_word(&from->t[k], x, i, &w);

		if (r > best)
			best = r;
	}
	return best;
}

/* ---- what the threads expect, as text ---- */

struct names { /* distinct tokens, in order */
	size_t n;
	struct slice v[THREADS_MAX];
};

static void names_add(struct names *s, struct slice name)
{
	for (size_t i = 0; i < s->n; i++)
		if (slice_eq(s->v[i], name))
			return;
	if (s->n < THREADS_MAX)
		s->v[s->n++] = name;
}

static void expected(
	const struct threads *t, bool with_foreign, struct names *out)
{
	out->n = 0;
	for (size_t k = 0; k < t->n; k++) {
		const struct arg_kind *kind = arg_kind_of(t->t[k].at);
		const char *name;

		if (*t->t[k].at == '\0' ||
			(!with_foreign && foreign(t->t[k].row)) ||
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

static void say_expected(
	struct match *m, const struct threads *t, const char *intro)
{
	struct names names;
	size_t n = strlen(intro);

	expected(t, false, &names);
	if (names.n == 0)
		expected(t, true, &names);
	if (names.n == 0)
		return;
	memcpy(m->hint, intro, n);
	names_text(&names, m->hint + n, sizeof(m->hint) - n);
}

/* ---- what went wrong ---- */

static void say_ambiguous(
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

		if (*at == '\0' || foreign(t->t[k].row))
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
			foreign(t->t[k].row))
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

static void say_unexpected(struct match *m, const struct threads *t,
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
	expected(t, false, &names);
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

static bool one_keyword(const struct threads *t)
{
	for (size_t k = 1; k < t->n; k++)
		if (!slice_eq(t->t[k].cap[t->t[k].n - 1].text,
			    t->t[0].cap[t->t[0].n - 1].text))
			return false;
	return true;
}

static const struct cmd *entering(const struct threads *t)
{
	for (size_t k = 0; k < t->n; k++)
		if (t->t[k].row->kind == K_ENTER)
			return t->t[k].row;
	return NULL;
}

/* A thread of the only command of ours that the words can mean; or NULL. */
static const struct thread *only_row(const struct threads *t)
{
	const struct thread *only = NULL;

	for (size_t k = 0; k < t->n; k++) {
		if (foreign(t->t[k].row))
			continue;
		if (only != NULL && t->t[k].row != only->row)
			return NULL;
		only = &t->t[k];
	}
	return only;
}

/* The thread whose row the line is; NULL: it goes on or is ambiguous. */
static const struct thread *finished(const struct threads *t, bool no)
{
	for (size_t k = 0; k < t->n; k++)
		if (*t->t[k].at == '\0')
			return &t->t[k];
	return no ? only_row(t) : NULL; /* `no preference` needs no number */
}

static void finish(struct match *m, const struct threads *t)
{
	const struct thread *done = finished(t, m->no || m->def);

	if (done == NULL) {
		snprintf(m->message, sizeof(m->message),
			"the command is not complete");
		say_expected(m, t, "it goes on with ");
		m->near = entering(t);
		return;
	}
	m->row = done->row;
	m->n = done->n;
	memcpy(m->cap, done->cap, m->n * sizeof(m->cap[0]));
}

static size_t skip_prefix(struct match *m, const struct lexer *x)
{
	m->no = x->n > 0 && slice_caseeq_str(x->word[0].text, "no");
	m->def = x->n > 0 && slice_caseeq_str(x->word[0].text, "default");
	return m->no || m->def ? 1 : 0;
}

/* The last argument took the rest of the line. */
static bool took_line(const struct threads *t)
{
	const struct thread *first = &t->t[0];

	return t->n > 0 && first->n > 0 &&
	       arg_is_line(first->cap[first->n - 1].token);
}

struct match_room {
	struct threads a, b;
};

struct match_room *match_room_new(void)
{
	return mem_new(sizeof(struct match_room));
}

/* Takes words until the end or until none fits: true at the end. */
static bool run(struct match *m, struct threads **now, struct threads **next,
	const struct lexer *x, size_t words)
{
	for (size_t i = skip_prefix(m, x); i < words; i++) {
		enum rank best = best_rank(*now, x, i);
		struct threads *swap;

		m->pos = x->word[i].pos;
		if (best == RANK_NONE) {
			say_unexpected(m, *now, x, i);
			m->near = m->words > 0 ? entering(*now) : NULL;
			return false;
		}
		advance(*next, *now, x, i, best);
		if (best == RANK_ABBREVIATED && !one_keyword(*next)) {
			say_ambiguous(m, *next, &x->word[i]);
			return false;
		}
		if (best == RANK_ABBREVIATED)
			m->exact = false;
		m->words++;
		swap = *now;
		*now = *next;
		*next = swap;
		if (took_line(*now))
			break;
	}
	return true;
}

void match_line(struct match *m, struct match_room *room, enum cmd_mode mode,
	const struct lexer *x)
{
	struct threads *now = &room->a, *next = &room->b;

	m->row = m->near = NULL;
	m->exact = true;
	m->n = m->words = 0;
	m->message[0] = m->hint[0] = m->fix[0] = '\0';
	begin(now, mode);
	if (run(m, &now, &next, x, x->n)) {
		m->pos.line = x->number;
		m->pos.column = (unsigned)x->line.n + 1;
		finish(m, now);
	}
}

static void help_line(FILE *out, struct slice word, const char *help)
{
	if (help == NULL || help[0] == '\0')
		fprintf(out, "  %.*s\n", SLICE_ARG(word));
	else
		fprintf(out, "  %-22.*s  %s\n", SLICE_ARG(word), help);
}

/* The name is one that a CODEC or SUITE may be. */
static bool in_list(const struct arg_kind *kind, struct slice name)
{
	const char *s;

	if (kind == NULL || kind->list == NULL)
		return false;
	for (size_t i = 0; (s = kind->list(i)) != NULL; i++)
		if (slice_eq_str(name, s))
			return true;
	return false;
}

/* A keyword of one command has that one's help. */
static const char *help_of(const struct threads *t, struct slice name)
{
	const struct cmd *row = NULL;

	for (size_t k = 0; arg_kind_of(name.p) == NULL && k < t->n; k++) {
		if (in_list(arg_kind_of(t->t[k].at), name))
			return arg_help(t->t[k].at);
		if (foreign(t->t[k].row) || (t->t[k].row->flags & C_HIDDEN) ||
			!slice_eq(syntax_token(t->t[k].at), name))
			continue;
		if (row != NULL && row != t->t[k].row)
			return arg_help(name.p);
		row = t->t[k].row;
	}
	if (row == NULL || (t->t[0].n > 0 && arg_help(name.p) != NULL))
		return arg_help(name.p);
	return row->help;
}

/* One line per continuation that begins with `prefix`. */
static void help_list(const struct threads *t, struct slice prefix, FILE *out)
{
	struct names names;
	bool end = false;

	expected(t, false, &names);
	for (size_t i = 0; i < names.n; i++)
		if (slice_caseeq(slice_head(names.v[i], prefix.n), prefix) ||
			arg_kind_of(names.v[i].p) != NULL)
			help_line(out, names.v[i], help_of(t, names.v[i]));
	for (size_t k = 0; k < t->n; k++)
		end = end || *t->t[k].at == '\0';
	if (end && prefix.n == 0)
		help_line(out, slice_str("<cr>"), "");
}

void match_help(enum cmd_mode mode, const struct lexer *x, FILE *out)
{
	struct match_room *room = match_room_new();
	struct threads *now = &room->a, *next = &room->b;
	bool open = x->n > 0 && x->line.p[x->line.n - 1] != ' ' &&
		    x->line.p[x->line.n - 1] != '\t';
	size_t words = open ? x->n - 1 : x->n;
	struct slice prefix = open ? x->word[x->n - 1].text : slice_str("");
	struct match m = { .exact = true };

	begin(now, mode);
	if (run(&m, &now, &next, x, words)) {
		help_list(now, prefix, out);
		if (words == 0 && prefix.n <= 2 &&
			slice_caseeq(
				slice_head(slice_str("no"), prefix.n), prefix))
			help_line(out, slice_str("no"),
				"Negate a command or set its default");
	} else {
		fprintf(out, "%% %s\n", m.message);
	}
	free(room);
}
