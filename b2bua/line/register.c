/*
 * REGISTER: judged by the phone's certificate, passed to the core under our
 * own Contact (or answered here by the embedded registrar), and the core's
 * answer turned back.
 *
 *   Request-URI, From, To and credentials pass as the phone wrote them, since
 *   its digest was computed over them. Contact becomes <sip:TOKEN@ours>, which
 *   leads back to this phone's own connection; its parameters stay but for
 *   expires and reg-id. Towards the core we ask for our own expiry; the phone
 *   gets what the access side allows, at most what the core granted.
 */
#include "b2bua/line/registrar_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/route/route.h"
#include "b2bua/sip/cause.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/wire.h"

static void asked_free(struct asked *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->want[i].contact);
		free(a->want[i].params);
		free(a->want[i].instance);
	}
	free(a->user);
	obj_unref(a->identity);
	obj_unref(a->flow);
	free(a);
}

/* ---- the answer to the phone ---- */

char *register_contacts(const struct line *l)
{
	struct text t = { 0 };
	struct sip_port *port;

	for (const struct binding *b = l != NULL ? l->bindings : NULL;
		b != NULL; b = b->next) {
		if (!binding_live(b))
			continue;
		port = l->owner->core->port;
		text_printf(&t, "%s<%s>%s;expires=%u", t.n > 0 ? ", " : "",
			b->contact, b->params,
			(unsigned)((b->ends_ms - port->ops->now_ms(port)) /
				   1000));
	}
	return text_take(&t);
}

static void log_registered(
	const struct asked *a, const char *line, uint32_t seconds)
{
	const struct identity *id = a->identity;
	char *certificate = id->certified ? mem_printf("%s, serial %s",
						    id->subject, id->serial)
					  : mem_dup("none");

	log_event(MSG_REG_REGISTERED, NULL, L_STR("device", id->device),
		L_STR("line", line), L_ADDR("peer", &a->addr),
		L_INT("seconds", seconds),
		L_STR("tied", tie_name(ties_judge(
				      a->r->core->ties, id, slice_str(line)))),
		L_STR("certificate", certificate));
	free(certificate);
	if (!registrar_shared(a->r, slice_str(line), id))
		return;
	metric_inc(M_REG_LINE_SHARED);
	log_event(MSG_REG_LINE_SHARED, NULL, L_STR("device", id->device),
		L_ADDR("peer", &a->addr), L_STR("line", line),
		L_STR("tied", tie_name(ties_judge(
				      a->r->core->ties, id, slice_str(line)))));
}

static void grant(struct asked *a, const struct want *w, struct binding *b,
	uint32_t expires)
{
	struct sip_port *port = a->r->core->port;
	struct sip_flow *old = obj_ref(b->flow);
	bool fresh = !binding_live(b);

	free(b->contact);
	free(b->params);
	free(b->instance);
	b->contact = mem_dup(w->contact);
	b->params = mem_dup(w->params);
	b->instance = mem_dup(w->instance);
	b->ends_ms = port->ops->now_ms(port) + (uint64_t)expires * 1000;
	binding_timer(b, (uint64_t)expires * 1000);
	binding_set_flow(b, a->flow);
	b->addr = a->addr;
	b->transport = a->transport;
	memcpy(b->listener, a->listener, sizeof(b->listener));
	/* the newest certificate of the device speaks for it */
	obj_unref(b->line->identity);
	b->line->identity = obj_ref(a->identity);
	if (fresh)
		log_registered(a, b->line->user, expires);
	if (a->flow != NULL && a->flow != old)
		call_rebind(a->r->core, a->identity, old, a->flow);
	obj_unref(old);
}

static void remove_one(struct asked *a, struct binding *b)
{
	if (b->ends_ms != 0)
		log_event(MSG_REG_UNREGISTERED, NULL,
			L_STR("device", a->identity->device),
			L_STR("line", a->user));
	binding_free(b);
}

/* What the core granted for our token; what we asked for if it is silent. */
static uint32_t core_granted(
	const struct asked *a, const struct sip_msg *m, const char *token)
{
	int64_t v = m->expires;

	for (size_t i = 0; i < m->ncontacts; i++) {
		struct sip_uri u;

		if (sip_uri_parse(m->contact[i].uri, &u) != 0 ||
			!slice_eq_str(u.user, token))
			continue;
		if (m->contact[i].expires >= 0)
			v = m->contact[i].expires;
		break;
	}
	if (v < 0 || v > (int64_t)a->core_expires)
		v = a->core_expires;
	return (uint32_t)v;
}

/* Two phones may ask for a line at once, and the core lets both have it: here
 * it belongs to the one that was granted it first. */
