/*
 * Dialogs: one nta leg per remote tag while an INVITE of ours is pending
 * (forks), the one of the 2xx afterwards; where their requests go; who may
 * act on them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/sofia/nta_int.h"
#include "base/metric.h"
#include "base/secret.h"

_Static_assert(sizeof(void *) != 8 || sizeof(struct sip_dlg) <= 256,
	"dialogs need a larger block of the heap (docs/adr/0019)");

struct sip_dlg *nta_dlg_new(
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

static void put_leg(struct sip_dlg *d, struct leg *leg)
{
	d->leg = mem_resize(d->leg, d->nlegs + 1, sizeof(struct leg *));
	d->leg[d->nlegs++] = leg;
}

void nta_dlg_free(struct sip_dlg *d)
{
	nta_timer_stop(&d->port->pub, &d->late);
	for (unsigned i = 0; i < d->nlegs; i++)
		leg_free(d->leg[i]);
	free(d->leg);
	nta_flow_drop(d->flow);
	obj_unref(d->identity);
	obj_unref(d->route.trustpoint);
	free(d->route.host);
	free(d->route.peer_name);
	free(d->route.target_name);
	free(d->call_id);
	free(d->from);
	free(d->to);
	free(d->ack_branch);
	free(d->by);
	d->ep->users--;
	LIST_OUT(d);
	free(d);
}

void nta_dlg_take_flow(struct sip_dlg *d, struct sip_flow *f)
{
	struct sip_flow *old = d->flow;

	d->flow = nta_flow_hold(f);
	nta_flow_drop(old);
	d->peer = f->peer;
	obj_unref(d->identity);
	d->identity = obj_ref(f->identity);
}

/* ---- as server ---- */

static void on_late_cancel(void *arg)
{
	struct sip_dlg *d = arg;

	if (d->closed || d->pending == NULL)
		return;
	nta_txn_free(d->pending);
	d->user->cancel(d->arg, NULL);
}

static char *value_dup(const msg_header_t *h)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	char *text, *copy;

	su_home_init(home);
	text = sip_header_as_string(home, (const sip_header_t *)h);
	need(text != NULL);
	copy = mem_dup(text);
	su_home_deinit(home);
	return copy;
}

struct sip_dlg *nta_dlg_uas(struct sip_port *p, struct sip_txn *t,
	const struct sip_dlg_user *user, void *arg)
{
	struct sip_dlg *d;
	struct leg *leg = mem_new(sizeof(*leg));
	msg_t *msg = nta_incoming_getrequest(t->irq);
	sip_t const *sip = sip_object(msg);
	sip_cseq_t cs[1];
	char *local;

	need(t->dlg == NULL && !t->answered);
	d = nta_dlg_new(t->ep, user, arg);
	d->sips = t->sips;
	d->call_id = mem_dup(sip->sip_call_id->i_id);
	memcpy(d->tag, t->tag, sizeof(d->tag));
	d->peer = t->peer;
	d->reconnect = t->ep->side == CONF_CORE;
	if (t->flow != NULL)
		nta_dlg_take_flow(d, t->flow);
	d->from = value_dup((const msg_header_t *)sip->sip_to);
	d->to = value_dup((const msg_header_t *)sip->sip_from);
	sip_cseq_init(cs);
	cs->cs_seq = (random_u32() >> 2) + 1;
	leg->rseq = sip->sip_cseq->cs_seq;
	leg->ep = t->ep;
	leg->dlg = d;
	/* Its tag from the beginning: to a leg that is tagged afterwards nta
	 * gives the same INVITE again, forked to another of our targets. */
	local = mem_printf("%s;tag=%s", d->from, d->tag);
	leg->leg = nta_leg_tcreate(t->ep->agent, nta_on_request, leg,
		SIPTAG_CALL_ID(sip->sip_call_id), SIPTAG_FROM_STR(local),
		SIPTAG_TO(sip->sip_from), SIPTAG_CSEQ(cs),
		NTATAG_REMOTE_CSEQ(sip->sip_cseq->cs_seq), TAG_END());
	need(leg->leg != NULL);
	free(local);
	nta_leg_server_route(leg->leg, sip->sip_record_route, sip->sip_contact);
	put_leg(d, leg);
	if (t->method == SIP_INVITE)
		d->pending = t;
	t->dlg = d;
	if (t->gone)
		nta_timer_start(p, &d->late, 0, on_late_cancel, d);
	msg_destroy(msg);
	return d;
}

