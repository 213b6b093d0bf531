#include "test.h"

#include "audio.h"

#include <errno.h>
#include <speex/speex_resampler.h>

#include "base/obj.h"
#include "media/dtmf.h"
#include "media/flow.h"
#include "media/rtcp.h"
#include "media/rtp.h"

enum {
	SECONDS = 2,
	PAIR_SECONDS = 1,
	N_MAX = 48000 * 3,
	ROOM = 48000 / 1000 * CODEC_PAYLOAD_MS,
	SSRC = 0x1000,
	RESAMPLER_QUALITY = 4, /* as the transcoder has it */
	EVENT = 101,
	NOISE = 13,
};

static int16_t said[N_MAX], offline[N_MAX], middle[N_MAX], heard[N_MAX + ROOM];

static struct xcode_side side_of(const struct codec *c)
{
	return (struct xcode_side){ .codec = c,
		.ptime_ms = 20,
		.from = 0,
		.to = 0,
		.event_from = XCODE_NO_PT,
		.event_to = XCODE_NO_PT,
		.event_clock = 8000,
		.noise_from = XCODE_NO_PT,
		.noise_to = XCODE_NO_PT };
}

/* ---- a flow with somebody at each end ---- */

struct rig {
	struct flow *flow;
	struct xcode_side from, to;
	unsigned rate_from, rate_to;
	void *enc, *dec;
	uint16_t seq;
	uint32_t ts;
	/* what came out */
	unsigned packets, sounds, events;
	size_t n; /* samples in heard[] */
	bool any;
	uint16_t last_seq;
	uint32_t last_ts, first_ts;
	bool last_marker;
	uint8_t last_pt;
	struct dtmf_event keys[256];
	uint32_t key_ts[256];
	uint8_t payload[2048];
	size_t payload_n;
};

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

