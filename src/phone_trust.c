/* Sockets, trustpoints and services, from one configuration to the next. */
#include "phone_trust.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/obj.h"
#include "ctl/ctl_boxes.h"
#include "phoneproxy/capf/capf_issue.h"
#include "phoneproxy/phone_ports.h"

enum {
	JOBS_MAX = 4096,
	HELPER_NICE = 10, /* signing waits for calls */
};

/* ---- preparing, on the main thread ---- */

struct phone_trust_plan {
	struct conf *conf; /* referenced */
	int capf_fd, tvs_fd; /* -1: is there, or not wanted */
	struct trustpoint *capf_own, *capf_issuer, *capf_mic, *tvs_own;
	struct tvs_list *list;
	struct ctl_boxes_plan *boxes; /* NULL: none are wanted */
	struct phone_relays_plan *relays;
};

void phone_trust_discard(struct phone_trust_plan *p)
{
	if (p == NULL)
		return;
	phone_port_close(&p->capf_fd);
	phone_port_close(&p->tvs_fd);
	phone_relays_discard(p->relays);
	obj_unref(p->capf_own);
	obj_unref(p->capf_issuer);
	obj_unref(p->capf_mic);
	obj_unref(p->tvs_own);
	obj_unref(p->list);
	ctl_boxes_discard(p->boxes);
	obj_unref(p->conf);
	free(p);
}

/* A CA's trustpoint: that it cannot serve TLS is no fault of it. */
static int load_issuer(struct trustpoint **out, const struct conf_trustpoint *c,
	struct conf_errs *errs)
{
	struct conf_errs own = { 0 };
	char why[CAPF_WHY];
	int err = trustpoint_load(out, c, &own);

	for (size_t i = 0; i < own.n; i++)
		if (!own.v[i].warning)
			conf_errs_add(errs, false, c->pos, own.v[i].hint, "%s",
				own.v[i].message);
	conf_errs_free(&own);
	if (err != 0)
		return err;
	err = capf_issuer_check(*out, why);
	if (err != 0)
		conf_errs_add(errs, false, c->pos,
			"cert-enroll-trustpoint needs a CA's certificate and "
			"key",
			"trustpoint %s cannot issue certificates: %s", c->name,
			why);
	return err;
}

static int prepare_capf(struct phone_trust_plan *p, const struct conf *now,
	struct conf_errs *errs)
{
	const struct conf *c = p->conf;
	struct addr a = phone_port_addr(&c->capf.source, c->capf.port), old;
	int err;

	if (now != NULL && now->capf.on)
		old = phone_port_addr(&now->capf.source, now->capf.port);
	else
		old = (struct addr){ 0 };
	err = trustpoint_load(&p->capf_own, c->capf.trustpoint, errs);
	if (err == 0 && c->capf.issuer != NULL)
		err = load_issuer(&p->capf_issuer, c->capf.issuer, errs);
	if (err == 0 && c->capf.mic != NULL)
		err = trustpoint_load(&p->capf_mic, c->capf.mic, errs);
	if (err == 0 && !addr_equal(&a, &old))
		err = phone_port_bind(
			&a, &p->capf_fd, "capf-server", c->capf.pos, errs);
	return err;
}

static int list_trustpoints(struct phone_trust_plan *p, struct conf_errs *errs)
{
	const struct conf *c = p->conf;

	p->list = tvs_list_new();
	for (size_t i = 0; i < c->tvs.nanswers; i++) {
		const struct conf_tvs_answer *a = &c->tvs.answer[i];
		struct trustpoint *t = NULL;
		int err = trustpoint_load(&t, a->trustpoint, errs);

		if (err != 0)
			return err;
		tvs_list_add(p->list, t, a->role);
		obj_unref(t);
	}
	return 0;
}

static int prepare_tvs(struct phone_trust_plan *p, const struct conf *now,
	struct conf_errs *errs)
{
	const struct conf *c = p->conf;
	struct addr a = phone_port_addr(&c->tvs.source, c->tvs.port), old;
	int err = trustpoint_load(&p->tvs_own, c->tvs.trustpoint, errs);

	if (now != NULL && now->tvs.on)
		old = phone_port_addr(&now->tvs.source, now->tvs.port);
	else
		old = (struct addr){ 0 };
	if (err == 0)
		err = list_trustpoints(p, errs);
	if (err == 0 && !addr_equal(&a, &old))
		err = phone_port_bind(
			&a, &p->tvs_fd, "tvs-server", c->tvs.pos, errs);
	return err;
}

int phone_trust_prepare(struct phone_trust_plan **out, const struct conf *now,
	struct conf *next, struct conf_errs *errs)
{
	struct phone_trust_plan *p = mem_new(sizeof(*p));
	int err;

