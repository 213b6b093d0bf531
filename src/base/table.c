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

/*
 * Texts and cells of a table stand in a few rooms of growing size. A heap of
 * small blocks would outlast it: the C library keeps a thread's heap up to the
 * last block that is in use, and a `show` of thousands of calls left 25 KB a
 * call there. Large rooms are the system's, who takes them back.
 */
enum { ROOM_FIRST = 256, ROOM_LAST = 16384 }; /* of the widest type */

static struct table_room *room_new(struct table *t, size_t n)
{
	size_t size = t->rooms != NULL ? 2 * t->rooms->size : ROOM_FIRST;
	struct table_room *r;

	if (size > ROOM_LAST)
		size = ROOM_LAST;
	if (size < n)
		size = n;
	r = mem_array(1, sizeof(*r) + size * sizeof(r->p[0]));
	r->size = size;
	r->next = t->rooms;
	t->rooms = r;
	return r;
}

static void *take(struct table *t, size_t bytes)
{
	size_t n = (bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t);
	struct table_room *r = t->rooms;
	void *p;

	if (r == NULL || r->size - r->used < n)
		r = room_new(t, n);
	p = &r->p[r->used];
	r->used += n;
	return p;
}

static const char *keep_slice(struct table *t, struct slice s)
{
	char *p = take(t, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

/* NULL stays NULL. */
static const char *keep(struct table *t, const char *s)
{
	return s != NULL ? keep_slice(t, slice_str(s)) : NULL;
}

static const char *keep_printed(struct table *t, const char *fmt, va_list ap)
{
	char *s = mem_vprintf(fmt, ap);
	const char *kept = keep(t, s);

	free(s);
	return kept;
}

void table_free(struct table *t)
{
	if (t == NULL)
		return;
	while (t->rooms != NULL) {
		struct table_room *r = t->rooms;

		t->rooms = r->next;
		free(r);
	}
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
		.kind = kind, .key = keep(t, key), .title = keep(t, title)
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
	b->title = keep_printed(t, fmt, ap);
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
		struct table_cell *old = b->cells;

		b->room = b->room * 2 + 16;
		b->cells = take(t, b->room * sizeof(*b->cells));
		if (b->ncells > 0)
			memcpy(b->cells, old, b->ncells * sizeof(*old));
	}
	b->cells[b->ncells++] = cell;
}

static struct table_cell cell_slice(struct table *t, struct slice s)
{
	return (struct table_cell){
		.kind = CELL_STR, .text = keep_slice(t, s), .n = s.n
	};
}

static struct table_cell cell_str(struct table *t, const char *s)
{
	if (s == NULL || s[0] == '\0')
		return (struct table_cell){ .kind = CELL_NULL };
	return cell_slice(t, slice_str(s));
}

static struct table_cell cell_vfmt(struct table *t, const char *fmt, va_list ap)
{
	const char *s = keep_printed(t, fmt, ap);

	return (struct table_cell){
		.kind = CELL_STR, .text = s, .n = strlen(s)
	};
}

static struct table_cell cell_addr(struct table *t, const struct addr *a)
{
	char text[ADDR_TEXT];

	return cell_str(t, addr_is_set(a) ? addr_text(a, text) : NULL);
}

void table_str(struct table *t, const char *s)
{
	add_cell(t, cell_str(t, s));
}

void table_slice(struct table *t, struct slice s)
{
	add_cell(t, cell_slice(t, s));
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
	add_cell(t, cell_addr(t, a));
}

void table_fmt(struct table *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_cell(t, cell_vfmt(t, fmt, ap));
	va_end(ap);
}

static void add_pair(struct table *t, const char *key, const char *label,
	struct table_cell cell)
{
	need(key != NULL);
	cell.key = keep(t, key);
	cell.label = keep(t, label);
	add_cell(t, cell);
}

void table_pair(
	struct table *t, const char *key, const char *label, const char *s)
{
	add_pair(t, key, label, cell_str(t, s));
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
	add_pair(t, key, label, cell_addr(t, a));
}

void table_pair_fmt(struct table *t, const char *key, const char *label,
	const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_pair(t, key, label, cell_vfmt(t, fmt, ap));
	va_end(ap);
}
