/*
 * A command's way: its words are matched, what it needs is asked of the sip
 * thread (or the reload of the main thread), and when that is here the table
 * is filled and given to the client as text or JSON.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/metric.h"
#include "base/obj.h"
#include "command.h"
#include "services_int.h"
#include "show/show.h"

/* So many have what the sip thread knows gathered at a time: it is copied
 * there, and many calls are many megabytes. */
enum { ASKING_MAX = 2 };

/* Telephone numbers are given instead, as on other boxes. */
#define NO_CALL                                                                \
	"There is no call %.*s: calls have the numbers that stand first in "   \
	"`show call active voice brief`"

/* One command on its way. */
struct job {
	struct services *s;
	struct job *next; /* that waits */
	struct control_client *client; /* to be answered once */
	const struct command *cmd;
	struct request req; /* borrows from the client, which waits */
	struct match match;
	struct mq_node node; /* to the main thread and back */
	struct reload_result *result; /* what came back */
};

static struct slice nothing(void)
{
	return (struct slice){ .n = 0 };
}

static void job_end(struct job *j, struct slice out, int code)
{
	control_answer(j->client, out, nothing(), code);
	obj_unref(j->result);
	free(j);
}

static void job_end_table(struct job *j, const struct table *t, int code)
{
	char *s = j->req.form == REQUEST_JSON ? table_json(t) : table_text(t);

	job_end(j, slice_str(s), code);
	free(s);
}

/* For commands that do something: a sentence. */
static void job_end_said(struct job *j, int code, const char *fmt, ...)
	PRINTF(3, 4);
static void job_end_said(struct job *j, int code, const char *fmt, ...)
{
	struct table *t = table_new();
	va_list ap;

	va_start(ap, fmt);
	char *s = mem_vprintf(fmt, ap);

	va_end(ap);
	table_block(t, "result", NULL);
	table_pair_bool(t, "ok", NULL, code == EXIT_OK);
	table_pair(t, "message", NULL, s);
	table_note(t, "%s", s);
	job_end_table(j, t, code);
	table_free(t);
	free(s);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void job_show(struct job *j, const struct show *sh)
{
	struct table *t = table_new();
	int err = j->cmd->show(t, sh);

	job_end_table(j, t, err == 0 ? EXIT_OK : EXIT_FAILED);
	table_free(t);
}

static void job_text(struct job *j, const struct show *sh)
{
	char *p = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&p, &n);

	need(f != NULL);
	j->cmd->text(f, sh);
	need(fclose(f) == 0);
	if (j->req.form == REQUEST_JSON) {
		struct table *t = table_new();

		table_block(t, "output", NULL);
		table_pair(t, "text", NULL, p);
		job_end_table(j, t, EXIT_OK);
		table_free(t);
	} else {
		job_end(j, slice_of(p, n), EXIT_OK);
	}
	free(p);
}

static void job_debug(struct job *j)
{
	int first = j->cmd->debug < 0 ? 0 : j->cmd->debug;
	int last = j->cmd->debug < 0 ? DEBUG_COUNT - 1 : j->cmd->debug;

	for (int i = first; i <= last; i++)
		log_debug_set((enum log_debug)i, j->cmd->on);
	if (j->cmd->debug < 0)
		job_end_said(j, EXIT_OK, "All debugging is off");
	else
		job_end_said(j, EXIT_OK, "debug %s is %s",
			log_debug_name((enum log_debug)first),
			j->cmd->on ? "on" : "off");
}

static void job_clear(struct job *j, const struct b2bua_query *q)
{
	uint64_t id;

	need(q != NULL); /* the row asks for calls */
	if (slice_uint(j->match.arg[0], UINT32_MAX, &id) != 0)
		id = 0;
	for (size_t i = 0; i < q->ncalls; i++) {
		if (q->calls[i].id != id)
			continue;
		b2bua_clear_call(j->s->p.b2bua, (uint32_t)id);
		job_end_said(
			j, EXIT_OK, "Call %u is being hung up", (unsigned)id);
		return;
	}
	job_end_said(j, EXIT_FAILED, "%% " NO_CALL, SLICE_ARG(j->match.arg[0]));
}

