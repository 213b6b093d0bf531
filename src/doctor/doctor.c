/* The doctor's round: what is looked at in which order, and the report. */
#include "doctor/doctor.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/obj.h"
#include "base/table.h"
#include "base/wire.h"
#include "certs/x509/crt.h"
#include "control/request.h"
#include "doctor/doctor_int.h"
#include "version.h"

enum { DAY = 24 * 3600, YEAR_2020 = 1577836800, DAYS = 30 };

void doctor_say(struct doctor *d, enum doctor_severity severity,
	const char *check, struct conf_pos pos, const char *mend,
	const char *fmt, ...)
{
	va_list ap;
	char *what;

	va_start(ap, fmt);
	what = mem_vprintf(fmt, ap);
	va_end(ap);
	/* One file may serve several trustpoints. */
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->v[i].what, what) == 0 &&
			d->v[i].line == pos.line) {
			free(what);
			return;
		}
	d->v = mem_resize(d->v, d->n + 1, sizeof(*d->v));
	d->v[d->n++] = (struct doctor_finding){ .severity = severity,
		.check = check,
		.line = pos.line,
		.what = what,
		.mend = mem_dup(mend) };
	d->count[severity]++;
}

void doctor_dates(struct doctor *d, struct conf_pos pos, gnutls_x509_crt_t crt,
	const char *whose)
{
	time_t from = gnutls_x509_crt_get_activation_time(crt);
	time_t to = gnutls_x509_crt_get_expiration_time(crt);
	long days = (long)((to - d->now) / DAY);
	char name[CRT_NAME], date[CRT_DATE];

	crt_subject(crt, name);
	if (to < d->now)
		doctor_say(d, DOCTOR_ERROR, "expiry", pos,
			"renew it, then `lineside reload`",
			"%s \"%s\" expired on %s", whose, name,
			crt_date(to, date));
	else if (from > d->now)
		doctor_say(d, DOCTOR_ERROR, "expiry", pos,
			"check the clock of this machine, then that of the CA",
			"%s \"%s\" is not valid before %s", whose, name,
			crt_date(from, date));
	else if (days < (long)d->p->days)
		doctor_say(d, DOCTOR_WARNING, "expiry", pos,
			"renew it before that day",
			"%s \"%s\" expires in %ld days, on %s", whose, name,
			days, crt_date(to, date));
}

struct doctor_tp *doctor_tp(struct doctor *d, const struct conf_trustpoint *c)
{
	for (size_t i = 0; i < d->ntp; i++)
		if (d->tp[i].conf == c)
			return &d->tp[i];
	return NULL;
}

/* What is judged by the clock: the first trustpoint stands for all. */
static struct conf_pos judged_by_clock(const struct doctor *d)
{
	return d->conf != NULL && d->conf->trustpoints != NULL
		       ? d->conf->trustpoints->pos
		       : (struct conf_pos){ 0 };
}

static void check_clock(struct doctor *d)
{
	struct conf_pos pos = judged_by_clock(d);
	struct stat st;
	char now[CRT_DATE], then[CRT_DATE];

	if (d->now < YEAR_2020)
		doctor_say(d, DOCTOR_ERROR, "clock", pos,
			"set the clock; install chrony",
			"the clock of this machine says %s",
			crt_date(d->now, now));
	if (stat(d->p->file, &st) == 0 && st.st_mtime > d->now + DAY)
		doctor_say(d, DOCTOR_WARNING, "clock", pos,
			"set the clock of this machine, if it is the clock",
			"the clock says %s, but %s was changed on %s",
			crt_date(d->now, now), d->p->file,
			crt_date(st.st_mtime, then));
}

static void read_configuration(struct doctor *d)
{
	struct conf_errs errs = { 0 };

	d->conf = conf_load(d->p->file, &errs);
	for (size_t i = 0; i < errs.n; i++)
		doctor_say(d,
			errs.v[i].note	    ? DOCTOR_NOTE
			: errs.v[i].warning ? DOCTOR_WARNING
					    : DOCTOR_ERROR,
			"configuration",
			(struct conf_pos){ errs.v[i].line, errs.v[i].column },
			errs.v[i].hint, "%s", errs.v[i].message);
	conf_errs_free(&errs);
}

static const char *const severities[] = { "note", "warning", "error" };

static char *where(const struct doctor *d, const struct doctor_finding *f)
{
	return f->line > 0 ? mem_printf("%s:%u", d->p->file, f->line)
			   : mem_dup(d->p->file);
}

