/* Sessions, and what each asks of the rest. */
#include "phoneproxy/capf/capf_service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "conf/conf.h"

enum { HANDSHAKE_MS = 20000, FRAME_MAX = 16384, DAY_S = 86400 };

/* A session. Counted: by its connection, and by a certificate in the making. */
struct session {
	struct capf_service *service;
	struct session *prev, *next;
	struct tls_conn *conn; /* NULL: gone */
	struct capf_service_params p; /* as they were at its beginning */
	struct capf_server server;
	char string[CAPF_STRING_MAX + 1]; /* the phone's, for the plan */
	struct text proof; /* the certificate that it proved itself by */
	bool accounted; /* its end is */
	struct capf_session_info info;
};

struct capf_service {
	struct loop *loop;
	struct capf_store *store;
	struct capf_service_params p;
	struct tls_port *port;
	struct session *sessions;
	uint32_t next_id;
	uint64_t done, failed, nothing, count;
	unsigned issuing;
	size_t nkept;
	struct capf_session_info kept[CAPF_ENDED_KEPT]; /* newest first */
	capf_ended_fn *tell;
	void *tell_arg;
};

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
	struct session *s = arg;

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

/* ---- what is planned for a phone ---- */

static const struct conf_capf_phone *phone_line(
	const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->capf.nphones; i++)
		if (strcmp(c->capf.phone[i].name, name) == 0)
			return &c->capf.phone[i];
	return NULL;
}

/* Done before; of a certificate, with the its last quarter not begun. */
static bool is_done(
	const struct conf *c, const struct capf_phone *p, enum capf_operation o)
{
	int64_t days = c->capf.cert_days / 4;

	if (days > CAPF_RENEW_DAYS)
		days = CAPF_RENEW_DAYS;
	if (p == NULL || p->done != o)
		return false;
	return o != CAPF_UPGRADE || p->not_after > time(NULL) + days * DAY_S;
}

static enum capf_operation operation_of(enum conf_capf_oper o)
{
	return o == CONF_CAPF_UPGRADE  ? CAPF_UPGRADE
	       : o == CONF_CAPF_FETCH  ? CAPF_FETCH
	       : o == CONF_CAPF_DELETE ? CAPF_DELETE
				       : CAPF_NOTHING;
}

static enum capf_operation choose(const struct conf *c,
	const struct conf_capf_phone *line, const struct capf_phone *phone)
{
	enum capf_operation o;

	if (phone != NULL && phone->pending != CAPF_NOTHING)
		return phone->pending;
	o = operation_of(line != NULL ? line->oper : c->capf.oper);
	return is_done(c, phone, o) ? CAPF_NOTHING : o;
}

static void choose_key(const struct conf *c, struct capf_plan *out)
{
	out->key_type = c->capf.key_kind == CONF_KEY_EC ? CAPF_EC : CAPF_RSA;
	out->key_size = (uint16_t)c->capf.key_bits;
	out->curve = c->capf.key_bits == 256   ? CAPF_P256
		     : c->capf.key_bits == 384 ? CAPF_P384
					       : CAPF_P521;
}

/* Locked or without a string: no string fits, and the phone is told no more. */
static void choose_string(struct session *s, const struct capf_phone *phone)
{
	s->string[0] = '\0';
	if (phone != NULL && clock_ms() >= phone->locked_ms)
		memcpy(s->string, phone->string, sizeof(s->string));
}

static bool on_plan(void *arg, struct slice device, struct capf_plan *out)
{
	struct session *s = arg;
	const struct conf *c = s->p.conf;
	char name[CAPF_DEVICE_LEN + 1];
	const struct conf_capf_phone *line;
	const struct capf_phone *phone;
	enum conf_capf_auth auth;

	if (!capf_name(device, name))
		return false;
	memcpy(s->info.device, name, sizeof(name));
	line = phone_line(c, name);
	phone = capf_store_find(s->service->store, device);
	if (line == NULL && phone == NULL && c->capf.oper == CONF_CAPF_NOTHING)
		return false;
	auth = line != NULL && line->auth_set ? line->auth : c->capf.auth;
	*out = (struct capf_plan){ .accept_only_sha1 = true };
	out->operation = auth == CONF_CAPF_AUTH_NONE ? CAPF_NOTHING
						     : choose(c, line, phone);
	out->auth = auth == CONF_CAPF_AUTH_STRING   ? CAPF_BY_STRING
		    : auth == CONF_CAPF_NULL_STRING ? CAPF_BY_NULL_STRING
						    : CAPF_BY_CERTIFICATE;
	choose_string(s, phone);
	out->auth_string = s->string;
	choose_key(c, out);
	s->info.operation = out->operation;
	return true;
}

