/* "?": what may come next. */
#include <stdio.h>
#include <stdlib.h>

#include "conf/match_int.h"

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
		if (row_is_foreign(t->t[k].row) ||
			(t->t[k].row->flags & C_HIDDEN) ||
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

	threads_expect(t, false, &names);
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

	threads_begin(now, mode);
	if (threads_run(&m, &now, &next, x, words)) {
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
