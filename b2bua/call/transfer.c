/* REFER and Replaces answered here; see transfer.h. */
#include "b2bua/call/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/call/pickup.h"
#include "b2bua/call/referrer.h"
#include "base/metric.h"
#include "base/obj.h"

bool transfer_ends_here(const struct call *c)
{
	bool passes = c->conf->voip.refer;

	for (int i = 0; i < 2; i++)
		if (c->leg[i].peer != NULL)
			passes &= c->leg[i].peer->refer;
	return !passes;
}

/* ---- NOTIFY ---- */

static const char *phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} v[] = { { 100, "Trying" }, { 180, "Ringing" },
		{ 181, "Call Is Being Forwarded" }, { 182, "Queued" },
		{ 183, "Session Progress" }, { 200, "OK" },
		{ 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" },
		{ 407, "Proxy Authentication Required" },
		{ 408, "Request Timeout" }, { 480, "Temporarily Unavailable" },
		{ 481, "Call/Transaction Does Not Exist" },
		{ 482, "Loop Detected" }, { 484, "Address Incomplete" },
		{ 486, "Busy Here" }, { 487, "Request Terminated" },
		{ 488, "Not Acceptable Here" },
		{ 500, "Server Internal Error" },
		{ 503, "Service Unavailable" }, { 600, "Busy Everywhere" },
		{ 603, "Decline" }, { 606, "Not Acceptable" } };

	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (v[i].status == status)
			return v[i].phrase;
	return status < 200 ? "Progress" : status < 300 ? "OK" : "Failed";
}

/* RFC 3420: the status line and, of a failure, why. */
static void fragment(struct call *c, int status, struct text *out)
{
	const struct fail *why = &c->fail;
	char value[CAUSE_TEXT];

	text_printf(out, "SIP/2.0 %d %s\r\n", status, phrase(status));
	if (status < 300)
		return;
	text_printf(out, "Reason: %s\r\n",
		cause_reason(why->q850 != 0 ? why->q850 : cause_q850(status),
			value));
	if (why->warning != 0 && why->text != NULL)
		text_printf(out, "Warning: %s\r\n",
			cause_warning(why->warning,
				c->conf->hostname != NULL ? c->conf->hostname
							  : "lineside",
				why->text, value));
}

static void add(struct sip_msg *m, const char *name, const char *value)
{
	m->hdr[m->nhdrs++] = (struct sip_hdr){ .name = slice_str(name),
		.value = slice_str(value) };
}

void transfer_notify(struct call *c, int status)
{
	static struct sip_msg m; /* of the sip thread */
	struct transfer *t = &c->transfer;
	struct leg *l = &c->leg[t->from];
	struct text body = { 0 };
	char event[32] = "refer";

	if (!t->active || t->told == status)
		return;
	t->told = status;
	t->active = status < 200;
	if (t->silent || l->dlg == NULL)
		return;
	/* RFC 3515 2.4.6: from the second REFER on */
	if (t->count > 1)
		(void)snprintf(event, sizeof(event), "refer;id=%u", t->cseq);
	fragment(c, status, &body);
	m = (struct sip_msg){ .method = SIP_NOTIFY,
		.method_name = SLICE_LIT("NOTIFY"),
		.max_forwards = -1,
		.expires = -1,
		.body = text_slice(&body) };
	add(&m, "Event", event);
	add(&m, "Subscription-State",
		status < 200 ? "active;expires=180"
			     : "terminated;reason=noresource");
	add(&m, "Content-Type", "message/sipfrag;version=2.0");
	/* a failure means that nobody listens any more */
	(void)!leg_send(l, SIP_NOTIFY,
		&(struct leg_msg){ .m = &m, .pass_body = true },
		&cookie_notify);
	text_free(&body);
}

/* ---- REFER ---- */

struct target {
	struct slice uri; /* of Refer-To */
	struct sip_uri u;
	char number[NUMBER_SIZE];
	char *replaces; /* owned; NULL: none */
	struct call *call; /* ours, whose leg it names; NULL: none */
	int side; /* of that leg */
};

