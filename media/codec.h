/*
 * Codecs: samples to payloads and back. One row each; a file each. Encoders
 * and decoders are independent objects, each for one stream, of one thread at
 * a time.
 *
 * Samples are 16 bit, mono. `rate` is the sampling rate that a codec is opened
 * with, one of its `rates`; what a=rtpmap says is `clock`, and not always the
 * same (RFC 3551 4.5.2, RFC 7587 4.1).
 */
#ifndef LINESIDE_MEDIA_CODEC_H
#define LINESIDE_MEDIA_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/need.h"

enum {
	CODEC_RATES_MAX = 4,
	CODEC_RATE_MAX = 48000, /* Hz */
	CODEC_PAYLOAD_MS = 120, /* the longest that is decoded or made */
};

struct codec_options {
	bool vad; /* silence need not be sent: G.729 Annex B, Opus DTX */
	bool fec; /* loss is likely, and the far end can repair: Opus */
};

struct codec {
	const char *name; /* as in a=rtpmap */
	uint32_t clock; /* Hz, of timestamps */
	uint8_t channels; /* as in a=rtpmap */
	unsigned rates[CODEC_RATES_MAX]; /* ascending; 0: no more */
	unsigned frame_us; /* payloads hold whole frames */
	unsigned packet_us; /* the longest payload we make; 0: any */
	bool stops; /* silence is not sent, and nothing says so: Opus */

	/* Never fails; the rate is one of `rates`. */
	void *(*enc_open)(unsigned rate, const struct codec_options *o);
	/*
	 * n samples, whole frames of at most packet_us. Bytes written, at most
	 * `room`, which is enough for what an RTP packet takes. 0: silence,
	 * nothing is sent. *skip: samples before what the payload begins with.
	 */
	size_t (*encode)(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
		size_t room, size_t *skip);
	void (*enc_close)(void *enc);

	void *(*dec_open)(unsigned rate);
	/* EBADMSG: no such payload can be, or it has more than `room` samples;
	 * the decoder has not changed. *silence: it described noise. */
	int (*decode)(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
		size_t room, size_t *samples, bool *silence);
	/* n samples, whole frames, in place of what was lost. NULL: the codec
	 * has no way of its own. */
	void (*conceal)(void *dec, int16_t *pcm, size_t n);
	/* How many samples right before that payload it holds once more, for
	 * who lost them; 0: none. NULL: the codec has none of that. */
	size_t (*repairs)(const uint8_t *p, size_t n, unsigned rate);
	/* These, n samples as repairs() said, in their place; before the
	 * payload itself is decoded. */
	void (*repair)(void *dec, const uint8_t *p, size_t bytes, int16_t *pcm,
		size_t n);
	void (*dec_close)(void *dec);
};

/* By what a=rtpmap says; names without case. NULL: not known. */
const struct codec *codec_find_rtp(
	const char *name, uint32_t clock, uint8_t channels);
const struct codec *codec_at(size_t i); /* i-th, or NULL */
bool codec_has_rate(const struct codec *c, unsigned rate);
/* The best rate for both; 0: they have none in common. */
unsigned codec_common_rate(const struct codec *a, const struct codec *b);

/* Samples at `rate` of a packet that we make, when the far end has asked for
 * ptime_ms (0: it has not): whole frames, no longer than the codec allows. */
size_t codec_packet(const struct codec *c, unsigned rate, unsigned ptime_ms);

static inline bool codec_is_g711(const struct codec *c)
{
	return c->name[0] == 'P' && c->name[1] == 'C' && c->name[2] == 'M';
}

extern const struct codec codec_pcmu, codec_pcma, codec_g722, codec_g729,
	codec_g726_16, codec_g726_24, codec_g726_32, codec_aal2_g726_16,
	codec_aal2_g726_24, codec_aal2_g726_32, codec_gsm, codec_opus,
	codec_l16_8, codec_l16_16, codec_l16_44;

#endif
