/*
 * Dialogs: one nta leg per remote tag while an INVITE of ours is pending
 * (forks), the one of the 2xx afterwards; where their requests go; who may
 * act on them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/nta_int.h"
#include "base/metric.h"
#include "base/secret.h"

static struct sip_dlg *dlg_new(
	struct endpoint *ep, const struct sip_dlg_user *user, void *arg)
{
	struct sip_dlg *d = mem_new(sizeof(*d));

	d->port = ep->port;
	d->ep = ep;
	ep->users++;
	d->user = user;
	d->arg = arg;
	LIST_IN(d->port->dlgs, d);
	return d;
}

static void leg_free(struct leg *leg)
{
	nta_leg_destroy(leg->leg);
	free(leg);
}

void nta_dlg_free(struct sip_dlg *d)
{
	for (unsigned i = 0; i < d->nlegs; i++)
		leg_free(d->leg[i]);
	nta_flow_drop(d->flow);
	obj_unref(d->identity);
	obj_unref(d->route.trustpoint);
	free(d->route.host);
	free(d->route.peer_name);
	free(d->call_id);
	free(d->from);
	free(d->to);
	free(d->ack_branch);
	d->ep->users--;
	LIST_OUT(d);
	free(d);
}

static void set_flow(struct sip_dlg *d, struct sip_flow *f)
{
	struct sip_flow *old = d->flow;

	d->flow = nta_flow_hold(f);
	nta_flow_drop(old);
	d->peer = f->peer;
	obj_unref(d->identity);
	d->identity = obj_ref(f->identity);
}

/* ---- as server ---- */

struct sip_dlg *nta_dlg_uas(struct sip_port *p, struct sip_txn *t,
	const struct sip_dlg_user *user, void *arg)
{
	struct sip_dlg *d;
	struct leg *leg = mem_new(sizeof(*leg));
	msg_t *msg = nta_incoming_getrequest(t->irq);
	sip_t const *sip = sip_object(msg);
	sip_cseq_t cs[1];

	(void)p;
	need(t->method == SIP_INVITE && t->dlg == NULL && !t->answered);
	d = dlg_new(t->ep, user, arg);
	d->sips = t->sips;
	d->call_id = mem_dup(sip->sip_call_id->i_id);
	memcpy(d->tag, t->tag, sizeof(d->tag));
	d->peer = t->peer;
	d->reconnect = t->ep->side == CONF_CORE;
	if (t->flow != NULL)
		set_flow(d, t->flow);
	sip_cseq_init(cs);
	cs->cs_seq = (random_u32() >> 2) + 1;
	leg->ep = t->ep;
	leg->dlg = d;
	leg->leg = nta_leg_tcreate(t->ep->agent, nta_on_request, leg,
		SIPTAG_CALL_ID(sip->sip_call_id), SIPTAG_FROM(sip->sip_to),
		SIPTAG_TO(sip->sip_from), SIPTAG_CSEQ(cs),
		NTATAG_REMOTE_CSEQ(sip->sip_cseq->cs_seq), TAG_END());
	need(leg->leg != NULL);
	nta_leg_tag(leg->leg, d->tag);
	nta_leg_server_route(leg->leg, sip->sip_record_route, sip->sip_contact);
	d->leg[d->nlegs++] = leg;
	d->pending = t;
	t->dlg = d;
	msg_destroy(msg);
	return d;
}

/* ---- as client ---- */

/* A leg without a remote tag. EINVAL: From or To are not what they should. */
static int add_leg(struct sip_dlg *d, uint32_t cseq)
{
	struct leg *leg = mem_new(sizeof(*leg));
	sip_cseq_t cs[1];

	sip_cseq_init(cs);
	cs->cs_seq = cseq;
	leg->ep = d->ep;
	leg->dlg = d;
	leg->leg = nta_leg_tcreate(d->ep->agent, nta_on_request, leg,
		SIPTAG_CALL_ID_STR(d->call_id), SIPTAG_FROM_STR(d->from),
		SIPTAG_TO_STR(d->to), SIPTAG_CSEQ(cs), TAG_END());
	if (leg->leg == NULL) {
		free(leg);
		return EINVAL;
	}
	nta_leg_tag(leg->leg, d->tag);
	d->leg[d->nlegs++] = leg;
	return 0;
}

