/*
 * The INVITE to B: by dial-peers in their order, to a host, or to a phone over
 * its own connection.
 */
#include <errno.h>
#include <stdlib.h>

#include "b2bua/call/call_int.h"
#include "b2bua/route/asserted.h"
#include "b2bua/route/tally.h"
#include "b2bua/trunk/keepalive.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "base/wire.h"

void call_fail(struct call *c, enum refusal r)
{
	c->fail = fail_of(r);
}

void call_fail_blocked(struct call *c, const struct conf_dial_peer *p)
{
	call_fail(c, REFUSE_NUMBER_BLOCKED);
	c->fail.status = cause_of_q850(p->block_cause);
	c->fail.q850 = p->block_cause;
}

void call_fail_passed(struct call *c, const struct sip_msg *m)
{
	int status = cause_pass(m->status, m->local);

	if (!m->local)
		c->fail = (struct fail){ .status = status, .passed = true };
	else
		call_fail(c, m->status == 408 ? REFUSE_NO_ANSWER
					      : REFUSE_UNREACHABLE);
	c->fail.status = status;
}

void call_fail_negotiation(struct call *c, int side, enum neg_result r)
{
	call_media_refused(c, side, r);
	call_fail(c, neg_refusal(r));
	c->fail.text = call_neg_text(c, side, r);
}

/* The name-addr with another number in it; `user` NULL or empty: as it is. */
static char *with_number(struct slice value, const char *user)
{
	if (user == NULL || user[0] == '\0')
		return slice_dup(value);
	return numbers_name_addr(value, user);
}

/* `"Display" <uri>` with the scheme that the leg's transport can promise. */
static char *name_addr(const struct leg *l, struct slice value)
{
	struct sip_name_addr na;
	struct slice uri;

	if (sip_name_addr_parse(value, &na) != 0)
		return slice_dup(value);
	uri = na.uri;
	if (l->transport != CONF_TLS && slice_casestarts(uri, "sips:"))
		return mem_printf("%.*s%s<sip:%.*s>", SLICE_ARG(na.display),
			na.display.n > 0 ? " " : "",
			SLICE_ARG(slice_from(uri, 5)));
	return mem_printf("%.*s%s<%.*s>", SLICE_ARG(na.display),
		na.display.n > 0 ? " " : "", SLICE_ARG(uri));
}

/* A caller from the core, as a phone may see him: in the phone's own domain,
 * not at an inside address. */
char *call_outside_name(
	const struct binding *b, const struct sip_msg *m, struct slice value)
{
	struct sip_name_addr na;
	struct sip_uri u;

	if (privacy_hides(privacy_asked(m)) ||
		sip_name_addr_parse(value, &na) != 0 ||
		sip_uri_parse(na.uri, &u) != 0 || u.user.n == 0 ||
		slice_caseeq_str(u.host, "anonymous.invalid"))
		return mem_dup(asserted_anonymous);
	return mem_printf("%.*s%s<sip:%.*s@%s>", SLICE_ARG(na.display),
		na.display.n > 0 ? " " : "", SLICE_ARG(u.user), b->line->host);
}

/* The user part called, or everything when the URI is a number. */
static struct slice called_user(const struct sip_msg *m)
{
	struct sip_uri u;

	return sip_uri_parse(m->ruri, &u) == 0 ? u.user : (struct slice){ 0 };
}

/* The number that B is called by, when rules made it another one than A
 * called; NULL: as A wrote it. */
static const char *other_number(const struct call *c)
{
	char was[NUMBER_SIZE];

	if (sip_user_digits(called_user(c->first), was, sizeof(was)) != 0 ||
		slice_eq_str(slice_str(was), c->leg[1].number))
		return NULL;
	return c->leg[1].number;
}

/* A listener's address of ours, which no server inside answers to. */
bool call_names_us(const struct conf *conf, struct slice host)
{
	struct addr a;

	if (addr_parse(&a, host, 0) != 0)
		return false;
	for (const struct conf_listener *l = conf->listeners; l != NULL;
		l = l->next)
		if (addr_same_host(&a, &l->addr) ||
			addr_same_host(&a, &l->advertise))
			return true;
	return false;
}

/*
 * A phone's Request-URI passes as it was written: its domain is the call
 * manager's to know, and its digest signs it. One that names us is turned to
 * the target, unless it carries credentials or is configured to pass. What
 * comes from inside goes to the target's host.
 */
