/*
 * What is not the codec's: keys (RFC 4733) and descriptions of noise (RFC
 * 3389). They pass as they are where the far end knows them. Keys become tones
 * where it does not, and tones become keys where it does and the near end
 * does not.
 */
#include "media/flow_int.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
	OUT_VOLUME = 10, /* -dBm0 that is told of keys heard as tones */
	END_PACKETS = 3, /* RFC 4733 2.5.1.4 */
	SEGMENT = 0xffff, /* as long as an event can say: RFC 4733 2.5.1.3 */
	QUIETEST = 78, /* -dBov that is told of noise: what is usual */
};

static const uint32_t key_forgotten = 5000; /* ms after its last packet */

/* A payload of the near end's for the far end, its header to be written. */
static void pass(struct flow *f, uint8_t pt, bool marker, uint32_t ts,
	const uint8_t *p, size_t n)
{
	if (n > sizeof(f->passed.data)) {
		flow_bad(f);
		return;
	}
	f->passed.ready = true;
	f->passed.pt = pt;
	f->passed.marker = marker;
	f->passed.timestamp = ts;
	f->passed.n = n;
	f->hurry = f->n >= f->packet;
	memcpy(f->passed.data, p, n);
}

/* ---- noise ---- */

void flow_take_noise(
	struct flow *f, const struct rtp_head *h, const uint8_t *p, size_t n)
{
	flow_ear_end(f);
	if (n == 0)
		flow_bad(f);
	else if (f->to.noise_to != XCODE_NO_PT)
		pass(f, f->to.noise_to, false, flow_time(f, h->timestamp), p,
			n);
	else /* RFC 3389 3.1: -dBov; its spectrum (3.2) is left out */
		flow_pause(f, false, 32768 * pow(10, -(p[0] & 0x7f) / 20.0));
}

bool flow_tell_noise(struct flow *f, const int16_t *pcm, size_t n)
{
	double sum = 1;
	double level;
	uint8_t told;
	uint32_t begin = f->out_ts + (uint32_t)flow_scale(f->n, f->rate_out,
					     f->to.codec->clock);

	if (f->to.noise_to == XCODE_NO_PT)
		return false;
	flow_ear_end(f);
	for (size_t i = 0; i < n; i++)
		sum += (double)pcm[i] * pcm[i];
	/* RFC 3389 3.1: below an overload square wave */
	level = 10 * log10(32767.0 * 32767.0 * (double)n / sum);
	told = (uint8_t)(level > QUIETEST ? QUIETEST : level);
	pass(f, f->to.noise_to, false, begin, &told, 1);
	return true;
}

/* ---- keys as events ---- */

static uint32_t rescaled(uint32_t duration, uint32_t from, uint32_t to)
{
	return (uint32_t)((uint64_t)duration * to / from);
}

/* A key that is down for longer than an event can say goes on as another one,
 * which begins where that one ended. */
static bool is_next_segment(const struct flow *f, const struct rtp_head *h,
	const struct dtmf_event *ev)
{
	uint32_t last = f->key_in.timestamp + f->key_in.before;

	return f->key_in.any && !f->key_in.ended && ev->key == f->key_in.key &&
	       !h->marker && h->timestamp - last == SEGMENT;
}

/* By the far end's clock it may be another segment, or none. */
static uint32_t to_segment(struct dtmf_event *ev, uint32_t duration)
{
	uint32_t before = duration > 0 ? (duration - 1) / SEGMENT * SEGMENT : 0;

	ev->duration = (uint16_t)(duration - before);
	return before;
}

static void pass_key(struct flow *f, const struct rtp_head *h, bool fresh,
	struct dtmf_event ev)
{
	uint8_t p[DTMF_EVENT];
	uint32_t before;

	if (fresh) {
		f->key_in.timestamp_out = flow_time(f, h->timestamp);
		flow_ear_known(f);
	}
	before = to_segment(
		&ev, rescaled(f->key_in.before + ev.duration,
			     f->from.event_clock, f->to.event_clock));
	dtmf_event_write(p, &ev);
	pass(f, f->to.event_to, h->marker, f->key_in.timestamp_out + before, p,
		sizeof(p));
}

/* ---- events to tones ---- */

/* As long as the event says by now, in steps: what was lost is caught up, but
 * a stranger's number does not make minutes of sound. */
