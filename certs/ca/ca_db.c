/* Opening the store, named values, certificates. */
#include "certs/ca/ca_db_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/obj.h"

static const char tables[] =
	"CREATE TABLE value (key TEXT PRIMARY KEY, value BLOB NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE cert (serial BLOB PRIMARY KEY, state INTEGER NOT NULL,"
	" not_after INTEGER NOT NULL, revoked_at INTEGER NOT NULL DEFAULT 0,"
	" reason INTEGER NOT NULL DEFAULT -1, subject TEXT, der BLOB)"
	" WITHOUT ROWID;"
	"CREATE INDEX cert_state ON cert (state);"
	"CREATE TABLE request (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" tid TEXT NOT NULL, csr_id BLOB NOT NULL, signer_id BLOB NOT NULL,"
	" csr BLOB NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL,"
	" state INTEGER NOT NULL, received INTEGER NOT NULL,"
	" changed INTEGER NOT NULL, der BLOB, upstream TEXT, text TEXT,"
	" source TEXT NOT NULL DEFAULT '');"
	"CREATE INDEX request_tid ON request (tid);"
	"CREATE INDEX request_state ON request (state);"
	"CREATE TABLE password (hash BLOB PRIMARY KEY, expires INTEGER)"
	" WITHOUT ROWID;"
	"PRAGMA user_version = 2;";

/* 1 did not know who handed a request in. */
static const char tables_of_1[] =
	"ALTER TABLE request ADD COLUMN source TEXT NOT NULL DEFAULT '';"
	"PRAGMA user_version = 2;";

#define ROOM ": make room, nothing was changed"

static bool is_full(struct ca_db *s, int rc)
{
	int os = s->db != NULL ? sqlite3_system_errno(s->db) : 0;

	return (rc & 0xff) == SQLITE_FULL ||
	       ((rc & 0xff) == SQLITE_IOERR && (os == ENOSPC || os == EDQUOT));
}

int ca_db_errno(struct ca_db *s, int rc)
{
	bool full = is_full(s, rc);

	snprintf(s->why, sizeof(s->why), "%s: %s%s", s->path,
		sqlite3_errmsg(s->db), full ? ROOM : "");
	if (full)
		return ENOSPC;
	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT:
		return EEXIST;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return EBUSY;
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		return EACCES;
	default:
		return EIO;
	}
}

int ca_db_say(struct ca_db *s, int err, const char *text)
{
	snprintf(s->why, sizeof(s->why), "%s: %s", s->path, text);
	return err;
}

const char *ca_db_why(const struct ca_db *s)
{
	return s->why;
}

static int bind_one(sqlite3_stmt *st, int at, char type, va_list *ap)
{
	struct slice s;
	const char *text;

	switch (type) {
	case 'i':
		return sqlite3_bind_int64(st, at, va_arg(*ap, int64_t));
	case 't':
		text = va_arg(*ap, const char *);
		return sqlite3_bind_text(st, at, text, -1, SQLITE_TRANSIENT);
	default:
		need(type == 'b');
		s = va_arg(*ap, struct slice);
		if (s.n == 0)
			return sqlite3_bind_null(st, at);
		return sqlite3_bind_blob64(st, at, s.p, s.n, SQLITE_TRANSIENT);
	}
}

static sqlite3_stmt *vprepare(
	struct ca_db *s, const char *sql, const char *types, va_list *ap)
{
	sqlite3_stmt *st = NULL;

	/* NULL after an error: stepping it is SQLITE_MISUSE */
	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK)
		return NULL;
	for (int i = 0; types[i] != '\0'; i++)
		need(bind_one(st, i + 1, types[i], ap) == SQLITE_OK);
	return st;
}

sqlite3_stmt *ca_db_query(
	struct ca_db *s, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;

	va_start(ap, types);
	st = vprepare(s, sql, types, &ap);
	va_end(ap);
	return st;
}

int ca_db_run(struct ca_db *s, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	int rc, err;

	va_start(ap, types);
	st = vprepare(s, sql, types, &ap);
	va_end(ap);
	rc = sqlite3_step(st);
	err = rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : ca_db_errno(s, rc);
	sqlite3_finalize(st);
	return err;
}

int ca_db_step(struct ca_db *s, sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return 0;
	return rc == SQLITE_DONE ? ENOENT : ca_db_errno(s, rc);
}

int ca_db_changed(struct ca_db *s, int err)
{
	if (err != 0)
		return err;
	return sqlite3_changes(s->db) > 0
		       ? 0
		       : ca_db_say(s, ENOENT, "there is no such entry");
}

