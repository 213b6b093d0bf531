/*
 * Codecs offline, for the tests that send sound through the daemon. The sound
 * is a second of a sweep and a second of what has the spectrum of speech.
 *
 *   audio_lab say CODEC         its payloads of 20 ms, a line of hex each
 *   audio_lab judge FROM TO     reads such lines: what the far end that speaks
 *                               TO got of one that said this in FROM
 *       packets=N same=N distance=DB own=DB
 *         same: those that are, byte by byte, what the two codecs make of it
 *         without a daemon, one after the other (0: they have no rate in
 *         common, and nobody says how to resample)
 *         distance: how far it is from what was said (audio.h)
 *         own: how far it is by the codecs alone, the first and the second
 *
 * CODEC as a=rtpmap has it: PCMU/8000, opus/48000/2.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio.h"
#include "media/codec.h"

enum { SECONDS = 2, N_MAX = 48000 * SECONDS, PACKETS = 50 * SECONDS };
enum { PAYLOAD = 2048, LINE = 2 * PAYLOAD + 2 };

static int16_t said[N_MAX], middle[N_MAX], heard[N_MAX];

struct payload {
	size_t n;
	uint8_t b[PAYLOAD];
};
static struct payload expected[PACKETS], came[PACKETS];

static void stop(const char *what)
{
	(void)fprintf(stderr, "audio_lab: %s\n", what);
	exit(2);
}

static const struct codec *codec_of(const char *rtpmap)
{
	char name[32];
	unsigned clock, channels = 1;
	const struct codec *c;

	if (sscanf(rtpmap, "%31[^/]/%u/%u", name, &clock, &channels) < 2)
		stop("a codec is NAME/CLOCK");
	c = codec_find_rtp(name, clock, (uint8_t)channels);
	if (c == NULL)
		stop("no such codec");
	return c;
}

static unsigned best_rate(const struct codec *c)
{
	unsigned rate = 0;

	for (size_t i = 0; i < CODEC_RATES_MAX && c->rates[i] != 0; i++)
		rate = c->rates[i];
	return rate;
}

static void speak(int16_t *pcm, unsigned rate)
{
	audio_sweep(pcm, rate, rate);
	audio_speech(pcm + rate, rate, rate);
}

static void encode(const struct codec *c, unsigned rate, const int16_t *pcm,
	struct payload out[PACKETS])
{
	const struct codec_options o = { 0 };
	void *enc = c->enc_open(rate, &o);
	size_t n = rate / 50, skip;

	for (size_t i = 0; i < PACKETS; i++)
		out[i].n = c->encode(
			enc, pcm + i * n, n, out[i].b, PAYLOAD, &skip);
	c->enc_close(enc);
}

static void decode(const struct codec *c, unsigned rate,
	const struct payload in[PACKETS], int16_t *pcm)
{
	void *dec = c->dec_open(rate);
	size_t n = rate / 50, got;
	bool silence;

	memset(pcm, 0, N_MAX * sizeof(pcm[0]));
	for (size_t i = 0; i < PACKETS; i++)
		if (in[i].n > 0 && c->decode(dec, in[i].b, in[i].n, pcm + i * n,
					   n, &got, &silence) != 0)
			stop("a payload that cannot be");
	c->dec_close(dec);
}

static double distance(
	const struct codec *c, unsigned rate, const struct payload in[PACKETS])
{
	speak(said, rate);
	decode(c, rate, in, heard);
	return audio_distance(said, heard, (size_t)rate * SECONDS, rate);
}

static void say(const struct codec *c)
{
	unsigned rate = best_rate(c);

	speak(said, rate);
	encode(c, rate, said, expected);
	for (size_t i = 0; i < PACKETS; i++) {
		for (size_t k = 0; k < expected[i].n; k++)
			(void)printf("%02x", expected[i].b[k]);
		(void)putchar('\n');
	}
}

static size_t read_payloads(void)
{
	static char line[LINE];
	size_t packets = 0;

	while (packets < PACKETS && fgets(line, sizeof(line), stdin) != NULL) {
		struct payload *p = &came[packets++];
		unsigned byte;

		for (p->n = 0; p->n < PAYLOAD &&
			       sscanf(line + 2 * p->n, "%2x", &byte) == 1;
			p->n++)
			p->b[p->n] = (uint8_t)byte;
	}
	return packets;
}

static size_t count_same(const struct codec *from, const struct codec *to)
{
	unsigned rate = codec_common_rate(from, to);
	size_t same = 0;

	if (rate == 0)
		return 0;
	speak(said, best_rate(from));
	encode(from, best_rate(from), said, expected);
	decode(from, rate, expected, middle);
	encode(to, rate, middle, expected);
	for (size_t i = 0; i < PACKETS; i++)
		same += came[i].n > 0 && came[i].n == expected[i].n &&
			memcmp(came[i].b, expected[i].b, came[i].n) == 0;
	return same;
}

static double own(const struct codec *c)
{
	unsigned rate = best_rate(c);

	speak(said, rate);
	encode(c, rate, said, expected);
	return distance(c, rate, expected);
}

static void judge(const struct codec *from, const struct codec *to)
{
	size_t packets = read_payloads();
	size_t same = count_same(from, to);
	double both = own(from) + own(to);

	(void)printf("packets=%zu same=%zu distance=%.2f own=%.2f\n", packets,
		same, distance(to, best_rate(to), came), both);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "say") == 0)
		say(codec_of(argv[2]));
	else if (argc == 4 && strcmp(argv[1], "judge") == 0)
		judge(codec_of(argv[2]), codec_of(argv[3]));
	else
		stop("say CODEC | judge FROM TO");
	return 0;
}