static void refuse(
	struct call *c, const struct event *e, const struct fail *why)
{
	metric_inc(M_CALL_TRANSFERS_REFUSED);
	log_event(MSG_CALL_TRANSFER_REFUSED, &c->leg[e->side].log,
		L_STR("number", c->leg[e->side].number),
		L_INT("status", why->status), L_STR("reason", why->text));
	core_refuse_for(c->core, e->txn, why);
}

/* Of status 0: it can be called. */
static struct fail read_target(
	struct target *out, const struct call *c, const struct sip_msg *m)
{
	struct sip_name_addr na;
	struct slice method;

	if (sip_name_addr_parse(sip_msg_header(m, "Refer-To"), &na) != 0)
		return fail_of(REFUSE_BAD_REFER);
	out->uri = na.uri;
	if (sip_uri_parse(na.uri, &out->u) != 0 || out->u.user.n == 0 ||
		sip_user_digits(
			out->u.user, out->number, sizeof(out->number)) != 0)
		return fail_of(REFUSE_BAD_REFER_TARGET);
	if (sip_param(out->u.params, "method", &method) &&
		!slice_caseeq_str(method, "INVITE"))
		return fail_of(REFUSE_REFER_METHOD);
	out->replaces = refer_uri_header(out->u.headers, "Replaces");
	if (out->replaces != NULL) {
		struct refer_named n = { 0 };

		if (refer_find(&n, c->core, c->leg[0].where,
			    slice_str(out->replaces)) ||
			refer_find(&n, c->core, c->leg[1].where,
				slice_str(out->replaces))) {
			out->call = n.call;
			out->side = n.side;
		}
	}
	return (struct fail){ 0 };
}

/* Of status 0: it is allowed. */
static struct fail judge(const struct call *c, const struct target *t)
{
	if (c->state != CALL_UP)
		return fail_of(REFUSE_REFER_EARLY);
	if (c->taker != NULL || c->transfer.active)
		return fail_of(REFUSE_REFER_TWICE);
	if (t->call == NULL)
		return (struct fail){ 0 };
	if (t->call == c || t->call->state != CALL_UP) /* RFC 3891 3 */
		return fail_of(REFUSE_REPLACES_NONE);
	if (t->call->taker != NULL)
		return fail_of(REFUSE_REPLACES_MOVING);
	return (struct fail){ 0 };
}

/* A description as if nobody held: what its author could do. */
static char *unheld(const char *sdp)
{
	static const char *const dirs[] = { "a=sendonly", "a=recvonly",
		"a=inactive" };
	struct slice rest = slice_str(sdp), line;
	struct text t = { 0 };

	while (rest.n > 0) {
		size_t end = slice_find(rest, '\n');
		bool dir = false;

		line = slice_head(rest, end < rest.n ? end + 1 : end);
		rest = slice_from(rest, line.n);
		for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
			dir |= slice_eq_str(slice_trim(line), dirs[i]);
		if (dir)
			text_add(&t, SLICE_LIT("a=sendrecv\r\n"));
		else if (slice_eq_str(slice_trim(line), "c=IN IP4 0.0.0.0"))
			text_add(&t, SLICE_LIT("c=IN IP4 192.0.2.1\r\n"));
		else
			text_add(&t, line);
	}
	return text_take(&t);
}