static enum conf_capf_auth auth_of(const struct session *s)
{
	const struct conf_capf_phone *line =
		phone_line(s->p.conf, s->info.device);

	return line != NULL && line->auth_set ? line->auth
					      : s->p.conf->capf.auth;
}

/* Of a CA of ours, one that it revoked is refused when it is to be renewed. */
static bool own_cert(const struct session *s, struct slice device,
	struct slice cert, char why[CAPF_WHY])
{
	const struct capf_ca *ca = &s->p.ca;

	if (ca->certify == NULL)
		return capf_cert_trusted(cert, device, NULL,
			trustpoint_chain(s->p.issuer, 0), why);
	if (!capf_cert_fits(cert, device, why))
		return false;
	if (ca->issued(ca->arg, cert))
		return true;
	snprintf(why, CAPF_WHY, "it was not issued by our CA");
	return false;
}

/* LSC: by who issues here, or by the issuer's own authorities. */
static bool on_trusted(void *arg, struct slice device, struct slice cert)
{
	struct session *s = arg;
	char why[CAPF_WHY] = "";
	bool mic = auth_of(s) == CONF_CAPF_MIC;

	if (mic ? capf_cert_trusted(cert, device, s->p.mic, NULL, why)
		: own_cert(s, device, cert, why)) {
		text_free(&s->proof);
		text_add(&s->proof, cert);
		return true;
	}
	log_debug(DEBUG_TLS, NULL,
		"CAPF: the certificate of %.*s is refused: %s",
		SLICE_ARG(device), why);
	return false;
}

/* ---- issuing ---- */

struct issue_job {
	struct work_job job; /* when our trustpoint signs */
	struct session *s; /* referenced */
	struct capf_certify c;
};

static void run_issue(struct work_job *job)
{
	struct issue_job *j = MQ_HOLDER(job, struct issue_job, job);

	j->c.err = capf_issue(&j->c.cert, j->s->p.issuer, j->c.device,
		text_slice(&j->c.key), j->c.days, j->c.why);
}

static void after(struct session *s);

static void issuing_over(struct session *s)
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
	struct session *s = j->s;
	struct slice none = { .n = 0 };

	if (c->err == 0)
		metric_inc(M_PHONE_CAPF_ISSUED);
	if (s->conn != NULL) { /* else the service may be gone, too */
		issuing_over(s);
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
	struct session *s = arg;
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
		issuing_over(s);
		job_free(j);
		capf_server_issued(server, none, clock_ms());
	}
}

static void on_send(void *arg, struct slice frame)
{
	struct session *s = arg;

	tls_conn_send(s->conn, frame);
}

static const struct capf_server_ops server_ops = {
	.plan = on_plan,
	.trusted = on_trusted,
	.issue = on_issue,
	.send = on_send,
};

/* ---- the end of a session ---- */

static void save(
	struct session *s, struct capf_phone *p, const struct slice *cert)
{
	if (capf_store_save(s->service->store, &p, 1, cert, NULL, NULL) != 0)
		log_event(MSG_PHONE_CAPF_STORE, NULL,
			L_STR("reason", "too much waits to be written"));
}

static int64_t end_of(struct slice cert)
{
	gnutls_datum_t der = { .size = (unsigned)cert.n };
	gnutls_x509_crt_t crt;
	int64_t at = 0;

	memcpy(&der.data, &cert.p, sizeof(der.data)); /* not written to */
	need(gnutls_x509_crt_init(&crt) == 0);
	if (gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) == 0)
		at = gnutls_x509_crt_get_expiration_time(crt);
	gnutls_x509_crt_deinit(crt);
	return at;
}

/* The string was for once; what was wanted is done. */
static void note_done(struct session *s)
{
	struct capf_phone *p =
		capf_store_get(s->service->store, s->info.device);
	struct slice cert = text_slice(&s->server.cert);
	enum capf_operation o = s->server.plan.operation;

	if (p == NULL)
		return;
	if (s->server.plan.auth == CAPF_BY_STRING)
		mem_wipe(p->string, sizeof(p->string));
	p->wrong = 0;
	p->pending = CAPF_NOTHING;
	p->done = o;
	p->done_at = time(NULL);
	p->not_after = o == CAPF_DELETE ? 0 : end_of(cert);
	save(s, p, &cert);
}

