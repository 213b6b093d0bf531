/* See refer.h. */
#include "b2bua/call/refer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "base/obj.h"

static const char *const dialog_headers[] = { "Replaces", "Join",
	"Target-Dialog" };

/* ---- dialogs of one leg, as the other one has them ---- */

struct named { /* "call-id;to-tag=x;from-tag=y;early-only" */
	struct slice call_id, to, from, rest;
};

/* Target-Dialog says local-tag and remote-tag: of who wrote it. */
static bool parse_named(struct slice value, struct named *out)
{
	size_t end = slice_find(value, ';');
	struct slice params = slice_from(value, end), one;
	struct slice p = params;

	*out = (struct named){ .call_id = slice_trim(slice_head(value, end)) };
	if (!sip_param(params, "to-tag", &out->to) &&
		!sip_param(params, "remote-tag", &out->to))
		return false;
	if (!sip_param(params, "from-tag", &out->from) &&
		!sip_param(params, "local-tag", &out->from))
		return false;
	while (sip_param_cut(&p, &one))
		if (slice_caseeq_str(slice_trim(one), "early-only"))
			out->rest = SLICE_LIT(";early-only");
	return out->call_id.n > 0 && out->to.n > 0 && out->from.n > 0;
}

static bool ids_of(const struct leg *l, struct sip_dlg_ids *out)
{
	struct sip_port *port = l->call->core->port;

	if (l->dlg == NULL)
		return false;
	port->ops->dlg_ids(port, l->dlg, out);
	return out->remote_tag.n > 0;
}

/* Does it name this leg's dialog? *reversed: as the far end sees it. */
static bool names_leg(
	const struct leg *l, const struct named *n, bool *reversed)
{
	struct sip_dlg_ids ids;

	if (!ids_of(l, &ids) || !slice_eq(n->call_id, ids.call_id))
		return false;
	*reversed = slice_caseeq(n->to, ids.remote_tag);
	return *reversed ? slice_caseeq(n->from, ids.local_tag)
			 : slice_caseeq(n->to, ids.local_tag) &&
				   slice_caseeq(n->from, ids.remote_tag);
}

/* The leg on that side whose dialog it names, as we have it or as the far end
 * has it: both may be there, where a proxy inside sends calls back to us. */
static struct leg *find_leg(const struct core *core, enum conf_side where,
	const struct named *n, bool reversed)
{
	struct leg *l = NULL;
	bool seen_from_there;

	while ((l = leg_by_call_id(core, n->call_id, l)) != NULL)
		if (l->where == where && names_leg(l, n, &seen_from_there) &&
			seen_from_there == reversed)
			return l;
	return NULL;
}

bool refer_map_dialog(
	const struct refer_side *to, struct slice value, struct text *out)
{
	struct sip_dlg_ids ids;
	struct named n;
	bool reversed = false, target;
	const struct leg *l;
	struct slice v;

	if (!parse_named(value, &n))
		return false;
	target = sip_param(
		slice_from(value, slice_find(value, ';')), "remote-tag", &v);
	l = find_leg(to->core, to->from, &n, false);
	/* What names a dialog as its far end has it is meant for that one
	 * (RFC 3891 3): on the same side it is told already. */
	if (l == NULL && to->from != to->where) {
		l = find_leg(to->core, to->from, &n, true);
		reversed = true;
	}
	if (l == NULL || !ids_of(leg_other_const(l), &ids))
		return false;
	text_printf(out, "%.*s;%s=%.*s;%s=%.*s%.*s", SLICE_ARG(ids.call_id),
		target ? "remote-tag" : "to-tag",
		SLICE_ARG(reversed ? ids.local_tag : ids.remote_tag),
		target ? "local-tag" : "from-tag",
		SLICE_ARG(reversed ? ids.remote_tag : ids.local_tag),
		SLICE_ARG(n.rest));
	return true;
}

bool refer_find(struct refer_named *out, const struct core *core,
	enum conf_side where, struct slice value)
{
	struct named n;
	struct leg *l;

	if (!parse_named(value, &n))
		return false;
	out->reversed = false;
	l = find_leg(core, where, &n, false);
	if (l == NULL) {
		out->reversed = true;
		l = find_leg(core, where, &n, true);
	}
	if (l == NULL)
		return false;
	out->call = l->call;
	out->side = l->side;
	out->early_only = n.rest.n > 0;
	return true;
}

/* ---- Refer-To ---- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character that "%41" stands for; -1: it is none, or a control character,
 * which would begin a header of its own where the value goes into one. */
static int escaped(struct slice s, size_t at)
{
	int c;

	if (s.p[at] != '%' || at + 2 >= s.n || hex(s.p[at + 1]) < 0 ||
		hex(s.p[at + 2]) < 0)
		return -1;
	c = hex(s.p[at + 1]) << 4 | hex(s.p[at + 2]);
	return c >= ' ' && c != 0x7f ? c : -1;
}

