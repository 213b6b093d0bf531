/* The reference manual and "?", from the tables. */
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

static bool told(const struct cmd *row)
{
	return !(row->flags & C_HIDDEN) && row->kind != K_NOTICE &&
	       row->kind != K_REFUSED && row->help != NULL;
}

static void manual_default(const struct cmd *row, FILE *out)
{
	if (row->kind == K_UINT && row->def != 0)
		fprintf(out, "Default: %u.\n\n", row->def);
	if (row->kind == K_FLAG && !row->def)
		fprintf(out, "Off unless written.\n\n");
}

static void manual_row(const struct cmd *row, FILE *out)
{
	fprintf(out, "### `%s`\n\n%s.\n\n", row->syntax, row->help);
	if (row->kind == K_ENTER)
		fprintf(out, "Opens a section: see `%s`.\n\n",
			modes[row->enter].title);
	if (row->more != NULL)
		fprintf(out, "%s\n\n", row->more);
	manual_default(row, out);
}

static void manual_spellings(enum cmd_mode m, FILE *out)
{
	bool any = false;

	FOR_EACH_ROW(row, m)
	{
		if (!(row->flags & C_HIDDEN))
			continue;
		if (!any)
			fputs("Also read:\n\n", out);
		any = true;
		fprintf(out, "- `%s`: %s.\n", row->syntax, row->help);
	}
	if (any)
		fputc('\n', out);
}

static void manual_foreign(enum cmd_kind kind, const char *title, FILE *out)
{
	fprintf(out, "### %s\n\n", title);
	for (enum cmd_mode m = M_GLOBAL; m < M_SKIP; m++)
		FOR_EACH_ROW(row, m)
	if (row->kind == kind)
		fprintf(out, "- `%s`: %s.\n", row->syntax, row->more);
	fputc('\n', out);
}

static void manual_words(FILE *out)
{
	static const char *const kinds[] = { "NAME", "HOST", "PATH", "WORD",
		"LINE", "A.B.C.D", "X:X::X", "TARGET", "PATTERN" };

	fputs("| written | stands for |\n|---|---|\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		fprintf(out, "| `%s` | %s |\n", kinds[i], arg_help(kinds[i]));
	fputs("| `<1-10>` | A number of that range |\n"
	      "| `CODEC` | ",
		out);
	for (size_t i = 0; codec_name(i) != NULL; i++)
		fprintf(out, "%s`%s`", i > 0 ? ", " : "", codec_name(i));
	fputs(" |\n| `SUITE` | ", out);
	for (size_t i = 0; suite_name(i) != NULL; i++)
		fprintf(out, "%s`%s`", i > 0 ? ", " : "", suite_name(i));
	fputs(" |\n\n", out);
}

void conf_manual(FILE *out)
{
	fputs("# Configuration reference\n\n"
	      "Generated from the tables of the parser. One command a line; "
	      "`!` begins a comment; words may be shortened as long as they "
	      "remain unambiguous; `no` before a command takes it back, "
	      "`default` too. A command that opens a section holds until "
	      "`exit`, `end` or a command that the section does not have. "
	      "The order of sections does not matter. A word with blanks "
	      "stands in `\"…\"`. `[x]` may be left out, `{a|b}` is a "
	      "choice, and\n\n",
		out);
	manual_words(out);
	for (enum cmd_mode m = M_GLOBAL; m < M_SKIP; m++) {
		fprintf(out, m == M_GLOBAL ? "## %s" : "## `%s`",
			modes[m].title);
		fprintf(out, "\n\n%s\n\n", modes[m].help);
		FOR_EACH_ROW(row, m)
		if (told(row) && row->kind != K_EXIT &&
			(row->kind != K_END || m == M_GLOBAL))
			manual_row(row, out);
		manual_spellings(m, out);
	}
	fputs("## Commands of CUBE that are not carried\n\n", out);
	manual_foreign(K_NOTICE, "Read with a warning", out);
	manual_foreign(K_REFUSED, "Refused", out);
}

void conf_help(struct slice context, struct slice line, FILE *out)
{
	struct lexer *x = mem_new(sizeof(*x));
	struct conf_errs errs = { 0 };
	struct parse p;
	size_t offset;

	parse_begin(&p, "help", &errs);
	if (context.n <= CONF_SIZE_MAX)
		parse_text(&p, context);
	if (line.n > 0 && line.p[line.n - 1] == '?')
		line.n--;
	if (lex_line_bad(line, &offset) == NULL) {
		lex_line(x, line, 1);
		match_help(p.mode, x, out);
	}
	parse_end(&p);
	obj_unref(p.conf);
	conf_errs_free(&errs);
	free(x);
}
