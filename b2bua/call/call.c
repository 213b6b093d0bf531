/*
 * Calls as objects: an INVITE that arrives is judged and routed here, and
 * becomes a call whose table (call_fsm.c) does the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/call/cdr.h"
#include "b2bua/call/referrer.h"
#include "b2bua/line/outside.h"
#include "b2bua/record/siprec.h"
#include "base/metric.h"
#include "base/obj.h"

char cookie_invite, cookie_bye, cookie_xchg, cookie_refresh, cookie_prack,
	cookie_notify, cookie_join, cookie_rejoin;

static void call_free(void *p)
{
	struct call *c = p;

	while (c->relays != NULL) {
		struct relay *r = c->relays;

		c->relays = r->next;
		free(r);
	}
	for (int i = 0; i < 2; i++) {
		struct leg *l = &c->leg[i];

		leg_text_set(&l->now.local, NULL);
		leg_text_set(&l->now.remote, NULL);
		leg_text_set(&l->next.local, NULL);
		leg_text_set(&l->next.remote, NULL);
		leg_names_free(l);
		leg_text_set(&l->streams, NULL);
		leg_text_set(&l->settled_tag, NULL);
		sdp_shape_free(&l->shape);
		dlg_auth_free(&l->auth);
		keys_free(l);
		obj_unref(l->identity);
		obj_unref(l->flow);
	}
	leg_text_set(&c->from_number, NULL);
	leg_text_set(&c->offer, NULL);
	leg_text_set(&c->why_text, NULL);
	leg_text_set(&c->requri, NULL);
	leg_text_set(&c->owed.tag, NULL);
	free(c->route);
	sip_msg_free(c->first);
	sip_msg_free(c->refusal);
	free(c->redirected);
	obj_unref(c->plan.xcode);
	obj_unref(c->xcode);
	call_forget_hosts(c);
	obj_unref(c->conf);
}

FITS_BLOCK(struct call, 2560);

struct call *call_new(struct core *core)
{
	struct call *c = obj_new_lasting(sizeof(*c), call_free);

	c->core = core;
	c->conf = obj_ref(core->conf);
	c->id = ++core->last_id;
	c->born_ms = core->port->ops->now_ms(core->port);
	for (int i = 0; i < 2; i++) {
		struct leg *l = &c->leg[i];

		l->call = c;
		l->filed = &c->filed[i];
		c->filed[i].leg = l;
		l->side = i;
		l->log.call = c->id;
		l->log.leg = i == 0 ? 'A' : 'B';
		l->origin.session = (uint64_t)random_u32() << 16 | 1;
		l->origin.version = 1;
	}
	c->next = core->calls;
	c->link = &core->calls;
	if (c->next != NULL)
		c->next->link = &c->next;
	core->calls = c;
	core->ncalls++;
	return c;
}

/* ---- judging an INVITE ---- */

/* As written, without its parameters, and as a number; false: unusable. */
static bool user_of(
	struct slice name_addr, struct slice *user, char *out, size_t size)
{
	struct sip_name_addr na;
	struct sip_uri u;

	out[0] = '\0';
	*user = (struct slice){ 0 };
	if (sip_name_addr_parse(name_addr, &na) != 0 ||
		sip_uri_parse(na.uri, &u) != 0 ||
		sip_user_digits(u.user, out, size) != 0)
		return false;
	*user = slice_head(u.user, slice_find(u.user, ';'));
	return true;
}

/*
 * A phone speaks for its own line only: the one its certificate names, else
 * none that another phone holds, in whatever way it is written.
 */
static bool may_call_as(struct core *core, const struct sip_source *src,
	struct slice method, struct slice user, const char *from)
{
	const struct identity *id = src->identity;
	const struct registrar *r = core->registrar;
	enum tie tie = ties_judge(core->ties, id, slice_str(from));
	bool fine =
		!tie_broken(tie) &&
		(id->line != NULL ||
			(!registrar_taken(
				 r, slice_str(from), src->listener, id) &&
				!registrar_taken(r, user, src->listener, id)));

	if (fine)
		return true;
	metric_inc(M_REG_LINE_REFUSED);
	log_event(MSG_REG_LINE_REFUSED, NULL, L_STR("device", id->device),
		L_ADDR("peer", &src->addr), L_STR("line", from),
		L_SLICE("method", method), L_STR("reason", tie_reason(tie)));
	return false;
}

bool call_may_speak(struct core *core, const struct sip_source *src,
	const struct sip_msg *m, enum refusal *why)
{
	char from[64];
	struct slice user;

	if (src->side != CONF_ACCESS)
		return true;
	*why = REFUSE_BAD_FROM;
	if (!user_of(m->from, &user, from, sizeof(from)))
		return false;
	*why = REFUSE_LINE_OF_OTHER;
	return may_call_as(core, src, m->method_name, user, from);
}

