#include "test.h"
#include "xcode_rig.h"

#include <speex/speex_resampler.h>

#include "media/rtp.h"

enum { RESAMPLER_QUALITY = 4 }; /* as the transcoder has it */

int16_t said[RIG_SAMPLES], heard[RIG_SAMPLES + RIG_ROOM];

/* The rates that a flow takes: one for both, if they have one in common. */
static void choose_rates(struct rig *r)
{
	const unsigned *f = r->from.codec->rates, *t = r->to.codec->rates;

	r->rate_from = r->rate_to =
		codec_common_rate(r->from.codec, r->to.codec);
	if (r->rate_from != 0)
		return;
	for (size_t i = 0; i < CODEC_RATES_MAX && f[i] != 0; i++)
		r->rate_from = f[i];
	r->rate_to = t[0];
	for (size_t i = 0; i < CODEC_RATES_MAX && t[i] != 0; i++)
		if (r->rate_to < r->rate_from)
			r->rate_to = t[i];
}

void rig_open(struct rig *r, const struct xcode_side *from,
	const struct xcode_side *to)
{
	struct codec_options o = { 0 };

	*r = (struct rig){
		.from = *from, .to = *to, .seq = 65530, .ts = 0xfffff000
	};
	choose_rates(r);
	r->enc = from->codec->enc_open(r->rate_from, &o);
	r->dec = to->codec->dec_open(r->rate_to);
	r->flow = flow_new(from, to);
	memset(heard, 0, sizeof(heard));
}

void rig_close(struct rig *r)
{
	r->from.codec->enc_close(r->enc);
	r->to.codec->dec_close(r->dec);
	flow_free(r->flow);
}

static void got_sound(
	struct rig *r, const struct rtp_head *h, const uint8_t *p, size_t n)
{
	uint32_t at = h->timestamp - r->first_ts;
	size_t sample =
		(size_t)((uint64_t)at * r->rate_to / r->to.codec->clock);
	size_t got = 0;
	bool silence;

	r->sounds++;
	assert_true(sample < RIG_SAMPLES);
	assert_int_equal(r->to.codec->decode(r->dec, p, n, heard + sample,
				 RIG_ROOM, &got, &silence),
		0);
	r->n = sample + got;
}

/* Takes what the flow has, and checks its numbers. */
static void rig_take(struct rig *r)
{
	uint8_t room[PKT_ROOM];
	struct xcode_out about = { 0 };
	struct pkt out = { room, 0, sizeof(room) };

	while (flow_get(r->flow, &out, &about) == 0) {
		struct rtp_head h;

		assert_int_equal(rtp_parse(&h, out.p, out.n), 0);
		assert_int_equal(h.ssrc, about.ssrc);
		assert_int_equal(out.n - h.size, about.payload);
		if (r->any)
			assert_int_equal(h.seq, (uint16_t)(r->last_seq + 1));
		else
			r->first_ts = h.timestamp;
		r->any = true;
		r->last_seq = h.seq;
		r->last_ts = h.timestamp;
		r->last_marker = h.marker;
		r->last_pt = h.pt;
		r->packets++;
		r->payload_n = about.payload;
		memcpy(r->payload, out.p + h.size, about.payload);
		if (h.pt == r->to.event_to) {
			assert_true(r->events < 256);
			r->key_ts[r->events] = h.timestamp;
			assert_int_equal(dtmf_event_read(&r->keys[r->events++],
						 out.p + h.size, about.payload),
				0);
		} else if (h.pt == r->to.to) {
			got_sound(r, &h, out.p + h.size, about.payload);
		}
	}
}

void rig_send(struct rig *r, uint8_t pt, bool marker, uint16_t seq, uint32_t ts,
	const uint8_t *payload, size_t n)
{
	uint8_t p[PKT_ROOM] = { 0x80, (uint8_t)(pt | (marker ? 0x80 : 0)) };
	struct pkt in = { p, RTP_HEADER + n, sizeof(p) };

	put_u16(p + 2, seq);
	put_u32(p + 4, ts);
	put_u32(p + 8, RIG_SSRC);
	memcpy(p + RTP_HEADER, payload, n);
	flow_put(r->flow, &in, r->now_ns);
	rig_take(r);
}

void rig_encode(struct rig *r, struct encoded *e, const int16_t *pcm, size_t n)
{
	size_t skip;

	e->seq = r->seq++;
	e->ts = r->ts;
	r->ts += (uint32_t)((uint64_t)n * r->from.codec->clock / r->rate_from);
	e->n = r->from.codec->encode(r->enc, pcm, n, e->p, sizeof(e->p), &skip);
	assert_true(e->n > 0);
}

void rig_sound(struct rig *r, const struct encoded *e)
{
	rig_send(r, r->from.from, false, e->seq, e->ts, e->p, e->n);
}

size_t rig_packet(const struct codec *c, unsigned rate)
{
	return rate / (c->packet_us != 0 && c->packet_us < 20000 ? 100 : 50);
}

void rig_say(struct rig *r, const int16_t *pcm, size_t n)
{
	size_t packet = rig_packet(r->from.codec, r->rate_from);
	struct encoded e;

	for (size_t at = 0; at + packet <= n; at += packet) {
		rig_encode(r, &e, pcm + at, packet);
		rig_sound(r, &e);
	}
}

struct xcode_stats rig_stats(const struct rig *r)
{
	struct xcode_stats st;

	flow_stats(r->flow, &st);
	return st;
}

/* In one go, by the library itself; how many samples it has become, and how
 * many of them later it is. */
size_t rig_resample(int16_t *out, unsigned to, const int16_t *in, size_t n,
	unsigned from, size_t *late)
{
	int err = RESAMPLER_ERR_SUCCESS;
	SpeexResamplerState *r =
		speex_resampler_init(1, from, to, RESAMPLER_QUALITY, &err);
	spx_uint32_t len = (spx_uint32_t)n, made = RIG_SAMPLES;

	assert_non_null(r);
	(void)speex_resampler_process_int(r, 0, in, &len, out, &made);
	assert_int_equal(len, n);
	*late = (size_t)speex_resampler_get_output_latency(r);
	speex_resampler_destroy(r);
	return made;
}
