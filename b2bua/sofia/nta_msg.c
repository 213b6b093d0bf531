/*
 * Between Sofia's messages and those of sip_port.h. Headers are taken as they
 * stood on the wire (Sofia keeps their text, MSG_DO_EXTRACT_COPY) and are
 * written back verbatim, in their order, as headers unknown to Sofia.
 */
#include <errno.h>
#include <string.h>

#include "b2bua/sofia/nta_int.h"
#include "base/metric.h"
#include "base/wire.h"

static const sip_method_t methods[] = {
	[SIP_OTHER] = sip_method_unknown,
	[SIP_INVITE] = sip_method_invite,
	[SIP_ACK] = sip_method_ack,
	[SIP_BYE] = sip_method_bye,
	[SIP_CANCEL] = sip_method_cancel,
	[SIP_REGISTER] = sip_method_register,
	[SIP_OPTIONS] = sip_method_options,
	[SIP_UPDATE] = sip_method_update,
	[SIP_INFO] = sip_method_info,
	[SIP_PRACK] = sip_method_prack,
	[SIP_REFER] = sip_method_refer,
	[SIP_NOTIFY] = sip_method_notify,
	[SIP_SUBSCRIBE] = sip_method_subscribe,
	[SIP_MESSAGE] = sip_method_message,
	[SIP_PUBLISH] = sip_method_publish,
};

enum sip_method nta_method(sip_method_t m)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (methods[i] == m)
			return (enum sip_method)i;
	return SIP_OTHER;
}

sip_method_t nta_method_out(
	enum sip_method m, const char *name, const char **out_name)
{
	*out_name = m == SIP_OTHER ? name : sip_method_text(m);
	return methods[m];
}

/* ---- reading ---- */

/* Not among the pass-through headers: see struct sip_msg. */
static bool is_ours(const msg_hclass_t *hc)
{
	return hc == sip_request_class || hc == sip_status_class ||
	       hc == sip_via_class || hc == sip_route_class ||
	       hc == sip_record_route_class || hc == sip_from_class ||
	       hc == sip_to_class || hc == sip_call_id_class ||
	       hc == sip_cseq_class || hc == sip_contact_class ||
	       hc == sip_max_forwards_class || hc == sip_expires_class ||
	       hc == sip_content_length_class || hc == sip_separator_class ||
	       hc == sip_payload_class || hc == sip_error_class;
}

/* A repeated single-value header: policy looked at the first one. */
static bool is_repeat(const sip_t *sip, const msg_header_t *h)
{
	const msg_header_t *e = (const msg_header_t *)sip->sip_error;

	for (; e != NULL; e = e->sh_next)
		if (e == h)
			return true;
	return false;
}

static struct slice raw_of(const msg_header_t *h)
{
	return slice_of(h->sh_data, h->sh_len);
}

/* RFC 3261 7.3.1: line folding is one space. */
static struct slice unfold(struct slice s, su_home_t *home)
{
	char *out;
	size_t n = 0;

	if (slice_find(s, '\n') == s.n && slice_find(s, '\r') == s.n)
		return s;
	out = su_alloc(home, (isize_t)s.n);
	need(out != NULL);
	for (size_t i = 0; i < s.n;) {
		if (s.p[i] != '\r' && s.p[i] != '\n') {
			out[n++] = s.p[i++];
			continue;
		}
		while (n > 0 && (out[n - 1] == ' ' || out[n - 1] == '\t'))
			n--;
		while (i < s.n && strchr("\r\n \t", s.p[i]) != NULL &&
			s.p[i] != '\0')
			i++;
		out[n++] = ' ';
	}
	return slice_of(out, n);
}

static struct slice value_of(const msg_header_t *h, su_home_t *home)
{
	struct slice raw = raw_of(h);
	size_t colon = slice_find(raw, ':');

	return unfold(slice_trim(slice_from(raw, colon + 1)), home);
}

static struct slice name_of(const msg_header_t *h)
{
	if (h->sh_class == sip_unknown_class)
		return slice_str(((const sip_unknown_t *)h)->un_name);
	return slice_str(h->sh_class->hc_name);
}

