/* The calendar of all trustpoints. */
#include "pki/renewal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "base/work.h"
#include "certs/store/trustpoint.h"
#include "certs/x509/crt.h"

enum {
	ASK_MS = 20000, /* stopping waits for it */
	JOBS_MAX = 1024,
	CLOCK_MS = 60000, /* the clock may be set meanwhile */
	BUSY_S = 5,
	NEXT_PERCENT = 75, /* of an authority's life; then each day */
	NEXT_WAIT_S = 86400,
};

struct entry {
	const struct conf_trustpoint *t; /* in rn->conf */
	struct renew own, ca; /* ours; the authority that ends first */
	struct renew next; /* of the one that ends last, its successor */
	char *ca_name;
	int64_t renewed;
	char text[640];
};

struct renewal {
	struct renewal_params p;
	struct work *work;
	uint32_t seed;
	struct conf *conf; /* referenced; that `entry` is of */
	size_t n;
	struct entry *entry;
	unsigned looked; /* looks that were begun; the last one counts */
};

static int64_t now_s(void)
{
	return time(NULL);
}

/* ---- looking: which certificates there are ---- */

struct seen {
	int64_t from, to; /* ours; 0: none */
	int64_t ca_from, ca_to;
	int64_t last_from, last_to; /* of the authority that ends last */
	char *ca_name;
	bool pending;
};

struct look_job {
	struct work_job job;
	struct renewal *rn;
	struct conf *conf; /* referenced */
	unsigned number;
	size_t n;
	struct seen *seen; /* in the order of the trustpoints */
};

static void see_certs(struct seen *out, const struct trustpoint *tp)
{
	int64_t now = now_s();
	size_t n;
	struct cert_info *v = trustpoint_certs(tp, &n);

	for (size_t i = 0; i < n; i++) {
		if (v[i].own) {
			out->from = v[i].not_before;
			out->to = v[i].not_after;
		} else if (v[i].ca && v[i].not_after >= now &&
			   (out->ca_to == 0 || v[i].not_after < out->ca_to)) {
			out->ca_from = v[i].not_before;
			out->ca_to = v[i].not_after;
			free(out->ca_name);
			out->ca_name = mem_dup(v[i].subject);
		}
	}
	for (size_t i = 0; i < n; i++)
		if (v[i].ca && v[i].not_after > out->last_to) {
			out->last_from = v[i].not_before;
			out->last_to = v[i].not_after;
		}
	cert_info_free(v, n);
}

static bool is_pending(const struct conf_trustpoint *t)
{
	struct store_pending p;
	struct store *s = NULL;
	char *why = NULL;
	bool pending = false;

	if (conf_trustpoint_stored(t) && store_open(&s, t, false, &why) == 0) {
		pending = store_pending(s, t->name, &p, &why) == 0 &&
			  p.transaction[0] != '\0';
		store_pending_free(&p);
	}
	store_close(s);
	free(why);
	return pending;
}

/* Complaints were made when the configuration was loaded. */
static void look_run(struct work_job *job)
{
	struct look_job *j = (struct look_job *)job;
	struct seen *out = j->seen;

	for (const struct conf_trustpoint *t = j->conf->trustpoints; t != NULL;
		t = t->next, out++) {
		struct conf_errs errs = { 0 };
		struct trustpoint *tp;

		if (trustpoint_load(&tp, t, &errs) == 0)
			see_certs(out, tp);
		conf_errs_free(&errs);
		obj_unref(tp);
		out->pending = is_pending(t);
	}
}

static bool automatic(const struct conf_trustpoint *t)
{
	return t->auto_enroll && conf_trustpoint_stored(t) &&
	       t->enrollment != CONF_ENROLL_TERMINAL;
}

static struct renew_params params_of(
	const struct renewal *rn, const struct conf_trustpoint *t)
{
	return (struct renew_params){ .automatic = automatic(t),
		.percent = t->renew_percent,
		.pending_s = t->retry_minutes * 60,
		.pending_max = t->retry_count,
		.seed = rn->seed };
}

/* Whose authority may have a successor that it tells of. */
static struct renew_params next_params(const struct renewal *rn,
	const struct conf_trustpoint *t, const struct seen *seen)
{
	return (struct renew_params){
		.automatic = automatic(t) && seen->last_to != 0 &&
			     t->enrollment == CONF_ENROLL_SCEP,
		.percent = NEXT_PERCENT,
		.pending_s = NEXT_WAIT_S,
		.seed = rn->seed
	};
}

