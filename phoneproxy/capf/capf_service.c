/* Sessions, and what each asks of the rest. */
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "phoneproxy/capf/capf_service_int.h"

enum { HANDSHAKE_MS = 20000, FRAME_MAX = 16384 };

static void hold(struct capf_service_params *p)
{
	obj_ref(p->conf);
	obj_ref(p->own);
	obj_ref(p->issuer);
	obj_ref(p->mic);
}

static void let_go(struct capf_service_params *p)
{
	obj_unref(p->conf);
	obj_unref(p->own);
	obj_unref(p->issuer);
	obj_unref(p->mic);
}

static void session_free(void *arg)
{
	struct capf_session *s = arg;

	capf_server_free(&s->server);
	text_free(&s->proof);
	mem_wipe(s->string, sizeof(s->string));
	let_go(&s->p);
}

const char *capf_operation_name(enum capf_operation o)
{
	static const char *const names[] = {
		[CAPF_NOTHING] = "nothing",
		[CAPF_UPGRADE] = "upgrade",
		[CAPF_FETCH] = "fetch",
		[CAPF_DELETE] = "delete",
	};

	return names[o];
}

const char *capf_session_text(const struct capf_session_info *i)
{
	if (i->end == CAPF_ENDED_PROOF)
		return capf_proof_text(i->proof);
	if (i->end == CAPF_GOING_ON && i->left)
		return "The phone left before the end.";
	if (i->end == CAPF_GOING_ON && i->issuing)
		return "Its certificate is being made.";
	return capf_end_text(i->end);
}

/* ---- issuing ---- */

struct issue_job {
	struct work_job job; /* when our trustpoint signs */
	struct capf_session *s; /* referenced */
	struct capf_certify c;
};

static void run_issue(struct work_job *job)
{
	struct issue_job *j = MQ_HOLDER(job, struct issue_job, job);

	j->c.err = capf_issue(&j->c.cert, j->s->p.issuer, j->c.device,
		text_slice(&j->c.key), j->c.days, j->c.why);
}

static void after(struct capf_session *s);

void capf_issuing_over(struct capf_session *s)
{
	if (!s->info.issuing)
		return;
	s->info.issuing = false;
	s->service->issuing--;
}

static void job_free(struct issue_job *j)
{
	obj_unref(j->s);
	text_free(&j->c.key);
	text_free(&j->c.proof);
	text_free(&j->c.cert);
	free(j);
}

static void on_certified(struct capf_certify *c)
{
	struct issue_job *j = MQ_HOLDER(c, struct issue_job, c);
	struct capf_session *s = j->s;
	struct slice none = { .n = 0 };

	if (c->err == 0)
		metric_inc(M_PHONE_CAPF_ISSUED);
	if (s->conn != NULL) { /* else the service may be gone, too */
		capf_issuing_over(s);
		if (c->err != 0)
			log_event(MSG_PHONE_CAPF_ISSUER, NULL,
				L_STR("device", c->device),
				L_STR("reason", c->why));
		capf_server_issued(&s->server,
			c->err == 0 ? text_slice(&c->cert) : none, clock_ms());
		after(s);
	}
	job_free(j);
}

static void on_issued(struct work_job *job)
{
	struct issue_job *j = MQ_HOLDER(job, struct issue_job, job);

	j->c.done(&j->c);
}

static void on_issue(void *arg, struct capf_server *server, struct slice device,
	struct slice public_key)
{
	struct capf_session *s = arg;
	const struct capf_ca *ca = &s->p.ca;
	struct slice none = { .n = 0 };
	struct issue_job *j;

	if (s->service->issuing >= CAPF_ISSUING_MAX) {
		capf_server_issued(server, none, clock_ms());
		return;
	}
	j = mem_new(sizeof(*j));
	j->job = (struct work_job){ .run = run_issue,
		.done = on_issued,
		.reply = loop_queue(s->service->loop) };
	j->s = obj_ref(s);
	j->c.days = s->p.conf->capf.cert_days;
	j->c.done = on_certified;
	need(capf_name(device, j->c.device)); /* was planned for */
	text_add(&j->c.key, public_key);
	text_add(&j->c.proof, text_slice(&s->proof));
	s->info.issuing = true;
	s->service->issuing++;
	if (ca->certify != NULL) {
		ca->certify(ca->arg, &j->c);
	} else if (work_submit(s->p.work, &j->job) != 0) {
		capf_issuing_over(s);
		job_free(j);
		capf_server_issued(server, none, clock_ms());
	}
}

static void on_send(void *arg, struct slice frame)
{
	struct capf_session *s = arg;

	tls_conn_send(s->conn, frame);
}

static const struct capf_server_ops server_ops = {
	.plan = capf_on_plan,
	.trusted = capf_on_trusted,
	.issue = on_issue,
	.send = on_send,
};

