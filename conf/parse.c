/*
 * One parse: lines are matched in the present mode, else in the modes around
 * it, so that a command of the global mode ends a section as in IOS.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/wire.h"
#include "conf/conf_int.h"

/* ---- lines that are not ours ---- */

/* The command without the rest of its line. */
static char *command_name(const struct match *m)
{
	struct text t = { 0 };

	for (size_t i = 0; i < m->n && !arg_is_line(m->cap[i].token); i++) {
		if (i > 0)
			text_addc(&t, ' ');
		text_add(&t, m->cap[i].text);
	}
	return text_take(&t);
}

static void foreign_line(
	struct parse *p, const struct match *m, struct conf_pos pos)
{
	bool warning = m->row->kind == K_NOTICE;
	char *name = command_name(m);

	if (!m->no)
		conf_errs_add(p->errs, warning, pos, m->row->more, "'%s' is %s",
			name,
			warning ? "read but not carried out" : "not supported");
	free(name);
	if (m->no || p->import || !(m->row->flags & C_SECTION))
		return;
	p->around = p->mode;
	p->mode = M_SKIP;
}

/* A section whose first line is wrong: its lines are read all the same. */
static void enter_scratch(struct parse *p, enum cmd_mode m, struct conf_pos pos)
{
	p->mode = m;
	p->obj = p->conf;
	if (modes[m].size == 0)
		return;
	p->obj = section_new(p, m, slice_str("0"), pos, true);
	apply_defaults(p, m, p->obj);
	p->scratch =
		mem_resize(p->scratch, p->nscratch + 1, sizeof(*p->scratch));
	p->scratch[p->nscratch].mode = m;
	p->scratch[p->nscratch++].obj = p->obj;
}

/* The line would be right in another section: which one. */
static const char *home_of(
	struct parse *p, const struct lexer *x, struct match *m)
{
	for (enum cmd_mode i = M_GLOBAL; i < M_SKIP; i++) {
		match_line(m, p->room, i, x);
		if (m->row != NULL && m->exact && m->n > 0 &&
			m->row->kind != K_REFUSED && m->row->kind != K_NOTICE)
			return modes[i].title;
	}
	return NULL;
}

/* The lines that belong to this one are left out with it. */
static void leave_out(struct parse *p, const struct lexer *x)
{
	p->leaving_out = true;
	p->left_indent = x->word[0].pos.column;
	if (slice_caseeq_str(x->word[0].text, "banner") && x->n > 2)
		(void)!slice_copy(slice_head(x->word[2].text, 2), p->banner,
			sizeof(p->banner));
}

/* Still below a line that was left out, or in its text. */
static bool left_out(struct parse *p, struct slice line)
{
	size_t column = 1;

	if (p->banner[0] != '\0') {
		if (slice_search(line, slice_str(p->banner)) < line.n)
			p->banner[0] = '\0';
		return true;
	}
	while (column <= line.n &&
		(line.p[column - 1] == ' ' || line.p[column - 1] == '\t'))
		column++;
	p->leaving_out = p->leaving_out && column > p->left_indent;
	return p->leaving_out;
}

static bool take(struct parse *p, const struct lexer *x, struct match *best);

/* The line as it was meant to be: what is said of it was said, and nothing
 * need be said of others for want of it. */
static void read_as_meant(
	struct parse *p, const struct match *m, const struct lexer *x)
{
	struct lexer *meant = mem_new(sizeof(*meant));
	size_t said = p->errs->n;
	struct match again;

	*meant = *x;
	meant->word[m->fix_at].text = slice_str(m->fix);
	if (take(p, meant, &again))
		p->errs->v[said - 1].mended = p->errs->n == said;
	else if (again.near != NULL && !again.no && !again.def)
		enter_scratch(p, again.near->enter, x->word[0].pos);
	free(meant);
}

static void report(
	struct parse *p, const struct match *m, const struct lexer *x)
{
	struct match other;
	const char *home = p->import ? NULL : home_of(p, x, &other);
	struct conf_pos odd = x->word[0].pos;
	const char *what = lex_odd(x, &odd.column);
	char hint[128];

	if (what != NULL) {
		conf_errs_add(p->errs, false, odd, "type it anew", "%s", what);
	} else if (home != NULL) {
		snprintf(hint, sizeof(hint), "it belongs below '%s'", home);
		conf_errs_add(p->errs, false, x->word[0].pos, hint,
			"'%.*s' is not a command of this section",
			SLICE_ARG(x->word[0].text));
	} else {
		conf_errs_add(p->errs, false, m->pos,
			m->hint[0] != '\0' ? m->hint : NULL, "%s", m->message);
	}
	if (p->import)
		leave_out(p, x);
	else if (what == NULL && home == NULL && m->fix[0] != '\0')
		read_as_meant(p, m, x);
	else if (m->near != NULL && !m->no && !m->def)
		enter_scratch(p, m->near->enter, x->word[0].pos);
}

/* ---- lines ---- */

static enum cmd_mode mode_around(const struct parse *p, enum cmd_mode m)
{
	return m == M_SKIP ? p->around : modes[m].parent;
}

/* Sections stand in the global mode or in those about struct conf. */
static void *obj_of(struct parse *p, enum cmd_mode m)
{
	return modes[m].size > 0 ? p->obj : p->conf;
}

static void leave(struct parse *p, enum cmd_kind kind)
{
	if (kind == K_END)
		p->mode = M_GLOBAL;
	else if (p->mode != M_SKIP) /* which may hold sections of its own */
		p->mode = modes[p->mode].parent;
	else
		return;
	p->obj = p->conf;
}

