/* See outside.h. */
#include "b2bua/line/outside.h"

#include <stdlib.h>

#include "b2bua/call/call_int.h"
#include "base/metric.h"
#include "base/obj.h"

static char *untagged(struct slice value, bool sips)
{
	struct sip_name_addr na;
	struct slice uri;

	if (sip_name_addr_parse(value, &na) != 0)
		return slice_dup(value);
	uri = na.uri;
	if (!sips && slice_casestarts(uri, "sips:"))
		return mem_printf("%.*s%s<sip:%.*s>", SLICE_ARG(na.display),
			na.display.n > 0 ? " " : "",
			SLICE_ARG(slice_from(uri, 5)));
	return mem_printf("%.*s%s<%.*s>", SLICE_ARG(na.display),
		na.display.n > 0 ? " " : "", SLICE_ARG(uri));
}

static void user_of(struct slice name_addr, char *out, size_t size)
{
	struct sip_name_addr na;
	struct sip_uri u;

	out[0] = '\0';
	if (sip_name_addr_parse(name_addr, &na) == 0 &&
		sip_uri_parse(na.uri, &u) == 0)
		slice_fit(u.user, out, size);
}

void outside_free(struct outside *o)
{
	free(o->ruri);
	free(o->from_value);
	free(o->to_value);
}

/* ---- to a phone ---- */

static const struct binding *phone_of(const struct core *c, struct slice user)
{
	return registrar_is_token(user)
		       ? registrar_by_token(c->registrar, user)
		       : registrar_by_number(c->registrar, user);
}

static void to_contact(
	struct outside *out, const struct sip_msg *m, const struct binding *b)
{
	out->route = (struct sip_route){ .listener = b->listener,
		.flow = b->flow,
		.host = addr_host(&b->addr, out->host),
		.port = addr_port(&b->addr),
		.transport = b->transport };
	out->to.where = CONF_ACCESS;
	out->to.listener = b->listener;
	out->to.addr = b->addr;
	if (out->from != CONF_ACCESS)
		out->phone = b->line->identity;
	out->ruri = mem_dup(b->contact);
	out->from_value = call_outside_name(b, m, m->from);
	out->to_value = mem_printf("<sip:%s@%s>", b->line->user, b->line->host);
	user_of(m->from, out->contact_user, sizeof(out->contact_user));
	slice_fit(slice_str(b->token), out->near_user, sizeof(out->near_user));
}

bool outside_next(
	struct outside *w, const struct sip_msg *m, const struct binding *b)
{
	struct outside next = {
		.from = w->from, .to = w->to, .phone = w->phone
	};

	if (b == NULL)
		return false;
	outside_free(w);
	*w = next;
	to_contact(w, m, b);
	return true;
}

static bool to_phone(struct outside *out, struct core *c, struct sip_txn *t,
	const struct sip_msg *m, struct slice user)
{
	const struct binding *b = phone_of(c, user);

	if (b != NULL && binding_reachable(b)) {
		to_contact(out, m, b);
		return true;
	}
	core_refuse(c, t, b == NULL ? REFUSE_NO_PHONE : REFUSE_PHONE_AWAY);
	return false;
}

/* ---- to the call manager ---- */

/* As the phone wrote it, since its digest signs it, but for what nobody
 * inside would answer to. */
static char *core_ruri(const struct conf *conf, const struct sip_msg *m)
{
	struct sip_uri u;
	char host[ADDR_TEXT];

	if (sip_uri_parse(m->ruri, &u) != 0 || u.host.n == 0 ||
		sip_msg_header(m, "Authorization").n > 0 ||
		sip_msg_header(m, "Proxy-Authorization").n > 0 ||
		(!slice_casestarts(m->ruri, "sips:") &&
			!call_names_us(conf, u.host)))
		return slice_dup(m->ruri);
	return mem_printf("sip:%.*s%s%s", SLICE_ARG(u.user),
		u.user.n > 0 ? "@" : "",
		addr_is_set(&conf->ua.registrar_addr)
			? addr_uri_host(&conf->ua.registrar_addr, host)
			: conf->ua.registrar_host);
}

