/* The store's certificates, requests and passwords. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "certs/ca/ca_db_int.h"

#define CERT "serial, state, not_after, revoked_at, reason, subject, der"
#define REQUEST                                                                \
	"id, tid, csr_id, signer_id, csr, subject, kind, state, received, "    \
	"changed, der, upstream, text, source"

static struct slice serial_slice(const uint8_t serial[CA_DB_SERIAL])
{
	return slice_of(serial, CA_DB_SERIAL);
}

void ca_db_cert_free(struct ca_db_cert *c)
{
	free(c->subject);
	bytes_free(&c->der);
	*c = (struct ca_db_cert){ .reason = -1 };
}

static void read_fixed(sqlite3_stmt *st, int column, void *out, size_t n)
{
	struct bytes b = ca_db_blob(st, column);

	memset(out, 0, n);
	if (b.n == n)
		memcpy(out, b.p, n);
	bytes_free(&b);
}

static struct ca_db_cert read_cert(sqlite3_stmt *st)
{
	struct ca_db_cert c = {
		.state = (enum ca_db_state)sqlite3_column_int(st, 1),
		.not_after = sqlite3_column_int64(st, 2),
		.revoked_at = sqlite3_column_int64(st, 3),
		.reason = sqlite3_column_int(st, 4),
		.subject = ca_db_text(st, 5),
		.der = ca_db_blob(st, 6),
	};

	read_fixed(st, 0, c.serial, sizeof(c.serial));
	return c;
}

int ca_db_reserve(
	struct ca_db *s, const uint8_t serial[CA_DB_SERIAL], int64_t not_after)
{
	return ca_db_run(s,
		"INSERT INTO cert (serial, state, not_after) VALUES (?, ?, ?)",
		"bii", serial_slice(serial), (int64_t)CA_DB_RESERVED,
		not_after);
}

int ca_db_issued(struct ca_db *s, const uint8_t serial[CA_DB_SERIAL],
	const char *subject, struct slice der, int64_t request,
	struct slice whole, int64_t now)
{
	int err = ca_db_begin(s);

	if (err != 0)
		return err;
	err = ca_db_changed(
		s, ca_db_run(s,
			   "UPDATE cert SET state = ?, subject = ?, der = ? "
			   "WHERE serial = ? AND state = ?",
			   "itbbi", (int64_t)CA_DB_ISSUED, subject, der,
			   serial_slice(serial), (int64_t)CA_DB_RESERVED));
	if (err == 0 && request != 0)
		err = ca_db_request_grant(s, request, whole, now);
	return ca_db_end(s, err);
}

int ca_db_revoke(struct ca_db *s, const uint8_t serial[CA_DB_SERIAL],
	int reason, int64_t now)
{
	struct ca_db_cert c;
	int err = ca_db_cert(s, serial, &c);
	enum ca_db_state state = c.state;

	if (err != 0)
		return err;
	ca_db_cert_free(&c);
	if (state == CA_DB_REVOKED)
		return ca_db_say(s, EALREADY, "it was revoked before");
	/* A reserved number may have got out: it can be revoked as well. */
	return ca_db_changed(
		s, ca_db_run(s,
			   "UPDATE cert SET state = ?, revoked_at = ?, "
			   "reason = ? WHERE serial = ?",
			   "iiib", (int64_t)CA_DB_REVOKED, now, (int64_t)reason,
			   serial_slice(serial)));
}

int ca_db_cert(struct ca_db *s, const uint8_t serial[CA_DB_SERIAL],
	struct ca_db_cert *out)
{
	sqlite3_stmt *st =
		ca_db_query(s, "SELECT " CERT " FROM cert WHERE serial = ?",
			"b", serial_slice(serial));
	int err = ca_db_step(s, st);

	*out = err == 0 ? read_cert(st) : (struct ca_db_cert){ .reason = -1 };
	sqlite3_finalize(st);
	return err == ENOENT ? ca_db_say(s, err,
				       "no certificate has that "
				       "serial number")
			     : err;
}

int ca_db_each_revoked(
	struct ca_db *s, int64_t after, ca_db_cert_fn *fn, void *arg)
{
	sqlite3_stmt *st = ca_db_query(s,
		"SELECT " CERT " FROM cert WHERE state = ? AND not_after > ? "
		"ORDER BY revoked_at, serial",
		"ii", (int64_t)CA_DB_REVOKED, after);
	int err;

	while ((err = ca_db_step(s, st)) == 0) {
		struct ca_db_cert c = read_cert(st);

		fn(arg, &c);
		ca_db_cert_free(&c);
	}
	sqlite3_finalize(st);
	return err == ENOENT ? 0 : err;
}

