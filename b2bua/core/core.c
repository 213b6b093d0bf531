/*
 * Everything above sip_port: one core per process. Requests outside dialogs
 * are sorted here; calls and registrations do the rest.
 */
#include "b2bua/core/core_int.h"

#include <stdlib.h>
#include <string.h>

#include "b2bua/call/cdr.h"
#include "b2bua/call/desc.h"
#include "b2bua/core/trusted.h"
#include "b2bua/line/outside.h"
#include "b2bua/line/registrar.h"
#include "b2bua/record/siprec.h"
#include "b2bua/route/tally.h"
#include "b2bua/sip/cause.h"
#include "b2bua/trunk/keepalive.h"
#include "base/host.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "base/thread.h"
#include "conf/conf.h"

static int real_open(
	struct mcall **out, struct media *m, const struct mcall_params *p)
{
	return mcall_new(out, m, p);
}

const struct media_ops core_media_real = {
	.open = real_open,
	.local = mcall_local,
	.set = mcall_set,
	.apply = mcall_apply,
	.is_beside = mcall_is_beside,
	.inherit = mcall_inherit,
	.stats = mcall_stats,
	.capture = mcall_capture,
	.copy = mcall_copy,
	.transcode = mcall_transcode,
	.play = mcall_play,
	.keys = mcall_keys,
	.press = mcall_press,
	.close = mcall_close,
	.load = media_load,
};

struct core *core_new(const struct core_params *p)
{
	struct core *c = mem_new(sizeof(*c));

	c->port = p->port;
	c->media_ops = p->media_ops;
	c->media = p->media;
	c->conf = obj_ref(p->conf);
	c->read = desc_memo_new();
	c->shares = shares_new();
	c->ties = ties_new();
	c->registrar = registrar_new(c);
	c->farm = xcode_farm_new();
	xcode_farm_configure(c->farm, p->conf);
	c->keepalives = keepalives_new(c);
	c->tallies = tallies_new();
	tallies_configure(c->tallies, p->conf);
	c->trunks = trunks_new(c);
	c->trusted = trusted_new(c);
	c->cdr = cdr_new();
	cdr_set(c->cdr, p->conf->accounting.file, p->conf->accounting.syslog);
	return c;
}

void core_wait(struct core *c, struct waiting *w, struct sip_txn *t)
{
	*w = (struct waiting){
		.next = c->waiting, .link = &c->waiting, .core = c, .txn = t
	};
	if (w->next != NULL)
		w->next->link = &w->next;
	c->waiting = w;
}

void core_waited(struct waiting *w)
{
	if (w->link == NULL)
		return;
	*w->link = w->next;
	if (w->next != NULL)
		w->next->link = w->link;
	w->link = NULL;
}

static void end_waiting(struct core *c)
{
	while (c->waiting != NULL) {
		struct waiting *w = c->waiting;

		core_waited(w);
		core_refuse(c, w->txn, REFUSE_STOPPING);
		w->core = NULL;
	}
}

void core_free(struct core *c)
{
	keepalives_free(c->keepalives);
	trunks_free(c->trunks);
	trusted_free(c->trusted);
	core_set_passwords(c, NULL, 0);
	free(c->passwords);
	call_end_all(c);
	siprec_end_all(c);
	desc_memo_free(c->read);
	subscribe_end_all(c);
	end_waiting(c);
	registrar_free(c->registrar);
	shares_free(c->shares);
	ties_free(c->ties);
	obj_unref(c->farm);
	core_set_sounds(c, NULL, 0);
	free(c->sounds);
	for (size_t i = 0; i < c->ntrustpoints; i++)
		obj_unref(c->trustpoints[i]);
	free(c->trustpoints);
	obj_unref(c->conf);
	cdr_free(c->cdr);
	tallies_free(c->tallies);
	free(c->turn);
	free(c);
}

void core_set_conf(struct core *c, struct conf *conf)
{
	struct conf *old = c->conf;

	need(on_thread(THR_SIP));
	c->conf = obj_ref(conf);
	obj_unref(old);
	xcode_farm_configure(c->farm, conf);
	keepalives_configure(c->keepalives);
	trusted_configure(c->trusted);
	cdr_set(c->cdr, conf->accounting.file, conf->accounting.syslog);
	tallies_configure(c->tallies, conf);
}