static char *unescape(struct slice s)
{
	char *out = mem_new(s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int c = escaped(s, i);

		out[n++] = c >= 0 ? (char)c : s.p[i];
		i += c >= 0 ? 2 : 0;
	}
	out[n] = '\0';
	return out;
}

/* RFC 3261 25.1: hvalue. */
static void escape(struct text *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') ||
			strchr("-_.!~*'()", c) != NULL)
			text_addc(out, c);
		else
			text_printf(out, "%%%02X", (unsigned char)c);
	}
}

static bool names_dialog(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(dialog_headers); i++)
		if (slice_caseeq_str(name, dialog_headers[i]))
			return true;
	return false;
}

char *refer_uri_header(struct slice headers, const char *name)
{
	struct slice one;

	while (slice_cut(&headers, '&', &one)) {
		size_t eq = slice_find(one, '=');

		if (slice_caseeq_str(slice_head(one, eq), name))
			return unescape(slice_from(one, eq + 1));
	}
	return NULL;
}

/* "Replaces=…&X=…" */
static void pass_uri_headers(
	const struct refer_side *to, struct slice headers, struct text *out)
{
	struct slice one;
	bool first = true;

	while (slice_cut(&headers, '&', &one)) {
		size_t eq = slice_find(one, '=');
		struct slice name = slice_head(one, eq);
		char *value = unescape(slice_from(one, eq + 1));
		struct text mapped = { 0 };

		text_addc(out, first ? '?' : '&');
		first = false;
		if (names_dialog(name) &&
			refer_map_dialog(to, slice_str(value), &mapped)) {
			text_printf(out, "%.*s=", SLICE_ARG(name));
			escape(out, text_slice(&mapped));
		} else {
			text_add(out, one);
		}
		text_free(&mapped);
		free(value);
	}
}

/* The number behind one of our tokens; else the user part as it is. */
static struct slice user_for(const struct refer_side *to, struct slice user)
{
	const struct binding *b =
		registrar_is_token(user)
			? registrar_by_token(to->core->registrar, user)
			: NULL;

	return b != NULL ? slice_str(b->line->user) : user;
}

/* Where that side finds a number: the access side asks us; inside, who named
 * us means the server that is spoken to. */
static void add_host(
	const struct refer_side *to, const struct sip_uri *u, struct text *out)
{
	struct sip_port *port = to->core->port;
	char host[ADDR_TEXT + 64], text[ADDR_TEXT];

	if (to->where == CONF_ACCESS &&
		port->ops->contact_host(
			port, to->listener, host, sizeof(host))) {
		text_add(out, slice_str(host));
		return;
	}
	if (to->where == CONF_CORE && addr_is_set(&to->addr) &&
		call_names_us(to->core->conf, u->host)) {
		text_printf(out, "%s:%u", addr_uri_host(&to->addr, text),
			addr_port(&to->addr));
		return;
	}
	text_printf(out,
		slice_find(u->host, ':') < u->host.n ? "[%.*s]" : "%.*s",
		SLICE_ARG(u->host));
	if (u->port != 0)
		text_printf(out, ":%u", u->port);
	text_add(out, u->params);
}

char *refer_target(const struct refer_side *to, struct slice value)
{
	struct sip_name_addr na;
	struct sip_uri u;
	struct text t = { 0 };
	struct slice method;

	if (sip_name_addr_parse(value, &na) != 0 ||
		sip_uri_parse(na.uri, &u) != 0 || u.host.n == 0)
		return slice_dup(value); /* tel:, http: … */
	text_printf(&t, "%.*s%s<sip:", SLICE_ARG(na.display),
		na.display.n > 0 ? " " : "");
	if (u.user.n > 0) {
		sip_user_escape(&t, user_for(to, u.user));
		text_addc(&t, '@');
	}
	add_host(to, &u, &t);
	if (to->where == CONF_ACCESS && sip_param(u.params, "method", &method))
		text_printf(&t, ";method=%.*s", SLICE_ARG(method));
	pass_uri_headers(to, u.headers, &t);
	text_printf(&t, ">%.*s", SLICE_ARG(na.params));
	return text_take(&t);
}

void refer_pass(
	const struct refer_side *to, const struct sip_msg *m, struct hdrs *h)
{
	static const char *const addresses[] = { "Refer-To", "Referred-By" };

	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct slice v = sip_msg_header(m, addresses[i]);
		char *passed;

		if (v.n == 0)
			continue;
		passed = refer_target(to, v);
		hdrs_add_str(h, addresses[i], passed);
		free(passed);
	}
	for (size_t i = 0; i < ARRAY_SIZE(dialog_headers); i++) {
		struct slice v = sip_msg_header(m, dialog_headers[i]);
		struct text t = { 0 };

		if (v.n > 0 && refer_map_dialog(to, v, &t))
			hdrs_add(h, dialog_headers[i], text_slice(&t));
		else if (v.n > 0)
			hdrs_add(h, dialog_headers[i], v);
		text_free(&t);
	}
}

