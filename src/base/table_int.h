/* The content of a table, between table.c (filling) and table_print.c. */
#ifndef LINESIDE_BASE_TABLE_INT_H
#define LINESIDE_BASE_TABLE_INT_H

#include <stddef.h>

#include "base/table.h"

struct table_cell {
	enum { CELL_NULL, CELL_STR, CELL_NUM, CELL_BOOL } kind;
	const char *key, *label; /* of a pair; NULL in rows */
	const char *text; /* of CELL_STR, as it came */
	size_t n; /* bytes of text */
	int64_t num;
};

enum table_part_kind { TABLE_ROWS, TABLE_BLOCK, TABLE_ITEM, TABLE_NOTE };

struct table_part {
	enum table_part_kind kind;
	const char *key; /* NULL for a note */
	const char *title; /* NULL: none. Of a note: the note */
	const struct table_col *cols; /* of rows, borrowed */
	size_t ncols;
	struct table_cell *cells; /* row after row, or pair after pair */
	size_t ncells, room;
};

struct table_room { /* what is behind it belongs to a table */
	struct table_room *next;
	size_t size, used;
	max_align_t p[];
};

struct table {
	struct table_part *parts;
	size_t nparts, room;
	struct table_room *rooms; /* the newest first */
};

#endif