void core_set_sounds(struct core *c, const struct core_sound *v, size_t n)
{
	struct core_sound *copy = mem_array(n + 1, sizeof(*copy));

	for (size_t i = 0; i < n; i++) {
		copy[i] = v[i];
		obj_ref(v[i].sound);
	}
	for (size_t i = 0; i < c->nsounds; i++)
		obj_unref(c->sounds[i].sound);
	free(c->sounds);
	c->sounds = copy;
	c->nsounds = n;
}

struct sound *core_sound(const struct core *c, enum core_sound_kind kind,
	unsigned tag, unsigned status)
{
	struct sound *any = NULL;

	for (size_t i = 0; i < c->nsounds; i++) {
		const struct core_sound *v = &c->sounds[i];

		if (v->kind != kind || v->tag != tag)
			continue;
		if (v->status == status)
			return v->sound;
		if (v->status == 0)
			any = v->sound;
	}
	return any;
}

void core_set_passwords(struct core *c, const struct core_password *v, size_t n)
{
	struct core_password *copy = mem_array(n + 1, sizeof(*copy));

	for (size_t i = 0; i < n; i++)
		copy[i] = (struct core_password){ mem_dup(v[i].sealed),
			mem_dup(v[i].clear) };
	for (size_t i = 0; i < c->npasswords; i++) {
		mem_wipe(c->passwords[i].clear, strlen(c->passwords[i].clear));
		free(c->passwords[i].clear);
		free(c->passwords[i].sealed);
	}
	free(c->passwords);
	c->passwords = copy;
	c->npasswords = n;
}

char *core_password(const struct core *c, const struct conf_secret *s)
{
	if (s->text == NULL)
		return NULL;
	for (size_t i = 0; s->sealed && i < c->npasswords; i++)
		if (strcmp(c->passwords[i].sealed, s->text) == 0)
			return mem_dup(c->passwords[i].clear);
	return s->sealed ? NULL : mem_dup(s->text);
}

void core_register_trunks(struct core *c)
{
	trunks_configure(c->trunks);
}

void core_set_trustpoints(struct core *c, struct trustpoint *const *v, size_t n)
{
	struct trustpoint **copy =
		mem_array(n + 1, sizeof(struct trustpoint *));

	for (size_t i = 0; i < n; i++)
		copy[i] = obj_ref(v[i]);
	for (size_t i = 0; i < c->ntrustpoints; i++)
		obj_unref(c->trustpoints[i]);
	free(c->trustpoints);
	c->trustpoints = copy;
	c->ntrustpoints = n;
}

struct trustpoint *core_trustpoint(
	struct core *c, const struct conf_trustpoint *t)
{
	for (size_t i = 0; t != NULL && i < c->ntrustpoints; i++)
		if (strcmp(trustpoint_name(c->trustpoints[i]), t->name) == 0)
			return c->trustpoints[i];
	return NULL;
}

/* ---- OPTIONS ---- */

static void answer_options(struct core *c, struct sip_txn *t)
{
	struct sip_out o = { .no_contact = true };
	struct hdrs h;

	hdrs_init(&h);
	hdrs_add_str(&h, "Allow", headers_allow);
	hdrs_add_str(&h, "Accept", "application/sdp");
	o.nhdrs = h.n;
	o.hdr = h.v;
	core_answer(c, t, 200, &o);
	hdrs_free(&h);
}

static void on_probe_response(void *arg, const struct sip_msg *m)
{
	struct waiting *w = arg;
	struct sip_out o = { .no_contact = true };
	struct hdrs h;

	if (m->status < 200)
		return;
	core_waited(w);
	if (w->core != NULL) {
		hdrs_init(&h);
		if (!m->local)
			headers_pass(
				&h, m, CONF_ACCESS, CONF_CORE, HDR_BODY_NONE);
		o.nhdrs = h.n;
		o.hdr = h.v;
		if (m->status < 300)
			core_answer(w->core, w->txn, m->status, &o);
		else
			core_pass(w->core, w->txn, m,
				cause_pass(m->status, m->local), &o);
		hdrs_free(&h);
	}
	free(w);
}

