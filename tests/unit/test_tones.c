/* Keys as tones: heard in what comes and taken out of it, put into what
 * leaves; through every codec. */
#include "test.h"

#include "audio.h"

#include <limits.h>

#include "base/obj.h"
#include "media/dtmf.h"
#include "media/rtp.h"
#include "media/xcode.h"
#include "xcode_side.h"

enum {
	RATE_MAX = 48000,
	SECONDS_MAX = 10,
	EVENT = 101,
	SSRC = 0x1000,
	KEY_MS = 80,
	HUM = 420, /* Hz: what else there is to hear */
};
static const uint64_t ms = 1000000;

static int16_t said[RATE_MAX * SECONDS_MAX], heard[RATE_MAX * SECONDS_MAX];

struct rig {
	struct xcode *x;
	const struct codec *from, *to;
	unsigned rate_from, rate_to;
	void *enc, *dec;
	uint64_t now;
	uint16_t seq;
	uint32_t ts;
	/* what was told */
	char told[64];
	unsigned ntold, shortest, longest;
	/* what left */
	bool any;
	uint16_t last_seq;
	uint32_t first_ts;
	unsigned packets, events;
	size_t n;
};

static unsigned highest(const struct codec *c)
{
	unsigned rate = 0;

	for (size_t i = 0; i < CODEC_RATES_MAX && c->rates[i] != 0; i++)
		rate = c->rates[i];
	return rate;
}

static void rig_open(
	struct rig *r, const struct xcode_side *a, const struct xcode_side *b)
{
	struct conf_dspfarm d = {
		.tag = 1, .max_sessions = 1, .universal = true
	};
	const struct conf conf = { .dspfarms = &d };
	struct xcode_farm *farm = xcode_farm_new();
	const struct xcode_want w = { .side = { *a, *b } };
	const struct codec_options o = { 0 };

	for (const struct conf_codec *c = conf_codecs; c->ios_name; c++)
		if (c->transcoded && d.ncodecs < CONF_CODECS_MAX)
			d.codec[d.ncodecs++] = c;
	xcode_farm_configure(farm, &conf);
	*r = (struct rig){ .from = a->codec,
		.to = b->codec,
		.rate_from = highest(a->codec),
		.rate_to = highest(b->codec),
		.now = 5000 * ms,
		.seq = 65500,
		.ts = 0xfffff000,
		.shortest = UINT_MAX };
	assert_int_equal(xcode_reserve(&r->x, farm, &w, NULL), 0);
	obj_unref(farm);
	r->enc = a->codec->enc_open(r->rate_from, &o);
	r->dec = b->codec->dec_open(r->rate_to);
	memset(heard, 0, sizeof(heard));
}

static void rig_close(struct rig *r)
{
	r->from->enc_close(r->enc);
	r->to->dec_close(r->dec);
	obj_unref(r->x);
}

/* Numbers without a hole; sound where its time says. */
static void rig_take(struct rig *r)
{
	static const char names[] = "0123456789*#ABCD";
	uint8_t room[PKT_ROOM];
	struct pkt out = { room, 0, sizeof(room) };
	struct xcode_out about;
	struct xcode_key k;

	while (xcode_get(r->x, 0, &out, &about) == 0) {
		struct rtp_head h;
		size_t at, got;
		bool silence;

		assert_int_equal(rtp_parse(&h, out.p, out.n), 0);
		if (r->any)
			assert_int_equal(h.seq, (uint16_t)(r->last_seq + 1));
		else
			r->first_ts = h.timestamp;
		r->any = true;
		r->last_seq = h.seq;
		if (h.pt == EVENT) {
			r->events++;
			continue;
		}
		r->packets++;
		at = (size_t)((uint64_t)(h.timestamp - r->first_ts) *
			      r->rate_to / r->to->clock);
		assert_true(at < sizeof(heard) / sizeof(heard[0]) - RATE_MAX);
		assert_int_equal(
			r->to->decode(r->dec, out.p + h.size, about.payload,
				heard + at, RATE_MAX, &got, &silence),
			0);
		r->n = at + got;
	}
	while (xcode_heard(r->x, 0, r->now, &k)) {
		assert_true(k.key < DTMF_KEYS && r->ntold < 60);
		r->told[r->ntold++] = names[k.key];
		r->shortest = k.ms < r->shortest ? k.ms : r->shortest;
		r->longest = k.ms > r->longest ? k.ms : r->longest;
	}
}

static void rig_send(struct rig *r, uint8_t pt, const uint8_t *p, size_t n)
{
	uint8_t room[PKT_ROOM] = { 0x80, pt };
	struct pkt in = { room, RTP_HEADER + n, sizeof(room) };

	put_u16(room + 2, r->seq++);
	put_u32(room + 4, r->ts);
	put_u32(room + 8, SSRC);
	memcpy(room + RTP_HEADER, p, n);
	xcode_put(r->x, 0, &in, r->now);
	rig_take(r);
}

/* In packets of so long, in time. */
static void rig_say(
	struct rig *r, const int16_t *pcm, size_t n, unsigned packet_ms)
{
	size_t packet;
	uint8_t p[PKT_ROOM];