/* A phone that lost its key: what is encrypted for that helps it no more. */
static void job_clear_cert(struct job *j)
{
	struct proxy *p = j->s->proxy;
	char name[FILE_DEVICE_TEXT];

	if (!phonecert_device(j->match.arg[0], name) ||
		!phonecerts_drop(proxy_certs(p), name)) {
		job_end_said(j, EXIT_FAILED,
			"%% No certificate of a phone %.*s is known",
			SLICE_ARG(j->match.arg[0]));
		return;
	}
	phones_note(proxy_phones(p), name, NULL, PHONE_FILE,
		"its certificate was forgotten by the operator");
	job_end_said(j, EXIT_OK, "The certificate of %s is forgotten", name);
}

/* ---- captures ---- */

/* Sound in clear is for root and for whom Lineside runs as, whoever else may
 * use the control socket. */
static bool may_listen(struct job *j)
{
	uid_t uid = control_uid(j->client);

	if (uid == 0 || uid == geteuid())
		return true;
	metric_inc(M_CAPTURES_REFUSED);
	job_end_said(j, EXIT_REFUSED,
		"%% Captures are for root and for the user that Lineside runs as");
	return false;
}

static const struct call_info *job_call(
	const struct job *j, const struct b2bua_query *q)
{
	uint64_t id = 0;

	if (slice_uint(j->match.arg[0], UINT32_MAX, &id) != 0)
		return NULL;
	for (size_t i = 0; i < q->ncalls; i++)
		if (q->calls[i].id == id)
			return &q->calls[i];
	return NULL;
}

/* "seconds N" and "file F", as the row has them. */
static bool capture_words(const struct job *j, struct captures_ask *a)
{
	size_t next = 1;
	uint64_t n = 0;

	if (strstr(j->cmd->words.words, " seconds ") != NULL) {
		if (slice_uint(j->match.arg[next++], CAPTURE_SECONDS_MAX, &n) !=
				0 ||
			n == 0)
			return false;
		a->seconds = (unsigned)n;
	}
	if (strstr(j->cmd->words.words, " file ") != NULL)
		a->file = j->match.arg[next];
	return true;
}

static void job_capture(struct job *j, const struct b2bua_query *q)
{
	const struct call_info *c = job_call(j, q);
	char *folder = mem_printf("%s/captures", j->s->conf->state_directory);
	struct captures_ask a = { .uid = control_uid(j->client),
		.pid = control_pid(j->client),
		.folder = folder };
	struct capture *cap = NULL;
	char *why = NULL;

	if (!may_listen(j)) {
		free(folder);
		return;
	}
	if (c == NULL) {
		why = mem_printf(NO_CALL, SLICE_ARG(j->match.arg[0]));
	} else if (!capture_words(j, &a)) {
		why = mem_printf("seconds: 1 to %d", CAPTURE_SECONDS_MAX);
	} else {
		a.call = c->id;
		a.from = c->leg[0].number;
		a.to = c->leg[1].number;
		cap = captures_begin(j->s->captures, &a, &why);
	}
	if (cap != NULL) {
		b2bua_capture(j->s->p.b2bua, c->id, cap);
		job_end_said(j, EXIT_OK, "Call %u is captured for %u s into %s",
			c->id, a.seconds > 0 ? a.seconds : CAPTURE_SECONDS,
			captures_file(j->s->captures, c->id));
	} else {
		job_end_said(j, EXIT_FAILED, "%% %s", why);
	}
	free(why);
	free(folder);
}

static void job_capture_stop(struct job *j)
{
	uint64_t id = 0;

	if (!may_listen(j))
		return;
	if (slice_uint(j->match.arg[0], UINT32_MAX, &id) == 0 &&
		captures_stop(j->s->captures, (unsigned)id))
		job_end_said(j, EXIT_OK, "The capture of call %u ends",
			(unsigned)id);
	else
		job_end_said(j, EXIT_FAILED, "%% No capture of call %.*s runs",
			SLICE_ARG(j->match.arg[0]));
}

