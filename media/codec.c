/* The table of codecs. See codec.h. */
#include "media/codec.h"

#include <strings.h>

static const struct codec *const codecs[] = { &codec_pcmu, &codec_pcma,
	&codec_g722, &codec_g729, &codec_g726_16, &codec_g726_24,
	&codec_g726_32, &codec_aal2_g726_16, &codec_aal2_g726_24,
	&codec_aal2_g726_32, &codec_gsm, &codec_opus, &codec_l16_8,
	&codec_l16_16, &codec_l16_44 };

const struct codec *codec_at(size_t i)
{
	return i < sizeof(codecs) / sizeof(codecs[0]) ? codecs[i] : NULL;
}

const struct codec *codec_find_rtp(
	const char *name, uint32_t clock, uint8_t channels)
{
	const struct codec *c;

	for (size_t i = 0; (c = codec_at(i)) != NULL; i++)
		if (strcasecmp(c->name, name) == 0 && c->clock == clock &&
			c->channels == channels)
			return c;
	return NULL;
}

bool codec_has_rate(const struct codec *c, unsigned rate)
{
	for (size_t i = 0; i < CODEC_RATES_MAX && c->rates[i] != 0; i++)
		if (c->rates[i] == rate)
			return true;
	return false;
}

unsigned codec_common_rate(const struct codec *a, const struct codec *b)
{
	unsigned best = 0;

	for (size_t i = 0; i < CODEC_RATES_MAX && a->rates[i] != 0; i++)
		if (codec_has_rate(b, a->rates[i]))
			best = a->rates[i];
	return best;
}

enum { PTIME_MS = 20 };

size_t codec_packet(const struct codec *c, unsigned rate, unsigned ptime_ms)
{
	unsigned ms = ptime_ms != 0 ? ptime_ms : PTIME_MS;
	unsigned us = 1000 * (ms < CODEC_PAYLOAD_MS ? ms : CODEC_PAYLOAD_MS);

	if (c->packet_us != 0 && us > c->packet_us)
		us = c->packet_us;
	us -= us % c->frame_us;
	if (us == 0)
		us = c->frame_us;
	return (size_t)((uint64_t)rate * us / 1000000);
}