/* ---- as client ---- */

struct leg *nta_dlg_add_leg(struct sip_dlg *d, const char *from, const char *to,
	uint32_t first, uint32_t cseq)
{
	struct leg *leg = mem_new(sizeof(*leg));
	sip_cseq_t cs[1];

	sip_cseq_init(cs);
	cs->cs_seq = first;
	leg->ep = d->ep;
	leg->dlg = d;
	leg->rseq = cseq;
	leg->leg = nta_leg_tcreate(d->ep->agent, nta_on_request, leg,
		SIPTAG_CALL_ID_STR(d->call_id), SIPTAG_FROM_STR(from),
		SIPTAG_TO_STR(to), SIPTAG_CSEQ(cs),
		TAG_IF(cseq != 0, NTATAG_REMOTE_CSEQ(cseq)), TAG_END());
	if (leg->leg == NULL) {
		free(leg);
		return NULL;
	}
	put_leg(d, leg);
	return leg;
}

/* A leg without a remote tag. EINVAL: From or To are not what they should. */
static int add_leg(struct sip_dlg *d, uint32_t cseq)
{
	const struct leg *leg = nta_dlg_add_leg(d, d->from, d->to, cseq, 0);

	if (leg == NULL)
		return EINVAL;
	nta_leg_tag(leg->leg, d->tag);
	return 0;
}

void nta_dlg_begin_again(struct sip_dlg *d)
{
	uint32_t cseq = nta_leg_get_seq(d->leg[d->cur]->leg);

	if (nta_leg_rtag(d->leg[d->cur]->leg, NULL) == NULL)
		return;
	while (d->nlegs > 0)
		leg_free(d->leg[--d->nlegs]);
	d->cur = 0;
	need(add_leg(d, cseq) == 0); /* it was good enough the first time */
}

