/*
 * Requests received: checks that are the port's, the user's callback, its
 * answers, and what follows an INVITE (ACK, CANCEL, or silence).
 */
#include <stdlib.h>
#include <string.h>

#include "b2bua/sofia/nta_int.h"
#include "base/metric.h"
#include "base/secret.h"

struct arrival { /* one request during its callback */
	struct leg *leg;
	nta_incoming_t *irq;
	sip_t const *sip;
	msg_t *msg;
	struct conn *conn; /* NULL: UDP */
	struct sip_msg *m;
};

static struct addr arrival_addr(const struct arrival *a)
{
	if (a->conn != NULL)
		return conn_flow(a->conn)->peer;
	return addr_from_sockaddr((void *)msg_addr(a->msg));
}

static void say_trying(void *arg)
{
	struct sip_txn *t = arg;

	nta_incoming_treply(t->irq, SIP_100_TRYING, TAG_END());
}

/*
 * RFC 3261 17.2.1: 100 unless another answer comes within 200 ms, which most
 * do. Datagrams are repeated from 500 ms on, of which their way may take more
 * than the rest: there at once.
 */
static void try_soon(struct sip_txn *t)
{
	if (t->flow == NULL)
		say_trying(t);
	else
		nta_timer_start(&t->port->pub, &t->trying, NTA_TRYING_MS,
			say_trying, t);
}

static struct sip_txn *txn_new(const struct arrival *a)
{
	struct sip_txn *t = mem_new(sizeof(*t));
	struct endpoint *ep = a->leg->ep;

	t->port = ep->port;
	t->ep = ep;
	ep->users++;
	t->dlg = a->leg->dlg;
	t->irq = a->irq;
	t->method = nta_method(a->sip->sip_request->rq_method);
	t->peer = arrival_addr(a);
	t->sips = a->sip->sip_request->rq_url->url_type == url_sips;
	if (a->conn != NULL) {
		t->flow = nta_flow_hold(conn_flow(a->conn));
		conn_txn(a->conn, true);
	}
	if (t->dlg == NULL)
		random_hex(t->tag, NTA_TAG);
	else
		memcpy(t->tag, t->dlg->tag, sizeof(t->tag));
	nta_incoming_tag(a->irq, t->tag);
	LIST_IN(t->port->txns, t);
	if (t->method == SIP_INVITE) {
		nta_incoming_bind(a->irq, nta_on_ack_cancel, t);
		try_soon(t);
	}
	return t;
}

/* The transaction lives on in nta as long as its timers want. */
void nta_txn_free(struct sip_txn *t)
{
	struct conn *c = conn_of_flow(t->flow);

	if (c != NULL)
		conn_txn(c, false);
	if (t->dlg != NULL && t->dlg->pending == t)
		t->dlg->pending = NULL;
	nta_timer_stop(&t->port->pub, &t->trying);
	nta_rel_drop(t);
	if (t->irq != NULL) {
		nta_incoming_bind(t->irq, NULL, NULL);
		nta_incoming_destroy(t->irq);
	}
	nta_flow_drop(t->flow);
	t->ep->users--;
	LIST_OUT(t);
	free(t);
}

/* ---- checks ---- */

static int refuse(const struct arrival *a, enum refusal r, enum metric counter)
{
	const struct refusal_row *row = &refusal_rows[r];
	struct addr from = arrival_addr(a);

	metric_inc(counter);
	log_event(MSG_SIP_REQUEST_REFUSED, NULL, L_INT("status", row->status),
		L_SLICE("method",
			slice_str(a->sip->sip_request->rq_method_name)),
		L_STR("listener", a->leg->ep->name), L_ADDR("peer", &from),
		L_STR("reason", row->text));
	return nta_refuse(a->irq, r);
}

static bool known_scheme(const url_t *url)
{
	return url->url_type == url_sip || url->url_type == url_sips ||
	       url->url_type == url_tel;
}

