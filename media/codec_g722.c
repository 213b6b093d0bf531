/*
 * G.722 at 64 kbit/s (RFC 3551 4.5.2: a clock of 8000 Hz by tradition), by
 * spandsp. Opened with 8 kHz, only the lower band is computed: all that a
 * narrow-band far end can hear.
 */
#include "media/codec.h"

#include <errno.h>
#include <spandsp.h>
#include <stdlib.h>

#include "base/obj.h"

enum { BITRATE = 64000 };

static int options(unsigned rate)
{
	return rate == 8000 ? G722_SAMPLE_RATE_8000 : 0;
}

struct g722 {
	unsigned per_byte; /* samples */
	union {
		g722_encode_state_t *enc;
		g722_decode_state_t *dec;
	};
};

static struct g722 *state_new(unsigned rate)
{
	struct g722 *g = mem_new(sizeof(*g));

	g->per_byte = rate / 8000;
	return g;
}

static void *enc_open(unsigned rate, const struct codec_options *o)
{
	struct g722 *g = state_new(rate);

	(void)o;
	g->enc = g722_encode_init(NULL, BITRATE, options(rate));
	need(g->enc != NULL);
	return g;
}

static size_t encode(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
	size_t room, size_t *skip)
{
	struct g722 *g = enc;

	*skip = 0;
	need(n / g->per_byte <= room);
	return (size_t)g722_encode(g->enc, out, pcm, (int)n);
}

static void enc_close(void *enc)
{
	struct g722 *g = enc;

	g722_encode_free(g->enc);
	free(g);
}

static void *dec_open(unsigned rate)
{
	struct g722 *g = state_new(rate);

	g->dec = g722_decode_init(NULL, BITRATE, options(rate));
	need(g->dec != NULL);
	return g;
}

static int decode(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
	size_t room, size_t *samples, bool *silence)
{
	struct g722 *g = dec;

	*silence = false;
	if (n == 0 || n * g->per_byte > room)
		return EBADMSG;
	*samples = (size_t)g722_decode(g->dec, pcm, p, (int)n);
	return 0;
}

static void dec_close(void *dec)
{
	struct g722 *g = dec;

	g722_decode_free(g->dec);
	free(g);
}

const struct codec codec_g722 = {
	.name = "G722",
	.clock = 8000,
	.channels = 1,
	.rates = { 8000, 16000 },
	.frame_us = 250, /* whole bytes at both rates, and an even number */
	.enc_open = enc_open,
	.encode = encode,
	.enc_close = enc_close,
	.dec_open = dec_open,
	.decode = decode,
	.dec_close = dec_close,
};