static bool keeps_requri(const struct call *c, const struct conf_dial_peer *p)
{
	const struct sip_msg *m = c->first;
	struct sip_uri u;

	if (m->ruri.n > CALL_REQURI_MAX)
		return false;
	if (p->requri_passing || sip_msg_header(m, "Authorization").n > 0 ||
		sip_msg_header(m, "Proxy-Authorization").n > 0)
		return true;
	return c->leg[0].where == CONF_ACCESS &&
	       sip_uri_parse(m->ruri, &u) == 0 && u.host.n > 0 &&
	       !slice_casestarts(m->ruri, "sips:") &&
	       !call_names_us(c->conf, u.host);
}

/* False, and none, when it is too long. */
static bool set_requri(struct call *c, struct slice uri)
{
	bool fits = uri.n <= CALL_REQURI_MAX;

	leg_text_set(&c->requri, fits ? slice_dup(uri) : NULL);
	return fits;
}

static void host_requri(struct call *c, const struct conf_dial_peer *p,
	const struct conf_host *to)
{
	const char *number = other_number(c);
	struct slice user = called_user(c->first);
	struct text t = { 0 };
	char host[ADDR_TEXT];

	if (keeps_requri(c, p)) {
		char *uri = number != NULL ? numbers_uri(c->first->ruri, number)
					   : slice_dup(c->first->ruri);

		leg_text_set(&c->requri, uri);
		return;
	}
	text_add(&t, SLICE_LIT("sip:"));
	if (number != NULL)
		sip_user_escape(&t, slice_str(number));
	else
		text_add(&t, user);
	text_printf(&t, "%s%s", number != NULL || user.n > 0 ? "@" : "",
		addr_is_set(&to->addr) ? addr_uri_host(&to->addr, host)
				       : to->host);
	if (to->port != 0)
		text_printf(&t, ":%u", to->port);
	if (p->transport == CONF_TCP)
		text_add(&t, SLICE_LIT(";transport=tcp"));
	if (p->transport == CONF_TLS)
		text_add(&t, SLICE_LIT(";transport=tls"));
	(void)set_requri(c, text_slice(&t));
	text_free(&t);
}

static int open_dialog(
	struct call *c, const struct sip_route *route, char *from, char *to)
{
	struct leg *b = &c->leg[1];
	struct sip_port *port = c->core->port;
	int err;

	b->uac = true;
	leg_set_who(b, slice_str(to));
	leg_profile_names(b, &from, &to);
	err = port->ops->dlg_uac(&b->dlg, port, route, slice_str(from),
		slice_str(to), &leg_dlg_user, b);

	free(from);
	free(to);
	if (err == 0) {
		log_ctx_keep(&b->log, slice_str(NULL),
			slice_str(port->ops->dlg_call_id(port, b->dlg)));
		leg_file(b);
	}
	return err;
}

int call_send_invite(struct call *c)
{
	struct leg *b = &c->leg[1];
	struct leg_msg lm = { .m = c->first,
		.body = b->next.local != NULL ? b->next.local : b->now.local };
	int err = leg_send(b, SIP_INVITE, &lm, &cookie_invite);

	b->invite_pending = err == 0;
	b->said = 0;
	return err;
}

/* Policy, our port, our offer: what both kinds of target have in common. */
static int prepare(struct call *c, const struct conf_dial_peer *p,
	const struct conf_listener *cl)
{
	struct leg *b = &c->leg[1];
	enum neg_result r;
	int err;

	leg_set_where(b, cl);
	leg_set_peer(b, p);
	call_count(c, false);
	err = call_media_open(c);
	if (err != 0) {
		log_event(MSG_CALL_NO_MEDIA, &c->leg[0].log,
			L_STR("reason", strerrordesc_np(err)));
		call_fail(c, REFUSE_NO_MEDIA_PORTS);
		return err;
	}
	c->forced = c->late && (p->early_offer || c->conf->voip.early_offer ||
				       c->take[0].wanted);
	call_match_pass_thru(c);
	if (c->late && !c->forced)
		return 0;
	if (c->forced)
		call_invent_offer(c);
	r = call_make_offer(c, 1);
	call_forget_invented(c);
	if (r == NEG_OK)
		return 0;
	call_fail_negotiation(c, 1, r);
	return ENOTSUP;
}

static int unreachable(struct call *c, int err)
{
	call_fail(c,
		err == EHOSTUNREACH ? REFUSE_CALLED_AWAY : REFUSE_UNREACHABLE);
	return err;
}

static char *host_to(const struct call *c)
{
	char *to = with_number(c->first->to, other_number(c));
	char *value = name_addr(&c->leg[1], slice_str(to));

	free(to);
	return value;
}

static char *host_from(const struct call *c)
{
	char *from = with_number(c->first->from, c->from_number);
	char *value = name_addr(&c->leg[1], slice_str(from));

	free(from);
	return leg_caller_from(&c->leg[1], value);
}

