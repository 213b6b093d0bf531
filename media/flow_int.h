/* A flow inside: flow.c and, for keys and noise, flow_*.c. */
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
	/* Sound waits so long where keys are listened for: an ear needs up to
	 * twice that to know a tone, and what left by then is too short to be
	 * a key to anybody (Q.24: 23 ms). */
	EAR_MS = 20,
	EAR_KEYS = 8, /* in what waits, or that wait to be told */
	PRESSED = 32, /* keys that wait to be put in */
};

struct held {
	bool used;
	uint16_t seq;
	size_t n;
	uint8_t data[HELD_BYTES];
};

struct counters { /* one writer, any reader */
	_Atomic uint64_t packets, made, bad, late, concealed_ms, repaired_ms;
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
	uint64_t heard_ns; /* the last of it, or noise in its place */
	bool gap; /* packets before the next one were given up */
	size_t last; /* samples of the last good payload */
	size_t missing; /* samples to conceal before anything else */
	struct { /* what the payload behind them has of the last ones */
		const uint8_t *p; /* borrowed, of what is not taken yet */
		size_t bytes;
		size_t n; /* samples; 0: nothing */
	} repair;
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
		/* It began by itself, since no packet came: keys are to be put
		 * in, or the codec stops without a word. */
		bool alone;
	} pause;
	struct { /* packets that came, since when no more do */
		uint64_t packets, since_ns;
		unsigned faint; /* of the last ones: nobody talked */
	} quiet;

	/* keys */
	struct { /* those in the sound; positions are samples since it began */
		struct dtmf_ear *ear; /* NULL: not listened for */
		bool events; /* they are sent as events; else taken out */
		int key; /* at the end of what waits; -1: none */
		uint64_t since; /* when it was known */
		uint64_t gone; /* it is not heard from here on; 0: it is */
		struct ear_key {
			uint8_t key;
			bool sent; /* as an event, its beginning */
			uint64_t begin, end;
		} in[EAR_KEYS]; /* what waits; the earliest first */
		unsigned n;
		struct xcode_key told[EAR_KEYS];
		unsigned ntold;
	} ear;
	struct { /* those that are to be tones */
		struct {
			uint8_t key;
			uint16_t ms;
		} wait[PRESSED];
		unsigned n;
		struct dtmf_tone tone;
		size_t left, gap; /* samples of it; of silence behind it */
	} put;
	struct { /* an event that comes in */
		bool any; /* timestamp is good */
		bool ended;
		uint32_t timestamp, duration; /* as told, at from's clock */
		uint8_t key;
		uint32_t before; /* duration of segments before this one */
		uint32_t timestamp_out; /* when it is passed on */
		bool paused; /* when it began: so it is after it */
		struct dtmf_tone tone;
		size_t left; /* samples of it to make */
	} key_in;
	struct { /* an event that is sent */
		bool on;
		uint8_t key;
		uint64_t begin; /* which of ear.in it is */
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
	size_t behind; /* that have to wait behind a packet that leaves */
	bool hurry; /* but not now: nothing follows */
	uint64_t at; /* samples that left: the position of pcm[0] */

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
bool flow_has_packet(const struct flow *f); /* may one leave? */
/* The moment, in to's clock, of a timestamp of from's. */
uint32_t flow_time(const struct flow *f, uint32_t ts);

/* flow_noise.c: a pause. */
/* n samples, at rate_in, of the noise that stands for it. */
void flow_make_noise(struct flow *f, int16_t *pcm, size_t n);
/* A payload was decoded: does anybody talk in it? */
void flow_note_sound(struct flow *f, const int16_t *pcm, size_t n);
void flow_pause(struct flow *f, bool by_codec, double level);
/* Sound of that time comes: it is over. False: noise up to it has to be made
 * first (flow.missing); to be called again. */
bool flow_unpause(struct flow *f, uint32_t ts);

/* flow_ear.c: keys in the sound that comes, and in the one that leaves. */
void flow_ear_open(struct flow *f);
/* Samples, at rate_out, that joined those that wait, from pcm[had] on. */
void flow_ear_hear(struct flow *f, size_t had);
/* What sounded has ended: silence is described, or nothing comes. */
void flow_ear_end(struct flow *f);
/* A key has begun, which is told in another way. */
void flow_ear_known(struct flow *f);
/* The key at the beginning of what waits; NULL: sound. */
struct ear_key *flow_ear_first(struct flow *f);
void flow_ear_consumed(struct flow *f); /* flow_consume() was called */
/* The packet that leaves next: keys taken out, and put in. */
void flow_ear_mute(struct flow *f);
void flow_put_keys(struct flow *f);
bool flow_puts_keys(const struct flow *f); /* some wait, or sound */

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