int nta_dlg_uac(struct sip_dlg **out, struct sip_port *port,
	const struct sip_route *route, struct slice from, struct slice to,
	const struct sip_dlg_user *user, void *arg)
{
	struct nta_port *p = nta_port_of(port);
	struct endpoint *ep = nta_find_endpoint(p, route->listener);
	struct sip_dlg *d;
	char id[33];

	*out = NULL;
	if (ep == NULL || (route->flow != NULL && route->flow->closed) ||
		(route->flow == NULL && ep->transport != route->transport))
		return EHOSTUNREACH;
	if (!nta_text_clean(from) || !nta_text_clean(to))
		return EINVAL;
	d = dlg_new(ep, user, arg);
	d->uac = true;
	random_hex(id, sizeof(id) - 1);
	d->call_id = mem_dup(id);
	random_hex(d->tag, NTA_TAG);
	d->from = slice_dup(from);
	d->to = slice_dup(to);
	d->reconnect = route->flow == NULL;
	if (route->flow != NULL) {
		set_flow(d, route->flow);
	} else {
		d->route.host = mem_dup(route->host);
		d->route.peer_name = mem_dup(route->peer_name);
		d->route.port = route->port;
		d->route.trustpoint = obj_ref(route->trustpoint);
		if (addr_parse(&d->peer, slice_str(route->host), route->port) !=
			0)
			d->peer = (struct addr){ 0 };
	}
	if (add_leg(d, random_u32() >> 2) != 0) {
		nta_dlg_free(d);
		return EINVAL;
	}
	*out = d;
	return 0;
}

/* The early dialog of that remote tag; a new fork gets a leg of its own. */
static struct leg *leg_of_tag(struct sip_dlg *d, const char *tag, uint32_t cseq)
{
	const char *known;

	for (unsigned i = 0; i < d->nlegs; i++) {
		known = nta_leg_rtag(d->leg[i]->leg, NULL);
		if (known == NULL || strcasecmp(known, tag) == 0) {
			d->cur = i;
			if (known == NULL)
				nta_leg_rtag(d->leg[i]->leg, tag);
			return d->leg[i];
		}
	}
	if (d->nlegs == NTA_FORKS_MAX || add_leg(d, cseq) != 0)
		return NULL;
	d->cur = d->nlegs - 1;
	nta_leg_rtag(d->leg[d->cur]->leg, tag);
	return d->leg[d->cur];
}

/* The dialog is the one of the 2xx; the other early ones are over. */
static void settle(struct sip_dlg *d)
{
	struct leg *won = d->leg[d->cur];

	for (unsigned i = 0; i < d->nlegs; i++)
		if (d->leg[i] != won)
			leg_free(d->leg[i]);
	d->leg[0] = won;
	d->nlegs = 1;
	d->cur = 0;
	d->confirmed = true;
}

static void on_initial(struct sip_dlg *d, struct out_req *r, sip_t const *sip)
{
	int status = sip->sip_status->st_status;
	struct leg *leg;

	if (status >= 300 || sip->sip_to->a_tag == NULL)
		return;
	leg = leg_of_tag(d, sip->sip_to->a_tag, r->cseq);
	if (leg == NULL && status >= 200) {
		/* more forks than we follow, and this one answered */
		leg_free(d->leg[--d->nlegs]);
		leg = leg_of_tag(d, sip->sip_to->a_tag, r->cseq);
	}
	if (leg == NULL)
		return;
	nta_leg_client_reroute(leg->leg, sip->sip_record_route,
		sip->sip_contact, !d->confirmed);
	if (status >= 200)
		settle(d);
}

static void ack_and_bye(struct sip_dlg *d)
{
	static const struct sip_out ack = { .method = SIP_ACK,
		.max_forwards = -1 };
	static const struct sip_out bye = { .method = SIP_BYE,
		.max_forwards = -1 };

	metric_inc(M_SIP_LATE_ANSWERS);
	(void)!nta_dlg_ack(&d->port->pub, d, &ack);
	(void)!nta_dlg_send(&d->port->pub, d, &bye, NULL);
}

void nta_dlg_on_response(struct sip_dlg *d, struct out_req *r, sip_t const *sip)
{
	int status = sip->sip_status->st_status;

	if (r->method == SIP_INVITE && !d->confirmed)
		on_initial(d, r, sip);
	else if (status / 100 == 2)
		nta_dlg_retarget(d, d->leg[d->cur], sip);
	if (r->method != SIP_INVITE || status / 100 != 2)
		return;
	free(d->ack_branch);
	d->ack_branch = mem_dup(r->branch);
	d->invite_cseq = r->cseq;
	if (d->closed)
		ack_and_bye(d);
}

