/* The SIP port of scenarios. It keeps the promises of b2bua/sip/sip_port.h that
 * stories can see: answers to CANCEL, ACK and BYE after a closed dialog. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "fake.h"

static struct world *world_of(struct sip_port *p)
{
	return (struct world *)(void *)p;
}

static const char *method_text(const struct sip_out *o)
{
	return o->method == SIP_OTHER ? o->method_name
				      : sip_method_text(o->method);
}

struct sent *party_queue(struct party *p, const char *what)
{
	struct sent *s = mem_new(sizeof(*s)), **at = &p->sent;

	(void)snprintf(s->what, sizeof(s->what), "%s", what);
	world_trace(p->world, "%s< %s", p->name, what);
	s->max_forwards = -1;
	while (*at != NULL)
		at = &(*at)->next;
	*at = s;
	return s;
}

void sent_free(struct sent *s)
{
	free(s->ruri);
	free(s->headers);
	free(s->body);
	free(s->hex);
	free(s->contact);
	free(s->contacts);
	free(s->from);
	free(s->to);
	free(s->call_id);
	free(s);
}

static char *headers_of(const struct sip_out *o)
{
	struct text t = { 0 };

	for (size_t i = 0; i < o->nhdrs; i++)
		text_printf(&t, "%.*s: %.*s\n", SLICE_ARG(o->hdr[i].name),
			SLICE_ARG(o->hdr[i].value));
	if (o->reliable)
		text_printf(&t, "RSeq: some\n");
	if (o->rack.rseq != 0)
		text_printf(&t, "RAck: %u %u %.*s\n", o->rack.rseq,
			o->rack.cseq, SLICE_ARG(o->rack.tag));
	return text_take(&t);
}

static void keep_out(struct sent *s, const struct sip_out *o)
{
	if (o == NULL)
		return;
	s->headers = headers_of(o);
	s->ruri = slice_dup(o->ruri);
	s->body = slice_dup(o->body);
	s->hex = mem_new(2 * o->body.n + 1);
	hex_encode(o->body.p, o->body.n, s->hex);
	s->contact = mem_printf("%.*s%s%.*s%.*s", SLICE_ARG(o->contact_user),
		o->contact_host.n > 0 ? "@" : "", SLICE_ARG(o->contact_host),
		SLICE_ARG(o->contact_params));
	if (o->no_contact && o->method != SIP_OTHER)
		s->contacts = mem_dup(""); /* of requests: none at all */
	else
		s->contacts = slice_dup(o->contacts);
	s->from = slice_dup(o->from);
	s->to = slice_dup(o->to);
	s->call_id = slice_dup(o->call_id);
	s->cseq = o->cseq;
	s->max_forwards = o->max_forwards;
}

static void answered(struct sip_txn *t, int status, const struct sip_out *o)
{
	char what[64];

	need(!t->done);
	need(status > 100 && status < 700);
	(void)snprintf(what, sizeof(what), "%d %s", status, t->method);
	keep_out(party_queue(t->from, what), o);
	t->done = status >= 200;
	t->status = status;
	if (o != NULL && o->body.n > 0) {
		free(t->body);
		t->body = slice_dup(o->body);
	}
	t->unpracked += status < 200 && o != NULL && o->reliable;
	if (t->dlg == NULL)
		return;
	t->dlg->known = true;
	t->dlg->up |= status / 100 == 2 && strcmp(t->method, "INVITE") == 0;
}

/* No refusal of ours without its cause, in any story. */
static bool tells_why(const struct sip_out *o)
{
	for (size_t i = 0; o != NULL && i < o->nhdrs; i++)
		if (slice_casestarts(o->hdr[i].value, "Q.850;cause=") &&
			slice_eq_str(o->hdr[i].name, "Reason"))
			return true;
	return o != NULL && o->passed;
}

static void port_answer(struct sip_port *p, struct sip_txn *t, int status,
	const char *reason, const struct sip_out *o)
{
	(void)p;
	(void)reason;
	need(status < 300 || tells_why(o));
	answered(t, status, o);
}

static struct sip_dlg *dlg_new(struct world *w, struct party *peer,
	const struct sip_dlg_user *user, void *arg)
{
	struct sip_dlg *d = mem_new(sizeof(*d));

	d->peer = peer;
	d->user = user;
	d->arg = arg;
	(void)snprintf(d->call_id, sizeof(d->call_id), "dialog-%u", ++w->ndlg);
	(void)snprintf(d->local_tag, sizeof(d->local_tag), "near-%u", w->ndlg);
	(void)snprintf(d->remote_tag, sizeof(d->remote_tag), "far-%u", w->ndlg);
	d->next = w->dlgs;
	w->dlgs = d;
	peer->dlg = d;
	return d;
}

