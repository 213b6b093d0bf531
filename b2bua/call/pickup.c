/* See pickup.h. */
#include "b2bua/call/pickup.h"

#include "b2bua/call/call_int.h"
#include "base/metric.h"

bool pickup_may(const struct refer_named *n)
{
	const struct call *x = n->call;

	/* a leg that came from another call is up, whatever it says here */
	return n->side == 1 && x->state == CALL_RINGING && x->invite != NULL &&
	       !x->leg[1].joining && !x->late;
}

/* The caller's answer, if he has none yet: he is answered by ourselves. */
static bool describe(struct call *x)
{
	if (x->leg[0].now.local == NULL) {
		if (call_answer_ourselves(x) != NEG_OK)
			return false;
		call_media_commit(x);
	}
	call_ringback_end(x);
	call_sounds(x);
	return true;
}

void call_pick_up(struct call *x, const struct event *e)
{
	struct leg *a = &x->leg[0], *b = &x->leg[1];
	struct sip_port *port = x->core->port;
	struct fail elsewhere = { .status = 200,
		.text = "Call completed elsewhere" };
	const struct leg_msg why = { .why = &elsewhere };

	(void)e;
	port->ops->timer_stop(port, &x->timer);
	call_forget_hosts(x);
	ring_end(x, &why);
	leg_cancel(b, &why);
	leg_reset(b);
	leg_answer(a, x->invite, 200,
		&(struct leg_msg){ .body = a->settled ? NULL : a->now.local,
			.session = true });
	x->invite = NULL;
	a->confirmed = true;
	x->media_told = true;
	sip_msg_free(x->first);
	x->first = NULL;
	call_set_route(x, NULL, 0);
	metric_inc(M_CALL_PICKED_UP);
}

bool pickup_answer(struct call *x)
{
	if (x->state == CALL_ANSWERED)
		return true;
	if (!describe(x))
		return false;
	call_event(x, &(struct event){ .what = EV_PICKUP });
	return true;
}
