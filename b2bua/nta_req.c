/*
 * Requests of ours: on their way to a next hop, sent, answered, cancelled,
 * given up. Whatever goes wrong becomes an answer of the port's own, never
 * from within the call that sent.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/nta_int.h"
#include "base/metric.h"
#include "base/secret.h"

struct sip_flow *nta_flow_hold(struct sip_flow *f)
{
	struct conn *c = conn_of_flow(f);

	if (c != NULL)
		conn_hold(c);
	return obj_ref(f);
}

struct sip_flow *nta_flow_drop(struct sip_flow *f)
{
	struct conn *c = conn_of_flow(f);

	if (c != NULL)
		conn_release(c);
	return obj_unref(f);
}

struct out_req *nta_req_new(
	struct endpoint *ep, msg_t *msg, struct sip_dlg *d, void *cookie)
{
	struct out_req *r = mem_new(sizeof(*r));
	sip_t const *sip = sip_object(msg);

	r->port = ep->port;
	r->ep = ep;
	ep->users++;
	r->msg = msg;
	r->dlg = d;
	r->cookie = cookie;
	r->method = nta_method(sip->sip_request->rq_method);
	r->method_name = mem_dup(sip->sip_request->rq_method_name);
	r->cseq = sip->sip_cseq->cs_seq;
	(void)snprintf(r->branch, sizeof(r->branch), "branch=z9hG4bK");
	random_hex(r->branch + strlen(r->branch), NTA_BRANCH);
	if (d != NULL)
		d->nreqs++;
	LIST_IN(r->port->reqs, r);
	return r;
}

void nta_req_free(struct out_req *r)
{
	struct sip_dlg *d = r->dlg;

	if (r->waiting)
		hop_abandon(r->port, r);
	nta_timer_stop(&r->port->pub, &r->timer);
	if (r->orq != NULL)
		nta_outgoing_destroy(r->orq);
	if (r->msg != NULL)
		msg_destroy(r->msg);
	nta_flow_drop(r->flow);
	r->ep->users--;
	LIST_OUT(r);
	if (d != NULL)
		nta_dlg_req_over(d, r);
	free(r->method_name);
	free(r->ack_branch);
	free(r->reason);
	free(r);
}

/* Hands `m` to whoever asked. A final one ends the request, but an INVITE's
 * 2xx waits for its ACK. */
static void deliver(struct out_req *r, const struct sip_msg *m)
{
	struct sip_dlg *d = r->dlg;
	const struct sip_dlg_user *user =
		d != NULL && !d->closed ? d->user : NULL;
	void *user_arg = d != NULL ? d->arg : NULL, *cookie = r->cookie;
	sip_response_fn *fn = r->fn;
	void *arg = r->arg;
	bool quiet = r->port->closing;

	if (m->status >= 200) {
		if (d != NULL && !d->closed && r->method == SIP_INVITE &&
			m->status < 300)
			r->answered = true;
		else
			nta_req_free(r);
	}
	if (quiet)
		return;
	if (user != NULL)
		user->response(user_arg, cookie, m);
	else if (fn != NULL && m->status >= 200)
		fn(arg, m);
}

static void deliver_local(struct out_req *r, int status)
{
	struct sip_msg m;

	metric_inc(M_SIP_LOCAL_FAILURES);
	nta_msg_local(&m, r, status);
	deliver(r, &m);
}

static void on_local(void *arg)
{
	struct out_req *r = arg;

	deliver_local(r, r->local_status);
}

static void fail_later(struct out_req *r, int status)
{
	r->local_status = status;
	nta_timer_start(&r->port->pub, &r->timer, 0, on_local, r);
}

static int on_response(struct out_req *r, nta_outgoing_t *orq, sip_t const *sip)
{
	int status = sip->sip_status->st_status;
	struct sip_msg m;
	msg_t *msg;

	if (status == 100 || r->answered)
		return 0;
	if (r->starting) {
		fail_later(r, status >= 300 ? status : 503);
		return 0;
	}
	if (nta_sip_is_internal(sip)) {
		deliver_local(r, status);
		return 0;
	}
	metric_inc(M_SIP_RESPONSES_IN);
	msg = nta_outgoing_getresponse(orq);
	if (!nta_msg_read(&m, msg)) {
		/* a final one must come through, even if we cannot read it */
		metric_inc(M_SIP_RESPONSES_MALFORMED);
		if (status < 200) {
			msg_destroy(msg);
			return 0;
		}
		if (r->method != SIP_INVITE || status >= 300) {
			msg_destroy(msg);
			deliver_local(r, 502);
			return 0;
		}
	}
	if (r->dlg != NULL)
		nta_dlg_on_response(r->dlg, r, sip);
	deliver(r, &m);
	msg_destroy(msg);
	return 0;
}

