/* What a `show` command says: filling it, and printing it as text. */
#include "base/table_int.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"

struct table *table_new(void)
{
	return mem_new(sizeof(struct table));
}

static void part_free(struct table_part *b)
{
	for (size_t i = 0; i < b->ncells; i++) {
		free(b->cells[i].key);
		free(b->cells[i].label);
		free(b->cells[i].text);
	}
	free(b->cells);
	free(b->key);
	free(b->title);
}

void table_free(struct table *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->nparts; i++)
		part_free(&t->parts[i]);
	free(t->parts);
	free(t);
}

static struct table_part *add_part(struct table *t, enum table_part_kind kind,
	const char *key, const char *title)
{
	if (t->nparts == t->room) {
		t->room = t->room * 2 + 8;
		t->parts = mem_resize(t->parts, t->room, sizeof(*t->parts));
	}
	struct table_part *b = &t->parts[t->nparts++];

	*b = (struct table_part){
		.kind = kind, .key = mem_dup(key), .title = mem_dup(title)
	};
	return b;
}

void table_rows(struct table *t, const char *key, const char *title,
	const struct table_col *cols, size_t ncols)
{
	struct table_part *b = add_part(t, TABLE_ROWS, key, title);

	need(ncols > 0);
	b->cols = cols;
	b->ncols = ncols;
}

void table_block(struct table *t, const char *key, const char *title)
{
	add_part(t, TABLE_BLOCK, key, title);
}

void table_item(struct table *t, const char *key, const char *title)
{
	add_part(t, TABLE_ITEM, key, title);
}

void table_note(struct table *t, const char *fmt, ...)
{
	struct table_part *b = add_part(t, TABLE_NOTE, NULL, NULL);
	va_list ap;

	va_start(ap, fmt);
	b->title = mem_vprintf(fmt, ap);
	va_end(ap);
}

static void add_cell(struct table *t, struct table_cell cell)
{
	need(t->nparts > 0);
	struct table_part *b = &t->parts[t->nparts - 1];

	/* Cells belong to rows, pairs to blocks and items. */
	need(b->kind != TABLE_NOTE &&
		(cell.key == NULL) == (b->kind == TABLE_ROWS));
	if (b->ncells == b->room) {
		b->room = b->room * 2 + 16;
		b->cells = mem_resize(b->cells, b->room, sizeof(*b->cells));
	}
	b->cells[b->ncells++] = cell;
}

static struct table_cell cell_slice(struct slice s)
{
	return (struct table_cell){
		.kind = CELL_STR, .text = slice_dup(s), .n = s.n
	};
}

static struct table_cell cell_str(const char *s)
{
	if (s == NULL)
		return (struct table_cell){ .kind = CELL_NULL };
	return cell_slice(slice_str(s));
}

static struct table_cell cell_vfmt(const char *fmt, va_list ap)
{
	char *s = mem_vprintf(fmt, ap);

	return (struct table_cell){
		.kind = CELL_STR, .text = s, .n = strlen(s)
	};
}

static struct table_cell cell_addr(const struct addr *a)
{
	char text[ADDR_TEXT];

	return cell_str(addr_is_set(a) ? addr_text(a, text) : NULL);
}

void table_str(struct table *t, const char *s)
{
	add_cell(t, cell_str(s));
}

void table_slice(struct table *t, struct slice s)
{
	add_cell(t, cell_slice(s));
}

void table_num(struct table *t, int64_t v)
{
	add_cell(t, (struct table_cell){ .kind = CELL_NUM, .num = v });
}

void table_bool(struct table *t, bool v)
{
	add_cell(t, (struct table_cell){ .kind = CELL_BOOL, .num = v });
}

void table_addr(struct table *t, const struct addr *a)
{
	add_cell(t, cell_addr(a));
}

void table_fmt(struct table *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_cell(t, cell_vfmt(fmt, ap));
	va_end(ap);
}

static void add_pair(struct table *t, const char *key, const char *label,
	struct table_cell cell)
{
	need(key != NULL);
	cell.key = mem_dup(key);
	cell.label = mem_dup(label);
	add_cell(t, cell);
}

void table_pair(
	struct table *t, const char *key, const char *label, const char *s)
{
	add_pair(t, key, label, cell_str(s));
}

void table_pair_num(
	struct table *t, const char *key, const char *label, int64_t v)
{
	add_pair(t, key, label,
		(struct table_cell){ .kind = CELL_NUM, .num = v });
}

void table_pair_bool(
	struct table *t, const char *key, const char *label, bool v)
{
	add_pair(t, key, label,
		(struct table_cell){ .kind = CELL_BOOL, .num = v });
}

void table_pair_addr(struct table *t, const char *key, const char *label,
	const struct addr *a)
{
	add_pair(t, key, label, cell_addr(a));
}

void table_pair_fmt(struct table *t, const char *key, const char *label,
	const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_pair(t, key, label, cell_vfmt(fmt, ap));
	va_end(ap);
}