	if (r->from->packet_us != 0 && packet_ms > r->from->packet_us / 1000)
		packet_ms = 10;
	packet = (size_t)r->rate_from * packet_ms / 1000;
	for (size_t at = 0; at + packet <= n; at += packet) {
		size_t skip;
		size_t bytes = r->from->encode(
			r->enc, pcm + at, packet, p, 1400, &skip);

		r->now += packet_ms * ms;
		rig_send(r, 0, p, bytes);
		r->ts += (uint32_t)((uint64_t)packet * r->from->clock /
				    r->rate_from);
	}
}

static void rig_wait(struct rig *r, unsigned long_ms)
{
	for (unsigned i = 0; i < long_ms / 5; i++) {
		r->now += 5 * ms;
		(void)xcode_rest(r->x, 0, r->now);
		rig_take(r);
	}
}

/* Keys in said[], so long each, with as much of a hum before and between. */
static size_t say_keys(const char *keys, unsigned rate, unsigned key_ms)
{
	static const char names[] = "0123456789*#ABCD";
	size_t each = (size_t)rate * key_ms / 1000, at = 0;

	for (; *keys != '\0'; keys++) {
		const char *name = strchr(names, *keys);
		struct dtmf_tone t;

		assert_non_null(name);
		audio_tone(said + at, each, rate, HUM, 2000);
		dtmf_tone_begin(&t, (uint8_t)(name - names), rate, 10);
		dtmf_tone_make(&t, said + at + each, each);
		at += 2 * each;
	}
	audio_tone(said + at, 2 * each, rate, HUM, 2000);
	return at + 2 * each;
}

/* The keys that somebody hears who listens for them. */
static void keys_in(char out[64], const int16_t *pcm, size_t n, unsigned rate)
{
	static const char names[] = "0123456789*#ABCD";
	struct dtmf_ear *ear = dtmf_ear_new(rate);
	size_t step = rate / 100;
	unsigned count = 0;
	int last = -1;

	for (size_t at = 0; at + step <= n; at += step) {
		int key;

		dtmf_ear_hear(ear, pcm + at, step);
		key = dtmf_ear_key(ear);
		if (key >= 0 && key != last && count < 60)
			out[count++] = names[key];
		last = key;
	}
	out[count] = '\0';
	dtmf_ear_free(ear);
}

static const char all[] = "0123456789*#ABCD";

/* Told once each, as long as they were; nobody behind hears a key; and what
 * else there is to hear stays. */
static void are_told(void **state)
{
	(void)state;
	const struct codec *c;

	for (size_t i = 0; (c = codec_at(i)) != NULL; i++) {
		struct xcode_side a = rig_side(c), b = rig_side(&codec_pcma);
		char left[64];
		struct rig r;
		size_t n;
		double hum;

		a.ear = XCODE_EAR_TELL;
		rig_open(&r, &a, &b);
		n = say_keys(all, r.rate_from, KEY_MS);
		rig_say(&r, said, n, 20);
		keys_in(left, heard, r.n, r.rate_to);
		hum = audio_share(heard, 480, 8000, HUM);
		print_message("%-14s told %s, %u to %u ms; behind it '%s', "
			      "hum %.2f\n",
			c->name, r.told, r.shortest, r.longest, left, hum);
		check_row(c->name, strcmp(r.told, all) == 0);
		check_row(c->name, r.shortest >= 40 && r.longest <= 100);
		check_row(c->name, left[0] == '\0');
		check_row(c->name, hum > 0.7);
		check_row(c->name, r.n + 480 > n * 8000 / r.rate_from);
		rig_close(&r);
	}
}

/* Events go on, the tones beside them do not. */
static void are_dropped(void **state)
{
	(void)state;
	const struct codec *c;

	for (size_t i = 0; (c = codec_at(i)) != NULL; i++) {
		struct xcode_side a = rig_side(c), b = rig_side(&codec_pcmu);
		const uint8_t event[2][DTMF_EVENT] = { { 5, 10, 0, 160 },
			{ 5, 0x8a, 2, 0x80 } };
		char left[64];
		struct rig r;
		size_t n;

		a.ear = XCODE_EAR_DROP;
		a.event_from = a.event_to = b.event_from = b.event_to = EVENT;
		rig_open(&r, &a, &b);
		n = say_keys(all, r.rate_from, KEY_MS);
		rig_say(&r, said, n, 20);
		keys_in(left, heard, r.n, r.rate_to);
		check_row(c->name, r.ntold == 0);
		check_row(c->name, left[0] == '\0');
		check_row(c->name, r.events == 0);
		rig_send(&r, EVENT, event[0], DTMF_EVENT);
		rig_send(&r, EVENT, event[1], DTMF_EVENT);
		check_row(c->name, r.events == 2);
		rig_close(&r);
	}
}