/* The core asks whether a phone is there: only the phone can tell. */
static void pass_options(struct core *c, struct sip_txn *t,
	const struct sip_msg *m, const struct binding *b)
{
	char host[ADDR_TEXT];
	struct sip_route route = { .listener = b->listener,
		.flow = b->flow,
		.host = addr_host(&b->addr, host),
		.port = addr_port(&b->addr),
		.transport = b->transport };
	struct sip_out o = { .method = SIP_OPTIONS };
	struct waiting *w = mem_new(sizeof(*w));
	char *to = mem_printf("<sip:%s@%s>", b->line->user, b->line->host);
	struct hdrs h;

	core_wait(c, w, t);
	hdrs_init(&h);
	headers_pass(&h, m, CONF_CORE, CONF_ACCESS, HDR_BODY_NONE);
	o.nhdrs = h.n;
	o.hdr = h.v;
	o.ruri = slice_str(b->contact);
	o.from = o.to = slice_str(to);
	o.max_forwards = m->max_forwards > 0 ? m->max_forwards - 1 : -1;
	if (!binding_reachable(b) || c->port->ops->request(c->port, &route, &o,
					     on_probe_response, w) != 0) {
		core_waited(w);
		core_refuse(c, t, REFUSE_PHONE_AWAY);
		free(w);
	}
	hdrs_free(&h);
	free(to);
}

static void on_options(struct core *c, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src)
{
	const struct binding *b;
	struct sip_uri u;

	if (core_refuse_unsupported(c, t, m))
		return;
	if (src->side != CONF_CORE || sip_uri_parse(m->ruri, &u) != 0 ||
		!registrar_is_token(u.user)) {
		answer_options(c, t);
		return;
	}
	b = registrar_by_token(c->registrar, u.user);
	if (b != NULL)
		pass_options(c, t, m, b);
	else
		core_refuse(c, t, REFUSE_PHONE_UNREGISTERED);
}

/* ---- the port's callbacks ---- */

bool core_admits(struct core *c, struct sip_txn *t, const struct sip_msg *m,
	const struct sip_source *src)
{
	const struct share_limits limits = share_limits(
		conf_find_listener(c->conf, src->listener), src->identity);
	struct fail f = fail_of(REFUSE_PHONE_LIMIT);
	bool first;

	if (src->side != CONF_ACCESS ||
		shares_request(c->shares, src->identity, &src->addr, &limits,
			c->port->ops->now_ms(c->port), &first) == 0)
		return true;
	metric_inc(M_SIP_PHONE_LIMIT);
	if (first)
		log_event(MSG_SIP_PHONE_LIMIT, NULL,
			L_STR("device", src->identity->device),
			L_ADDR("peer", &src->addr),
			L_SLICE("method", m->method_name),
			L_INT("limit", limits.requests));
	f.name = "Retry-After";
	f.value = "10";
	core_refuse_for(c, t, &f);
	return false;
}

static void on_request(void *arg, struct sip_txn *t, const struct sip_msg *m,
	const struct sip_source *src)
{
	struct core *c = arg;

	if (m->method != SIP_ACK &&
		trusted_refuses(c->trusted, t, src, m->method_name))
		return;
	switch (m->method) {
	case SIP_INVITE:
		if (core_admits(c, t, m, src))
			call_invite(c, t, m, src);
		return;
	case SIP_REGISTER:
		if (core_admits(c, t, m, src))
			registrar_request(c->registrar, t, m, src);
		return;
	case SIP_OPTIONS:
		on_options(c, t, m, src);
		return;
	case SIP_REFER:
		if (slice_caseeq_str(slice_trim(sip_msg_header(m, "Refer-Sub")),
			    "false")) {
			if (core_admits(c, t, m, src))
				outside_request(c, t, m, src);
			return;
		}
		if (core_admits(c, t, m, src))
			subscribe_request(c, t, m, src);
		return;
	case SIP_SUBSCRIBE:
		if (core_admits(c, t, m, src))
			subscribe_request(c, t, m, src);
		return;
	case SIP_INFO:
	case SIP_NOTIFY:
	case SIP_MESSAGE:
	case SIP_PUBLISH:
		if (core_admits(c, t, m, src))
			outside_request(c, t, m, src);
		return;
	case SIP_BYE:
	case SIP_UPDATE:
	case SIP_PRACK:
	case SIP_CANCEL:
		core_refuse(c, t, REFUSE_NO_DIALOG);
		return;
	case SIP_ACK: /* has no answer, and no txn */
		return;
	case SIP_OTHER:
		core_refuse_method(c, t, m);
		return;
	}
}

