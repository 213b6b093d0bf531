/* For tests of transcoding: a flow (media/flow.h) with somebody at each end, who
 * encode what is said and decode what is heard. */
#ifndef LINESIDE_TESTS_UNIT_XCODE_RIG_H
#define LINESIDE_TESTS_UNIT_XCODE_RIG_H

#include "media/dtmf.h"
#include "media/flow.h"
#include "xcode_side.h"

enum {
	RIG_SAMPLES = 48000 * 3,
	RIG_ROOM = 48000 / 1000 * CODEC_PAYLOAD_MS,
	RIG_SSRC = 0x1000,
};

extern int16_t said[RIG_SAMPLES], heard[RIG_SAMPLES + RIG_ROOM];

struct rig {
	struct flow *flow;
	struct xcode_side from, to;
	unsigned rate_from, rate_to;
	void *enc, *dec;
	uint16_t seq;
	uint32_t ts;
	uint64_t now_ns; /* stands, unless a test moves it */
	/* what came out */
	unsigned packets, sounds, events;
	size_t n; /* samples in heard[] */
	bool any;
	uint16_t last_seq;
	uint32_t last_ts, first_ts;
	bool last_marker;
	uint8_t last_pt;
	struct dtmf_event keys[256];
	uint32_t key_ts[256];
	uint8_t payload[2048];
	size_t payload_n;
};

struct encoded {
	uint16_t seq;
	uint32_t ts;
	size_t n;
	uint8_t p[2048];
};

void rig_open(struct rig *r, const struct xcode_side *from,
	const struct xcode_side *to);
void rig_close(struct rig *r);
/* One packet; what comes of it is taken, and its numbers checked. */
void rig_send(struct rig *r, uint8_t pt, bool marker, uint16_t seq, uint32_t ts,
	const uint8_t *payload, size_t n);
/* One packet of the near end's, to be sent or not. */
void rig_encode(struct rig *r, struct encoded *e, const int16_t *pcm, size_t n);
void rig_sound(struct rig *r, const struct encoded *e);
/* Samples that a packet of that codec holds. */
size_t rig_packet(const struct codec *c, unsigned rate);
void rig_say(struct rig *r, const int16_t *pcm, size_t n);
struct xcode_stats rig_stats(const struct rig *r);
/* Samples in `out`. */
size_t rig_resample(int16_t *out, unsigned to, const int16_t *in, size_t n,
	unsigned from, size_t *late);

#endif