static bool lost_race(struct asked *a)
{
	struct registrar *r = a->r;
	struct slice user = slice_str(a->user);

	if (!registrar_taken(r, user, a->listener, a->identity))
		return false;
	for (size_t i = 0; i < a->n; i++) {
		struct binding *b = line_by_token(
			registrar_line(r, user, a->identity), a->want[i].token);

		if (b == NULL)
			continue;
		register_withdraw(r, b);
		binding_free(b);
	}
	register_refuse_taken(r, a->txn, a->identity, &a->addr, user);
	return true;
}

/* What the phone gets of it. */
static uint32_t core_gave(const struct asked *a, const struct sip_msg *m,
	const struct want *w, struct binding *b)
{
	struct sip_port *port = a->r->core->port;
	uint32_t core = core_granted(a, m, w->token);

	if (b != NULL) {
		b->core_ends_ms = port->ops->now_ms(port) + core * 1000ull;
		b->ways = register_ways(a->r);
		b->fails = 0;
	}
	return register_spread(a->r, core < w->expires ? core : w->expires);
}

/* `m`: the core's 200; NULL: we grant by ourselves. */
static void succeed(struct asked *a, const struct sip_msg *m)
{
	struct registrar *r = a->r;
	struct slice user = slice_str(a->user);
	struct sip_out o = { .no_contact = true };
	struct hdrs h;
	char *list;

	for (size_t i = 0; i < a->n; i++) {
		const struct want *w = &a->want[i];
		struct binding *b = line_by_token(
			registrar_line(r, user, a->identity), w->token);
		uint32_t given = w->expires;

		if (m != NULL && given > 0)
			given = core_gave(a, m, w, b);
		if (b != NULL && given > 0)
			grant(a, w, b, given);
		else if (b != NULL)
			remove_one(a, b);
	}
	metric_inc(M_REG_OK);
	list = register_contacts(registrar_line(r, user, a->identity));
	hdrs_init(&h);
	if (m != NULL)
		headers_pass(&h, m, CONF_CORE, CONF_ACCESS, HDR_BODY_NONE);
	o.nhdrs = h.n;
	o.hdr = h.v;
	o.contacts = slice_str(list);
	core_answer(r->core, a->txn, 200, &o);
	hdrs_free(&h);
	free(list);
}

static void core_minimum(struct registrar *r, const struct sip_msg *m)
{
	uint64_t v;

	if (slice_uint(slice_trim(sip_msg_header(m, "Min-Expires")), 86400,
		    &v) == 0)
		r->core_min = (uint32_t)v;
}

static void fail(struct asked *a, const struct sip_msg *m)
{
	struct core *core = a->r->core;
	struct sip_out o = { .no_contact = true };
	struct fail why =
		fail_of(m->status == 408 ? REFUSE_REGISTRAR_SILENT
					 : REFUSE_REGISTRAR_UNREACHABLE);
	struct hdrs h;

	if (m->status == 423) {
		/* about our expiry, not the phone's: it shall ask again */
		core_minimum(a->r, m);
		why = fail_of(REFUSE_REGISTER_AGAIN);
		why.name = "Retry-After";
		why.value = "1";
		core_refuse_for(core, a->txn, &why);
		return;
	}
	if (m->status != 401 && m->status != 407) {
		metric_inc(M_REG_FAILED);
		log_event(MSG_REG_FAILED, NULL,
			L_STR("device", a->identity->device),
			L_STR("line", a->user), L_INT("status", m->status),
			L_STR("reason", m->local ? "the core did not answer"
						 : "the core refused"));
	}
	if (m->local) {
		why.name = "Retry-After";
		why.value = "30";
		core_refuse_for(core, a->txn, &why);
		return;
	}
	hdrs_init(&h);
	headers_pass(&h, m, CONF_CORE, CONF_ACCESS, HDR_BODY_NONE);
	o.nhdrs = h.n;
	o.hdr = h.v;
	core_pass(core, a->txn, m, cause_pass(m->status, false), &o);
	hdrs_free(&h);
}

/* The phone leaves, whatever the core says; a challenge is not yet a word. */
static void forget_removed(struct asked *a, int status)
{
	for (size_t i = 0; i < a->n; i++) {
		struct binding *b = line_by_token(
			registrar_line(a->r, slice_str(a->user), a->identity),
			a->want[i].token);

		if (b != NULL && a->want[i].expires == 0 && status != 401 &&
			status != 407)
			remove_one(a, b);
	}
}

static void on_response(void *arg, const struct sip_msg *m)
{
	struct asked *a = arg;

	if (m->status < 200)
		return;
	core_waited(&a->wait);
	if (a->wait.core == NULL) {
		asked_free(a); /* the core is gone: its answer was 503 */
		return;
	}
	if (m->status < 300) {
		if (!lost_race(a))
			succeed(a, m);
	} else if (!register_keep(a, m->status, m->local)) {
		forget_removed(a, m->status);
		fail(a, m);
	}
	asked_free(a);
}

/* ---- to the core ---- */

