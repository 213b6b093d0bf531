/* The CA's life in the daemon. */
#include "ca/ca_service_int.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/obj.h"
#include "ca/ca_conf.h"

enum { JOBS_MAX = 256, TICK_MS = 60000 };

/* ---- opening, on the helper ---- */

struct open_job {
	struct work_job job;
	struct ca_service *s;
	struct conf *conf; /* one reference */
	char *chain;
};

/* What a CA was opened with and what is configured now may differ in the
 * least: it is opened again whenever there is a new configuration. */
static void run_open(struct work_job *job)
{
	struct open_job *j = MQ_HOLDER(job, struct open_job, job);
	struct ca_service *s = j->s;

	ca_close(s->ca);
	s->ca = NULL;
	obj_unref(s->conf);
	s->conf = j->conf;
	s->why[0] = '\0';
	if (ca_conf_server(s->conf) == NULL)
		snprintf(s->why, sizeof(s->why), "it is shut down");
	else if (ca_conf_open(&s->ca, s->conf, s->why) != 0)
		log_event(MSG_PKI_CA_DOWN, NULL,
			L_STR("server", ca_conf_server(s->conf)->name),
			L_STR("reason", s->why));
	else
		ca_tick(s->ca);
	j->chain = ca_certify_chain(s);
}

static void open_done(struct work_job *job)
{
	struct open_job *j = MQ_HOLDER(job, struct open_job, job);

	ca_certify_know(j->s, j->chain);
	free(j);
}

static void open_with(struct ca_service *s, struct conf *c)
{
	struct open_job *j = mem_new(sizeof(*j));

	j->job = (struct work_job){
		.run = run_open, .done = open_done, .reply = loop_queue(s->loop)
	};
	j->s = s;
	j->conf = obj_ref(c);
	if (work_submit(s->work, &j->job) == 0)
		return;
	log_event(MSG_PKI_CA_DOWN, NULL,
		L_STR("server",
			c->pki_servers != NULL ? c->pki_servers->name : ""),
		L_STR("reason", "too much is under way: reload again"));
	obj_unref(j->conf);
	free(j);
}

/* ---- now and then ---- */

struct tick_job {
	struct work_job job;
	struct ca_service *s;
	char *chain;
};

static void run_tick(struct work_job *job)
{
	struct tick_job *j = MQ_HOLDER(job, struct tick_job, job);

	if (j->s->ca != NULL)
		ca_tick(j->s->ca);
	j->chain = ca_certify_chain(j->s); /* the next one may have come */
}

static void tick_done(struct work_job *job)
{
	struct tick_job *j = MQ_HOLDER(job, struct tick_job, job);

	j->s->ticking = false;
	ca_certify_know(j->s, j->chain);
	free(j);
}

static void on_timer(void *arg)
{
	struct ca_service *s = arg;
	struct tick_job *j;

	loop_timer_start(s->timer, TICK_MS);
	if (s->ticking)
		return;
	j = mem_new(sizeof(*j));
	j->job = (struct work_job){
		.run = run_tick, .done = tick_done, .reply = loop_queue(s->loop)
	};
	j->s = s;
	if (work_submit(s->work, &j->job) == 0)
		s->ticking = true;
	else
		free(j);
}

/* ---- */

int ca_service_new(struct ca_service **out, struct loop *l)
{
	struct ca_service *s = mem_new(sizeof(*s));
	int err;

	s->loop = l;
	snprintf(s->why, sizeof(s->why), "none is configured");
	err = work_start(&s->work, JOBS_MAX);
	if (err != 0) {
		free(s);
		s = NULL;
	} else {
		s->http = ca_http_new(s);
	}
	*out = s;
	return err;
}

void ca_service_apply(struct ca_service *s, struct conf *c, int fd)
{
	bool wanted = c->http.server && ca_conf_server(c) != NULL;

	if (s->stopping) {
		if (fd >= 0)
			close(fd);
		return;
	}
	if (s->timer == NULL)
		s->timer = loop_timer_new(s->loop, on_timer, s);
	if (fd >= 0)
		ca_http_listen(s->http, fd);
	else if (!wanted)
		ca_http_close(s->http);
	if (c->pki_servers == NULL) {
		loop_timer_stop(s->timer);
	} else if (ca_conf_server(c) != NULL) {
		loop_timer_start(s->timer, TICK_MS);
	}
	open_with(s, c);
}

void ca_service_stop(struct ca_service *s)
{
	if (s == NULL)
		return;
	s->stopping = true;
	loop_timer_free(s->timer);
	s->timer = NULL;
	ca_http_close(s->http);
	work_stop(s->work);
	s->work = NULL;
}

void ca_service_free(struct ca_service *s)
{
	if (s == NULL)
		return;
	need(s->work == NULL); /* it was stopped */
	ca_http_free(s->http);
	ca_close(s->ca);
	obj_unref(s->conf);
	text_free(&s->chain);
	free(s);
}

static void ask_done(struct work_job *job)
{
	struct ca_ask *a = MQ_HOLDER(job, struct ca_ask, job);

	a->done(a);
}

int ca_service_ask(struct ca_service *s, struct ca_ask *a)
{
	a->service = s;
	a->job = (struct work_job){ .run = ca_command_run,
		.done = ask_done,
		.reply = loop_queue(s->loop) };
	return work_submit(s->work, &a->job);
}

void ca_ask_free(struct ca_ask *a)
{
	table_free(a->table);
	free(a->name);
	free(a->arg[0]);
	free(a->arg[1]);
	free(a);
}
