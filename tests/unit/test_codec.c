#include "test.h"

#include "audio.h"

#include <errno.h>

#include "media/codec.h"

enum { RATE_MAX = 48000, SECONDS = 2, N_MAX = RATE_MAX * SECONDS };

static int16_t said[N_MAX], heard[N_MAX];

/* What a codec makes of `said`, by packets of 20 ms. */
static void through(const struct codec *c, unsigned rate)
{
	struct codec_options o = { 0 };
	void *enc = c->enc_open(rate, &o), *dec = c->dec_open(rate);
	size_t n = rate / 50, skip, got, at = 0;
	uint8_t payload[2048];
	bool silence;

	if (c->packet_us != 0 && c->packet_us < 20000)
		n = rate / 100;
	memset(heard, 0, sizeof(heard));
	for (; at + n <= (size_t)rate * SECONDS; at += n) {
		size_t bytes = c->encode(
			enc, said + at, n, payload, sizeof(payload), &skip);

		assert_true(bytes > 0);
		assert_int_equal(skip, 0);
		assert_int_equal(c->decode(dec, payload, bytes, heard + at, n,
					 &got, &silence),
			0);
		assert_int_equal(got, n);
		assert_false(silence);
	}
	c->enc_close(enc);
	c->dec_close(dec);
}

/* Waveform codecs keep the wave; the others what is heard of it. */
static void sound_survives(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const struct codec *codec;
		unsigned rate;
		double snr_sweep, snr_speech; /* dB, at least */
		double distance; /* dB, at most */
	} rows[] = {
		/* clang-format off */
		{ "PCMU",        &codec_pcmu,    8000,  36, 34, 0.1 },
		{ "PCMA",        &codec_pcma,    8000,  36, 34, 0.1 },
		{ "G722 wide",   &codec_g722,    16000, 40, 23, 2.5 },
		{ "G722 narrow", &codec_g722,    8000,  40, 15, 0.5 },
		{ "G726-32",     &codec_g726_32, 8000,  32, 12, 0.6 },
		{ "G726-24",     &codec_g726_24, 8000,  26, 10, 0.8 },
		{ "G726-16",     &codec_g726_16, 8000,  20, 8,  1.2 },
		{ "AAL2-G726-32", &codec_aal2_g726_32, 8000, 32, 12, 0.6 },
		{ "AAL2-G726-24", &codec_aal2_g726_24, 8000, 26, 10, 0.8 },
		{ "AAL2-G726-16", &codec_aal2_g726_16, 8000, 20, 8, 1.2 },
		{ "GSM",         &codec_gsm,     8000,  7,  14, 1 },
		{ "G729",        &codec_g729,    8000,  7,  5,  3.5 },
		{ "opus 8",      &codec_opus,    8000,  11, 8,  2.5 },
		{ "opus 16",     &codec_opus,    16000, 14, 10, 2.5 },
		{ "opus 48",     &codec_opus,    48000, 12, 12, 2.5 },
		{ "L16 8",       &codec_l16_8,   8000,  90, 90, 0.01 },
		{ "L16 16",      &codec_l16_16,  16000, 90, 90, 0.01 },
		{ "L16 44",      &codec_l16_44,  44100, 90, 90, 0.01 },
		/* clang-format on */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = (size_t)rows[i].rate * SECONDS;
		size_t late = rows[i].rate / 50; /* algorithms' delays */
		double sweep, speech, distance;

		audio_sweep(said, n, rows[i].rate);
		through(rows[i].codec, rows[i].rate);
		sweep = audio_snr(said, heard, n, late);
		audio_speech(said, n, rows[i].rate);
		through(rows[i].codec, rows[i].rate);
		speech = audio_snr(said, heard, n, late);
		distance = audio_distance(said, heard, n, rows[i].rate);
		print_message("%-12s sweep %.1f dB, speech %.1f dB, distance "
			      "%.2f dB\n",
			rows[i].name, sweep, speech, distance);
		check_row(rows[i].name, sweep >= rows[i].snr_sweep);
		check_row(rows[i].name, speech >= rows[i].snr_speech);
		check_row(rows[i].name, distance <= rows[i].distance);
	}
}

/* The same samples, the bits in the other order: RFC 3551 4.5.4. */
static void aal2_is_the_other_order(void **state)
{
	struct codec_options o = { 0 };
	void *right = codec_g726_32.enc_open(8000, &o);
	void *left = codec_aal2_g726_32.enc_open(8000, &o);
	uint8_t a[80], b[80];
	unsigned differ = 0;
	size_t skip;

	(void)state;
	audio_speech(said, 1600, 8000);
	for (size_t at = 0; at < 1600; at += 160) {
		assert_int_equal(codec_g726_32.encode(right, said + at, 160, a,
					 sizeof(a), &skip),
			80);
		assert_int_equal(codec_aal2_g726_32.encode(left, said + at, 160,
					 b, sizeof(b), &skip),
			80);
		for (size_t i = 0; i < sizeof(a); i++) {
			assert_int_equal(
				b[i], (uint8_t)(a[i] << 4 | a[i] >> 4));
			differ += a[i] != b[i];
		}
	}
	assert_true(differ > 100);
	codec_g726_32.enc_close(right);
	codec_aal2_g726_32.enc_close(left);
}

