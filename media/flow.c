/* One direction through the software transcoder. See flow.h. */
#include "media/flow_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"

enum { ANEW_MS = 100 }; /* longer than what jitter is */
static const uint64_t second_ns = 1000000000;

static void add(_Atomic uint64_t *c, uint64_t n)
{
	atomic_store_explicit(c,
		atomic_load_explicit(c, memory_order_relaxed) + n,
		memory_order_relaxed);
}

static size_t samples_of(unsigned rate, unsigned ms)
{
	return (size_t)rate * ms / 1000;
}

/* ---- making ---- */

/* One rate for both if they have one: resampling costs and rounds. */
static void choose_rates(struct flow *f)
{
	const unsigned *r = f->to.codec->rates;
	unsigned common = codec_common_rate(f->from.codec, f->to.codec);

	f->rate_in = f->rate_out = common;
	if (common != 0)
		return;
	for (size_t i = 0; i < CODEC_RATES_MAX; i++)
		if (f->from.codec->rates[i] != 0)
			f->rate_in = f->from.codec->rates[i];
	f->rate_out = r[0];
	for (size_t i = 0; i < CODEC_RATES_MAX && r[i] != 0; i++)
		if (f->rate_out < f->rate_in)
			f->rate_out = r[i];
}

static void make_buffers(struct flow *f)
{
	size_t most = samples_of(f->rate_in, CODEC_PAYLOAD_MS);

	f->decoded_room = most;
	/* a packet less one sample waits, and the longest payload comes; a
	 * resampler may give a few more than its share */
	f->room = f->packet + f->behind +
		  flow_scale(most, f->rate_in, f->rate_out) + 64;
	f->pcm = mem_array(f->room, sizeof(f->pcm[0]));
	f->decoded = mem_array(f->decoded_room, sizeof(f->decoded[0]));
}

struct flow *flow_new(
	const struct xcode_side *from, const struct xcode_side *to)
{
	struct flow *f = mem_new(sizeof(*f));
	int err = RESAMPLER_ERR_SUCCESS;

	f->from = *from;
	f->to = *to;
	choose_rates(f);
	f->frame = (size_t)((uint64_t)f->rate_in * from->codec->frame_us /
			    1000000);
	f->packet = codec_packet(to->codec, f->rate_out, to->ptime_ms);
	f->last = samples_of(f->rate_in, PTIME_MS);
	flow_ear_open(f);
	make_buffers(f);
	f->dec = from->codec->dec_open(f->rate_in);
	f->enc = to->codec->enc_open(f->rate_out, &to->options);
	if (from->codec->conceal == NULL)
		f->gapfill = gapfill_new(f->rate_in);
	if (f->rate_in != f->rate_out)
		f->resampler = speex_resampler_init(
			1, f->rate_in, f->rate_out, RESAMPLER_QUALITY, &err);
	need(err == RESAMPLER_ERR_SUCCESS);
	f->out_ssrc = random_u32();
	f->out_seq = (uint16_t)random_u32();
	f->out_ts = random_u32();
	f->marker = true;
	return f;
}

void flow_free(struct flow *f)
{
	if (f == NULL)
		return;
	f->from.codec->dec_close(f->dec);
	f->to.codec->enc_close(f->enc);
	free(f->gapfill);
	if (f->resampler != NULL)
		speex_resampler_destroy(f->resampler);
	dtmf_ear_free(f->ear.ear);
	free(f->held);
	free(f->decoded);
	free(f->pcm);
	free(f);
}

/* ---- samples ---- */

void flow_append(struct flow *f, const int16_t *pcm, size_t n)
{
	need(n <= f->room - f->n);
	memcpy(f->pcm + f->n, pcm, n * sizeof(pcm[0]));
	f->n += n;
}

void flow_say(struct flow *f, const int16_t *pcm, size_t n)
{
	spx_uint32_t in = (spx_uint32_t)n;
	spx_uint32_t out = (spx_uint32_t)(f->room - f->n);
	size_t had = f->n;

	if (f->resampler != NULL) {
		(void)speex_resampler_process_int(
			f->resampler, 0, pcm, &in, f->pcm + f->n, &out);
		f->n += out;
	} else {
		flow_append(f, pcm, n);
	}
	flow_ear_hear(f, had);
}

/* The last of what is missing, which the next payload brings once more. */
static void repair(struct flow *f)
{
	size_t n = f->repair.n, took = n * 1000 / f->rate_in;

	f->from.codec->repair(
		f->dec, f->repair.p, f->repair.bytes, f->decoded, n);
	flow_say(f, f->decoded, n);
	f->missing -= n;
	f->repair.n = 0;
	add(&f->count.repaired_ms, took);
	metric_add(M_XCODE_REPAIRED, took);
}