/*
 * A loop is the call that we sent, unchanged, come back: our own Call-ID with
 * the Request-URI that we wrote. With another Request-URI it is a spiral,
 * which is how a call manager that keeps Call-IDs (a proxy) sends a call of
 * one phone on to another (RFC 3261 16.3). What changes both on its way round
 * is ended by Max-Forwards.
 */
static bool is_loop(const struct core *core, const struct sip_msg *m)
{
	return call_index_has(core, m->call_id, m->ruri);
}

/* RFC 3261 20.33: the caller may ask nobody here meanwhile, so not long. */
static const char retry_after_s[] = "2";

/* The first of the marks that are passed. */
static const char *above_text(unsigned above, char out[CAUSE_TEXT])
{
	unsigned i = 0;

	while ((above & 1u << i) == 0)
		i++;
	if (i == CONF_TOTAL_CALLS)
		return "the threshold of calls is reached";
	(void)snprintf(out, CAUSE_TEXT, "the threshold of %s is reached",
		conf_threshold_names[i]);
	return out;
}

/* What does not become a call has its record all the same. */
static void record(struct core *core, const struct sip_msg *m,
	const struct sip_source *src, const struct fail *why)
{
	if (cdr_wanted(core->cdr))
		cdr_put(core->cdr, cdr_line_refused(core, m, src, why));
}

static void refuse(struct core *core, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src, enum refusal r)
{
	struct fail why = fail_of(r);

	record(core, m, src, &why);
	core_refuse_for(core, t, &why);
}

/* Too many calls; true: it is refused. */
static bool not_admitted(struct core *core, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src)
{
	static const struct {
		enum metric counter;
		enum refusal why;
	} limits[] = {
		[ADMIT_NOT_LIMIT] = { M_CALL_LIMIT, REFUSE_CALL_LIMIT },
		[ADMIT_NOT_THRESHOLD] = { M_CALL_THRESHOLD,
			REFUSE_CALL_THRESHOLD },
		[ADMIT_NOT_SPIKE] = { M_CALL_SPIKE, REFUSE_CALL_SPIKE },
	};
	char called[NUMBER_SIZE] = "";
	struct admission_figures figures;
	struct sip_uri u;
	enum admitted a;
	char room[CAUSE_TEXT];
	struct fail why;

	if (sip_uri_parse(m->ruri, &u) == 0)
		(void)!sip_user_digits(u.user, called, sizeof(called));
	core_figures(core, &figures);
	a = admission_judge(&core->admission, core->conf, &figures,
		slice_str(called), core->port->ops->now_ms(core->port));
	if (a == ADMIT_EMERGENCY)
		metric_inc(M_CALL_EMERGENCY);
	if (a == ADMIT || a == ADMIT_EMERGENCY)
		return false;
	metric_inc(limits[a].counter);
	why = fail_of(limits[a].why);
	if (a == ADMIT_NOT_THRESHOLD) {
		why.text = above_text(core->admission.above, room);
		why.name = "Retry-After";
		why.value = retry_after_s;
	}
	record(core, m, src, &why);
	core_refuse_for(core, t, &why);
	return true;
}

/* A 422 is no refusal: the call comes again (RFC 4028 7.3). */
static bool refuse_early(struct core *core, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src)
{
	if (core_refuse_unsupported(core, t, m)) {
		struct fail why = fail_of(REFUSE_EXTENSION);

		record(core, m, src, &why);
	} else if (m->ncontacts == 0) {
		refuse(core, t, m, src, REFUSE_NO_CONTACT);
	} else if (call_session_too_short(core->conf, m)) {
		call_refuse_short(core, t, core->conf);
	} else if (conf_find_listener(core->conf, src->listener) == NULL) {
		refuse(core, t, m, src, REFUSE_LISTENER_CLOSING);
	} else if (is_loop(core, m)) {
		metric_inc(M_CALL_LOOPS);
		refuse(core, t, m, src, REFUSE_LOOP);
	} else {
		return not_admitted(core, t, m, src);
	}
	return true;
}

/* ---- where it goes ---- */

void call_set_route(
	struct call *c, const struct conf_dial_peer *const *v, size_t n)
{
	free(c->route);
	c->route = NULL;
	c->nroute = n;
	c->tried = 0;
	if (n == 0)
		return;
	c->route = mem_resize(NULL, n, sizeof(c->route[0]));
	memcpy(c->route, v, n * sizeof(v[0]));
}

