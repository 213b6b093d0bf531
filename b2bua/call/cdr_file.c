/*
 * Where call records go: the log, and a file. A thread of its own opens, writes and looks
 * whether the file was moved; a line is one write(), and what did not fit as a
 * whole is taken back, so that nothing half-written stays.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "b2bua/call/cdr.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/work.h"

enum { WAITING_MAX = 10000 };

struct target { /* the writing thread's */
	char *path;
	int fd; /* -1: not open */
	bool failing; /* that was told */
};

struct cdr {
	struct work *work; /* NULL: no file was ever named */
	char *path; /* NULL: no file */
	bool log;
	struct target target;
};

struct job {
	struct work_job job;
	struct target *target;
	char *path, *line;
};

struct cdr *cdr_new(void)
{
	struct cdr *r = mem_new(sizeof(*r));

	r->target.fd = -1;
	return r;
}

bool cdr_wanted(const struct cdr *r)
{
	return r->path != NULL || r->log;
}

/* ---- the writing thread ---- */

static void target_close(struct target *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

/* Another path, or another file there than the one that is open. */
static bool has_moved(const struct target *t, const char *path)
{
	struct stat here, there;

	return t->path == NULL || strcmp(t->path, path) != 0 ||
	       stat(path, &there) != 0 || fstat(t->fd, &here) != 0 ||
	       here.st_dev != there.st_dev || here.st_ino != there.st_ino;
}

/* A machine without power has left half a line: the next one is not its end. */
static int end_cut_line(const struct target *t)
{
	struct stat st;
	char last = '\n';
	int fd;

	if (fstat(t->fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return 0;
	fd = open(t->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0; /* ours to write alone */
	if (pread(fd, &last, 1, st.st_size - 1) != 1)
		last = '\n'; /* nobody can tell */
	close(fd);
	if (last == '\n' || write(t->fd, "\n", 1) == 1)
		return 0;
	return errno;
}

static int target_open(struct target *t, const char *path)
{
	if (t->fd >= 0 && !has_moved(t, path))
		return 0;
	target_close(t);
	free(t->path);
	t->path = mem_dup(path);
	t->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	return t->fd >= 0 ? end_cut_line(t) : errno;
}

static int write_line(struct target *t, const char *line)
{
	size_t size = strlen(line);
	struct stat st;
	ssize_t n;

	if (fstat(t->fd, &st) != 0)
		return errno;
	do
		n = write(t->fd, line, size);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)size)
		return 0;
	if (n < 0)
		return errno;
	if (S_ISREG(st.st_mode) && ftruncate(t->fd, st.st_size) != 0)
		return errno;
	return ENOSPC;
}

static void tell(struct target *t, int err)
{
	if (err != 0 && !t->failing)
		log_event(MSG_CALL_RECORDS_LOST, NULL, L_STR("file", t->path),
			L_STR("reason", strerrordesc_np(err)));
	if (err == 0 && t->failing)
		log_event(MSG_CALL_RECORDS_AGAIN, NULL, L_STR("file", t->path));
	t->failing = err != 0;
	metric_inc(err != 0 ? M_CDR_LOST : M_CDR_WRITTEN);
}

static void run(struct work_job *job)
{
	struct job *j = (struct job *)job;
	int err = target_open(j->target, j->path);

	if (err == 0)
		err = write_line(j->target, j->line);
	if (err != 0)
		target_close(j->target); /* anew with the next one */
	tell(j->target, err);
	free(j->path);
	free(j->line);
	free(j);
}

/* ---- the other one ---- */

void cdr_set(struct cdr *r, const char *path, bool log)
{
	r->log = log;
	free(r->path);
	r->path = mem_dup(path);
	if (path != NULL && r->work == NULL &&
		work_start(&r->work, WAITING_MAX) != 0)
		log_event(MSG_CALL_RECORDS_LOST, NULL, L_STR("file", path),
			L_STR("reason", "no thread could be started"));
}

static void put_log(const char *line)
{
	char *record = mem_ndup(line, strlen(line) - 1);

	log_event(MSG_CALL_RECORD, NULL, L_OURS("record", record));
	free(record);
}

static void put_file(struct cdr *r, char *line)
{
	struct job *j = mem_new(sizeof(*j));

	*j = (struct job){ .job = { .run = run },
		.target = &r->target,
		.path = mem_dup(r->path),
		.line = line };
	if (r->work != NULL && work_submit(r->work, &j->job) == 0)
		return;
	metric_inc(M_CDR_LOST);
	free(j->path);
	free(j->line);
	free(j);
}

void cdr_put(struct cdr *r, char *line)
{
	if (r->log)
		put_log(line);
	if (r->path != NULL)
		put_file(r, line);
	else
		free(line);
}

void cdr_free(struct cdr *r)
{
	if (r == NULL)
		return;
	work_stop(r->work);
	target_close(&r->target);
	free(r->target.path);
	free(r->path);
	free(r);
}
