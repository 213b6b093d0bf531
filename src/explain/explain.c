/* See explain.h. */
#include "explain/explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/route/numbers.h"
#include "b2bua/route/route.h"
#include "b2bua/sip/uri.h"
#include "base/obj.h"
#include "base/wire.h"

struct explain { /* one call being told */
	struct table *t;
	const struct conf *c;
	const struct explain_ask *ask;
	struct route_ask route;
	char *from_uri, *to_uri;
	char calling[NUMBER_SIZE], called[NUMBER_SIZE];
	const struct conf_dial_peer *in;
};

static const char *const levels[] = {
	[ROUTE_NOT] = "not at all",
	[ROUTE_BY_LISTENER] = "incoming listener",
	[ROUTE_BY_CALLING] = "the caller's number",
	[ROUTE_BY_CALLED] = "the number called",
	[ROUTE_BY_FROM] = "incoming uri from",
	[ROUTE_BY_TO] = "incoming uri to",
	[ROUTE_BY_REQUEST] = "incoming uri request",
	[ROUTE_BY_VIA] = "incoming uri via",
};

/* ---- what was asked ---- */

/* A number, or the user of a URI; the URI as well. EINVAL: neither. */
static int read_party(struct slice word, char number[NUMBER_SIZE], char **uri)
{
	struct sip_uri u;

	*uri = NULL;
	if (!slice_casestarts(word, "sip:") &&
		!slice_casestarts(word, "sips:") &&
		!slice_casestarts(word, "tel:")) {
		*uri = mem_printf("sip:%.*s@lineside.invalid", SLICE_ARG(word));
		return sip_user_digits(word, number, NUMBER_SIZE) == 0 ? 0
								       : EINVAL;
	}
	*uri = slice_dup(word);
	if (sip_uri_parse(slice_str(*uri), &u) != 0)
		return EINVAL;
	return sip_user_digits(u.user, number, NUMBER_SIZE) == 0 ? 0 : EINVAL;
}

static const struct conf_listener *pick_listener(
	const struct conf *c, struct slice name)
{
	const struct conf_listener *first = c->listeners;

	for (const struct conf_listener *l = c->listeners; l != NULL;
		l = l->next)
		if (name.n > 0 ? slice_eq_str(name, l->name)
			       : l->side == CONF_ACCESS)
			return l;
	return name.n > 0 ? NULL : first;
}

static int read_ask(struct explain *x)
{
	const struct explain_ask *a = x->ask;

	x->route.listener = pick_listener(x->c, a->listener);
	if (x->route.listener == NULL && a->listener.n > 0) {
		table_note(x->t, "%% There is no sip-listener %.*s",
			SLICE_ARG(a->listener));
		return ENOENT;
	}
	if (read_party(a->from, x->calling, &x->from_uri) != 0 ||
		read_party(a->to, x->called, &x->to_uri) != 0) {
		table_note(x->t, "%% That is neither a number nor a SIP URI");
		return EINVAL;
	}
	if (a->source.n > 0 &&
		addr_parse(&x->route.source, a->source, 0) != 0) {
		table_note(x->t, "%% %.*s is not an address",
			SLICE_ARG(a->source));
		return EINVAL;
	}
	x->route.called = slice_str(x->called);
	x->route.calling = slice_str(x->calling);
	x->route.uri[CONF_URI_FROM] = slice_str(x->from_uri);
	x->route.uri[CONF_URI_TO] = slice_str(x->to_uri);
	x->route.uri[CONF_URI_REQUEST] = slice_str(x->to_uri);
	x->route.uri[CONF_URI_VIA] = a->source;
	return 0;
}

static void tell_ask(const struct explain *x)
{
	const struct conf_listener *l = x->route.listener;

	table_block(x->t, "call", NULL);
	table_pair(x->t, "from", "from", x->calling);
	table_pair(x->t, "to", "to", x->called);
	table_pair(x->t, "listener", "in on", l != NULL ? l->name : NULL);
	table_pair(x->t, "side", NULL,
		l == NULL		 ? NULL
		: l->side == CONF_ACCESS ? "access"
					 : "core");
}

/* ---- coming in ---- */

static const struct table_col in_cols[] = {
	{ "tag", "DIAL-PEER", true },
	{ "taken", "TAKEN", false },
	{ "why", "WHY", false },
};

static bool asks_something(const struct conf_dial_peer *p)
{
	for (int i = 0; i < CONF_URI_COUNT; i++)
		if (p->incoming_uri[i] != NULL)
			return true;
	return p->incoming_called != NULL || p->incoming_called_map != NULL ||
	       p->incoming_calling != NULL || p->incoming_calling_map != NULL ||
	       p->incoming_listener != NULL;
}