/* RFC 3261 12.2: INVITE, UPDATE and the like may move the remote target. */
void nta_dlg_retarget(struct sip_dlg *d, struct leg *leg, sip_t const *sip)
{
	(void)d;
	if (sip->sip_contact == NULL)
		return;
	if (sip->sip_request != NULL)
		nta_leg_server_route(leg->leg, NULL, sip->sip_contact);
	else
		nta_leg_client_reroute(leg->leg, NULL, sip->sip_contact, 0);
}

void nta_dlg_hop_known(struct sip_dlg *d, const struct hop_target *t)
{
	d->peer = t->addr;
	if (t->conn != NULL)
		set_flow(d, conn_flow(t->conn));
}

/* ---- sending ---- */

static bool contact_wanted(enum sip_method m)
{
	return m == SIP_INVITE || m == SIP_UPDATE || m == SIP_SUBSCRIBE ||
	       m == SIP_REFER || m == SIP_NOTIFY;
}

static int write_contact(msg_t *msg, struct sip_dlg *d, const struct sip_out *o)
{
	struct sip_hdr hdr = { .name = SLICE_LIT("Contact") };
	struct sip_out one = { .nhdrs = 1, .hdr = &hdr };
	char *contact;
	int err;

	if (o->no_contact || !contact_wanted(o->method))
		return 0;
	contact =
		nta_contact(d->ep, conn_of_flow(d->flow), &d->peer, d->sips, o);
	hdr.value = slice_str(contact);
	err = nta_msg_write(msg, &one);
	free(contact);
	return err;
}

static int complete(msg_t *msg, struct sip_dlg *d, const struct sip_out *o)
{
	const char *name;
	sip_method_t method = nta_method_out(o->method, o->method_name, &name);
	size_t query = slice_find(o->ruri, '?');
	char *ruri = slice_dup(slice_head(o->ruri, query));
	char mf[16];
	int r;

	(void)snprintf(mf, sizeof(mf), "%d",
		o->max_forwards >= 0 ? o->max_forwards : 70);
	r = sip_add_tl(
		msg, sip_object(msg), SIPTAG_MAX_FORWARDS_STR(mf), TAG_END());
	if (r >= 0 && o->method == SIP_ACK) {
		sip_cseq_t *cs = sip_cseq_create(
			msg_home(msg), d->invite_cseq, SIP_METHOD_ACK);

		r = msg_header_insert(msg, msg_object(msg), (msg_header_t *)cs);
	}
	if (r >= 0)
		r = nta_msg_request_complete(msg, d->leg[d->cur]->leg, method,
			name, o->ruri.n > 0 ? URL_STRING_MAKE(ruri) : NULL);
	free(ruri);
	return r < 0 ? EINVAL : 0;
}

static msg_t *request_new(struct sip_dlg *d, const struct sip_out *o, int *err)
{
	msg_t *msg = nta_msg_create(d->ep->agent, 0);

	need(msg != NULL);
	*err = nta_text_clean(o->ruri) ? 0 : EINVAL;
	if (*err == 0)
		*err = complete(msg, d, o);
	if (*err == 0)
		*err = write_contact(msg, d, o);
	if (*err == 0)
		*err = nta_msg_write(msg, o);
	if (*err != 0) {
		msg_destroy(msg);
		return NULL;
	}
	return msg;
}

/* Next hop of a request within the dialog: its first Route or its target.
 * Points into the message. */
static const url_t *next_hop(sip_t const *sip)
{
	if (sip->sip_route != NULL &&
		url_has_param(sip->sip_route->r_url, "lr"))
		return sip->sip_route->r_url;
	return sip->sip_request->rq_url;
}

static uint16_t port_number(const char *text, uint16_t otherwise)
{
	uint64_t n;

	if (slice_uint(slice_str(text), 65535, &n) != 0 || n == 0)
		return otherwise;
	return (uint16_t)n;
}

static void start(struct sip_dlg *d, struct out_req *r)
{
	const url_t *url;
	char host[256];
	uint16_t port = d->ep->transport == CONF_TLS ? 5061 : 5060;
	struct hop_want w = {
		.ep = d->ep,
		.trustpoint = d->route.trustpoint,
		.peer_name = d->route.peer_name,
	};

	if (d->flow != NULL && (!d->reconnect || !d->flow->closed)) {
		nta_req_start_on(r, d->flow);
		return;
	}
	w.host = d->route.host;
	w.port = d->route.port != 0 ? d->route.port : port;
	if (nta_leg_rtag(d->leg[d->cur]->leg, NULL) != NULL) {
		url = next_hop(sip_object(r->msg));
		if (url->url_host == NULL ||
			!slice_copy(
				slice_str(url->url_host), host, sizeof(host)))
			host[0] = '\0';
		if (w.peer_name == NULL)
			w.peer_name = d->route.host;
		w.host = host;
		w.port = port_number(url->url_port, port);
	}
	nta_req_start_to(r, &w);
}