static void launch(struct out_req *r, const struct hop_target *t)
{
	bool ack = r->method == SIP_ACK;
	tport_t *tp = t->conn != NULL ? conn_tport(t->conn) : NULL;
	char host[ADDR_TEXT], url[ADDR_TEXT + 32];
	nta_outgoing_t *orq;

	(void)snprintf(url, sizeof(url), "sip:%s:%u;transport=udp",
		addr_uri_host(&t->addr, host), addr_port(&t->addr));
	metric_inc(M_SIP_REQUESTS_OUT);
	r->starting = true;
	orq = nta_outgoing_mcreate(r->ep->agent, ack ? NULL : on_response,
		ack ? NULL : r, tp == NULL ? URL_STRING_MAKE(url) : NULL,
		r->msg, TAG_IF(tp != NULL, NTATAG_TPORT(tp)),
		TAG_IF(ack, NTATAG_ACK_BRANCH(r->ack_branch)),
		NTATAG_BRANCH_KEY(r->branch), TAG_END());
	r->starting = false;
	if (orq != NULL)
		r->msg = NULL; /* the transaction's */
	r->orq = orq;
	if (ack)
		nta_req_free(r);
	else if (orq == NULL)
		fail_later(r, 503);
}

static void unreachable(struct out_req *r, int err)
{
	log_event(MSG_SIP_UNREACHABLE, NULL,
		L_SLICE("method", slice_str(r->method_name)),
		L_STR("listener", r->ep->name), L_STR("reason", strerror(err)));
	if (r->method == SIP_ACK)
		nta_req_free(r);
	else
		fail_later(r, 503);
}

void nta_req_start_on(struct out_req *r, struct sip_flow *f)
{
	struct hop_target t = { .conn = conn_of_flow(f) };

	if (t.conn == NULL) {
		unreachable(r, ENOTCONN);
		return;
	}
	r->flow = nta_flow_hold(f);
	t.addr = f->peer;
	launch(r, &t);
}

static void on_hop(void *arg, int err, const struct hop_target *t)
{
	struct out_req *r = arg;

	r->waiting = false;
	if (err != 0) {
		unreachable(r, err);
		return;
	}
	if (t->conn != NULL)
		r->flow = nta_flow_hold(conn_flow(t->conn));
	if (r->dlg != NULL)
		nta_dlg_hop_known(r->dlg, t);
	launch(r, t);
}

void nta_req_start_to(struct out_req *r, const struct hop_want *w)
{
	r->waiting = true;
	hop_get(w, on_hop, r);
}

static char *reason_line(const struct sip_out *o)
{
	for (size_t i = 0; o != NULL && i < o->nhdrs; i++)
		if (slice_caseeq_str(o->hdr[i].name, "Reason") &&
			nta_text_clean(o->hdr[i].value))
			return mem_printf(
				"Reason: %.*s", SLICE_ARG(o->hdr[i].value));
	return NULL;
}

void nta_req_cancel(struct out_req *r, const struct sip_out *o)
{
	if (r->cancelled || r->answered)
		return;
	r->cancelled = true;
	if (r->orq == NULL) {
		/* not sent yet, or it failed and that is about to be told */
		if (r->waiting)
			hop_abandon(r->port, r);
		r->waiting = false;
		if (r->timer == NULL)
			fail_later(r, 487);
		return;
	}
	r->reason = reason_line(o);
	nta_outgoing_tcancel(r->orq, NULL, NULL,
		TAG_IF(r->reason != NULL, SIPTAG_HEADER_STR(r->reason)),
		TAG_END());
	/* RFC 3261 9.1: no final answer within 64*T1 is as good as one */
	if (r->timer == NULL) {
		r->local_status = 487;
		nta_timer_start(
			&r->port->pub, &r->timer, NTA_CANCEL_MS, on_local, r);
	}
}

/* ---- outside dialogs ---- */

static int add_line(msg_t *msg, const char *name, struct slice value)
{
	char *line;
	int r;

	if (!nta_text_clean(value))
		return EINVAL;
	line = mem_printf("%s: %.*s", name, SLICE_ARG(value));
	r = sip_add_tl(
		msg, sip_object(msg), SIPTAG_HEADER_STR(line), TAG_END());
	free(line);
	return r < 0 ? EINVAL : 0;
}

