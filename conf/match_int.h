/* What matching (match.c), its complaints and "?" share: the rows that the
 * words so far may belong to. */
#ifndef LINESIDE_CONF_MATCH_INT_H
#define LINESIDE_CONF_MATCH_INT_H

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

struct match_room {
	struct threads a, b;
};

/* Every row of the mode, none of its words taken. */
void threads_begin(struct threads *t, enum cmd_mode mode);
/* Takes words until the end or until none fits: true at the end. */
bool threads_run(struct match *m, struct threads **now, struct threads **next,
	const struct lexer *x, size_t words);
/* CUBE's, which we only know by name. */
bool row_is_foreign(const struct cmd *row);

/* ---- match_say.c ---- */

struct names { /* distinct tokens, in order */
	size_t n;
	struct slice v[THREADS_MAX];
};

/* What may come next. */
void threads_expect(
	const struct threads *t, bool with_foreign, struct names *out);
/* The same in words, behind `intro`, as the hint. */
void say_expected(struct match *m, const struct threads *t, const char *intro);
void say_ambiguous(
	struct match *m, const struct threads *t, const struct word *w);
/* Word i fits none of them. */
void say_unexpected(struct match *m, const struct threads *t,
	const struct lexer *x, size_t i);

#endif