static bool to_core(struct outside *out, struct core *c, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src)
{
	const struct conf *conf = c->conf;
	bool tls = conf->ua.registrar_transport == CONF_TLS;
	const struct binding *b;
	char user[64];

	if (core_route_registrar(c, &out->route) == NULL) {
		core_refuse(c, t, REFUSE_NO_LISTENER);
		return false;
	}
	user_of(m->from, user, sizeof(user));
	b = registrar_of(c->registrar, slice_str(user), src);
	out->to.where = CONF_CORE;
	out->to.listener = out->route.listener;
	out->to.addr = conf->ua.registrar_addr;
	out->ruri = core_ruri(conf, m);
	out->from_value = untagged(m->from, tls);
	out->to_value = untagged(m->to, tls);
	slice_fit(slice_str(b != NULL ? b->token : user), out->contact_user,
		sizeof(out->contact_user));
	user_of(m->to, out->near_user, sizeof(out->near_user));
	return true;
}

bool outside_find(struct outside *out, struct core *c, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src)
{
	enum refusal why;
	struct sip_uri u;

	*out = (struct outside){ .from = src->side,
		.to = { .core = c, .from = src->side } };
	if (src->side == CONF_ACCESS)
		out->phone = src->identity;
	if (sip_uri_parse(m->ruri, &u) != 0 || u.headers.n > 0) {
		core_refuse(c, t, REFUSE_BAD_REQURI);
		return false;
	}
	if (src->side != CONF_ACCESS)
		return to_phone(out, c, t, m, u.user);
	if (!call_may_speak(c, src, m, &why)) {
		core_refuse(c, t, why);
		return false;
	}
	if (c->conf->ua.registrar == CONF_REG_HOST)
		return to_core(out, c, t, m, src);
	return to_phone(out, c, t, m, u.user);
}

void outside_build(struct sip_out *o, struct hdrs *h, const struct outside *w,
	const struct sip_msg *m, int64_t expires)
{
	char text[24];

	hdrs_init(h);
	headers_pass(h, m, w->from, w->to.where, HDR_BODY_PASS);
	refer_pass(&w->to, m, h);
	if (expires >= 0) {
		(void)snprintf(text, sizeof(text), "%lld", (long long)expires);
		hdrs_add_str(h, "Expires", text);
	}
	*o = (struct sip_out){ .method = m->method,
		.ruri = slice_str(w->ruri),
		.nhdrs = h->n,
		.hdr = h->v,
		.max_forwards = m->max_forwards > 0 ? m->max_forwards - 1 : -1,
		.contact_user = slice_str(w->contact_user),
		.no_contact = m->ncontacts == 0,
		.body = m->body,
		.from = slice_str(w->from_value),
		.to = slice_str(w->to_value) };
}

/* ---- requests that are passed, and their answer ---- */

struct passed {
	struct waiting wait; /* first: it is what waits */
	enum conf_side from, to;
	size_t left; /* requests without a final answer, and who sends them */
	bool answered;
	struct sip_msg *best; /* of the refusals so far; owned */
	struct turns *turns; /* contacts that are asked one by one; owned */
};

static void answer(struct passed *p, const struct sip_msg *m)
{
	struct core *c = p->wait.core;
	struct sip_out o = { .no_contact = true };
	struct hdrs h;
	char text[24];

	core_waited(&p->wait);
	p->answered = true;
	hdrs_init(&h);
	if (!m->local) {
		headers_pass(&h, m, p->to, p->from, HDR_BODY_PASS);
		o.body = m->body;
	}
	if (!m->local && m->expires >= 0) { /* PUBLISH */
		(void)snprintf(
			text, sizeof(text), "%lld", (long long)m->expires);
		hdrs_add_str(&h, "Expires", text);
	}
	o.nhdrs = h.n;
	o.hdr = h.v;
	if (m->status < 300)
		core_answer(c, p->wait.txn, m->status, &o);
	else
		core_pass(
			c, p->wait.txn, m, cause_pass(m->status, m->local), &o);
	hdrs_free(&h);
}

