/* See keys.h. */
#include "media/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "media/dtmf.h"
#include "media/rtp.h"

enum {
	WAIT = 32, /* keys that wait to be put in */
	VOLUME = 10, /* -dBm0 that is told of them */
	END_PACKETS = 3, /* RFC 4733 2.5.1.4 */
	FRAME_MS = 20, /* of packets that are made */
	GAP_MS = 40, /* between keys, at least */
	KEY_MIN_MS = 40,
	EVENTS_MAX = 0xff, /* others than keys are events, too */
	SEGMENT = 0xffff, /* as long as an event can say: RFC 4733 2.5.1.3 */
	STREAMS = 4, /* whose shifts are remembered */
};
static const uint64_t ms = 1000000; /* in nanoseconds */
static const uint64_t quiet_ns = 60000000; /* no sound comes */
static const uint64_t lost_ns = 300000000; /* an end that does not come */
static const uint64_t twice_ns = 2000000000; /* one way of telling holds */
static const uint64_t least_ns = 40000000; /* between keys that are told */

struct keys {
	struct mcall_keys set;
	struct { /* an event that comes */
		bool any, on;
		uint8_t key;
		uint32_t ssrc, timestamp, duration;
		uint64_t before; /* duration of the segments before this one */
		uint64_t begun_ns, last_ns;
	} in;
	struct { /* keys to be put in */
		uint8_t key;
		uint16_t ms;
	} wait[WAIT];
	size_t nwait;
	struct { /* the one that is being sent */
		bool on;
		uint8_t key;
		uint32_t timestamp, duration, total; /* by the sound's clock */
		unsigned ends; /* packets that tell the end, to be sent */
	} now;
	uint64_t put_ns; /* the last packet of a key that was put in */
	uint64_t free_ns; /* from here on the next key may begin */
	struct { /* what left */
		bool any;
		uint32_t ssrc, timestamp;
		uint16_t seq;
		uint16_t shift; /* packets put in, less those taken out */
		bool made; /* it was one that we made */
		uint64_t ns;
		struct shifted { /* streams before; they may go on */
			uint32_t ssrc;
			uint16_t shift;
		} was[STREAMS];
		unsigned next;
	} out;
};

struct keys *keys_new(void)
{
	struct keys *k = mem_new(sizeof(*k));

	k->set.from = k->set.to = MEDIA_NO_PT;
	return k;
}

void keys_set(struct keys *k, const struct mcall_keys *set)
{
	k->set = *set;
	if (k->set.clock == 0)
		k->set.clock = 8000;
	if (k->set.from_clock == 0)
		k->set.from_clock = k->set.clock;
	if (k->set.to_clock == 0)
		k->set.to_clock = k->set.clock;
	if (set->to == MEDIA_NO_PT) { /* nothing can be put in any more */
		metric_add(M_KEYS_LOST, k->nwait);
		k->nwait = 0;
		k->now.on = false;
		k->now.ends = 0;
	}
}

/* ---- what comes ---- */

static void tell_end(struct keys *k, struct keys_heard *heard)
{
	uint64_t told =
		(k->in.before + k->in.duration) * 1000 / k->set.from_clock;

	k->in.on = false;
	if (!k->set.take)
		return;
	*heard = (struct keys_heard){ .any = true,
		.key = k->in.key,
		.ms = (uint16_t)(told == 0	? 1
				 : told > 65535 ? 65535
						: told) };
}

static bool is_fresh(const struct keys *k, const struct rtp_head *h)
{
	return !k->in.any || h->ssrc != k->in.ssrc ||
	       h->timestamp != k->in.timestamp;
}

/* A key that is down for longer than an event can say goes on as another one,
 * which begins where that one ended. */
static bool is_next_segment(const struct keys *k, const struct rtp_head *h,
	const struct dtmf_event *ev)
{
	uint32_t since = h->timestamp - k->in.timestamp;

	return k->in.on && h->ssrc == k->in.ssrc && ev->key == k->in.key &&
	       !h->marker && since == SEGMENT;
}