int ca_db_each_cert(struct ca_db *s, int64_t after, size_t max,
	ca_db_cert_fn *fn, void *arg)
{
	sqlite3_stmt *st = ca_db_query(s,
		"SELECT " CERT " FROM cert WHERE state != ? AND not_after > ? "
		"ORDER BY not_after DESC, serial LIMIT ?",
		"iii", (int64_t)CA_DB_RESERVED, after, (int64_t)max);
	int err;

	while ((err = ca_db_step(s, st)) == 0) {
		struct ca_db_cert c = read_cert(st);

		fn(arg, &c);
		ca_db_cert_free(&c);
	}
	sqlite3_finalize(st);
	return err == ENOENT ? 0 : err;
}

void ca_db_request_free(struct ca_db_request *r)
{
	free(r->transaction);
	free(r->subject);
	free(r->kind);
	free(r->upstream);
	free(r->text);
	free(r->source);
	bytes_free(&r->csr);
	bytes_free(&r->der);
	*r = (struct ca_db_request){ .id = 0 };
}

static struct ca_db_request read_request(sqlite3_stmt *st)
{
	struct ca_db_request r = {
		.id = sqlite3_column_int64(st, 0),
		.transaction = ca_db_text(st, 1),
		.csr = ca_db_blob(st, 4),
		.subject = ca_db_text(st, 5),
		.kind = ca_db_text(st, 6),
		.state = (enum ca_db_request_state)sqlite3_column_int(st, 7),
		.received = sqlite3_column_int64(st, 8),
		.changed = sqlite3_column_int64(st, 9),
		.der = ca_db_blob(st, 10),
		.upstream = ca_db_text(st, 11),
		.text = ca_db_text(st, 12),
		.source = ca_db_text(st, 13),
	};

	read_fixed(st, 2, r.csr_id, sizeof(r.csr_id));
	read_fixed(st, 3, r.signer_id, sizeof(r.signer_id));
	return r;
}

static int64_t number(struct ca_db *s, const char *sql, int64_t arg)
{
	sqlite3_stmt *st = ca_db_query(s, sql, "i", arg);
	int64_t n = ca_db_step(s, st) == 0 ? sqlite3_column_int64(st, 0) : 0;

	sqlite3_finalize(st);
	return n;
}

static int64_t requests_in(struct ca_db *s, enum ca_db_request_state state)
{
	return number(s, "SELECT count(*) FROM request WHERE state = ?",
		(int64_t)state);
}

static int64_t certs_in(struct ca_db *s, enum ca_db_state state)
{
	return number(
		s, "SELECT count(*) FROM cert WHERE state = ?", (int64_t)state);
}

static int add_request(
	struct ca_db *s, const struct ca_db_request *r, int64_t *id)
{
	int err = ca_db_run(s,
		"INSERT INTO request (tid, csr_id, signer_id, csr, subject, "
		"kind, state, received, changed, source) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"tbbbttiiit", r->transaction,
		slice_of(r->csr_id, sizeof(r->csr_id)),
		slice_of(r->signer_id, sizeof(r->signer_id)),
		bytes_slice(&r->csr), r->subject, r->kind, (int64_t)r->state,
		r->received, r->received, r->source);

	if (err == 0)
		*id = sqlite3_last_insert_rowid(s->db);
	return err;
}

static int64_t waiting_of(struct ca_db *s, const char *source)
{
	sqlite3_stmt *st = ca_db_query(s,
		"SELECT count(*) FROM request WHERE state = ? AND source = ?",
		"it", (int64_t)CA_REQ_PENDING, source);
	int64_t n = ca_db_step(s, st) == 0 ? sqlite3_column_int64(st, 0) : 0;

	sqlite3_finalize(st);
	return n;
}

static int check_room(struct ca_db *s, const struct ca_db_request *r)
{
	/* Who is vouched for gets in, however many strangers wait. */
	if (requests_in(s, r->state) >= CA_DB_PENDING_MAX)
		return ca_db_say(s, EAGAIN,
			"too many requests wait: grant or reject some");
	if (r->state != CA_REQ_PENDING || r->source[0] == '\0' ||
		waiting_of(s, r->source) < CA_DB_SOURCE_MAX)
		return 0;
	return ca_db_say(s, EAGAIN,
		"too many requests of one source wait: grant or reject some");
}

int ca_db_request_add(struct ca_db *s, const struct ca_db_request *r,
	const uint8_t once[32], int64_t *id)
{
	int err;

	*id = 0;
	err = check_room(s, r);
	if (err == 0)
		err = ca_db_begin(s);
	if (err != 0)
		return err;
	if (once != NULL)
		err = ca_db_changed(
			s, ca_db_run(s, "DELETE FROM password WHERE hash = ?",
				   "b", slice_of(once, 32)));
	if (err == 0)
		err = add_request(s, r, id);
	return ca_db_end(s, err);
}