/* 0, or the status that refuses it. */
static int check(const struct arrival *a)
{
	const url_t *url = a->sip->sip_request->rq_url;
	const sip_max_forwards_t *mf = a->sip->sip_max_forwards;

	if (!nta_msg_read(a->m, a->msg))
		return refuse(a, REFUSE_BAD_MESSAGE, M_SIP_REFUSED_MALFORMED);
	if (!known_scheme(url))
		return refuse(a, REFUSE_BAD_SCHEME, M_SIP_REFUSED_SCHEME);
	if (url->url_headers != NULL)
		return refuse(a, REFUSE_URI_HEADERS, M_SIP_REFUSED_MALFORMED);
	if (a->m->method == SIP_INVITE && a->m->ncontacts == 0)
		return refuse(a, REFUSE_NO_CONTACT, M_SIP_REFUSED_MALFORMED);
	if (a->conn != NULL && a->leg->ep->side == CONF_ACCESS &&
		conn_txns(a->conn) >= NTA_PHONE_TXNS)
		return refuse(a, REFUSE_CONNECTION_FLOOD, M_SIP_REFUSED_FLOOD);
	if (mf != NULL && mf->mf_count == 0)
		return refuse(a, REFUSE_MAX_FORWARDS, M_SIP_REFUSED_LOOP);
	return 0;
}

static int check_dialog(const struct arrival *a)
{
	struct sip_dlg *d = a->leg->dlg;
	struct addr from = arrival_addr(a);
	struct sip_flow *f = a->conn != NULL ? conn_flow(a->conn) : NULL;

	if (nta_dlg_allows(d, f, &from))
		return 0;
	nta_log_intruder(a->sip->sip_request->rq_method_name, d->call_id, f,
		&from, &d->peer);
	return nta_refuse(a->irq, REFUSE_INTRUDER);
}

/* ---- arrival ---- */

static int in_dialog(const struct arrival *a)
{
	struct sip_dlg *d = a->leg->dlg;
	int status = check_dialog(a);
	struct sip_txn *t;

	if (status != 0) {
		nta_leg_renew(a->leg); /* nta took its CSeq for the peer's */
		return status;
	}
	a->leg->rseq = a->sip->sip_cseq->cs_seq;
	if (d->closed)
		return nta_refuse(a->irq, REFUSE_NO_DIALOG);
	t = txn_new(a);
	if (t->method == SIP_BYE)
		a->leg->hung_up = true;
	if (t->method == SIP_INVITE) {
		if (d->pending != NULL) {
			/* RFC 3261 14.2: one at a time; the user sees one */
			t->dlg = NULL;
			nta_refuse_txn(t, REFUSE_GLARE);
			return 0;
		}
		d->pending = t;
	}
	nta_dlg_early(d, a->leg, a->sip);
	nta_dlg_retarget(d, a->leg, a->sip);
	d->user->request(d->arg, t, a->m);
	return 0;
}

/* RFC 3261 8.2.2.2 */
static bool is_merged(const struct arrival *a)
{
	struct sip_port *p = &a->leg->ep->port->pub;
	const sip_via_t *via = a->sip->sip_via;
	const struct merged_request r = { .call_id = a->m->call_id,
		.from_tag = a->m->from_tag,
		.method = a->m->method_name,
		.ruri = a->m->ruri,
		.branch = slice_str(via != NULL && via->v_branch != NULL
					    ? via->v_branch
					    : ""),
		.cseq = a->m->cseq };

	return merged_before(&a->leg->ep->port->merged, &r, p->ops->now_ms(p));
}

/* A NOTIFY that makes a dialog beside `of`; who may, may in that one. */
static int forked(const struct arrival *a, struct sip_dlg *of)
{
	struct arrival in = *a;
	int status;

	in.leg = of->leg[of->cur];
	status = check_dialog(&in);
	if (status != 0)
		return status;
	in.leg = nta_fork_take(of, a->sip);
	of->user->fork(of->arg, in.leg->dlg, txn_new(&in), a->m);
	return 0;
}

