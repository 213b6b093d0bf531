/*
 * `registration passthrough rate-limit`: a phone's refresh is answered here
 * while the core's own registration lasts longer than what the phone is given.
 * Only what is known to the last particular: the same device, line, contact
 * and parameters, on the connection on which the core's answer came; whatever
 * else is asked goes to the core. And `fail-count`: so many refreshes that the
 * core does not answer leave the phone registered.
 *
 * When the registrar's name begins to lead elsewhere (a node failed, or is
 * back), each phone's next refresh goes there: they move one after the other,
 * as their own timers have it, and nobody makes a storm.
 */
#include <stdlib.h>
#include <string.h>

#include "b2bua/line/registrar_int.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "base/wire.h"

enum { SLACK_MS = 10000, KEEP_S = 60 };

static uint64_t now_of(const struct registrar *r)
{
	return r->core->port->ops->now_ms(r->core->port);
}

uint32_t register_ways(const struct registrar *r)
{
	const struct sip_port_ops *ops = r->core->port->ops;
	struct sip_route route;

	if (ops->ways == NULL || r->core->conf->ua.registrar_host == NULL)
		return 0;
	(void)core_route_registrar(r->core, &route);
	return ops->ways(r->core->port, route.host);
}

/* It is there, and asked about as it was granted, where it was granted. */
static bool is_known(
	const struct asked *a, const struct want *w, const struct binding *b)
{
	return b != NULL && w->expires > 0 && binding_live(b) &&
	       a->flow != NULL && !a->flow->closed && b->flow == a->flow &&
	       strcmp(b->contact, w->contact) == 0 &&
	       strcmp(b->params, w->params) == 0 &&
	       str_same(b->instance, w->instance);
}

/* All that is asked is known, and lasts at the core for `ms` more than the
 * phone is given (0: lasts at all). */
static bool all_known(const struct asked *a, uint64_t ms)
{
	const struct line *l =
		registrar_line(a->r, slice_str(a->user), a->identity);
	uint64_t now = now_of(a->r);

	for (size_t i = 0; i < a->n; i++) {
		const struct want *w = &a->want[i];
		const struct binding *b = line_by_token(l, w->token);
		uint64_t until = ms > 0 ? w->expires * 1000ull + ms : 0;

		if (!is_known(a, w, b) || b->core_ends_ms < now + until)
			return false;
	}
	return a->n > 0;
}

static void answer(struct asked *a, uint32_t at_most)
{
	struct registrar *r = a->r;
	struct line *l = registrar_line(r, slice_str(a->user), a->identity);
	struct sip_out o = { .no_contact = true };
	uint64_t now = now_of(r);
	char *list;

	for (size_t i = 0; i < a->n; i++) {
		struct binding *b = line_by_token(l, a->want[i].token);
		uint64_t ms = a->want[i].expires * 1000ull;

		if (at_most > 0 && ms > at_most * 1000ull)
			ms = at_most * 1000ull;
		if (now + ms > b->core_ends_ms)
			ms = b->core_ends_ms - now;
		b->ends_ms = now + ms;
		b->here++;
		binding_timer(b, ms);
	}
	list = register_contacts(l);
	o.contacts = slice_str(list);
	core_answer(r->core, a->txn, 200, &o);
	free(list);
}

bool register_here(struct asked *a, const struct sip_msg *m)
{
	struct registrar *r = a->r;
	const struct line *l;
	uint32_t ways = register_ways(r);

	if (!r->core->conf->voip.reg_rate_limit || m->body.n > 0 ||
		!all_known(a, SLACK_MS))
		return false;
	l = registrar_line(r, slice_str(a->user), a->identity);
	for (size_t i = 0; i < a->n; i++) {
		const struct binding *b = line_by_token(l, a->want[i].token);

		if (b->ways != ways || b->fails > 0)
			return false;
	}
	metric_inc(M_REG_HERE);
	answer(a, 0);
	return true;
}

bool register_keep(struct asked *a, int status, bool local)
{
	struct line *l = registrar_line(a->r, slice_str(a->user), a->identity);
	unsigned most = a->r->core->conf->voip.reg_fail_count;

	if (most == 0 || !a->r->core->conf->voip.reg_rate_limit ||
		!(local || status == 408 || status >= 500) || !all_known(a, 0))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (++line_by_token(l, a->want[i].token)->fails > most)
			return false;
	metric_inc(M_REG_KEPT);
	log_event(MSG_REG_KEPT, NULL, L_STR("device", a->identity->device),
		L_STR("line", a->user), L_INT("status", status));
	answer(a, KEEP_S);
	return true;
}

/* Phones that came together do not stay together: up to a tenth earlier. */
uint32_t register_spread(const struct registrar *r, uint32_t seconds)
{
	if (!r->core->conf->voip.reg_rate_limit || seconds < 10)
		return seconds;
	return seconds - random_u32() % (seconds / 10);
}

/* ---- a registration that nobody has any more ---- */

static void on_withdrawn(void *arg, const struct sip_msg *m)
{
	(void)arg;
	if (m->status >= 300)
		metric_inc(M_REG_NOT_WITHDRAWN); /* it expires there */
}

void register_withdraw(struct registrar *r, struct binding *b)
{
	struct sip_route route;
	struct sip_out o = { .method = SIP_REGISTER, .max_forwards = -1 };
	struct sip_hdr expires = { SLICE_LIT("Expires"), SLICE_LIT("0") };
	char host[256], *contact, *who, *ruri;

	if (!register_route(r, &route, host, sizeof(host)))
		return;
	who = mem_printf("<sip:%s@%s>", b->line->user, b->line->host);
	ruri = mem_printf("sip:%s", b->line->host);
	contact = mem_printf("<sip:%s@%s>;expires=0", b->token, host);
	o.ruri = slice_str(ruri);
	o.from = o.to = slice_str(who);
	o.contacts = slice_str(contact);
	o.call_id = slice_str(b->call_id);
	o.cseq = ++b->cseq;
	o.nhdrs = 1;
	o.hdr = &expires;
	metric_inc(M_REG_WITHDRAWN);
	(void)!r->core->port->ops->request(
		r->core->port, &route, &o, on_withdrawn, NULL);
	free(contact);
	free(ruri);
	free(who);
}