static int one_request(
	struct ca_db *s, sqlite3_stmt *st, struct ca_db_request *out)
{
	int err = ca_db_step(s, st);

	*out = err == 0 ? read_request(st) : (struct ca_db_request){ .id = 0 };
	sqlite3_finalize(st);
	return err == ENOENT ? ca_db_say(s, err, "there is no such request")
			     : err;
}

int ca_db_request_find(
	struct ca_db *s, const char *transaction, struct ca_db_request *out)
{
	return one_request(s,
		ca_db_query(s,
			"SELECT " REQUEST " FROM request WHERE tid = ? "
			"ORDER BY id DESC LIMIT 1",
			"t", transaction),
		out);
}

int ca_db_request_get(struct ca_db *s, int64_t id, struct ca_db_request *out)
{
	return one_request(s,
		ca_db_query(s, "SELECT " REQUEST " FROM request WHERE id = ?",
			"i", id),
		out);
}

int ca_db_request_approve(
	struct ca_db *s, int64_t id, const char *upstream, int64_t now)
{
	return ca_db_changed(s,
		ca_db_run(s,
			"UPDATE request SET state = ?, upstream = ?, "
			"changed = ? WHERE id = ?",
			"itii", (int64_t)CA_REQ_APPROVED, upstream, now, id));
}

int ca_db_request_grant(
	struct ca_db *s, int64_t id, struct slice der, int64_t now)
{
	return ca_db_changed(
		s, ca_db_run(s,
			   "UPDATE request SET state = ?, der = ?, changed = ? "
			   "WHERE id = ?",
			   "ibii", (int64_t)CA_REQ_GRANTED, der, now, id));
}

int ca_db_request_reject(
	struct ca_db *s, int64_t id, const char *text, int64_t now)
{
	return ca_db_changed(s,
		ca_db_run(s,
			"UPDATE request SET state = ?, text = ?, changed = ? "
			"WHERE id = ?",
			"itii", (int64_t)CA_REQ_REJECTED, text, now, id));
}

int ca_db_each_request(struct ca_db *s, enum ca_db_request_state state,
	ca_db_request_fn *fn, void *arg)
{
	sqlite3_stmt *st = ca_db_query(s,
		"SELECT " REQUEST " FROM request WHERE state = ? ORDER BY id",
		"i", (int64_t)state);
	int err;

	while ((err = ca_db_step(s, st)) == 0) {
		struct ca_db_request r = read_request(st);

		fn(arg, &r);
		ca_db_request_free(&r);
	}
	sqlite3_finalize(st);
	return err == ENOENT ? 0 : err;
}

int ca_db_count(struct ca_db *s, struct ca_db_count *out)
{
	s->why[0] = '\0';
	*out = (struct ca_db_count){
		.issued = certs_in(s, CA_DB_ISSUED),
		.revoked = certs_in(s, CA_DB_REVOKED),
		.reserved = certs_in(s, CA_DB_RESERVED),
		.pending = requests_in(s, CA_REQ_PENDING) +
			   requests_in(s, CA_REQ_APPROVED),
		.granted = requests_in(s, CA_REQ_GRANTED),
		.rejected = requests_in(s, CA_REQ_REJECTED),
	};
	return s->why[0] == '\0' ? 0 : EIO;
}

int ca_db_password_add(struct ca_db *s, const uint8_t hash[32], int64_t expires)
{
	return ca_db_run(s, "INSERT INTO password VALUES (?, ?)", "bi",
		slice_of(hash, 32), expires);
}

bool ca_db_password_good(struct ca_db *s, const uint8_t hash[32], int64_t now)
{
	sqlite3_stmt *st = ca_db_query(s,
		"SELECT 1 FROM password WHERE hash = ? AND expires > ?", "bi",
		slice_of(hash, 32), now);
	bool good = ca_db_step(s, st) == 0;

	sqlite3_finalize(st);
	return good;
}

int ca_db_tidy(struct ca_db *s, int64_t before, int64_t now)
{
	int err = ca_db_run(
		s, "DELETE FROM password WHERE expires <= ?", "i", now);

	if (err == 0)
		err = ca_db_run(s,
			"DELETE FROM request WHERE state IN (?, ?) AND "
			"changed < ?",
			"iii", (int64_t)CA_REQ_GRANTED,
			(int64_t)CA_REQ_REJECTED, before);
	return err;
}
