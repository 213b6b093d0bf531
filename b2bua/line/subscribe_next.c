/*
 * A subscription to a line of several phones: one of them has refused it or
 * is silent, and the next is asked. One phone takes it in the end, since who
 * asked has one dialog; the others hear no more of it.
 */
#include "b2bua/line/subscribe_int.h"
#include "b2bua/sip/cause.h"

/* Who asked waits 32 seconds in all. */
enum { PATIENCE_MS = 5000 };

void sub_end_turns(struct sub *s)
{
	struct sip_port *port = s->core->port;

	if (s->turns == NULL)
		return;
	port->ops->timer_stop(port, &s->turns->patience);
	turns_free(s->turns);
	s->turns = NULL;
}

/* In the place of `s`, with who asked; false: it could not be asked. */
static bool take_place(struct sub *s, const struct outside *w)
{
	struct sip_port *port = s->core->port;
	struct sub_end *asks = &s->end[0];
	const struct sip_source src = { .listener = asks->listener,
		.side = asks->where,
		.addr = asks->addr,
		.flow = asks->where == CONF_ACCESS ? s->flow : NULL };
	struct sub *n = sub_new(s->core, w, &src);

	n->refer = s->refer;
	if (!sub_ask(n, w, s->turns->m)) {
		sub_close(n);
		return false;
	}
	port->ops->timer_stop(port, &s->turns->patience);
	port->ops->dlg_set_user(port, asks->dlg, &sub_dlg_user, &n->end[0]);
	n->end[0].dlg = asks->dlg;
	n->txn = s->txn;
	n->turns = s->turns;
	asks->dlg = NULL;
	s->turns = NULL;
	sub_close(s);
	sub_be_patient(n);
	return true;
}

bool sub_next(struct sub *s)
{
	struct core *c = s->core;
	const struct sub_end *asks = &s->end[0];
	struct outside w = { .from = asks->where,
		.to = { .core = c, .from = asks->where },
		.phone = s->phone };
	bool taken = false;

	while (!taken && s->turns != NULL &&
		outside_next(
			&w, s->turns->m, turns_next(s->turns, c->registrar)))
		taken = sub_has_room(c, w.phone,
				asks->where == CONF_ACCESS ? &asks->addr
							   : &w.to.addr) &&
			take_place(s, &w);
	outside_free(&w);
	return taken;
}

/* A phone that has notified has taken it, whatever it answers. */
static bool untouched(const struct sub *s)
{
	return s->turns != NULL && s->notifies == 0 && s->relays == NULL;
}

static void on_silence(void *arg)
{
	struct sub *s = arg;

	if (untouched(s))
		(void)sub_next(s);
}

void sub_be_patient(struct sub *s)
{
	struct sip_port *port = s->core->port;
	struct turns *t = s->turns;

	/* Late as it may be, a REFER would be done twice. */
	if (t != NULL && t->at < t->n && !s->refer)
		port->ops->timer_start(
			port, &t->patience, PATIENCE_MS, on_silence, s);
}

bool sub_refused(struct sub *s, const struct sip_msg **m)
{
	if (!untouched(s) || turns_decided(*m))
		return false;
	cause_keep_best(&s->turns->best, *m);
	if (turns_lead_on(*m) && sub_next(s))
		return true;
	*m = s->turns->best;
	return false;
}