/* The INVITE that who remains might have sent. */
static struct sip_msg *invite_for(const struct leg *rest,
	const struct target *t, const struct sip_msg *refer, char **ruri)
{
	static struct sip_msg m; /* of the sip thread */
	struct slice by = sip_msg_header(refer, "Referred-By");
	struct text uri = { 0 }, to = { 0 };
	struct sip_msg *copy;

	text_printf(&uri, "sip:");
	sip_user_escape(&uri, t->u.user);
	text_printf(&uri,
		slice_find(t->u.host, ':') < t->u.host.n ? "@[%.*s]" : "@%.*s",
		SLICE_ARG(t->u.host));
	if (t->u.port != 0)
		text_printf(&uri, ":%u", t->u.port);
	text_printf(&to, "<%s>", uri.p);
	m = (struct sip_msg){ .method = SIP_INVITE,
		.method_name = SLICE_LIT("INVITE"),
		.ruri = text_slice(&uri),
		.from = slice_str(rest->who),
		.to = text_slice(&to),
		.max_forwards = refer->max_forwards,
		.expires = -1 };
	if (by.n > 0)
		m.hdr[m.nhdrs++] =
			(struct sip_hdr){ .name = SLICE_LIT("Referred-By"),
				.value = by };
	if (t->replaces != NULL && t->call == NULL)
		add(&m, "Replaces", t->replaces);
	copy = sip_msg_dup(&m);
	*ruri = text_take(&uri);
	text_free(&to);
	return copy;
}

/* As the transferor would be routed: to a phone by our name for it, else by
 * the dial-peers. */
static void route_target(struct call *y, const struct leg *asks,
	const struct target *t, const struct sip_msg *refer, const char *ruri)
{
	const struct conf_dial_peer *v[ROUTE_MAX];
	const struct binding *b =
		registrar_is_token(t->u.user)
			? registrar_by_token(y->core->registrar, t->u.user)
			: NULL;

	slice_fit(slice_str(t->number), y->called, sizeof(y->called));
	slice_fit(slice_str(y->called), y->leg[1].number,
		sizeof(y->leg[1].number));
	if (b == NULL) {
		referrer_route(y, asks, refer, ruri);
		return;
	}
	y->to_token = true;
	v[0] = route_phone(y->conf, b->listener, slice_str(b->line->user));
	call_set_route(y, v, 1);
}

static void take(struct call *y, int side, struct call *from, int from_side)
{
	y->take[side] = (struct takeover){
		.wanted = true, .from = from, .side = from_side
	};
	from->taker = y;
}

/* Leg A of the new call, of who remains, before it moves there. */
static void shell(struct leg *a, const struct leg *rest)
{
	a->where = rest->where;
	a->transport = rest->transport;
	memcpy(a->listener, rest->listener, sizeof(a->listener));
	memcpy(a->number, rest->number, sizeof(a->number));
	log_ctx_keep(&a->log, slice_str(rest->log.phone), slice_str(NULL));
	leg_set_peer(a, rest->peer);
	leg_text_set(&a->who, mem_dup(rest->who));
}

static struct call *call_for(
	struct call *c, const struct event *e, const struct target *t)
{
	struct call *y = call_new(c->core);
	const struct leg *asks = &c->leg[e->side],
			 *rest = leg_other_const(asks);
	char *ruri;

	obj_unref(y->conf);
	y->conf = obj_ref(c->conf);
	shell(&y->leg[0], rest);
	leg_text_set(&y->leg[1].contact_user, mem_dup(asks->contact_user));
	slice_fit(slice_str(rest->number), y->calling, sizeof(y->calling));
	if (rest->now.remote != NULL)
		y->offer = unheld(rest->now.remote);
	y->first = invite_for(rest, t, e->m, &ruri);
	take(y, 0, c, rest->side);
	if (t->call != NULL)
		take(y, 1, t->call, 1 - t->side);
	else
		route_target(y, asks, t, e->m, ruri);
	y->emergency =
		admission_emergency(y->conf, slice_str(y->leg[1].number));
	free(ruri);
	return y;
}

static bool wants_silence(const struct sip_msg *m)
{
	return slice_caseeq_str(
		slice_trim(sip_msg_header(m, "Refer-Sub")), "false");
}

