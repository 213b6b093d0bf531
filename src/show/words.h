/*
 * A command line of the operator as words, matched against a table of
 * commands the way IOS does: any word may be cut short as long as it stays
 * unambiguous ("sh call act vo br"). Pure: the same table gives matching,
 * "?" and completion.
 */
#ifndef LINESIDE_WORDS_H
#define LINESIDE_WORDS_H

#include "base/slice.h"
#include "base/wire.h"

enum {
	WORDS_MAX = 16, /* words in a line */
	WORDS_LINE_MAX = 1024, /* bytes in a line */
	WORDS_ARGS_MAX = 4, /* words that are not keywords */
};

struct words {
	size_t n;
	struct slice w[WORDS_MAX]; /* parts of the line; quotes dropped */
	size_t at[WORDS_MAX]; /* where each begins in the line */
	bool open; /* the line ends within a word, not after it */
};

/*
 * Blanks part words, "…" keeps them. E2BIG: too many words or bytes;
 * EBADMSG: a control character or a quote that is not closed.
 */
int words_split(struct slice line, struct words *out) MUST_USE;

/* One row: keywords, <number> and <name> for what the operator fills in. */
struct command_words {
	const char *words; /* "show dial-peer voice <number>" */
	const char *help;
	bool topic; /* no command: help for words that commands begin with */
};

enum match_kind {
	MATCH_OK,
	MATCH_INVALID, /* no command has such a word there */
	MATCH_AMBIGUOUS, /* more than one keyword begins so */
	MATCH_INCOMPLETE, /* right so far, but no whole command */
};

struct match {
	enum match_kind kind;
	size_t row; /* MATCH_OK: which */
	size_t word; /* else: index of the word at fault */
	size_t nargs;
	struct slice arg[WORDS_ARGS_MAX]; /* what was filled in */
};

/*
 * The table is given by `at(i)`, so that rows can be part of larger ones.
 * `n` rows; at most WORDS_ROWS_MAX.
 */
enum { WORDS_ROWS_MAX = 256 };
typedef const struct command_words *words_row_fn(size_t i);
void words_match(struct match *out, const struct words *line, words_row_fn *row,
	size_t n);

/* "?": what may come next, one "  word  help" per line; "<cr>" when the line
 * is a whole command. */
void words_help(struct text *out, const struct words *line, words_row_fn *row,
	size_t n);
/* Tab: the words that the last one may become, one per line. */
void words_complete(struct text *out, const struct words *line,
	words_row_fn *row, size_t n);
/* What is wrong, as IOS says it, with a marker below the line. */
void words_complain(struct text *out, const struct match *m, struct slice line,
	const struct words *words);

#endif