size_t call_route(struct call *c, struct slice user)
{
	struct leg *a = &c->leg[0];
	const struct conf_dial_peer *v[ROUTE_MAX];
	const struct binding *b;
	size_t n = 0;

	c->to_token = !c->referrer.is && a->where == CONF_CORE &&
		      registrar_is_token(user);
	if (c->referrer.is)
		n = referrer_routes(c, c->first->ruri, v);
	else if (!c->to_token)
		n = route_outgoing(c->conf, a->where, a->peer,
			slice_str(c->called), c->first->ruri, v);
	else if ((b = registrar_by_token(c->core->registrar, user)) != NULL)
		v[n++] = route_phone(
			c->conf, b->listener, slice_str(b->line->user));
	call_set_route(c, v, n);
	return n;
}

struct slice call_uri_of(struct slice name_addr)
{
	struct sip_name_addr na;

	return sip_name_addr_parse(name_addr, &na) == 0 ? na.uri
							: (struct slice){ 0 };
}

static const struct conf_dial_peer *incoming_peer(const struct call *c,
	const struct sip_msg *m, const struct sip_source *src,
	const struct conf_listener *cl)
{
	const struct route_ask ask = { .listener = cl,
		.called = slice_str(c->leg[1].number),
		.calling = slice_str(c->leg[0].number),
		.uri = { [CONF_URI_VIA] = m->via_host,
			[CONF_URI_REQUEST] = m->ruri,
			[CONF_URI_TO] = call_uri_of(m->to),
			[CONF_URI_FROM] = call_uri_of(m->from) },
		.source = src->addr };

	return route_incoming(c->conf, &ask);
}

/* Numbers as the rest of the call knows them; true: it is to be refused. */
static bool numbers_come_in(struct call *c)
{
	const struct conf_dial_peer *p = c->leg[0].peer;

	slice_fit(slice_str(c->leg[0].number), c->calling, sizeof(c->calling));
	slice_fit(slice_str(c->leg[1].number), c->called, sizeof(c->called));
	if (p == NULL)
		return false;
	if (numbers_blocked(p->block, c->called, c->calling)) {
		metric_inc(M_CALL_BLOCKED);
		return true;
	}
	(void)numbers_translate(
		p->xlate_in, CONF_XLATE_CALLING, c->calling, NULL);
	if (numbers_translate(p->xlate_in, CONF_XLATE_CALLED, c->called, NULL))
		slice_fit(slice_str(c->called), c->leg[1].number,
			sizeof(c->leg[1].number));
	return false;
}

static void set_leg_a(struct call *c, struct sip_txn *t,
	const struct sip_msg *m, const struct sip_source *src,
	const struct conf_listener *cl)
{
	struct leg *a = &c->leg[0], *b = &c->leg[1];
	struct sip_port *port = c->core->port;
	const struct binding *bind;

	leg_set_where(a, cl);
	leg_set_peer(a, incoming_peer(c, m, src, cl));
	a->identity = obj_ref(src->identity);
	a->flow = obj_ref(src->flow);
	log_ctx_keep(&a->log, slice_str(src->identity->device), m->call_id);
	call_count(c, false);
	a->dlg = port->ops->dlg_uas(port, t, &leg_dlg_user, a);
	leg_file(a);
	leg_set_who(a, m->from);
	leg_learn(a, m);
	session_timer_asked(a, m);
	c->invite = t;
	/* B reaches A back by A's token, which leads to its connection */
	bind = registrar_of(c->core->registrar, slice_str(a->number), src);
	leg_text_set(&b->contact_user,
		mem_dup(bind != NULL ? bind->token : a->number));
	leg_text_set(&a->contact_user, mem_dup(b->number));
}

/* The INVITE as the inbound profile of its dial-peer has it. */
static void take_profile(struct call *c)
{
	struct sip_msg *now = leg_profile_received(&c->leg[0], c->first);

	if (now == NULL)
		return;
	sip_msg_free(c->first);
	c->first = now;
}

void call_invite(struct core *core, struct sip_txn *t, const struct sip_msg *m,
	const struct sip_source *src)
{
	const struct conf_listener *cl =
		conf_find_listener(core->conf, src->listener);
	char from[64];
	struct slice user;
	struct sip_uri u;
	struct call *c;

	metric_inc(M_CALLS);
	if (sip_uri_parse(m->ruri, &u) != 0 || u.headers.n > 0) {
		refuse(core, t, m, src, REFUSE_BAD_REQURI);
		return;
	}
	if (refuse_early(core, t, m, src))
		return;
	if (!user_of(m->from, &user, from, sizeof(from)) &&
		src->side == CONF_ACCESS) {
		refuse(core, t, m, src, REFUSE_BAD_FROM);
		return;
	}
	if (src->side == CONF_ACCESS &&
		!may_call_as(core, src, m->method_name, user, from)) {
		refuse(core, t, m, src, REFUSE_LINE_OF_OTHER);
		return;
	}
	c = call_new(core);
	slice_fit(slice_str(from), c->leg[0].number, sizeof(c->leg[0].number));
	if (sip_user_digits(
		    u.user, c->leg[1].number, sizeof(c->leg[1].number)) != 0)
		c->leg[1].number[0] = '\0'; /* too long: matches nothing */
	c->emergency =
		admission_emergency(c->conf, slice_str(c->leg[1].number));
	c->first = sip_msg_dup(m);
	set_leg_a(c, t, m, src, cl);
	call_tally_begin(&c->leg[0], c->leg[0].peer);
	if (numbers_come_in(c)) {
		call_fail_blocked(c, c->leg[0].peer);
	} else if (call_peer_full(c, c->leg[0].peer, true)) {
		call_fail(c, REFUSE_MAX_CONN);
	} else if (transfer_replaces(c)) {
		/* it joins a call, or says why not */
	} else if (call_route(c, u.user) == 0)
		call_fail(c, c->to_token ? REFUSE_PHONE_UNREGISTERED
					 : REFUSE_NO_ROUTE);
	take_profile(c);
	call_event(c, &(struct event){ .what = EV_INVITE, .m = c->first });
}

