/* By name in a sorted array; every change is a row for the helper to write. */
#include "phoneproxy/config/phonecert.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/obj.h"
#include "base/work.h"
#include "certs/x509/crt.h"
#include "phoneproxy/config/phonedb.h"

enum { JOBS_MAX = 4096, SEP_LEN = FILE_DEVICE_TEXT - 1 };

static const char schema[] =
	"PRAGMA journal_mode=WAL;"
	"PRAGMA synchronous=NORMAL;"
	"CREATE TABLE IF NOT EXISTS cert(name TEXT PRIMARY KEY,"
	" how INTEGER NOT NULL, at INTEGER NOT NULL, der BLOB NOT NULL)"
	" WITHOUT ROWID;";

struct phonecerts {
	sqlite3 *db; /* NULL: in memory only */
	struct work *work;
	struct phonecert **v; /* by name */
	size_t n, room;
};

const char *phonecert_how_text(enum phonecert_how h)
{
	static const char *const texts[PHONECERT_HOWS] = { "given by CAPF",
		"seen on SIP", "seen on HTTPS" };

	return texts[h];
}

bool phonecert_device(struct slice device, char out[FILE_DEVICE_TEXT])
{
	struct slice tail = device;

	out[0] = '\0';
	if (device.n > SEP_LEN) {
		tail = slice_from(device, device.n - SEP_LEN);
		if (device.p[device.n - SEP_LEN - 1] != '-')
			return false;
	}
	if (tail.n != SEP_LEN || !slice_casestarts(tail, "SEP"))
		return false;
	for (size_t i = 0; i < SEP_LEN; i++) {
		char c = tail.p[i];

		if (i >= 3 && hex_digit(c) < 0) {
			out[0] = '\0';
			return false;
		}
		out[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	out[SEP_LEN] = '\0';
	return true;
}

/* ---- in memory ---- */

static size_t place_of(const struct phonecerts *c, const char *name)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(c->v[mid]->name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct phonecert *find(const struct phonecerts *c, const char *name)
{
	size_t i = place_of(c, name);

	return i < c->n && strcmp(c->v[i]->name, name) == 0 ? c->v[i] : NULL;
}

const struct phonecert *phonecerts_find(
	const struct phonecerts *c, const char *name)
{
	return find(c, name);
}

size_t phonecerts_count(const struct phonecerts *c)
{
	return c->n;
}

const struct phonecert *phonecerts_at(const struct phonecerts *c, size_t i)
{
	need(i < c->n);
	return c->v[i];
}

static void cert_free(struct phonecert *p)
{
	text_free(&p->der);
	free(p);
}

static void remove_at(struct phonecerts *c, size_t i)
{
	cert_free(c->v[i]);
	memmove(&c->v[i], &c->v[i + 1], (--c->n - i) * sizeof(void *));
}

static struct phonecert *insert(struct phonecerts *c, const char *name)
{
	struct phonecert *p = mem_new(sizeof(*p));
	size_t i = place_of(c, name);

	if (c->n == c->room) {
		c->room = c->room * 2 + 64;
		c->v = mem_resize(c->v, c->room, sizeof(void *));
	}
	need(slice_copy(slice_str(name), p->name, sizeof(p->name)));
	memmove(&c->v[i + 1], &c->v[i], (c->n - i) * sizeof(void *));
	c->v[i] = p;
	c->n++;
	return p;
}

/* ---- the file ---- */

struct write_job {
	struct work_job job;
	sqlite3 *db; /* open until the helper has ended */
	char name[FILE_DEVICE_TEXT];
	enum phonecert_how how;
	int64_t at;
	struct text der; /* of no bytes: the row goes */
};

static void job_free(struct write_job *j)
{
	text_free(&j->der);
	free(j);
}

static void write_run(struct work_job *job)
{
	struct write_job *j = MQ_HOLDER(job, struct write_job, job);
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(j->db,
		j->der.n > 0 ? "INSERT OR REPLACE INTO cert VALUES(?1,?2,?3,?4)"
			     : "DELETE FROM cert WHERE name=?1",
		-1, &st, NULL);

	if (rc == SQLITE_OK) {
		(void)sqlite3_bind_text(st, 1, j->name, -1, SQLITE_STATIC);
		if (j->der.n > 0) {
			(void)sqlite3_bind_int(st, 2, (int)j->how);
			(void)sqlite3_bind_int64(st, 3, j->at);
			(void)sqlite3_bind_blob64(
				st, 4, j->der.p, j->der.n, SQLITE_STATIC);
		}
		rc = sqlite3_step(st);
	}
	if (rc != SQLITE_DONE)
		log_event(MSG_PHONE_CERTS_LOST, NULL,
			L_STR("reason", sqlite3_errstr(rc)));
	(void)sqlite3_finalize(st);
	job_free(j);
}

static void save(struct phonecerts *c, const char *name, enum phonecert_how how,
	int64_t at, struct slice der)
{
	struct write_job *j;

	if (c->db == NULL)
		return;
	j = mem_new(sizeof(*j));
	j->job.run = write_run;
	j->db = c->db;
	need(slice_copy(slice_str(name), j->name, sizeof(j->name)));
	j->how = how;
	j->at = at;
	text_add(&j->der, der);
	if (work_submit(c->work, &j->job) == 0)
		return;
	log_event(MSG_PHONE_CERTS_LOST, NULL,
		L_STR("reason", "too much waits to be written"));
	job_free(j);
}

static struct slice column(sqlite3_stmt *st, int i)
{
	const void *p = i == 0 ? (const void *)sqlite3_column_text(st, i)
			       : sqlite3_column_blob(st, i);

	return slice_of(p, (size_t)sqlite3_column_bytes(st, i));
}

/* What is odd in the file is left out rather than believed. */
static void take_row(void *arg, sqlite3_stmt *st)
{
	struct phonecerts *c = arg;
	char name[FILE_DEVICE_TEXT];
	struct slice der = column(st, 3);
	int how = sqlite3_column_int(st, 1);
	struct phonecert *p;

	if (!phonecert_device(column(st, 0), name) || how < 0 ||
		how >= PHONECERT_HOWS || der.n == 0 ||
		der.n > PHONECERT_SIZE_MAX || c->n == PHONECERTS_MAX ||
		find(c, name) != NULL)
		return;
	p = insert(c, name);
	p->how = (enum phonecert_how)how;
	p->at = sqlite3_column_int64(st, 2);
	text_add(&p->der, der);
}

struct phonecerts *phonecerts_new(void)
{
	return mem_new(sizeof(struct phonecerts));
}

bool phonecerts_is_open(const struct phonecerts *c)
{
	return c->db != NULL;
}

int phonecerts_open(struct phonecerts *c, const char *path, char **why)
{
	sqlite3 *db;
	int err = phonedb_open(&db, path, schema, why);
	int rc;

	if (err != 0)
		return err;
	rc = phonedb_rows(
		db, "SELECT name, how, at, der FROM cert", take_row, c);
	if (rc != SQLITE_OK) {
		*why = mem_printf("%s: %s", path, sqlite3_errmsg(db));
		err = EIO;
	} else {
		err = work_start(&c->work, JOBS_MAX);
		if (err != 0)
			*why = mem_dup(strerrordesc_np(err));
	}
	if (err != 0)
		(void)sqlite3_close(db);
	else
		c->db = db;
	return err;
}

void phonecerts_free(struct phonecerts *c)
{
	if (c == NULL)
		return;
	work_stop(c->work);
	if (c->db != NULL)
		(void)sqlite3_close(c->db);
	for (size_t i = 0; i < c->n; i++)
		cert_free(c->v[i]);
	free(c->v);
	free(c);
}

/* ---- what is seen ---- */

static bool import(gnutls_x509_crt_t *out, struct slice der)
{
	gnutls_datum_t d = { .size = (unsigned)der.n };

	memcpy(&d.data, &der.p, sizeof(d.data)); /* it is not written to */
	return crt_import(out, &d) == 0;
}

/* Both of one issuer, and the new one began before the old one. */
static bool is_older(struct slice new, struct slice old)
{
	gnutls_x509_crt_t a, b;
	gnutls_datum_t x = { 0 }, y = { 0 };
	bool older = false;

	if (!import(&a, new))
		return true;
	if (import(&b, old)) {
		if (gnutls_x509_crt_get_raw_issuer_dn(a, &x) == 0 &&
			gnutls_x509_crt_get_raw_issuer_dn(b, &y) == 0)
			older = slice_eq(slice_of(x.data, x.size),
					slice_of(y.data, y.size)) &&
				gnutls_x509_crt_get_activation_time(a) <
					gnutls_x509_crt_get_activation_time(b);
		gnutls_free(x.data);
		gnutls_free(y.data);
		gnutls_x509_crt_deinit(b);
	}
	gnutls_x509_crt_deinit(a);
	return older;
}

static void make_room(struct phonecerts *c)
{
	size_t oldest = 0;

	if (c->n < PHONECERTS_MAX)
		return;
	for (size_t i = 1; i < c->n; i++)
		if (c->v[i]->at < c->v[oldest]->at)
			oldest = i;
	save(c, c->v[oldest]->name, PHONECERT_CAPF, 0, slice_str(""));
	remove_at(c, oldest);
}

bool phonecerts_note(struct phonecerts *c, const char *name, struct slice der,
	enum phonecert_how how)
{
	struct phonecert *p = find(c, name);

	if (der.n == 0 || der.n > PHONECERT_SIZE_MAX)
		return false;
	if (p != NULL && (slice_eq(text_slice(&p->der), der) ||
				 is_older(der, text_slice(&p->der))))
		return false;
	if (p == NULL) {
		make_room(c);
		p = insert(c, name);
	}
	text_free(&p->der);
	text_add(&p->der, der);
	p->how = how;
	p->at = time(NULL);
	save(c, name, how, p->at, der);
	return true;
}

bool phonecerts_drop(struct phonecerts *c, const char *name)
{
	size_t i = place_of(c, name);

	if (i == c->n || strcmp(c->v[i]->name, name) != 0)
		return false;
	remove_at(c, i);
	save(c, name, PHONECERT_CAPF, 0, slice_str(""));
	return true;
}
