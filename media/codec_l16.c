/* Linear samples in network order, mono (RFC 3551 4.5.11). */
#include "media/codec.h"

#include <errno.h>

static char none;

static void *enc_open(unsigned rate, const struct codec_options *o)
{
	(void)rate;
	(void)o;
	return &none;
}

static void *dec_open(unsigned rate)
{
	(void)rate;
	return &none;
}

static void close_none(void *state)
{
	(void)state;
}

static size_t encode(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
	size_t room, size_t *skip)
{
	(void)enc;
	*skip = 0;
	need(2 * n <= room);
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = (uint8_t)((uint16_t)pcm[i] >> 8);
		out[2 * i + 1] = (uint8_t)pcm[i];
	}
	return 2 * n;
}

static int decode(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
	size_t room, size_t *samples, bool *silence)
{
	(void)dec;
	*silence = false;
	if (n == 0 || n % 2 != 0 || n / 2 > room)
		return EBADMSG;
	for (size_t i = 0; i < n / 2; i++)
		pcm[i] = (int16_t)(p[2 * i] << 8 | p[2 * i + 1]);
	*samples = n / 2;
	return 0;
}

/* clang-format off */
#define L16(rate, us, most) { \
	.name = "L16", .clock = (rate), .channels = 1, \
	.rates = { rate }, .frame_us = (us), .packet_us = (most), \
	.enc_open = enc_open, .encode = encode, .enc_close = close_none, \
	.dec_open = dec_open, .decode = decode, .dec_close = close_none }

/* As much as fits into an Ethernet frame. */
const struct codec codec_l16_8 = L16(8000, 1000, 80000);
const struct codec codec_l16_16 = L16(16000, 1000, 40000);
const struct codec codec_l16_44 = L16(44100, 10000, 10000);
/* clang-format on */
