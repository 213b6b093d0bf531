/*
 * Where log lines go: standard error, a file, the journal, and a ring of
 * recent lines for `show logging`. One lock, held while a line is written, so
 * lines never mix.
 */
#include "base/log_int.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "base/metric.h"
#include "base/obj.h"

enum { RING_LINES = 1000 };

static atomic_uint level = LOG_SEV_INFO;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* all below */
static bool to_stderr = true, to_journal, as_json;
static char *file_name; /* NULL: no file */
static int file_fd = -1;
static char *ring[RING_LINES];
static size_t ring_at; /* the oldest line, overwritten next */

enum log_severity log_level(void)
{
	return (enum log_severity)atomic_load_explicit(
		&level, memory_order_relaxed);
}

static int open_file(const char *name, int *fd)
{
	*fd = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	return *fd < 0 ? errno : 0;
}

/* systemd tells which file the journal gave us: "device:inode". */
static const char *journal_stream(void)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes it here */
	return getenv("JOURNAL_STREAM");
}

static bool is_journal(int fd)
{
	const char *stream = journal_stream();
	struct stat st;
	char mine[64];

	if (stream == NULL || fstat(fd, &st) != 0)
		return false;
	snprintf(mine, sizeof(mine), "%ju:%ju", (uintmax_t)st.st_dev,
		(uintmax_t)st.st_ino);
	return strcmp(stream, mine) == 0;
}

int log_setup(const struct log_params *p)
{
	int fd = -1;
	int err = p->file == NULL ? 0 : open_file(p->file, &fd);

	if (err != 0)
		return err; /* everything stays as it was */
	pthread_mutex_lock(&lock);
	atomic_store(&level, p->level);
	as_json = p->json;
	to_journal = p->to_journal && journal_stream() != NULL;
	/* Not twice, where the journal reads standard error anyway. */
	to_stderr = p->to_stderr && !(to_journal && is_journal(STDERR_FILENO));
	if (file_fd >= 0)
		close(file_fd);
	file_fd = fd;
	free(file_name);
	file_name = mem_dup(p->file);
	pthread_mutex_unlock(&lock);
	return 0;
}

void log_reopen(void)
{
	char *failed = NULL;
	int fd, err;

	pthread_mutex_lock(&lock);
	if (file_name != NULL) {
		err = open_file(file_name, &fd);
		if (err == 0) {
			close(file_fd);
			file_fd = fd;
		} else {
			failed = mem_dup(file_name);
		}
	}
	pthread_mutex_unlock(&lock);
	if (failed != NULL)
		log_event(MSG_SYS_LOG_FILE, NULL, L_STR("file", failed),
			L_STR("reason", strerrordesc_np(err)));
	free(failed);
}

/* UTC, milliseconds: "2025-11-20T22:24:33.123Z". */
static void time_text(char *out, size_t size)
{
	struct timespec ts;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	n = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, size - n, ".%03ldZ", ts.tv_nsec / 1000000);
}

/* One value of the context, where it has one; NULL otherwise. free() it. */
static char *ctx_value(const struct log_ctx *ctx, int i)
{
	struct text t = { 0 };

	if (ctx == NULL)
		return NULL;
	if (i == 0 && ctx->call != 0)
		text_printf(&t, "%u", ctx->call);
	else if (i == 1 && ctx->leg != 0)
		text_escape(&t, slice_of(&ctx->leg, 1));
	else if (i == 2)
		text_escape(&t, slice_str(ctx->phone));
	else if (i == 3)
		text_escape(&t, slice_str(ctx->sip_call_id));
	return t.p; /* NULL as well when the text was empty */
}

enum { CTX_KEYS = 4 };
static const char *const ctx_keys[CTX_KEYS] = { "call", "leg", "phone",
	"sip-call-id" };
static const char *const ctx_json_keys[CTX_KEYS] = { "call", "leg", "phone",
	"sip_call_id" };
static const char *const ctx_fields[CTX_KEYS] = { "LINESIDE_CALL",
	"LINESIDE_LEG", "LINESIDE_PHONE", "LINESIDE_SIP_CALL_ID" };

/* A blank in a foreign value must not begin another key. */
static void add_word(struct text *t, const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == ' ')
			text_add(t, SLICE_LIT("\\x20"));
		else
			text_addc(t, *s);
}

static void render_plain(
	struct text *t, const struct log_line *l, const char *when)
{
	text_printf(t, "%s ", when);
	if (l->mnemonic != NULL)
		text_printf(t, "%%%s-%d-%s: ", l->facility, (int)l->severity,
			l->mnemonic);
	else
		text_printf(t, "debug %s: ", l->facility);
	text_add(t, slice_str(l->text));
	for (int i = 0; i < CTX_KEYS; i++) {
		char *v = ctx_value(l->ctx, i);

		if (v == NULL)
			continue;
		text_printf(t, " %s=", ctx_keys[i]);
		add_word(t, v);
		free(v);
	}
}

static json_t *args_json(const struct log_arg *args)
{
	json_t *o = json_object();

	for (; args->name != NULL; args++) {
		struct text t = { 0 };
		json_t *v;

		if (args->kind == LOG_ARG_INT) {
			v = json_integer(args->num);
		} else {
			log_add_arg(&t, args);
			v = json_stringn(t.p ? t.p : "", t.n);
		}
		json_object_set_new(o, args->name, v);
		text_free(&t);
	}
	return o;
}