static char *why_in(const struct explain *x, const struct conf_dial_peer *p)
{
	struct route_rank r = route_rank_incoming(p, &x->route), best;

	if (p == x->in && r.level == ROUTE_BY_LISTENER)
		return mem_printf("its listener, and nothing more particular "
				  "matches");
	if (p == x->in)
		return mem_printf("best match: %s", levels[r.level]);
	if (p->shutdown)
		return mem_dup("it is shut down");
	if (!asks_something(p))
		return mem_dup("no `incoming …` or `answer-address`");
	if (p->incoming_listener != NULL &&
		p->incoming_listener != x->route.listener)
		return mem_printf(
			"it is for listener %s", p->incoming_listener->name);
	if (r.level == ROUTE_NOT)
		return mem_dup("neither number nor URI matches");
	best = route_rank_incoming(x->in, &x->route);
	if (route_rank_better(&best, &r))
		return mem_printf("matches (%s), %u matches better",
			levels[r.level], x->in->tag);
	return mem_printf("matches as well, %u has the lower tag", x->in->tag);
}

static void tell_incoming(struct explain *x)
{
	x->in = route_incoming(x->c, &x->route);
	table_rows(x->t, "incoming", "Coming in", in_cols, ARRAY_SIZE(in_cols));
	for (const struct conf_dial_peer *p = x->c->dial_peers; p != NULL;
		p = p->next) {
		char *why = why_in(x, p);

		table_num(x->t, p->tag);
		table_bool(x->t, p == x->in);
		table_str(x->t, why);
		free(why);
	}
	if (x->in == NULL)
		table_note(x->t, "No dial-peer: the defaults of voice service "
				 "voip hold.");
}

/* ---- numbers ---- */

static const struct table_col number_cols[] = {
	{ "number", "NUMBER", false },
	{ "where", "WHERE", false },
	{ "from", "FROM", false },
	{ "to", "TO", false },
	{ "rule", "RULE", true },
};

static void tell_number(struct explain *x, const struct conf_dial_peer *p,
	const struct conf_xlate_profile *profile, enum conf_xlate_what what,
	char number[NUMBER_SIZE])
{
	char was[NUMBER_SIZE];
	unsigned rule;

	memcpy(was, number, sizeof(was));
	(void)numbers_translate(profile, what, number, &rule);
	if (rule == 0)
		return;
	table_str(x->t, what == CONF_XLATE_CALLED ? "called" : "calling");
	table_fmt(x->t, "dial-peer %u %s", p->tag,
		p == x->in && profile == p->xlate_in ? "in" : "out");
	table_str(x->t, was);
	table_str(x->t, number);
	table_fmt(x->t, "%u/%u", profile->rules[what]->tag, rule);
}

/* ---- going out ---- */

static const struct table_col out_cols[] = {
	{ "order", "TRY", true },
	{ "tag", "DIAL-PEER", true },
	{ "match", "MATCHED", true },
	{ "preference", "PREF", true },
	{ "called", "CALLED", false },
	{ "calling", "CALLING", false },
	{ "target", "TARGET", false },
	{ "from", "SENT FROM", false },
	{ "note", "NOTE", false },
};

static uint32_t no_random(void *arg)
{
	(void)arg;
	return 0;
}

static char *targets(const struct conf *c, const struct conf_dial_peer *p)
{
	const struct conf_proxy *proxy = conf_peer_proxy(c, p);
	struct conf_host host[ROUTE_HOSTS_MAX];
	struct text t = { 0 };
	size_t n;

	if (p->target == CONF_TARGET_REGISTRAR)
		return mem_dup("registrar");
	n = route_hosts(c, p, 0, no_random, NULL, host);
	for (size_t i = 0; i < n; i++) {
		uint16_t port = host[i].port != 0 ? host[i].port
						  : addr_port(&host[i].addr);

		text_printf(&t, "%s%s", i > 0 ? " " : "", host[i].host);
		if (port != 0)
			text_printf(&t, ":%u", port);
	}
	if (n == 0)
		text_add(&t, SLICE_LIT("none"));
	if (proxy != NULL)
		text_printf(&t, " by proxy %s", proxy->to.host);
	if (proxy != NULL && proxy->to.port != 0)
		text_printf(&t, ":%u", proxy->to.port);
	return text_take(&t);
}

static const char *sender(const struct conf *c, const struct conf_dial_peer *p)
{
	struct conf_host host[ROUTE_HOSTS_MAX];
	const struct conf_listener *l;

	if (p->target == CONF_TARGET_REGISTRAR)
		return NULL; /* the phone's own connection */
	if (route_hosts(c, p, 0, no_random, NULL, host) == 0)
		return NULL;
	l = route_listener(c, p, &host[0].addr);
	return l != NULL ? l->name : "no listener fits";
}

