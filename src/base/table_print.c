/* Printing a table: aligned text, or JSON. */
#include "base/table_int.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"

static void add_value(struct text *out, const struct table_cell *c)
{
	switch (c->kind) {
	case CELL_NULL:
		text_addc(out, '-');
		break;
	case CELL_STR:
		text_escape(out, slice_of(c->text, c->n));
		break;
	case CELL_NUM:
		text_printf(out, "%lld", (long long)c->num);
		break;
	case CELL_BOOL:
		text_add(out, slice_str(c->num ? "yes" : "no"));
		break;
	}
}

/* Characters, of valid UTF-8. */
static size_t width_of(struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static size_t value_width(const struct table_cell *c)
{
	struct text t = { 0 };
	size_t n;

	add_value(&t, c);
	n = width_of(text_slice(&t));
	text_free(&t);
	return n;
}

static void add_blanks(struct text *out, size_t n)
{
	while (n-- > 0)
		text_addc(out, ' ');
}

/* Ends a line without the blanks that alignment left there. */
static void end_line(struct text *out)
{
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		out->n--;
	text_addc(out, '\n');
}

static void add_aligned(
	struct text *out, struct slice s, size_t width, bool right)
{
	size_t pad = width - width_of(s);

	if (right)
		add_blanks(out, pad);
	text_add(out, s);
	if (!right)
		add_blanks(out, pad);
	add_blanks(out, 2);
}

static size_t col_width(const struct table_part *b, size_t col)
{
	size_t width = width_of(slice_str(b->cols[col].head));

	for (size_t i = col; i < b->ncells; i += b->ncols) {
		size_t w = value_width(&b->cells[i]);

		if (w > width)
			width = w;
	}
	return width;
}

/* One line: the headings when `row` is NULL. */
static void print_row(struct text *out, const struct table_part *b,
	const size_t *width, const struct table_cell *row)
{
	for (size_t i = 0; i < b->ncols; i++) {
		struct text t = { 0 };

		if (b->cols[i].head == NULL)
			continue;
		if (row == NULL)
			text_add(&t, slice_str(b->cols[i].head));
		else
			add_value(&t, &row[i]);
		add_aligned(out, text_slice(&t), width[i], b->cols[i].right);
		text_free(&t);
	}
	end_line(out);
}

static bool has_heads(const struct table_part *b)
{
	for (size_t i = 0; i < b->ncols; i++)
		if (b->cols[i].head != NULL)
			return true;
	return false;
}

static void print_rows(struct text *out, const struct table_part *b)
{
	if (!has_heads(b))
		return;
	size_t *width = mem_array(b->ncols, sizeof(*width));

	need(b->ncells % b->ncols == 0);
	for (size_t i = 0; i < b->ncols; i++)
		width[i] = col_width(b, i);
	print_row(out, b, width, NULL);
	for (size_t i = 0; i < b->ncells; i += b->ncols)
		print_row(out, b, width, &b->cells[i]);
	free(width);
}

static void print_pairs(struct text *out, const struct table_part *b)
{
	size_t width = 0;

	for (size_t i = 0; i < b->ncells; i++) {
		size_t w = width_of(slice_str(b->cells[i].label));

		if (w > width)
			width = w;
	}
	for (size_t i = 0; i < b->ncells; i++) {
		const struct table_cell *c = &b->cells[i];

		if (c->label == NULL)
			continue;
		if (b->title != NULL)
			add_blanks(out, 2);
		text_add(out, slice_str(c->label));
		add_blanks(out, width - width_of(slice_str(c->label)));
		text_add(out, SLICE_LIT(" : "));
		add_value(out, c);
		end_line(out);
	}
}

char *table_text(const struct table *t)
{
	struct text out = { 0 };

	for (size_t i = 0; i < t->nparts; i++) {
		const struct table_part *b = &t->parts[i];

		if (b->title != NULL) {
			text_escape(&out, slice_str(b->title));
			end_line(&out);
		}
		if (b->kind == TABLE_ROWS)
			print_rows(&out, b);
		else
			print_pairs(&out, b);
	}
	return text_take(&out);
}

static json_t *value_json(const struct table_cell *c)
{
	struct text t = { 0 };
	json_t *v = NULL;

	switch (c->kind) {
	case CELL_NULL:
		return json_null();
	case CELL_NUM:
		return json_integer(c->num);
	case CELL_BOOL:
		return json_boolean(c->num != 0);
	case CELL_STR:
		v = json_stringn(c->text, c->n);
		break;
	}
	if (v != NULL)
		return v;
	add_value(&t, c); /* not UTF-8: as it is shown in text */
	v = json_stringn(t.p, t.n);
	text_free(&t);
	return v;
}

static void add_pairs_json(json_t *o, const struct table_part *b)
{
	for (size_t i = 0; i < b->ncells; i++)
		json_object_set_new(
			o, b->cells[i].key, value_json(&b->cells[i]));
}

/* Takes `o`. No value of JSON has a line end in it. */
static void add_json(struct text *out, json_t *o, const char *indent)
{
	char *s = json_dumps(o, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	struct slice rest, line;
	bool first = true;

	need(s != NULL);
	rest = slice_str(s);
	for (; slice_line(&rest, &line); first = false) {
		if (!first)
			text_add(out, slice_str(indent));
		text_add(out, line);
	}
	free(s);
	json_decref(o);
}

static void add_element(struct text *out, json_t *o, size_t *n)
{
	text_add(out, slice_str((*n)++ == 0 ? "[\n    " : ",\n    "));
	add_json(out, o, "\n    ");
}

static void add_rows_json(
	struct text *out, const struct table_part *b, size_t *n)
{
	need(b->ncells % b->ncols == 0);
	for (size_t i = 0; i < b->ncells; i += b->ncols) {
		json_t *o = json_object();

		for (size_t k = 0; k < b->ncols; k++)
			json_object_set_new(o, b->cols[k].key,
				value_json(&b->cells[i + k]));
		add_element(out, o, n);
	}
}

/* All parts of that key together: an array of rows and items, or the pairs of
 * blocks. */
static void add_member(struct text *out, const struct table *t, const char *key)
{
	json_t *pairs = NULL;
	size_t n = 0, parts = 0;

	text_printf(out, "  \"%s\": ", key);
	for (size_t i = 0; i < t->nparts; i++) {
		const struct table_part *b = &t->parts[i];
		json_t *o;

		if (b->kind == TABLE_NOTE || strcmp(b->key, key) != 0)
			continue;
		if (parts++ == 0 && b->kind == TABLE_BLOCK)
			pairs = json_object();
		need((b->kind == TABLE_BLOCK) == (pairs != NULL));
		if (b->kind == TABLE_ROWS) {
			add_rows_json(out, b, &n);
			continue;
		}
		o = pairs != NULL ? pairs : json_object();
		add_pairs_json(o, b);
		if (pairs == NULL)
			add_element(out, o, &n);
	}
	if (pairs != NULL)
		add_json(out, pairs, "\n  ");
	else
		text_add(out, slice_str(n > 0 ? "\n  ]" : "[]"));
}

static bool told_before(const struct table *t, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (t->parts[k].kind != TABLE_NOTE &&
			strcmp(t->parts[k].key, t->parts[i].key) == 0)
			return true;
	return false;
}

/* Element by element: a tree of all calls would be twenty times the text. */
char *table_json(const struct table *t)
{
	struct text out = { 0 };
	bool any = false;

	for (size_t i = 0; i < t->nparts; i++) {
		if (t->parts[i].kind == TABLE_NOTE || told_before(t, i))
			continue;
		text_add(&out, slice_str(any ? ",\n" : "{\n"));
		any = true;
		add_member(&out, t, t->parts[i].key);
	}
	text_add(&out, slice_str(any ? "\n}\n" : "{}\n"));
	return text_take(&out);
}