static bool same_params(
	const struct renew_params *a, const struct renew_params *b)
{
	return a->automatic == b->automatic && a->percent == b->percent &&
	       a->pending_s == b->pending_s && a->pending_max == b->pending_max;
}

static struct entry *find(struct renewal *rn, const char *name)
{
	for (size_t i = 0; i < rn->n; i++)
		if (strcmp(rn->entry[i].t->name, name) == 0)
			return &rn->entry[i];
	return NULL;
}

/* Without a certificate a reload is a reason to try at once: somebody mended
 * what was missing, perhaps. */
static bool goes_on(const struct entry *old, const struct seen *seen,
	const struct renew_params *p)
{
	if (old == NULL || old->own.not_after != seen->to ||
		!same_params(&old->own.p, p))
		return false;
	return seen->to != 0 || old->own.state == RENEW_ASKING;
}

/* What was going on goes on when nothing changed for this trustpoint. */
static void fill(struct entry *e, const struct renewal *rn,
	const struct entry *old, struct seen *seen)
{
	struct renew_params p = params_of(rn, e->t);
	struct renew_params none = { .automatic = false };
	int64_t now = now_s();

	if (old != NULL) {
		e->renewed = old->renewed;
		/* What failed here and was mended by command is past. */
		if (old->own.attempts == 0 || old->own.not_after == seen->to)
			memcpy(e->text, old->text, sizeof(e->text));
	}
	if (goes_on(old, seen, &p))
		e->own = old->own;
	else
		renew_begin(
			&e->own, &p, seen->from, seen->to, seen->pending, now);
	if (old != NULL && old->ca.not_after == seen->ca_to)
		e->ca = old->ca;
	else
		renew_begin(
			&e->ca, &none, seen->ca_from, seen->ca_to, false, now);
	p = next_params(rn, e->t, seen);
	if (old != NULL && old->next.not_after == seen->last_to &&
		same_params(&old->next.p, &p))
		e->next = old->next;
	else
		renew_begin(&e->next, &p, seen->last_from, seen->last_to, false,
			now);
	e->ca_name = seen->ca_name;
	seen->ca_name = NULL;
}

static void free_entries(struct entry *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].ca_name);
	free(v);
}

static void tell(struct renewal *rn)
{
	struct renewal_status *s =
		obj_new(sizeof(*s) + rn->n * sizeof(struct renewal_row), NULL);

	s->n = rn->n;
	for (size_t i = 0; i < rn->n; i++) {
		const struct entry *e = &rn->entry[i];
		struct renewal_row *r = &s->row[i];

		(void)snprintf(
			r->trustpoint, sizeof(r->trustpoint), "%s", e->t->name);
		r->state = e->own.state;
		r->not_after = e->own.not_after;
		r->next = e->own.state == RENEW_OFF ? 0 : e->own.at;
		r->attempts = e->own.attempts;
		r->renewed = e->renewed;
		memcpy(r->text, e->text, sizeof(r->text));
	}
	rn->p.told(rn->p.arg, s);
}

static void look_free(struct look_job *j)
{
	for (size_t i = 0; i < j->n; i++)
		free(j->seen[i].ca_name);
	free(j->seen);
	obj_unref(j->conf);
	free(j);
}

static void look_done(struct work_job *job)
{
	struct look_job *j = (struct look_job *)job;
	struct renewal *rn = j->rn;
	struct entry *fresh = mem_array(j->n + 1, sizeof(*fresh));
	size_t i = 0;

	if (j->number != rn->looked) { /* a later one is on its way */
		free(fresh);
		look_free(j);
		return;
	}
	for (const struct conf_trustpoint *t = j->conf->trustpoints; t != NULL;
		t = t->next, i++) {
		fresh[i].t = t;
		fill(&fresh[i], rn, find(rn, t->name), &j->seen[i]);
	}
	free_entries(rn->entry, rn->n);
	rn->entry = fresh;
	rn->n = j->n;
	obj_unref(rn->conf);
	rn->conf = obj_ref(j->conf);
	look_free(j);
	renewal_run(rn);
	tell(rn);
}