/* At most CHUNK_MS of what is missing, but for what can be repaired. */
static void conceal(struct flow *f)
{
	size_t chunk = samples_of(f->rate_in, CHUNK_MS), whole;
	size_t left;

	if (f->pause.on)
		f->repair.n = 0; /* noise stands for it */
	left = f->missing - f->repair.n;
	if (left == 0) {
		repair(f);
		return;
	}
	if (chunk > left)
		chunk = left;
	whole = (chunk + f->frame - 1) / f->frame * f->frame;
	if (f->pause.on) {
		flow_make_noise(f, f->decoded, chunk);
		flow_say(f, f->decoded, chunk);
		f->missing -= chunk;
		return; /* nothing was lost */
	}
	if (f->gapfill != NULL)
		gapfill_make(f->gapfill, f->decoded, chunk);
	else
		f->from.codec->conceal(f->dec, f->decoded, whole);
	flow_say(f, f->decoded, chunk);
	f->missing -= chunk;
	add(&f->count.concealed_ms, chunk * 1000 / f->rate_in);
	metric_add(M_XCODE_CONCEALED, chunk * 1000 / f->rate_in);
}

void flow_bad(struct flow *f)
{
	add(&f->count.bad, 1);
	metric_inc(M_XCODE_BAD_PAYLOAD);
}

static uint32_t clocks(const struct flow *f, size_t samples)
{
	return (uint32_t)flow_scale(samples, f->rate_in, f->from.codec->clock);
}

/* A payload of impossible length stands for as much as the one before. */
static void decode(struct flow *f, const uint8_t *p, size_t n)
{
	size_t got = 0;
	bool silence = false;

	if (f->from.codec->decode(f->dec, p, n, f->decoded, f->decoded_room,
		    &got, &silence) != 0) {
		flow_bad(f);
		f->missing += f->last;
		f->repair.n = 0;
		f->next_ts += clocks(f, f->last);
		return;
	}
	f->last = got;
	f->next_ts += clocks(f, got);
	if (f->gapfill != NULL)
		gapfill_hear(f->gapfill, f->decoded, got);
	if (f->from.codec->stops)
		flow_note_sound(f, f->decoded, got);
	if (silence && flow_tell_noise(f, f->decoded, got)) {
		f->next_ts -= clocks(f, got); /* it is silence that follows */
		return;
	}
	flow_say(f, f->decoded, got);
	if (silence)
		flow_pause(f, true, 0);
}

bool flow_skip(struct flow *f, uint32_t ts)
{
	uint32_t clock = f->from.codec->clock;
	int32_t ahead = (int32_t)(ts - f->next_ts);
	size_t gone =
		ahead > 0 ? flow_scale((size_t)ahead, clock, f->rate_out) : 0;
	size_t part = f->n % f->packet;
	size_t fill = part > 0 ? f->packet - part : 0;

	if (fill > gone)
		fill = gone;
	memset(f->pcm + f->n, 0, fill * sizeof(f->pcm[0]));
	f->n += fill;
	f->next_ts += (uint32_t)flow_scale(fill, f->rate_out, clock);
	if (f->n >= f->packet) {
		f->hurry = gone > fill; /* a hole follows what waits */
		if (flow_has_packet(f))
			return false;
	}
	if (f->n == 0 && gone > 0) {
		f->out_ts += (uint32_t)flow_scale(
			gone, f->rate_out, f->to.codec->clock);
		f->marker = true;
	}
	f->next_ts = ts;
	return true;
}

/* ---- what leaves ---- */

void flow_header(struct flow *f, uint8_t *p, uint8_t pt, uint32_t ts)
{
	p[0] = 0x80;
	p[1] = (uint8_t)(pt | (f->marker ? 0x80 : 0));
	put_u16(p + 2, f->out_seq++);
	put_u32(p + 4, ts);
	put_u32(p + 8, f->out_ssrc);
	f->marker = false;
}

void flow_finish(struct flow *f, struct pkt *out, size_t payload,
	struct xcode_out *about)
{
	out->n = RTP_HEADER + payload;
	about->ssrc = f->out_ssrc;
	about->payload = payload;
	f->sent++;
	f->sent_bytes += (uint32_t)payload;
	add(&f->count.made, 1);
}