static int out_of_dialog(const struct arrival *a)
{
	struct endpoint *ep = a->leg->ep;
	struct nta_port *p = ep->port;
	struct sip_source src = {
		.listener = ep->name,
		.side = ep->side,
		.transport = ep->transport,
		.addr = arrival_addr(a),
		.flow = a->conn != NULL ? conn_flow(a->conn) : NULL,
	};
	struct identity *none = NULL;
	struct sip_dlg *of = nta_fork_of(ep, a->sip);

	if (of != NULL)
		return forked(a, of);
	if (a->sip->sip_to->a_tag != NULL ||
		a->sip->sip_request->rq_method == sip_method_cancel)
		return nta_refuse(a->irq, REFUSE_NO_DIALOG);
	if (!ep->live || p->closing || p->user == NULL)
		return refuse(a, REFUSE_CLOSED, M_SIP_REFUSED_CLOSED);
	if (is_merged(a))
		return refuse(a, REFUSE_MERGED, M_SIP_REFUSED_MERGED);
	if (src.flow == NULL)
		none = identity_none();
	src.identity = src.flow != NULL ? src.flow->identity : none;
	p->user->request(p->user_arg, txn_new(a), a->m, &src);
	obj_unref(none);
	return 0;
}

/* nta's callback for every leg: a status answers, 0 means later. */
int nta_on_request(
	struct leg *leg, nta_leg_t *l, nta_incoming_t *irq, sip_t const *sip)
{
	struct sip_msg m;
	struct arrival a = { .leg = leg, .irq = irq, .sip = sip, .m = &m };
	tport_t *tp;
	int status;

	(void)l;
	if (sip->sip_request->rq_method == sip_method_ack) {
		nta_incoming_destroy(irq); /* to nothing that we know */
		return 0;
	}
	metric_inc(M_SIP_REQUESTS_IN);
	a.msg = nta_incoming_getrequest(irq);
	tp = nta_incoming_transport(leg->ep->agent, irq, a.msg);
	a.conn = conn_of_tport(tp);
	status = check(&a);
	if (status == 0)
		status = leg->dlg != NULL ? in_dialog(&a) : out_of_dialog(&a);
	msg_destroy(a.msg);
	tport_unref(tp);
	return status;
}

static bool is_there(const struct nta_port *p, const struct sip_txn *t)
{
	for (const struct sip_txn *x = p->txns; x != NULL; x = x->next)
		if (x == t)
			return true;
	return false;
}

static int pracked(const struct arrival *a)
{
	struct sip_dlg *d = a->leg->dlg;
	int status = check(a);

	if (status == 0)
		status = check_dialog(a);
	if (status == 0 && d->closed)
		status = nta_refuse(a->irq, REFUSE_NO_DIALOG);
	if (status == 0)
		d->user->prack(d->arg, txn_new(a), a->m);
	return status;
}

void nta_on_prack(struct sip_txn *invite, nta_incoming_t *irq, sip_t const *sip)
{
	struct sip_dlg *d = invite->dlg;
	struct nta_port *p = invite->port;
	struct sip_msg m;
	struct arrival a = { .irq = irq, .sip = sip, .m = &m };
	tport_t *tp;
	int status;

	metric_inc(M_SIP_REQUESTS_IN);
	if (d != NULL) {
		a.leg = d->leg[d->cur];
		a.msg = nta_incoming_getrequest(irq);
		tp = nta_incoming_transport(a.leg->ep->agent, irq, a.msg);
		a.conn = conn_of_tport(tp);
		a.leg->rseq = sip->sip_cseq->cs_seq;
		status = pracked(&a);
		msg_destroy(a.msg);
		tport_unref(tp);
	} else {
		status = nta_refuse(irq, REFUSE_NO_DIALOG);
	}
	if (status != 0)
		nta_incoming_destroy(irq);
	if (is_there(p, invite))
		nta_rel_send_held(invite);
}

