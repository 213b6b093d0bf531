/*
 * One side of a call: its dialog, and the messages sent on it. What to say and
 * when is decided by the actions of the call; what comes is in leg_events.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/dtmf/keys_int.h"
#include "base/obj.h"

static const struct sip_port_ops *ops(const struct leg *l)
{
	return l->call->core->port->ops;
}

static struct sip_port *port(const struct leg *l)
{
	return l->call->core->port;
}

void leg_text_set(char **slot, char *text)
{
	if (*slot != NULL)
		mem_wipe(*slot, strlen(*slot));
	free(*slot);
	*slot = text;
}

void leg_names_free(struct leg *l)
{
	leg_text_set(&l->who, NULL);
	leg_text_set(&l->contact_user, NULL);
	log_ctx_forget(&l->log);
}

void leg_set_where(struct leg *l, const struct conf_listener *cl)
{
	l->where = cl->side;
	l->transport = cl->transport;
	slice_fit(slice_str(cl->name), l->listener, sizeof(l->listener));
}

static unsigned weak_taken(const struct conf_dial_peer *p)
{
	if (p == NULL)
		return 0;
	return (p->clear_srtp ? MDESC_UNENCRYPTED_SRTP : 0u) |
	       (p->clear_srtcp ? MDESC_UNENCRYPTED_SRTCP : 0u) |
	       (p->unsigned_srtp ? MDESC_UNAUTHENTICATED_SRTP : 0u);
}

void leg_set_peer(struct leg *l, const struct conf_dial_peer *p)
{
	const struct conf *conf = l->call->conf;
	bool peer_cisco = l->policy.peer_cisco; /* of the dialog, not of `p` */

	l->peer = p;
	l->policy = (struct neg_policy){
		.srtp = p != NULL ? conf_peer_srtp(conf, p) : conf->voip.srtp,
		.keys_allowed = l->transport == CONF_TLS ||
				(p != NULL && p->insecure_sdes),
		.cm256_names = p != NULL && p->cm256_names,
		.unpadded_keys = p != NULL && p->unpadded_keys,
		.any_tag = p != NULL && p->any_tag,
		.weak = weak_taken(p),
		.clear_datagrams = p != NULL && p->insecure_udptl,
		.no_fax = conf_peer_fax(conf, p) != CONF_FAX_T38,
		.audio_only =
			conf->voip.audio_only || (p != NULL && p->audio_only),
		.form = conf_peer_srtp_offer(conf, p),
		.cisco = conf->voip.srtp_cisco || (p != NULL && p->srtp_cisco),
		.peer_cisco = peer_cisco,
		.latch_once = p != NULL && p->latch_once,
		.rtcp_mux = conf_peer_rtcp_mux(conf, p),
		.dscp = (uint8_t)conf_dscp_media(p),
		.dtmf_nte = keys_listed(l, CONF_DTMF_NTE),
		.no_events = p != NULL && p->ndtmf > 0 &&
			     !keys_listed(l, CONF_DTMF_NTE),
		.moh = p != NULL && p->moh != NULL,
		.codecs = p != NULL ? p->codecs : NULL,
		.cryptos = p != NULL ? conf_peer_cryptos(p) : NULL,
	};
}

void leg_set_who(struct leg *l, struct slice name_addr)
{
	struct sip_name_addr na;

	if (sip_name_addr_parse(name_addr, &na) != 0)
		return;
	leg_text_set(&l->who,
		mem_printf("%.*s%s<%.*s>", SLICE_ARG(na.display),
			na.display.n > 0 ? " " : "", SLICE_ARG(na.uri)));
}