	p->conf = obj_ref(next);
	p->capf_fd = p->tvs_fd = -1;
	err = phone_relays_prepare(&p->relays, now, next, errs);
	if (err == 0 && next->capf.on)
		err = prepare_capf(p, now, errs);
	if (err == 0 && next->tvs.on)
		err = prepare_tvs(p, now, errs);
	if (err == 0)
		err = ctl_boxes_prepare(&p->boxes, now, next, errs);
	if (err != 0) {
		phone_trust_discard(p);
		p = NULL;
	}
	*out = p;
	return err;
}

/* ---- in force, on the services thread ---- */

struct phone_trust {
	struct loop *loop;
	struct phones *phones; /* borrowed */
	struct phonecerts *certs; /* borrowed */
	struct capf_ca ca;
	struct hs_pool *hs; /* NULL: not yet needed */
	struct work *work;
	struct capf_service *capf;
	struct tvs_service *tvs;
	struct ctl_provider *boxes;
	char *why; /* the CAPF server is not served */
	struct phone_relays *relays; /* until it is stopped */
	bool stopped;
};

struct phone_trust *phone_trust_new(struct loop *l, struct phones *phones,
	struct phonecerts *certs, const struct capf_ca *ca)
{
	struct phone_trust *t = mem_new(sizeof(*t));

	t->loop = l;
	t->phones = phones;
	t->certs = certs;
	t->ca = *ca;
	t->relays = phone_relays_new(l, phones);
	return t;
}

/* The first job: the helper steps back behind who carries calls. */
static void run_lower(struct work_job *job)
{
	if (setpriority(PRIO_PROCESS, 0, HELPER_NICE) != 0)
		errno = 0; /* then it is as urgent as the rest */
	free(job);
}

static int start_threads(struct phone_trust *t)
{
	struct work_job *job;
	int err = 0;

	if (t->work == NULL) {
		err = work_start(&t->work, JOBS_MAX);
		if (err != 0)
			return err;
		job = mem_new(sizeof(*job));
		job->run = run_lower;
		need(work_submit(t->work, job) == 0);
	}
	if (t->hs == NULL)
		err = hs_pool_start(&t->hs, 1);
	return err;
}

static void complain(struct phone_trust *t, const char *what, const char *why)
{
	log_event(MSG_PHONE_NOT_SERVED, NULL, L_STR("service", what),
		L_STR("reason", why));
	if (strcmp(what, "capf-server") == 0) {
		free(t->why);
		t->why = mem_dup(why);
	}
}

static struct capf_store *open_store(
	struct phone_trust *t, const struct conf *c)
{
	char *path = mem_printf("%s/capf.db", c->state_directory);
	struct secret master = { .n = 0 };
	struct capf_store *s = NULL;
	char *why = NULL;

	if (mkdir(c->state_directory, 0750) != 0)
		errno = 0; /* is there, or opening says why not */
	if (keystore_master(&master, c->master_key_file,
		    c->master_key_credential, &why) != 0 ||
		capf_store_open(&s, path, &master, &why) != 0)
		complain(t, "capf-server", why);
	secret_wipe(&master);
	free(why);
	free(path);
	return s;
}

static void on_capf_end(
	void *arg, const struct capf_session_info *i, struct slice cert)
{
	struct phone_trust *t = arg;

	if (i->end == CAPF_ENDED_DONE && i->operation == CAPF_UPGRADE)
		(void)phonecerts_note(
			t->certs, i->device, cert, PHONECERT_CAPF);
	if (i->end == CAPF_ENDED_DONE && i->operation == CAPF_DELETE)
		(void)phonecerts_drop(t->certs, i->device);
	phones_note(t->phones, i->device, &i->peer, PHONE_CAPF, "%s: %s",
		capf_operation_name(i->operation), capf_session_text(i));
}

static void on_tvs_answer(
	void *arg, const struct addr *peer, const struct tvs_answer *what)
{
	struct phone_trust *t = arg;
	char name[TVS_SEP_TEXT] = "";

	if (!tvs_sep_name(slice_str(what->device), name))
		name[0] = '\0';
	phones_note(t->phones, name, peer, PHONE_TVS,
		"asked about a certificate: it is %s",
		what->valid ? "valid" : "not valid");
}

/* Once, when the first phone proxy is there. */
static void open_certs(struct phone_trust *t, const struct conf *c)
{
	char *path, *why = NULL;

	if (c->phone_proxies == NULL || phonecerts_is_open(t->certs))
		return;
	if (mkdir(c->state_directory, 0750) != 0)
		errno = 0; /* is there, or opening says why not */
	path = mem_printf("%s/phones.db", c->state_directory);
	if (phonecerts_open(t->certs, path, &why) != 0)
		log_event(MSG_PHONE_CERTS_LOST, NULL, L_STR("reason", why));
	free(why);
	free(path);
}

