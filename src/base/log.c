/*
 * What is said and how often: rows, templates, rate limits, debug switches.
 * Where lines go is log_sink.c.
 */
#include "base/log_int.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "base/obj.h"
#include "base/thread.h"
#include "base/wire.h"

const struct log_row log_rows[MSG_COUNT] = {
#define MESSAGE(fac, sev, mnem, lim, txt, mean, act)                           \
	[MSG_##fac##_##mnem] = { .facility = #fac,                             \
		.mnemonic = #mnem,                                             \
		.text = txt,                                                   \
		.meaning = mean,                                               \
		.action = act,                                                 \
		.severity = (enum log_severity)(sev),                          \
		.limit = lim },
#include "base/messages.def"
#undef MESSAGE
};

/* How often each row was said in the second that began at `since`. */
static struct quota {
	uint64_t since; /* clock_ms() */
	unsigned written;
	uint64_t suppressed;
} quotas[MSG_COUNT];
static pthread_mutex_t quota_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_uint rows_suppressed; /* quotas with something to report */

static bool may_write(enum log_msg msg, uint64_t now)
{
	struct quota *q = &quotas[msg];
	bool ok;

	if (log_rows[msg].limit == 0)
		return true;
	pthread_mutex_lock(&quota_lock);
	/* While lines are owed a summary, flush_quotas() ends the second. */
	if (now - q->since >= 1000 && q->suppressed == 0) {
		q->since = now;
		q->written = 0;
	}
	ok = q->written < log_rows[msg].limit;
	if (ok)
		q->written++;
	else if (q->suppressed++ == 0)
		atomic_fetch_add(&rows_suppressed, 1);
	pthread_mutex_unlock(&quota_lock);
	if (!ok)
		metric_inc(M_LOG_SUPPRESSED);
	return ok;
}

/* The number of lines that row `msg` owes a summary for, once. */
static uint64_t take_suppressed(enum log_msg msg, uint64_t now)
{
	struct quota *q = &quotas[msg];
	uint64_t n = 0;

	pthread_mutex_lock(&quota_lock);
	if (q->suppressed > 0 && now - q->since >= 1000) {
		n = q->suppressed;
		*q = (struct quota){ .since = now };
		atomic_fetch_sub(&rows_suppressed, 1);
	}
	pthread_mutex_unlock(&quota_lock);
	return n;
}

/* Summaries of the seconds that are over: with the next line, any line. */
static void flush_quotas(uint64_t now)
{
	if (atomic_load_explicit(&rows_suppressed, memory_order_relaxed) == 0)
		return;
	for (int i = 0; i < MSG_COUNT; i++) {
		uint64_t n = take_suppressed((enum log_msg)i, now);

		if (n == 0)
			continue;
		char *code = mem_printf("%s-%d-%s", log_rows[i].facility,
			(int)log_rows[i].severity, log_rows[i].mnemonic);

		log_event(MSG_SYS_LINES_SUPPRESSED, NULL, L_INT("count", n),
			L_STR("message", code));
		free(code);
	}
}

/* Foreign text of a place: escaped, and cut where nobody reads on. */
static void add_foreign(struct text *t, struct slice s)
{
	enum { ARG_MAX_BYTES = 512 };

	text_escape(t, slice_head(s, ARG_MAX_BYTES));
	if (s.n > ARG_MAX_BYTES)
		text_add(t, SLICE_LIT("..."));
}

void log_add_arg(struct text *t, const struct log_arg *arg)
{
	char addr[ADDR_TEXT];

	switch (arg->kind) {
	case LOG_ARG_STR:
		add_foreign(t, slice_str(arg->str));
		break;
	case LOG_ARG_SLICE:
		add_foreign(t, arg->slice);
		break;
	case LOG_ARG_OURS:
		text_add(t, slice_str(arg->str));
		break;
	case LOG_ARG_INT:
		text_printf(t, "%lld", (long long)arg->num);
		break;
	case LOG_ARG_ADDR:
		text_add(t, slice_str(addr_text(arg->addr, addr)));
		break;
	}
}

static void add_place(
	struct text *t, struct slice name, const struct log_arg *args)
{
	for (; args->name != NULL; args++)
		if (slice_eq_str(name, args->name)) {
			log_add_arg(t, args);
			return;
		}
	text_addc(t, '?');
}

/* "peer {name} is down": the places filled in. */
static void expand(
	struct text *t, struct slice template, const struct log_arg *args)
{
	while (template.n > 0) {
		size_t open = slice_find(template, '{');

		text_add(t, slice_head(template, open));
		template = slice_from(template, open);
		if (template.n == 0)
			break;
		size_t close = slice_find(template, '}');

		need(close < template.n); /* messages.def is ours */
		add_place(t, slice_from(slice_head(template, close), 1), args);
		template = slice_from(template, close + 1);
	}
}

