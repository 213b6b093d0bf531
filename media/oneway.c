/* One-way audio. See oneway.h. */
#include "media/oneway.h"

static uint64_t get(const _Atomic uint64_t *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

static void begin(struct oneway *o, const struct mleg *leg, uint64_t now_ms)
{
	o->since_ms = now_ms;
	o->then.auth_failed = get(&leg->n.auth_failed);
	o->then.malformed = get(&leg->n.malformed);
	o->then.wrong_source = get(&leg->n.wrong_source);
	o->then.rtcp = get(&leg->n.rx_rtcp);
	o->then.send_failed = get(&leg->n.send_failed);
	o->then.tx_packets = get(&leg->n.tx_packets);
}

bool oneway_hear(struct oneway *o, const struct mleg *leg, uint64_t now_ms)
{
	uint64_t rtp = get(&leg->n.rx_packets);
	bool heard = rtp != o->rtp;
	bool expected = leg->is_set && leg->send && leg->receive && !leg->raw;

	o->rtp = rtp;
	o->ever = o->ever || heard;
	if (heard || expected != o->expected)
		begin(o, leg, now_ms);
	o->expected = expected;
	return heard;
}

/* What came and was dropped says most; then what did not come. */
static enum media_oneway cause_of(
	const struct oneway *o, const struct mleg *leg)
{
	if (get(&leg->n.auth_failed) != o->then.auth_failed)
		return MEDIA_ONEWAY_AUTH;
	if (get(&leg->n.wrong_source) != o->then.wrong_source)
		return MEDIA_ONEWAY_SOURCE;
	if (get(&leg->n.malformed) != o->then.malformed)
		return MEDIA_ONEWAY_MALFORMED;
	if (get(&leg->n.send_failed) != o->then.send_failed &&
		get(&leg->n.tx_packets) == o->then.tx_packets)
		return MEDIA_ONEWAY_SEND;
	if (get(&leg->n.rx_rtcp) != o->then.rtcp)
		return MEDIA_ONEWAY_SILENT;
	return o->ever ? MEDIA_ONEWAY_STOPPED : MEDIA_ONEWAY_NEVER;
}

static bool is_dropped(enum media_oneway cause)
{
	return cause == MEDIA_ONEWAY_AUTH || cause == MEDIA_ONEWAY_SOURCE ||
	       cause == MEDIA_ONEWAY_MALFORMED;
}

enum oneway_news oneway_judge(struct oneway *o, const struct mleg *leg,
	bool flows, unsigned limit_ms, uint64_t now_ms,
	enum media_oneway *cause)
{
	if (!o->expected || o->since_ms == now_ms) {
		*cause = o->expected ? MEDIA_ONEWAY_HEARD : MEDIA_ONEWAY_HELD;
		o->tell_ms = 0;
		if (!o->told)
			return ONEWAY_QUIET;
		o->told = false;
		return ONEWAY_OVER;
	}
	if (now_ms < o->since_ms + limit_ms || now_ms < o->tell_ms)
		return ONEWAY_QUIET;
	*cause = cause_of(o, leg);
	if (!flows && !is_dropped(*cause))
		return ONEWAY_QUIET;
	o->told = true;
	o->tell_ms = now_ms + limit_ms;
	return ONEWAY_TOLD;
}