static bool on_arrival(
	void *arg, const struct sip_source *src, struct slice method)
{
	struct core *c = arg;

	return trusted_hears(c->trusted, src, method);
}

static void on_flow_closed(void *arg, struct sip_flow *f)
{
	struct core *c = arg;

	registrar_flow_closed(c->registrar, f);
	call_flow_closed(c, f);
}

static struct trustpoint *on_remote(void *arg, const struct addr *peer)
{
	struct core *c = arg;

	return core_trustpoint(c, conf_remote_trustpoint(c->conf, peer));
}

const struct sip_user core_sip_user = {
	.hears = on_arrival,
	.request = on_request,
	.flow_closed = on_flow_closed,
	.remote_trustpoint = on_remote,
};

/* ---- show ---- */

struct call_info *core_calls(struct core *c, size_t *n)
{
	struct call_info *v = mem_array(c->ncalls + 1, sizeof(*v));

	*n = 0;
	for (struct call *call = c->calls; call != NULL; call = call_next(call))
		call_describe(call, &v[(*n)++]);
	return v;
}

struct xcode_pool_info *core_pools(struct core *c, size_t *n)
{
	size_t max = xcode_farm_describe(c->farm, NULL, 0);
	struct xcode_pool_info *v = mem_array(max + 1, sizeof(*v));

	*n = xcode_farm_describe(c->farm, v, max);
	return v;
}

struct keepalive_info *core_keepalives(struct core *c, size_t *n)
{
	return keepalives_list(c->keepalives, n);
}

struct trunk_info *core_trunks(struct core *c, size_t *n)
{
	return trunks_list(c->trunks, n);
}

struct trusted_info *core_trusted(struct core *c, size_t *n)
{
	return trusted_list(c->trusted, n);
}

struct reg_info *core_registrations(struct core *c, size_t *n)
{
	return registrar_list(c->registrar, n);
}

void core_tie(struct core *c, struct slice device, struct slice lines)
{
	ties_set(c->ties, device, lines);
}

bool core_clear_call(struct core *c, uint32_t id)
{
	return call_clear(c, id);
}

void core_figures(const struct core *c, struct admission_figures *out)
{
	unsigned *now = out->now;

	now[CONF_TOTAL_CALLS] = (unsigned)c->ncalls;
	now[CONF_CPU_5SEC] = host_read(HOST_CPU_5SEC);
	now[CONF_CPU_AVG] = host_read(HOST_CPU_AVG);
	now[CONF_TOTAL_MEM] = host_read(HOST_MEMORY);
	now[CONF_OPEN_FILES] = host_read(HOST_FILES);
	now[CONF_MEDIA_LOAD] = c->media_ops->load(c->media);
}

static void threshold_usage(struct core *c, struct threshold_info *out)
{
	struct admission_figures f;

	core_figures(c, &f);
	admission_look(&c->admission, c->conf, &f);
	for (unsigned i = 0; i < CONF_THRESHOLDS; i++)
		out[i] = (struct threshold_info){ .now = f.now[i],
			.low = c->conf->threshold[i].low,
			.high = c->conf->threshold[i].high,
			.above = (c->admission.above & 1u << i) != 0 };
}

void core_usage(struct core *c, struct core_usage *out)
{
	*out = (struct core_usage){ .calls = c->ncalls,
		.subscriptions = c->nsubs,
		.registrations = registrar_count(c->registrar),
		.peers_down = keepalives_down(c->keepalives) };
	threshold_usage(c, out->threshold);
	for (const struct call *call = c->calls; call != NULL;
		call = call_next(call))
		out->legs += call_legs(call);
}

struct tally *core_tallies(struct core *c, size_t *n)
{
	return tallies_read(c->tallies, n);
}

void core_clear_tallies(struct core *c)
{
	tallies_clear(c->tallies);
}