static void rig_open(struct rig *r, const struct xcode_side *from,
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

static void rig_close(struct rig *r)
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
	assert_true(sample < N_MAX);
	assert_int_equal(r->to.codec->decode(r->dec, p, n, heard + sample, ROOM,
				 &got, &silence),
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

static void rig_send(struct rig *r, uint8_t pt, bool marker, uint16_t seq,
	uint32_t ts, const uint8_t *payload, size_t n)
{
	uint8_t p[PKT_ROOM] = { 0x80, (uint8_t)(pt | (marker ? 0x80 : 0)) };
	struct pkt in = { p, RTP_HEADER + n, sizeof(p) };

	put_u16(p + 2, seq);
	put_u32(p + 4, ts);
	put_u32(p + 8, SSRC);
	memcpy(p + RTP_HEADER, payload, n);
	flow_put(r->flow, &in);
	rig_take(r);
}

struct encoded {
	uint16_t seq;
	uint32_t ts;
	size_t n;
	uint8_t p[2048];
};

/* One packet of the near end's, to be sent or not. */
static void rig_encode(
	struct rig *r, struct encoded *e, const int16_t *pcm, size_t n)
{
	size_t skip;

	e->seq = r->seq++;
	e->ts = r->ts;
	r->ts += (uint32_t)((uint64_t)n * r->from.codec->clock / r->rate_from);
	e->n = r->from.codec->encode(r->enc, pcm, n, e->p, sizeof(e->p), &skip);
	assert_true(e->n > 0);
}

static void rig_sound(struct rig *r, const struct encoded *e)
{
	rig_send(r, r->from.from, false, e->seq, e->ts, e->p, e->n);
}

static size_t packet_of(const struct codec *c, unsigned rate)
{
	return rate / (c->packet_us != 0 && c->packet_us < 20000 ? 100 : 50);
}

static void rig_say(struct rig *r, const int16_t *pcm, size_t n)
{
	size_t packet = packet_of(r->from.codec, r->rate_from);
	struct encoded e;

	for (size_t at = 0; at + packet <= n; at += packet) {
		rig_encode(r, &e, pcm + at, packet);
		rig_sound(r, &e);
	}
}

/* ---- every codec to every other ---- */

static void codec_run(const struct codec *c, unsigned rate, const int16_t *in,
	int16_t *out, size_t n)
{
	struct codec_options o = { 0 };
	void *enc = c->enc_open(rate, &o), *dec = c->dec_open(rate);
	size_t packet = packet_of(c, rate), skip, got;
	uint8_t p[2048];
	bool silence;

	for (size_t at = 0; at + packet <= n; at += packet) {
		size_t bytes =
			c->encode(enc, in + at, packet, p, sizeof(p), &skip);

		assert_int_equal(c->decode(dec, p, bytes, out + at, packet,
					 &got, &silence),
			0);
	}
	c->enc_close(enc);
	c->dec_close(dec);
}

/* In one go, by the library itself; how many samples it has become, and how
 * many of them later it is. */
static size_t resample(int16_t *out, unsigned to, const int16_t *in, size_t n,
	unsigned from, size_t *late)
{
	int err = RESAMPLER_ERR_SUCCESS;
	SpeexResamplerState *r =
		speex_resampler_init(1, from, to, RESAMPLER_QUALITY, &err);
	spx_uint32_t len = (spx_uint32_t)n, made = N_MAX;

	assert_non_null(r);
	(void)speex_resampler_process_int(r, 0, in, &len, out, &made);
	assert_int_equal(len, n);
	*late = (size_t)speex_resampler_get_output_latency(r);
	speex_resampler_destroy(r);
	return made;
}

/* What the codec by itself takes of the spectrum of a sound, dB; said[] is the
 * sound then. */
static double taken_by(const struct codec *c, unsigned rate, size_t n,
	void (*sound)(int16_t *pcm, size_t n, unsigned rate))
{
	sound(said, n, rate);
	codec_run(c, rate, said, offline, n);
	return audio_distance(said, offline, n, rate);
}

/*
 * The far end hears exactly what the two codecs, run one after the other
 * without any network, give (with the resampler between, where they have no
 * rate in common): nothing is lost, doubled or shifted. And that is as far
 * from what was said as both codecs' own losses, and two decibels for the
 * second having to work on what the first left.
 */
static void as_if_offline(const struct codec *a, const struct codec *b,
	void (*sound)(int16_t *pcm, size_t n, unsigned rate))
{
	struct xcode_side from = side_of(a), to = side_of(b);
	size_t n, made, whole, late = 0;
	double distance, most = 2;
	char name[64];
	struct rig r;

	(void)snprintf(name, sizeof(name), "%s/%u to %s/%u", a->name, a->clock,
		b->name, b->clock);
	rig_open(&r, &from, &to);
	n = made = (size_t)r.rate_from * PAIR_SECONDS;
	most += taken_by(b, r.rate_to, (size_t)r.rate_to * PAIR_SECONDS, sound);
	most += taken_by(a, r.rate_from, n, sound);
	codec_run(a, r.rate_from, said, middle, n);
	if (r.rate_from != r.rate_to) {
		memcpy(offline, middle, n * sizeof(offline[0]));
		made = resample(
			middle, r.rate_to, offline, n, r.rate_from, &late);
	}
	whole = made - made % packet_of(b, r.rate_to);
	codec_run(b, r.rate_to, middle, offline, whole);
	rig_say(&r, said, n);
	check_row(name, r.n == whole);
	check_row(name, memcmp(heard, offline, whole * sizeof(heard[0])) == 0);
	sound(said, whole, r.rate_to);
	distance = audio_distance(said, heard + late, whole - late, r.rate_to);
	check_row(name, distance <= most);
	rig_close(&r);
}

static void every_pair(void **state)
{
	(void)state;
	const struct codec *a, *b;

	for (size_t i = 0; (a = codec_at(i)) != NULL; i++) {
		for (size_t k = 0; (b = codec_at(k)) != NULL; k++) {
			as_if_offline(a, b, audio_sweep);
			as_if_offline(a, b, audio_speech);
		}
	}
}

/* Where rates differ, the spectrum survives the resampling. */
static void resampled(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const struct codec *a, *b;
	} rows[] = {
		{ "L16/16000 to PCMU", &codec_l16_16, &codec_pcmu },
		{ "PCMU to L16/16000", &codec_pcmu, &codec_l16_16 },
		{ "L16/44100 to PCMA", &codec_l16_44, &codec_pcma },
		{ "PCMA to L16/44100", &codec_pcma, &codec_l16_44 },
		{ "L16/44100 to opus", &codec_l16_44, &codec_opus },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xcode_side from = side_of(rows[i].a),
				  to = side_of(rows[i].b);
		struct rig r;
		size_t n;
		double at_hz, elsewhere;

		rig_open(&r, &from, &to);
		n = (size_t)r.rate_from * SECONDS;
		audio_tone(said, n, r.rate_from, 1000, 8000);
		rig_say(&r, said, n);
		n = r.rate_to / 2; /* half a second from its middle */
		at_hz = audio_share(heard + r.rate_to, n, r.rate_to, 1000);
		elsewhere = audio_share(heard + r.rate_to, n, r.rate_to, 1500);
		print_message("%-18s %.4f\n", rows[i].name, at_hz);
		check_row(rows[i].name, at_hz > 0.99);
		check_row(rows[i].name, elsewhere < 0.001);
		check_row(rows[i].name,
			r.n > (size_t)r.rate_to * SECONDS * 97 / 100);
		rig_close(&r);
	}
}

/* ---- packet times ---- */

static void packet_times(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const struct codec *to;
		unsigned said, made; /* ms; made 0: nothing was agreed */
		unsigned expect; /* ms */
	} rows[] = {
		{ "20 to 30", &codec_pcma, 20, 30, 30 },
		{ "30 to 20", &codec_pcma, 30, 20, 20 },
		{ "60 to 10", &codec_pcma, 60, 10, 10 },
		{ "10 to 60", &codec_pcma, 10, 60, 60 },
		{ "nothing agreed", &codec_pcma, 30, 0, 20 },
		{ "nonsense agreed", &codec_pcma, 20, 999, 120 },
		{ "G.729 wants tens", &codec_g729, 20, 25, 20 },
		{ "GSM wants twenties", &codec_gsm, 20, 30, 20 },
		{ "opus at most 20", &codec_opus, 20, 60, 20 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xcode_side from = side_of(&codec_pcmu),
				  to = side_of(rows[i].to);
		size_t packet = (size_t)8 * rows[i].said;
		uint32_t units;
		struct encoded e;
		struct rig r;

		to.ptime_ms = rows[i].made;
		rig_open(&r, &from, &to);
		audio_tone(said, 9600, 8000, 500, 8000);
		for (size_t at = 0; at + packet <= 9600; at += packet) {
			rig_encode(&r, &e, said + at, packet);
			rig_sound(&r, &e);
		}
		check_row(rows[i].name, r.packets == 1200 / rows[i].expect);
		units = to.codec->clock / 1000 * rows[i].expect;
		check_row(rows[i].name,
			r.last_ts - r.first_ts == units * (r.packets - 1));
		rig_close(&r);
	}
}

/* ---- what networks do ---- */

static struct xcode_stats stats_of(const struct rig *r)
{
	struct xcode_stats st;

	flow_stats(r->flow, &st);
	return st;
}

enum fate { KEEP, LOSE, SWAP, TWICE, LATE, SHORTEN };

/* 100 packets of a tone; something happens to those from the tenth on. */
static void with_fate(struct rig *r, enum fate fate, unsigned count)
{
	struct encoded e, was = { 0 };

	audio_tone(said, 16000, 8000, 500, 8000);
	for (unsigned i = 0; i < 100; i++) {
		bool now = i >= 10 && i < 10 + count;

		rig_encode(r, &e, said + (size_t)160 * i, 160);
		if (now && fate == LOSE)
			continue;
		if (now && fate == SWAP && i % 2 == 0) {
			was = e;
			continue;
		}
		if (now && fate == LATE) {
			was = e;
			continue;
		}
		if (now && fate == SHORTEN)
			e.n -= 3;
		rig_sound(r, &e);
		if (now && fate == TWICE)
			rig_sound(r, &e);
		if (now && fate == SWAP)
			rig_sound(r, &was);
		if (fate == LATE && i == 20)
			rig_sound(r, &was);
	}
}

static void fates(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const struct codec *from;
		enum fate fate;
		unsigned count;
		unsigned concealed_ms, late, bad, packets;
		double quality; /* share of the tone around it, at least */
	} rows[] = {
		/* clang-format off */
		{ "nothing",           &codec_pcmu, KEEP,    0,  0,   0, 0, 100, 0.99 },
		{ "one lost",          &codec_pcmu, LOSE,    1,  20,  0, 0, 100, 0.97 },
		{ "two lost",          &codec_pcmu, LOSE,    2,  40,  0, 0, 100, 0.9 },
		{ "nothing, G.729",    &codec_g729, KEEP,    0,  0,   0, 0, 100, 0.7 },
		{ "one lost, G.729",   &codec_g729, LOSE,    1,  20,  0, 0, 100, 0.65 },
		{ "one lost, opus",    &codec_opus, LOSE,    1,  20,  0, 0, 100, 0.9 },
		{ "200 ms lost",       &codec_pcmu, LOSE,    10, 0,   0, 0, 90,  0 },
		{ "swapped",           &codec_pcmu, SWAP,    8,  0,   0, 0, 100, 0.99 },
		{ "twice",             &codec_pcmu, TWICE,   5,  0,   5, 0, 100, 0.99 },
		{ "far too late",      &codec_pcmu, LATE,    1,  20,  1, 0, 100, 0.97 },
		{ "wrong length",      &codec_g729, SHORTEN, 2,  40,  0, 2, 100, 0.5 },
		/* clang-format on */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xcode_side from = side_of(rows[i].from),
				  to = side_of(&codec_pcma);
		struct xcode_stats st;
		struct rig r;
		double share;

		rig_open(&r, &from, &to);
		with_fate(&r, rows[i].fate, rows[i].count);
		st = stats_of(&r);
		share = audio_share(heard + 1280, 1600, 8000, 500);
		print_message("%-16s %.3f of the tone, %u packets, concealed "
			      "%u ms, late %u, bad %u\n",
			rows[i].name, share, r.sounds,
			(unsigned)st.concealed_ms, (unsigned)st.late,
			(unsigned)st.bad);
		check_row(rows[i].name, share >= rows[i].quality);
		check_row(
			rows[i].name, st.concealed_ms == rows[i].concealed_ms);
		check_row(rows[i].name, st.late == rows[i].late);
		check_row(rows[i].name, st.bad == rows[i].bad);
		check_row(rows[i].name, r.sounds == rows[i].packets);
		/* the end is where it belongs, whatever happened before */
		check_row(rows[i].name, r.n == 16000);
		rig_close(&r);
	}
}

