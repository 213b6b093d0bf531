/* The phones in a sorted list; the file behind it. */
#include "phoneproxy/capf/capf_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/obj.h"
#include "base/secret.h"
#include "certs/store/seal.h"
#include "phoneproxy/config/phonedb.h"

static const char schema[] =
	"PRAGMA journal_mode=WAL;"
	"PRAGMA synchronous=FULL;"
	"PRAGMA secure_delete=ON;"
	"CREATE TABLE IF NOT EXISTS phone(name TEXT PRIMARY KEY,"
	" pending INTEGER NOT NULL, string TEXT NOT NULL,"
	" wrong INTEGER NOT NULL, done INTEGER NOT NULL,"
	" done_at INTEGER NOT NULL, not_after INTEGER NOT NULL,"
	" cert BLOB) WITHOUT ROWID;";

struct capf_store { /* counted: by its owner, and by each job */
	sqlite3 *db; /* serialized by SQLite itself */
	struct secret master; /* of no bytes: strings are not sealed */
	bool clear; /* some string is not sealed in the file */
	char *why; /* while opening: a string cannot be had */
	struct work *work;
	struct mq *reply;
	struct capf_phone **v; /* by name */
	size_t n, room;
};

static void store_free(void *arg)
{
	struct capf_store *s = arg;

	(void)sqlite3_close(s->db);
	secret_wipe(&s->master);
	free(s->why);
	for (size_t i = 0; i < s->n; i++) {
		mem_wipe(s->v[i], sizeof(*s->v[i]));
		free(s->v[i]);
	}
	free(s->v);
}

bool capf_name(struct slice s, char out[CAPF_DEVICE_LEN + 1])
{
	if (s.n != CAPF_DEVICE_LEN || !slice_casestarts(s, "SEP"))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (i >= 3 && !(c >= '0' && c <= '9') &&
			!(c >= 'A' && c <= 'F'))
			return false;
		out[i] = c;
	}
	out[s.n] = '\0';
	return true;
}

/* ---- in memory ---- */