static struct sip_dlg *port_dlg_uas(struct sip_port *p, struct sip_txn *t,
	const struct sip_dlg_user *user, void *arg)
{
	t->dlg = dlg_new(world_of(p), t->from, user, arg);
	t->dlg->flow = t->from->flow;
	return t->dlg;
}

/* The far end a route leads to: that of the flow, or of the address. A second
 * call goes to its second name. */
static struct party *routed(struct world *w, const struct sip_route *r)
{
	struct party *busy = NULL;
	struct addr a;

	for (struct party *p = w->parties; p != NULL; p = p->next) {
		if (r->flow != NULL
				? p->flow != r->flow
				: (addr_parse(&a, slice_str(r->host), 0) != 0 ||
					  !addr_same_host(&a, &p->addr)))
			continue;
		if (p->dlg == NULL || p->dlg->closed)
			return p;
		busy = p;
	}
	return busy;
}

static int port_dlg_uac(struct sip_dlg **out, struct sip_port *p,
	const struct sip_route *route, struct slice from, struct slice to,
	const struct sip_dlg_user *user, void *arg)
{
	struct world *w = world_of(p);
	struct party *peer = routed(w, route);

	*out = NULL;
	need(conf_find_listener(w->conf, route->listener) != NULL);
	if (w->no_route || peer == NULL ||
		(route->flow != NULL && route->flow->closed))
		return EHOSTUNREACH;
	*out = dlg_new(w, peer, user, arg);
	(*out)->uac = true;
	(*out)->flow = route->flow;
	(*out)->from = slice_dup(from);
	(*out)->to = slice_dup(to);
	return 0;
}

/* Whose far end has no dialog yet; else as `p`. */
static struct party *second_name(struct party *p)
{
	for (struct party *q = p->world->parties; q != NULL; q = q->next)
		if ((p->flow != NULL ? q->flow == p->flow
				     : addr_same_host(&q->addr, &p->addr)) &&
			(q->dlg == NULL || q->dlg->closed))
			return q;
	return p;
}

struct sip_dlg *fake_dlg_beside(const struct sip_dlg *of, struct party *peer)
{
	struct sip_dlg *d = dlg_new(peer->world, peer, of->user, of->arg);

	(void)snprintf(d->call_id, sizeof(d->call_id), "%s", of->call_id);
	d->flow = of->flow;
	d->uac = of->uac;
	d->known = true;
	if (of->from != NULL) {
		d->from = mem_dup(of->from);
		d->to = mem_dup(of->to);
	}
	return d;
}

static struct sip_dlg *port_dlg_fork(struct sip_port *p,
	const struct sip_dlg *of, const struct sip_dlg_user *user, void *arg)
{
	struct sip_dlg *d;

	(void)p;
	need(!of->uac && !of->closed);
	d = fake_dlg_beside(of, second_name(of->peer));
	d->user = user;
	d->arg = arg;
	return d;
}

static void port_dlg_close(struct sip_port *p, struct sip_dlg *d)
{
	struct world *w = world_of(p);

	need(!d->closed);
	d->closed = true;
	for (struct client *c = d->peer->clients; c != NULL; c = c->next) {
		if (c->dlg != d || c->done)
			continue;
		if (strcmp(c->method, "INVITE") == 0 && !c->cancelled)
			party_queue(d->peer, "CANCEL");
		c->cancelled = true;
	}
	for (struct party *q = w->parties; q != NULL; q = q->next)
		for (struct sip_txn *t = q->txns; t != NULL; t = t->next)
			if (t->dlg == d && !t->done)
				answered(t,
					strcmp(t->method, "INVITE") == 0 ? 487
									 : 500,
					NULL);
}

static void port_dlg_set_flow(
	struct sip_port *p, struct sip_dlg *d, struct sip_flow *f)
{
	(void)p;
	need(!d->closed);
	d->flow = f;
}

static void port_dlg_set_user(struct sip_port *p, struct sip_dlg *d,
	const struct sip_dlg_user *user, void *arg)
{
	(void)p;
	need(!d->closed);
	d->user = user;
	d->arg = arg;
}