static void render_json(
	struct text *t, const struct log_line *l, const char *when)
{
	json_t *o = json_object();

	json_object_set_new(o, "time", json_string(when));
	json_object_set_new(o, "severity", json_integer(l->severity));
	if (l->mnemonic != NULL) {
		json_object_set_new(o, "code",
			json_sprintf("%s-%d-%s", l->facility, (int)l->severity,
				l->mnemonic));
		json_object_set_new(o, "facility", json_string(l->facility));
		json_object_set_new(o, "mnemonic", json_string(l->mnemonic));
		json_object_set_new(o, "args", args_json(l->args));
	} else {
		json_object_set_new(o, "debug", json_string(l->facility));
	}
	json_object_set_new(o, "text", json_string(l->text));
	for (int i = 0; i < CTX_KEYS; i++) {
		char *v = ctx_value(l->ctx, i);

		if (v != NULL)
			json_object_set_new(o, ctx_json_keys[i],
				i == 0 ? json_integer(l->ctx->call)
				       : json_string(v));
		free(v);
	}
	char *s = json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER);

	text_add(t, slice_str(s));
	free(s);
	json_decref(o);
}

/* Fields of one journal entry, each "NAME=value" on the heap. */
struct fields {
	struct iovec v[32];
	int n;
};

static void field_add(struct fields *f, const char *name, const char *value)
{
	if (f->n < (int)ARRAY_SIZE(f->v)) {
		char *s = mem_printf("%s=%s", name, value);

		f->v[f->n++] =
			(struct iovec){ .iov_base = s, .iov_len = strlen(s) };
	}
}

/* {peer} becomes LINESIDE_PEER: the journal knows capitals, digits and _. */
static void field_add_arg(struct fields *f, const struct log_arg *arg)
{
	struct text t = { 0 };
	char name[64];
	size_t n = 0;

	for (const char *s = arg->name; *s != '\0' && n < sizeof(name) - 1; s++)
		name[n++] = *s >= 'a' && *s <= 'z'   ? (char)(*s - 'a' + 'A')
			    : *s >= '0' && *s <= '9' ? *s
						     : '_';
	name[n] = '\0';
	log_add_arg(&t, arg);
	char *field = mem_printf("LINESIDE_ARG_%s", name);

	field_add(f, field, t.p ? t.p : "");
	free(field);
	text_free(&t);
}

static void send_journal(const struct log_line *l)
{
	struct fields f = { .n = 0 };
	char priority[2] = { (char)('0' + l->severity), '\0' };

	field_add(&f, "MESSAGE", l->text);
	field_add(&f, "PRIORITY", priority);
	field_add(&f, "SYSLOG_IDENTIFIER", "linesided");
	field_add(&f, "LINESIDE_FACILITY", l->facility);
	if (l->mnemonic != NULL) {
		char *code = mem_printf(
			"%s-%d-%s", l->facility, (int)l->severity, l->mnemonic);

		field_add(&f, "LINESIDE_CODE", code);
		free(code);
	}
	for (int i = 0; i < CTX_KEYS; i++) {
		char *v = ctx_value(l->ctx, i);

		if (v != NULL)
			field_add(&f, ctx_fields[i], v);
		free(v);
	}
	for (const struct log_arg *a = l->args; a->name != NULL; a++)
		field_add_arg(&f, a);
	if (sd_journal_sendv(f.v, f.n) != 0)
		metric_inc(M_LOG_LOST);
	for (int i = 0; i < f.n; i++)
		free(f.v[i].iov_base);
}

/* A full disk must not stop calls: what is not taken is counted. */
static void write_line(int fd, struct slice line)
{
	ssize_t n = write(fd, line.p, line.n);

	if (n < 0 || (size_t)n < line.n)
		metric_inc(M_LOG_LOST);
}

static void keep(struct slice line)
{
	free(ring[ring_at]);
	ring[ring_at] = slice_dup(line);
	ring_at = (ring_at + 1) % RING_LINES;
}

void log_sink(const struct log_line *l)
{
	struct text plain = { 0 }, json = { 0 };
	struct text *out = &plain;
	char when[40];

	pthread_mutex_lock(&lock);
	time_text(when, sizeof(when));
	render_plain(&plain, l, when);
	keep(text_slice(&plain));
	if (as_json) {
		render_json(&json, l, when);
		out = &json;
	}
	text_addc(out, '\n');
	if (to_stderr)
		write_line(STDERR_FILENO, text_slice(out));
	if (file_fd >= 0)
		write_line(file_fd, text_slice(out));
	if (to_journal)
		send_journal(l);
	pthread_mutex_unlock(&lock);
	text_free(&plain);
	text_free(&json);
}

void log_recent(void (*each)(void *arg, const char *line), void *arg)
{
	char **copy = mem_array(RING_LINES, sizeof(*copy));

	/* Copied, so that `each` may take its time and may log. */
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < RING_LINES; i++)
		copy[i] = mem_dup(ring[(ring_at + i) % RING_LINES]);
	pthread_mutex_unlock(&lock);
	for (size_t i = 0; i < RING_LINES; i++) {
		if (copy[i] != NULL)
			each(arg, copy[i]);
		free(copy[i]);
	}
	free(copy);
}