static int64_t number(struct slice s)
{
	uint64_t n;

	return slice_uint(s, UINT32_MAX, &n) == 0 ? (int64_t)n : UINT32_MAX;
}

static bool read_contacts(struct sip_msg *m, struct slice value)
{
	struct slice rest = value, one, v;

	if (slice_eq_str(slice_trim(value), "*")) {
		if (m->ncontacts == 0)
			m->contact[m->ncontacts++].star = true;
		return true;
	}
	while (sip_name_addr_cut(&rest, &one)) {
		struct sip_name_addr na;
		struct sip_contact *c;

		if (m->ncontacts == SIP_CONTACTS_MAX ||
			sip_name_addr_parse(one, &na) != 0)
			return false;
		c = &m->contact[m->ncontacts++];
		c->display = na.display;
		c->uri = na.uri;
		c->params = na.params;
		c->expires =
			sip_param(na.params, "expires", &v) ? number(v) : -1;
	}
	return true;
}

static bool read_header(struct sip_msg *m, const sip_t *sip,
	const msg_header_t *h, su_home_t *home)
{
	struct slice value = value_of(h, home);

	if (slice_find(value, '\0') < value.n)
		return false;
	if (h->sh_class == sip_contact_class)
		return read_contacts(m, value);
	if (h->sh_class == sip_from_class)
		m->from = value;
	else if (h->sh_class == sip_to_class)
		m->to = value;
	else if (h->sh_class == sip_call_id_class)
		m->call_id = value;
	else if (h->sh_class == sip_expires_class)
		m->expires = number(value);
	if (is_ours(h->sh_class) || is_repeat(sip, h))
		return true;
	if (m->nhdrs == SIP_HDRS_MAX)
		return false;
	m->hdr[m->nhdrs++] =
		(struct sip_hdr){ .name = name_of(h), .value = value };
	return true;
}

static void read_start(struct sip_msg *m, const sip_t *sip)
{
	if (sip->sip_request != NULL) {
		struct slice line =
			raw_of((const msg_header_t *)sip->sip_request);
		struct slice method = { 0 };

		m->method = nta_method(sip->sip_request->rq_method);
		m->method_name = slice_str(sip->sip_request->rq_method_name);
		if (slice_word(&line, &method))
			(void)!slice_word(&line, &m->ruri);
		if (sip->sip_via != NULL)
			m->via_host = slice_str(sip->sip_via->v_host);
	} else {
		m->response = true;
		m->status = sip->sip_status->st_status;
		m->reason = slice_str(sip->sip_status->st_phrase);
		m->method = nta_method(sip->sip_cseq->cs_method);
		m->method_name = slice_str(sip->sip_cseq->cs_method_name);
	}
}

bool nta_msg_read(struct sip_msg *m, msg_t *msg)
{
	const sip_t *sip = sip_object(msg);
	const msg_header_t *h = *msg_chain_head(msg);
	bool ok = true;

	memset(m, 0, offsetof(struct sip_msg, contact));
	memset(m->contact, 0, sizeof(m->contact));
	m->nhdrs = 0;
	m->body = (struct slice){ 0 };
	m->max_forwards = -1;
	m->expires = -1;
	read_start(m, sip);
	if (m->response && (m->status < 100 || m->status > 699))
		ok = false; /* Sofia takes any number */
	m->from_tag = slice_str(sip->sip_from->a_tag);
	m->to_tag = slice_str(sip->sip_to->a_tag);
	m->cseq = sip->sip_cseq->cs_seq;
	if (sip->sip_max_forwards != NULL)
		m->max_forwards =
			sip->sip_max_forwards->mf_count > 255
				? 255
				: (int)sip->sip_max_forwards->mf_count;
	for (; h != NULL; h = h->sh_succ)
		if (h->sh_class != NULL && h->sh_len > 0 &&
			h->sh_class != sip_payload_class &&
			!read_header(m, sip, h, msg_home(msg)))
			ok = false;
	if (sip->sip_payload != NULL)
		m->body = slice_of(
			sip->sip_payload->pl_data, sip->sip_payload->pl_len);
	return ok;
}

