/* The software transcoder: two flows in the media worker. */
#include <errno.h>
#include <stdlib.h>

#include "base/metric.h"
#include "base/obj.h"
#include "media/flow.h"
#include "media/rtcp_map.h"

struct soft {
	struct flow *flow[2]; /* by the side it comes from */
};

static bool soft_can(const struct codec *a, const struct codec *b)
{
	(void)a;
	(void)b;
	return true; /* whatever is in the table of codecs */
}

static void *soft_open(const struct xcode_want *w)
{
	struct soft *s = mem_new(sizeof(*s));

	s->flow[0] = flow_new(&w->side[0], &w->side[1]);
	s->flow[1] = flow_new(&w->side[1], &w->side[0]);
	return s;
}

static void soft_put(
	void *state, int side, const struct pkt *in, uint64_t now_ns)
{
	struct soft *s = state;

	flow_put(s->flow[side], in, now_ns);
}

static int soft_get(
	void *state, int side, struct pkt *out, struct xcode_out *about)
{
	struct soft *s = state;

	return flow_get(s->flow[side], out, about);
}

static bool soft_pauses(const void *state, int side)
{
	const struct soft *s = state;

	return flow_pauses(s->flow[side]);
}

static bool soft_rest(void *state, int side, uint64_t now_ns)
{
	struct soft *s = state;

	return flow_rest(s->flow[side], now_ns);
}

static bool soft_press(void *state, int side, uint8_t key, unsigned ms)
{
	struct soft *s = state;

	return flow_press(s->flow[side], key, ms);
}

static bool soft_heard(
	void *state, int side, bool broke_off, struct xcode_key *out)
{
	struct soft *s = state;

	return flow_heard(s->flow[side], broke_off, out);
}

static void soft_rtcp(void *state, int side, struct pkt *p)
{
	struct soft *s = state;
	struct rtcp_map sent, heard;
	unsigned left_out;

	flow_map(s->flow[side], &sent);
	flow_map(s->flow[1 - side], &heard);
	p->n = rtcp_rewrite(p->p, p->n, &sent, &heard, &left_out);
	metric_add(M_XCODE_RTCP_LEFT_OUT, left_out);
}

static void soft_stats(const void *state, int side, struct xcode_stats *out)
{
	const struct soft *s = state;

	flow_stats(s->flow[side], out);
}

static void soft_close(void *state)
{
	struct soft *s = state;

	flow_free(s->flow[0]);
	flow_free(s->flow[1]);
	free(s);
}

const struct xcode_ops xcode_soft = {
	.name = "software",
	.can = soft_can,
	.open = soft_open,
	.put = soft_put,
	.get = soft_get,
	.pauses = soft_pauses,
	.rest = soft_rest,
	.press = soft_press,
	.heard = soft_heard,
	.rtcp = soft_rtcp,
	.stats = soft_stats,
	.close = soft_close,
};
