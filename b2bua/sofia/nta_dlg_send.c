/*
 * Requests within dialogs: made whole, and sent where the dialog's next hop
 * is: the phone's own connection, or by route set and remote target.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/sofia/nta_int.h"

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

/* The early dialog of that tag; the one in use where there is none. */
static void choose_leg(struct sip_dlg *d, struct slice tag)
{
	for (uint8_t i = 0; i < d->nlegs; i++) {
		const char *known = nta_leg_rtag(d->leg[i]->leg, NULL);

		if (known != NULL && slice_caseeq_str(tag, known))
			d->cur = i;
	}
}

static int add_rack(msg_t *msg, const struct sip_out *o)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "RAck: %u %u INVITE", o->rack.rseq,
		o->rack.cseq);
	return sip_add_tl(
		msg, sip_object(msg), SIPTAG_HEADER_STR(line), TAG_END());
}

static int complete(msg_t *msg, struct sip_dlg *d, const struct sip_out *o)
{
	const char *name;
	sip_method_t method = nta_method_out(o->method, o->method_name, &name);
	size_t query = slice_find(o->ruri, '?');
	char *ruri = slice_dup(slice_head(o->ruri, query));
	sip_max_forwards_t *mf = (sip_max_forwards_t *)msg_header_alloc(
		msg_home(msg), sip_max_forwards_class, 0);
	int r;

	need(mf != NULL);
	mf->mf_count = o->max_forwards >= 0 ? (unsigned)o->max_forwards : 70;
	r = msg_header_insert(msg, msg_object(msg), (msg_header_t *)mf);
	if (r >= 0 && o->method == SIP_ACK) {
		sip_cseq_t *cs = sip_cseq_create(
			msg_home(msg), d->invite_cseq, SIP_METHOD_ACK);

		r = msg_header_insert(msg, msg_object(msg), (msg_header_t *)cs);
	}
	if (r >= 0 && o->method == SIP_PRACK)
		r = add_rack(msg, o);
	if (r >= 0)
		r = nta_msg_request_complete(msg, d->leg[d->cur]->leg, method,
			name, o->ruri.n > 0 ? URL_STRING_MAKE(ruri) : NULL);
	free(ruri);
	return r < 0 ? EINVAL : 0;
}

static msg_t *request_new(struct sip_dlg *d, const struct sip_out *o, int *err)
{
	msg_t *msg = nta_msg_new(d->ep);

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

/* The dialog has one, and its outbound proxy wants no part in it. */
static bool leaves_proxy(const struct sip_dlg *d, sip_t const *sip)
{
	return d->route.target_name != NULL && sip->sip_route == NULL &&
	       nta_leg_rtag(d->leg[d->cur]->leg, NULL) != NULL;
}

static void start(struct sip_dlg *d, struct out_req *r)
{
	sip_t const *sip = sip_object(r->msg);
	bool direct = leaves_proxy(d, sip);
	const url_t *url;
	char host[256];
	struct hop_want w = {
		.ep = d->ep,
		.trustpoint = d->route.trustpoint,
		.by_address = d->route.by_address,
		.reuse = d->route.reuse,
		.peer_name = d->route.peer_name,
	};

	if (d->flow != NULL && !direct && (!d->reconnect || !d->flow->closed)) {
		nta_req_start_on(r, d->flow);
		return;
	}
	w.host = d->route.host;
	w.port = d->route.port;
	if (nta_leg_rtag(d->leg[d->cur]->leg, NULL) != NULL) {
		url = next_hop(sip);
		if (url->url_host == NULL ||
			!slice_copy(
				slice_str(url->url_host), host, sizeof(host)))
			host[0] = '\0';
		if (direct)
			w.peer_name = d->route.target_name;
		else if (w.peer_name == NULL)
			w.peer_name = d->route.host;
		w.host = host;
		w.port = port_number(url->url_port, 0);
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
		nta_dlg_begin_again(d);
	if (d->uac && !d->confirmed && o->method == SIP_INVITE)
		d->sips = slice_casestarts(o->ruri, "sips:");
	if (o->method == SIP_PRACK)
		choose_leg(d, o->rack.tag);
	msg = request_new(d, o, &err);
	if (msg == NULL)
		return err;
	r = nta_req_new(d->ep, msg, d, cookie);
	if (o->method == SIP_BYE)
		d->leg[d->cur]->hung_up = true;
	if (o->method == SIP_INVITE) {
		d->invite = r;
		for (unsigned i = 0; i < d->nlegs; i++)
			d->leg[i]->rel = 0;
	}
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