static char *contacts_value(const struct asked *a, const char *host)
{
	struct text t = { 0 };

	for (size_t i = 0; i < a->n; i++)
		if (a->want[i].token[0] != '\0')
			text_printf(&t, "%s<sip:%s@%s>%s;expires=%u",
				t.n > 0 ? ", " : "", a->want[i].token, host,
				a->want[i].params,
				a->want[i].expires > 0 ? a->core_expires : 0);
	return text_take(&t);
}

/* From and To without their tags: those are ours. */
static char *untagged(struct slice value)
{
	struct sip_name_addr na;

	if (sip_name_addr_parse(value, &na) != 0)
		return slice_dup(value);
	return mem_printf("%.*s%s<%.*s>", SLICE_ARG(na.display),
		na.display.n > 0 ? " " : "", SLICE_ARG(na.uri));
}

bool register_route(const struct registrar *r, struct sip_route *out,
	char *host, size_t size)
{
	struct core *core = r->core;

	return core->conf->ua.registrar_host != NULL &&
	       core_route_registrar(core, out) != NULL &&
	       core->port->ops->contact_host(
		       core->port, out->listener, host, size);
}

static int pass(struct asked *a, const struct sip_msg *m, struct binding *b)
{
	struct core *core = a->r->core;
	struct sip_route route;
	struct sip_out o = { .method = SIP_REGISTER };
	char host[256], expires[16], *value, *from, *to;
	struct hdrs h;
	int err;

	if (!register_route(a->r, &route, host, sizeof(host)))
		return EADDRNOTAVAIL;
	value = contacts_value(a, host);
	from = untagged(m->from);
	to = untagged(m->to);
	hdrs_init(&h);
	headers_pass(&h, m, CONF_ACCESS, CONF_CORE, HDR_BODY_NONE);
	if (a->n > 0) {
		(void)snprintf(expires, sizeof(expires), "%u",
			a->want[0].expires > 0 ? a->core_expires : 0);
		hdrs_add_str(&h, "Expires", expires);
	}
	o.ruri = m->ruri;
	o.from = slice_str(from);
	o.to = slice_str(to);
	o.contacts = slice_str(value);
	o.no_contact = o.contacts.n == 0; /* a question */
	o.nhdrs = h.n;
	o.hdr = h.v;
	o.max_forwards = m->max_forwards > 0 ? m->max_forwards - 1 : -1;
	if (b != NULL) {
		o.call_id = slice_str(b->call_id);
		o.cseq = ++b->cseq;
	}
	err = core->port->ops->request(core->port, &route, &o, on_response, a);
	hdrs_free(&h);
	free(value);
	free(from);
	free(to);
	return err;
}

static void refuse_wants(
	struct registrar *r, struct sip_txn *t, struct fail why)
{
	char min[16];

	(void)snprintf(min, sizeof(min), "%u", r->core->conf->voip.expires_min);
	if (why.status == 423) {
		why.name = "Min-Expires";
		why.value = min;
	}
	core_refuse_for(r->core, t, &why);
}

static struct asked *asked_new(struct registrar *r, struct sip_txn *t,
	const struct sip_uri *aor, const struct sip_source *src)
{
	const struct conf *conf = r->core->conf;
	struct asked *a = mem_new(sizeof(*a));

	a->r = r;
	a->txn = t;
	a->user = slice_dup(aor->user);
	a->identity = obj_ref(src->identity);
	a->flow = obj_ref(src->flow);
	a->addr = src->addr;
	a->transport = src->transport;
	slice_fit(slice_str(src->listener), a->listener, sizeof(a->listener));
	a->core_expires = conf->voip.reg_rate_limit
				  ? conf->voip.reg_expires
				  : conf->ua.registrar_expires;
	if (a->core_expires < r->core_min)
		a->core_expires = r->core_min;
	return a;
}

void registrar_request(struct registrar *r, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src)
{
	enum conf_registrar kind = r->core->conf->ua.registrar;
	struct binding *first = NULL;
	struct sip_uri aor;
	struct asked *a;
	struct fail why;

	if (!register_judge(r, t, m, src, &aor))
		return;
	if (kind == CONF_REG_NONE) {
		core_refuse(r->core, t, REFUSE_NO_REGISTRAR);
		return;
	}
	a = asked_new(r, t, &aor, src);
	why = register_read(r, a, m, &aor, src);
	if (why.status != 0) {
		refuse_wants(r, t, why);
		asked_free(a);
		return;
	}
	if (kind == CONF_REG_EMBEDDED) {
		succeed(a, NULL);
		asked_free(a);
		return;
	}
	if (register_here(a, m)) {
		asked_free(a);
		return;
	}
	if (a->n > 0)
		first = line_by_token(
			registrar_line(r, aor.user, src->identity),
			a->want[0].token);
	core_wait(r->core, &a->wait, t);
	if (pass(a, m, first) == 0)
		return;
	core_waited(&a->wait);
	core_refuse(r->core, t, REFUSE_REGISTRAR_UNREACHABLE);
	asked_free(a);
}
