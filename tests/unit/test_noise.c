/* Silence that is not sent, on the way to a far end that must be sent it. */
#include "test.h"

#include "audio.h"

#include <stdlib.h>

#include "media/flow.h"
#include "media/rtp.h"
#include "xcode_side.h"

enum { RATE = 8000, PACKET = 160, NOISE = 13, N_MAX = RATE * 120 };

static int16_t heard[N_MAX];

struct rig {
	struct flow *flow;
	void *dec;
	uint64_t now_ns;
	uint16_t seq;
	uint32_t ts, per_ms; /* of the near end's clock */
	/* what came out, which is PCMA */
	size_t n;
	unsigned packets;
	uint16_t last_seq;
	uint32_t first_ts, last_ts;
};

static struct xcode_side side_of(const struct codec *c, uint8_t noise)
{
	struct xcode_side s = rig_side(c);

	s.from = s.to = 96;
	s.noise_from = noise;
	return s;
}

static void rig_open(struct rig *r, const struct codec *from)
{
	const struct xcode_side a = side_of(from, NOISE),
				b = side_of(&codec_pcma, XCODE_NO_PT);

	*r = (struct rig){ .flow = flow_new(&a, &b),
		.dec = codec_pcma.dec_open(RATE),
		.now_ns = 1000000000,
		.seq = 65500,
		.ts = 0xffffff00,
		.per_ms = from->clock / 1000 };
	memset(heard, 0, sizeof(heard));
}

static void rig_close(struct rig *r)
{
	flow_free(r->flow);
	codec_pcma.dec_close(r->dec);
}

/* Each packet follows the one before, without a hole. */
static void rig_take(struct rig *r)
{
	uint8_t room[PKT_ROOM];
	struct pkt out = { room, 0, sizeof(room) };
	struct xcode_out about;

	while (flow_get(r->flow, &out, &about) == 0) {
		struct rtp_head h;
		size_t got;
		bool silence;

		assert_int_equal(rtp_parse(&h, out.p, out.n), 0);
		assert_int_equal(h.pt, 96);
		if (r->packets == 0)
			r->first_ts = h.timestamp;
		else
			assert_int_equal(h.seq, (uint16_t)(r->last_seq + 1));
		if (r->packets > 0)
			assert_int_equal(h.timestamp - r->last_ts, PACKET);
		r->last_seq = h.seq;
		r->last_ts = h.timestamp;
		r->packets++;
		assert_true(r->n + PACKET <= N_MAX);
		assert_int_equal(
			codec_pcma.decode(r->dec, out.p + h.size, about.payload,
				heard + r->n, PACKET, &got, &silence),
			0);
		r->n += got;
	}
}

static void rig_put(struct rig *r, uint8_t pt, const uint8_t *p, size_t n)
{
	uint8_t packet[PKT_ROOM] = { 0x80, pt };
	struct pkt in = { packet, RTP_HEADER + n, sizeof(packet) };

	put_u16(packet + 2, r->seq++);
	put_u32(packet + 4, r->ts);
	put_u32(packet + 8, 7);
	memcpy(packet + RTP_HEADER, p, n);
	flow_put(r->flow, &in, r->now_ns);
	rig_take(r);
}

/* The worker looks every 5 ms; the near end's time runs on as well. */
static void rig_wait(struct rig *r, unsigned ms)
{
	for (unsigned i = 0; i < ms / 5; i++) {
		r->now_ns += 5000000;
		(void)flow_rest(r->flow, r->now_ns);
		rig_take(r);
	}
	r->ts += ms * r->per_ms;
}

/* A packet, and the time that it takes to say. */
static void rig_talk(struct rig *r, unsigned packets)
{
	uint8_t ulaw[PACKET];

	for (unsigned i = 0; i < packets; i++) {
		memset(ulaw, 0x30 + i % 2, sizeof(ulaw));
		rig_put(r, 96, ulaw, sizeof(ulaw));
		rig_wait(r, 20);
	}
}

static double dbov(const int16_t *pcm, size_t n)
{
	double sum = 1;

	for (size_t i = 0; i < n; i++)
		sum += (double)pcm[i] * pcm[i];
	return 10 * log10(sum / (double)n / (32768.0 * 32768.0));
}

/* RFC 3389: as loud as it says, without a hole, until there is sound. */
static void told_by_3389(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint8_t payload[3];
		size_t n;
		double level;
	} rows[] = {
		{ "-40", { 40 }, 1, -40 },
		{ "-60", { 60 }, 1, -60 },
		{ "-30, with a spectrum", { 30, 100, 90 }, 3, -30 },
		{ "the first bit is none of it", { 0x80 | 50 }, 1, -50 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rig r;
		double level;

		rig_open(&r, &codec_pcmu);
		rig_talk(&r, 10);
		rig_put(&r, NOISE, rows[i].payload, rows[i].n);
		rig_wait(&r, 1000);
		assert_in_range(r.packets, 10 + 49, 10 + 50);
		level = dbov(heard + 11 * PACKET, 45 * PACKET);
		if (fabs(level - rows[i].level) > 1)
			print_message("%s: %.1f\n", rows[i].name, level);
		check_row(rows[i].name, fabs(level - rows[i].level) <= 1);
		rig_talk(&r, 10);
		check_row(rows[i].name, r.packets == 10 + 50 + 10);
		rig_close(&r);
	}
}