void leg_reset(struct leg *l)
{
	leg_unfile(l);
	if (l->dlg != NULL) {
		call_relays_over(l);
		ops(l)->dlg_close(port(l), l->dlg);
	}
	l->dlg = NULL;
	l->invite_pending = l->confirmed = l->acked = false;
	l->bye_pending = l->bye_after_ack = l->joining = l->gone = false;
	l->said = 0;
	leg_text_set(&l->now.local, NULL);
	leg_text_set(&l->now.remote, NULL);
	leg_text_set(&l->next.local, NULL);
	leg_text_set(&l->next.remote, NULL);
	l->hidden = false;
	sdp_shape_free(&l->shape);
	l->identity = obj_unref(l->identity);
	l->flow = obj_unref(l->flow);
	l->fallback = l->opaque = l->protection_told = false;
	l->weak = 0;
	l->policy.peer_cisco = false;
	l->suite = NULL;
	leg_text_set(&l->streams, NULL);
	leg_text_set(&l->settled_tag, NULL);
	l->clear = false;
	l->clear_told = 0;
	l->codec[0] = '\0';
	dlg_auth_free(&l->auth);
	session_timer_stop(l);
	l->st = (struct session_timer){ 0 };
	l->can_update = l->record_aware = l->reoffer = l->settled = false;
	keys_stop(l);
}

void leg_learn(struct leg *l, const struct sip_msg *m)
{
	if (sip_msg_header(m, "Allow").n > 0)
		l->can_update = headers_has_tag(m, "Allow", "UPDATE");
	if (!m->response && m->method == SIP_INVITE)
		l->policy.peer_cisco =
			headers_has_tag(m, "Supported", HEADERS_SRTP_FALLBACK);
	l->record_aware |= headers_has_tag(m, "Supported", "record-aware");
	keys_learn(l, m);
}

/* Of a BYE or CANCEL of ours. */
static void add_why(struct hdrs *h, const struct fail *why)
{
	char text[CAUSE_TEXT];

	if (why->status / 100 != 2) /* RFC 3326: completed elsewhere */
		hdrs_add_str(h, "Reason", cause_reason(fail_q850(why), text));
	if (why->status != 0)
		hdrs_add_str(h, "Reason",
			cause_reason_sip(why->status, why->text, text));
}

static void pass_refer(struct leg *l, const struct sip_msg *m, struct hdrs *h)
{
	struct refer_side to = { .core = l->call->core,
		.from = leg_other(l)->where,
		.where = l->where,
		.listener = l->listener };
	struct sip_peer_info info = { 0 };

	if (l->dlg != NULL)
		ops(l)->dlg_info(port(l), l->dlg, &info);
	to.addr = info.addr;
	refer_pass(&to, m, h);
}

/*
 * Cisco's Call-Info tells a phone what its padlock shows. The call manager
 * knows the leg inside alone: what it claims passes only as far as this leg
 * bears it out. Less than this leg has is not made more, since the other one
 * may be in clear.
 */
static void tell_security(struct leg *l, struct hdrs *h)
{
	bool tls = l->transport == CONF_TLS;
	struct slice v;

	for (size_t i = 0; i < h->n && l->where == CONF_ACCESS; i++) {
		size_t at, end;
		bool full;

		if (!slice_caseeq_str(h->v[i].name, "Call-Info"))
			continue;
		v = h->v[i].value;
		for (at = 0; at < v.n; at++)
			if (slice_casestarts(slice_from(v, at), "security="))
				break;
		if (at == v.n)
			continue;
		at += strlen("security=");
		end = at + slice_find(slice_from(v, at), ';');
		full = slice_caseeq_str(
			slice_head(slice_from(v, at), end - at), "Encrypted");
		if (tls && (!full || call_is_protected(l->call, l->side)))
			continue;
		hdrs_replace(h, i,
			mem_printf("%.*s%s%.*s", SLICE_ARG(slice_head(v, at)),
				tls ? "Authenticated" : "NotAuthenticated",
				SLICE_ARG(slice_from(v, end))));
	}
}

static bool tells_reason(const struct sip_msg *m)
{
	return m != NULL && sip_msg_header(m, "Reason").n > 0;
}