int nta_dlg_send(struct sip_port *p, struct sip_dlg *d, const struct sip_out *o,
	void *cookie)
{
	struct out_req *r;
	msg_t *msg;
	int err;

	(void)p;
	need(o->method != SIP_ACK && o->method != SIP_CANCEL);
	if (o->method == SIP_INVITE && d->invite != NULL)
		return EPROTO;
	if (d->uac && !d->confirmed && o->method == SIP_INVITE)
		d->sips = slice_casestarts(o->ruri, "sips:");
	msg = request_new(d, o, &err);
	if (msg == NULL)
		return err;
	r = nta_req_new(d->ep, msg, d, cookie);
	if (o->method == SIP_INVITE)
		d->invite = r;
	start(d, r);
	return 0;
}

int nta_dlg_ack(struct sip_port *p, struct sip_dlg *d, const struct sip_out *o)
{
	struct out_req *r;
	msg_t *msg;
	int err;

	(void)p;
	if (d->ack_branch == NULL)
		return EPROTO;
	msg = request_new(d, o, &err);
	if (msg == NULL)
		return err;
	r = nta_req_new(d->ep, msg, d, NULL);
	r->ack_branch = d->ack_branch;
	d->ack_branch = NULL;
	start(d, r);
	if (d->invite != NULL && d->invite->answered)
		nta_req_free(d->invite);
	return 0;
}

void nta_dlg_cancel(
	struct sip_port *p, struct sip_dlg *d, const struct sip_out *o)
{
	(void)p;
	if (d->invite != NULL)
		nta_req_cancel(d->invite, o);
}

/* ---- the end ---- */

void nta_dlg_req_over(struct sip_dlg *d, struct out_req *r)
{
	if (d->invite == r)
		d->invite = NULL;
	if (--d->nreqs == 0 && d->closed)
		nta_dlg_free(d);
}

void nta_dlg_close(struct sip_port *p, struct sip_dlg *d)
{
	struct sip_txn *t, *next;

	(void)p;
	need(!d->closed);
	d->closed = true;
	d->user = NULL;
	d->pending = NULL;
	d->nreqs++; /* held while what is pending ends */
	for (t = d->port->txns; t != NULL; t = next) {
		next = t->next;
		if (t->dlg == d)
			nta_txn_drop(t);
	}
	if (d->invite != NULL && !d->invite->answered)
		nta_req_cancel(d->invite, NULL);
	else if (d->invite != NULL)
		ack_and_bye(d);
	if (--d->nreqs == 0)
		nta_dlg_free(d);
}

void nta_dlg_set_flow(struct sip_port *p, struct sip_dlg *d, struct sip_flow *f)
{
	(void)p;
	set_flow(d, f);
}

void nta_dlg_info(
	struct sip_port *p, const struct sip_dlg *d, struct sip_peer_info *out)
{
	(void)p;
	out->transport = d->ep->transport;
	out->addr = d->peer;
	out->identity = d->identity;
}

const char *nta_dlg_call_id(struct sip_port *p, const struct sip_dlg *d)
{
	(void)p;
	return d->call_id;
}

/* ---- who may act ---- */

static bool url_names(const url_t *url, const struct addr *a)
{
	struct addr host;

	return url != NULL && url->url_host != NULL &&
	       addr_parse(&host, slice_str(url->url_host), 0) == 0 &&
	       addr_same_host(&host, a);
}

/* An element that the dialog itself named: its route set or its target. */
static bool is_named(const struct sip_dlg *d, const struct addr *a)
{
	sip_route_t const *route = NULL;
	sip_contact_t const *target = NULL;

	if (nta_leg_get_route(d->leg[d->cur]->leg, &route, &target) < 0)
		return false;
	if (target != NULL && url_names(target->m_url, a))
		return true;
	for (; route != NULL; route = route->r_next)
		if (url_names(route->r_url, a))
			return true;
	return false;
}

bool nta_dlg_allows(
	const struct sip_dlg *d, const struct sip_flow *f, const struct addr *a)
{
	if (f != NULL && f == d->flow)
		return true;
	if (d->identity != NULL && d->identity->certified)
		return f != NULL && f->identity->certified &&
		       identity_same_device(d->identity, f->identity);
	return addr_same_host(&d->peer, a) ||
	       (d->ep->side == CONF_CORE && is_named(d, a));
}
