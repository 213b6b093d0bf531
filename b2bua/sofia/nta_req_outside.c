/* Requests of ours outside dialogs (REGISTER): every header by hand. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/sofia/nta_int.h"
#include "base/secret.h"

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

static int add_identifiers(
	msg_t *msg, const struct sip_out *o, const char *name)
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
		err = add_identifiers(msg, o, name);
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
	struct endpoint *ep = nta_route_endpoint(p, route);
	struct out_req *r;
	msg_t *msg;
	int err;

	if (ep == NULL)
		return EHOSTUNREACH;
	msg = nta_msg_new(ep);
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
			.port = route->port,
			.trustpoint = route->trustpoint,
			.by_address = route->by_address,
			.reuse = route->reuse,
			.peer_name = route->peer_name,
		};

		nta_req_start_to(r, &w);
	}
	return 0;
}