/* The parts that every message has: headers that pass, ours, the body. */
static void build(struct leg *l, struct hdrs *h, struct sip_out *o,
	const struct leg_msg *lm, int status)
{
	struct leg *other = leg_other(l);

	hdrs_init(h);
	if (lm->m != NULL) {
		headers_pass(h, lm->m, other->where, l->where,
			lm->body != NULL ? HDR_BODY_SDP
			: lm->pass_body	 ? HDR_BODY_PASS
					 : HDR_BODY_NONE);
		leg_caller_pass(l, h, lm->m);
		if (lm->pass_body)
			o->body = lm->m->body;
	} else if (lm->body != NULL) {
		hdrs_add_str(h, "Content-Type", "application/sdp");
	}
	if (lm->body != NULL)
		o->body = slice_str(lm->body);
	if (lm->m != NULL && !lm->m->response &&
		(lm->m->method == SIP_REFER || lm->m->method == SIP_INVITE))
		pass_refer(l, lm->m, h);
	tell_security(l, h);
	keys_headers(l, h, lm->session || (lm->body != NULL && status < 300));
	if (lm->why != NULL && status == 0)
		add_why(h, lm->why);
	else if (lm->why != NULL && !tells_reason(lm->m))
		core_add_why(l->call->core, h, lm->why);
	o->nhdrs = h->n;
	o->hdr = h->v;
	o->contact_user = slice_str(l->hidden ? "anonymous" : l->contact_user);
	if (leg_caller(l).contact)
		o->contact_host = slice_str(leg_caller(l).localhost);
	o->max_forwards = -1;
	if (lm->m != NULL && !lm->m->response && lm->m->max_forwards > 0)
		o->max_forwards = lm->m->max_forwards - 1;
}

static void add_allow(const struct leg *l, struct hdrs *h, struct sip_out *o)
{
	bool there = false;

	for (size_t i = 0; i < h->n; i++)
		there |= slice_caseeq_str(h->v[i].name, "Allow");
	if (there)
		hdrs_add_tag(h, "Allow", "PRACK"); /* this leg's own */
	else
		hdrs_add_str(h, "Allow", headers_allow);
	if (transfer_ends_here(l->call)) { /* it is we who take them */
		hdrs_add_tag(h, "Allow", "REFER");
		hdrs_add_tag(h, "Allow", "NOTIFY");
		hdrs_add_tag(h, "Supported", "replaces");
	}
	o->nhdrs = h->n;
}

int leg_send(struct leg *l, enum sip_method method, const struct leg_msg *lm,
	void *cookie)
{
	struct hdrs h;
	struct sip_out o = { .method = method };
	char *body;
	int err;

	if (l->dlg == NULL)
		return ENOTCONN; /* it has gone to another call */
	build(l, &h, &o, lm, 0);
	if (method == SIP_INVITE || method == SIP_UPDATE) {
		add_allow(l, &h, &o);
		hdrs_add_tag(&h, "Supported", "timer");
		if (l->policy.cisco && l->policy.srtp == CONF_SRTP_FALLBACK)
			hdrs_add_tag(&h, "Supported", HEADERS_SRTP_FALLBACK);
		session_timer_offer(l, &h, cookie == &cookie_invite);
	}
	if (cookie == &cookie_invite) {
		o.ruri = slice_str(l->call->requri);
		call_rel_offer(l, &h);
		call_numbers_headers(l->call, &h);
	}
	o.nhdrs = h.n;
	body = leg_profile_request(l, lm->m, &h, &o);
	err = leg_auth_send(l, &h, &o, cookie);
	leg_profile_done(body);
	hdrs_free(&h);
	return err;
}

void leg_ack(struct leg *l, const struct leg_msg *lm)
{
	struct hdrs h;
	struct sip_out o = { .method = SIP_ACK };
	char *body;

	build(l, &h, &o, lm, 0);
	body = leg_profile_request(l, lm->m, &h, &o);
	dlg_auth_ack(l->auth, &h, &o);
	/* a failure shows as a repeated 2xx, then as a BYE of the far end */
	(void)ops(l)->ack(port(l), l->dlg, &o);
	leg_profile_done(body);
	hdrs_free(&h);
	l->acked = true;
}