struct bytes ca_db_blob(sqlite3_stmt *st, int column)
{
	const void *p = sqlite3_column_blob(st, column);
	int n = sqlite3_column_bytes(st, column);

	if (p == NULL)
		return (struct bytes){ .n = 0 };
	return bytes_of(slice_of(p, (size_t)n));
}

char *ca_db_text(sqlite3_stmt *st, int column)
{
	return mem_dup((const char *)sqlite3_column_text(st, column));
}

static int exec(struct ca_db *s, const char *sql)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : ca_db_errno(s, rc);
}

int ca_db_end(struct ca_db *s, int err)
{
	if (err == 0)
		err = exec(s, "COMMIT");
	if (err != 0 && sqlite3_get_autocommit(s->db) == 0) {
		char why[sizeof(s->why)];

		memcpy(why, s->why, sizeof(why)); /* of the first fault */
		if (exec(s, "ROLLBACK") != 0)
			err = EIO;
		memcpy(s->why, why, sizeof(why));
	}
	return err;
}

int ca_db_begin(struct ca_db *s)
{
	return exec(s, "BEGIN IMMEDIATE");
}

static int version_of(struct ca_db *s, int64_t *out)
{
	sqlite3_stmt *st = ca_db_query(s, "PRAGMA user_version", "");
	int err = ca_db_step(s, st);

	*out = err == 0 ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_finalize(st);
	return err;
}

static int make_tables(struct ca_db *s)
{
	int64_t version;
	int err = version_of(s, &version);

	if (err != 0)
		return err;
	if (version > CA_DB_VERSION)
		return ca_db_say(s, ENOTSUP,
			"the database was written by a newer Lineside: run "
			"that version, or restore a copy from before the "
			"update");
	if (version == CA_DB_VERSION)
		return 0;
	err = ca_db_begin(s);
	return err == 0 ? ca_db_end(s,
				  exec(s, version == 1 ? tables_of_1 : tables))
			: err;
}

/* Two processes with one database would both believe its serial numbers. */
static int lock(struct ca_db *s, const char *dir)
{
	char *path = mem_printf("%s/lock", dir);
	int err = 0;

	s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock < 0) {
		err = errno;
		snprintf(s->why, sizeof(s->why), "%s: %s%s", path,
			strerrordesc_np(err),
			err == ENOSPC || err == EDQUOT ? ROOM : "");
	} else if (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
		err = EBUSY;
		snprintf(s->why, sizeof(s->why),
			"%s: another process serves this CA", path);
	}
	free(path);
	return err;
}

static int open_db(struct ca_db *s, const char *dir)
{
	int err = lock(s, dir);
	int rc;

	if (err != 0)
		return err;
	rc = sqlite3_open_v2(s->path, &s->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
		NULL);
	if (rc != SQLITE_OK)
		return ca_db_errno(s, rc);
	if (chmod(s->path, 0600) != 0)
		return ca_db_say(s, errno, strerrordesc_np(errno));
	sqlite3_extended_result_codes(s->db, 0);
	err = exec(s, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		      "PRAGMA trusted_schema=OFF; PRAGMA secure_delete=ON");
	return err == 0 ? make_tables(s) : err;
}

int ca_db_open(struct ca_db **out, const char *dir, char *why, size_t size)
{
	struct ca_db *s = mem_new(sizeof(*s));
	int err = 0;

	s->lock = -1;
	s->path = mem_printf("%s/ca.db", dir);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		err = ca_db_say(s, errno, strerrordesc_np(errno));
	if (err == 0)
		err = open_db(s, dir);
	if (err != 0) {
		snprintf(why, size, "%s", s->why);
		ca_db_close(s);
		s = NULL;
	}
	*out = s;
	return err;
}

void ca_db_close(struct ca_db *s)
{
	if (s == NULL)
		return;
	sqlite3_close(s->db);
	if (s->lock >= 0)
		close(s->lock);
	free(s->path);
	free(s);
}

int ca_db_get(struct ca_db *s, const char *key, struct bytes *out)
{
	sqlite3_stmt *st = ca_db_query(
		s, "SELECT value FROM value WHERE key = ?", "t", key);
	int err = ca_db_step(s, st);

	*out = err == 0 ? ca_db_blob(st, 0) : (struct bytes){ .n = 0 };
	sqlite3_finalize(st);
	return err;
}

int ca_db_put(struct ca_db *s, const char *key, struct slice value)
{
	return ca_db_run(s, "INSERT OR REPLACE INTO value VALUES (?, ?)", "tb",
		key, value);
}

int ca_db_remove(struct ca_db *s, const char *key)
{
	return ca_db_run(s, "DELETE FROM value WHERE key = ?", "t", key);
}