static int add_from(msg_t *msg, struct slice from)
{
	char tag[NTA_TAG + 1];
	char *value = slice_dup(from);
	const sip_from_t *f = sip_from_make(msg_home(msg), value);
	int err;

	free(value);
	if (f == NULL)
		return EINVAL;
	if (f->a_tag != NULL)
		return add_line(msg, "From", from);
	random_hex(tag, NTA_TAG);
	value = mem_printf("%.*s;tag=%s", SLICE_ARG(from), tag);
	err = add_line(msg, "From", slice_str(value));
	free(value);
	return err;
}

static int add_identifiers(msg_t *msg, const struct sip_out *o,
	sip_method_t method, const char *name)
{
	char id[33];
	char *cseq;
	struct slice call_id = o->call_id;
	int err = add_from(msg, o->from);

	if (err == 0)
		err = add_line(msg, "To", o->to);
	if (call_id.n == 0) {
		random_hex(id, sizeof(id) - 1);
		call_id = slice_str(id);
	}
	if (err == 0)
		err = add_line(msg, "Call-ID", call_id);
	cseq = mem_printf("%u %s",
		o->cseq != 0 ? o->cseq : (random_u32() >> 2) + 1, name);
	if (err == 0)
		err = add_line(msg, "CSeq", slice_str(cseq));
	free(cseq);
	(void)method;
	return err;
}

static int add_request_line(
	msg_t *msg, sip_method_t method, const char *name, struct slice ruri)
{
	char *text;
	sip_request_t *rq;

	if (ruri.n == 0 || !nta_text_clean(ruri))
		return EINVAL;
	text = slice_dup(ruri);
	rq = sip_request_create(
		msg_home(msg), method, name, URL_STRING_MAKE(text), NULL);
	free(text);
	if (rq == NULL)
		return EINVAL;
	return msg_header_insert(msg, msg_object(msg), (msg_header_t *)rq) < 0
		       ? EINVAL
		       : 0;
}

static int add_contact(msg_t *msg, struct endpoint *ep, struct conn *c,
	const struct addr *peer, const struct sip_out *o)
{
	struct sip_hdr hdr = { .name = SLICE_LIT("Contact") };
	struct sip_out one = { .nhdrs = 1, .hdr = &hdr };
	char *contact = NULL;
	int err;

	if (o->contacts.n == 0 && o->no_contact)
		return 0;
	if (o->contacts.n > 0) {
		hdr.value = o->contacts;
	} else {
		contact = nta_contact(
			ep, c, peer, slice_casestarts(o->ruri, "sips:"), o);
		hdr.value = slice_str(contact);
	}
	err = nta_msg_write(msg, &one);
	free(contact);
	return err;
}

static int build(msg_t *msg, struct endpoint *ep, const struct sip_route *route,
	const struct sip_out *o)
{
	const char *name;
	sip_method_t method = nta_method_out(o->method, o->method_name, &name);
	char mf[16];
	struct addr peer = { 0 };
	int err;

	if (route->host != NULL)
		(void)!addr_parse(&peer, slice_str(route->host), 9);
	(void)snprintf(mf, sizeof(mf), "%d",
		o->max_forwards >= 0 ? o->max_forwards : 70);
	err = add_request_line(msg, method, name, o->ruri);
	if (err == 0)
		err = add_identifiers(msg, o, method, name);
	if (err == 0)
		err = add_line(msg, "Max-Forwards", slice_str(mf));
	if (err == 0)
		err = add_contact(msg, ep, conn_of_flow(route->flow), &peer, o);
	if (err == 0)
		err = nta_msg_write(msg, o);
	return err;
}

int nta_request(struct sip_port *port, const struct sip_route *route,
	const struct sip_out *o, sip_response_fn *fn, void *arg)
{
	struct nta_port *p = nta_port_of(port);
	struct endpoint *ep = nta_find_endpoint(p, route->listener);
	struct out_req *r;
	msg_t *msg;
	int err;

	if (ep == NULL || (route->flow != NULL && route->flow->closed) ||
		(route->flow == NULL && ep->transport != route->transport))
		return EHOSTUNREACH;
	msg = nta_msg_create(ep->agent, 0);
	need(msg != NULL);
	err = build(msg, ep, route, o);
	if (err != 0) {
		msg_destroy(msg);
		return err;
	}
	r = nta_req_new(ep, msg, NULL, NULL);
	r->fn = fn;
	r->arg = arg;
	if (route->flow != NULL) {
		nta_req_start_on(r, route->flow);
	} else {
		struct hop_want w = {
			.ep = ep,
			.host = route->host,
			.port = route->port != 0	    ? route->port
				: ep->transport == CONF_TLS ? 5061
							    : 5060,
			.trustpoint = route->trustpoint,
			.peer_name = route->peer_name,
		};

		nta_req_start_to(r, &w);
	}
	return 0;
}
