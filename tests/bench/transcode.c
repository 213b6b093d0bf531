/*
 * What transcoding costs: for each pair of codecs, nanoseconds of processor
 * time for a packet of 20 ms through the transcoder as a bridge runs it, and
 * the part of it that is the two codecs' own arithmetic (decoding the one,
 * encoding the other, at the same rate, with nothing around it). The smallest
 * of several rounds counts: other load can only add.
 *
 *   transcode [ROUNDS]
 *
 * Ends in `goal transcode-PAIR-overhead measured 0.5 ok|short`: what is ours
 * may be at most half of it, or half a microsecond where codecs cost nothing.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "media/flow.h"
#include "media/rtp.h"

enum { PACKETS = 500, SAMPLES = 320, PAYLOAD = 1500 };

struct packet {
	size_t n;
	uint8_t p[PAYLOAD];
};

static struct packet said[PACKETS];

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Something like a voice: codecs that adapt must have something to do. */
static void voice(int16_t *pcm, size_t n, unsigned rate, size_t at)
{
	for (size_t i = 0; i < n; i++) {
		double t = (double)(at + i) / rate;

		pcm[i] = (int16_t)(3000 * sin(6.28 * 210 * t) *
					   (1 + sin(6.28 * 3 * t)) +
				   1500 * sin(6.28 * 1170 * t) + rand() % 400 -
				   200);
	}
}

static void encode_all(const struct codec *c, unsigned rate)
{
	struct codec_options o = { 0 };
	void *enc = c->enc_open(rate, &o);
	size_t n = rate / 50, skip;
	int16_t pcm[SAMPLES];

	for (size_t i = 0; i < PACKETS; i++) {
		voice(pcm, n, rate, i * n);
		said[i].n = c->encode(
			enc, pcm, n, said[i].p, sizeof(said[i].p), &skip);
	}
	c->enc_close(enc);
}

static uint64_t codecs_alone(
	const struct codec *a, const struct codec *b, unsigned rate)
{
	struct codec_options o = { 0 };
	void *dec = a->dec_open(rate), *enc = b->enc_open(rate, &o);
	uint64_t begin = cpu_ns();

	for (size_t i = 0; i < PACKETS; i++) {
		uint8_t out[PAYLOAD];
		int16_t pcm[SAMPLES];
		size_t got, skip;
		bool silence;

		need(a->decode(dec, said[i].p, said[i].n, pcm, SAMPLES, &got,
			     &silence) == 0);
		(void)b->encode(enc, pcm, got, out, sizeof(out), &skip);
	}
	begin = cpu_ns() - begin;
	a->dec_close(dec);
	b->enc_close(enc);
	return begin / PACKETS;
}

static struct xcode_side side(const struct codec *c)
{
	return (struct xcode_side){ .codec = c,
		.ptime_ms = 20,
		.event_from = XCODE_NO_PT,
		.event_to = XCODE_NO_PT,
		.noise_from = XCODE_NO_PT,
		.noise_to = XCODE_NO_PT };
}

static uint64_t through_flow(const struct codec *a, const struct codec *b)
{
	struct xcode_side from = side(a), to = side(b);
	struct flow *f = flow_new(&from, &to);
	uint64_t begin = cpu_ns();

	for (size_t i = 0; i < PACKETS; i++) {
		uint8_t in[RTP_HEADER + PAYLOAD] = { 0x80, 0 };
		uint8_t room[PKT_ROOM];
		struct pkt p = { in, RTP_HEADER + said[i].n, sizeof(in) };
		struct pkt out = { room, 0, sizeof(room) };
		struct xcode_out about;

		put_u16(in + 2, (uint16_t)i);
		put_u32(in + 4, (uint32_t)(i * a->clock / 50));
		put_u32(in + 8, 1);
		memcpy(in + RTP_HEADER, said[i].p, said[i].n);
		flow_put(f, &p, 0);
		need(flow_get(f, &out, &about) == 0);
		need(flow_get(f, &out, &about) != 0);
	}
	begin = cpu_ns() - begin;
	flow_free(f);
	return begin / PACKETS;
}

static bool row(const char *name, const struct codec *a, const struct codec *b,
	unsigned rounds)
{
	unsigned rate = codec_common_rate(a, b);
	uint64_t alone = UINT64_MAX, whole = UINT64_MAX;
	double ours;
	bool ok;

	encode_all(a, rate);
	for (unsigned i = 0; i < rounds; i++) {
		uint64_t x = codecs_alone(a, b, rate);
		uint64_t y = through_flow(a, b);

		alone = x < alone ? x : alone;
		whole = y < whole ? y : whole;
	}
	ours = whole > alone ? (double)(whole - alone) : 0;
	ok = ours <= 500 || ours <= 0.5 * (double)whole;
	printf("%-14s %5u Hz %8llu ns/packet, codecs alone %8llu ns (%3.0f %%), "
	       "streams/core %5.0f\n",
		name, rate, (unsigned long long)whole,
		(unsigned long long)alone,
		100.0 * (double)alone / (double)(whole > alone ? whole : alone),
		1e9 / 50 / (double)whole);
	printf("goal transcode-%s-overhead %.2f 0.5 %s\n", name,
		ours / (double)whole, ok ? "ok" : "short");
	return ok;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		const struct codec *a, *b;
	} rows[] = {
		{ "PCMU-PCMA", &codec_pcmu, &codec_pcma },
		{ "PCMU-G722", &codec_pcmu, &codec_g722 },
		{ "G722-PCMU", &codec_g722, &codec_pcmu },
		{ "PCMU-G729", &codec_pcmu, &codec_g729 },
		{ "G729-PCMU", &codec_g729, &codec_pcmu },
		{ "PCMU-opus", &codec_pcmu, &codec_opus },
		{ "opus-PCMU", &codec_opus, &codec_pcmu },
		{ "G722-opus", &codec_g722, &codec_opus },
		{ "PCMU-GSM", &codec_pcmu, &codec_gsm },
		{ "PCMU-G726", &codec_pcmu, &codec_g726_32 },
	};
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 9;
	bool ok = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ok = row(rows[i].name, rows[i].a, rows[i].b, rounds) && ok;
	return ok ? 0 : 1;
}
