/*
 * What is heard at all: before nta looks at a request, which answers some of
 * them by itself. Strangers are the user's to know; here, who speaks in the
 * name of a transaction or a dialog that is another's.
 */
#include "b2bua/sofia/nta_int.h"
#include "base/metric.h"

void nta_log_intruder(const char *method, const char *call_id,
	const struct sip_flow *f, const struct addr *from,
	const struct addr *owner)
{
	metric_inc(M_SEC_DIALOG_INTRUDER);
	log_event(MSG_SEC_DIALOG_INTRUDER, NULL,
		L_SLICE("method", slice_str(method)), L_STR("callid", call_id),
		L_ADDR("peer", from),
		L_STR("device", f != NULL && f->identity->device != NULL
					? f->identity->device
					: ""),
		L_ADDR("owner", owner));
}

static const struct leg *leg_of(const struct endpoint *ep, const sip_t *sip)
{
	if (sip->sip_to == NULL || sip->sip_to->a_tag == NULL ||
		sip->sip_from == NULL || sip->sip_call_id == NULL)
		return NULL;
	return nta_leg_magic(
		nta_leg_by_dialog(ep->agent, NULL, sip->sip_call_id,
			sip->sip_from->a_tag, NULL, sip->sip_to->a_tag, NULL),
		nta_on_request);
}

/* Nobody answers an ACK, which may carry a description: one to a party that is
 * known by its certificate comes from it alone. */
static const struct sip_dlg *acks_for_another(
	const struct leg *leg, const sip_t *sip, const struct sip_source *src)
{
	const struct sip_dlg *d = leg != NULL ? leg->dlg : NULL;

	if (d == NULL || sip->sip_request->rq_method != sip_method_ack ||
		d->identity == NULL || !d->identity->certified ||
		nta_dlg_allows(d, src->flow, &src->addr))
		return NULL;
	return d;
}

/* The INVITE that nta would cancel, or answer once more, if it is one of
 * ours. */
static const struct sip_txn *invite_of(
	const struct endpoint *ep, const sip_t *sip)
{
	sip_method_t method = sip->sip_request->rq_method;
	sip_t invite = *sip;
	sip_cseq_t cseq;
	nta_incoming_t *irq;

	if ((method != sip_method_cancel && method != sip_method_invite) ||
		sip->sip_cseq == NULL || sip->sip_via == NULL ||
		sip->sip_call_id == NULL || sip->sip_from == NULL ||
		sip->sip_to == NULL)
		return NULL;
	cseq = *sip->sip_cseq;
	cseq.cs_method = sip_method_invite;
	cseq.cs_method_name = sip_method_name_invite;
	invite.sip_cseq = &cseq;
	irq = nta_incoming_find(ep->agent, &invite, invite.sip_via);
	return irq != NULL ? nta_incoming_magic(irq, nta_on_ack_cancel) : NULL;
}

/* Who sent the INVITE may cancel and repeat it. nta asks nobody, and would give
 * an answer with its keys to whoever knows the branch: it must not hear of
 * him. */
static bool is_its_sender(const struct sip_txn *t, const struct sip_source *src)
{
	const struct sip_flow *f = src->flow;

	if (f != NULL && f == t->flow)
		return true;
	if (t->flow != NULL && t->flow->identity->certified)
		return f != NULL && f->identity->certified &&
		       identity_same_device(t->flow->identity, f->identity);
	return addr_same_host(&t->peer, &src->addr);
}

bool nta_hears(void *arg, struct conn *c, msg_t *msg)
{
	const struct endpoint *ep = arg;
	const struct nta_port *p = ep->port;
	const sip_t *sip = sip_object(msg);
	struct sip_source src = {
		.listener = ep->name,
		.side = ep->side,
		.transport = ep->transport,
		.flow = c != NULL ? conn_flow(c) : NULL,
	};
	struct identity *none = NULL;
	const struct sip_txn *t;
	const struct sip_dlg *d;
	const struct leg *leg;
	bool heard;

	if (p->closing || p->user == NULL || p->user->hears == NULL ||
		sip == NULL || sip->sip_request == NULL)
		return true;
	src.addr = src.flow != NULL ? src.flow->peer
				    : addr_from_sockaddr((void *)msg_addr(msg));
	t = invite_of(ep, sip);
	if (t != NULL && !is_its_sender(t, &src)) {
		nta_log_intruder(sip->sip_request->rq_method_name,
			sip->sip_call_id->i_id, src.flow, &src.addr, &t->peer);
		return false;
	}
	leg = leg_of(ep, sip);
	d = acks_for_another(leg, sip, &src);
	if (d != NULL) {
		nta_log_intruder(
			"ACK", d->call_id, src.flow, &src.addr, &d->peer);
		return false;
	}
	if (leg != NULL)
		return true;
	if (src.flow == NULL)
		none = identity_none();
	src.identity = src.flow != NULL ? src.flow->identity : none;
	heard = p->user->hears(
		p->user_arg, &src, slice_str(sip->sip_request->rq_method_name));
	obj_unref(none);
	return heard;
}