uint32_t flow_time(const struct flow *f, uint32_t ts)
{
	int32_t since = (int32_t)(ts - f->next_ts);

	return f->out_ts +
	       (uint32_t)flow_scale(f->n, f->rate_out, f->to.codec->clock) +
	       (uint32_t)(int32_t)((int64_t)since * f->to.codec->clock /
				   f->from.codec->clock);
}

/* What waits has been sent in one form or another. */
void flow_consume(struct flow *f)
{
	f->at += f->packet;
	f->out_ts += (uint32_t)flow_scale(
		f->packet, f->rate_out, f->to.codec->clock);
	f->n -= f->packet;
	memmove(f->pcm, f->pcm + f->packet, f->n * sizeof(f->pcm[0]));
	f->hurry = f->hurry && f->n >= f->packet;
	flow_ear_consumed(f);
}

bool flow_has_packet(const struct flow *f)
{
	return f->n >= f->packet + (f->hurry ? 0 : f->behind);
}

/* False: it was silence, and nothing is sent. */
static bool emit(struct flow *f, struct pkt *out, struct xcode_out *about)
{
	size_t skip = 0;
	size_t room = out->room - RTP_HEADER - XFORM_OVERHEAD;
	size_t bytes;
	uint32_t ts;

	flow_ear_mute(f);
	flow_put_keys(f);
	bytes = f->to.codec->encode(
		f->enc, f->pcm, f->packet, out->p + RTP_HEADER, room, &skip);
	ts = f->out_ts +
	     (uint32_t)flow_scale(skip, f->rate_out, f->to.codec->clock);
	flow_consume(f);
	if (bytes == 0) {
		f->marker = true;
		return false;
	}
	flow_header(f, out->p, f->to.to, ts);
	flow_finish(f, out, bytes, about);
	return true;
}

/* ---- what arrives ---- */

/* A source that begins anew says nothing of the time since the one before: the
 * clock does, so that what leaves is not late by as much for ever. */
static void let_pass(struct flow *f, uint64_t now_ns)
{
	uint64_t since = now_ns > f->heard_ns ? now_ns - f->heard_ns : 0;
	uint64_t last = (uint64_t)f->last * second_ns / f->rate_in;

	if (f->any && since > last + ANEW_MS * second_ns / 1000)
		f->out_ts += (uint32_t)((since - last) / 1000 *
					f->to.codec->clock / 1000000);
}

static void begin(struct flow *f, const struct rtp_head *h, uint64_t now_ns)
{
	let_pass(f, now_ns);
	f->any = true;
	f->ssrc = h->ssrc;
	f->next_seq = h->seq;
	f->next_ts = h->timestamp;
	f->marker = true;
	f->missing = f->repair.n = 0;
	f->gap = false;
	f->pause.on = f->pause.alone = false;
	f->n_held = 0;
	for (unsigned i = 0; f->held != NULL && i <= HELD; i++)
		f->held[i].used = false;
}

static void hold(struct flow *f, uint16_t seq, const struct pkt *in)
{
	if (f->held == NULL)
		f->held = mem_array(HELD + 1, sizeof(f->held[0]));
	for (unsigned i = 0; i <= HELD; i++) {
		struct held *h = &f->held[i];

		if (h->used || in->n > sizeof(h->data))
			continue;
		*h = (struct held){ .used = true, .seq = seq, .n = in->n };
		memcpy(h->data, in->p, in->n);
		f->n_held++;
		return;
	}
}

static bool is_held(const struct flow *f, uint16_t seq)
{
	for (unsigned i = 0; f->held != NULL && i <= HELD; i++)
		if (f->held[i].used && f->held[i].seq == seq)
			return true;
	return false;
}

void flow_put(struct flow *f, const struct pkt *in, uint64_t now_ns)
{
	struct rtp_head head;
	int16_t ahead;

	need(f->now == NULL);
	if (rtp_parse(&head, in->p, in->n) != 0)
		return; /* mleg_accept() has let it pass: it cannot be */
	add(&f->count.packets, 1);
	if (!f->any || f->ssrc != head.ssrc)
		begin(f, &head, now_ns);
	ahead = (int16_t)(uint16_t)(head.seq - f->next_seq);
	if (ahead < -LATE || ahead > AHEAD) {
		begin(f, &head, now_ns);
		ahead = 0;
	}
	f->heard_ns = now_ns;
	if (ahead < 0 || (ahead > 0 && is_held(f, head.seq))) {
		add(&f->count.late, 1);
		metric_inc(M_XCODE_LATE);
	} else if (ahead == 0) {
		f->now = in;
	} else {
		hold(f, head.seq, in);
	}
}

/* The held packet that is next in order, or NULL. */
static struct held *next_held(struct flow *f)
{
	struct held *best = NULL;