/* A new source, or a jump of the sequence: the stream that leaves goes on. */
static void jumps(void **state)
{
	(void)state;
	struct xcode_side from = side_of(&codec_pcmu),
			  to = side_of(&codec_pcma);
	struct rig r;

	audio_tone(said, 16000, 8000, 500, 8000);
	rig_open(&r, &from, &to);
	rig_say(&r, said, 1600);
	r.seq = (uint16_t)(r.seq + 20000);
	r.ts += 999999;
	rig_say(&r, said, 1600);
	r.seq = (uint16_t)(r.seq - 30000);
	r.ts -= 12345678;
	rig_say(&r, said, 1600);
	assert_int_equal(r.sounds, 30);
	assert_int_equal(r.last_ts - r.first_ts, 29 * 160);
	assert_int_equal(stats_of(&r).concealed_ms, 0);
	rig_close(&r);
}

/* Silence suppression: time passes, packets do not. */
static void pauses(void **state)
{
	(void)state;
	struct xcode_side from = side_of(&codec_pcmu),
			  to = side_of(&codec_g722);
	struct rig r;

	to.ptime_ms = 30;
	audio_tone(said, 16000, 8000, 500, 8000);
	rig_open(&r, &from, &to);
	rig_say(&r, said, 800); /* 100 ms: 3 packets and 10 ms that wait */
	assert_int_equal(r.sounds, 3);
	r.ts += 8000;
	rig_say(&r, said, 160);
	assert_int_equal(r.sounds, 4); /* what waited, filled up */
	assert_int_equal(r.last_ts - r.first_ts, 720);
	rig_say(&r, said, 160);
	assert_int_equal(r.sounds, 5);
	assert_true(r.last_marker);
	assert_int_equal(r.last_ts - r.first_ts, 8800);
	rig_close(&r);
}

