#include "phoneproxy/config/phonedb.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/obj.h"

enum { BUSY_MS = 5000 };

/* SQLite makes its files with the mode of the first. */
static int make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	return close(fd) == 0 ? 0 : errno;
}

int phonedb_open(
	sqlite3 **out, const char *path, const char *schema, char **why)
{
	sqlite3 *db = NULL;
	int err = make_file(path);
	int rc = SQLITE_OK;

	*out = NULL;
	*why = NULL;
	if (err != 0) {
		*why = mem_printf("%s: %s", path, strerrordesc_np(err));
		return err;
	}
	rc = sqlite3_open_v2(
		path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(db, BUSY_MS);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, schema, NULL, NULL, NULL);
	if (rc != SQLITE_OK) {
		*why = mem_printf("%s: %s", path, sqlite3_errmsg(db));
		(void)sqlite3_close(db);
		return EIO;
	}
	*out = db;
	return 0;
}

int phonedb_rows(sqlite3 *db, const char *query, phonedb_row_fn *fn, void *arg)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, query, -1, &st, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		fn(arg, st);
		rc = SQLITE_OK;
	}
	(void)sqlite3_finalize(st);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
