/* A call in the counters of its dial-peers: one way in, some ways out. */
#include "b2bua/call/call_int.h"
#include "b2bua/route/tally.h"

void call_tally_begin(struct leg *l, const struct conf_dial_peer *p)
{
	if (p == NULL || l->tallied != 0)
		return;
	l->tallied = p->tag;
	tally_begin(l->call->core->tallies, p->tag,
		l->side == 0 ? TALLY_IN : TALLY_OUT);
}

static void undo(struct leg *l)
{
	tally_undo(l->call->core->tallies, l->tallied,
		l->side == 0 ? TALLY_IN : TALLY_OUT);
	l->tallied = 0;
}

void call_tally_refused(struct leg *l, int status, unsigned q850)
{
	if (status == 401 || status == 407) { /* it comes again */
		undo(l);
		return;
	}
	tally_failed(
		l->call->core->tallies, l->tallied, tally_end_of(q850), q850);
	l->tallied = 0;
}

static bool caller_left(const struct call *c)
{
	return c->fail.status == 0 || c->fail.status == 487;
}

void call_tally_end(struct call *c, bool comes_again)
{
	struct sip_port *port = c->core->port;
	uint64_t now = port->ops->now_ms(port);
	unsigned q850 = call_end_cause(c);

	for (int i = 0; i < 2; i++) {
		struct leg *l = &c->leg[i];

		if (l->tallied == 0)
			continue;
		if (comes_again)
			undo(l);
		else if (c->up_ms != 0)
			tally_answered(c->core->tallies, l->tallied,
				(now - c->up_ms) / 1000, q850);
		else
			tally_failed(c->core->tallies, l->tallied,
				caller_left(c) ? TALLY_CANCELLED
					       : tally_end_of(q850),
				q850);
		l->tallied = 0;
	}
}