static bool sound_key(struct flow *f, const struct rtp_head *h, bool fresh,
	const struct dtmf_event *ev)
{
	uint32_t clock = f->from.codec->clock;
	uint32_t now = rescaled(
		f->key_in.before + ev->duration, f->from.event_clock, clock);
	uint32_t more, most = clock / 1000 * KEY_MS;

	if (ev->key >= DTMF_KEYS)
		return true;
	if (fresh) {
		if (!flow_skip(f, h->timestamp))
			return false;
		dtmf_tone_begin(
			&f->key_in.tone, ev->key, f->rate_out, ev->volume);
		f->key_in.duration = 0;
		f->key_in.paused = f->pause.on;
		f->pause.on = false;
	}
	if (ev->end && f->key_in.paused)
		flow_pause(f, f->pause.by_codec, f->pause.level);
	if (now <= f->key_in.duration)
		return true;
	more = now - f->key_in.duration;
	f->key_in.duration = now;
	f->next_ts = h->timestamp - f->key_in.before + now;
	f->key_in.left += (size_t)((uint64_t)(more < most ? more : most) *
				   f->rate_out / clock);
	return true;
}

void flow_make_key(struct flow *f)
{
	int16_t pcm[CODEC_RATE_MAX * CHUNK_MS / 1000];
	size_t n = (size_t)f->rate_out * CHUNK_MS / 1000;

	if (n > f->key_in.left)
		n = f->key_in.left;
	dtmf_tone_make(&f->key_in.tone, pcm, n);
	flow_append(f, pcm, n);
	f->key_in.left -= n;
}

/* While a key is down, sound that comes beside it is not it. */
bool flow_is_key(struct flow *f, uint32_t ts)
{
	uint32_t since = ts - f->key_in.timestamp;

	if (!f->key_in.any || f->to.event_to != XCODE_NO_PT)
		return false;
	if (since < f->key_in.duration)
		return true;
	if (!f->key_in.ended &&
		since < f->key_in.duration + f->from.codec->clock / 10)
		return true;
	f->key_in.any = since < f->from.codec->clock / 1000 * key_forgotten;
	return false;
}

bool flow_take_event(
	struct flow *f, const struct rtp_head *h, const uint8_t *p, size_t n)
{
	struct dtmf_event ev;
	bool fresh;

	if (dtmf_event_read(&ev, p, n) != 0) {
		flow_bad(f);
		return true;
	}
	if (is_next_segment(f, h, &ev))
		f->key_in.before += SEGMENT;
	fresh = !f->key_in.any ||
		h->timestamp != f->key_in.timestamp + f->key_in.before;
	if (fresh)
		f->key_in.before = 0;
	if (f->to.event_to != XCODE_NO_PT)
		pass_key(f, h, fresh, ev);
	else if (!sound_key(f, h, fresh, &ev))
		return false;
	f->key_in.any = true;
	f->key_in.timestamp = h->timestamp - f->key_in.before;
	f->key_in.key = ev.key;
	f->key_in.ended = ev.end;
	return true;
}

/* ---- tones to events ---- */

static void write_key(
	struct flow *f, struct pkt *out, struct xcode_out *about, bool end)
{
	struct dtmf_event ev = {
		.key = f->key_out.key, .end = end, .volume = OUT_VOLUME
	};
	uint32_t before =
		to_segment(&ev, rescaled(f->key_out.duration,
					f->to.codec->clock, f->to.event_clock));

	flow_header(f, out->p, f->to.event_to, f->key_out.timestamp + before);
	dtmf_event_write(out->p + RTP_HEADER, &ev);
	flow_finish(f, out, DTMF_EVENT, about);
}

/* A packet of sound that is a key's tone goes as an event instead. */
static bool send_key(struct flow *f, struct pkt *out, struct xcode_out *about)
{
	struct ear_key *k = f->ear.events ? flow_ear_first(f) : NULL;

	if (f->key_out.on && (k == NULL || k->begin != f->key_out.begin)) {
		f->key_out.on = false;
		f->key_out.ends = END_PACKETS;
	}
	if (f->key_out.ends > 0) {
		f->key_out.ends--;
		write_key(f, out, about, true);
		f->marker = f->key_out.ends == 0;
		return true;
	}
	if (k == NULL || !flow_has_packet(f))
		return false;
	if (!f->key_out.on) {
		k->sent = true;
		f->key_out.on = true;
		f->key_out.key = k->key;
		f->key_out.begin = k->begin;
		f->key_out.timestamp = f->out_ts;
		f->key_out.duration = 0;
		f->marker = true;
	}
	f->key_out.duration += (uint32_t)flow_scale(
		f->packet, f->rate_out, f->to.codec->clock);
	flow_consume(f);
	write_key(f, out, about, false);
	return true;
}

int flow_send_event(struct flow *f, struct pkt *out, struct xcode_out *about)
{
	if (f->passed.ready && !f->hurry) {
		f->passed.ready = false;
		f->marker = f->passed.marker;
		flow_header(f, out->p, f->passed.pt, f->passed.timestamp);
		memcpy(out->p + RTP_HEADER, f->passed.data, f->passed.n);
		flow_finish(f, out, f->passed.n, about);
		f->marker = true; /* sound begins again after it */
		return 0;
	}
	return send_key(f, out, about) ? 0 : EAGAIN;
}
