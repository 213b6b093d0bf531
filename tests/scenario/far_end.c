#include "far_end.h"

#include <stdio.h>
#include <string.h>

#include "b2bua/core/core.h"
#include "base/obj.h"

enum sip_method far_method(const char *name)
{
	for (int m = SIP_OTHER + 1; m <= SIP_PUBLISH; m++)
		if (strcmp(sip_method_text((enum sip_method)m), name) == 0)
			return (enum sip_method)m;
	return SIP_OTHER;
}

static struct sip_txn *txn_add(
	struct party *p, const struct sip_msg *m, struct sip_dlg *d)
{
	struct sip_txn *t = mem_new(sizeof(*t));

	t->from = p;
	t->dlg = d;
	slice_fit(m->method_name, t->method, sizeof(t->method));
	t->late = m->body.n == 0;
	t->next = p->txns;
	p->txns = t;
	return t;
}

static void request_outside(struct party *p, const struct sip_msg *m)
{
	struct sip_source src = { .listener = p->listener,
		.side = p->side,
		.transport = p->transport,
		.addr = p->flow != NULL ? p->flow->peer : p->addr,
		.identity = p->identity,
		.flow = p->flow };

	if (core_sip_user.hears(p->world->core, &src, m->method_name))
		core_sip_user.request(
			p->world->core, txn_add(p, m, NULL), m, &src);
}

void far_request(struct party *p, struct sip_dlg *d, const struct sip_msg *m)
{
	char what[NAME_SIZE + 8];

	world_trace(p->world, "%s> %.*s", p->name, SLICE_ARG(m->method_name));
	if (d == NULL) {
		request_outside(p, m);
		return;
	}
	if (m->method == SIP_BYE)
		d->byes_in++;
	if (d->closed) {
		(void)snprintf(what, sizeof(what), "481 %.*s",
			SLICE_ARG(m->method_name));
		(void)party_queue(p, what);
		return;
	}
	d->user->request(d->arg, txn_add(p, m, d), m);
}

void far_fork(struct party *p, struct sip_dlg *of, const struct sip_msg *m)
{
	world_trace(p->world, "%s> %.*s, beside %s", p->name,
		SLICE_ARG(m->method_name), of->peer->name);
	if (of->closed || !of->uac || of->user->fork == NULL) {
		(void)party_queue(p, "481 NOTIFY");
		return;
	}
	p->dlg = fake_dlg_beside(of, p);
	of->user->fork(of->arg, p->dlg, txn_add(p, m, p->dlg), m);
}

void far_ack(struct sip_txn *t, const struct sip_msg *m)
{
	world_trace(t->from->world, "%s> %s", t->from->name,
		m != NULL ? "ACK" : "(no ACK)");
	t->acked = true;
	if (t->dlg != NULL && !t->dlg->closed)
		t->dlg->user->ack(t->dlg->arg, m);
}

void far_prack(struct sip_dlg *d, struct sip_txn *t, const struct sip_msg *m)
{
	struct party *p = d->peer;

	world_trace(p->world, "%s> %s", p->name,
		m != NULL ? "PRACK" : "(no PRACK)");
	if (t != NULL)
		t->unpracked = 0;
	if (!d->closed)
		d->user->prack(d->arg, m != NULL ? txn_add(p, m, d) : NULL, m);
	else if (m != NULL)
		(void)party_queue(p, "481 PRACK");
}

void far_cancel(struct sip_txn *t, const struct sip_msg *m)
{
	world_trace(t->from->world, "%s> CANCEL", t->from->name);
	t->done = t->acked = true;
	t->unpracked = 0;
	(void)party_queue(t->from, "200 CANCEL");
	(void)party_queue(t->from, "487 INVITE");
	if (t->dlg != NULL && !t->dlg->closed)
		t->dlg->user->cancel(t->dlg->arg, m);
}

static bool is_invite_in(const struct sip_txn *t, const struct sip_dlg *d)
{
	return strcmp(t->method, "INVITE") == 0 && (d == NULL || t->dlg == d);
}

struct sip_txn *far_invite_open(struct party *p, const struct sip_dlg *d)
{
	for (struct sip_txn *t = p->txns; t != NULL; t = t->next)
		if (is_invite_in(t, d) && !t->done)
			return t;
	return NULL;
}

struct sip_txn *far_invite_unacked(struct party *p, const struct sip_dlg *d)
{
	for (struct sip_txn *t = p->txns; t != NULL; t = t->next)
		if (is_invite_in(t, d) && t->status / 100 == 2 && !t->acked)
			return t;
	return NULL;
}

/* The port's promise for dialogs that are closed. */
static void crossed(struct client *c, const struct sip_msg *m)
{
	struct party *p = c->dlg->peer;

	if (m->method != SIP_INVITE || m->status / 100 != 2)
		return;
	(void)party_queue(p, "ACK");
	c->acked = true;
	if (c->dlg->byes_in + c->dlg->byes_out > 0)
		return; /* it is over, but for that INVITE */
	(void)party_queue(p, "BYE");
	c->dlg->byes_out++;
}

void far_respond(struct client *c, const struct sip_msg *m)
{
	world_trace(c->to->world, "%s> %d %s%s", c->to->name, m->status,
		c->method, m->local ? " (local)" : "");
	c->done = m->status >= 200;
	c->status = m->status;
	if (c->dlg == NULL) {
		if (c->done)
			c->fn(c->arg, m);
		return;
	}
	if (m->status < 300)
		c->dlg->known = true;
	if (m->status / 100 == 2 && m->method == SIP_INVITE)
		c->dlg->up = true;
	if (m->method == SIP_BYE && (m->status == 401 || m->status == 407))
		c->dlg->byes_again++; /* it may come with credentials */
	if (c->dlg->closed)
		crossed(c, m);
	else
		c->dlg->user->response(c->dlg->arg, c->arg, m);
}

static void none_waits(const struct party *p)
{
	for (struct sip_txn *t = p->txns; t != NULL; t = t->next)
		if (!t->done)
			story_fail("%s of %s was never answered", t->method,
				p->name);
	for (struct client *c = p->clients; c != NULL; c = c->next)
		if (c->status / 100 == 2 && strcmp(c->method, "INVITE") == 0 &&
			!c->acked)
			story_fail("a 2xx of %s has no ACK", p->name);
}

void world_nothing_left(const struct world *w)
{
	for (struct party *p = w->parties; p != NULL; p = p->next)
		none_waits(p);
	for (struct sip_dlg *d = w->dlgs; d != NULL; d = d->next) {
		if (!d->closed)
			story_fail("%s with %s is open", d->call_id,
				d->peer->name);
		if (d->up && d->byes_in + d->byes_out == 0)
			story_fail("nobody hung up %s with %s", d->call_id,
				d->peer->name);
		if (d->byes_out > 1 + d->byes_again)
			story_fail("%s has %u BYEs", d->call_id, d->byes_out);
	}
	if (w->timers != NULL)
		story_fail("a timer is running");
	if (fake_media_open != 0)
		story_fail("media is open");
}
