/* See pickup.h. */
#include "b2bua/pickup.h"

#include <stdlib.h>
#include <string.h>

#include "b2bua/call_int.h"
#include "base/metric.h"
#include "base/obj.h"

bool pickup_may(const struct refer_named *n)
{
	const struct call *x = n->call;

	return n->side == 1 && x->state == CALL_RINGING && x->invite != NULL &&
	       !x->late;
}

static bool is_direction(struct slice line)
{
	static const char *const dirs[] = { "a=sendrecv", "a=sendonly",
		"a=recvonly", "a=inactive" };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (slice_eq_str(slice_trim(line), dirs[i]))
			return true;
	return false;
}

/*
 * What the called phone might have answered to our offer, had it taken the
 * call and put it on hold: all codecs, the first of the keys, no sound. Nobody
 * sends or receives by it.
 */
static char *stand_in(const char *offer)
{
	struct slice rest = slice_str(offer), line;
	struct text t = { 0 };
	bool media = false, keys = false;

	while (rest.n > 0) {
		size_t end = slice_find(rest, '\n');

		line = slice_head(rest, end < rest.n ? end + 1 : end);
		rest = slice_from(rest, line.n);
		if (slice_starts(line, "m=")) {
			if (media)
				text_add(&t, SLICE_LIT("a=inactive\r\n"));
			media = true;
			keys = false;
		}
		if (is_direction(line) ||
			(keys && slice_starts(line, "a=crypto:")))
			continue;
		keys |= slice_starts(line, "a=crypto:");
		text_add(&t, line);
	}
	text_add(&t, SLICE_LIT("a=inactive\r\n"));
	return text_take(&t);
}

/* The caller's answer, if he has none for good (RFC 6337 3.1.1). */
static bool describe(struct call *x)
{
	struct leg *b = &x->leg[1];
	char *text;
	enum neg_result r;

	if (x->leg[0].settled) {
		call_ringback_end(x);
		call_sounds(x);
		return true;
	}
	text = stand_in(b->next.local != NULL ? b->next.local : b->now.local);
	r = call_take_answer(x, 1, slice_str(text));
	if (r == NEG_OK)
		r = call_make_answer(x, 0);
	mem_wipe(text, strlen(text));
	free(text);
	if (r == NEG_OK) {
		call_ringback_end(x);
		call_media_commit(x);
		return true;
	}
	leg_text_set(&x->leg[0].next.local, NULL);
	leg_text_set(&b->next.remote, NULL);
	return false;
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
