/*
 * What the sip thread has done with a call's bridge beside setting its legs:
 * sounds, keys, a transcoder, copies. Each is an order, a message that the
 * call's worker runs in its turn.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/obj.h"
#include "base/thread.h"
#include "media/media_int.h"

struct order {
	struct mq_node node;
	struct mcall *call; /* owned */
	int side;
};

/* Sends it: `o` is the beginning of what the order is allocated as. */
static void give(struct order *o, struct mcall *mc, int side,
	void (*run)(struct mq_node *node))
{
	need(on_thread(THR_SIP));
	need(!mcall_is_closed(mc) && (side == 0 || side == 1));
	o->node.run = run;
	o->call = obj_ref(mc);
	o->side = side;
	worker_post(mcall_worker(mc), &o->node);
}

static void done(struct order *o)
{
	obj_unref(o->call);
	free(o);
}

struct inherit_order {
	struct order o;
	struct mcall *from; /* owned */
	int from_side;
};

static void inherit_run(struct mq_node *node)
{
	struct inherit_order *x = MQ_HOLDER(node, struct inherit_order, o.node);

	mleg_inherit(&mcall_bridge(x->o.call)->leg[x->o.side],
		&mcall_bridge(x->from)->leg[x->from_side]);
	obj_unref(x->from);
	done(&x->o);
}

void mcall_inherit(
	struct mcall *mc, int side, struct mcall *from, int from_side)
{
	struct inherit_order *x = mem_new(sizeof(*x));

	need(!mcall_is_closed(from) && mcall_is_beside(mc, from));
	x->from = obj_ref(from);
	x->from_side = from_side;
	give(&x->o, mc, side, inherit_run);
}

struct xcode_order {
	struct order o;
	struct xcode *xcode; /* owned; or NULL */
};

static void xcode_run(struct mq_node *node)
{
	struct xcode_order *x = MQ_HOLDER(node, struct xcode_order, o.node);
	struct bridge *br = mcall_bridge(x->o.call);

	obj_unref(br->xcode);
	br->xcode = x->xcode;
	done(&x->o);
}

void mcall_transcode(struct mcall *mc, struct xcode *xcode)
{
	struct xcode_order *x = mem_new(sizeof(*x));

	x->xcode = obj_ref(xcode);
	give(&x->o, mc, 0, xcode_run);
}

struct play_order {
	struct order o;
	struct player *player; /* owned; or NULL */
};

static void play_run(struct mq_node *node)
{
	struct play_order *x = MQ_HOLDER(node, struct play_order, o.node);
	struct bridge *br = mcall_bridge(x->o.call);
	int side = x->o.side;

	player_free(br->after[side]);
	br->after[side] = NULL;
	if (br->player[side] != NULL) {
		player_stop(br->player[side]);
		br->after[side] = x->player;
	} else if (x->player != NULL) {
		br->player[side] = x->player;
		worker_play(mcall_worker(x->o.call), br);
	}
	done(&x->o);
}

int mcall_play(struct mcall *mc, int side, struct sound *s,
	const struct xcode_side *to, bool once)
{
	struct play_order *x;
	struct player *p = NULL;

	need(side == 0 || side == 1);
	if (s != NULL) {
		p = player_new(s, to, once);
		if (p == NULL)
			return ENOTSUP;
	}
	x = mem_new(sizeof(*x));
	x->player = p;
	give(&x->o, mc, side, play_run);
	return 0;
}

struct keys_order {
	struct order o;
	struct mcall_keys set;
};

static void keys_run(struct mq_node *node)
{
	struct keys_order *x = MQ_HOLDER(node, struct keys_order, o.node);
	struct keys **k = &mcall_bridge(x->o.call)->keys[x->o.side];

	if (*k == NULL)
		*k = keys_new();
	keys_set(*k, &x->set);
	done(&x->o);
}

void mcall_keys(struct mcall *mc, int side, const struct mcall_keys *k)
{
	struct keys_order *x = mem_new(sizeof(*x));

	x->set = *k;
	give(&x->o, mc, side, keys_run);
}

struct press_order {
	struct order o;
	uint8_t key;
	unsigned ms;
};

static void press_run(struct mq_node *node)
{
	struct press_order *x = MQ_HOLDER(node, struct press_order, o.node);

	struct bridge *br = mcall_bridge(x->o.call);

	if (bridge_press(br, x->o.side, x->key, x->ms, clock_ns()))
		worker_play(mcall_worker(x->o.call), br);
	done(&x->o);
}

void mcall_press(struct mcall *mc, int side, uint8_t key, unsigned ms)
{
	struct press_order *x = mem_new(sizeof(*x));

	x->key = key;
	x->ms = ms;
	give(&x->o, mc, side, press_run);
}

struct capture_order {
	struct order o;
	struct capture *capture; /* owned; or NULL */
};

static void capture_run(struct mq_node *node)
{
	struct capture_order *x = MQ_HOLDER(node, struct capture_order, o.node);
	struct bridge *br = mcall_bridge(x->o.call);

	obj_unref(br->capture);
	br->capture = x->capture;
	done(&x->o);
}

void mcall_capture(struct mcall *mc, struct capture *c)
{
	struct capture_order *x = mem_new(sizeof(*x));

	x->capture = obj_ref(c);
	give(&x->o, mc, 0, capture_run);
}

struct copy_order {
	struct order o;
	struct mcall *to; /* owned; or NULL */
};

static void copy_run(struct mq_node *node)
{
	struct copy_order *x = MQ_HOLDER(node, struct copy_order, o.node);
	struct bridge *br = mcall_bridge(x->o.call);

	obj_unref(br->copied);
	br->copied = x->to;
	br->copy = x->to != NULL ? mcall_bridge(x->to) : NULL;
	done(&x->o);
}

void mcall_copy(struct mcall *mc, struct mcall *to)
{
	struct copy_order *x = mem_new(sizeof(*x));

	need(to == NULL || (!mcall_is_closed(to) && mcall_bridge(to)->apart &&
				   mcall_is_beside(mc, to)));
	x->to = obj_ref(to);
	give(&x->o, mc, 0, copy_run);
}