static void port_dlg_info(
	struct sip_port *p, const struct sip_dlg *d, struct sip_peer_info *out)
{
	(void)p;
	*out = (struct sip_peer_info){ .transport = d->peer->transport,
		.addr = d->peer->addr,
		.identity = d->peer->identity };
}

static void port_dlg_ids(
	struct sip_port *p, const struct sip_dlg *d, struct sip_dlg_ids *out)
{
	(void)p;
	*out = (struct sip_dlg_ids){ .call_id = slice_str(d->call_id),
		.local_tag = slice_str(d->local_tag),
		.remote_tag = slice_str(d->remote_tag),
		.cseq = d->cseq };
	(void)snprintf(out->target_room, sizeof(out->target_room),
		"sip:target-of-%s", d->call_id);
	out->target = slice_str(out->target_room);
}

static const char *port_dlg_call_id(struct sip_port *p, const struct sip_dlg *d)
{
	(void)p;
	return d->call_id;
}

static void client_new(struct party *peer, struct sip_dlg *d,
	const struct sip_out *o, sip_response_fn *fn, void *arg)
{
	struct client *c = mem_new(sizeof(*c));

	c->to = peer;
	c->dlg = d;
	c->cseq = d != NULL ? d->cseq : o->cseq;
	c->headers = headers_of(o);
	c->body = slice_dup(o->body);
	c->fn = fn;
	c->arg = arg;
	(void)snprintf(c->method, sizeof(c->method), "%s", method_text(o));
	c->next = peer->clients;
	peer->clients = c;
}

/* One INVITE at a time, ours or theirs (RFC 3261 14.1); no BYE in a dialog that
 * they began before their ACK, or where the port gave up on it (15). */
static void may_send(const struct sip_dlg *d, enum sip_method m)
{
	struct sip_txn *first = NULL;

	for (struct client *c = d->peer->clients; c != NULL; c = c->next)
		if (m == SIP_INVITE && c->dlg == d && !c->done &&
			strcmp(c->method, "INVITE") == 0)
			story_fail("a second INVITE of ours in %s", d->call_id);
	for (struct sip_txn *t = d->peer->txns; t != NULL; t = t->next) {
		if (t->dlg != d || strcmp(t->method, "INVITE") != 0)
			continue;
		first = t;
		if (m == SIP_INVITE && !t->done)
			story_fail(
				"INVITE into one of theirs in %s", d->call_id);
	}
	if (m == SIP_BYE && !d->uac && first != NULL &&
		first->status / 100 == 2 && !first->acked)
		story_fail("BYE before the ACK in %s", d->call_id);
}

static int port_send(struct sip_port *p, struct sip_dlg *d,
	const struct sip_out *o, void *cookie)
{
	struct sent *s = party_queue(d->peer, method_text(o));

	(void)p;
	need(!d->closed);
	may_send(d, o->method);
	d->byes_out += o->method == SIP_BYE;
	keep_out(s, o);
	if (d->from != NULL) { /* the dialog's, not the message's */
		free(s->from);
		free(s->to);
		free(s->call_id);
		s->from = mem_dup(d->from);
		s->to = mem_dup(d->to);
		s->call_id = mem_dup(d->call_id);
	}
	d->cseq++;
	client_new(d->peer, d, o, NULL, cookie);
	return 0;
}

static int port_ack(
	struct sip_port *p, struct sip_dlg *d, const struct sip_out *o)
{
	struct client *c = d->peer->clients;

	(void)p;
	need(!d->closed);
	while (c != NULL && (c->dlg != d || strcmp(c->method, "INVITE") != 0))
		c = c->next;
	keep_out(party_queue(d->peer, "ACK"), o);
	if (c == NULL || c->status / 100 != 2 || c->acked)
		story_fail("an ACK to nothing in %s", d->call_id);
	c->acked = true;
	return 0;
}

static void port_cancel(
	struct sip_port *p, struct sip_dlg *d, const struct sip_out *o)
{
	(void)p;
	need(!d->closed);
	for (struct client *c = d->peer->clients; c != NULL; c = c->next) {
		if (c->dlg != d || c->done || c->cancelled ||
			strcmp(c->method, "INVITE") != 0)
			continue;
		c->cancelled = true;
		keep_out(party_queue(d->peer, "CANCEL"), o);
		return;
	}
}

static int port_request(struct sip_port *p, const struct sip_route *route,
	const struct sip_out *o, sip_response_fn *fn, void *arg)
{
	struct world *w = world_of(p);
	struct party *peer = routed(w, route);

	if (w->no_route || peer == NULL)
		return EHOSTUNREACH;
	keep_out(party_queue(peer, method_text(o)), o);
	client_new(peer, NULL, o, fn, arg);
	return 0;
}

