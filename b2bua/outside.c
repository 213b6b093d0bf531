/* See outside.h. */
#include "b2bua/outside.h"

#include <stdlib.h>

#include "b2bua/call_int.h"
#include "b2bua/fit.h"
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

static bool to_phone(struct outside *out, struct core *c, struct sip_txn *t,
	const struct sip_msg *m, struct slice user)
{
	const struct binding *b = phone_of(c, user);

	if (b == NULL || !binding_reachable(b)) {
		core_refuse(
			c, t, b == NULL ? REFUSE_NO_PHONE : REFUSE_PHONE_AWAY);
		return false;
	}
	out->route = (struct sip_route){ .listener = b->listener,
		.flow = b->flow,
		.host = addr_host(&b->addr, out->host),
		.port = addr_port(&b->addr),
		.transport = b->transport };
	out->to.where = CONF_ACCESS;
	out->to.listener = b->listener;
	out->to.addr = b->addr;
	out->phone = b->line->identity;
	out->ruri = mem_dup(b->contact);
	out->from_value = call_outside_name(b, m, m->from);
	out->to_value = mem_printf("<sip:%s@%s>", b->line->user, b->line->host);
	user_of(m->from, out->contact_user, sizeof(out->contact_user));
	slice_fit(slice_str(b->token), out->near_user, sizeof(out->near_user));
	return true;
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
	const struct conf_listener *cl = route_first(conf, CONF_CORE,
		conf->ua.registrar_transport, &conf->ua.registrar_addr);
	bool tls = conf->ua.registrar_transport == CONF_TLS;
	const struct binding *b;
	char user[64];

	if (cl == NULL) {
		core_refuse(c, t, REFUSE_NO_LISTENER);
		return false;
	}
	user_of(m->from, user, sizeof(user));
	b = registrar_of(c->registrar, slice_str(user), src);
	out->route = (struct sip_route){ .listener = cl->name,
		.host = conf->ua.registrar_host,
		.port = conf->ua.registrar_port,
		.transport = conf->ua.registrar_transport,
		.trustpoint = core_trustpoint(c, conf->ua.trustpoint),
		.peer_name = conf->ua.registrar_peer_name };
	out->to.where = CONF_CORE;
	out->to.listener = cl->name;
	out->to.addr = conf->ua.registrar_addr;
	out->phone = src->identity;
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

/* ---- one request, one answer ---- */

struct passed {
	struct waiting wait; /* first: it is what waits */
	enum conf_side from, to;
};

static void on_response(void *arg, const struct sip_msg *m)
{
	struct passed *p = arg;
	struct core *c = p->wait.core;
	struct sip_out o = { .no_contact = true };
	struct hdrs h;
	char text[24];

	if (m->status < 200)
		return;
	core_waited(&p->wait);
	if (c != NULL) {
		hdrs_init(&h);
		if (!m->local) {
			headers_pass(&h, m, p->to, p->from, HDR_BODY_PASS);
			o.body = m->body;
		}
		if (!m->local && m->expires >= 0) { /* PUBLISH */
			(void)snprintf(text, sizeof(text), "%lld",
				(long long)m->expires);
			hdrs_add_str(&h, "Expires", text);
		}
		o.nhdrs = h.n;
		o.hdr = h.v;
		if (m->status < 300)
			core_answer(c, p->wait.txn, m->status, &o);
		else
			core_pass(c, p->wait.txn, m,
				cause_pass(m->status, m->local), &o);
		hdrs_free(&h);
	}
	free(p);
}

void outside_request(struct core *c, struct sip_txn *t, const struct sip_msg *m,
	const struct sip_source *src)
{
	struct outside w;
	struct passed *p;
	struct sip_out o;
	struct hdrs h;

	if (!outside_find(&w, c, t, m, src))
		return;
	metric_inc(M_SIP_OUTSIDE);
	outside_build(&o, &h, &w, m, m->expires);
	p = mem_new(sizeof(*p));
	p->from = w.from;
	p->to = w.to.where;
	core_wait(c, &p->wait, t);
	if (c->port->ops->request(c->port, &w.route, &o, on_response, p) != 0) {
		core_waited(&p->wait);
		free(p);
		core_refuse(c, t, REFUSE_OTHER_AWAY);
	}
	hdrs_free(&h);
	outside_free(&w);
}