void leg_prack(struct leg *l, uint32_t rseq, uint32_t cseq, struct slice tag,
	const char *body)
{
	struct leg_msg lm = { .body = body };
	struct hdrs h;
	struct sip_out o = { .method = SIP_PRACK,
		.rack = { .rseq = rseq, .cseq = cseq, .tag = tag } };

	build(l, &h, &o, &lm, 0);
	/* a failure shows as a repeated response, then as one that fails */
	(void)ops(l)->send(port(l), l->dlg, &o, &cookie_prack);
	hdrs_free(&h);
}

void leg_cancel(struct leg *l, const struct leg_msg *lm)
{
	struct hdrs h;
	struct sip_out o = { .method = SIP_CANCEL };

	build(l, &h, &o, lm, 0);
	ops(l)->cancel(port(l), l->dlg, &o);
	hdrs_free(&h);
}

/* Contact of a 3xx: the number, reached through us or, with host-registrar, at
 * the registrar. What it holds then; free() it. */
static char *add_redirection(
	const struct leg *l, struct sip_out *o, const struct sip_msg *m)
{
	const char *host = leg_caller(l).registrar;
	char *contact;
	struct sip_uri u;

	o->no_contact = m == NULL || m->ncontacts == 0 ||
			sip_uri_parse(m->contact[0].uri, &u) != 0;
	if (o->no_contact)
		return NULL;
	o->contact_user = u.user;
	if (host == NULL)
		return NULL;
	contact = mem_printf("<sip:%.*s%s%s>", SLICE_ARG(u.user),
		u.user.n > 0 ? "@" : "", host);
	o->contacts = slice_str(contact);
	return contact;
}

static void answer(
	struct leg *l, struct sip_txn *t, int status, const struct leg_msg *lm)
{
	struct hdrs h;
	struct sip_out o = { .reliable = lm->reliable && status < 200,
		.passed = status >= 300 && lm->why == NULL };
	char *body, *redirected = NULL;

	build(l, &h, &o, lm, status);
	if (status >= 200 && status < 300)
		add_allow(l, &h, &o);
	if (lm->session && status >= 200 && status < 300) {
		hdrs_add_tag(&h, "Supported", "timer");
		session_timer_answer(l, &h);
		o.nhdrs = h.n;
	}
	if (status / 100 == 3)
		redirected = add_redirection(l, &o, lm->m);
	body = leg_profile_response(l, t, status, lm->m, &h, &o);
	ops(l)->answer(port(l), t, status, NULL, &o);
	leg_profile_done(body);
	hdrs_free(&h);
	free(redirected);
}

void leg_answer(
	struct leg *l, struct sip_txn *t, int status, const struct leg_msg *lm)
{
	need(status < 300);
	answer(l, t, status, lm);
}

void leg_refuse(struct leg *l, struct sip_txn *t, struct fail *why,
	const struct sip_msg *m)
{
	need(why->status >= 300);
	answer(l, t, why->status, &(struct leg_msg){ .m = m, .why = why });
}

void leg_pass(
	struct leg *l, struct sip_txn *t, int status, const struct leg_msg *lm)
{
	struct fail silent;

	need(lm->m->response && lm->why == NULL);
	if (status >= 300 && lm->m->local) {
		silent = fail_silent(lm->m);
		silent.status = status;
		leg_refuse(l, t, &silent, NULL);
	} else {
		answer(l, t, status, lm);
	}
}

void leg_bye(struct leg *l, const struct leg_msg *lm)
{
	if (l->dlg == NULL || l->bye_pending)
		return;
	if (leg_send(l, SIP_BYE, lm, &cookie_bye) == 0)
		l->bye_pending = true;
	l->confirmed = false;
}
