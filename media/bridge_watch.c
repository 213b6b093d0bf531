/* Whether anything still comes, and both ways. See bridge.h. */
#include "media/bridge.h"

static uint64_t heard_ms(const struct mleg *leg)
{
	return atomic_load_explicit(&leg->n.heard_ms, memory_order_relaxed);
}

static bool two_way(const struct mleg *leg)
{
	return leg->is_set && leg->send && leg->receive;
}

/*
 * Silence means a dead call only while somebody is expected to talk: a call
 * on hold has no leg that both sends and receives, and many phones then send
 * nothing at all. RTP and RTCP both count as life.
 */
static void watch_silence(struct bridge *br, uint64_t now_ms)
{
	uint64_t since = br->armed_ms;

	if (br->inactivity_ms == 0)
		return;
	if (!two_way(&br->leg[0]) && !two_way(&br->leg[1])) {
		br->armed_ms = now_ms;
		return;
	}
	for (unsigned side = 0; side < 2; side++)
		if (heard_ms(&br->leg[side]) > since)
			since = heard_ms(&br->leg[side]);
	if (now_ms < since + br->inactivity_ms)
		return;
	br->armed_ms = now_ms;
	br->event(br->arg,
		&(struct media_event){ .kind = MEDIA_INACTIVE, .side = -1 });
}

enum { ONEWAY_LOOK_MS = 1000 };

static void watch_oneway(struct bridge *br, uint64_t now_ms)
{
	bool heard[2];

	if (br->oneway_ms == 0 || now_ms < br->oneway_look_ms)
		return;
	br->oneway_look_ms = now_ms + ONEWAY_LOOK_MS;
	for (unsigned i = 0; i < 2; i++)
		heard[i] = oneway_hear(&br->oneway[i], &br->leg[i], now_ms);
	for (int i = 0; i < 2; i++) {
		struct media_event ev = { .kind = MEDIA_ONEWAY, .side = i };
		const struct mleg *leg = &br->leg[i];
		bool flows = heard[1 - i] || br->player[i] != NULL;
		enum oneway_news news = oneway_judge(&br->oneway[i], leg, flows,
			br->oneway_ms, now_ms, &ev.oneway);

		if (news == ONEWAY_QUIET)
			continue;
		if (news == ONEWAY_OVER)
			ev.kind = MEDIA_ONEWAY_ENDED;
		else if (ev.oneway == MEDIA_ONEWAY_SOURCE)
			ev.addr = leg->stranger;
		br->event(br->arg, &ev);
	}
}

void bridge_watch(struct bridge *br, uint64_t now_ms)
{
	watch_silence(br, now_ms);
	watch_oneway(br, now_ms);
}