static int dial_host(struct call *c, const struct conf_dial_peer *p,
	const struct conf_host *to)
{
	struct sip_route route;
	const struct conf_listener *cl =
		core_route(c->core, c->conf, p, to, &route);
	int err;

	if (cl == NULL)
		return unreachable(c, EADDRNOTAVAIL);
	err = prepare(c, p, cl);
	if (err != 0)
		return err;
	host_requri(c, p, to);
	c->leg[1].hidden = leg_caller_hidden(&c->leg[1], c->first);
	err = open_dialog(c, &route, host_from(c), host_to(c));
	if (err == 0)
		err = call_send_invite(c);
	return err == 0 ? 0 : unreachable(c, err);
}

int call_dial_contact(struct call *c, const struct conf_dial_peer *p,
	const struct binding *bind)
{
	struct leg *b = &c->leg[1];
	const struct conf_listener *cl =
		bind == NULL ? NULL
			     : conf_find_listener(c->conf, bind->listener);
	struct sip_route route = { 0 };
	char host[ADDR_TEXT], *from;
	int err;

	if (cl == NULL || !binding_reachable(bind))
		return unreachable(c, EHOSTUNREACH);
	route = (struct sip_route){ .listener = bind->listener,
		.flow = bind->flow,
		.host = addr_host(&bind->addr, host),
		.port = addr_port(&bind->addr),
		.transport = bind->transport };
	err = prepare(c, p, cl);
	if (err != 0)
		return err;
	b->identity = obj_ref(bind->line->identity);
	b->flow = obj_ref(bind->flow);
	slice_fit(slice_str(bind->line->user), b->number, sizeof(b->number));
	if (!set_requri(c, slice_str(bind->contact)))
		return unreachable(c, EHOSTUNREACH);
	from = with_number(c->first->from, c->from_number);
	b->hidden = leg_caller_hidden(b, c->first);
	err = open_dialog(c, &route,
		call_outside_name(bind, c->first, slice_str(from)),
		mem_printf("<sip:%s@%s>", bind->line->user, bind->line->host));
	if (err == 0)
		err = call_send_invite(c);
	free(from);
	return err == 0 ? 0 : unreachable(c, err);
}

/* Numbers as this dial-peer's rules want them, from those that came in. */
static void numbers_go_out(struct call *c, const struct conf_dial_peer *p)
{
	struct leg *b = &c->leg[1];
	char calling[NUMBER_SIZE];

	slice_fit(slice_str(c->called), b->number, sizeof(b->number));
	memcpy(calling, c->calling, sizeof(calling));
	if (p != NULL) {
		(void)numbers_translate(
			p->xlate_out, CONF_XLATE_CALLED, b->number, NULL);
		(void)numbers_translate(
			p->xlate_out, CONF_XLATE_CALLING, calling, NULL);
	}
	leg_text_set(&c->from_number, strcmp(calling, c->leg[0].number) != 0
					      ? mem_dup(calling)
					      : NULL);
}

void call_numbers_headers(const struct call *c, struct hdrs *h)
{
	const struct conf_dial_peer *in = c->leg[0].peer, *out = c->leg[1].peer;

	if (c->from_number != NULL)
		numbers_caller_headers(h, c->leg[0].number, c->from_number);
	if (in != NULL && in->xlate_in != NULL)
		numbers_diversion(h, in->xlate_in);
	if (out != NULL && out->xlate_out != NULL)
		numbers_diversion(h, out->xlate_out);
}

/* Who calls a line that is his, too, means the others who have it. */
static size_t but_the_caller(
	const struct call *c, const struct binding **v, size_t n)
{
	const struct leg *a = &c->leg[0];
	size_t left = 0;

	for (size_t i = 0; n > 1 && i < n; i++)
		if (a->flow == NULL || v[i]->flow != a->flow)
			v[left++] = v[i];
	return left > 0 ? left : n;
}

/* All contacts of the number that is called. */
static int dial_line(struct call *c, const struct conf_dial_peer *p)
{
	const struct binding *v[CONF_CONTACTS_MAX];
	size_t n = registrar_contacts(
		c->core->registrar, slice_str(c->leg[1].number), v);

	n = but_the_caller(c, v, n);
	if (n < 2)
		return call_dial_contact(c, p, n > 0 ? v[0] : NULL);
	return ring_dial(c, p, v, n);
}

/* The target that c->tried and c->host say. */
int call_dial_again(struct call *c)
{
	const struct registrar *r = c->core->registrar;
	const struct conf_dial_peer *p = c->route[c->tried];
	const struct binding *b;

	leg_reset(&c->leg[1]);
	numbers_go_out(c, p);
	if (c->to_token) {
		b = registrar_by_token(r, called_user(c->first));
		return call_dial_contact(c, p, b);
	}
	if (conf_peer_to_host(p))
		return dial_host(c, p, &c->hosts[c->host]);
	return dial_line(c, p);
}