int nta_dlg_uac(struct sip_dlg **out, struct sip_port *port,
	const struct sip_route *route, struct slice from, struct slice to,
	const struct sip_dlg_user *user, void *arg)
{
	struct nta_port *p = nta_port_of(port);
	struct endpoint *ep = nta_route_endpoint(p, route);
	struct sip_dlg *d;
	char id[33];

	*out = NULL;
	if (ep == NULL)
		return EHOSTUNREACH;
	if (!nta_text_clean(from) || !nta_text_clean(to))
		return EINVAL;
	d = nta_dlg_new(ep, user, arg);
	d->uac = true;
	random_hex(id, sizeof(id) - 1);
	d->call_id = mem_dup(id);
	random_hex(d->tag, NTA_TAG);
	d->from = slice_dup(from);
	d->to = slice_dup(to);
	d->reconnect = route->flow == NULL;
	if (route->flow != NULL) {
		nta_dlg_take_flow(d, route->flow);
	} else {
		d->route.host = mem_dup(route->host);
		d->route.peer_name = mem_dup(route->peer_name);
		d->route.target_name = mem_dup(route->target_name);
		d->route.port = route->port;
		d->route.by_address = route->by_address;
		d->route.reuse = route->reuse;
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

void nta_leg_renew(struct leg *leg)
{
	struct sip_dlg *d = leg->dlg;
	nta_leg_t *old = leg->leg;
	sip_route_t const *route = NULL;
	sip_contact_t const *target = NULL;
	sip_cseq_t cs[1];

	sip_cseq_init(cs);
	cs->cs_seq = nta_leg_get_seq(old);
	(void)nta_leg_get_route(old, &route, &target);
	leg->leg = nta_leg_tcreate(leg->ep->agent, nta_on_request, leg,
		SIPTAG_CALL_ID_STR(d->call_id), SIPTAG_FROM_STR(d->from),
		SIPTAG_TO_STR(d->to), SIPTAG_CSEQ(cs),
		NTATAG_REMOTE_CSEQ(leg->rseq), TAG_END());
	need(leg->leg != NULL); /* it was good enough the first time */
	nta_leg_tag(leg->leg, d->tag);
	nta_leg_rtag(leg->leg, nta_leg_rtag(old, NULL));
	nta_leg_server_route(leg->leg, route, target);
	nta_leg_destroy(old);
}

/* The early dialog of that remote tag; a new fork gets a leg of its own. */
static struct leg *leg_of_tag(struct sip_dlg *d, const char *tag, uint32_t cseq)
{
	const char *known;

	for (uint8_t i = 0; i < d->nlegs; i++) {
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

static bool begins_dialog(enum sip_method m)
{
	return m == SIP_INVITE || m == SIP_SUBSCRIBE || m == SIP_REFER;
}

/* RFC 6665 4.1.2.4: the first NOTIFY may come before the 2xx. */
void nta_dlg_early(struct sip_dlg *d, struct leg *leg, sip_t const *sip)
{
	if (!d->uac || d->confirmed || sip->sip_from->a_tag == NULL ||
		nta_leg_rtag(leg->leg, NULL) != NULL)
		return;
	nta_leg_rtag(leg->leg, sip->sip_from->a_tag);
	nta_leg_server_route(leg->leg, sip->sip_record_route, sip->sip_contact);
}

/* An INVITE within a dialog may be answered after the BYE that ended it. */
static void ack_and_bye(struct sip_dlg *d)
{
	static const struct sip_out ack = { .method = SIP_ACK,
		.max_forwards = -1 };
	static const struct sip_out bye = { .method = SIP_BYE,
		.max_forwards = -1 };

	metric_inc(M_SIP_LATE_ANSWERS);
	(void)!nta_dlg_ack(&d->port->pub, d, &ack);
	if (!d->leg[d->cur]->hung_up)
		(void)!nta_dlg_send(&d->port->pub, d, &bye, NULL);
}

/* Who took a SUBSCRIBE besides who has notified already: he will, too, and that
 * is a dialog of its own (nta_fork.c). */
static bool is_another(
	const struct sip_dlg *d, const struct out_req *r, sip_t const *sip)
{
	const char *known = nta_leg_rtag(d->leg[d->cur]->leg, NULL);

	return (r->method == SIP_SUBSCRIBE || r->method == SIP_REFER) &&
	       known != NULL && sip->sip_to->a_tag != NULL &&
	       strcasecmp(known, sip->sip_to->a_tag) != 0;
}

void nta_dlg_on_response(struct sip_dlg *d, struct out_req *r, sip_t const *sip)
{
	int status = sip->sip_status->st_status;

	if (is_another(d, r, sip))
		d->confirmed |= status / 100 == 2;
	else if (begins_dialog(r->method) && !d->confirmed)
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
		nta_dlg_take_flow(d, conn_flow(t->conn));
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

void nta_dlg_set_user(struct sip_port *p, struct sip_dlg *d,
	const struct sip_dlg_user *user, void *arg)
{
	(void)p;
	need(!d->closed);
	d->user = user;
	d->arg = arg;
}

void nta_dlg_set_flow(struct sip_port *p, struct sip_dlg *d, struct sip_flow *f)
{
	struct conn *c = conn_of_flow(f);

	(void)p;
	/* a dialog stays with its agent, as does what the phone sends in it */
	if (c != NULL && conn_owner(c) == d->ep)
		nta_dlg_take_flow(d, f);
}

void nta_dlg_info(
	struct sip_port *p, const struct sip_dlg *d, struct sip_peer_info *out)
{
	(void)p;
	out->transport = d->ep->transport;
	out->addr = d->peer;
	out->identity = d->identity;
}

void nta_dlg_ids(
	struct sip_port *p, const struct sip_dlg *d, struct sip_dlg_ids *out)
{
	nta_leg_t *leg = d->leg[d->cur]->leg;
	sip_contact_t const *target = NULL;

	(void)p;
	*out = (struct sip_dlg_ids){ .call_id = slice_str(d->call_id),
		.local_tag = slice_str(d->tag),
		.remote_tag = slice_str(nta_leg_rtag(leg, NULL)),
		.cseq = nta_leg_get_seq(leg) };
	if (nta_leg_get_route(leg, NULL, &target) >= 0 && target != NULL &&
		url_e(out->target_room, sizeof(out->target_room),
			target->m_url) < (issize_t)sizeof(out->target_room))
		out->target = slice_str(out->target_room);
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
	       (d->ep->side == CONF_CORE &&
		       (is_named(d, a) ||
			       (d->by != NULL && addr_same_host(d->by, a))));
}
