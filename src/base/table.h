/*
 * What a `show` command says, once, for people and for programs: a list of
 * blocks, each either rows under columns or pairs of label and value, printed
 * as aligned text (the look of IOS) or as one JSON object.
 *
 *   struct table *t = table_new();
 *   table_rows(t, "dial_peers", NULL, cols, ARRAY_SIZE(cols));
 *   table_num(t, 100);
 *   table_str(t, "up");          (as many cells as columns make a row)
 *   table_block(t, "summary", NULL);
 *   table_pair_num(t, "calls", "Total call-legs", 2);
 *   table_note(t, "Total number of peers: %d", n);
 *
 * Columns and pairs without a heading appear in JSON alone, notes in text
 * alone: so a text layout that IOS made by hand is still one description.
 * Everything is copied; foreign text is escaped when printed as text. One
 * thread at a time.
 */
#ifndef LINESIDE_BASE_TABLE_H
#define LINESIDE_BASE_TABLE_H

#include "base/addr.h"
#include "base/need.h"
#include "base/slice.h"

struct table;

struct table_col {
	const char *key; /* in JSON */
	const char *head; /* in text; NULL: not in text */
	bool right; /* aligned to the right */
};

struct table *table_new(void) MUST_USE;
void table_free(struct table *t);

/*
 * Each begins a block. `key` names it in JSON: rows are an array of objects, a
 * block is an object, items with the same key together are an array of
 * objects. Rows and blocks whose key was there before go on with what it holds,
 * so notes may stand between. `title` is a line above it in text; NULL: none. `cols` is borrowed
 * for as long as the table lives: a static table.
 */
void table_rows(struct table *t, const char *key, const char *title,
	const struct table_col *cols, size_t ncols);
void table_block(struct table *t, const char *key, const char *title);
void table_item(struct table *t, const char *key, const char *title);

/* The next cell of a row. */
void table_str(struct table *t, const char *s); /* NULL, "": "-", JSON null */
void table_slice(struct table *t, struct slice s);
void table_num(struct table *t, int64_t v);
void table_bool(struct table *t, bool v); /* "yes", "no"; JSON true, false */
void table_addr(struct table *t, const struct addr *a); /* not set: NULL */
void table_fmt(struct table *t, const char *fmt, ...) PRINTF(2, 3);

/* The next pair of a block or an item. `label` NULL: not in text. */
void table_pair(
	struct table *t, const char *key, const char *label, const char *s);
void table_pair_num(
	struct table *t, const char *key, const char *label, int64_t v);
void table_pair_bool(
	struct table *t, const char *key, const char *label, bool v);
void table_pair_addr(struct table *t, const char *key, const char *label,
	const struct addr *a);
void table_pair_fmt(struct table *t, const char *key, const char *label,
	const char *fmt, ...) PRINTF(4, 5);

/* A line of its own, at this place of the text. "" is an empty line. */
void table_note(struct table *t, const char *fmt, ...) PRINTF(2, 3);

/* Text ends with a line feed, so does JSON. free() them. */
char *table_text(const struct table *t) MUST_USE;
char *table_json(const struct table *t) MUST_USE;

#endif