/* ---- who watches ---- */

static struct {
	pthread_mutex_t lock;
	log_watch_fn *fn;
	void *arg;
} watch = { .lock = PTHREAD_MUTEX_INITIALIZER };
static atomic_bool watched;

void log_watch(log_watch_fn *fn, void *arg)
{
	pthread_mutex_lock(&watch.lock);
	watch.fn = fn;
	watch.arg = arg;
	pthread_mutex_unlock(&watch.lock);
	atomic_store(&watched, fn != NULL);
}

static void tell_watch(enum log_msg msg, const struct log_arg *args)
{
	if (!atomic_load_explicit(&watched, memory_order_relaxed))
		return;
	pthread_mutex_lock(&watch.lock);
	if (watch.fn != NULL)
		watch.fn(watch.arg, msg, args);
	pthread_mutex_unlock(&watch.lock);
}

const struct log_arg *log_arg_find(const struct log_arg *args, const char *name)
{
	for (; args->name != NULL; args++)
		if (strcmp(args->name, name) == 0)
			return args;
	return NULL;
}

char *log_event_text(enum log_msg msg, const struct log_arg *args)
{
	struct text t = { 0 };

	need(msg < MSG_COUNT);
	expand(&t, slice_str(log_rows[msg].text), args);
	return text_take(&t);
}

void log_write(
	enum log_msg msg, const struct log_ctx *ctx, const struct log_arg *args)
{
	const struct log_row *row;
	struct text t = { 0 };
	uint64_t now;

	need(msg < MSG_COUNT);
	tell_watch(msg, args);
	row = &log_rows[msg];
	if (row->severity > log_level())
		return;
	now = clock_ms();
	flush_quotas(now);
	if (!may_write(msg, now))
		return;
	expand(&t, slice_str(row->text), args);
	log_sink(&(struct log_line){ .severity = row->severity,
		.facility = row->facility,
		.mnemonic = row->mnemonic,
		.text = t.p ? t.p : "",
		.ctx = ctx,
		.args = args });
	text_free(&t);
}

void log_ctx_keep(
	struct log_ctx *ctx, struct slice phone, struct slice sip_call_id)
{
	struct slice a = slice_head(phone, LOG_PHONE_MAX);
	struct slice b = slice_head(sip_call_id, LOG_CALL_ID_MAX);
	char *both = mem_array(a.n + b.n + 2, 1);

	slice_fit(a, both, a.n + 1);
	slice_fit(b, both + a.n + 1, b.n + 1);
	log_ctx_forget(ctx);
	ctx->kept = both;
	ctx->phone = both;
	ctx->sip_call_id = both + a.n + 1;
}

void log_ctx_forget(struct log_ctx *ctx)
{
	free(ctx->kept);
	ctx->phone = ctx->sip_call_id = ctx->kept = NULL;
}

static atomic_bool debug_on[DEBUG_COUNT];
static const char *const debug_names[DEBUG_COUNT] = {
	[DEBUG_SIP_MESSAGES] = "ccsip messages",
	[DEBUG_SIP_CALLS] = "ccsip calls",
	[DEBUG_TLS] = "crypto pki transactions",
	[DEBUG_MEDIA] = "voip rtp session",
	[DEBUG_CONFIG] = "configuration",
};

bool log_debug_on(enum log_debug sw)
{
	return atomic_load_explicit(&debug_on[sw], memory_order_relaxed);
}

void log_debug_set(enum log_debug sw, bool on)
{
	atomic_store_explicit(&debug_on[sw], on, memory_order_relaxed);
}

const char *log_debug_name(enum log_debug sw)
{
	return debug_names[sw];
}

/* A SIP message has lines of its own: each becomes one of ours. */
void log_debug_line(
	enum log_debug sw, const struct log_ctx *ctx, const char *fmt, ...)
{
	const struct log_arg none = { .name = NULL };
	struct slice rest, line;
	va_list ap;

	va_start(ap, fmt);
	char *all = mem_vprintf(fmt, ap);
	va_end(ap);
	rest = slice_str(all);
	while (slice_line(&rest, &line)) {
		struct text t = { 0 };

		text_escape(&t, line);
		log_sink(&(struct log_line){ .severity = LOG_SEV_DEBUG,
			.facility = debug_names[sw],
			.text = t.p ? t.p : "",
			.ctx = ctx,
			.args = &none });
		text_free(&t);
	}
	free(all);
}