/* G.729 Annex B: its decoder makes the noise, as loud as what was described. */
static void told_by_annex_b(void **state)
{
	(void)state;
	static int16_t said[RATE * 4];
	struct codec_options o = { .vad = true };
	void *enc = codec_g729.enc_open(RATE, &o);
	uint32_t random = 1;
	unsigned silent = 0;
	double in, out;
	struct rig r;

	audio_speech(said, RATE, RATE);
	for (size_t i = RATE; i < ARRAY_SIZE(said); i++) {
		random = random * 1664525 + 1013904223;
		said[i] = (int16_t)((int)(random >> 24) - 128); /* -52 dBov */
	}
	rig_open(&r, &codec_g729);
	for (size_t at = 0; at < ARRAY_SIZE(said); at += PACKET) {
		uint8_t p[64];
		size_t skip;
		size_t n = codec_g729.encode(
			enc, said + at, PACKET, p, sizeof(p), &skip);

		silent += n == 0;
		r.ts += (uint32_t)skip;
		if (n > 0)
			rig_put(&r, 96, p, n);
		r.ts -= (uint32_t)skip;
		rig_wait(&r, 20);
	}
	assert_true(silent > 50); /* it was not sent, and yet */
	assert_true(r.packets > 4 * 50 - 3);
	in = dbov(said + 2 * RATE, RATE);
	out = dbov(heard + 2 * RATE, RATE);
	print_message("%u of 200 packets not sent; noise of %.1f dBov became "
		      "%.1f\n",
		silent, in, out);
	assert_true(fabs(in - out) < 5);
	codec_g729.enc_close(enc);
	rig_close(&r);
}

static void background(int16_t *pcm, size_t n)
{
	static uint32_t random = 1;
	double low = 0;

	for (size_t i = 0; i < n; i++) {
		random = random * 1664525 + 1013904223;
		low = 0.8 * low + 0.4 * ((int)(random >> 24) - 128);
		pcm[i] = (int16_t)low;
	}
}

/* The near end's packets, those that its encoder thinks worth it. */
static unsigned opus_says(
	struct rig *r, void *enc, const int16_t *pcm, size_t n)
{
	unsigned silent = 0;

	for (size_t at = 0; at + PACKET <= n; at += PACKET) {
		uint8_t p[400];
		size_t skip;
		size_t bytes = codec_opus.encode(
			enc, pcm + at, PACKET, p, sizeof(p), &skip);

		silent += bytes == 0;
		if (bytes > 0)
			rig_put(r, 96, p, bytes);
		rig_wait(r, 20);
	}
	return silent;
}

/*
 * Opus stops without a word (RFC 7587 3.1.3). What leaves has no hole, which
 * rig_take() sees; it is as loud as the background was, never louder, and
 * without a click; and there is speech again when there is.
 */
static void opus_stops(void **state)
{
	(void)state;
	static int16_t said[RATE * 6];
	const struct codec_options o = { .vad = true };
	void *enc = codec_opus.enc_open(RATE, &o);
	double quiet, worst = -100, speech;
	unsigned silent;
	int most = 0;
	struct rig r;

	audio_speech(said, RATE, RATE);
	background(said + RATE, (size_t)4 * RATE);
	audio_speech(said + (size_t)5 * RATE, RATE, RATE);
	rig_open(&r, &codec_opus);
	silent = opus_says(&r, enc, said, ARRAY_SIZE(said));
	quiet = dbov(said + 2 * RATE, RATE);
	for (size_t at = 3 * RATE / 2; at < (size_t)9 * RATE / 2; at += PACKET)
		worst = fmax(worst, dbov(heard + at, PACKET));
	for (size_t at = 3 * RATE / 2; at < (size_t)9 * RATE / 2; at++)
		most = abs(heard[at]) > most ? abs(heard[at]) : most;
	speech = dbov(heard + r.n - RATE / 2, RATE / 2);
	print_message("%u of 300 packets not sent, %u left; background %.1f "
		      "dBov became %.1f, at most %.1f, peak %d; speech %.1f\n",
		silent, r.packets, quiet, dbov(heard + 2 * RATE, RATE), worst,
		most, speech);
	assert_true(silent > 60);
	assert_in_range(r.packets, 297, 305);
	assert_true(fabs(dbov(heard + 2 * RATE, RATE) - quiet) < 8);
	assert_true(worst < quiet + 6);
	assert_true(most < 32768 * pow(10, (quiet + 18) / 20));
	assert_true(fabs(speech - dbov(said + (size_t)5 * RATE, RATE)) < 4);
	codec_opus.enc_close(enc);
	rig_close(&r);
}

/* In the middle of a word nothing is made up; and noise does not stand for
 * somebody who has gone. */