/* All that was needed is here. */
static void job_run(struct job *j, const struct b2bua_query *q)
{
	struct services *s = j->s;
	struct media_usage mu = { 0 };
	struct memory_use memory;
	struct show sh = {
		.conf = s->conf,
		.query = q,
		.trustpoints = s->trustpoints,
		.renewals = s->renewals,
		.media = &mu,
		.memory = &memory,
		.proxy = s->proxy,
		.captures = s->captures,
		.trust = s->trust,
		.reloads = (const struct reload_result *const *)s->result,
		.nreloads = s->nresults,
		.now_ms = now_ms(),
		.up_ms = clock_ms() - s->started_ms,
		.match = &j->match,
	};

	if (s->p.media != NULL)
		media_usage(s->p.media, &mu);
	memory_use_read(&memory, s->p.heap);
	switch (j->cmd->kind) {
	case COMMAND_SHOW:
		job_show(j, &sh);
		break;
	case COMMAND_TEXT:
		job_text(j, &sh);
		break;
	case COMMAND_DEBUG:
		job_debug(j);
		break;
	case COMMAND_CLEAR_CALL:
		job_clear(j, q);
		break;
	case COMMAND_CLEAR_CERT:
		job_clear_cert(j);
		break;
	case COMMAND_CLEAR_COUNTERS:
		b2bua_clear_tallies(s->p.b2bua);
		job_end_said(j, EXIT_OK,
			"The counters of all dial-peers begin anew");
		break;
	case COMMAND_CAPTURE:
		job_capture(j, q);
		break;
	case COMMAND_CAPTURE_STOP:
		job_capture_stop(j);
		break;
	case COMMAND_CA:
	case COMMAND_CAPF:
	case COMMAND_RELOAD:
	case COMMAND_TOPIC:
		need(false); /* these are carried out elsewhere */
	}
}

static void job_ask(struct job *j);

static bool only_looks(const struct command *c)
{
	return c->kind == COMMAND_SHOW || c->kind == COMMAND_TEXT;
}

/* Who only looks and has hung up meanwhile is not asked for. */
static void ask_next(struct services *s)
{
	struct job *j;

	while (s->asking < ASKING_MAX && (j = s->waiting) != NULL) {
		s->waiting = j->next;
		if (s->stopping ||
			(only_looks(j->cmd) && !control_waits(j->client)))
			job_end(j, nothing(), EXIT_FAILED);
		else
			job_ask(j);
	}
}

static void on_answer(struct b2bua_query *q)
{
	struct job *j = q->arg;
	struct services *s = j->s;

	if (s->stopping)
		job_end(j, nothing(), EXIT_FAILED);
	else
		job_run(j, q);
	b2bua_query_free(q);
	s->asking--;
	ask_next(s);
}

static void job_ask(struct job *j)
{
	struct b2bua_query *q = mem_new(sizeof(*q));

	j->s->asking++;
	q->what = j->cmd->ask;
	q->reply = loop_queue(j->s->loop);
	q->done = on_answer;
	q->arg = j;
	b2bua_ask(j->s->p.b2bua, q);
}

static void job_wait(struct job *j)
{
	struct services *s = j->s;

	if (s->waiting == NULL)
		s->waiting_end = &s->waiting;
	*s->waiting_end = j;
	s->waiting_end = &j->next;
	ask_next(s);
}

/* Back on the services thread; the new configuration came before us. */
static void on_reloaded(struct mq_node *node)
{
	struct job *j = MQ_HOLDER(node, struct job, node);
	struct table *t;

	if (j->result == NULL) {
		job_end(j, nothing(), EXIT_FAILED);
		return;
	}
	t = table_new();
	show_reload_result(t, j->result);
	job_end_table(j, t, j->result->ok ? EXIT_OK : EXIT_FAILED);
	table_free(t);
}

static void reload_on_main(struct mq_node *node)
{
	struct job *j = MQ_HOLDER(node, struct job, node);

	j->result = j->s->p.reload(j->s->p.arg);
	j->node.run = on_reloaded;
	mq_push(loop_queue(j->s->loop), &j->node);
}

static void job_reload(struct job *j)
{
	j->node.run = reload_on_main;
	mq_push(j->s->p.main, &j->node);
}

/* Answered by the helper thread. */
static void on_ca(struct ca_ask *a)
{
	struct job *j = a->arg_of_done;

	if (a->verb == CA_REVOKE && a->ok && !j->s->stopping) {
		hs_pool_revoked(j->s->p.hs);
		proxy_revoked(j->s->proxy);
	}
	if (j->s->stopping)
		job_end(j, nothing(), EXIT_FAILED);
	else
		job_end_table(j, a->table, a->ok ? EXIT_OK : EXIT_FAILED);
	ca_ask_free(a);
}