void nta_msg_local(struct sip_msg *m, const struct out_req *r, int status)
{
	memset(m, 0, offsetof(struct sip_msg, contact));
	m->nhdrs = 0;
	m->body = (struct slice){ 0 };
	m->response = true;
	m->local = true;
	m->method = r->method;
	m->method_name = slice_str(r->method_name);
	m->status = status;
	m->reason = slice_str(sip_status_phrase(status));
	m->cseq = r->cseq;
	m->max_forwards = -1;
	m->expires = -1;
}

/* ---- writing ---- */

msg_t *nta_msg_new(struct endpoint *ep)
{
	msg_t *msg = nta_msg_create(ep->agent, 0);

	need(msg != NULL);
	su_home_preload(msg_home(msg), 1, NTA_MSG_ROOM);
	return msg;
}

bool nta_text_clean(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
			return false;
	return true;
}

static char *put_text(char *to, struct slice s)
{
	memcpy(to, s.n > 0 ? s.p : "", s.n);
	to[s.n] = '\0';
	return to + s.n + 1;
}

/* Name and value stand behind the header, in the same block. */
static int write_header(msg_t *msg, const struct sip_hdr *hdr)
{
	msg_header_t *h;
	sip_unknown_t *u;
	char *room;

	if (!nta_text_clean(hdr->name) || !nta_text_clean(hdr->value) ||
		hdr->name.n == 0)
		return EINVAL;
	h = msg_header_alloc(msg_home(msg), sip_unknown_class,
		(isize_t)(hdr->name.n + hdr->value.n + 2));
	need(h != NULL);
	u = (sip_unknown_t *)h;
	room = (char *)h + sip_unknown_class->hc_size;
	u->un_name = room;
	room = put_text(room, hdr->name);
	u->un_value = room;
	(void)put_text(room, hdr->value);
	return msg_header_insert(msg, msg_object(msg), h) < 0 ? EINVAL : 0;
}

static void write_body(msg_t *msg, struct slice body)
{
	su_home_t *home = msg_home(msg);
	sip_payload_t *pl;

	if (body.n == 0)
		return;
	pl = sip_payload_create(home, body.p, (isize_t)body.n);
	need(pl != NULL);
	(void)msg_header_insert(msg, msg_object(msg), (msg_header_t *)pl);
}

int nta_msg_write(msg_t *msg, const struct sip_out *o)
{
	if (o == NULL)
		return 0;
	for (size_t i = 0; i < o->nhdrs; i++) {
		int err = write_header(msg, &o->hdr[i]);

		if (err != 0)
			return err;
	}
	write_body(msg, o->body);
	return 0;
}

char *nta_contact(struct endpoint *ep, const struct conn *c,
	const struct addr *peer, bool sips, const struct sip_out *o)
{
	char host[ADDR_TEXT + 32];
	struct slice params = { 0 }, name = { 0 };
	struct text user = { 0 };
	char *contact, *rest = NULL;

	if (o != NULL)
		sip_user_escape(&user, o->contact_user);
	if (o != NULL && nta_text_clean(o->contact_params))
		params = o->contact_params;
	if (!nta_contact_host(ep, c, peer, host, sizeof(host)))
		host[0] = '\0';
	/* RFC 3261 26.2.2: sips says TLS, transport=tls is for sip only */
	if (sips)
		host[slice_find(slice_str(host), ';')] = '\0';
	/* a name with the port and parameters of the address */
	if (o != NULL && nta_text_clean(o->contact_host))
		name = o->contact_host;
	if (name.n > 0)
		rest = host[0] == '[' ? strchr(host, ']') + 1
				      : strchr(host, ':');
	contact = mem_printf("<%s:%.*s%s%.*s%s>%.*s", sips ? "sips" : "sip",
		SLICE_ARG(text_slice(&user)), user.n > 0 ? "@" : "",
		SLICE_ARG(name), rest != NULL ? rest : host, SLICE_ARG(params));
	text_free(&user);
	return contact;
}
