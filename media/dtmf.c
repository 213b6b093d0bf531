/* Keys as events and as tones. See dtmf.h. */
#include "media/dtmf.h"

#include <errno.h>
#include <math.h>
#include <spandsp.h>
#include <speex/speex_resampler.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "media/rtp.h"

int dtmf_event_read(struct dtmf_event *out, const uint8_t *p, size_t n)
{
	if (n < DTMF_EVENT)
		return EBADMSG;
	*out = (struct dtmf_event){ .key = p[0],
		.end = (p[1] & 0x80) != 0,
		.volume = p[1] & 0x3f,
		.duration = get_u16(p + 2) };
	return 0;
}

void dtmf_event_write(uint8_t p[DTMF_EVENT], const struct dtmf_event *e)
{
	p[0] = e->key;
	p[1] = (uint8_t)((e->end ? 0x80 : 0) | (e->volume & 0x3f));
	put_u16(p + 2, e->duration);
}

/* ---- tones made ---- */

static const double rows[4] = { 697, 770, 852, 941 };
static const double columns[4] = { 1209, 1336, 1477, 1633 };

/* Where a key stands on the pad, row and column. */
static const uint8_t place[DTMF_KEYS][2] = { { 3, 1 }, { 0, 0 }, { 0, 1 },
	{ 0, 2 }, { 1, 0 }, { 1, 1 }, { 1, 2 }, { 2, 0 }, { 2, 1 }, { 2, 2 },
	{ 3, 0 }, { 3, 2 }, { 0, 3 }, { 1, 3 }, { 2, 3 }, { 3, 3 } };

enum {
	LOUDEST = 6, /* -dBm0 of the pair; louder would clip in G.711 */
	FAINTEST = 20, /* fainter is not recognised reliably */
};

void dtmf_tone_begin(
	struct dtmf_tone *t, uint8_t key, unsigned rate, uint8_t volume)
{
	unsigned v = volume < LOUDEST	 ? LOUDEST
		     : volume > FAINTEST ? FAINTEST
					 : volume;

	need(key < DTMF_KEYS);
	*t = (struct dtmf_tone){
		.step = { 2 * M_PI * rows[place[key][0]] / rate,
			2 * M_PI * columns[place[key][1]] / rate },
		/* 0 dBm0 is 3.14 dB below the loudest sine; two are 3 dB more
		 * than one */
		.peak = 32767 * pow(10, -(v + 3.14 + 3.01) / 20),
	};
}

void dtmf_tone_make(struct dtmf_tone *t, int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		pcm[i] = (int16_t)lrint(
			t->peak * (sin(t->phase[0]) + sin(t->phase[1])));
		for (unsigned k = 0; k < 2; k++) {
			t->phase[k] += t->step[k];
			if (t->phase[k] > 2 * M_PI)
				t->phase[k] -= 2 * M_PI;
		}
	}
}

/* ---- tones heard ---- */

enum { EAR_RATE = 8000, CHUNK = 160, QUALITY = 2 /* of 10 */ };

struct dtmf_ear {
	dtmf_rx_state_t *rx;
	unsigned every; /* of how many samples one is made; 0: resampled */
	SpeexResamplerState *resampler;
	int key;
};

static void on_change(void *arg, int code, int level, int delay)
{
	static const char keys[] = "0123456789*#ABCD";
	struct dtmf_ear *e = arg;
	const char *at = code != 0 ? strchr(keys, code) : NULL;

	(void)level;
	(void)delay;
	e->key = at != NULL ? (int)(at - keys) : -1;
}

void dtmf_ear_reset(struct dtmf_ear *e)
{
	e->rx = dtmf_rx_init(e->rx, NULL, NULL);
	need(e->rx != NULL);
	dtmf_rx_set_realtime_callback(e->rx, on_change, e);
	e->key = -1;
}

struct dtmf_ear *dtmf_ear_new(unsigned rate)
{
	struct dtmf_ear *e = mem_new(sizeof(*e));
	int err = RESAMPLER_ERR_SUCCESS;

	if (rate % EAR_RATE == 0)
		e->every = rate / EAR_RATE;
	else
		e->resampler =
			speex_resampler_init(1, rate, EAR_RATE, QUALITY, &err);
	need(err == RESAMPLER_ERR_SUCCESS);
	dtmf_ear_reset(e);
	return e;
}

void dtmf_ear_free(struct dtmf_ear *e)
{
	if (e == NULL)
		return;
	dtmf_rx_free(e->rx);
	if (e->resampler != NULL)
		speex_resampler_destroy(e->resampler);
	free(e);
}

static void hear_resampled(struct dtmf_ear *e, const int16_t *pcm, size_t n)
{
	int16_t slow[CHUNK];

	while (n > 0) {
		spx_uint32_t in = (spx_uint32_t)n, out = CHUNK;

		(void)speex_resampler_process_int(
			e->resampler, 0, pcm, &in, slow, &out);
		(void)dtmf_rx(e->rx, slow, (int)out);
		pcm += in;
		n -= in;
	}
}

/* The mean of neighbours takes away enough of what would alias: the tones
 * end at 1633 Hz. */
void dtmf_ear_hear(struct dtmf_ear *e, const int16_t *pcm, size_t n)
{
	int16_t slow[CHUNK];
	size_t filled = 0;

	if (e->resampler != NULL) {
		hear_resampled(e, pcm, n);
		return;
	}
	for (size_t i = 0; i + e->every <= n; i += e->every) {
		int32_t sum = 0;

		for (unsigned k = 0; k < e->every; k++)
			sum += pcm[i + k];
		slow[filled++] = (int16_t)(sum / (int32_t)e->every);
		if (filled == CHUNK || i + 2 * e->every > n) {
			(void)dtmf_rx(e->rx, slow, (int)filled);
			filled = 0;
		}
	}
}

int dtmf_ear_key(const struct dtmf_ear *e)
{
	return e->key;
}