	for (unsigned i = 0; f->n_held > 0 && i <= HELD; i++) {
		struct held *h = &f->held[i];

		if (h->used &&
			(best == NULL ||
				(int16_t)(uint16_t)(h->seq - best->seq) < 0))
			best = h;
	}
	if (best == NULL)
		return NULL;
	if (best->seq != f->next_seq && f->n_held <= HELD)
		return NULL; /* what is missing may still come */
	if (best->seq != f->next_seq) {
		f->gap = true;
		f->next_seq = best->seq;
	}
	return best;
}

static void note_repair(struct flow *f, const uint8_t *p, size_t n)
{
	const struct codec *c = f->from.codec;
	size_t has = c->repairs != NULL && !f->pause.on
			     ? c->repairs(p, n, f->rate_in)
			     : 0;

	f->repair.p = p;
	f->repair.bytes = n;
	f->repair.n = has <= f->missing ? has : 0;
}

/* False: something has to be concealed first, it stays. */
static bool take_audio(
	struct flow *f, const struct rtp_head *h, const uint8_t *p, size_t n)
{
	int32_t ahead;
	int32_t most = (int32_t)(f->from.codec->clock / 1000 * CONCEAL_MS);
	bool lost = f->gap;

	if (flow_is_key(f, h->timestamp))
		return true;
	if (f->pause.on && !flow_unpause(f, h->timestamp))
		return false;
	ahead = (int32_t)(h->timestamp - f->next_ts);
	f->gap = false;
	if (lost && ahead > 0 && ahead <= most) {
		f->missing = (size_t)((uint64_t)ahead * f->rate_in /
				      f->from.codec->clock);
		f->next_ts = h->timestamp;
		note_repair(f, p, n);
		return false;
	}
	if (!flow_skip(f, h->timestamp))
		return false;
	decode(f, p, n);
	return true;
}

static bool take(struct flow *f, const uint8_t *p, size_t n)
{
	struct rtp_head head;
	size_t payload;

	if (rtp_parse(&head, p, n) != 0 ||
		rtp_payload(&head, p, n, &payload) != 0)
		return true; /* as in flow_put() */
	if (head.pt == f->from.from) {
		if (!take_audio(f, &head, p + head.size, payload))
			return false;
	} else if (head.pt == f->from.event_from) {
		if (!flow_take_event(f, &head, p + head.size, payload))
			return false;
	} else if (head.pt == f->from.noise_from) {
		flow_take_noise(f, &head, p + head.size, payload);
	} else {
		flow_bad(f);
	}
	f->next_seq = (uint16_t)(head.seq + 1);
	return true;
}

/* One step of what is to be done; false: nothing is left. */
static bool work(struct flow *f)
{
	struct held *h;

	if (f->passed.ready)
		return true; /* behind what waits, which leaves first */
	if (f->missing > 0) {
		conceal(f);
		return true;
	}
	if (f->key_in.left > 0) {
		flow_make_key(f);
		return true;
	}
	if (f->now != NULL) {
		if (take(f, f->now->p, f->now->n))
			f->now = NULL;
		return true;
	}
	h = next_held(f);
	if (h == NULL)
		return false;
	if (take(f, h->data, h->n)) {
		h->used = false;
		f->n_held--;
	}
	return true;
}

int flow_get(struct flow *f, struct pkt *out, struct xcode_out *about)
{
	do {
		if (flow_send_event(f, out, about) == 0)
			return 0;
		while (flow_has_packet(f))
			if (flow_send_event(f, out, about) == 0 ||
				emit(f, out, about))
				return 0;
	} while (work(f));
	return EAGAIN;
}

/* ---- seen by others ---- */

void flow_stats(const struct flow *f, struct xcode_stats *out)
{
	*out = (struct xcode_stats){ .packets = f->count.packets,
		.made = f->count.made,
		.bad = f->count.bad,
		.late = f->count.late,
		.concealed_ms = f->count.concealed_ms,
		.repaired_ms = f->count.repaired_ms };
}

void flow_map(const struct flow *f, struct rtcp_map *out)
{
	*out = (struct rtcp_map){ .ssrc_in = f->ssrc,
		.ssrc_out = f->out_ssrc,
		.timestamp_in = f->next_ts,
		.timestamp_out = flow_time(f, f->next_ts),
		.clock_in = f->from.codec->clock,
		.clock_out = f->to.codec->clock,
		.seq_in = (uint16_t)(f->next_seq - 1),
		.seq_out = (uint16_t)(f->out_seq - 1),
		.packets = f->sent,
		.bytes = f->sent_bytes };
}
