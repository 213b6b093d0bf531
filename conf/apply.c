/* A row of the generic kinds is carried out: fields set, sections entered. */
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

/* The chosen one of {a|b|c}: the keyword that was captured last. */
static unsigned choice(const struct line *l)
{
	const char *p = strchr(l->row->syntax, '{') + 1;
	struct slice chosen = l->cap[l->n - 1].text;
	unsigned i = 0;

	for (; p < chosen.p; p++)
		if (*p == '|')
			i++;
	return i;
}

static void apply_uint(const struct line *l)
{
	const struct cmd *row = l->row;

	if (l->no && (row->flags & C_NO_IS_OFF))
		field_set(l->obj, row, row->off);
	else if (l->no || l->def)
		field_set(l->obj, row, row->def);
	else
		field_set(l->obj, row, (unsigned)line_arg(l, 0)->number);
}

static void apply_flag(const struct line *l)
{
	field_set(l->obj, l->row, l->def ? l->row->def : !l->no);
}

static void apply_ref(struct line *l)
{
	set_ref(l, (char *)l->obj + l->row->offset, l->row->enter,
		l->no || l->def ? NULL : line_arg(l, 0));
}

static void apply_str(const struct line *l)
{
	char *at = (char *)l->obj + l->row->offset;
	bool none = l->no || l->def;

	free(ptr_get(at));
	ptr_set(at, none ? NULL : slice_dup(line_arg(l, 0)->text));
}

static void apply_default(struct parse *p, void *obj, const struct cmd *row);

void apply_defaults(struct parse *p, enum cmd_mode m, void *obj)
{
	FOR_EACH_ROW(row, m)
	apply_default(p, obj, row);
}

/* What the line names; of no bytes: it does not. */
static struct slice id_of(const struct line *l)
{
	const struct word *w = line_arg(l, 0);

	if (modes[l->row->enter].only != NULL)
		return slice_str(modes[l->row->enter].only);
	return w != NULL ? w->text : slice_str("");
}

static void enter(struct line *l)
{
	struct parse *p = l->p;
	enum cmd_mode m = l->row->enter;
	struct slice id = id_of(l);

	p->mode = m;
	if (modes[m].size == 0) {
		p->obj = p->conf;
		return;
	}
	p->obj = section_find(p->conf, m, id, p->last[m]);
	if (p->obj == NULL) {
		p->obj = section_new(p, m, id, l->pos, false);
		apply_defaults(p, m, p->obj);
	} else if (!p->import) {
		parse_say_again(p, m, p->obj, l->pos);
	}
	p->last[m] = p->obj;
}

static void leave_for_good(struct line *l)
{
	struct parse *p = l->p;
	enum cmd_mode m = l->row->enter;
	struct slice id = id_of(l);
	void *section;

	if (modes[m].size == 0) {
		apply_defaults(p, m, p->conf);
		FOR_EACH_ROW(row, m)
		parse_note_place(p, p->conf, row, l->pos, true);
		return;
	}
	if (id.n == 0) {
		line_error(l, NULL, NULL, "the section to remove is not named");
		return;
	}
	section = section_find(p->conf, m, id, NULL);
	if (section == NULL)
		return;
	parse_forget(p, section);
	section_remove(p, m, section);
}

static void apply_enter(struct line *l)
{
	if (l->no || l->def)
		leave_for_good(l);
	else
		enter(l);
}

void apply_row(struct line *l)
{
	switch (l->row->kind) {
	case K_UINT:
		apply_uint(l);
		break;
	case K_FLAG:
		apply_flag(l);
		break;
	case K_CHOICE:
		field_set(l->obj, l->row,
			l->no || l->def ? l->row->def : choice(l));
		break;
	case K_STR:
		apply_str(l);
		break;
	case K_REF:
		apply_ref(l);
		break;
	case K_ENTER:
		apply_enter(l);
		break;
	case K_NONE:
	case K_FN:
	case K_EXIT:
	case K_END:
	case K_NOTICE:
	case K_REFUSED:
		break;
	}
	if (l->row->set != NULL)
		l->row->set(l);
}

static void apply_default(struct parse *p, void *obj, const struct cmd *row)
{
	struct line l = { .p = p, .row = row, .obj = obj, .def = true };

	if (row->kind != K_ENTER && !(row->flags & C_HIDDEN))
		apply_row(&l);
}