/* ---- noise ---- */

static void noise_passes(void **state)
{
	(void)state;
	struct xcode_side from = side_of(&codec_pcmu), to = side_of(&codec_gsm);
	struct rig r;
	uint8_t level = 60;

	from.noise_from = NOISE;
	to.noise_to = 14;
	audio_tone(said, 16000, 8000, 500, 8000);
	rig_open(&r, &from, &to);
	rig_say(&r, said, 1600);
	rig_send(&r, NOISE, false, r.seq++, r.ts, &level, 1);
	assert_int_equal(r.last_pt, 14);
	assert_int_equal(r.payload_n, 1);
	assert_int_equal(r.payload[0], 60);
	assert_int_equal(r.last_ts - r.first_ts, 1600);
	r.ts += 4000;
	rig_say(&r, said, 160);
	assert_true(r.last_marker);
	assert_int_equal(r.last_ts - r.first_ts, 5600);
	rig_send(&r, NOISE, false, r.seq++, r.ts, &level, 0);
	assert_int_equal(stats_of(&r).bad, 1);
	rig_close(&r);
}

/* G.729 Annex B's description becomes RFC 3389's. */
static void silence_becomes_noise(void **state)
{
	(void)state;
	struct xcode_side from = side_of(&codec_g729),
			  to = side_of(&codec_pcmu);
	struct codec_options o = { .vad = true };
	unsigned noises = 0;
	struct rig r;

	to.noise_to = NOISE;
	rig_open(&r, &from, &to);
	codec_g729.enc_close(r.enc);
	r.enc = codec_g729.enc_open(8000, &o);
	memset(said, 0, sizeof(said));
	audio_speech(said, 8000, 8000);
	for (size_t at = 0; at < 16000; at += 160) {
		uint8_t p[64];
		size_t skip;
		size_t n = codec_g729.encode(
			r.enc, said + at, 160, p, sizeof(p), &skip);
		unsigned before = r.packets;

		if (n > 0)
			rig_send(&r, 0, false, r.seq++,
				(uint32_t)(r.ts + at + skip), p, n);
		noises += r.packets > before && r.last_pt == NOISE;
		if (r.last_pt == NOISE)
			assert_true(r.payload[0] > 40 && r.payload[0] <= 78);
	}
	assert_true(noises >= 1);
	rig_close(&r);
}