/* Events of one key repeat its timestamp; the end comes three times. */
static void note_event(struct keys *k, const struct rtp_head *h,
	const struct dtmf_event *ev, uint64_t now_ns, struct keys_heard *heard)
{
	if (is_next_segment(k, h, ev)) {
		k->in.before += SEGMENT;
		k->in.timestamp = h->timestamp;
		k->in.duration = 0;
	} else if (is_fresh(k, h)) {
		bool too_soon = k->in.any && now_ns - k->in.begun_ns < least_ns;

		if (k->in.on)
			tell_end(k, heard); /* its end was lost */
		k->in.any = true;
		k->in.on = ev->key < DTMF_KEYS && !too_soon;
		k->in.key = ev->key;
		k->in.ssrc = h->ssrc;
		k->in.timestamp = h->timestamp;
		k->in.duration = 0;
		k->in.before = 0;
		k->in.begun_ns = now_ns;
		if (!k->set.take && k->in.on)
			*heard = (struct keys_heard){ .any = true,
				.key = ev->key };
	}
	k->in.last_ns = now_ns;
	if (ev->duration > k->in.duration)
		k->in.duration = ev->duration;
	if (ev->end && k->in.on)
		tell_end(k, heard);
}

/* What follows closes up, so that nobody takes it for a loss. */
static void close_up(struct keys *k, const struct rtp_head *h, bool relayed)
{
	if (relayed && k->out.any && h->ssrc == k->out.ssrc)
		k->out.shift--;
}

/* A key that came by SIP goes on: the same one as events is a second telling. */
static bool told_by_sip(const struct keys *k, uint64_t now_ns)
{
	return k->nwait > 0 || k->now.on || k->now.ends > 0 ||
	       (k->put_ns != 0 && now_ns - k->put_ns < twice_ns);
}

bool keys_take(struct keys *k, const struct pkt *p, bool relayed,
	uint64_t now_ns, struct keys_heard *heard)
{
	struct dtmf_event ev;
	struct rtp_head h;

	*heard = (struct keys_heard){ 0 };
	if (k->set.from == MEDIA_NO_PT || rtp_parse(&h, p->p, p->n) != 0 ||
		h.pt != k->set.from ||
		dtmf_event_read(&ev, p->p + h.size, p->n - h.size) != 0)
		return false;
	if (!k->set.take && told_by_sip(k, now_ns)) {
		if (is_fresh(k, &h))
			metric_inc(M_KEYS_TWICE);
		k->in.any = true;
		k->in.on = false;
		k->in.ssrc = h.ssrc;
		k->in.timestamp = h.timestamp;
		close_up(k, &h, relayed);
		return true;
	}
	note_event(k, &h, &ev, now_ns, heard);
	if (k->set.take)
		close_up(k, &h, relayed);
	return k->set.take;
}

void keys_tick(struct keys *k, uint64_t now_ns, struct keys_heard *heard)
{
	*heard = (struct keys_heard){ 0 };
	if (k->in.on && now_ns - k->in.last_ns > lost_ns)
		tell_end(k, heard);
}

/* ---- what is put in ---- */

/* It has sent events, that pass, for the same keys. */
static bool told_by_events(const struct keys *k, uint64_t now_ns)
{
	bool told = !k->set.take && k->in.any && k->in.last_ns != 0 &&
		    now_ns - k->in.last_ns < twice_ns;

	if (told)
		metric_inc(M_KEYS_TWICE);
	return told;
}

bool keys_are_tones(const struct keys *k)
{
	return k->set.tones;
}

bool keys_press_tone(struct keys *k, uint64_t now_ns)
{
	if (told_by_events(k, now_ns))
		return false;
	k->put_ns = now_ns;
	return true;
}

bool keys_press(struct keys *k, uint8_t key, unsigned long_ms, uint64_t now_ns)
{
	if (k->set.to == MEDIA_NO_PT || k->nwait == WAIT) {
		metric_inc(M_KEYS_LOST);
		return false;
	}
	if (told_by_events(k, now_ns))
		return false;
	if (long_ms < KEY_MIN_MS)
		long_ms = KEY_MIN_MS;
	k->wait[k->nwait].key = key;
	k->wait[k->nwait++].ms = (uint16_t)(long_ms > 5000 ? 5000 : long_ms);
	return true;
}

bool keys_busy(const struct keys *k)
{
	return k->nwait > 0 || k->now.on || k->now.ends > 0;
}

static bool begin_next(struct keys *k, uint32_t timestamp, uint64_t now_ns)
{
	if (k->now.on || k->now.ends > 0)
		return true;
	if (k->nwait == 0 || now_ns < k->free_ns)
		return false;
	k->now.on = true;
	k->now.key = k->wait[0].key;
	k->now.timestamp = timestamp;
	k->now.duration = 0;
	k->now.total =
		(uint32_t)((uint64_t)k->wait[0].ms * k->set.clock / 1000);
	memmove(&k->wait[0], &k->wait[1], --k->nwait * sizeof(k->wait[0]));
	return true;
}