void renewal_publish(struct renewal *rn, struct conf *c)
{
	struct look_job *j = mem_new(sizeof(*j));

	j->job.run = look_run;
	j->job.done = look_done;
	j->job.reply = rn->p.main;
	j->rn = rn;
	j->conf = obj_ref(c);
	j->number = ++rn->looked;
	for (const struct conf_trustpoint *t = c->trustpoints; t != NULL;
		t = t->next)
		j->n++;
	j->seen = mem_array(j->n + 1, sizeof(*j->seen));
	if (work_submit(rn->work, &j->job) != 0)
		look_free(j); /* the next reload looks again */
}

/* ---- asking ---- */

struct ask_job {
	struct work_job job;
	struct renewal *rn;
	struct conf *conf; /* referenced */
	bool next; /* the authority's successor is asked for, nothing else */
	struct obtain_params op; /* op.c is in conf */
	struct obtain_result result;
};

static void ask_run(struct work_job *job)
{
	struct ask_job *j = (struct ask_job *)job;

	if (j->next)
		obtain_next_ca(&j->result, &j->op);
	else
		obtain(&j->result, &j->op);
}

static void log_failure(
	const struct entry *e, const struct obtain_result *r, int64_t now)
{
	char next[CRT_DATE];
	int64_t left = e->own.not_after - now;

	metric_add(M_PKI_RENEW_FAILED, 1);
	(void)crt_date(e->own.at, next);
	if (e->own.not_after == 0)
		log_event(MSG_PKI_ENROLL_FAILED, NULL,
			L_STR("trustpoint", e->t->name),
			L_STR("reason", r->text), L_STR("next", next));
	else
		log_event(MSG_PKI_RENEW_FAILED, NULL,
			L_STR("trustpoint", e->t->name),
			L_STR("reason", r->text), L_STR("next", next),
			L_INT("days", left > 0 ? left / 86400 : 0));
}

/* What is in the store must come into use. */
static void use(struct renewal *rn, const struct entry *e)
{
	int err = rn->p.renewed(rn->p.arg, e->t->name);

	if (err != 0)
		log_event(MSG_PKI_NOT_USED, NULL,
			L_STR("trustpoint", e->t->name),
			L_STR("reason", strerrordesc_np(err)));
}

static void take(struct entry *e, const char *text)
{
	metric_add(M_PKI_RENEWED, 1);
	e->renewed = now_s();
	log_event(MSG_PKI_RENEWED, NULL, L_STR("trustpoint", e->t->name),
		L_STR("result", text));
}

static void take_next_ca(const struct entry *e, const char *ca)
{
	metric_add(M_PKI_NEXT_CA, 1);
	log_event(MSG_PKI_NEXT_CA, NULL, L_STR("trustpoint", e->t->name),
		L_STR("ca", ca));
}

static void answer_next(struct entry *e, const struct obtain_result *r)
{
	char next[CRT_DATE];

	renew_done(&e->next, r->outcome, NEXT_WAIT_S, now_s());
	if (r->outcome == OBTAIN_FAILED)
		log_event(MSG_PKI_NEXT_CA_FAILED, NULL,
			L_STR("trustpoint", e->t->name),
			L_STR("reason", r->text),
			L_STR("next", crt_date(e->next.at, next)));
}

static void answer(struct entry *e, const struct obtain_result *r)
{
	int64_t now = now_s();

	(void)snprintf(e->text, sizeof(e->text), "%s", r->text);
	renew_done(&e->own, r->outcome, r->retry_after_s, now);
	switch (r->outcome) {
	case OBTAIN_DONE:
		take(e, r->text);
		break;
	case OBTAIN_PENDING:
		log_event(MSG_PKI_PENDING, NULL,
			L_STR("trustpoint", e->t->name),
			L_STR("reason", r->text),
			L_INT("seconds", e->own.at - now));
		break;
	case OBTAIN_DENIED:
	case OBTAIN_FAILED:
		log_failure(e, r, now);
		break;
	}
}

static void ask_done(struct work_job *job)
{
	struct ask_job *j = (struct ask_job *)job;
	struct entry *e = find(j->rn, j->op.c->name);
	bool told = false;

	/* What was cut off at the end of the process did not fail. */
	if (e != NULL &&
		(j->rn->work != NULL || j->result.outcome == OBTAIN_DONE))
		told = true;
	if (told && j->next)
		answer_next(e, &j->result);
	else if (told)
		answer(e, &j->result);
	if (told && j->result.next_ca[0] != '\0')
		take_next_ca(e, j->result.next_ca);
	if (told && (j->result.next_ca[0] != '\0' ||
			    j->result.outcome == OBTAIN_DONE))
		use(j->rn, e);
	if (j->rn->work != NULL)
		tell(j->rn);
	obj_unref(j->conf);
	free(j);
}

