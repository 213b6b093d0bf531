/*
 * Dialogs beside one that there is. A SUBSCRIBE or REFER of ours is forked on
 * its way: of each who took it comes a NOTIFY with a tag of his own, which
 * makes a further dialog (RFC 6665 4.1.2.4, 4.4.1). And towards who asked us,
 * the same with tags of ours.
 */
#include <stdlib.h>
#include <string.h>

#include "b2bua/sofia/nta_int.h"
#include "base/obj.h"
#include "base/secret.h"

static struct sip_dlg *beside(
	const struct sip_dlg *of, const struct sip_dlg_user *user, void *arg)
{
	struct sip_dlg *d = nta_dlg_new(of->ep, user, arg);

	d->uac = of->uac;
	d->sips = of->sips;
	d->confirmed = true;
	d->reconnect = of->reconnect;
	d->call_id = mem_dup(of->call_id);
	d->from = mem_dup(of->from);
	d->to = mem_dup(of->to);
	d->peer = of->peer;
	d->by = mem_new(sizeof(*d->by));
	*d->by = of->by != NULL ? *of->by : of->peer;
	d->route = of->route;
	d->route.host = mem_dup(of->route.host);
	d->route.peer_name = mem_dup(of->route.peer_name);
	d->route.target_name = mem_dup(of->route.target_name);
	d->route.trustpoint = obj_ref(of->route.trustpoint);
	if (of->flow != NULL)
		nta_dlg_take_flow(d, of->flow);
	return d;
}

struct sip_dlg *nta_fork_of(const struct endpoint *ep, sip_t const *sip)
{
	const struct leg *leg;
	struct sip_dlg *d;

	if (sip->sip_request->rq_method != sip_method_notify ||
		sip->sip_from->a_tag == NULL || sip->sip_to->a_tag == NULL)
		return NULL;
	leg = nta_leg_magic(
		nta_leg_by_call_id(ep->agent, sip->sip_call_id->i_id),
		nta_on_request);
	d = leg != NULL ? leg->dlg : NULL;
	if (d == NULL || d->closed || !d->uac || d->user->fork == NULL ||
		strcasecmp(sip->sip_to->a_tag, d->tag) != 0)
		return NULL;
	return d;
}

struct leg *nta_fork_take(const struct sip_dlg *of, sip_t const *sip)
{
	struct sip_dlg *d = beside(of, of->user, of->arg);
	struct leg *leg;

	memcpy(d->tag, of->tag, sizeof(d->tag));
	leg = nta_dlg_add_leg(d, d->from, d->to,
		nta_leg_get_seq(of->leg[of->cur]->leg), sip->sip_cseq->cs_seq);
	need(leg != NULL); /* as good as those of the first dialog */
	nta_leg_tag(leg->leg, d->tag);
	nta_leg_rtag(leg->leg, sip->sip_from->a_tag);
	nta_leg_server_route(leg->leg, sip->sip_record_route, sip->sip_contact);
	return leg;
}

struct sip_dlg *nta_dlg_fork(struct sip_port *p, const struct sip_dlg *of,
	const struct sip_dlg_user *user, void *arg)
{
	struct sip_dlg *d;
	sip_route_t const *route = NULL;
	sip_contact_t const *target = NULL;
	struct leg *leg;
	char *local;

	(void)p;
	need(!of->uac && !of->closed);
	d = beside(of, user, arg);
	random_hex(d->tag, NTA_TAG);
	local = mem_printf("%s;tag=%s", d->from, d->tag);
	leg = nta_dlg_add_leg(d, local, d->to, (random_u32() >> 2) + 1, 0);
	need(leg != NULL);
	free(local);
	(void)nta_leg_get_route(of->leg[of->cur]->leg, &route, &target);
	nta_leg_server_route(leg->leg, route, target);
	return d;
}