/* Writes the event behind a header whose marker and type it sets. */
static void write_event(
	struct keys *k, struct pkt *p, uint32_t step, uint64_t now_ns)
{
	bool first = k->now.on && k->now.duration == 0;
	uint64_t told, before;
	struct dtmf_event ev = { .key = k->now.key, .volume = VOLUME };

	if (k->now.on) {
		k->now.duration += step;
		if (k->now.duration >= k->now.total) {
			k->now.duration = k->now.total;
			k->now.on = false;
			k->now.ends = END_PACKETS;
		}
	}
	if (!k->now.on) {
		ev.end = true;
		if (--k->now.ends == 0)
			k->free_ns = now_ns + (FRAME_MS + GAP_MS) * ms;
	}
	told = (uint64_t)k->now.duration * k->set.to_clock / k->set.clock;
	before = told > 0 ? (told - 1) / SEGMENT * SEGMENT : 0;
	ev.duration = (uint16_t)(told - before);
	p->p[0] = 0x80; /* neither padding nor extension nor sources */
	p->p[1] = (uint8_t)((first ? 0x80 : 0) | k->set.to);
	put_u32(p->p + 4, k->now.timestamp + (uint32_t)(before * k->set.clock /
							k->set.to_clock));
	dtmf_event_write(p->p + RTP_HEADER, &ev);
	p->n = RTP_HEADER + DTMF_EVENT;
	k->put_ns = now_ns;
}

static uint32_t frame_units(const struct keys *k)
{
	return k->set.clock / 1000 * FRAME_MS;
}

/* How much of time the packet stands for. */
static uint32_t step_of(const struct keys *k, uint32_t timestamp)
{
	uint32_t since = timestamp - k->out.timestamp;

	return k->out.any && since > 0 && since <= k->set.clock / 10
		       ? since
		       : frame_units(k);
}

/* Another stream, as music of ours: the one before goes on behind what was put
 * into it, and no number of it is used twice. The two change places. */
static void change_stream(struct keys *k, uint32_t ssrc)
{
	struct shifted before = { k->out.ssrc, k->out.shift };
	unsigned at = 0;

	k->out.shift = 0;
	if (!k->out.any)
		return;
	while (at < STREAMS && k->out.was[at].ssrc != ssrc)
		at++;
	if (at < STREAMS) {
		k->out.shift = k->out.was[at].shift;
	} else {
		at = k->out.next;
		k->out.next = (at + 1) % STREAMS;
	}
	k->out.was[at] = before;
}

void keys_leave(struct keys *k, struct pkt *p, uint64_t now_ns)
{
	struct rtp_head h;
	uint32_t step;

	if (rtp_parse(&h, p->p, p->n) != 0)
		return;
	if (!k->out.any || h.ssrc != k->out.ssrc)
		change_stream(k, h.ssrc);
	step = step_of(k, h.timestamp);
	k->out.any = true;
	k->out.ssrc = h.ssrc;
	k->out.seq = (uint16_t)(h.seq + k->out.shift);
	k->out.timestamp = h.timestamp;
	k->out.ns = now_ns;
	k->out.made = false;
	put_u16(p->p + 2, k->out.seq);
	if (k->set.to != MEDIA_NO_PT && h.pt != k->set.to &&
		begin_next(k, h.timestamp, now_ns))
		write_event(k, p, step, now_ns);
}

int keys_due(struct keys *k, struct pkt *out, uint64_t now_ns)
{
	uint64_t since = now_ns - k->out.ns;
	uint32_t passed;

	if (!keys_busy(k) || (k->out.any && since < (k->out.made ? FRAME_MS * ms
								 : quiet_ns)))
		return EAGAIN;
	if (!k->out.any) { /* nothing ever came: a stream of our own */
		k->out.any = true;
		k->out.ssrc = random_u32();
		k->out.seq = (uint16_t)random_u32();
		k->out.timestamp = random_u32();
		since = 0;
	}
	passed = (uint32_t)(since / ms * k->set.clock / 1000);
	if (!begin_next(k, k->out.timestamp + passed, now_ns))
		return EAGAIN;
	k->out.seq++;
	k->out.shift++;
	k->out.timestamp += passed;
	k->out.ns = now_ns;
	k->out.made = true;
	memset(out->p, 0, RTP_HEADER);
	put_u16(out->p + 2, k->out.seq);
	put_u32(out->p + 8, k->out.ssrc);
	write_event(k, out, frame_units(k), now_ns);
	return 0;
}