static void accept_refer(struct call *c, const struct event *e)
{
	struct leg *l = &c->leg[e->side];
	static struct sip_msg m; /* of the sip thread */
	struct leg_msg lm = { 0 };

	c->transfer = (struct transfer){ .active = true,
		.silent = wants_silence(e->m),
		.from = e->side,
		.cseq = e->m->cseq,
		.count = c->transfer.count + 1 };
	if (c->transfer.silent) {
		m = (struct sip_msg){ .response = true,
			.status = 202,
			.method = SIP_REFER,
			.max_forwards = -1,
			.expires = -1 };
		add(&m, "Refer-Sub", "false");
		lm.m = &m;
	}
	leg_answer(l, e->txn, 202, &lm);
	transfer_notify(c, 100);
}

void transfer_refer(struct call *c, const struct event *e)
{
	struct target t = { 0 };
	struct fail why = read_target(&t, c, e->m);
	struct call *y;

	if (why.status == 0)
		why = judge(c, &t);
	if (why.status != 0) {
		refuse(c, e, &why);
		free(t.replaces);
		return;
	}
	if (!referrer_may_ask(&c->leg[e->side], e->txn, e->m)) {
		free(t.replaces);
		return;
	}
	metric_inc(M_CALL_TRANSFERS);
	accept_refer(c, e);
	y = call_for(c, e, &t);
	log_event(MSG_CALL_TRANSFER, &c->leg[e->side].log,
		L_STR("by", c->leg[e->side].number),
		L_STR("number", y->leg[0].number),
		L_STR("to", t.call != NULL ? t.call->leg[1 - t.side].number
					   : t.number));
	free(t.replaces);
	call_event(y, &(struct event){ .what = EV_TRANSFER });
}

/* ---- INVITE with Replaces ---- */

/* It is answered here: the side that remains is not told of it. */
static void strip(struct sip_msg *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->nhdrs; i++) {
		struct slice name = m->hdr[i].name;

		if (slice_caseeq_str(name, "Replaces") ||
			(slice_caseeq_str(name, "Require") &&
				slice_caseeq_str(slice_trim(m->hdr[i].value),
					"replaces")))
			continue;
		m->hdr[n++] = m->hdr[i];
	}
	m->nhdrs = n;
}

static size_t count(const struct sip_msg *m, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < m->nhdrs; i++)
		n += slice_caseeq_str(m->hdr[i].name, name);
	return n;
}

/* RFC 3891 3, in its order; true: the leg may be taken. */
static bool may_replace(struct call *c, const struct refer_named *n)
{
	const struct call *x = n->call;

	if (x->state > CALL_UP)
		call_fail(c, REFUSE_REPLACED_ENDED);
	else if (x->taker != NULL)
		call_fail(c, REFUSE_REPLACED_MOVES);
	else if (x->state < CALL_ANSWERED && x->xchg.active)
		call_fail(c, REFUSE_REPLACED_CHANGES);
	else if (x->state < CALL_ANSWERED && !pickup_may(n))
		call_fail(c, REFUSE_REPLACED_UNANSWERED);
	else if (x->state >= CALL_ANSWERED && n->early_only)
		call_fail(c, REFUSE_REPLACED_ANSWERED);
	else if (x->state == CALL_ANSWERED)
		call_fail(c, REFUSE_REPLACED_ANSWERING);
	else
		return true;
	return false;
}

bool transfer_replaces(struct call *c)
{
	struct slice v = sip_msg_header(c->first, "Replaces");
	struct refer_named n = { 0 };

	if (v.n == 0)
		return false;
	if (count(c->first, "Replaces") > 1) {
		call_fail(c, REFUSE_REPLACES_TWICE);
		return true;
	}
	if (!refer_find(&n, c->core, c->leg[0].where, v) || n.reversed ||
		n.call == c || !transfer_ends_here(n.call))
		return false;
	if (!may_replace(c, &n)) {
		metric_inc(M_CALL_TRANSFERS_REFUSED);
		return true;
	}
	strip(c->first);
	metric_inc(M_CALL_REPLACED);
	take(c, 1, n.call, 1 - n.side);
	return true;
}
