/*
 * G.729 with Annexes A and B (RFC 3551 4.5.6), by bcg729: 10 bytes for 10 ms,
 * and 2 for a description of the silence, which ends a payload.
 */
#include "media/codec.h"

#include <bcg729/decoder.h>
#include <bcg729/encoder.h>
#include <errno.h>

enum { FRAME = 80, SPEECH = 10, SID = 2 };

static void *enc_open(unsigned rate, const struct codec_options *o)
{
	(void)rate;
	return initBcg729EncoderChannel(o->vad);
}

/*
 * With Annex B some frames are not sent. A payload cannot have a hole, so
 * frames before the first that is sent are skipped, and one ends at the first
 * that is not, or at a silence description; speech that begins again within
 * the same packet is sent late by less than a packet: it follows what is
 * there, with the frames between filled by their last kind.
 */
static size_t encode(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
	size_t room, size_t *skip)
{
	size_t used = 0;
	bool ended = false;

	*skip = 0;
	need(n % FRAME == 0 && n / FRAME * SPEECH <= room);
	for (size_t i = 0; i < n; i += FRAME) {
		uint8_t frame[SPEECH], bytes = 0;

		bcg729Encoder(enc, pcm + i, frame, &bytes);
		if (used == 0 && bytes == 0)
			*skip = i + FRAME;
		if (ended && bytes == SPEECH) {
			used = 0; /* the silence before it is not worth more */
			*skip = i;
			ended = false;
		}
		if (ended)
			continue;
		for (uint8_t k = 0; k < bytes; k++)
			out[used++] = frame[k];
		ended = used > 0 && bytes != SPEECH;
	}
	return used;
}

static void enc_close(void *enc)
{
	closeBcg729EncoderChannel(enc);
}

static void *dec_open(unsigned rate)
{
	(void)rate;
	return initBcg729DecoderChannel();
}

static int decode(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
	size_t room, size_t *samples, bool *silence)
{
	size_t frames = n / SPEECH, tail = n % SPEECH, i = 0;

	if (n == 0 || (tail != 0 && tail != SID) ||
		(frames + (tail != 0)) * FRAME > room)
		return EBADMSG;
	for (; i < frames; i++)
		bcg729Decoder(
			dec, p + i * SPEECH, SPEECH, 0, 0, 0, pcm + i * FRAME);
	*silence = tail != 0;
	if (tail != 0) {
		bcg729Decoder(
			dec, p + i * SPEECH, SID, 0, 1, 0, pcm + i * FRAME);
		i++;
	}
	*samples = i * FRAME;
	return 0;
}

/* After silence it goes on with noise: Annex B. */
static void conceal(void *dec, int16_t *pcm, size_t n)
{
	need(n % FRAME == 0);
	for (size_t i = 0; i < n; i += FRAME)
		bcg729Decoder(dec, NULL, 0, 1, 0, 0, pcm + i);
}

static void dec_close(void *dec)
{
	closeBcg729DecoderChannel(dec);
}

const struct codec codec_g729 = {
	.name = "G729",
	.clock = 8000,
	.channels = 1,
	.rates = { 8000 },
	.frame_us = 10000,
	.enc_open = enc_open,
	.encode = encode,
	.enc_close = enc_close,
	.dec_open = dec_open,
	.decode = decode,
	.conceal = conceal,
	.dec_close = dec_close,
};
