/* A flow inside: flow.c and, for keys and noise, flow_event.c. */
#ifndef LINESIDE_MEDIA_FLOW_INT_H
#define LINESIDE_MEDIA_FLOW_INT_H

#include <speex/speex_resampler.h>
#include <stdatomic.h>

#include "media/dtmf.h"
#include "media/flow.h"
#include "media/gapfill.h"
#include "media/rtp.h"

enum {
	HELD = 2, /* packets that wait for an earlier one */
	HELD_BYTES = 1500,
	LATE = 64, /* packets further behind begin a new sequence */
	AHEAD = 128, /* as do those further ahead */
	CONCEAL_MS = 120, /* longer gaps stay gaps */
	CHUNK_MS = 20, /* concealed at once */
	PTIME_MS = 20, /* when nothing was agreed */
	RESAMPLER_QUALITY = 4, /* of 10 */
	PASSED = 64, /* bytes of an event, or a description of noise */
	KEY_MS = 200, /* of a key's tone, at most, for one packet */
};

struct held {
	bool used;
	uint16_t seq;
	size_t n;
	uint8_t data[HELD_BYTES];
};

struct counters { /* one writer, any reader */
	_Atomic uint64_t packets, made, bad, late, concealed_ms;
};

struct flow {
	struct xcode_side from, to;
	unsigned rate_in, rate_out; /* Hz */
	void *dec, *enc;
	struct gapfill
		*gapfill; /* when the codec has no concealment of its own */
	SpeexResamplerState *resampler; /* when the rates differ */
	size_t frame; /* samples of a decoder's frame */
	size_t packet; /* samples of a packet that leaves */

	/* what arrives */
	bool any;
	uint32_t ssrc;
	uint16_t next_seq;
	uint32_t next_ts;
	bool gap; /* packets before the next one were given up */
	size_t last; /* samples of the last good payload */
	size_t missing; /* samples to conceal before anything else */
	const struct pkt *now; /* borrowed; NULL: taken */
	struct held *held; /* HELD + 1; NULL: nothing ever came early */
	unsigned n_held;

	struct { /* silence that is not sent: noise stands for it */
		bool on;
		bool by_codec; /* its decoder makes it; else white noise */
		double level; /* of that, RMS */
		uint32_t random;
		uint64_t due_ns; /* the next of it; 0: one packet from now */
		/* Samples, at rate_in, that were made too many when sound
		 * began again: the next pause begins so much later. */
		size_t ahead;
	} pause;

	/* keys, where one side sends events and the other tones */
	struct dtmf_ear *ear; /* NULL: not listened for */
	struct { /* an event that comes in */
		bool any; /* timestamp is good */
		bool ended;
		uint32_t timestamp, duration; /* as told, at from's clock */
		uint32_t timestamp_out; /* when it is passed on */
		bool paused; /* when it began: so it is after it */
		struct dtmf_tone tone;
		size_t left; /* samples of it to make */
	} key_in;
	struct { /* an event that is sent */
		bool on;
		uint8_t key;
		uint32_t timestamp, duration;
		unsigned ends; /* packets that tell the end, to be sent */
	} key_out;
	struct { /* a packet that goes out as it is, but for its header */
		bool ready, marker;
		uint8_t pt;
		uint32_t timestamp;
		size_t n;
		uint8_t data[PASSED];
	} passed;

	/* samples that wait to be sent, at rate_out */
	int16_t *pcm, *decoded;
	size_t n, room, decoded_room;

	/* what leaves */
	uint32_t out_ssrc;
	uint16_t out_seq;
	uint32_t out_ts; /* of pcm[0] */
	bool marker;
	uint32_t sent, sent_bytes;
	struct counters count;
};

static inline size_t flow_scale(size_t n, unsigned from, unsigned to)
{
	return (size_t)((uint64_t)n * to / from);
}

/* flow.c */
/* The next sound is of that time: what waits is filled up, then time passes.
 * False: what waits has to leave first; to be called again. */
bool flow_skip(struct flow *f, uint32_t ts);
/* n decoded samples, at rate_out, join those that wait. */
void flow_append(struct flow *f, const int16_t *pcm, size_t n);
/* The same of samples at rate_in. */
void flow_say(struct flow *f, const int16_t *pcm, size_t n);
void flow_bad(struct flow *f); /* counts a payload of no use */
void flow_header(struct flow *f, uint8_t *p, uint8_t pt, uint32_t ts);
void flow_finish(struct flow *f, struct pkt *out, size_t payload,
	struct xcode_out *about);
void flow_consume(struct flow *f); /* one packet of what waits */
/* The moment, in to's clock, of a timestamp of from's. */
uint32_t flow_time(const struct flow *f, uint32_t ts);

/* flow_noise.c: a pause. */
/* n samples, at rate_in, of the noise that stands for it. */
void flow_make_noise(struct flow *f, int16_t *pcm, size_t n);
void flow_pause(struct flow *f, bool by_codec, double level);
/* Sound of that time comes: it is over. False: noise up to it has to be made
 * first (flow.missing); to be called again. */
bool flow_unpause(struct flow *f, uint32_t ts);

/* flow_event.c */
/* Packets that are not of the codec. False: it stays, as of flow_skip(). */
bool flow_take_event(
	struct flow *f, const struct rtp_head *h, const uint8_t *p, size_t n);
void flow_take_noise(
	struct flow *f, const struct rtp_head *h, const uint8_t *p, size_t n);
/* What the codec itself called silence: told as RFC 3389 does, where the far
 * end knows that. False: it does not. */
bool flow_tell_noise(struct flow *f, const int16_t *pcm, size_t n);
/* Sound at that time was replaced by a key. */
bool flow_is_key(struct flow *f, uint32_t ts);
void flow_make_key(struct flow *f); /* some of key_in.left */
/* In place of a packet of sound, or beside it: 0 with a packet; EAGAIN: the
 * sound that waits is to be sent. */
int flow_send_event(struct flow *f, struct pkt *out, struct xcode_out *about);

#endif
