/* Sounds from files. See sound.h. */
#include "media/sound.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sndfile.h>
#include <speex/speex_resampler.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/obj.h"

enum {
	VERSIONS = 2,
	CHANNELS_MAX = 8,
	RATE_MAX = 192000,
	QUALITY = 8,
	SILENCE = 4096
}; /* samples: more than a filter holds back */

static const unsigned rates[VERSIONS] = { 8000, 16000 };

struct sound {
	int16_t *pcm[VERSIONS];
	size_t n[VERSIONS];
};

static void sound_free(void *p)
{
	struct sound *s = p;

	for (unsigned i = 0; i < VERSIONS; i++)
		free(s->pcm[i]);
}

/* The mean of all channels. */
static size_t read_mono(SNDFILE *f, const SF_INFO *info, int16_t *out)
{
	size_t channels = (size_t)info->channels, n = 0;
	short frame[CHANNELS_MAX];

	while (n < (size_t)info->frames && sf_readf_short(f, frame, 1) == 1) {
		int32_t sum = 0;

		for (size_t k = 0; k < channels; k++)
			sum += frame[k];
		out[n++] = (int16_t)(sum / (int32_t)channels);
	}
	return n;
}

/* The filter holds back the end until something follows it. */
static size_t resample(int16_t *out, size_t room, unsigned to,
	const int16_t *pcm, size_t n, unsigned from)
{
	static const int16_t silence[SILENCE];
	int err = RESAMPLER_ERR_SUCCESS;
	SpeexResamplerState *r =
		speex_resampler_init(1, from, to, QUALITY, &err);
	size_t whole = (size_t)((uint64_t)n * to / from);
	spx_uint32_t in = (spx_uint32_t)n, rest = SILENCE;
	spx_uint32_t made = (spx_uint32_t)room, more;

	need(r != NULL && err == RESAMPLER_ERR_SUCCESS);
	(void)speex_resampler_skip_zeros(r);
	(void)speex_resampler_process_int(r, 0, pcm, &in, out, &made);
	more = (spx_uint32_t)(room - made);
	(void)speex_resampler_process_int(
		r, 0, silence, &rest, out + made, &more);
	speex_resampler_destroy(r);
	return made + more < whole ? made + more : whole;
}

static void make_version(struct sound *s, unsigned i, const int16_t *pcm,
	size_t n, unsigned rate)
{
	size_t room = (size_t)((uint64_t)n * rates[i] / rate) + SILENCE;

	s->pcm[i] = mem_array(room, sizeof(int16_t));
	s->n[i] = n;
	if (rate == rates[i])
		memcpy(s->pcm[i], pcm, n * sizeof(pcm[0]));
	else
		s->n[i] = resample(s->pcm[i], room, rates[i], pcm, n, rate);
}

static int fits(const SF_INFO *info, char why[SOUND_WHY])
{
	if (info->frames <= 0 || info->samplerate <= 0 ||
		info->samplerate > RATE_MAX || info->channels <= 0 ||
		info->channels > CHANNELS_MAX) {
		(void)snprintf(why, SOUND_WHY, "there is no sound in it");
		return EBADMSG;
	}
	if (info->frames / info->samplerate >= SOUND_SECONDS_MAX) {
		(void)snprintf(why, SOUND_WHY, "it is longer than %d minutes",
			SOUND_SECONDS_MAX / 60);
		return EFBIG;
	}
	return 0;
}

static int read_file(
	struct sound *s, SNDFILE *f, const SF_INFO *info, char why[SOUND_WHY])
{
	int16_t *pcm;
	size_t n;
	int err = fits(info, why);

	if (err != 0)
		return err;
	pcm = mem_array((size_t)info->frames, sizeof(pcm[0]));
	n = read_mono(f, info, pcm);
	for (unsigned i = 0; n > 0 && i < VERSIONS; i++)
		make_version(s, i, pcm, n, (unsigned)info->samplerate);
	free(pcm);
	if (n > 0 && s->n[0] > 0 && s->n[1] > 0)
		return 0;
	(void)snprintf(why, SOUND_WHY, "its samples cannot be read");
	return EBADMSG;
}

int sound_load(struct sound **out, const char *path, char why[SOUND_WHY])
{
	struct sound *s;
	SF_INFO info = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = errno;
	SNDFILE *f;

	*out = NULL;
	if (fd < 0) {
		(void)snprintf(why, SOUND_WHY, "%s", strerrordesc_np(err));
		return err;
	}
	f = sf_open_fd(fd, SFM_READ, &info, SF_FALSE);
	if (f == NULL) {
		(void)snprintf(why, SOUND_WHY, "it is no sound: %s",
			sf_strerror(NULL));
		close(fd);
		return EBADMSG;
	}
	s = obj_new(sizeof(*s), sound_free);
	err = read_file(s, f, &info, why);
	if (err != 0)
		s = obj_unref(s);
	(void)sf_close(f);
	close(fd);
	*out = s;
	return err;
}

/* ---- ringback ---- */

enum { EDGE_MS = 10, BURSTS = 4 /* on, off, on, off */ };

/* How loud the n samples of a burst are at the i-th of them. */
static double swell(size_t i, size_t n, size_t edge)
{
	size_t near = i < n - i ? i : n - i;

	return near < edge ? (double)near / (double)edge : 1;
}

static void burst(
	int16_t *pcm, size_t n, unsigned rate, const struct conf_cptone *t)
{
	/* 0 dBm0 is 3.14 dB below the loudest sine; the pair is as loud */
	double peak = 32767 * pow(10, -(19 + 3.14) / 20);

	if (t->hz[1] != 0)
		peak /= sqrt(2);
	for (size_t i = 0; i < n; i++) {
		double v = 0;

		for (unsigned k = 0; k < 2 && t->hz[k] != 0; k++)
			v += sin(2 * M_PI * t->hz[k] * (double)i / rate);
		pcm[i] = (int16_t)lrint(
			peak * v * swell(i, n, rate * EDGE_MS / 1000));
	}
}

struct sound *sound_ringback(const struct conf_cptone *t)
{
	struct sound *s = obj_new(sizeof(*s), sound_free);
	size_t ms = 0;

	for (unsigned k = 0; k < BURSTS; k++)
		ms += t->ms[k];
	for (unsigned i = 0; i < VERSIONS; i++) {
		size_t per_ms = rates[i] / 1000, at = 0;

		s->n[i] = ms * per_ms;
		s->pcm[i] = mem_array(s->n[i], sizeof(int16_t));
		for (unsigned k = 0; k < BURSTS; k++) {
			size_t n = t->ms[k] * per_ms;

			if (k % 2 == 0)
				burst(s->pcm[i] + at, n, rates[i], t);
			at += n;
		}
	}
	return s;
}

const int16_t *sound_samples(const struct sound *s, unsigned rate, size_t *n)
{
	unsigned i = 0;

	while (i < VERSIONS && rates[i] != rate)
		i++;
	need(i < VERSIONS);
	*n = s->n[i];
	return s->pcm[i];
}