/* Which of its hosts calls leave out; NULL: none. free() it. */
static char *busied_out(const struct explain *x, const struct conf_dial_peer *p)
{
	const struct explain_live *l = &x->ask->live;
	struct conf_host host[ROUTE_HOSTS_MAX];
	struct text t = { 0 };
	size_t n, down = 0;
	uint64_t s;

	if (l->busied_out == NULL || !conf_peer_to_host(p))
		return NULL;
	n = route_hosts(x->c, p, 0, no_random, NULL, host);
	for (size_t i = 0; i < n; i++) {
		if (!l->busied_out(l->arg, p, &host[i], &s))
			continue;
		text_printf(&t, "%s%s busied out since %llu s",
			down++ > 0 ? ", " : "", host[i].host,
			(unsigned long long)s);
	}
	if (down > 0 && down == n)
		text_add(&t, SLICE_LIT(": skipped"));
	return down > 0 ? text_take(&t) : NULL;
}

static char *note(const struct explain *x, const struct conf_dial_peer *p,
	const char *called)
{
	const struct explain_live *l = &x->ask->live;
	char *down = busied_out(x, p);

	if (down != NULL)
		return down;
	if (p->max_calls != 0 && l->calls != NULL &&
		l->calls(l->arg, p->tag) >= p->max_calls)
		return mem_printf(
			"skipped: at its max-conn of %u", p->max_calls);
	if (p->target == CONF_TARGET_REGISTRAR && l->registered != NULL)
		return mem_printf(l->registered(l->arg, called)
					  ? "registered"
					  : "skipped: nobody registered it");
	return mem_dup(p->huntstop ? "huntstop" : "");
}

static int matched(const struct explain *x, const struct conf_dial_peer *p)
{
	return route_number_match(p, slice_str(x->called));
}

static void tell_route(
	struct explain *x, const struct conf_dial_peer *p, size_t order)
{
	char called[NUMBER_SIZE], calling[NUMBER_SIZE], *target, *said;
	int digits = matched(x, p);

	memcpy(called, x->called, sizeof(called));
	memcpy(calling, x->calling, sizeof(calling));
	(void)numbers_translate(p->xlate_out, CONF_XLATE_CALLED, called, NULL);
	(void)numbers_translate(
		p->xlate_out, CONF_XLATE_CALLING, calling, NULL);
	target = targets(x->c, p);
	said = note(x, p, called);
	table_num(x->t, (int64_t)order);
	table_num(x->t, p->tag);
	if (digits >= 0)
		table_num(x->t, digits);
	else
		table_str(x->t, "by URI or group");
	table_num(x->t, p->preference);
	table_str(x->t, called);
	table_str(x->t, calling);
	table_str(x->t, target);
	table_str(x->t, sender(x->c, p));
	table_str(x->t, said);
	free(said);
	free(target);
}

static const struct table_col not_cols[] = {
	{ "tag", "DIAL-PEER", true },
	{ "why", "WHY NOT", false },
};

static char *why_not(const struct explain *x, const struct conf_dial_peer *p,
	const struct conf_dial_peer *stop)
{
	const struct conf_dpg *g = x->in != NULL ? x->in->group : NULL;
	bool some = p->destination != NULL || p->destination_map != NULL ||
		    p->destination_uri != NULL;

	if (p->shutdown)
		return mem_dup("it is shut down");
	if (p->target == CONF_TARGET_NONE)
		return mem_dup("it has no `session target`");
	if (p == x->in && conf_peer_to_host(p))
		return mem_dup("the call came in from there");
	if (g != NULL && !g->shutdown)
		return mem_printf("it is not in voice class dpg %u of "
				  "dial-peer %u",
			g->tag, x->in->tag);
	if (!some)
		return mem_dup("it has no `destination-pattern`");
	if (matched(x, p) < 0 && p->destination != NULL)
		return mem_printf("destination-pattern %s does not match",
			p->destination);
	if (matched(x, p) < 0 && p->destination_map != NULL)
		return mem_printf("no pattern of e164-pattern-map %u matches",
			p->destination_map->tag);
	if (matched(x, p) < 0)
		return mem_printf("uri class %s does not match",
			p->destination_uri->name);
	if (stop != NULL)
		return mem_printf(
			"it comes after the huntstop of %u", stop->tag);
	return mem_printf("%d others match better", ROUTE_MAX);
}

static void tell_not(
	struct explain *x, const struct conf_dial_peer *const *v, size_t n)
{
	const struct conf_dial_peer *stop =
		n > 0 && v[n - 1]->huntstop ? v[n - 1] : NULL;