/* One of those that p->left counts is over. */
static void settle(struct passed *p)
{
	if (--p->left > 0)
		return;
	if (p->answered || p->wait.core == NULL) {
		/* the first 2xx, or the core when it went */
	} else if (p->best != NULL) {
		answer(p, p->best);
	} else { /* none could be sent */
		core_waited(&p->wait);
		core_refuse(p->wait.core, p->wait.txn, REFUSE_OTHER_AWAY);
	}
	sip_msg_free(p->best);
	turns_free(p->turns);
	free(p);
}

static void ask_next(struct passed *p);

/* RFC 3261 16.7: the first 2xx at once, else the best when all are there. */
static void on_response(void *arg, const struct sip_msg *m)
{
	struct passed *p = arg;

	if (m->status < 200)
		return;
	if (p->answered || p->wait.core == NULL) {
		/* it comes too late */
	} else if (m->status < 300 || (p->turns != NULL && turns_decided(m))) {
		answer(p, m);
	} else {
		cause_keep_best(&p->best, m);
		if (p->turns != NULL && turns_lead_on(m))
			ask_next(p);
	}
	settle(p);
}

/* False: it could not be sent. */
static bool pass_to(
	struct passed *p, const struct outside *w, const struct sip_msg *m)
{
	struct core *c = p->wait.core;
	struct sip_out o;
	struct hdrs h;
	int err;

	outside_build(&o, &h, w, m, m->expires);
	p->left++;
	err = c->port->ops->request(c->port, &w->route, &o, on_response, p);
	if (err != 0)
		p->left--;
	hdrs_free(&h);
	return err == 0;
}

static void ask_next(struct passed *p)
{
	struct core *c = p->wait.core;
	const struct sip_msg *m = p->turns->m;
	struct outside w = { .from = p->from,
		.to = { .core = c, .from = p->from } };

	while (outside_next(&w, m, turns_next(p->turns, c->registrar)) &&
		!pass_to(p, &w, m))
		;
	outside_free(&w);
}

size_t outside_contacts(const struct core *c, const struct sip_msg *m,
	const struct sip_source *src, const struct outside *w,
	const struct binding *v[CONF_CONTACTS_MAX])
{
	size_t n, left = 0;
	struct sip_uri u;

	if (w->to.where != CONF_ACCESS || sip_uri_parse(m->ruri, &u) != 0 ||
		registrar_is_token(u.user))
		return 0;
	n = registrar_contacts(c->registrar, u.user, v);
	for (size_t i = 0; n > 1 && i < n; i++)
		if (src->flow == NULL || v[i]->flow != src->flow)
			v[left++] = v[i];
	return left;
}

/* To each contact in its own words. */
static void send_to_all(struct passed *p, const struct outside *w,
	const struct sip_msg *m, const struct binding *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct outside one = { .from = w->from, .to = w->to };

		to_contact(&one, m, v[i]);
		(void)pass_to(p, &one, m);
		outside_free(&one);
	}
	if (n > 1)
		metric_inc(M_SIP_OUTSIDE_FORKED);
}

void outside_request(struct core *c, struct sip_txn *t, const struct sip_msg *m,
	const struct sip_source *src)
{
	const struct binding *v[CONF_CONTACTS_MAX];
	struct outside w;
	struct passed *p;
	size_t n;

	if (!outside_find(&w, c, t, m, src))
		return;
	metric_inc(M_SIP_OUTSIDE);
	p = mem_new(sizeof(*p));
	p->from = w.from;
	p->to = w.to.where;
	p->left = 1; /* until all are sent */
	core_wait(c, &p->wait, t);
	n = outside_contacts(c, m, src, &w, v);
	if (m->method == SIP_REFER)
		p->turns = turns_new(m, v, n);
	if (p->turns != NULL)
		ask_next(p);
	else if (n > 0)
		send_to_all(p, &w, m, v, n);
	else
		(void)pass_to(p, &w, m);
	settle(p);
	outside_free(&w);
}