static void wrong_lengths(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const struct codec *codec;
		size_t n;
		int err;
	} rows[] = {
		/* clang-format off */
		{ "PCMU nothing",     &codec_pcmu,    0,    EBADMSG },
		{ "PCMU one",         &codec_pcmu,    1,    0 },
		{ "PCMU too long",    &codec_pcmu,    961,  EBADMSG },
		{ "G722 nothing",     &codec_g722,    0,    EBADMSG },
		{ "G722 too long",    &codec_g722,    961,  EBADMSG },
		{ "G726-32 nothing",  &codec_g726_32, 0,    EBADMSG },
		{ "G726-24 not whole", &codec_g726_24, 4,   EBADMSG },
		{ "G726-24 whole",    &codec_g726_24, 3,    0 },
		{ "GSM short",        &codec_gsm,     32,   EBADMSG },
		{ "GSM long",         &codec_gsm,     34,   EBADMSG },
		{ "GSM no signature", &codec_gsm,     33,   EBADMSG },
		{ "G729 nothing",     &codec_g729,    0,    EBADMSG },
		{ "G729 one",         &codec_g729,    1,    EBADMSG },
		{ "G729 three",       &codec_g729,    3,    EBADMSG },
		{ "G729 silence",     &codec_g729,    2,    0 },
		{ "G729 and silence", &codec_g729,    12,   0 },
		{ "G729 too long",    &codec_g729,    122,  EBADMSG },
		{ "opus nothing",     &codec_opus,    0,    EBADMSG },
		{ "L16 odd",          &codec_l16_8,   161,  EBADMSG },
		{ "L16 too long",     &codec_l16_8,   1922, EBADMSG },
		/* clang-format on */
	};
	uint8_t payload[2048] = { 0 };
	size_t room = 8000 / 1000 * CODEC_PAYLOAD_MS;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct codec *c = rows[i].codec;
		void *dec = c->dec_open(8000);
		size_t got = 0;
		bool silence;

		check_row(rows[i].name,
			c->decode(dec, payload, rows[i].n, heard, room, &got,
				&silence) == rows[i].err);
		check_row(rows[i].name, rows[i].err != 0 || got > 0);
		c->dec_close(dec);
	}
}

/* Annex B: speech, then silence: a description, then nothing is sent. */
static void silence_is_not_sent(void **state)
{
	(void)state;
	struct codec_options o = { .vad = true };
	void *enc = codec_g729.enc_open(8000, &o);
	void *dec = codec_g729.dec_open(8000);
	unsigned speech = 0, described = 0, nothing = 0;
	uint8_t payload[64];

	memset(said, 0, sizeof(said));
	audio_speech(said, 8000, 8000);
	for (size_t at = 0; at + 160 <= 16000; at += 160) {
		size_t skip, got;
		bool silence = false;
		size_t bytes = codec_g729.encode(
			enc, said + at, 160, payload, sizeof(payload), &skip);

		if (bytes == 0) {
			nothing++;
			continue;
		}
		assert_int_equal(codec_g729.decode(dec, payload, bytes, heard,
					 960, &got, &silence),
			0);
		assert_int_equal(skip + got <= 160, 1);
		speech += !silence;
		described += silence;
	}
	assert_true(speech > 30);
	assert_true(described >= 1);
	assert_true(nothing > 20);
	codec_g729.enc_close(enc);
	codec_g729.dec_close(dec);
}

static void by_name(void **state)
{
	(void)state;
	assert_ptr_equal(codec_find_rtp("pcmu", 8000, 1), &codec_pcmu);
	assert_ptr_equal(codec_find_rtp("OPUS", 48000, 2), &codec_opus);
	assert_ptr_equal(codec_find_rtp("L16", 16000, 1), &codec_l16_16);
	assert_null(codec_find_rtp("L16", 16000, 2));
	assert_null(codec_find_rtp("G723", 8000, 1));
	assert_int_equal(codec_common_rate(&codec_g722, &codec_opus), 16000);
	assert_int_equal(codec_common_rate(&codec_g722, &codec_pcmu), 8000);
	assert_int_equal(codec_common_rate(&codec_l16_44, &codec_pcmu), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(sound_survives),
		T(aal2_is_the_other_order),
		T(wrong_lengths),
		T(silence_is_not_sent),
		T(by_name),
	};
	return RUN_TESTS(tests);
}