/* Where the name is, or belongs. */
static size_t place_of(const struct capf_store *s, const char *name)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(s->v[mid]->name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct capf_phone *capf_store_find(struct capf_store *s, struct slice name)
{
	char wanted[CAPF_DEVICE_LEN + 1];
	size_t i;

	if (!capf_name(name, wanted))
		return NULL;
	i = place_of(s, wanted);
	return i < s->n && strcmp(s->v[i]->name, wanted) == 0 ? s->v[i] : NULL;
}

struct capf_phone *capf_store_get(struct capf_store *s, const char *name)
{
	size_t i = place_of(s, name);
	struct capf_phone *p;

	if (i < s->n && strcmp(s->v[i]->name, name) == 0)
		return s->v[i];
	if (s->n == CAPF_PHONES_MAX)
		return NULL;
	if (s->n == s->room) {
		s->room = s->room * 2 + 64;
		s->v = mem_resize(s->v, s->room, sizeof(void *));
	}
	p = mem_new(sizeof(*p));
	need(slice_copy(slice_str(name), p->name, sizeof(p->name)));
	memmove(&s->v[i + 1], &s->v[i], (s->n - i) * sizeof(void *));
	s->v[i] = p;
	s->n++;
	return p;
}

size_t capf_store_count(const struct capf_store *s)
{
	return s->n;
}

struct capf_phone *capf_store_at(struct capf_store *s, size_t i)
{
	need(i < s->n);
	return s->v[i];
}

void capf_string_make(char out[CAPF_STRING_MAX + 1], unsigned digits)
{
	need(digits >= CAPF_STRING_MIN && digits <= CAPF_STRING_MAX);
	for (unsigned i = 0; i < digits; i++) {
		uint32_t r;

		do /* each digit as likely as any other */
			r = random_u32();
		while (r >= UINT32_MAX / 10 * 10);
		out[i] = (char)('0' + r % 10);
	}
	out[digits] = '\0';
}

bool capf_string_ok(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n >= CAPF_STRING_MIN && s.n <= CAPF_STRING_MAX;
}

/* ---- the file ---- */

static struct slice column(sqlite3_stmt *st, int i)
{
	return slice_of(sqlite3_column_text(st, i),
		(size_t)sqlite3_column_bytes(st, i));
}

/* Sealed for one phone: it cannot be moved to another's row. */
static char *purpose_of(const char *name)
{
	return mem_printf("CAPF authentication string of %s", name);
}

/* As it stands in the file, into `out`; EBADMSG: it is odd. */
static int open_string(struct capf_store *s, const char *name, struct slice in,
	char out[CAPF_STRING_MAX + 1])
{
	char *purpose, *clear = NULL, *why = NULL;
	int err = 0;

	if (in.n == 0 || capf_string_ok(in)) {
		s->clear = s->clear || in.n > 0;
		need(slice_copy(in, out, CAPF_STRING_MAX + 1));
		return 0;
	}
	purpose = purpose_of(name);
	err = seal_open_word(&clear, in, purpose, &s->master, &why);
	if (err == 0 && (!capf_string_ok(slice_str(clear)) ||
				!slice_copy(slice_str(clear), out,
					CAPF_STRING_MAX + 1)))
		err = EBADMSG;
	if (err != 0 && s->why == NULL)
		s->why = mem_printf("the authentication string of %s cannot be "
				    "read: %s",
			name, why != NULL ? why : "it is odd");
	if (clear != NULL)
		mem_wipe(clear, strlen(clear));
	free(clear);
	free(why);
	free(purpose);
	return err;
}

/* What is odd in the file is left out rather than believed. */
static void take_row(void *arg, sqlite3_stmt *st)
{
	struct capf_store *s = arg;
	char name[CAPF_DEVICE_LEN + 1];
	char string[CAPF_STRING_MAX + 1] = "";
	struct capf_phone *p;
	int pending = sqlite3_column_int(st, 1);
	int done = sqlite3_column_int(st, 4);

	if (!capf_name(column(st, 0), name) ||
		open_string(s, name, column(st, 2), string) != 0 ||
		pending < CAPF_NOTHING || pending > CAPF_DELETE ||
		done < CAPF_NOTHING || done > CAPF_DELETE)
		return;
	p = capf_store_get(s, name);
	if (p == NULL)
		return;
	memcpy(p->string, string, sizeof(p->string));
	mem_wipe(string, sizeof(string));
	p->pending = (enum capf_operation)pending;
	p->wrong = (unsigned)sqlite3_column_int(st, 3);
	p->done = (enum capf_operation)done;
	p->done_at = sqlite3_column_int64(st, 5);
	p->not_after = sqlite3_column_int64(st, 6);
}

static int seal_all(struct capf_store *s);

int capf_store_open(struct capf_store **out, const char *path,
	const struct secret *master, char **why)
{
	struct capf_store *s = obj_new(sizeof(*s), store_free);
	int err = phonedb_open(&s->db, path, schema, why);
	int rc = SQLITE_OK;

	*out = NULL;
	if (err != 0) {
		obj_unref(s);
		return err;
	}
	s->master = *master;
	rc = phonedb_rows(s->db,
		"SELECT name, pending, string, wrong, done, done_at, not_after"
		" FROM phone",
		take_row, s);
	if (rc == SQLITE_OK && s->why != NULL) {
		*why = mem_printf("%s: %s", path, s->why);
		obj_unref(s);
		return EACCES;
	}
	if (rc == SQLITE_OK && s->master.n > 0 && s->clear)
		rc = seal_all(s);
	if (rc != SQLITE_OK) {
		*why = mem_printf("%s: %s", path, sqlite3_errmsg(s->db));
		obj_unref(s);
		return EIO;
	}
	*out = s;
	return 0;
}

void capf_store_use(struct capf_store *s, struct work *w, struct mq *reply)
{
	s->work = w;
	s->reply = reply;
}

void capf_store_close(struct capf_store *s)
{
	obj_unref(s);
}

/* ---- writing ---- */

struct save_job {
	struct work_job job;
	struct capf_store *s; /* referenced */
	struct capf_phone *v; /* copies */
	size_t n;
	bool has_cert;
	struct text cert;
	int err;
	capf_saved_fn *fn;
	void *arg;
};

static void job_free(struct save_job *j)
{
	obj_unref(j->s);
	mem_wipe(j->v, j->n * sizeof(*j->v));
	free(j->v);
	text_free(&j->cert);
	free(j);
}

/* As it is to stand in the file: wipe and free it. */
static char *file_string(const struct capf_store *s, const struct capf_phone *p)
{
	char *purpose, *word = NULL;

	if (s->master.n == 0 || p->string[0] == '\0')
		return mem_dup(p->string);
	purpose = purpose_of(p->name);
	need(seal_word(&word, slice_str(p->string), purpose, &s->master) == 0);
	free(purpose);
	return word;
}

static int write_one(const struct capf_store *s, sqlite3_stmt *st,
	const struct capf_phone *p, const struct text *cert)
{
	char *string = file_string(s, p);
	int rc;

	(void)sqlite3_reset(st);
	(void)sqlite3_bind_text(st, 1, p->name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int(st, 2, (int)p->pending);
	(void)sqlite3_bind_text(st, 3, string, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int(st, 4, (int)p->wrong);
	(void)sqlite3_bind_int(st, 5, (int)p->done);
	(void)sqlite3_bind_int64(st, 6, p->done_at);
	(void)sqlite3_bind_int64(st, 7, p->not_after);
	(void)sqlite3_bind_int(st, 8, cert != NULL);
	if (cert != NULL && cert->n > 0)
		(void)sqlite3_bind_blob64(
			st, 9, cert->p, cert->n, SQLITE_STATIC);
	else
		(void)sqlite3_bind_null(st, 9);
	rc = sqlite3_step(st);
	(void)sqlite3_reset(st);
	(void)sqlite3_clear_bindings(st);
	mem_wipe(string, strlen(string));
	free(string);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int exec(struct capf_store *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

static const char upsert[] =
	"INSERT INTO phone VALUES(?1,?2,?3,?4,?5,?6,?7,?9)"
	" ON CONFLICT(name) DO UPDATE SET pending=?2, string=?3,"
	" wrong=?4, done=?5, done_at=?6, not_after=?7,"
	" cert=CASE WHEN ?8 THEN ?9 ELSE cert END";

static int commit(struct capf_store *s, int rc)
{
	if (rc == SQLITE_OK)
		rc = exec(s, "COMMIT");
	if (rc != SQLITE_OK)
		(void)exec(s, "ROLLBACK");
	return rc;
}

/* What stood there in clear is overwritten, in the log beside the file, too. */
static int seal_all(struct capf_store *s)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, upsert, -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = exec(s, "BEGIN IMMEDIATE");
	if (rc == SQLITE_OK) {
		for (size_t i = 0; rc == SQLITE_OK && i < s->n; i++)
			rc = write_one(s, st, s->v[i], NULL);
		rc = commit(s, rc);
	}
	(void)sqlite3_finalize(st);
	if (rc == SQLITE_OK)
		rc = exec(s, "PRAGMA wal_checkpoint(TRUNCATE)");
	return rc;
}

static void save_run(struct work_job *job)
{
	struct save_job *j = MQ_HOLDER(job, struct save_job, job);
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(j->s->db, upsert, -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = exec(j->s, "BEGIN IMMEDIATE");
	if (rc == SQLITE_OK) {
		for (size_t i = 0; rc == SQLITE_OK && i < j->n; i++)
			rc = write_one(j->s, st, &j->v[i],
				i == 0 && j->has_cert ? &j->cert : NULL);
		rc = commit(j->s, rc);
	}
	if (rc != SQLITE_OK) {
		log_event(MSG_PHONE_CAPF_STORE, NULL,
			L_STR("reason", sqlite3_errstr(rc)));
		j->err = EIO;
	}
	(void)sqlite3_finalize(st);
}

static void save_done(struct work_job *job)
{
	struct save_job *j = MQ_HOLDER(job, struct save_job, job);

	if (j->fn != NULL)
		j->fn(j->arg, j->err);
	job_free(j);
}

int capf_store_save(struct capf_store *s, struct capf_phone *const *v, size_t n,
	const struct slice *cert, capf_saved_fn *fn, void *arg)
{
	struct save_job *j = mem_new(sizeof(*j));
	int err;

	j->job = (struct work_job){
		.run = save_run, .done = save_done, .reply = s->reply
	};
	j->s = obj_ref(s);
	j->v = mem_array(n + 1, sizeof(*j->v));
	j->n = n;
	for (size_t i = 0; i < n; i++)
		j->v[i] = *v[i];
	j->has_cert = cert != NULL;
	if (cert != NULL)
		text_add(&j->cert, *cert);
	j->fn = fn;
	j->arg = arg;
	err = work_submit(s->work, &j->job);
	if (err != 0)
		job_free(j);
	return err;
}

int capf_store_cert(struct capf_store *s, const char *name, struct text *der)
{
	sqlite3_stmt *st = NULL;
	int err = ENOENT;

	if (sqlite3_prepare_v2(s->db, "SELECT cert FROM phone WHERE name=?1",
		    -1, &st, NULL) != SQLITE_OK)
		return EIO;
	(void)sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_bytes(st, 0) > 0) {
		const void *p = sqlite3_column_blob(st, 0);

		text_add(der, slice_of(p, (size_t)sqlite3_column_bytes(st, 0)));
		err = 0;
	}
	(void)sqlite3_finalize(st);
	return err;
}
