/*
 * Files in which what is known of phones outlives a restart: SQLite's, readable
 * by us alone.
 */
#ifndef LINESIDE_PHONEPROXY_PHONEDB_H
#define LINESIDE_PHONEPROXY_PHONEDB_H

#include <sqlite3.h>

#include "base/need.h"

/* Makes the file where there is none. errno with words in *why (free() it),
 * and *out is NULL. */
int phonedb_open(sqlite3 **out, const char *path, const char *schema,
	char **why) MUST_USE;

typedef void phonedb_row_fn(void *arg, sqlite3_stmt *st);
/* Every row of that query: SQLITE_OK, or why there are no more. */
int phonedb_rows(
	sqlite3 *db, const char *query, phonedb_row_fn *fn, void *arg) MUST_USE;

#endif