/* ---- within a call ---- */

void refer_ended(struct call *c, int from, uint32_t out)
{
	struct refers *r = &c->refers;

	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].from == from && r->v[i].out == out)
			r->v[i--] = r->v[--r->n];
}

static bool wants_notify(const struct sip_msg *m)
{
	return !slice_caseeq_str(
		slice_trim(sip_msg_header(m, "Refer-Sub")), "false");
}

void refer_request(struct call *c, const struct event *e)
{
	struct leg *other = &c->leg[1 - e->side];
	struct sip_port *port = c->core->port;
	struct sip_dlg_ids ids;
	struct sip_name_addr na;

	if (transfer_ends_here(c)) {
		transfer_refer(c, e);
		return;
	}
	if (sip_msg_header(e->m, "Refer-To").n == 0 ||
		sip_name_addr_parse(sip_msg_header(e->m, "Refer-To"), &na) !=
			0) {
		core_refuse(c->core, e->txn, REFUSE_BAD_REFER);
		return;
	}
	if (c->refers.n == REFERS_MAX) {
		core_refuse(c->core, e->txn, REFUSE_TRANSFERS);
		return;
	}
	if (!call_pass_on(c, e) || !wants_notify(e->m))
		return;
	port->ops->dlg_ids(port, other->dlg, &ids);
	c->refers.v[c->refers.n].from = e->side;
	c->refers.v[c->refers.n].in = e->m->cseq;
	c->refers.v[c->refers.n++].out = ids.cseq;
}

/* "refer;id=93": the CSeq of the REFER, which is another one on each leg. */
static void pass_event(struct call *c, const struct event *e,
	const struct sip_hdr **hdr, struct sip_hdr *own, char text[64])
{
	struct slice v = sip_msg_header(e->m, "Event"), id;
	uint64_t n;

	*hdr = NULL;
	if (!sip_param(slice_from(v, slice_find(v, ';')), "id", &id) ||
		slice_uint(id, UINT32_MAX, &n) != 0)
		return;
	for (size_t i = 0; i < c->refers.n; i++) {
		if (c->refers.v[i].from == e->side || c->refers.v[i].out != n)
			continue;
		(void)snprintf(text, 64, "refer;id=%u", c->refers.v[i].in);
		*own = (struct sip_hdr){ .name = SLICE_LIT("Event"),
			.value = slice_str(text) };
		*hdr = own;
	}
}

/* Which of them it tells of: by id, or the oldest of that side. */
static size_t told_of(const struct call *c, const struct event *e)
{
	struct slice v = sip_msg_header(e->m, "Event"), id;
	uint64_t n = 0;

	if (!sip_param(slice_from(v, slice_find(v, ';')), "id", &id) ||
		slice_uint(id, UINT32_MAX, &n) != 0)
		n = 0;
	for (size_t i = 0; i < c->refers.n; i++)
		if (c->refers.v[i].from != e->side &&
			(n == 0 || c->refers.v[i].out == n))
			return i;
	return c->refers.n;
}

/* A fragment tells a phone how it went, not where (RFC 3420). */
static struct slice status_line(struct slice body)
{
	size_t end = slice_find(body, '\n');

	if (end < body.n)
		end++;
	return slice_head(body, end);
}

void refer_notify(struct call *c, const struct event *e)
{
	struct slice v = sip_msg_header(e->m, "Event");
	struct slice type = sip_msg_header(e->m, "Content-Type");
	struct slice state = sip_msg_header(e->m, "Subscription-State");
	bool refer = slice_caseeq_str(
		slice_trim(slice_head(v, slice_find(v, ';'))), "refer");
	size_t i = told_of(c, e);
	struct event own = *e;
	static struct sip_msg m; /* of the sip thread */
	struct sip_hdr event;
	const struct sip_hdr *hdr = NULL;
	char text[64];

	if (!refer) {
		(void)call_pass_on(c, e);
		return;
	}
	if (i == c->refers.n) {
		core_refuse(c->core, e->txn, REFUSE_NO_DIALOG);
		return;
	}
	pass_event(c, e, &hdr, &event, text);
	m = *e->m;
	own.m = &m;
	for (size_t k = 0; hdr != NULL && k < m.nhdrs; k++)
		if (slice_caseeq_str(m.hdr[k].name, "Event"))
			m.hdr[k].value = hdr->value;
	if (c->leg[1 - e->side].where == CONF_ACCESS &&
		slice_casestarts(type, "message/sipfrag"))
		m.body = status_line(m.body);
	if (slice_casestarts(slice_trim(state), "terminated"))
		refer_ended(c, c->refers.v[i].from, c->refers.v[i].out);
	(void)call_pass_on(c, &own);
}