static void print_text(const struct doctor *d, FILE *out)
{
	for (int sev = DOCTOR_ERROR; sev >= DOCTOR_NOTE; sev--)
		for (size_t i = 0; i < d->n; i++) {
			const struct doctor_finding *f = &d->v[i];
			struct text what = { 0 };
			char *at = where(d, f);

			if ((int)f->severity == sev) {
				text_escape(&what, slice_str(f->what));
				fprintf(out, "%s: %s: %s\n    %s\n",
					severities[sev], f->check, what.p, at);
				if (f->mend != NULL)
					fprintf(out, "    -> %s\n", f->mend);
			}
			text_free(&what);
			free(at);
		}
	fprintf(out, "%zu errors, %zu warnings, %zu notes\n",
		d->count[DOCTOR_ERROR], d->count[DOCTOR_WARNING],
		d->count[DOCTOR_NOTE]);
}

static void print_json(const struct doctor *d, FILE *out)
{
	static const struct table_col cols[] = {
		{ .key = "severity" },
		{ .key = "check" },
		{ .key = "what" },
		{ .key = "file" },
		{ .key = "line" },
		{ .key = "mend" },
	};
	struct table *t = table_new();
	char *json;

	table_rows(t, "findings", NULL, cols, ARRAY_SIZE(cols));
	for (size_t i = 0; i < d->n; i++) {
		const struct doctor_finding *f = &d->v[i];

		table_str(t, severities[f->severity]);
		table_str(t, f->check);
		table_str(t, f->what);
		table_str(t, d->p->file);
		table_num(t, f->line);
		table_str(t, f->mend);
	}
	table_block(t, "summary", NULL);
	table_pair_num(t, "errors", NULL, (int64_t)d->count[DOCTOR_ERROR]);
	table_pair_num(t, "warnings", NULL, (int64_t)d->count[DOCTOR_WARNING]);
	table_pair_num(t, "notes", NULL, (int64_t)d->count[DOCTOR_NOTE]);
	json = table_json(t);
	fputs(json, out);
	free(json);
	table_free(t);
}

static void doctor_free(struct doctor *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].what);
		free(d->v[i].mend);
	}
	free(d->v);
	for (size_t i = 0; i < d->ntp; i++)
		obj_unref(d->tp[i].t);
	free(d->tp);
	doctor_names_free(d);
	obj_unref(d->conf);
}

int doctor_run(const struct doctor_params *p, FILE *out)
{
	struct doctor_params with = *p;
	struct doctor d = { .p = &with, .now = time(NULL) };
	int code;

	if (with.days == 0)
		with.days = DAYS;
	read_configuration(&d);
	check_clock(&d);
	if (d.conf != NULL) {
		doctor_load(&d);
		doctor_own(&d);
		if (!with.no_connect) {
			doctor_lists(&d);
			doctor_phones(&d);
			doctor_peers(&d);
			doctor_plain(&d);
			doctor_tell_names(&d);
			doctor_seen(&d);
			doctor_files(&d);
		}
	}
	if (with.json)
		print_json(&d, out);
	else
		print_text(&d, out);
	code = d.count[DOCTOR_ERROR] > 0     ? DOCTOR_ERRORS
	       : d.count[DOCTOR_WARNING] > 0 ? DOCTOR_WARNINGS
					     : DOCTOR_WELL;
	doctor_free(&d);
	return code;
}

/* What the libraries log about a refused peer is a finding anyway. */
static void be_quiet(void)
{
	const struct log_params lp = { .level = LOG_SEV_EMERGENCY };

	if (log_setup(&lp) != 0)
		return; /* lines on stderr then */
}

int doctor_command(int n, char **words, const char *file, bool json)
{
	struct doctor_params p = { .file = file, .json = json };
	uint64_t days;

	for (int i = 1; i < n; i++) {
		if (strcmp(words[i], "--no-connect") == 0) {
			p.no_connect = true;
		} else if (strcmp(words[i], "--days") == 0 && i + 1 < n &&
			   slice_uint(slice_str(words[i + 1]), 36500, &days) ==
				   0) {
			p.days = (unsigned)days;
			i++;
		} else {
			fputs("usage: lineside doctor [-f FILE] [--no-connect] "
			      "[--days N] [--json]\n",
				stderr);
			return EXIT_USAGE;
		}
	}
	be_quiet();
	return doctor_run(&p, stdout);
}