/* Those that phones have from earlier: the two files are written apart. */
static void join_certs(struct phone_trust *t, struct capf_store *s)
{
	for (size_t i = 0; i < capf_store_count(s); i++) {
		const struct capf_phone *p = capf_store_at(s, i);
		struct text der = { 0 };

		if (p->done == CAPF_UPGRADE &&
			phonecerts_find(t->certs, p->name) == NULL &&
			capf_store_cert(s, p->name, &der) == 0)
			(void)phonecerts_note(t->certs, p->name,
				text_slice(&der), PHONECERT_CAPF);
		text_free(&der);
	}
}

static void apply_capf(struct phone_trust *t, struct phone_trust_plan *p)
{
	const struct capf_ca none = { .certify = NULL };
	const struct capf_service_params sp = {
		.conf = p->conf,
		.ca = p->conf->capf.issuer != NULL ? none : t->ca,
		.own = p->capf_own,
		.issuer = p->capf_issuer,
		.mic = p->capf_mic,
		.hs = t->hs,
		.work = t->work,
	};
	struct capf_store *store;

	if (t->capf != NULL && p->conf->capf.on) {
		capf_service_set(t->capf, p->capf_fd, &sp);
		p->capf_fd = -1;
		return;
	}
	capf_service_close(t->capf);
	t->capf = NULL;
	if (!p->conf->capf.on || p->capf_fd < 0)
		return;
	store = open_store(t, p->conf);
	if (store == NULL)
		return;
	join_certs(t, store);
	free(t->why);
	t->why = NULL;
	t->capf = capf_service_new(t->loop, p->capf_fd, store, &sp);
	capf_service_tell(t->capf, on_capf_end, t);
	p->capf_fd = -1;
}

static void apply_tvs(struct phone_trust *t, struct phone_trust_plan *p)
{
	const struct tvs_service_params sp = {
		.hs = t->hs,
		.own = p->tvs_own,
		.list = p->list,
		.ttl = p->conf->tvs.ttl,
		.tell = on_tvs_answer,
		.arg = t,
	};

	if (!p->conf->tvs.on) {
		tvs_service_close(t->tvs);
		t->tvs = NULL;
		return;
	}
	if (t->tvs != NULL)
		tvs_service_set(t->tvs, p->tvs_fd, &sp);
	else if (p->tvs_fd >= 0)
		t->tvs = tvs_service_new(t->loop, p->tvs_fd, &sp);
	p->tvs_fd = -1;
}

void phone_trust_apply(struct phone_trust *t, struct phone_trust_plan *p)
{
	bool wants_tls =
		p->conf->capf.on || p->conf->tvs.on || p->boxes != NULL;
	int err = 0;

	if (t->stopped) {
		phone_trust_discard(p);
		return;
	}
	open_certs(t, p->conf);
	phone_relays_apply(t->relays, p->relays);
	p->relays = NULL;
	if (wants_tls)
		err = start_threads(t);
	if (err == 0) {
		apply_capf(t, p);
		apply_tvs(t, p);
		ctl_boxes_apply(&t->boxes, p->boxes, t->loop, t->hs);
		p->boxes = NULL;
	} else {
		complain(t, "capf-server", strerrordesc_np(err));
	}
	phone_trust_discard(p);
}

void phone_trust_stop(struct phone_trust *t)
{
	if (t == NULL)
		return;
	t->stopped = true;
	capf_service_close(t->capf);
	t->capf = NULL;
	tvs_service_close(t->tvs);
	t->tvs = NULL;
	ctl_provider_close(t->boxes);
	t->boxes = NULL;
	phone_relays_free(t->relays);
	t->relays = NULL;
	if (t->hs != NULL)
		hs_pool_stop(t->hs);
	t->hs = NULL;
	work_stop(t->work);
	t->work = NULL;
}

void phone_trust_free(struct phone_trust *t)
{
	if (t == NULL)
		return;
	need(t->work == NULL); /* it was stopped */
	phone_relays_free(t->relays);
	free(t->why);
	free(t);
}

struct capf_service *phone_trust_capf(const struct phone_trust *t)
{
	return t != NULL ? t->capf : NULL;
}

struct tvs_service *phone_trust_tvs(const struct phone_trust *t)
{
	return t != NULL ? t->tvs : NULL;
}

struct ctl_provider *phone_trust_boxes(const struct phone_trust *t)
{
	return t != NULL ? t->boxes : NULL;
}

const char *phone_trust_why(const struct phone_trust *t)
{
	return t != NULL ? t->why : NULL;
}

const struct phone_relays *phone_trust_relays(const struct phone_trust *t)
{
	return t != NULL ? t->relays : NULL;
}