/* ---- keys ---- */

static void tone_of(int16_t *pcm, size_t n, uint8_t key, unsigned rate)
{
	struct dtmf_tone t;

	dtmf_tone_begin(&t, key, rate, 10);
	dtmf_tone_make(&t, pcm, n);
}

/* All 16 keys as tones, 80 ms each with 80 ms between: each arrives as one
 * event with one end, told three times, and hardly any of the tone is heard. */
static void tones_become_events(const struct codec *c)
{
	struct xcode_side from = side_of(c), to = side_of(&codec_pcma);
	unsigned key = 0, ends = 0;
	struct rig r;
	size_t each;

	to.event_to = EVENT;
	memset(said, 0, sizeof(said));
	rig_open(&r, &from, &to);
	each = r.rate_from * 80 / 1000;
	for (uint8_t i = 0; i < DTMF_KEYS; i++)
		tone_of(said + (2 * (size_t)i + 1) * each, each, i,
			r.rate_from);
	rig_say(&r, said, (2 * (size_t)DTMF_KEYS + 2) * each);
	for (unsigned i = 0; i < r.events; i++) {
		if (i > 0 && r.key_ts[i] != r.key_ts[i - 1]) {
			assert_int_equal(ends, 3);
			ends = 0;
			key++;
		}
		check_row(c->name, r.keys[i].key == key);
		ends += r.keys[i].end;
		if (ends > 0)
			assert_in_range(r.keys[i].duration, 200,
				c->conceal != NULL ? 1120 : 800);
	}
	check_row(c->name, key == DTMF_KEYS - 1);
	assert_int_equal(ends, 3);
	rig_close(&r);
}

static void tones_to_events(void **state)
{
	(void)state;
	const struct codec *c;

	for (size_t i = 0; (c = codec_at(i)) != NULL; i++)
		tones_become_events(c);
}