static void port_timer_stop(struct sip_port *p, struct sip_timer **t)
{
	struct sip_timer **at = &world_of(p)->timers, *gone = *t;

	if (gone == NULL)
		return;
	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	*t = NULL;
	free(gone);
}

static void port_timer_start(struct sip_port *p, struct sip_timer **out,
	unsigned ms, sip_timer_fn *fn, void *arg)
{
	struct world *w = world_of(p);
	struct sip_timer *t = mem_new(sizeof(*t)), **at = &w->timers;

	need(*out == NULL);
	*t = (struct sip_timer){
		.at = w->now + ms, .fn = fn, .arg = arg, .owner = out
	};
	while (*at != NULL && (*at)->at <= t->at)
		at = &(*at)->next;
	t->next = *at;
	*at = t;
	*out = t;
}

static uint64_t port_now_ms(struct sip_port *p)
{
	return world_of(p)->now;
}

static bool port_contact_host(
	struct sip_port *p, const char *listener, char *out, size_t size)
{
	(void)p;
	(void)snprintf(out, size, "%s.lineside:5060", listener);
	return true;
}

static uint32_t port_ways(struct sip_port *p, const char *host)
{
	(void)host;
	return world_of(p)->ways;
}

static void port_resolve(struct sip_port *p, const struct sip_name *name,
	sip_resolved_fn *fn, void *arg)
{
	const struct world *w = world_of(p);

	fn(arg, w->name.addr,
		strcmp(w->name.host, name->host) == 0 ? w->name.n : 0);
}

const struct sip_port_ops fake_port_ops = {
	.answer = port_answer,
	.dlg_uas = port_dlg_uas,
	.dlg_uac = port_dlg_uac,
	.dlg_fork = port_dlg_fork,
	.dlg_close = port_dlg_close,
	.dlg_set_flow = port_dlg_set_flow,
	.dlg_set_user = port_dlg_set_user,
	.dlg_info = port_dlg_info,
	.dlg_ids = port_dlg_ids,
	.dlg_call_id = port_dlg_call_id,
	.send = port_send,
	.ack = port_ack,
	.cancel = port_cancel,
	.request = port_request,
	.timer_start = port_timer_start,
	.timer_stop = port_timer_stop,
	.now_ms = port_now_ms,
	.contact_host = port_contact_host,
	.ways = port_ways,
	.resolve = port_resolve,
};

void world_trace(struct world *w, const char *fmt, ...)
{
	va_list ap;
	char line[128];

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_printf(&w->trace, "  %s\n", line);
}

bool world_tick(struct world *w)
{
	struct sip_timer *t = w->timers;

	if (t == NULL)
		return false;
	world_trace(w, "(%llu ms later)", (unsigned long long)(t->at - w->now));
	w->now = t->at;
	w->timers = t->next;
	*t->owner = NULL;
	t->fn(t->arg);
	free(t);
	return true;
}

void world_clock(struct world *w, uint64_t ms)
{
	uint64_t until = w->now + ms;

	while (w->timers != NULL && w->timers->at <= until)
		(void)world_tick(w);
	w->now = until;
}

struct party *world_party(struct world *w, const char *name)
{
	for (struct party *p = w->parties; p != NULL; p = p->next)
		if (strcmp(p->name, name) == 0)
			return p;
	story_fail("nobody is called %s", name);
}

static void party_free(struct party *p)
{
	while (p->sent != NULL) {
		struct sent *s = p->sent;

		p->sent = s->next;
		sent_free(s);
	}
	while (p->txns != NULL) {
		struct sip_txn *t = p->txns;

		p->txns = t->next;
		free(t->body);
		free(t);
	}
	while (p->clients != NULL) {
		struct client *c = p->clients;

		p->clients = c->next;
		free(c->headers);
		free(c->body);
		free(c);
	}
	obj_unref(p->identity);
	obj_unref(p->flow);
	free(p);
}

void world_free(struct world *w)
{
	while (w->parties != NULL) {
		struct party *p = w->parties;

		w->parties = p->next;
		party_free(p);
	}
	while (w->dlgs != NULL) {
		struct sip_dlg *d = w->dlgs;

		w->dlgs = d->next;
		free(d->from);
		free(d->to);
		free(d);
	}
	obj_unref(w->conf);
	text_free(&w->trace);
	free(w);
}