/* ---- answers ---- */

static bool contact_wanted(enum sip_method m, int status)
{
	switch (m) {
	case SIP_INVITE:
		return status < 400; /* 3xx: where else */
	case SIP_UPDATE:
	case SIP_SUBSCRIBE:
	case SIP_REFER:
	case SIP_NOTIFY:
	case SIP_OPTIONS:
		return status >= 200 && status < 300;
	case SIP_OTHER:
	case SIP_ACK:
	case SIP_BYE:
	case SIP_CANCEL:
	case SIP_REGISTER:
	case SIP_INFO:
	case SIP_PRACK:
	case SIP_MESSAGE:
	case SIP_PUBLISH:
		break;
	}
	return false;
}

static int write_contact(msg_t *msg, const struct sip_txn *t, int status,
	const struct sip_out *o)
{
	struct sip_hdr hdr = { .name = SLICE_LIT("Contact") };
	struct sip_out one = { .nhdrs = 1, .hdr = &hdr };
	char *contact = NULL;
	int err;

	if (o != NULL && o->contacts.n > 0) {
		hdr.value = o->contacts;
	} else if (!contact_wanted(t->method, status) ||
		   (o != NULL && o->no_contact)) {
		return 0;
	} else {
		contact = nta_contact(
			t->ep, conn_of_flow(t->flow), &t->peer, t->sips, o);
		hdr.value = slice_str(contact);
	}
	err = nta_msg_write(msg, &one);
	free(contact);
	return err;
}

static msg_t *response_new(struct sip_txn *t, int status, const char *reason,
	const struct sip_out *o)
{
	msg_t *msg = nta_msg_new(t->ep);

	if (reason == NULL || !nta_text_clean(slice_str(reason)))
		reason = sip_status_phrase(status);
	if (nta_msg_write(msg, o) != 0 ||
		write_contact(msg, t, status, o) != 0 ||
		nta_incoming_complete_response(
			t->irq, msg, status, reason, TAG_END()) < 0) {
		msg_destroy(msg);
		return NULL;
	}
	return msg;
}

/* The longest of the Contacts that a registration's answer grants. */
static uint64_t granted_ms(struct slice contacts)
{
	struct slice one, value;
	uint64_t most = 0, n;

	while (sip_name_addr_cut(&contacts, &one)) {
		struct sip_name_addr na;

		if (sip_name_addr_parse(one, &na) != 0)
			continue;
		n = 3600; /* RFC 3261 10.2.1.1: ours to choose */
		if (sip_param(na.params, "expires", &value))
			(void)!slice_uint(value, UINT32_MAX, &n);
		if (n > most)
			most = n;
	}
	return most * 1000;
}

static void note_registration(
	const struct sip_txn *t, int status, const struct sip_out *o)
{
	struct conn *c = conn_of_flow(t->flow);

	if (c != NULL && t->method == SIP_REGISTER && status / 100 == 2)
		conn_set_registered(c, o != NULL ? granted_ms(o->contacts) : 0);
}

void nta_answer(struct sip_port *p, struct sip_txn *t, int status,
	const char *reason, const struct sip_out *o)
{
	struct sip_dlg *d = t->dlg;
	msg_t *msg;

	(void)p;
	need(status > 100 && status < 700);
	if (t->gone) {
		if (status >= 200)
			nta_txn_free(t);
		return;
	}
	need(t->method != SIP_INVITE || status / 100 != 2 || d != NULL);
	msg = response_new(t, status, reason, o);
	if (msg == NULL) {
		log_event(MSG_SIP_ANSWER_FAILED, NULL, L_INT("status", status));
		status = 500;
		msg = response_new(t, status, NULL, NULL);
	}
	note_registration(t, status, o);
	if (msg == NULL ||
		!nta_rel_hold(t, msg, status, o != NULL && o->reliable))
		nta_txn_send(t, msg, status, o != NULL && o->reliable);
}

