/* From every codec to every other, over networks as they are. */
#include "test.h"

#include <opus/opus.h>

#include "audio.h"
#include "xcode_rig.h"

enum {
	SECONDS = 2,
	PAIR_SECONDS = 1,
};

static int16_t offline[RIG_SAMPLES], middle[RIG_SAMPLES];

/* ---- every codec to every other ---- */

static void codec_run(const struct codec *c, unsigned rate, const int16_t *in,
	int16_t *out, size_t n)
{
	struct codec_options o = { 0 };
	void *enc = c->enc_open(rate, &o), *dec = c->dec_open(rate);
	size_t packet = rig_packet(c, rate), skip, got;
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
	struct xcode_side from = rig_side(a), to = rig_side(b);
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
		made = rig_resample(
			middle, r.rate_to, offline, n, r.rate_from, &late);
	}
	whole = made - made % rig_packet(b, r.rate_to);
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
		struct xcode_side from = rig_side(rows[i].a),
				  to = rig_side(rows[i].b);
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
		struct xcode_side from = rig_side(&codec_pcmu),
				  to = rig_side(rows[i].to);
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
		struct xcode_side from = rig_side(rows[i].from),
				  to = rig_side(&codec_pcma);
		struct xcode_stats st;
		struct rig r;
		double share;

		rig_open(&r, &from, &to);
		with_fate(&r, rows[i].fate, rows[i].count);
		st = rig_stats(&r);
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

/* ---- what the packet behind brings once more ---- */

enum { FRAMES = 99, FRAME = 160, LOST_OF = 8 };

static bool is_lost(unsigned i, unsigned run)
{
	return i % LOST_OF >= 3 && i % LOST_OF < 3 + run;
}

/* The last of each run of lost frames, one behind the other; how many samples. */
static size_t lost_frames(int16_t *out, const int16_t *pcm, unsigned run)
{
	size_t n = 0;

	for (unsigned i = 0; i + 1 < FRAMES; i++)
		if (is_lost(i, run) && !is_lost(i + 1, run)) {
			memcpy(out + n, pcm + i * FRAME, FRAME * sizeof(*pcm));
			n += FRAME;
		}
	return n;
}

static void decode_all(const struct encoded *e, unsigned run, int16_t *out)
{
	void *dec = codec_opus.dec_open(8000);
	bool silence;
	size_t got;

	for (unsigned i = 0; i < FRAMES; i++, out += FRAME)
		if (is_lost(i, run))
			codec_opus.conceal(dec, out, FRAME);
		else
			assert_int_equal(codec_opus.decode(dec, e[i].p, e[i].n,
						 out, FRAME, &got, &silence),
				0);
	codec_opus.dec_close(dec);
}

/* Speech in Opus, one or two of eight packets lost: what in-band FEC brings is
 * nearer to what was said than what the decoder makes up, and only of a sender
 * that adds it. */
static void repairs(unsigned run, bool fec, double better)
{
	static struct encoded e[FRAMES];
	static int16_t want[FRAMES * FRAME], made[FRAMES * FRAME],
		got[FRAMES * FRAME];
	struct xcode_side from = rig_side(&codec_opus),
			  to = rig_side(&codec_l16_8);
	unsigned losses = 0, repaired, ends = 0;
	double plain, with;
	struct rig r;
	size_t n;

	audio_speech(said, FRAMES * FRAME, 8000);
	rig_open(&r, &from, &to);
	assert_int_equal(r.rate_from, 8000);
	(void)opus_encoder_ctl((OpusEncoder *)r.enc, OPUS_SET_INBAND_FEC(fec));
	(void)opus_encoder_ctl(
		(OpusEncoder *)r.enc, OPUS_SET_PACKET_LOSS_PERC(20));
	/* with less it has no room for what repairs */
	(void)opus_encoder_ctl((OpusEncoder *)r.enc, OPUS_SET_BITRATE(24000));
	for (unsigned i = 0; i < FRAMES; i++) {
		rig_encode(&r, &e[i], said + i * FRAME, FRAME);
		losses += is_lost(i, run);
		ends += is_lost(i, run) && !is_lost(i + 1, run);
		if (!is_lost(i, run))
			rig_sound(&r, &e[i]);
	}
	assert_int_equal(r.n, FRAMES * FRAME);
	repaired = (unsigned)rig_stats(&r).repaired_ms;
	assert_int_equal(repaired + rig_stats(&r).concealed_ms, 20 * losses);
	decode_all(e, 0, offline);
	n = lost_frames(want, offline, run);
	decode_all(e, run, offline);
	(void)lost_frames(made, offline, run);
	(void)lost_frames(got, heard, run);
	plain = audio_snr(want, made, n, 0);
	with = audio_snr(want, got, n, 0);
	print_message("%u of %d lost, FEC %d: %u ms repaired, %.1f dB, plain "
		      "concealment %.1f dB\n",
		run, LOST_OF, fec, repaired, with, plain);
	assert_true(fec ? repaired * 2 > ends * 20 : repaired == 0);
	assert_true(with >= plain + better);
	rig_close(&r);
}

static void repairs_by_fec(void **state)
{
	(void)state;
	repairs(1, true, 10);
	repairs(2, true, 4);
	repairs(1, false, 0);
}

/* A new source, or a jump of the sequence: the stream that leaves goes on. */
static void jumps(void **state)
{
	(void)state;
	struct xcode_side from = rig_side(&codec_pcmu),
			  to = rig_side(&codec_pcma);
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
	assert_int_equal(rig_stats(&r).concealed_ms, 0);
	/* after a hold of ten seconds it is ten seconds later */
	r.now_ns += 10 * 1000000000ull + 20 * 1000000;
	r.seq = (uint16_t)(r.seq + 20000);
	r.ts += 999999;
	rig_say(&r, said, 160);
	assert_true(r.last_marker);
	assert_int_equal(r.last_ts - r.first_ts, 30 * 160 + 10 * 8000);
	r.seq = (uint16_t)(r.seq + 20000);
	r.now_ns += 80 * 1000000; /* as late as any packet may be */
	rig_say(&r, said, 160);
	assert_int_equal(r.last_ts - r.first_ts, 31 * 160 + 10 * 8000);
	rig_close(&r);
}

/* Silence suppression: time passes, packets do not. */
static void pauses(void **state)
{
	(void)state;
	struct xcode_side from = rig_side(&codec_pcmu),
			  to = rig_side(&codec_g722);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_pair),
		T(resampled),
		T(packet_times),
		T(fates),
		T(repairs_by_fec),
		T(jumps),
		T(pauses),
	};

	return RUN_TESTS(tests);
}