/* After each step: the next deadline, or the end. */
static void after(struct capf_session *s)
{
	uint64_t due = capf_server_due(&s->server), now = clock_ms();

	if (s->server.end != CAPF_GOING_ON) {
		capf_account(s);
		tls_conn_finish(s->conn);
	} else if (due != UINT64_MAX) {
		tls_conn_timer(s->conn, due > now ? due - now : 0);
	} else {
		/* The issuer answers in any case; this ends what never may. */
		tls_conn_timer(s->conn, s->server.times.keygen_ms);
	}
}

/* ---- the port's side ---- */

static void *on_opened(void *arg, struct tls_conn *c)
{
	struct capf_service *v = arg;
	struct capf_session *s = obj_new(sizeof(*s), session_free);
	const struct conf *conf = v->p.conf;
	struct capf_times times = capf_times_default;

	s->service = v;
	s->conn = c;
	s->p = v->p;
	hold(&s->p);
	s->info.peer = *tls_conn_peer(c);
	s->info.began = time(NULL);
	s->next = v->sessions;
	if (s->next != NULL)
		s->next->prev = s;
	v->sessions = s;
	v->count++;
	metric_inc(M_PHONE_CAPF_SESSIONS);
	times.keygen_ms = conf->capf.keygen_minutes * 60000;
	times.keygen_retries = conf->capf.keygen_retry;
	capf_server_start(
		&s->server, ++v->next_id, &times, &server_ops, s, clock_ms());
	after(s);
	return s;
}

static void on_frame(void *own, struct slice frame)
{
	struct capf_session *s = own;

	capf_server_frame(&s->server, frame, clock_ms());
	after(s);
}

static void on_timer(void *own)
{
	struct capf_session *s = own;

	capf_server_timer(&s->server, clock_ms());
	after(s);
}

static void on_closed(void *own)
{
	struct capf_session *s = own;
	struct capf_service *v = s->service;

	s->info.left = s->server.end == CAPF_GOING_ON;
	capf_account(s);
	s->conn = NULL;
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		v->sessions = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
	obj_unref(s);
}

static const struct tls_port_ops port_ops = {
	.opened = on_opened,
	.measure = capf_frame,
	.frame = on_frame,
	.timer = on_timer,
	.closed = on_closed,
};

static struct tls_port_params port_params(struct capf_service *v)
{
	const struct conf *c = v->p.conf;

	return (struct tls_port_params){
		.hs = v->p.hs,
		.own = v->p.own,
		.name = "capf-server",
		.limits = { .total = c->capf.max_sessions,
			.per_source = c->capf.max_per_source,
			.per_minute = c->capf.max_per_minute },
		.handshake_ms = HANDSHAKE_MS,
		.frame_max = FRAME_MAX,
		.ops = &port_ops,
		.arg = v,
	};
}

struct capf_service *capf_service_new(struct loop *l, int fd,
	struct capf_store *store, const struct capf_service_params *p)
{
	struct capf_service *v = mem_new(sizeof(*v));
	struct tls_port_params pp;

	v->loop = l;
	v->store = store;
	v->p = *p;
	hold(&v->p);
	capf_store_use(store, p->work, loop_queue(l));
	pp = port_params(v);
	v->port = tls_port_new(l, fd, &pp);
	return v;
}

void capf_service_set(
	struct capf_service *v, int fd, const struct capf_service_params *p)
{
	struct capf_service_params old = v->p;
	struct tls_port_params pp;

	v->p = *p;
	hold(&v->p);
	let_go(&old);
	pp = port_params(v);
	tls_port_set(v->port, fd, &pp);
}

void capf_service_tell(struct capf_service *v, capf_ended_fn *fn, void *arg)
{
	v->tell = fn;
	v->tell_arg = arg;
}

void capf_service_close(struct capf_service *v)
{
	if (v == NULL)
		return;
	tls_port_close(v->port);
	capf_store_close(v->store);
	let_go(&v->p);
	free(v);
}

struct capf_store *capf_service_store(struct capf_service *v)
{
	return v->store;
}

void capf_service_summary(
	const struct capf_service *v, struct capf_summary *out)
{
	*out = (struct capf_summary){
		.sessions = v->count,
		.done = v->done,
		.failed = v->failed,
		.nothing = v->nothing,
		.issuing = v->issuing,
		.nkept = v->nkept,
	};
	tls_port_count(v->port, &out->door);
}

void capf_service_sessions(
	const struct capf_service *v, capf_session_fn *fn, void *arg)
{
	for (const struct capf_session *s = v->sessions; s != NULL; s = s->next)
		if (!s->accounted)
			fn(arg, &s->info);
	for (size_t i = 0; i < v->nkept; i++)
		fn(arg, &v->kept[i]);
}