void nta_txn_send(struct sip_txn *t, msg_t *msg, int status, bool reliable)
{
	struct sip_dlg *d = t->dlg;

	nta_timer_stop(&t->port->pub, &t->trying);
	if (msg != NULL && reliable && status < 200) {
		nta_rel_send(t, msg);
	} else if (msg != NULL) {
		nta_print_ahead(msg);
		(void)nta_incoming_mreply(t->irq, msg);
	}
	if (status < 200)
		return;
	if (d != NULL && d->pending == t)
		d->pending = NULL;
	if (t->method == SIP_INVITE && status < 300) {
		t->answered = true; /* until its ACK */
		d->confirmed = true;
	} else {
		if (d != NULL && status < 300)
			d->confirmed = true;
		nta_txn_free(t);
	}
}

void nta_txn_drop(struct sip_txn *t)
{
	t->dlg = NULL;
	if (t->answered || t->gone)
		nta_txn_free(t);
	else
		nta_refuse_txn(t, t->method == SIP_INVITE
					  ? REFUSE_CALL_ENDED
					  : REFUSE_DIALOG_ENDED);
}

/* ---- after an INVITE ---- */

static void acknowledged(struct sip_txn *t, nta_incoming_t *irq)
{
	struct sip_dlg *d = t->dlg;
	msg_t *msg = nta_incoming_getrequest_ackcancel(irq);
	struct sip_msg m;
	struct addr from;
	bool good;

	need(msg != NULL);
	from = addr_from_sockaddr((void *)msg_addr(msg));
	good = nta_msg_read(&m, msg);
	/* one from elsewhere stops the repeats, but its body does not count */
	if (!addr_same_host(&from, &t->peer)) {
		m.body = (struct slice){ 0 };
		metric_inc(M_SEC_DIALOG_INTRUDER);
	}
	nta_txn_free(t);
	if (d != NULL && !d->closed && good)
		d->user->ack(d->arg, &m);
	msg_destroy(msg);
}

static void cancelled(struct sip_txn *t, nta_incoming_t *irq)
{
	struct sip_dlg *d = t->dlg;
	msg_t *msg = nta_incoming_getrequest_ackcancel(irq);
	struct sip_msg m;

	/* nta has answered the CANCEL and sends the 487 after this */
	nta_incoming_bind(irq, NULL, NULL);
	t->gone = true;
	nta_timer_stop(&t->port->pub, &t->trying);
	if (d != NULL)
		nta_txn_free(t); /* else the user holds it: see nta_answer */
	if (d != NULL && !d->closed)
		d->user->cancel(d->arg,
			msg != NULL && nta_msg_read(&m, msg) ? &m : NULL);
	if (msg != NULL)
		msg_destroy(msg);
}

int nta_on_ack_cancel(struct sip_txn *t, nta_incoming_t *irq, sip_t const *sip)
{
	struct sip_dlg *d = t->dlg;

	if (sip == NULL && !t->answered) {
		bool done = nta_rel_answered(t);

		if (!t->unpracked || d == NULL || d->closed)
			return 0;
		metric_inc(M_SIP_NO_PRACK);
		if (done) { /* nta refuses it, whatever we said */
			nta_txn_free(t);
			d->user->ack(d->arg, NULL);
		} else {
			d->user->prack(d->arg, NULL, NULL);
		}
	} else if (sip == NULL) {
		nta_txn_free(t); /* timer H: no ACK came */
		metric_inc(M_SIP_NO_ACK);
		if (d != NULL && !d->closed)
			d->user->ack(d->arg, NULL);
	} else if (sip->sip_request->rq_method == sip_method_ack) {
		if (t->answered)
			acknowledged(t, irq);
	} else if (sip->sip_request->rq_method == sip_method_cancel) {
		if (!t->answered)
			cancelled(t, irq);
	}
	return 0;
}
