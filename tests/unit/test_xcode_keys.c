/* Beside sound: comfort noise, and keys as tones and as events. */
#include "test.h"

#include "audio.h"
#include "xcode_rig.h"

enum { EVENT = 101, NOISE = 13 };

static int16_t middle[RIG_SAMPLES];

/* ---- noise ---- */

static void noise_passes(void **state)
{
	(void)state;
	struct xcode_side from = rig_side(&codec_pcmu),
			  to = rig_side(&codec_gsm);
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
	assert_int_equal(rig_stats(&r).bad, 1);
	rig_close(&r);
}

/* G.729 Annex B's description becomes RFC 3389's. */
static void silence_becomes_noise(void **state)
{
	(void)state;
	struct xcode_side from = rig_side(&codec_g729),
			  to = rig_side(&codec_pcmu);
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
	struct xcode_side from = rig_side(c), to = rig_side(&codec_pcma);
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
	return rig_resample(pcm, 8000, middle, n, rate, &late);
}

/* Events become tones that an ear of spandsp's tells from each other. */
static void events_become_tones(const struct codec *c)
{
	struct xcode_side from = rig_side(&codec_pcmu), to = rig_side(c);
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
	struct xcode_side from = rig_side(&codec_pcmu),
			  to = rig_side(&codec_pcma);
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
	struct xcode_side from = rig_side(&codec_pcmu),
			  to = rig_side(&codec_opus);
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

/* A key that is down for three seconds, which at 48 kHz takes three events, is
 * one key to the other side, whatever its clock. */
static void long_key(const struct codec *from_codec, uint32_t from_clock,
	const struct codec *to_codec, uint32_t to_clock)
{
	struct xcode_side from = rig_side(from_codec), to = rig_side(to_codec);
	uint32_t segment = 0xffff, last = 0;
	uint8_t p[DTMF_EVENT];
	struct rig r;

	from.event_from = EVENT;
	from.event_clock = from_clock;
	to.event_to = 110;
	to.event_clock = to_clock;
	memset(said, 0, sizeof(said));
	rig_open(&r, &from, &to);
	rig_say(&r, said, rig_packet(from_codec, r.rate_from));
	for (unsigned at = 20; at <= 3000; at += 20) {
		uint32_t all = from_clock / 1000 * at;
		uint32_t before = (all - 1) / segment * segment;
		struct dtmf_event ev = { .key = 9,
			.end = at == 3000,
			.duration = (uint16_t)(all - before) };

		dtmf_event_write(p, &ev);
		rig_send(&r, EVENT, at == 20, r.seq++, r.ts + before, p,
			sizeof(p));
	}
	assert_int_equal(r.events, 150);
	for (unsigned i = 0; i < r.events; i++) {
		uint32_t all = to_clock / 1000 * 20 * (i + 1);
		uint32_t before = (all - 1) / segment * segment;

		assert_int_equal(r.key_ts[i] - r.key_ts[0], before);
		assert_in_range(
			r.keys[i].duration, all - before - 6, all - before);
		assert_true(before >= last);
		last = before;
	}
	rig_close(&r);
}

static void long_keys(void **state)
{
	(void)state;
	long_key(&codec_opus, 48000, &codec_pcmu, 8000);
	long_key(&codec_pcmu, 8000, &codec_opus, 48000);
	long_key(&codec_opus, 48000, &codec_opus, 48000);
}

/* ... and one tone, where there are no events. */
static void long_key_sounds(void **state)
{
	(void)state;
	struct xcode_side from = rig_side(&codec_opus),
			  to = rig_side(&codec_pcmu);
	size_t gaps = 0, sounds = 0;
	uint8_t p[DTMF_EVENT];
	struct rig r;

	from.event_from = EVENT;
	from.event_clock = 48000;
	rig_open(&r, &from, &to);
	for (unsigned at = 20; at <= 2400; at += 20) {
		uint32_t all = 48 * at, before = (all - 1) / 0xffff * 0xffff;
		struct dtmf_event ev = { .key = 5,
			.volume = 10,
			.duration = (uint16_t)(all - before) };

		dtmf_event_write(p, &ev);
		rig_send(&r, EVENT, at == 20, r.seq++, r.ts + before, p,
			sizeof(p));
	}
	for (size_t i = 80; i + 80 <= r.n; i += 8) {
		int32_t most = 0;

		for (size_t k = 0; k < 8; k++)
			most = abs(heard[i + k]) > most ? abs(heard[i + k])
							: most;
		sounds++;
		gaps += most < 100;
	}
	assert_in_range(sounds, 2360, 2400);
	assert_true(gaps < sounds / 20);
	assert_int_equal(r.last_ts - r.first_ts, 8 * 2400 - 160);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(noise_passes),
		T(silence_becomes_noise),
		T(tones_to_events),
		T(events_to_tones),
		T(key_and_sound),
		T(events_pass),
		T(long_keys),
		T(long_key_sounds),
	};

	return RUN_TESTS(tests);
}