	table_rows(
		x->t, "not_taken", "Not taken", not_cols, ARRAY_SIZE(not_cols));
	for (const struct conf_dial_peer *p = x->c->dial_peers; p != NULL;
		p = p->next) {
		size_t i = 0;
		char *why;

		while (i < n && v[i] != p)
			i++;
		if (i < n)
			continue;
		why = why_not(x, p, stop);
		table_num(x->t, p->tag);
		table_str(x->t, why);
		free(why);
	}
}

static int tell_outgoing(struct explain *x)
{
	const struct conf_dial_peer *v[ROUTE_MAX];
	enum conf_side side = x->route.listener != NULL
				      ? x->route.listener->side
				      : CONF_ACCESS;
	size_t n = route_outgoing(x->c, side, x->in, slice_str(x->called),
		slice_str(x->to_uri), v);

	table_rows(
		x->t, "outgoing", "Going out", out_cols, ARRAY_SIZE(out_cols));
	for (size_t i = 0; i < n; i++)
		tell_route(x, v[i], i + 1);
	tell_not(x, v, n);
	if (n > 0)
		return 0;
	table_note(x->t, "Refused with 404: no dial-peer matches the number.");
	return EHOSTUNREACH;
}

/* False: nothing comes of it. */
static bool heard(const struct explain *x)
{
	const struct conf_listener *l = x->route.listener;

	if (l == NULL || l->side != CONF_CORE || !addr_is_set(&x->route.source))
		return true;
	return explain_heard(x->t, x->c, &x->route.source, &x->ask->live);
}

static int tell_call(struct explain *x)
{
	if (!heard(x))
		return EHOSTUNREACH;
	tell_incoming(x);
	if (x->in != NULL &&
		numbers_blocked(x->in->block, x->called, x->calling)) {
		table_note(x->t,
			"Refused: call-block of dial-peer %u rejects "
			"it.",
			x->in->tag);
		return EHOSTUNREACH;
	}
	table_rows(x->t, "numbers", "Numbers", number_cols,
		ARRAY_SIZE(number_cols));
	if (x->in != NULL) {
		tell_number(x, x->in, x->in->xlate_in, CONF_XLATE_CALLING,
			x->calling);
		tell_number(x, x->in, x->in->xlate_in, CONF_XLATE_CALLED,
			x->called);
	}
	return tell_outgoing(x);
}

int explain_call(
	struct table *t, const struct conf *c, const struct explain_ask *ask)
{
	struct explain x = { .t = t, .c = c, .ask = ask };
	int err = read_ask(&x);

	if (err == 0) {
		tell_ask(&x);
		err = tell_call(&x);
	}
	free(x.from_uri);
	free(x.to_uri);
	return err;
}

/* ---- test voice translation-rule ---- */

static void tell_rule(struct table *t, unsigned rule, struct slice number,
	const char *out, int err)
{
	table_block(t, "translation", NULL);
	table_pair_num(t, "rule", NULL, rule);
	table_pair_bool(t, "rejected", NULL, err == EACCES);
	table_pair_fmt(t, "original", NULL, "%.*s", SLICE_ARG(number));
	table_pair(t, "translated", NULL, err == 0 ? out : NULL);
	table_note(t, "Matched with rule %u", rule);
	if (err == 0)
		table_note(t, "Original number: %.*s  Translated number: %s",
			SLICE_ARG(number), out);
	else if (err == EACCES)
		table_note(t, "Original number: %.*s  Call is rejected",
			SLICE_ARG(number));
	else
		table_note(t,
			"Original number: %.*s  The result cannot be "
			"used (%s): it stays as it is",
			SLICE_ARG(number), strerrordesc_np(err));
}

int explain_rules(struct table *t, const struct conf *c, struct slice tag,
	struct slice number)
{
	const struct conf_xlate_rules *x;
	char out[NUMBER_SIZE];
	uint64_t n;
	unsigned rule;
	int err;

	if (slice_uint(tag, CONF_TAG_MAX, &n) != 0)
		n = 0;
	x = conf_find_xlate_rules(c, (unsigned)n);
	if (x == NULL) {
		table_note(t, "%% There is no voice translation-rule %.*s",
			SLICE_ARG(tag));
		return ENOENT;
	}
	err = conf_xlate(x, number, out, sizeof(out), &rule);
	if (err == ENOENT) {
		table_block(t, "translation", NULL);
		table_pair_num(t, "rule", NULL, 0);
		table_pair_fmt(t, "original", NULL, "%.*s", SLICE_ARG(number));
		table_note(t, "%.*s Didn't match with any of rules",
			SLICE_ARG(number));
		return ENOENT;
	}
	tell_rule(t, rule, number, out, err);
	return 0;
}