static void note_wrong(struct session *s)
{
	struct capf_phone *p =
		capf_store_find(s->service->store, slice_str(s->info.device));

	metric_inc(M_PHONE_CAPF_WRONG_STRING);
	if (p == NULL || p->string[0] == '\0' || clock_ms() < p->locked_ms)
		return; /* there was nothing to be guessed */
	p->wrong++;
	if (p->wrong >= CAPF_WITHDRAW_TRIES) {
		log_event(MSG_PHONE_CAPF_WITHDRAWN, NULL,
			L_STR("device", p->name), L_INT("tries", p->wrong),
			L_ADDR("peer", &s->info.peer));
		mem_wipe(p->string, sizeof(p->string));
		p->wrong = 0;
	} else if (p->wrong % CAPF_LOCK_TRIES == 0) {
		p->locked_ms = clock_ms() + CAPF_LOCK_MS;
		log_event(MSG_PHONE_CAPF_LOCKED, NULL, L_STR("device", p->name),
			L_INT("seconds", CAPF_LOCK_MS / 1000),
			L_INT("tries", p->wrong),
			L_ADDR("peer", &s->info.peer));
	}
	save(s, p, NULL);
}

static void remember(struct session *s)
{
	struct capf_service *v = s->service;

	if (v->nkept < CAPF_ENDED_KEPT)
		v->nkept++;
	memmove(&v->kept[1], &v->kept[0], (v->nkept - 1) * sizeof(v->kept[0]));
	v->kept[0] = s->info;
}

static void tell(const struct session *s)
{
	const struct capf_session_info *i = &s->info;
	const char *text = capf_session_text(i);

	if (i->end == CAPF_ENDED_DONE)
		log_event(MSG_PHONE_CAPF_DONE, NULL,
			L_STR("operation", capf_operation_name(i->operation)),
			L_STR("device", i->device), L_ADDR("peer", &i->peer));
	else if (i->end != CAPF_ENDED_NOTHING)
		log_event(MSG_PHONE_CAPF_FAILED, NULL,
			L_STR("operation", capf_operation_name(i->operation)),
			L_STR("device",
				i->device[0] != '\0' ? i->device : "a phone"),
			L_ADDR("peer", &i->peer), L_STR("reason", text));
	if (s->service->tell != NULL && i->device[0] != '\0')
		s->service->tell(
			s->service->tell_arg, i, text_slice(&s->server.cert));
}

static void account(struct session *s)
{
	struct capf_service *v = s->service;

	issuing_over(s);
	if (s->accounted)
		return;
	s->accounted = true;
	s->info.end = s->server.end;
	s->info.proof = s->server.proof;
	s->info.ended = time(NULL);
	if (s->info.end == CAPF_ENDED_DONE) {
		v->done++;
		metric_inc(M_PHONE_CAPF_DONE);
		note_done(s);
	} else if (s->info.end == CAPF_ENDED_NOTHING) {
		v->nothing++;
	} else {
		v->failed++;
		metric_inc(M_PHONE_CAPF_FAILED);
		if (s->info.end == CAPF_ENDED_STRING)
			note_wrong(s);
	}
	remember(s);
	tell(s);
}

/* After each step: the next deadline, or the end. */
static void after(struct session *s)
{
	uint64_t due = capf_server_due(&s->server), now = clock_ms();

	if (s->server.end != CAPF_GOING_ON) {
		account(s);
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
	struct session *s = obj_new(sizeof(*s), session_free);
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
	struct session *s = own;

	capf_server_frame(&s->server, frame, clock_ms());
	after(s);
}

static void on_timer(void *own)
{
	struct session *s = own;

	capf_server_timer(&s->server, clock_ms());
	after(s);
}

static void on_closed(void *own)
{
	struct session *s = own;
	struct capf_service *v = s->service;

	s->info.left = s->server.end == CAPF_GOING_ON;
	account(s);
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
	for (const struct session *s = v->sessions; s != NULL; s = s->next)
		if (!s->accounted)
			fn(arg, &s->info);
	for (size_t i = 0; i < v->nkept; i++)
		fn(arg, &v->kept[i]);
}
