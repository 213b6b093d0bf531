/* show version, memory, running-config, counters, logging, reload, messages,
 * debugging. */
#include <stdlib.h>

#include "base/metric.h"
#include "certs/store/seal.h"
#include "memory_use.h"
#include "show/show_int.h"
#include "show/view.h"

int show_version(struct table *t, const struct show *s)
{
	char up[VIEW_TIME];

	version_table(t);
	table_block(t, "system", NULL);
	table_pair(t, "hostname", NULL, s->conf->hostname);
	table_pair(t, "configuration", NULL, s->conf->file);
	table_pair_num(t, "uptime_s", NULL, (int64_t)(s->up_ms / 1000));
	table_note(t, "%s uptime is %s", s->conf->hostname,
		view_duration(s->up_ms, up));
	table_note(t, "Configuration file is \"%s\"", s->conf->file);
	return 0;
}

void show_running_config(FILE *out, const struct show *s)
{
	seal_print_conf(s->conf, out);
}

static int64_t kb(uint64_t bytes)
{
	return (int64_t)(bytes / 1024);
}

int show_memory(struct table *t, const struct show *s)
{
	const struct memory_use *m = s->memory;

	table_block(t, "memory", "Memory in KB");
	table_pair_num(t, "resident_kb", "Process, resident", kb(m->resident));
	table_pair_num(t, "peak_kb", "Process, at most", kb(m->peak));
	if (*m->allocator == '\0')
		return 0;
	table_pair(t, "heap", "Heap", m->allocator);
	table_pair_num(t, "heap_used_kb", "Heap, in use", kb(m->used));
	table_pair_num(t, "heap_held_kb", "Heap, held", kb(m->held));
	return 0;
}

static const struct table_col counter_cols[] = {
	{ "name", "Counter", false },
	{ "value", "Value", true },
	{ "help", "Meaning", false },
};

int show_counters(struct table *t, const struct show *s)
{
	(void)s;
	table_rows(t, "counters", NULL, counter_cols, ARRAY_SIZE(counter_cols));
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		table_str(t, metric_rows[i].name);
		table_num(t, (int64_t)metric_read((enum metric)i));
		table_str(t, metric_rows[i].help);
	}
	return 0;
}

static const char *severity_text(enum log_severity s)
{
	static const char *const names[] = { "emergencies", "alerts",
		"critical", "errors", "warnings", "notifications",
		"informational", "debugging" };

	return s < ARRAY_SIZE(names) ? names[s] : "?";
}

static const struct table_col line_cols[] = { { "line", NULL, false } };

static void add_line(void *arg, const char *line)
{
	struct table *t = arg;

	table_str(t, line);
}

static void note_line(void *arg, const char *line)
{
	struct table *t = arg;

	view_notes(t, slice_str(line));
}

int show_logging(struct table *t, const struct show *s)
{
	const struct log_params *p = &s->conf->logging;

	table_block(t, "logging", "Logging");
	table_pair(t, "level", "Level", severity_text(p->level));
	table_pair_bool(t, "journal", "Journal", p->to_journal);
	table_pair_bool(t, "stderr", "Standard error", p->to_stderr);
	table_pair(t, "file", "File", p->file);
	table_pair(t, "format", "Format", p->json ? "json" : "text");
	table_note(t, "%s", "");
	table_note(t, "Recent lines:");
	table_rows(t, "lines", NULL, line_cols, ARRAY_SIZE(line_cols));
	log_recent(add_line, t);
	log_recent(note_line, t);
	return 0;
}

const char *reload_cause_name(enum reload_cause c)
{
	switch (c) {
	case RELOAD_START:
		return "start";
	case RELOAD_SIGNAL:
		return "SIGHUP";
	case RELOAD_COMMAND:
		return "command";
	case RELOAD_RENEWAL:
		return "renewal";
	}
	return "?";
}

void show_reload_result(struct table *t, const struct reload_result *r)
{
	struct view v = view_begin(t, "reloads", "", 0);
	char when[VIEW_TIME];
	struct slice rest = slice_str(r->complaints), line;

	view_num(&v, "number", NULL, r->number);
	view_str(&v, "time", NULL, view_iso_time(r->at_ms, when));
	view_str(&v, "cause", NULL, reload_cause_name(r->cause));
	view_bool(&v, "ok", NULL, r->ok, "", "");
	view_num(&v, "took_ms", NULL, (int64_t)r->took_ms);
	view_str(&v, "file", NULL, r->file);
	view_num(&v, "errors", NULL, (int64_t)r->errors);
	view_num(&v, "warnings", NULL, (int64_t)r->warnings);
	view_str(&v, "complaints", NULL, r->complaints);
	view_line(&v, "%u %s %s %s: %s in %llu ms, %zu errors, %zu warnings",
		r->number, when, reload_cause_name(r->cause), r->file,
		r->ok ? "in force" : "refused, nothing changed",
		(unsigned long long)r->took_ms, r->errors, r->warnings);
	while (slice_line(&rest, &line))
		view_line(&v, "    %.*s", SLICE_ARG(line));
	view_end(&v);
}

int show_reload(struct table *t, const struct show *s)
{
	view_array(t, "reloads");
	for (size_t i = 0; i < s->nreloads; i++)
		show_reload_result(t, s->reloads[i]);
	return 0;
}

int show_messages(struct table *t, const struct show *s)
{
	(void)s;
	view_array(t, "messages");
	for (size_t i = 0; i < MSG_COUNT; i++) {
		const struct log_row *r = &log_rows[i];
		struct view v = view_begin(t, "messages", ": ", 0);
		char code[96];

		snprintf(code, sizeof(code), "%%%s-%u-%s", r->facility,
			(unsigned)r->severity, r->mnemonic);
		view_str(&v, "code", NULL, code);
		view_str(&v, "text", NULL, r->text);
		view_line(&v, "%s: %s", code, r->text);
		view_str(&v, "meaning", "    Meaning", r->meaning);
		view_str(&v, "action", "    Action", r->action);
		view_end(&v);
	}
	return 0;
}

static const struct table_col debug_cols[] = {
	{ "name", "Debug", false },
	{ "on", "On", false },
};

int show_debugging(struct table *t, const struct show *s)
{
	(void)s;
	table_rows(t, "debugging", NULL, debug_cols, ARRAY_SIZE(debug_cols));
	for (size_t i = 0; i < DEBUG_COUNT; i++) {
		table_str(t, log_debug_name((enum log_debug)i));
		table_bool(t, log_debug_on((enum log_debug)i));
	}
	return 0;
}
