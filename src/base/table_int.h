/* The content of a table, between table.c (filling) and table_print.c. */
#ifndef LINESIDE_BASE_TABLE_INT_H
#define LINESIDE_BASE_TABLE_INT_H

#include "base/table.h"

struct table_cell {
	enum { CELL_NULL, CELL_STR, CELL_NUM, CELL_BOOL } kind;
	char *key, *label; /* of a pair, owned; NULL in rows */
	char *text; /* of CELL_STR, owned, as it came */
	size_t n; /* bytes of text */
	int64_t num;
};

enum table_part_kind { TABLE_ROWS, TABLE_BLOCK, TABLE_ITEM, TABLE_NOTE };

struct table_part {
	enum table_part_kind kind;
	char *key; /* owned; NULL for a note */
	char *title; /* owned; NULL: none. Of a note: the note */
	const struct table_col *cols; /* of rows, borrowed */
	size_t ncols;
	struct table_cell *cells; /* row after row, or pair after pair */
	size_t ncells, room;
};

struct table {
	struct table_part *parts;
	size_t nparts, room;
};

#endif