static void job_ca(struct job *j)
{
	struct ca_ask *a = mem_new(sizeof(*a));

	a->verb = j->cmd->verb;
	a->done = on_ca;
	a->arg_of_done = j;
	if (j->match.nargs > 0)
		a->name = slice_dup(j->match.arg[0]);
	for (size_t i = 1; i < j->match.nargs && i <= ARRAY_SIZE(a->arg); i++)
		a->arg[i - 1] = slice_dup(j->match.arg[i]);
	if (ca_service_ask(j->s->ca, a) == 0)
		return;
	ca_ask_free(a);
	job_end_said(j, EXIT_FAILED, "%% The CA has too much to do now");
}

static void on_capf(void *arg, const struct table *t, bool ok)
{
	struct job *j = arg;

	if (j->s->stopping)
		job_end(j, nothing(), EXIT_FAILED);
	else
		job_end_table(j, t, ok ? EXIT_OK : EXIT_FAILED);
}

static void job_capf(struct job *j)
{
	capf_command(
		j->s->trust, j->s->conf, j->cmd->capf, &j->match, on_capf, j);
}

static bool changes_ca(enum ca_verb v)
{
	return v != CA_INFO && v != CA_SHOW && v != CA_REQUESTS &&
	       v != CA_CERTIFICATES;
}

static bool changes(const struct command *c)
{
	return (c->kind == COMMAND_CA && changes_ca(c->verb)) ||
	       c->kind == COMMAND_CLEAR_CALL || c->kind == COMMAND_CLEAR_CERT ||
	       c->kind == COMMAND_RELOAD || c->kind == COMMAND_DEBUG ||
	       c->kind == COMMAND_CAPF || c->kind == COMMAND_CAPTURE ||
	       c->kind == COMMAND_CAPTURE_STOP;
}

/* Who did it; those that only look are told when debugging. */
static void note_command(const struct job *j)
{
	/* Authentication strings are no matter for logs. */
	struct slice line = j->cmd->kind == COMMAND_CAPF
				    ? slice_str(j->cmd->words.words)
				    : j->req.line;

	if (changes(j->cmd))
		log_event(MSG_SYS_COMMAND, NULL,
			L_INT("uid", control_uid(j->client)),
			L_INT("pid", control_pid(j->client)),
			L_SLICE("command", line));
	else
		log_debug(DEBUG_CONFIG, NULL, "user %u (pid %d) asks: %.*s",
			(unsigned)control_uid(j->client),
			(int)control_pid(j->client), SLICE_ARG(j->req.line));
}

static void answer_text(
	struct control_client *c, struct text *out, struct text *err, int code)
{
	control_answer(c, text_slice(out), text_slice(err), code);
	text_free(out);
	text_free(err);
}

static void complain(struct control_client *c, const struct request *r,
	const struct match *m)
{
	struct text out = { 0 }, err = { 0 };

	words_complain(&err, m, r->line, &r->words);
	answer_text(c, &out, &err, EXIT_USAGE);
}

static void help(struct control_client *c, const struct request *r)
{
	struct text out = { 0 }, err = { 0 };

	if (r->form == REQUEST_HELP)
		words_help(&out, &r->words, command_row, ncommands);
	else
		words_complete(&out, &r->words, command_row, ncommands);
	if (out.n == 0 && r->form == REQUEST_HELP)
		text_add(&err, SLICE_LIT("% Unrecognized command\n"));
	answer_text(c, &out, &err, err.n > 0 ? EXIT_USAGE : EXIT_OK);
}

void services_execute(
	void *arg, struct control_client *c, const struct request *r)
{
	struct services *s = arg;
	struct match m;

	if (r->form == REQUEST_HELP || r->form == REQUEST_COMPLETE) {
		help(c, r);
		return;
	}
	words_match(&m, &r->words, command_row, ncommands);
	if (m.kind != MATCH_OK) {
		complain(c, r, &m);
		return;
	}
	if (s->conf == NULL) {
		control_answer(c, nothing(),
			SLICE_LIT("% linesided is still starting\n"),
			EXIT_FAILED);
		return;
	}
	struct job *j = mem_new(sizeof(*j));

	*j = (struct job){ .s = s, .client = c, .req = *r, .match = m };
	j->cmd = &commands[m.row];
	note_command(j);
	if (j->cmd->kind == COMMAND_RELOAD)
		job_reload(j);
	else if (j->cmd->kind == COMMAND_CA)
		job_ca(j);
	else if (j->cmd->kind == COMMAND_CAPF)
		job_capf(j);
	else if (j->cmd->ask != 0)
		job_wait(j);
	else
		job_run(j, NULL);
}
