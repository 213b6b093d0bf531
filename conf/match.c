/*
 * Words against the rows of a mode, all rows at once: a thread is a row and
 * the place in its syntax that the words so far have led to. A keyword in
 * full beats abbreviations, abbreviations beat arguments; an abbreviation
 * must leave one keyword. What the threads expect is also the answer to "?",
 * the list in an error message and the field for "did you mean".
 */
#include <stdio.h>
#include <string.h>

#include "conf/match_int.h"

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

void threads_begin(struct threads *t, enum cmd_mode mode)
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

bool row_is_foreign(const struct cmd *row)
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
	r = rank_keyword(w->text, syntax_token(t->at), !row_is_foreign(t->row));
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
		if (row_is_foreign(t->t[k].row))
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

struct match_room *match_room_new(void)
{
	return mem_new(sizeof(struct match_room));
}

bool threads_run(struct match *m, struct threads **now, struct threads **next,
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
	threads_begin(now, mode);
	if (threads_run(m, &now, &next, x, x->n)) {
		m->pos.line = x->number;
		m->pos.column = (unsigned)x->line.n + 1;
		finish(m, now);
	}
}