/* One key by RFC 4733: an update each 20 ms, the end told three times. */
static void send_key(struct rig *r, uint8_t key, unsigned ms)
{
	uint32_t clock = r->from.event_clock;
	struct dtmf_event ev = { .key = key, .volume = 10 };
	uint8_t p[DTMF_EVENT];
	uint32_t begin = r->ts;

	for (unsigned at = 20; at <= ms; at += 20) {
		ev.duration = (uint16_t)(clock / 1000 * at);
		dtmf_event_write(p, &ev);
		rig_send(r, EVENT, at == 20, r->seq++, begin, p, sizeof(p));
	}
	ev.end = true;
	for (unsigned i = 0; i < 3; i++) {
		dtmf_event_write(p, &ev);
		rig_send(r, EVENT, false, r->seq++, begin, p, sizeof(p));
	}
	r->ts += r->from.codec->clock / 1000 * ms;
}

/* As ears want it: 8 kHz. */
static size_t at_8000(int16_t *pcm, size_t n, unsigned rate)
{
	size_t late;

	if (rate == 8000)
		return n;
	memcpy(middle, pcm, n * sizeof(pcm[0]));
	return resample(pcm, 8000, middle, n, rate, &late);
}

/* Events become tones that an ear of spandsp's tells from each other. */
static void events_become_tones(const struct codec *c)
{
	struct xcode_side from = side_of(&codec_pcmu), to = side_of(c);
	struct dtmf_ear *ear = dtmf_ear_new(8000);
	size_t all = 800 + DTMF_KEYS * 1280, n;
	int last = -1, count = 0;
	struct rig r;

	from.event_from = EVENT;
	rig_open(&r, &from, &to);
	memset(said, 0, sizeof(said));
	rig_say(&r, said, 800);
	for (uint8_t key = 0; key < DTMF_KEYS; key++) {
		send_key(&r, key, 80);
		rig_say(&r, said, 640);
	}
	n = at_8000(heard, r.n, r.rate_to);
	for (size_t at = 0; at + 80 <= n; at += 80) {
		dtmf_ear_hear(ear, heard + at, 80);
		if (dtmf_ear_key(ear) == last)
			continue;
		last = dtmf_ear_key(ear);
		if (last >= 0) {
			check_row(c->name, last == count);
			count++;
		}
	}
	check_row(c->name, count == DTMF_KEYS);
	/* nothing longer or shorter than it was, but for a packet that waits */
	check_row(c->name, n > all - 320 && n <= all);
	check_row(
		c->name, (uint64_t)(r.last_ts - r.first_ts) * 8000 / c->clock >
				 all - 480);
	dtmf_ear_free(ear);
	rig_close(&r);
}

static void events_to_tones(void **state)
{
	(void)state;
	const struct codec *c;

	for (size_t i = 0; (c = codec_at(i)) != NULL; i++)
		events_become_tones(c);
}

/* Sound that is sent beside the events is not heard beside the tone. */
static void key_and_sound(void **state)
{
	(void)state;
	struct xcode_side from = side_of(&codec_pcmu),
			  to = side_of(&codec_pcma);
	struct dtmf_event ev = { .key = 5, .volume = 10 };
	uint8_t p[DTMF_EVENT];
	struct encoded e;
	uint32_t begin;
	struct rig r;

	from.event_from = EVENT;
	audio_tone(said, 16000, 8000, 400, 8000);
	rig_open(&r, &from, &to);
	rig_say(&r, said, 1600);
	begin = r.ts;
	for (unsigned i = 1; i <= 5; i++) {
		ev.duration = (uint16_t)(160 * i);
		dtmf_event_write(p, &ev);
		rig_send(&r, EVENT, i == 1, r.seq++, begin, p, sizeof(p));
		rig_encode(&r, &e, said, 160);
		rig_sound(&r, &e);
	}
	rig_say(&r, said, 1600);
	assert_int_equal(r.n, 1600 + 800 + 1600);
	assert_true(audio_share(heard + 1600, 800, 8000, 770) > 0.4);
	assert_true(audio_share(heard + 1600, 800, 8000, 1336) > 0.4);
	assert_true(audio_share(heard + 1600, 800, 8000, 400) < 0.01);
	rig_close(&r);
}

/* Where both ends know events, they pass: number, time and duration are the
 * far end's. */
