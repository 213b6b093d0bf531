/*
 * A request of ours whose target did not answer as it should: once more, to
 * the next address of the same name (RFC 3263 4.3). The same request in a
 * transaction of its own; whoever sent it hears of none of this. Only for what
 * went to a name: who wrote an address meant that one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/sofia/nta_int.h"
#include "base/metric.h"
#include "base/secret.h"

/* What is to be the same for requests of one caller, so that a phone's calls
 * go where its line is registered: who they are from. */
static uint32_t seed_of(sip_t const *sip)
{
	const url_t *u = sip->sip_from->a_url;
	uint32_t h = 2166136261u;

	for (const char *s = u->url_user; s != NULL && *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static void go(struct out_req *r)
{
	struct hop_want w = { .ep = r->ep,
		.host = r->to.host,
		.port = r->to.port,
		.trustpoint = r->to.trustpoint,
		.by_address = r->to.by_address,
		.reuse = r->to.reuse,
		.peer_name = r->to.peer_name,
		.seed = r->to.seed,
		.tried = r->to.tried,
		.ntried = r->to.ntried };

	r->waiting = true;
	hop_get(&w, nta_req_on_hop, r);
}

void nta_req_start_to(struct out_req *r, const struct hop_want *w)
{
	struct addr numeric;

	r->to.host = mem_dup(w->host);
	r->to.peer_name = mem_dup(w->peer_name);
	r->to.port = w->port;
	r->to.trustpoint = obj_ref(w->trustpoint);
	r->to.by_address = w->by_address;
	r->to.reuse = w->reuse;
	r->to.named = addr_parse(&numeric, slice_str(w->host), 0) != 0;
	r->to.seed = seed_of(sip_object(r->msg));
	go(r);
}

/* ---- how long a target may be silent ---- */

/* `retry N`: so many repetitions, each waiting twice as long as the one
 * before. T1·(2^(N+1)-1); nothing beyond timer B. */
static unsigned patience_of(const struct out_req *r)
{
	const struct conf *c = r->ep->conf;
	unsigned n = r->method == SIP_INVITE	 ? c->ua.retry_invite
		     : r->method == SIP_REGISTER ? c->ua.retry_register
						 : 0;
	uint64_t ms = 0;

	if (r->method == SIP_ACK)
		return 0;
	if (n > 0)
		ms = c->ua.trying_ms * ((2ull << n) - 1);
	if (ms == 0 && r->to.left > 0)
		ms = HOP_PATIENCE_MS;
	return ms < 32000 ? (unsigned)ms : 0;
}

static void on_patience(void *arg)
{
	struct out_req *r = arg;

	if (r->orq == NULL || r->cancelled)
		return;
	/* RFC 3261 9.1: should it speak after all, it is told to stop */
	if (r->method == SIP_INVITE)
		nta_outgoing_tcancel(r->orq, NULL, NULL, TAG_END());
	nta_outgoing_destroy(r->orq);
	r->orq = NULL;
	nta_req_failed(r, 408);
}

void nta_req_sent(struct out_req *r)
{
	unsigned ms = patience_of(r);

	if (ms > 0 && r->orq != NULL)
		nta_timer_start(
			&r->port->pub, &r->patience, ms, on_patience, r);
}

void nta_req_prepare(struct out_req *r, const struct hop_target *t)
{
	r->to.now = t->addr;
	r->to.left = t->left;
	if (t->left == 0 || r->method == SIP_ACK)
		return;
	r->spare = msg_dup(r->msg);
	need(r->spare != NULL);
}

/* ---- once more ---- */

static bool leads_on(const struct out_req *r, int status, bool local)
{
	if (local)
		return status == 408 || status == 503;
	return status == 503 && (r->dlg == NULL || !r->dlg->confirmed);
}

bool nta_req_again(struct out_req *r, int status, bool local)
{
	if (!r->to.named || !addr_is_set(&r->to.now) || r->cancelled ||
		r->answered || !leads_on(r, status, local))
		return false;
	nta_address_failed(r->port, r->ep->transport, &r->to.now, r->to.host,
		local ? "no answer" : "it answered 503");
	if (r->spare == NULL || r->to.ntried == HOP_TRIES_MAX ||
		(r->dlg != NULL && r->dlg->closed))
		return false;
	metric_inc(M_SIP_NEXT_ADDRESS);
	r->to.tried[r->to.ntried++] = r->to.now;
	r->to.now = (struct addr){ 0 };
	if (r->orq != NULL)
		nta_outgoing_destroy(r->orq);
	r->orq = NULL;
	if (r->msg != NULL)
		msg_destroy(r->msg);
	r->msg = r->spare;
	r->spare = NULL;
	r->flow = nta_flow_drop(r->flow);
	nta_timer_stop(&r->port->pub, &r->patience);
	nta_timer_stop(&r->port->pub, &r->timer);
	nta_req_branch(r);
	if (r->dlg != NULL && r->dlg->uac && !r->dlg->confirmed)
		nta_dlg_begin_again(r->dlg);
	go(r);
	return true;
}

/* A registration by a proxy that its calls shall go to as well. */
static void note_stay(const struct out_req *r)
{
	const struct stay_key k = { .host = r->to.host,
		.port = r->to.port,
		.transport = r->ep->transport,
		.family = r->ep->addr.sa.sa_family };

	if (stays_note(&r->port->stays, &k, &r->to.now))
		log_event(MSG_SIP_ADDRESS_REUSED, NULL,
			L_STR("name", r->to.host),
			L_ADDR("address", &r->to.now));
}

void nta_req_heard(struct out_req *r, int status)
{
	nta_timer_stop(&r->port->pub, &r->patience);
	if (r->to.named && r->to.reuse && r->method == SIP_REGISTER &&
		status >= 200 && status < 300)
		note_stay(r);
	if (r->to.named && status != 503)
		nta_address_good(
			r->port, r->ep->transport, &r->to.now, r->to.host);
}

void nta_req_forget_way(struct out_req *r)
{
	nta_timer_stop(&r->port->pub, &r->patience);
	if (r->spare != NULL)
		msg_destroy(r->spare);
	free(r->to.host);
	free(r->to.peer_name);
	obj_unref(r->to.trustpoint);
}
