/*
 * G.726 at 16, 24 and 32 kbit/s, by spandsp. RFC 3551 4.5.4 packs samples into
 * bytes from the right as G726-NN, and as AAL2-G726-NN from the left, which is
 * the order of ITU-T I.366.2. Phones that say the one and mean the other are
 * heard as noise: then they have to be offered the other name alone.
 */
#include "media/codec.h"

#include <errno.h>
#include <spandsp.h>
#include <stdlib.h>

#include "base/obj.h"

struct g726 {
	g726_state_t *s;
	unsigned bits; /* of a sample */
};

static struct g726 *state_new(unsigned bits, int packing)
{
	struct g726 *g = mem_new(sizeof(*g));

	g->bits = bits;
	g->s = g726_init(NULL, (int)bits * 8000, G726_ENCODING_LINEAR, packing);
	need(g->s != NULL);
	return g;
}

static size_t encode(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
	size_t room, size_t *skip)
{
	struct g726 *g = enc;

	*skip = 0;
	need(n * g->bits / 8 <= room);
	return (size_t)g726_encode(g->s, out, pcm, (int)n);
}

/* Eight samples fill whole bytes at each rate. */
static int decode(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
	size_t room, size_t *samples, bool *silence)
{
	struct g726 *g = dec;

	*silence = false;
	if (n == 0 || n % g->bits != 0 || n * 8 / g->bits > room)
		return EBADMSG;
	*samples = (size_t)g726_decode(g->s, pcm, p, (int)n);
	return 0;
}

static void close_state(void *state)
{
	struct g726 *g = state;

	g726_free(g->s);
	free(g);
}

/* clang-format off */
#define G726(rtpname, n, packing) \
	static void *enc_open_##rtpname( \
		unsigned rate, const struct codec_options *o) \
	{ \
		(void)rate; \
		(void)o; \
		return state_new(n, packing); \
	} \
	static void *dec_open_##rtpname(unsigned rate) \
	{ \
		(void)rate; \
		return state_new(n, packing); \
	} \
	const struct codec codec_##rtpname
#define OPS(rtpname, id) { \
	.name = (rtpname), .clock = 8000, .channels = 1, \
	.rates = { 8000 }, .frame_us = 1000, \
	.enc_open = enc_open_##id, .encode = encode, .enc_close = close_state, \
	.dec_open = dec_open_##id, .decode = decode, .dec_close = close_state }

G726(g726_16, 2, G726_PACKING_RIGHT) = OPS("G726-16", g726_16);
G726(g726_24, 3, G726_PACKING_RIGHT) = OPS("G726-24", g726_24);
G726(g726_32, 4, G726_PACKING_RIGHT) = OPS("G726-32", g726_32);
G726(aal2_g726_16, 2, G726_PACKING_LEFT) = OPS("AAL2-G726-16", aal2_g726_16);
G726(aal2_g726_24, 3, G726_PACKING_LEFT) = OPS("AAL2-G726-24", aal2_g726_24);
G726(aal2_g726_32, 4, G726_PACKING_LEFT) = OPS("AAL2-G726-32", aal2_g726_32);
/* clang-format on */
