/*
 * Opus (RFC 6716, RFC 7587): always "opus/48000/2" on the wire, decoded and
 * encoded here at the rate the other side can hear.
 */
#include "media/codec.h"

#include <errno.h>
#include <opus/opus.h>

enum {
	COMPLEXITY = 5, /* of 10: more costs time and is hard to hear */
	LOSS_PERCENT = 5,
	DTX_BYTES = 2, /* no more than these: silence, not worth a packet */
};

static void *enc_open(unsigned rate, const struct codec_options *o)
{
	int err = 0;
	OpusEncoder *e = opus_encoder_create(
		(opus_int32)rate, 1, OPUS_APPLICATION_VOIP, &err);

	need(e != NULL && err == OPUS_OK);
	(void)opus_encoder_ctl(e, OPUS_SET_COMPLEXITY(COMPLEXITY));
	(void)opus_encoder_ctl(e, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
	(void)opus_encoder_ctl(e, OPUS_SET_DTX(o->vad));
	if (o->fec) {
		(void)opus_encoder_ctl(e, OPUS_SET_INBAND_FEC(1));
		(void)opus_encoder_ctl(
			e, OPUS_SET_PACKET_LOSS_PERC(LOSS_PERCENT));
	}
	return e;
}

static size_t encode(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
	size_t room, size_t *skip)
{
	opus_int32 bytes = opus_encode(enc, pcm, (int)n, out, (opus_int32)room);

	*skip = 0;
	need(bytes > 0); /* the sizes are ours */
	return bytes <= DTX_BYTES ? 0 : (size_t)bytes;
}

static void enc_close(void *enc)
{
	opus_encoder_destroy(enc);
}

static void *dec_open(unsigned rate)
{
	int err = 0;
	OpusDecoder *d = opus_decoder_create((opus_int32)rate, 1, &err);

	need(d != NULL && err == OPUS_OK);
	return d;
}

static int decode(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
	size_t room, size_t *samples, bool *silence)
{
	int got;

	*silence = n <= DTX_BYTES; /* RFC 7587 3.1.3; some send even that */
	if (n == 0)
		return EBADMSG; /* to the library it would mean a loss */
	got = opus_decoder_get_nb_samples(dec, p, (opus_int32)n);
	if (got <= 0 || (size_t)got > room)
		return EBADMSG;
	got = opus_decode(dec, p, (opus_int32)n, pcm, got, 0);
	if (got <= 0)
		return EBADMSG;
	*samples = (size_t)got;
	return 0;
}

static void conceal(void *dec, int16_t *pcm, size_t n)
{
	int got = opus_decode(dec, NULL, 0, pcm, (int)n, 0);

	for (size_t i = got > 0 ? (size_t)got : 0; i < n; i++)
		pcm[i] = 0;
}

/*
 * RFC 6716 4.2.4: the frame before, coded once more at a lower rate. Whether it
 * is there stands in one bit behind the VAD bits, one for each 20 ms of the first
 * frame; in stereo of the middle channel or of the side (4.2.3).
 */
static size_t repairs(const uint8_t *p, size_t n, unsigned rate)
{
	enum { CELT_ONLY = 0x80, PER_SILK_FRAME_MS = 20, FRAMES = 48 };
	const unsigned char *frame[FRAMES];
	opus_int16 size[FRAMES];
	int got, silk;
	bool middle, side;

	if (n == 0 || (p[0] & CELT_ONLY) != 0 ||
		opus_packet_parse(p, (opus_int32)n, NULL, frame, size, NULL) <=
			0 ||
		size[0] == 0)
		return 0;
	got = opus_packet_get_samples_per_frame(p, (opus_int32)rate);
	silk = got / (int)(rate / 1000) / PER_SILK_FRAME_MS;
	silk = silk > 0 ? silk : 1;
	middle = (frame[0][0] >> (7 - silk) & 1) != 0;
	side = opus_packet_get_nb_channels(p) == 2 &&
	       (frame[0][0] >> (6 - 2 * silk) & 1) != 0;
	return middle || side ? (size_t)got : 0;
}

static void repair(
	void *dec, const uint8_t *p, size_t bytes, int16_t *pcm, size_t n)
{
	int got = opus_decode(dec, p, (opus_int32)bytes, pcm, (int)n, 1);

	for (size_t i = got > 0 ? (size_t)got : 0; i < n; i++)
		pcm[i] = 0;
}

static void dec_close(void *dec)
{
	opus_decoder_destroy(dec);
}

const struct codec codec_opus = {
	.name = "opus",
	.clock = 48000,
	.channels = 2,
	.rates = { 8000, 16000, 24000, 48000 },
	.frame_us = 10000,
	.packet_us = 20000,
	.stops = true,
	.enc_open = enc_open,
	.encode = encode,
	.enc_close = enc_close,
	.dec_open = dec_open,
	.decode = decode,
	.conceal = conceal,
	.repairs = repairs,
	.repair = repair,
	.dec_close = dec_close,
};
