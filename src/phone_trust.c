/* Sockets, trustpoints and services, from one configuration to the next. */
#include "phone_trust.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/obj.h"
#include "ctl/ctl_boxes.h"
#include "phoneproxy/capf/capf_issue.h"

enum {
	JOBS_MAX = 4096,
	HELPER_NICE = 10, /* signing waits for calls */
	RELAYS_MAX = 256,
	RELAY_TOTAL = 1000,
	RELAY_PER_SOURCE = 50,
	RELAY_PER_MINUTE = 300,
};

/* ---- what a configuration wants ---- */

struct wanted_relay {
	char *proxy;
	struct addr access, server, source;
	enum phone_what what; /* in a phone's story */
};

/* Where a service listens: 0.0.0.0 unless it is said. */
static struct addr listen_addr(const struct addr *source, uint16_t port)
{
	struct addr a = *source;

	if (!addr_is_set(&a))
		need(addr_parse(&a, SLICE_LIT("0.0.0.0"), port) == 0);
	addr_set_port(&a, port);
	return a;
}

static bool covers(const struct addr *listens, const struct addr *a)
{
	return addr_port(listens) == addr_port(a) &&
	       (addr_same_host(listens, a) ||
		       (addr_is_any(listens) &&
			       listens->sa.sa_family == a->sa.sa_family));
}

/* Where a server of ours listens, it takes the place of a relay: `capf-address`
 * then only tells phones where it is. */
static bool is_ours(const struct conf *c, const struct addr *a)
{
	struct addr capf = listen_addr(&c->capf.source, c->capf.port);
	struct addr tvs = listen_addr(&c->tvs.source, c->tvs.port);

	return (c->capf.on && covers(&capf, a)) ||
	       (c->tvs.on && covers(&tvs, a));
}

static void want_relay(const struct conf *c, struct wanted_relay *v, size_t *n,
	const struct conf_phone_proxy *x, const struct conf_pp_relay *r,
	enum phone_what what)
{
	struct wanted_relay *w = &v[*n];

	if (*n == RELAYS_MAX || is_ours(c, &r->access))
		return;
	*w = (struct wanted_relay){
		.access = r->access, .server = r->server, .what = what
	};
	for (size_t i = 0; i < x->ntftps; i++)
		if (x->tftp[i].local.sa.sa_family == r->server.sa.sa_family &&
			!addr_is_set(&w->source))
			w->source = x->tftp[i].local;
	addr_set_port(&w->source, 0);
	w->proxy = x->name;
	(*n)++;
}

/* Borrowed names. */
static size_t want_relays(const struct conf *c, struct wanted_relay *v)
{
	size_t n = 0;

	if (c == NULL)
		return 0;
	for (const struct conf_phone_proxy *x = c->phone_proxies; x != NULL;
		x = x->next) {
		if (!x->complete)
			continue;
		for (size_t i = 0; i < x->ncapfs; i++)
			want_relay(c, v, &n, x, &x->capf[i], PHONE_CAPF);
		for (size_t i = 0; i < x->nservices; i++)
			want_relay(c, v, &n, x, &x->service[i], PHONE_SERVICE);
	}
	return n;
}

static bool among(const struct addr *a, const struct wanted_relay *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (addr_equal(a, &v[i].access))
			return true;
	return false;
}

/* ---- preparing, on the main thread ---- */

struct plan_relay {
	struct wanted_relay w; /* proxy: within `conf` */
	int fd; /* -1: is there */
};

struct phone_trust_plan {
	struct conf *conf; /* referenced */
	int capf_fd, tvs_fd; /* -1: is there, or not wanted */
	struct trustpoint *capf_own, *capf_issuer, *capf_mic, *tvs_own;
	struct tvs_list *list;
	struct ctl_boxes_plan *boxes; /* NULL: none are wanted */
	size_t nrelays;
	struct plan_relay *relay;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void phone_trust_discard(struct phone_trust_plan *p)
{
	if (p == NULL)
		return;
	close_fd(&p->capf_fd);
	close_fd(&p->tvs_fd);
	for (size_t i = 0; i < p->nrelays; i++)
		close_fd(&p->relay[i].fd);
	free(p->relay);
	obj_unref(p->capf_own);
	obj_unref(p->capf_issuer);
	obj_unref(p->capf_mic);
	obj_unref(p->tvs_own);
	obj_unref(p->list);
	ctl_boxes_discard(p->boxes);
	obj_unref(p->conf);
	free(p);
}

static int bind_at(const struct addr *a, int *fd, const char *what,
	struct conf_pos pos, struct conf_errs *errs)
{
	char text[ADDR_TEXT];
	int err = doorway_bind(a, fd);

	if (err != 0)
		conf_errs_add(errs, false, pos,
			err == EADDRINUSE
				? "another program or section listens there"
				: "give it an address of this machine",
			"%s cannot listen on %s: %s", what, addr_text(a, text),
			strerrordesc_np(err));
	return err;
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
	struct addr a = listen_addr(&c->capf.source, c->capf.port), old;
	int err;