static void events_pass(void **state)
{
	(void)state;
	struct xcode_side from = side_of(&codec_pcmu),
			  to = side_of(&codec_opus);
	struct rig r;

	from.event_from = EVENT;
	to.event_to = 110;
	to.event_clock = 48000;
	memset(said, 0, sizeof(said));
	rig_open(&r, &from, &to);
	rig_say(&r, said, 1600);
	send_key(&r, 11, 100);
	assert_int_equal(r.events, 8);
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(r.keys[i].key, 11);
		assert_int_equal(r.keys[i].end, i >= 5);
		assert_int_equal(
			r.keys[i].duration, i < 5 ? 960 * (i + 1) : 4800);
		assert_int_equal(r.key_ts[i] - r.first_ts, 9600);
	}
	rig_say(&r, said, 160);
	assert_int_equal(r.last_ts - r.first_ts, 9600 + 4800);
	rig_close(&r);
}

/* ---- RTCP ---- */

static void rtcp_is_rewritten(void **state)
{
	(void)state;
	struct rtcp_map sent = { .ssrc_in = 0xa1,
		.ssrc_out = 0xa2,
		.timestamp_in = 1000,
		.timestamp_out = 60000,
		.clock_in = 8000,
		.clock_out = 48000,
		.packets = 77,
		.bytes = 7700 };
	struct rtcp_map heard_map = { .ssrc_in = 0xb1,
		.ssrc_out = 0xb2,
		.clock_in = 48000,
		.clock_out = 8000,
		.seq_in = 500,
		.seq_out = 9000 };
	uint8_t p[28 + 24 + 12] = { 0x81, 200, 0, 12 };
	struct rtcp_info info;

	put_u32(p + 4, 0xa1);
	put_u32(p + 8, 0x01020304);
	put_u32(p + 16, 1080); /* 10 ms later */
	put_u32(p + 28, 0xb2);
	p[32] = 25;
	put_u32(p + 36, 0x30000 | 8990); /* ten behind, cycles 3 */
	put_u32(p + 40, 80); /* 10 ms */
	memcpy(p + 52, (uint8_t[]){ 0x81, 202, 0, 2 }, 4);
	put_u32(p + 56, 0xa1);
	rtcp_rewrite(p, sizeof(p), &sent, &heard_map);
	assert_int_equal(rtcp_parse(&info, p, sizeof(p), 0xb1), 0);
	assert_int_equal(info.ssrc, 0xa2);
	assert_true(info.has_sr && info.has_report);
	assert_int_equal(get_u32(p + 8), 0x01020304);
	assert_int_equal(get_u32(p + 16), 60480);
	assert_int_equal(get_u32(p + 20), 77);
	assert_int_equal(get_u32(p + 24), 7700);
	assert_int_equal(info.report.fraction, 25);
	assert_int_equal(info.report.highest, 0x30000 | 490);
	assert_int_equal(info.report.jitter, 480);
	assert_int_equal(get_u32(p + 56), 0xa2);
}

/* ---- the farm ---- */

static const struct conf_codec *conf_codec(const char *name)
{
	for (const struct conf_codec *c = conf_codecs; c->ios_name; c++)
		if (strcmp(c->ios_name, name) == 0)
			return c;
	fail();
	return NULL;
}

static void codecs_agree(void **state)
{
	(void)state;
	for (const struct conf_codec *c = conf_codecs; c->ios_name; c++)
		check_row(c->ios_name,
			c->transcoded == (codec_find_rtp(c->rtp_name, c->rate,
						  c->channels) != NULL));
}