static void apply(struct parse *p, enum cmd_mode mode, const struct match *m,
	struct conf_pos pos)
{
	struct line l = { p, m->row, obj_of(p, mode), m->no, m->def, m->n,
		m->cap, pos };

	if (m->row->kind == K_EXIT || m->row->kind == K_END) {
		leave(p, m->row->kind);
		return;
	}
	p->obj = l.obj;
	p->mode = mode;
	if (m->row->kind == K_NOTICE || m->row->kind == K_REFUSED) {
		foreign_line(p, m, pos);
		return;
	}
	if ((m->row->flags & C_NO_ONLY) && !m->no) {
		conf_errs_add(p->errs, false, pos, m->row->more,
			"only 'no %s' is supported", m->row->syntax);
		return;
	}
	apply_row(&l);
	if (m->row->kind == K_ENTER)
		l.obj = p->obj;
	if (m->row->kind == K_ENTER && mode == M_GLOBAL)
		p->section_column = pos.column;
	parse_note_place(p, l.obj, m->row, pos, m->no || m->def);
}

/* Looks the line up in the present mode and those around it: in which. */
static enum cmd_mode look_up(
	struct parse *p, const struct lexer *x, struct match *best)
{
	struct match m;
	enum cmd_mode mode = p->mode;
	/* IOS indents what belongs to a section, whatever it is */
	bool inside = p->import && x->word[0].pos.column > p->section_column;

	match_line(best, p->room, mode, x);
	while (best->row == NULL && mode != M_GLOBAL &&
		!(inside && mode_around(p, mode) == M_GLOBAL)) {
		mode = mode_around(p, mode);
		match_line(&m, p->room, mode, x);
		if (m.row != NULL || m.words > best->words ||
			(m.words == best->words && m.words == 0 &&
				best->hint[0] == '\0'))
			*best = m;
	}
	return mode;
}

/* Carries the line out; false: it is none of ours. */
static bool take(struct parse *p, const struct lexer *x, struct match *best)
{
	enum cmd_mode mode = look_up(p, x, best);

	if (best->row == NULL)
		return false;
	apply(p, mode, best, x->word[0].pos);
	if (p->import &&
		(best->row->kind == K_NOTICE || best->row->kind == K_REFUSED))
		leave_out(p, x);
	return true;
}

/* Lines as far to the left as the head of a section begin another. */
static void note_head(struct parse *p, struct conf_pos pos)
{
	if (pos.column > 1 && pos.column > p->section_column)
		return;
	if (p->nheads == p->heads_room) {
		p->heads_room = p->heads_room * 2 + 64;
		p->heads =
			mem_resize(p->heads, p->heads_room, sizeof(*p->heads));
	}
	p->heads[p->nheads++] = pos.line;
}

static void parse_words(struct parse *p, const struct lexer *x)
{
	struct match best;
	enum cmd_mode mode;

	note_head(p, x->word[0].pos);
	if (p->mode != M_SKIP) {
		if (!take(p, x, &best))
			report(p, &best, x);
		return;
	}
	mode = look_up(p, x, &best);
	if (best.row != NULL && best.exact)
		apply(p, mode, &best, x->word[0].pos);
}

static void parse_line(
	struct parse *p, struct lexer *x, struct slice line, unsigned number)
{
	struct slice text = slice_trim(line);
	struct conf_pos pos = { number, 1 };
	const char *why;
	size_t offset;

	if (text.n == 0 || text.p[0] == '!' || left_out(p, line))
		return;
	why = lex_line_bad(line, &offset);
	if (why != NULL) {
		pos.column += (unsigned)offset;
		conf_errs_add(p->errs, false, pos, NULL, "%s", why);
		return;
	}
	if (text.p[0] == '#') {
		pos.column += (unsigned)(text.p - line.p);
		conf_errs_add(p->errs, false, pos, "comments begin with '!'",
			"'#' begins no command");
		return;
	}
	lex_line(x, line, number);
	parse_words(p, x);
}

void parse_begin(struct parse *p, const char *file, struct conf_errs *errs)
{

	*p = (struct parse){
		.errs = errs, .conf = conf_new(file), .room = match_room_new()
	};
	p->obj = p->conf;
	for (enum cmd_mode m = M_GLOBAL; m < M_SKIP; m++)
		if (modes[m].size == 0)
			apply_defaults(p, m, p->conf);
}

void parse_text(struct parse *p, struct slice text)
{
	struct lexer *x = mem_new(sizeof(*x));
	size_t before = p->errs->errors;
	struct slice line;
	unsigned n = 0;

	if (slice_starts(text, "\xef\xbb\xbf"))
		text = slice_from(text, 3);
	while (slice_line(&text, &line)) {
		parse_line(p, x, line, ++n);
		if (p->import || p->errs->errors - before < ERRORS_MAX)
			continue;
		conf_errs_add(p->errs, false, (struct conf_pos){ n, 1 },
			"mend these first", "too many errors: reading stops");
		break;
	}
	free(x);
}

void parse_end(struct parse *p)
{
	for (size_t i = 0; i < p->nscratch; i++)
		modes[p->scratch[i].mode].free(p->scratch[i].obj);
	for (size_t i = 0; i < p->nrefs; i++)
		free(p->refs[i].name);
	free(p->room);
	free(p->scratch);
	free(p->refs);
	free(p->places);
	free(p->heads);
}
