/*
 * Requests of ours: on their way to a next hop, sent, answered, cancelled,
 * given up. Whatever goes wrong becomes an answer of the port's own, never
 * from within the call that sent.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/sofia/nta_int.h"
#include "base/metric.h"
#include "base/print.h"
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

void nta_req_branch(struct out_req *r)
{
	static const char start[] = "branch=z9hG4bK";

	memcpy(r->branch, start, sizeof(start));
	random_hex(r->branch + sizeof(start) - 1, NTA_BRANCH);
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
	nta_req_branch(r);
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
	nta_req_forget_way(r);
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

void nta_req_forsake(struct out_req *r)
{
	struct sip_msg m;

	if (r->fn != NULL && r->dlg == NULL) {
		nta_msg_local(&m, r, 503);
		r->fn(r->arg, &m);
	}
	nta_req_free(r);
}

static void deliver_local(struct out_req *r, int status)
{
	struct sip_msg m;

	metric_inc(M_SIP_LOCAL_FAILURES);
	nta_msg_local(&m, r, status);
	deliver(r, &m);
}

void nta_req_failed(struct out_req *r, int status)
{
	if (!nta_req_again(r, status, true))
		deliver_local(r, status);
}

static void on_local(void *arg)
{
	struct out_req *r = arg;

	nta_req_failed(r, r->local_status);
}

static void fail_later(struct out_req *r, int status)
{
	r->local_status = status;
	nta_timer_start(&r->port->pub, &r->timer, 0, on_local, r);
}

/* RFC 3262 4: only within a dialog can it be acknowledged. */
static bool is_reliable(const struct out_req *r, sip_t const *sip)
{
	return r->dlg != NULL && r->method == SIP_INVITE &&
	       sip->sip_status->st_status < 200 && sip->sip_rseq != NULL &&
	       sip->sip_to->a_tag != NULL &&
	       sip_has_feature(sip->sip_require, "100rel");
}

static int on_response(struct out_req *r, nta_outgoing_t *orq, sip_t const *sip)
{
	int status = sip->sip_status->st_status;
	struct sip_msg m;
	msg_t *msg;

	if (!r->starting && !nta_sip_is_internal(sip))
		nta_req_heard(r, status);
	/* with NTATAG_PASS_100, nta passes what is below it as well */
	if (status <= 100 || r->answered)
		return 0;
	if (r->starting) {
		fail_later(r, status >= 300 ? status : 503);
		return 0;
	}
	if (nta_sip_is_internal(sip)) {
		nta_req_failed(r, status);
		return 0;
	}
	metric_inc(M_SIP_RESPONSES_IN);
	if (nta_req_again(r, status, false))
		return 0;
	if (status > 699) { /* nta lets it pass, and takes it for final */
		metric_inc(M_SIP_RESPONSES_MALFORMED);
		deliver_local(r, 502);
		return 0;
	}
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
	if (is_reliable(r, sip) &&
		!nta_rel_take(r->dlg->leg[r->dlg->cur], sip, &m.rseq)) {
		msg_destroy(msg);
		return 0;
	}
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

	if (tp == NULL)
		(void)print_into(url, sizeof(url), "sip:%s:%u;transport=udp",
			addr_uri_host(&t->addr, host), addr_port(&t->addr));
	metric_inc(M_SIP_REQUESTS_OUT);
	nta_print_ahead(r->msg);
	r->starting = true;
	orq = nta_outgoing_mcreate(r->ep->agent, ack ? NULL : on_response,
		ack ? NULL : r, tp == NULL ? URL_STRING_MAKE(url) : NULL,
		r->msg, TAG_IF(tp != NULL, NTATAG_TPORT(tp)),
		TAG_IF(ack, NTATAG_ACK_BRANCH(r->ack_branch)),
		NTATAG_BRANCH_KEY(r->branch), NTATAG_PASS_100(1), TAG_END());
	r->starting = false;
	if (orq != NULL)
		r->msg = NULL; /* the transaction's */
	r->orq = orq;
	if (ack)
		nta_req_free(r);
	else if (orq == NULL)
		fail_later(r, 503);
	else
		nta_req_sent(r);
}

/* `peer`: of a connection that was given, where no host was. */
static void unreachable(struct out_req *r, const struct addr *peer, int err)
{
	bool v6 = r->to.host != NULL && strchr(r->to.host, ':') != NULL;
	char *host = r->to.host != NULL && r->to.port != 0
			     ? mem_printf(v6 ? "[%s]:%u" : "%s:%u", r->to.host,
				       r->to.port)
			     : mem_dup(r->to.host);
	char text[ADDR_TEXT] = "?";

	if (peer != NULL)
		addr_text(peer, text);
	log_event(MSG_SIP_UNREACHABLE, NULL,
		L_SLICE("method", slice_str(r->method_name)),
		L_STR("listener", r->ep->name),
		L_STR("to", host != NULL ? host : text),
		L_STR("reason", err == EACCES
					? "its certificate is not accepted"
					: strerrordesc_np(err)));
	free(host);
	if (r->method == SIP_ACK)
		nta_req_free(r);
	else
		fail_later(r, 503);
}

void nta_req_start_on(struct out_req *r, struct sip_flow *f)
{
	struct hop_target t = { .conn = conn_of_flow(f) };

	if (t.conn == NULL) {
		unreachable(r, &f->peer, ENOTCONN);
		return;
	}
	r->flow = nta_flow_hold(f);
	t.addr = f->peer;
	launch(r, &t);
}

void nta_req_on_hop(void *arg, int err, const struct hop_target *t)
{
	struct out_req *r = arg;

	r->waiting = false;
	if (err != 0) {
		unreachable(r, NULL, err);
		return;
	}
	if (t->conn != NULL)
		r->flow = nta_flow_hold(conn_flow(t->conn));
	if (r->dlg != NULL)
		nta_dlg_hop_known(r->dlg, t);
	nta_req_prepare(r, t);
	launch(r, t);
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