	if (now != NULL && now->capf.on)
		old = listen_addr(&now->capf.source, now->capf.port);
	else
		old = (struct addr){ 0 };
	err = trustpoint_load(&p->capf_own, c->capf.trustpoint, errs);
	if (err == 0 && c->capf.issuer != NULL)
		err = load_issuer(&p->capf_issuer, c->capf.issuer, errs);
	if (err == 0 && c->capf.mic != NULL)
		err = trustpoint_load(&p->capf_mic, c->capf.mic, errs);
	if (err == 0 && !addr_equal(&a, &old))
		err = bind_at(
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
	struct addr a = listen_addr(&c->tvs.source, c->tvs.port), old;
	int err = trustpoint_load(&p->tvs_own, c->tvs.trustpoint, errs);

	if (now != NULL && now->tvs.on)
		old = listen_addr(&now->tvs.source, now->tvs.port);
	else
		old = (struct addr){ 0 };
	if (err == 0)
		err = list_trustpoints(p, errs);
	if (err == 0 && !addr_equal(&a, &old))
		err = bind_at(&a, &p->tvs_fd, "tvs-server", c->tvs.pos, errs);
	return err;
}

static int prepare_relays(struct phone_trust_plan *p, const struct conf *now,
	struct conf_errs *errs)
{
	struct wanted_relay *old = mem_array(RELAYS_MAX, sizeof(*old));
	struct wanted_relay *new = mem_array(RELAYS_MAX, sizeof(*new));
	size_t nold = want_relays(now, old), n = want_relays(p->conf, new);
	int err = 0;

	p->relay = mem_array(n + 1, sizeof(*p->relay));
	for (size_t i = 0; err == 0 && i < n; i++) {
		struct plan_relay *r = &p->relay[p->nrelays++];

		r->w = new[i];
		r->fd = -1;
		if (!among(&r->w.access, old, nold))
			err = bind_at(&r->w.access, &r->fd, r->w.proxy,
				p->conf->phone_proxies->pos, errs);
	}
	free(old);
	free(new);
	return err;
}

int phone_trust_prepare(struct phone_trust_plan **out, const struct conf *now,
	struct conf *next, struct conf_errs *errs)
{
	struct phone_trust_plan *p = mem_new(sizeof(*p));
	int err;

	p->conf = obj_ref(next);
	p->capf_fd = p->tvs_fd = -1;
	err = prepare_relays(p, now, errs);
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

struct live_relay {
	struct wanted_relay w; /* proxy: owned here */
	struct relay *relay;
	bool stays;
};

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
	size_t nrelays;
	struct live_relay relay[RELAYS_MAX];
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

/* Only bytes were seen: whose they are is told by the address. */
static void note_relayed(
	struct phone_trust *t, enum phone_what what, const struct relay_end *e)
{
	char at[ADDR_TEXT];

	phones_note(t->phones, "", &e->peer, what,
		"relayed to %s: %" PRIu64 " bytes there, %" PRIu64
		" back, %" PRIu64 " ms%s%s",
		addr_text(&e->target, at), e->bytes_in, e->bytes_out, e->ms,
		e->why != NULL ? ", " : "", e->why != NULL ? e->why : "");
}

static void on_capf_relayed(void *arg, const struct relay_end *e)
{
	note_relayed(arg, PHONE_CAPF, e);
}

static void on_service_relayed(void *arg, const struct relay_end *e)
{
	note_relayed(arg, PHONE_SERVICE, e);
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

static struct live_relay *find_live(
	struct phone_trust *t, const struct addr *access)
{
	for (size_t i = 0; i < t->nrelays; i++)
		if (addr_equal(&t->relay[i].w.access, access))
			return &t->relay[i];
	return NULL;
}

static void apply_relay(struct phone_trust *t, struct plan_relay *r)
{
	const struct relay_params rp = {
		.target = r->w.server,
		.source = r->w.source,
		.limits = { RELAY_TOTAL, RELAY_PER_SOURCE, RELAY_PER_MINUTE },
		.ended = r->w.what == PHONE_CAPF ? on_capf_relayed
						 : on_service_relayed,
		.arg = t,
	};
	struct live_relay *live = find_live(t, &r->w.access);

	if (live != NULL) {
		relay_set(live->relay, &rp);
		free(live->w.proxy);
	} else {
		if (r->fd < 0 || t->nrelays == RELAYS_MAX)
			return;
		live = &t->relay[t->nrelays++];
		live->relay = relay_new(t->loop, r->fd, &rp);
		r->fd = -1;
	}
	live->w = r->w;
	live->w.proxy = mem_dup(r->w.proxy);
	live->stays = true;
}

static void drop_relays(struct phone_trust *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nrelays; i++) {
		struct live_relay *r = &t->relay[i];

		if (r->stays) {
			t->relay[n++] = *r;
			continue;
		}
		relay_free(r->relay);
		free(r->w.proxy);
	}
	t->nrelays = n;
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
	for (size_t i = 0; i < t->nrelays; i++)
		t->relay[i].stays = false;
	for (size_t i = 0; i < p->nrelays; i++)
		apply_relay(t, &p->relay[i]);
	drop_relays(t);
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
	for (size_t i = 0; i < t->nrelays; i++)
		t->relay[i].stays = false;
	drop_relays(t);
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

size_t phone_trust_nrelays(const struct phone_trust *t)
{
	return t != NULL ? t->nrelays : 0;
}

void phone_trust_relay(
	const struct phone_trust *t, size_t i, struct phone_relay_info *out)
{
	const struct live_relay *r = &t->relay[i];

	out->proxy = r->w.proxy;
	out->access = r->w.access;
	out->server = r->w.server;
	relay_count(r->relay, &out->count);
}
