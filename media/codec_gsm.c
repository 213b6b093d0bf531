/* GSM 06.10 full rate (RFC 3551 4.5.8): 33 bytes for 20 ms, by spandsp. */
#include "media/codec.h"

#include <errno.h>
#include <spandsp.h>

enum { FRAME = 160, BYTES = 33, SIGNATURE = 0xd0 };

static void *dec_open(unsigned rate)
{
	gsm0610_state_t *s = gsm0610_init(NULL, GSM0610_PACKING_VOIP);

	(void)rate;
	need(s != NULL);
	return s;
}

static void *enc_open(unsigned rate, const struct codec_options *o)
{
	(void)o;
	return dec_open(rate);
}

static size_t encode(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
	size_t room, size_t *skip)
{
	*skip = 0;
	need(n % FRAME == 0 && n / FRAME * BYTES <= room);
	return (size_t)gsm0610_encode(enc, out, pcm, (int)n);
}

static int decode(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
	size_t room, size_t *samples, bool *silence)
{
	*silence = false;
	if (n == 0 || n % BYTES != 0 || n / BYTES * FRAME > room)
		return EBADMSG;
	for (size_t i = 0; i < n; i += BYTES)
		if ((p[i] & 0xf0) != SIGNATURE)
			return EBADMSG;
	*samples = (size_t)gsm0610_decode(dec, pcm, p, (int)n);
	return 0;
}

static void close_state(void *state)
{
	gsm0610_free(state);
}

const struct codec codec_gsm = {
	.name = "GSM",
	.clock = 8000,
	.channels = 1,
	.rates = { 8000 },
	.frame_us = 20000,
	.enc_open = enc_open,
	.encode = encode,
	.enc_close = close_state,
	.dec_open = dec_open,
	.decode = decode,
	.dec_close = close_state,
};
