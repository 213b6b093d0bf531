/* G.711, µ-law and A-law (RFC 3551 4.5.14), by spandsp's arithmetic. */
#include "media/codec.h"

#include <errno.h>
#include <spandsp.h>

/* Nothing is remembered from sample to sample. */
static char none;

static void *open_any(unsigned rate)
{
	(void)rate;
	return &none;
}

static void *enc_open(unsigned rate, const struct codec_options *o)
{
	(void)o;
	return open_any(rate);
}

static void close_none(void *state)
{
	(void)state;
}

static size_t encode_ulaw(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
	size_t room, size_t *skip)
{
	(void)enc;
	*skip = 0;
	need(n <= room);
	for (size_t i = 0; i < n; i++)
		out[i] = linear_to_ulaw(pcm[i]);
	return n;
}

static size_t encode_alaw(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
	size_t room, size_t *skip)
{
	(void)enc;
	*skip = 0;
	need(n <= room);
	for (size_t i = 0; i < n; i++)
		out[i] = linear_to_alaw(pcm[i]);
	return n;
}

static int fits(size_t n, size_t room, size_t *samples, bool *silence)
{
	*samples = n;
	*silence = false;
	return n == 0 || n > room ? EBADMSG : 0;
}

static int decode_ulaw(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
	size_t room, size_t *samples, bool *silence)
{
	(void)dec;
	if (fits(n, room, samples, silence) != 0)
		return EBADMSG;
	for (size_t i = 0; i < n; i++)
		pcm[i] = ulaw_to_linear(p[i]);
	return 0;
}

static int decode_alaw(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
	size_t room, size_t *samples, bool *silence)
{
	(void)dec;
	if (fits(n, room, samples, silence) != 0)
		return EBADMSG;
	for (size_t i = 0; i < n; i++)
		pcm[i] = alaw_to_linear(p[i]);
	return 0;
}

/* clang-format off */
#define G711(rtpname, law) \
	.name = (rtpname), .clock = 8000, .channels = 1, \
	.rates = { 8000 }, .frame_us = 125, \
	.enc_open = enc_open, .encode = encode_##law, .enc_close = close_none, \
	.dec_open = open_any, .decode = decode_##law, .dec_close = close_none

const struct codec codec_pcmu = { G711("PCMU", ulaw) };
const struct codec codec_pcma = { G711("PCMA", alaw) };
/* clang-format on */