static void farm_chooses(void **state)
{
	(void)state;
	struct conf_dspfarm open = { .tag = 2,
		.universal = true,
		.max_sessions = 1,
		.ncodecs = 2,
		.codec = { conf_codec("g722-64"), conf_codec("g729r8") } };
	struct conf_dspfarm plain = { .tag = 1,
		.next = &open,
		.security = true,
		.max_sessions = 2,
		.ncodecs = 3,
		.codec = { conf_codec("g711ulaw"), conf_codec("g722-64"),
			conf_codec("g729r8") } };
	struct conf conf = { .dspfarms = &plain }, empty = { 0 };
	struct xcode_farm *f = xcode_farm_new();
	struct xcode_want w = { .side = { side_of(&codec_pcmu),
					side_of(&codec_g729) },
		.secure = true };
	struct xcode_pool_info info[4];
	struct xcode *x[3];

	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_g729, true, NULL),
		ENOTSUP);
	assert_int_equal(
		xcode_farm_can(NULL, &codec_pcmu, &codec_g729, true, NULL),
		ENOTSUP);
	xcode_farm_configure(f, &conf);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_g729, true, NULL), 0);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_opus, true, NULL),
		ENOTSUP);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, NULL, true, NULL), ENOTSUP);
	/* only profile 2 is universal, and it has no security */
	assert_int_equal(
		xcode_farm_can(f, &codec_g722, &codec_g729, false, NULL), 0);
	assert_int_equal(
		xcode_farm_can(f, &codec_g722, &codec_g729, true, NULL),
		ENOTSUP);
	assert_int_equal(xcode_reserve(&x[0], f, &w, NULL), 0);
	assert_int_equal(xcode_profile(x[0]), 1);
	assert_int_equal(xcode_reserve(&x[1], f, &w, NULL), 0);
	assert_int_equal(xcode_reserve(&x[2], f, &w, NULL), EAGAIN);
	assert_null(x[2]);
	/* one that takes the place of another fits */
	assert_int_equal(xcode_reserve(&x[2], f, &w, x[0]), 0);
	x[0] = obj_unref(x[0]);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_g729, true, NULL),
		EAGAIN);
	/* a reload without it: those that run go on */
	xcode_farm_configure(f, &empty);
	assert_int_equal(xcode_farm_describe(f, info, 4), 1);
	assert_int_equal(info[0].used, 2);
	assert_true(info[0].retiring);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_g729, true, NULL),
		ENOTSUP);
	xcode_farm_configure(f, &conf);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_g729, true, NULL),
		EAGAIN);
	obj_unref(x[1]);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_g729, true, NULL), 0);
	obj_unref(f); /* before its last session */
	obj_unref(x[2]);
}

/* A far end that floods costs no more than one that talks. */
static void floods_are_bounded(void **state)
{
	(void)state;
	struct conf_dspfarm d = { .tag = 1,
		.max_sessions = 1,
		.ncodecs = 2,
		.codec = { conf_codec("g711ulaw"), conf_codec("g711alaw") } };
	struct conf conf = { .dspfarms = &d };
	struct xcode_farm *f = xcode_farm_new();
	struct xcode_want w = { .side = { side_of(&codec_pcmu),
					side_of(&codec_pcma) } };
	uint64_t now = 5000000000, ms = 1000000;
	unsigned made = 0;
	uint16_t seq = 0;
	struct xcode_stats st;
	struct xcode *x;

	xcode_farm_configure(f, &conf);
	assert_int_equal(xcode_reserve(&x, f, &w, NULL), 0);
	for (unsigned i = 0; i < 10000; i++) { /* within half a second */
		uint8_t p[RTP_HEADER + 160] = { 0x80 }, room[PKT_ROOM];
		struct pkt in = { p, sizeof(p), sizeof(p) };
		struct pkt out = { room, 0, sizeof(room) };
		struct xcode_out about;

		put_u16(p + 2, seq);
		put_u32(p + 4, 160u * seq++);
		put_u32(p + 8, SSRC);
		xcode_put(x, 0, &in, now);
		while (xcode_get(x, 0, &out, &about) == 0)
			made++;
		now += ms / 20;
	}
	assert_in_range(made, 200, 310);
	xcode_stats(x, 0, &st);
	assert_int_equal(st.too_fast + st.packets, 10000);
	xcode_stats(x, 1, &st);
	assert_int_equal(st.too_fast, 0);
	obj_unref(x);
	obj_unref(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_pair),
		T(resampled),
		T(packet_times),
		T(fates),
		T(jumps),
		T(pauses),
		T(noise_passes),
		T(silence_becomes_noise),
		T(tones_to_events),
		T(events_to_tones),
		T(key_and_sound),
		T(events_pass),
		T(rtcp_is_rewritten),
		T(codecs_agree),
		T(farm_chooses),
		T(floods_are_bounded),
	};
	return RUN_TESTS(tests);
}
