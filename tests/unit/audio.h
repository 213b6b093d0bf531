/*
 * Sounds for the tests of codecs: a sweep, something with the spectrum and the
 * pauses of speech, tones; and how like two of them are.
 */
#ifndef LINESIDE_TESTS_UNIT_AUDIO_H
#define LINESIDE_TESTS_UNIT_AUDIO_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* 100 Hz to 3400 Hz, evenly over the time. */
static inline void audio_sweep(int16_t *pcm, size_t n, unsigned rate)
{
	double phase = 0;

	for (size_t i = 0; i < n; i++) {
		double hz = 100 + 3300.0 * (double)i / (double)n;

		phase += 2 * M_PI * hz / rate;
		pcm[i] = (int16_t)lrint(8000 * sin(phase));
	}
}

/* Voiced syllables of 160 ms: a falling pitch through three formants. */
static inline void audio_speech(int16_t *pcm, size_t n, unsigned rate)
{
	static const double formant[3] = { 500, 1400, 2500 };
	double y[3][2] = { { 0 } };
	double phase = 0;

	for (size_t i = 0; i < n; i++) {
		double t = fmod((double)i / rate, 0.2);
		double pitch = 140 - 150 * t, sum = 0;
		double loud = t < 0.16 ? sin(M_PI * t / 0.16) : 0;
		double pulse = 0;

		phase += pitch / rate;
		if (phase >= 1) {
			phase -= 1;
			pulse = 1;
		}
		for (unsigned k = 0; k < 3; k++) {
			double r = exp(-M_PI * 90 / rate);
			double v = pulse +
				   2 * r * cos(2 * M_PI * formant[k] / rate) *
					   y[k][0] -
				   r * r * y[k][1];

			y[k][1] = y[k][0];
			y[k][0] = v;
			sum += v / (k + 1);
		}
		pcm[i] = (int16_t)fmax(-30000, fmin(30000, 5000 * loud * sum));
	}
}

static inline void audio_tone(
	int16_t *pcm, size_t n, unsigned rate, double hz, double peak)
{
	for (size_t i = 0; i < n; i++)
		pcm[i] = (int16_t)lrint(
			peak * sin(2 * M_PI * hz * (double)i / rate));
}

/* Share of the energy that lies at one frequency (Goertzel). */
static inline double audio_share(
	const int16_t *pcm, size_t n, unsigned rate, double hz)
{
	double k = 2 * cos(2 * M_PI * hz / rate), a = 0, b = 0, total = 1;

	for (size_t i = 0; i < n; i++) {
		double next = pcm[i] + k * a - b;

		b = a;
		a = next;
		total += (double)pcm[i] * pcm[i];
	}
	return 2 * (a * a + b * b - k * a * b) / ((double)n * total);
}

/* Signal to noise, dB, where `got` is `want` late by at most `most` samples;
 * the best delay is found. */
static inline double audio_snr(
	const int16_t *want, const int16_t *got, size_t n, size_t most)
{
	double best = -100;

	for (size_t d = 0; d <= most && d < n; d++) {
		double signal = 1, noise = 1;

		for (size_t i = 0; i + d < n; i++) {
			double e = got[i + d] - want[i];

			signal += (double)want[i] * want[i];
			noise += e * e;
		}
		best = fmax(best, 10 * log10(signal / noise));
	}
	return best;
}

/*
 * Mean difference of the levels in 16 bands from 200 to 3400 Hz, over frames
 * of 32 ms where there is sound: dB. 0 is the same sound; codecs that do not
 * keep the wave, but what is heard, are compared by it.
 */
static inline double audio_distance(
	const int16_t *a, const int16_t *b, size_t n, unsigned rate)
{
	size_t frame = rate * 32 / 1000;
	double sum = 0;
	unsigned count = 0;

	for (size_t at = 0; at + frame <= n; at += frame) {
		double energy = 0;

		for (size_t i = at; i < at + frame; i++)
			energy += (double)a[i] * a[i];
		if (energy / (double)frame < 300.0 * 300.0)
			continue;
		for (unsigned band = 0; band < 16; band++) {
			double hz = 300 + 200.0 * band;
			double ea = audio_share(a + at, frame, rate, hz);
			double eb = audio_share(b + at, frame, rate, hz);

			if (ea < 0.01)
				continue; /* nothing to be heard there */
			sum += fabs(10 * log10((ea + 1e-4) / (eb + 1e-4)));
			count++;
		}
	}
	return count > 0 ? sum / count : 100;
}

#endif