/* ---- seen from the core ---- */

static bool moves(const struct leg *l, const struct identity *who,
	const struct sip_flow *old, const struct sip_flow *now)
{
	bool same = (old != NULL && l->flow == old) ||
		    (who->certified && l->identity != NULL &&
			    l->identity->certified &&
			    identity_same_device(l->identity, who));

	return same && l->flow != now;
}

void call_rebind(struct core *core, const struct identity *who,
	const struct sip_flow *old, struct sip_flow *now)
{
	struct sip_port *port = core->port;
	struct leg *l, *next;

	subscribe_rebind(core, who, old, now);
	for (l = leg_by_home(core, who, old, NULL); l != NULL; l = next) {
		next = leg_by_home(core, who, old, l);
		if (!moves(l, who, old, now))
			continue;
		port->ops->dlg_set_flow(port, l->dlg, now);
		obj_unref(l->flow);
		l->flow = obj_ref(now);
		leg_file(l);
	}
}

/* The call of a caller on that connection whom nobody has answered yet. */
static struct call *unanswered(
	const struct core *core, const struct sip_flow *f)
{
	const struct leg *l = NULL;

	while ((l = leg_by_home(core, f->identity, f, l)) != NULL)
		if (l->side == 0 && l->flow == f &&
			l->call->state <= CALL_RINGING)
			return l->call;
	return NULL;
}

/* A caller that is gone before anybody answered need not ring on. A call
 * that is up stays: its packets flow, and the phone may come back. The end of
 * a call may end others (transfer.h), hence the list is gone through anew. */
void call_flow_closed(struct core *core, const struct sip_flow *f)
{
	struct call *c;

	while ((c = unanswered(core, f)) != NULL) {
		call_fail(c, REFUSE_CALLER_GONE);
		call_event(c, &(struct event){ .what = EV_HANGUP });
	}
}

void call_end_all(struct core *core)
{
	struct call *c;

	while ((c = core->calls) != NULL) {
		obj_ref(c);
		if (c->fail.status == 0)
			call_fail(c, REFUSE_STOPPING);
		call_event(c, &(struct event){ .what = EV_HANGUP });
		if (c->state != CALL_DONE)
			call_event(c, &(struct event){ .what = EV_TIMEOUT });
		obj_unref(c);
	}
}

bool call_clear(struct core *core, uint32_t id)
{
	for (struct call *c = core->calls; c != NULL; c = c->next) {
		if (c->id != id)
			continue;
		call_fail(c, REFUSE_CLEARED);
		call_event(c, &(struct event){ .what = EV_HANGUP });
		return true;
	}
	return false;
}

struct call *call_next(const struct call *c)
{
	return c->next;
}

size_t call_legs(const struct call *c)
{
	return c->leg[1].dlg != NULL ? 2 : 1;
}

void call_describe(const struct call *c, struct call_info *out)
{
	struct sip_port *port = c->core->port;
	uint64_t now = port->ops->now_ms(port);
	enum call_state s = c->state == CALL_ANSWERED ? CALL_UP : c->state;

	*out = (struct call_info){ .id = c->id,
		.age_ms = now - c->born_ms,
		.up_ms = c->up_ms != 0 ? now - c->up_ms : 0,
		.hold = c->hold,
		.transcoder = c->xcode != NULL ? xcode_profile(c->xcode) : 0 };
	slice_fit(
		slice_str(call_state_name(s)), out->state, sizeof(out->state));
	for (int i = 0; c->xcode != NULL && i < 2; i++)
		xcode_stats(c->xcode, i, &out->xcode[i]);
	siprec_describe(c, &out->recording);
	leg_describe(&c->leg[0], &out->leg[0]);
	if (c->leg[1].dlg != NULL)
		leg_describe(&c->leg[1], &out->leg[1]);
}
