/* A call's transcoder, where the two legs' answers differ. */
#include <errno.h>

#include "b2bua/call/call_int.h"
#include "b2bua/call/desc.h"
#include "base/obj.h"

static bool pair_read(struct desc d[2], struct neg_pair *out, struct leg *l)
{
	const char *local = desc_local(l), *remote = desc_remote(l);

	*out = (struct neg_pair){ &d[0].m, &d[1].m };
	return local != NULL && remote != NULL &&
	       desc_read(&d[0], l, slice_str(local), 0) == NEG_OK &&
	       desc_read(&d[1], l, slice_str(remote), 0) == NEG_OK;
}

/* What both legs will speak, and tell keys by; false: no transcoder is
 * needed. */
static bool wanted_for(
	struct call *c, struct xcode_want *want, const struct neg_pair pair[2])
{
	const bool events[2] = { neg_has_events(&pair[0]),
		neg_has_events(&pair[1]) };
	bool differ = false;

	return neg_xcode_want(want, pair, &differ) &&
	       (keys_want(c, events, want) || differ);
}

static bool transcoder_needed(
	struct call *c, struct xcode_want *want, bool *can_do_without)
{
	struct desc d[2][2];
	struct neg_pair pair[2];
	bool needed = c->leg[0].policy.srtp != CONF_SRTP_PASS_THRU &&
		      pair_read(d[0], &pair[0], &c->leg[0]) &&
		      pair_read(d[1], &pair[1], &c->leg[1]) &&
		      addr_port(&d[0][1].m.rtp) != 0 &&
		      addr_port(&d[1][1].m.rtp) != 0 &&
		      wanted_for(c, want, pair);

	*can_do_without = needed && neg_can_relay(pair);
	for (unsigned i = 0; i < 4; i++)
		desc_wipe(&d[i / 2][i % 2]);
	return needed;
}

static void plan_set(struct call *c, struct xcode *x)
{
	obj_unref(c->plan.xcode);
	c->plan.xcode = x;
	c->plan.planned = true;
}

enum neg_result call_plan_transcoder(struct call *c)
{
	struct xcode_want want;
	struct xcode *x = NULL;
	bool can_do_without = false;
	int err;

	if (!transcoder_needed(c, &want, &can_do_without)) {
		plan_set(c, NULL);
		return NEG_OK;
	}
	if (c->xcode != NULL &&
		xcode_want_equal(xcode_wanted(c->xcode), &want)) {
		plan_set(c, obj_ref(c->xcode));
		return NEG_OK;
	}
	err = xcode_reserve(&x, c->core->farm, &want, c->xcode);
	if (err != 0 && !can_do_without)
		return err == EAGAIN ? NEG_NO_TRANSCODER : NEG_NO_CODEC;
	plan_set(c, x);
	return NEG_OK;
}

void call_start_transcoder(struct call *c)
{
	if (!c->plan.planned)
		return;
	c->plan.planned = false;
	if (c->plan.xcode != c->xcode)
		c->core->media_ops->transcode(c->media, c->plan.xcode);
	obj_unref(c->xcode);
	c->xcode = c->plan.xcode;
	c->plan.xcode = NULL;
}

void call_drop_transcoder(struct call *c)
{
	c->plan.planned = false;
	c->plan.xcode = obj_unref(c->plan.xcode);
}
