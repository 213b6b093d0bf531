/* What the files of the store share. */
#ifndef LINESIDE_CERTS_CA_DB_INT_H
#define LINESIDE_CERTS_CA_DB_INT_H

#include <sqlite3.h>

#include "certs/ca/ca_db.h"

struct ca_db {
	sqlite3 *db;
	int lock;
	char *path;
	char why[512];
};

/*
 * Arguments by type: i int64_t, t const char * (NULL is fine), b struct slice
 * (empty is NULL). Faults of the SQL itself show when it is stepped.
 */
sqlite3_stmt *ca_db_query(
	struct ca_db *s, const char *sql, const char *types, ...);
int ca_db_run(
	struct ca_db *s, const char *sql, const char *types, ...) MUST_USE;
int ca_db_step(struct ca_db *s, sqlite3_stmt *st); /* ENOENT: no row */
int ca_db_changed(struct ca_db *s, int err); /* ENOENT: nothing was */
struct bytes ca_db_blob(sqlite3_stmt *st, int column);
char *ca_db_text(sqlite3_stmt *st, int column);
int ca_db_errno(struct ca_db *s, int rc);
int ca_db_say(struct ca_db *s, int err, const char *text);
int ca_db_begin(struct ca_db *s) MUST_USE;
int ca_db_end(struct ca_db *s, int err) MUST_USE; /* commit or undo */

#endif