static void opus_breaks_off(void **state)
{
	(void)state;
	static int16_t said[RATE];
	const struct codec_options o = { .vad = true };
	void *enc = codec_opus.enc_open(RATE, &o);
	struct rig r;

	rig_open(&r, &codec_opus);
	audio_tone(said, RATE, RATE, 500, 8000);
	(void)opus_says(&r, enc, said, RATE);
	rig_wait(&r, 2000);
	assert_in_range(r.packets, 49, 50);
	rig_close(&r);
	codec_opus.enc_close(enc);
	enc = codec_opus.enc_open(RATE, &o);
	rig_open(&r, &codec_opus);
	background(said, RATE);
	(void)opus_says(&r, enc, said, RATE / 2);
	r.packets = 0;
	rig_wait(&r, 5000);
	print_message("%u packets for one who has gone\n", r.packets);
	assert_in_range(r.packets, 20, 60);
	assert_false(flow_rest(r.flow, r.now_ns));
	codec_opus.enc_close(enc);
	rig_close(&r);
}

/* Payloads that say nothing but that it is silent are silence. */
static void opus_says_so(void **state)
{
	(void)state;
	static int16_t said[RATE];
	const struct codec_options o = { 0 };
	void *enc = codec_opus.enc_open(RATE, &o);
	uint8_t p[400], toc;
	size_t skip;
	struct rig r;

	rig_open(&r, &codec_opus);
	background(said, RATE);
	(void)opus_says(&r, enc, said, RATE / 2);
	(void)codec_opus.encode(enc, said, PACKET, p, sizeof(p), &skip);
	toc = p[0];
	rig_put(&r, 96, &toc, 1);
	assert_true(flow_pauses(r.flow));
	rig_wait(&r, 2000);
	assert_in_range(r.packets, 25 + 98, 25 + 102);
	codec_opus.enc_close(enc);
	rig_close(&r);
}

/* Whatever the pauses' lengths, what leaves never runs away from what came:
 * at most by what is made at once. */
static void keeps_time(void **state)
{
	(void)state;
	const uint8_t level = 50;
	uint32_t begin;
	struct rig r;

	rig_open(&r, &codec_pcmu);
	begin = r.ts;
	for (unsigned i = 0; i < 100; i++) {
		int32_t ahead;

		rig_talk(&r, 5);
		rig_put(&r, NOISE, &level, 1);
		rig_wait(&r, 200 + i % 4 * 5);
		ahead = (int32_t)(r.last_ts - r.first_ts) -
			(int32_t)(r.ts - begin);
		assert_in_range(ahead + 1000, 1000 - 3 * PACKET, 1000 + PACKET);
	}
	assert_true(r.packets > 100 * 14);
	rig_close(&r);
}

/* Who knows descriptions gets them, and no clock runs. */
static void passes_where_known(void **state)
{
	(void)state;
	struct xcode_side a = side_of(&codec_pcmu, NOISE),
			  b = side_of(&codec_pcma, XCODE_NO_PT);
	uint8_t p[RTP_HEADER + 1] = { 0x80, NOISE }, room[PKT_ROOM];
	struct pkt in = { p, sizeof(p), sizeof(p) };
	struct pkt out = { room, 0, sizeof(room) };
	struct xcode_out about;
	struct flow *f;

	b.noise_to = 19;
	f = flow_new(&a, &b);
	p[RTP_HEADER] = 45;
	flow_put(f, &in, 0);
	assert_int_equal(flow_get(f, &out, &about), 0);
	assert_int_equal(out.p[1] & 0x7f, 19);
	assert_int_equal(out.p[RTP_HEADER], 45);
	assert_false(flow_pauses(f));
	assert_false(flow_rest(f, 1000000000));
	flow_free(f);
}

/* Nobody takes what is made; a stall; a pause that nothing ends. */
static void is_bounded(void **state)
{
	(void)state;
	const uint8_t level = 50, empty = 0;
	struct xcode_stats st;
	struct rig r;
	unsigned before;

	rig_open(&r, &codec_pcmu);
	rig_put(&r, NOISE, &empty, 0); /* it says nothing */
	assert_false(flow_pauses(r.flow));
	flow_stats(r.flow, &st);
	assert_int_equal(st.bad, 1);
	rig_put(&r, NOISE, &level, 1);
	for (unsigned i = 0; i < 1000; i++)
		assert_true(flow_rest(r.flow, r.now_ns += 5000000));
	rig_take(&r);
	assert_in_range(r.packets, 1, 2);
	before = r.packets;
	r.now_ns += 60 * (uint64_t)1000000000;
	(void)flow_rest(r.flow, r.now_ns);
	rig_take(&r);
	assert_in_range(r.packets, before, before + 1);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(told_by_3389),
		T(told_by_annex_b),
		T(opus_stops),
		T(opus_breaks_off),
		T(opus_says_so),
		T(keeps_time),
		T(passes_where_known),
		T(is_bounded),
	};
	return RUN_TESTS(tests);
}