static void ask(struct renewal *rn, struct entry *e, bool next)
{
	struct renew *r = next ? &e->next : &e->own;
	struct ask_job *j = mem_new(sizeof(*j));

	j->job.run = ask_run;
	j->job.done = ask_done;
	j->job.reply = rn->p.main;
	j->rn = rn;
	j->conf = obj_ref(rn->conf);
	j->next = next;
	j->op = (struct obtain_params){ .c = e->t,
		.enroll = rn->p.enroll,
		.next_ca = rn->p.next_ca,
		.now = now_s(),
		.renew = e->own.not_after != 0,
		.timeout_ms = ASK_MS };
	if (work_submit(rn->work, &j->job) == 0)
		return;
	r->state = RENEW_RETRYING;
	r->at = now_s() + BUSY_S;
	obj_unref(j->conf);
	free(j);
}

/* ---- warnings ---- */

static void warn_end(const struct entry *e, const struct renew *r, int64_t days,
	const char *whose, const char *remedy)
{
	char date[CRT_DATE];

	(void)crt_date(r->not_after, date);
	if (days < 0)
		log_event(MSG_PKI_EXPIRED, NULL,
			L_STR("trustpoint", e->t->name), L_STR("whose", whose),
			L_STR("date", date), L_STR("remedy", remedy));
	else
		log_event(MSG_PKI_EXPIRES, NULL,
			L_STR("trustpoint", e->t->name), L_STR("whose", whose),
			L_INT("days", days), L_STR("date", date),
			L_STR("remedy", remedy));
}

static const char *remedy_of(const struct entry *e)
{
	if (e->own.state != RENEW_OFF)
		return "its renewal fails: see show crypto pki trustpoints "
		       "status";
	if (e->t->enrollment == CONF_ENROLL_SCEP ||
		e->t->enrollment == CONF_ENROLL_EST)
		return "nobody renews it: add auto-enroll, or lineside pki "
		       "enroll";
	return "nobody renews it: get its successor";
}

static void run_entry(struct renewal *rn, struct entry *e, int64_t now)
{
	struct renew_step own = renew_tick(&e->own, now);
	struct renew_step ca = renew_tick(&e->ca, now);
	struct renew_step next = renew_tick(&e->next, now);

	if (own.warn)
		warn_end(e, &e->own, own.days, "our certificate", remedy_of(e));
	if (ca.warn && e->ca_name != NULL)
		warn_end(e, &e->ca, ca.days, e->ca_name,
			"get the authority's successor before peers are "
			"refused");
	if (own.action == RENEW_ASK)
		ask(rn, e, false);
	if (next.action == RENEW_ASK)
		ask(rn, e, true);
}

void renewal_run(struct renewal *rn)
{
	int64_t now = now_s();

	for (size_t i = 0; i < rn->n; i++)
		run_entry(rn, &rn->entry[i], now);
}

int renewal_wait_ms(const struct renewal *rn)
{
	struct timespec ts;
	int64_t now, wait = CLOCK_MS;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	now = ts.tv_sec;
	for (size_t i = 0; i < rn->n; i++) {
		const struct entry *e = &rn->entry[i];
		int64_t own = renew_next(&e->own, now);
		int64_t ca = renew_next(&e->ca, now);
		int64_t succ = renew_next(&e->next, now);
		int64_t next = own < ca ? own : ca;
		int64_t ms = ((succ < next ? succ : next) - now) * 1000 -
			     ts.tv_nsec / 1000000;

		wait = ms < wait ? ms : wait;
	}
	return (int)(wait > 1 ? wait : 1);
}

int renewal_start(struct renewal **out, const struct renewal_params *p)
{
	struct renewal *rn = mem_new(sizeof(*rn));
	int err;

	rn->p = *p;
	rn->seed = random_u32();
	err = work_start(&rn->work, JOBS_MAX);
	if (err != 0) {
		free(rn);
		rn = NULL;
	}
	*out = rn;
	return err;
}

void renewal_stop(struct renewal *rn)
{
	if (rn == NULL)
		return;
	work_stop(rn->work);
	rn->work = NULL;
}

void renewal_free(struct renewal *rn)
{
	if (rn == NULL)
		return;
	free_entries(rn->entry, rn->n);
	obj_unref(rn->conf);
	free(rn);
}