/* Long tones have holes behind G.729: they are one key all the same. */
static void have_holes(void **state)
{
	(void)state;
	for (unsigned shift = 0; shift < 160; shift += 16) {
		struct xcode_side a = rig_side(&codec_g729),
				  b = rig_side(&codec_pcma);
		char left[64];
		struct rig r;
		size_t n;

		a.ear = XCODE_EAR_TELL;
		rig_open(&r, &a, &b);
		n = say_keys("0123456789*#ABC", 8000, 250);
		rig_say(&r, said + shift, n - shift, 20);
		check_row(r.told, strcmp(r.told, "0123456789*#ABC") == 0);
		check_row(r.told, r.shortest >= 200);
		keys_in(left, heard, r.n, r.rate_to);
		check_row(left, left[0] == '\0');
		rig_close(&r);
	}
}

/* Short keys, the same one twice, in packets that hold more than one. */
static void are_told_apart(void **state)
{
	(void)state;
	static const char keys[] = "5500112233";
	static const unsigned packets[] = { 10, 20, 60, 100 };

	for (size_t i = 0; i < ARRAY_SIZE(packets); i++) {
		struct xcode_side a = rig_side(&codec_pcmu),
				  b = rig_side(&codec_pcma);
		char left[64];
		struct rig r;

		a.ear = XCODE_EAR_TELL;
		rig_open(&r, &a, &b);
		rig_say(&r, said, say_keys(keys, 8000, 50), packets[i]);
		print_message(
			"packets of %u ms: told %s\n", packets[i], r.told);
		check_row("told", strcmp(r.told, keys) == 0);
		keys_in(left, heard, r.n, 8000);
		check_row("left", left[0] == '\0');
		rig_close(&r);
	}
}

/* The sound stops in the middle of a key: it has ended. */
static void break_off(void **state)
{
	(void)state;
	struct xcode_side a = rig_side(&codec_pcmu), b = rig_side(&codec_pcma);
	struct rig r;
	size_t n;

	a.ear = XCODE_EAR_TELL;
	rig_open(&r, &a, &b);
	n = say_keys("7", 8000, 200);
	rig_say(&r, said, n / 2 - 800, 20);
	assert_int_equal(r.ntold, 0);
	rig_wait(&r, 200);
	assert_int_equal(r.ntold, 0);
	rig_wait(&r, 200);
	assert_string_equal(r.told, "7");
	/* what comes later is no part of it */
	r.ts += 8000;
	rig_say(&r, said, 1600, 20);
	rig_wait(&r, 400);
	assert_string_equal(r.told, "7");
	rig_close(&r);
}

static void press_all(struct rig *r)
{
	for (uint8_t key = 0; key < DTMF_KEYS; key++)
		assert_true(xcode_press(r->x, 0, key, 100));
	assert_true(xcode_pauses(r->x, 0));
}

/* In place of the sound that comes, and beside none; each once. */
static void are_put_in(void **state)
{
	(void)state;
	const struct codec *c;

	for (size_t i = 0; (c = codec_at(i)) != NULL; i++) {
		struct xcode_side a = rig_side(&codec_pcmu), b = rig_side(c);
		char left[64];
		struct rig r;

		rig_open(&r, &a, &b);
		audio_tone(said, 8000 * 4, 8000, HUM, 2000);
		rig_say(&r, said, 1600, 20);
		press_all(&r);
		rig_say(&r, said, 8000 * 3, 20);
		keys_in(left, heard, r.n, r.rate_to);
		print_message("%-14s in sound %s\n", c->name, left);
		check_row(c->name, strcmp(left, all) == 0);
		check_row(c->name, !xcode_pauses(r.x, 0));
		rig_close(&r);

		rig_open(&r, &a, &b);
		press_all(&r);
		rig_wait(&r, 3500);
		keys_in(left, heard, r.n, r.rate_to);
		check_row(c->name, strcmp(left, all) == 0);
		check_row(c->name, !xcode_rest(r.x, 0, r.now));
		rig_close(&r);
	}
}

/* Sound comes back while keys are put into silence: nothing doubles. */
static void sound_comes_back(void **state)
{
	(void)state;
	struct xcode_side a = rig_side(&codec_pcmu), b = rig_side(&codec_pcma);
	char left[64];
	struct rig r;

	rig_open(&r, &a, &b);
	audio_tone(said, 8000 * 4, 8000, HUM, 2000);
	rig_say(&r, said, 1600, 20);
	press_all(&r);
	rig_wait(&r, 1000);
	r.ts += 8000;
	rig_say(&r, said, 8000 * 3, 20);
	keys_in(left, heard, r.n, 8000);
	assert_string_equal(left, all);
	assert_true(audio_share(heard + r.n - 1600, 800, 8000, HUM) > 0.9);
	assert_int_equal(r.packets, r.n / 160);
	for (unsigned i = 0; i < 32; i++)
		assert_true(xcode_press(r.x, 0, 1, 100));
	assert_false(xcode_press(r.x, 0, 1, 100)); /* not without end */
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(are_told),
		T(are_dropped),
		T(are_told_apart),
		T(have_holes),
		T(break_off),
		T(are_put_in),
		T(sound_comes_back),
	};
	return RUN_TESTS(tests);
}