static void on_ring_timer(void *arg)
{
	call_event(arg, &(struct event){ .what = EV_TIMEOUT, .side = 1 });
}

void call_start_ring_timer(struct call *c)
{
	struct sip_port *port = c->core->port;
	const struct conf_dial_peer *p = c->leg[1].peer;
	unsigned s = p != NULL && p->ring_seconds > 0 ? p->ring_seconds : 180;

	port->ops->timer_stop(port, &c->timer);
	port->ops->timer_start(port, &c->timer, s * 1000, on_ring_timer, c);
}

void call_forget_hosts(struct call *c)
{
	free(c->hosts);
	c->hosts = NULL;
	c->nhosts = c->host = 0;
}

static uint32_t random_share(void *arg)
{
	(void)arg;
	return random_u32();
}

bool call_peer_full(
	const struct call *c, const struct conf_dial_peer *p, bool counted)
{
	struct tally *t;

	if (p == NULL || p->max_calls == 0 || c->emergency)
		return false;
	if (call_count_of(c->core, p->tag) < p->max_calls + (counted ? 1u : 0u))
		return false;
	t = tally_of(c->core->tallies, p->tag);
	if (t != NULL)
		t->full++;
	metric_inc(M_CALL_PEER_FULL);
	return true;
}

/* How many calls its server group had before this one. */
static unsigned turn_of(struct core *core, const struct conf_dial_peer *p)
{
	size_t i = 0;

	if (p->target != CONF_TARGET_GROUP)
		return 0;
	while (i < core->nturns && core->turn[i].tag != p->servers->tag)
		i++;
	if (i == core->nturns) {
		core->turn = mem_resize(
			core->turn, ++core->nturns, sizeof(*core->turn));
		core->turn[i].tag = p->servers->tag;
		core->turn[i].calls = 0;
	}
	return core->turn[i].calls++;
}

/* Leaves out what does not answer; an emergency call tries it even so. */
static void skip_busied_out(struct call *c, const struct conf_dial_peer *p)
{
	size_t n = 0;

	if (c->emergency)
		return;
	for (size_t i = 0; i < c->nhosts; i++)
		if (!keepalive_down(
			    c->core->keepalives, c->conf, p, &c->hosts[i]))
			c->hosts[n++] = c->hosts[i];
		else
			metric_inc(M_CALL_PEER_DOWN);
	if (n == 0 && c->nhosts > 0)
		call_fail(c, REFUSE_BUSIED_OUT);
	c->nhosts = n;
}

/* What is there to try by the dial-peer c->tried; false: nothing. */
static bool enter_peer(struct call *c)
{
	const struct conf_dial_peer *p = c->route[c->tried];

	call_forget_hosts(c);
	c->leg[1].peer = NULL; /* that one is not counted any more */
	call_count(c, false);
	if (call_peer_full(c, p, false)) {
		call_fail(c, REFUSE_MAX_CONN);
		return false;
	}
	if (p == NULL || !conf_peer_to_host(p))
		return true;
	c->hosts = mem_array(ROUTE_HOSTS_MAX, sizeof(*c->hosts));
	c->nhosts = route_hosts(
		c->conf, p, turn_of(c->core, p), random_share, NULL, c->hosts);
	if (c->nhosts == 0)
		call_fail(c, REFUSE_NO_SERVER);
	skip_busied_out(c, p);
	return c->nhosts > 0;
}

bool call_has_next(const struct call *c)
{
	return c->host + 1 < c->nhosts || c->tried + 1 < c->nroute;
}

/* The next host, else the next dial-peer. */
static void step_on(struct call *c)
{
	if (++c->host < c->nhosts)
		return;
	c->tried++;
	call_forget_hosts(c);
}

/* A target that takes an INVITE, from the present one on; FAIL when there is
 * none left. */
void call_dial(struct call *c)
{
	if (c->take[1].wanted) {
		transfer_dial(c, NULL);
		return;
	}
	while (c->tried < c->nroute) {
		if (c->host == 0 && !enter_peer(c)) {
			c->tried++;
			continue;
		}
		c->leg[1].plain = false;
		c->attempts++;
		call_tally_begin(&c->leg[1], c->route[c->tried]);
		if (call_dial_again(c) == 0) {
			call_start_ring_timer(c);
			return;
		}
		call_tally_refused(
			&c->leg[1], c->fail.status, fail_q850(&c->fail));
		step_on(c);
	}
	leg_reset(&c->leg[1]);
	call_refuse_a(c, NULL);
}

void call_dial_next(struct call *c)
{
	step_on(c);
	call_dial(c);
}
