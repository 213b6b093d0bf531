/* Loss and jitter of what arrives. See arrival.h. */
#include "media/arrival.h"

enum { DROPOUT_MAX = 3000, MISORDER_MAX = 100 }; /* RFC 3550 A.1 */

static uint64_t lost_now(const struct arrival *a)
{
	uint64_t expected = a->any ? a->seen.top - a->base + 1 : 0;

	return expected > a->received ? expected - a->received : 0;
}

uint64_t arrival_lost(const struct arrival *a)
{
	return a->lost_before + lost_now(a);
}

/* One round up, so that what came before the first can be told. */
static void begin(struct arrival *a, const struct rtp_head *head)
{
	a->lost_before += lost_now(a);
	a->any = true;
	a->ssrc = head->ssrc;
	a->base = 0x10000 + head->seq;
	a->seen = (struct replay){ 0 };
	replay_mark(&a->seen, a->base);
	a->received = 1;
	a->jumped = false;
	a->timed = false;
	a->jitter = 0;
}

/* RFC 3550 A.8. Events of RFC 4733 repeat their timestamp and say nothing
 * about the network, so they are left out. */
static void note_time(struct arrival *a, const struct rtp_head *head,
	uint64_t now_ns, uint32_t rate)
{
	uint64_t units = now_ns / 1000 * rate / 1000000;
	uint32_t transit = (uint32_t)units - head->timestamp;
	uint32_t d = 0;

	if (a->timed && head->timestamp == a->last_timestamp)
		return;
	if (a->timed) {
		d = transit - a->last_transit;
		if ((int32_t)d < 0)
			d = 0 - d;
		if (d < rate * 2) /* else the clock was set anew */
			a->jitter += d - ((a->jitter + 8) >> 4);
	}
	a->timed = true;
	a->last_transit = transit;
	a->last_timestamp = head->timestamp;
}

/* A late or repeated packet of this sequence. */
static bool note_old(struct arrival *a, uint64_t index)
{
	if (index >= a->base && !replay_known(&a->seen, index)) {
		replay_mark(&a->seen, index);
		a->received++;
	}
	return false;
}

static bool note_far(struct arrival *a, const struct rtp_head *head)
{
	if (a->jumped && head->seq == a->expect) {
		begin(a, head); /* two in a row: the sender began anew */
		return true;
	}
	a->jumped = true;
	a->expect = (uint16_t)(head->seq + 1);
	return false;
}

bool arrival_note(struct arrival *a, const struct rtp_head *head,
	uint64_t now_ns, uint32_t rate)
{
	uint16_t ahead = (uint16_t)(head->seq - (uint16_t)a->seen.top);
	bool newest = false;

	if (!a->any || head->ssrc != a->ssrc) {
		begin(a, head);
		newest = true;
	} else if (ahead == 0 || ahead > 0x10000 - MISORDER_MAX) {
		newest = note_old(a, a->seen.top - (uint16_t)(0 - ahead));
	} else if (ahead < DROPOUT_MAX) {
		replay_mark(&a->seen, a->seen.top + ahead);
		a->received++;
		a->jumped = false;
		newest = true;
	} else {
		newest = note_far(a, head);
	}
	if (newest)
		note_time(a, head, now_ns, rate);
	return newest;
}

uint32_t arrival_jitter_us(const struct arrival *a, uint32_t rate)
{
	return (uint32_t)((uint64_t)(a->jitter >> 4) * 1000000 / rate);
}
