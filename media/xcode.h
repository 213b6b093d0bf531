/*
 * Transcoders: what stands between two legs that do not speak one codec.
 *
 * A farm holds pools, one for each `dspfarm profile`. Call logic asks it
 * whether two codecs could be joined, reserves a session when they must be,
 * and gives that to the bridge, which runs every packet through it. The
 * session counts as long as anybody holds it. A backend is a row of
 * xcode_ops; the one here is software in the media worker (xcode_soft.c).
 */
#ifndef LINESIDE_MEDIA_XCODE_H
#define LINESIDE_MEDIA_XCODE_H

#include "conf/model.h"
#include "media/codec.h"
#include "media/xform.h"

enum { XCODE_NO_PT = 0xff };

/* How one leg speaks. Plain data without holes that matter: compared by
 * xcode_want_equal(). */
struct xcode_side {
	const struct codec *codec;
	struct codec_options options; /* of what is sent to it */
	unsigned ptime_ms; /* of what is sent to it; 0: 20 */
	/* Payload types: those that come from it, and those it is sent.
	 * XCODE_NO_PT: not agreed there. */
	uint8_t from, to;
	uint8_t event_from, event_to; /* RFC 4733 */
	uint32_t event_clock; /* Hz */
	uint8_t noise_from, noise_to; /* RFC 3389 */
	/* What becomes of keys that are heard in the sound that comes from it.
	 * But for AUTO they are never RTP events. */
	enum xcode_ear {
		XCODE_EAR_AUTO, /* RTP events, where the other side alone has
				 * them; else sound */
		XCODE_EAR_OFF, /* sound */
		XCODE_EAR_TELL, /* silence, and xcode_heard() tells them */
		XCODE_EAR_DROP, /* silence: they are told in another way */
	} ear;
};

struct xcode_want {
	struct xcode_side side[2];
	bool secure; /* SRTP on either */
};
bool xcode_side_equal(const struct xcode_side *a, const struct xcode_side *b);
bool xcode_want_equal(const struct xcode_want *a, const struct xcode_want *b);

/* ---- the farm; sip thread ---- */

struct xcode_farm;
struct xcode;

struct xcode_farm *xcode_farm_new(void) MUST_USE; /* obj_unref() it */
/* Profiles as configured now; sessions of those that are gone go on. */
void xcode_farm_configure(struct xcode_farm *f, const struct conf *c);
/* Could these be joined? 0; ENOTSUP: no profile does that; EAGAIN: the
 * profiles that do are full. NULL farm or codec: ENOTSUP. `instead`: a session
 * that would be given up, and so leaves room in its pool; NULL: none. */
int xcode_farm_can(const struct xcode_farm *f, const struct codec *a,
	const struct codec *b, bool secure, const struct xcode *instead);
/* One session; one reference in *out. As above. */
int xcode_reserve(struct xcode **out, struct xcode_farm *f,
	const struct xcode_want *w, const struct xcode *instead) MUST_USE;

struct xcode_pool_info { /* what show prints */
	unsigned tag, max, used;
	uint64_t served; /* sessions since the start */
	bool retiring; /* not configured any more */
};
/* How many there are; the first `max` in *out. */
size_t xcode_farm_describe(
	const struct xcode_farm *f, struct xcode_pool_info *out, size_t max);

/* ---- a session ---- */

const struct xcode_want *xcode_wanted(const struct xcode *x); /* any thread */
unsigned xcode_profile(const struct xcode *x); /* any thread */

/*
 * On the worker, from here on. An RTP packet that came from `side`,
 * unprotected; borrowed until xcode_get() said EAGAIN, which must be asked for
 * before the next one. More than any stream of sound has, 200 a second, are
 * dropped and counted: decoding is dear, and a far end must not make the
 * other calls of this worker pay for it.
 */
void xcode_put(
	struct xcode *x, int side, const struct pkt *in, uint64_t now_ns);
/* The next packet for the other side: 0 with out->n set; EAGAIN: none. */
struct xcode_out {
	uint32_t ssrc;
	size_t payload; /* bytes */
};
int xcode_get(
	struct xcode *x, int side, struct pkt *out, struct xcode_out *about);
/*
 * A stream that pauses (silence that is not sent) where the other side cannot
 * be told: xcode_rest() makes what is due of noise by now, for xcode_get().
 * False: that side does not pause. To be called every few milliseconds from
 * when xcode_pauses() says so.
 */
bool xcode_pauses(const struct xcode *x, int side);
bool xcode_rest(struct xcode *x, int side, uint64_t now_ns);
/*
 * A key of that side's far end becomes tones in what the other side hears
 * (Q.23), in place of the sound; keys wait for each other. xcode_rest() is to
 * be called from then on. False: too many wait.
 */
bool xcode_press(struct xcode *x, int side, uint8_t key, unsigned ms);
/* The next key that was heard in the sound of that side, whole. False: none.
 * To be asked after xcode_put(), and some times a second: a key whose sound
 * broke off has ended, too. */
struct xcode_key {
	uint8_t key; /* as in dtmf.h */
	unsigned ms; /* how long it sounded */
};
bool xcode_heard(
	struct xcode *x, int side, uint64_t now_ns, struct xcode_key *out);
/* RTCP from `side`, in place: sources, sequence numbers and times of the
 * streams as the other side sees them; empty when nothing in it is for that
 * one. */
void xcode_rtcp(struct xcode *x, int side, struct pkt *p);

struct xcode_stats { /* of what came from one side; any thread */
	uint64_t packets, made; /* in, out */
	uint64_t bad; /* payloads of impossible length or type */
	uint64_t late; /* came after they were given up */
	uint64_t concealed_ms;
	uint64_t repaired_ms; /* what a later packet brought (Opus FEC) */
	uint64_t too_fast; /* dropped: see xcode_put() */
};
void xcode_stats(const struct xcode *x, int side, struct xcode_stats *out);

/* ---- backends ---- */

struct xcode_ops {
	const char *name; /* "software" */
	bool (*can)(const struct codec *a, const struct codec *b);
	void *(*open)(const struct xcode_want *w);
	void (*put)(
		void *state, int side, const struct pkt *in, uint64_t now_ns);
	int (*get)(void *state, int side, struct pkt *out,
		struct xcode_out *about);
	bool (*pauses)(const void *state, int side);
	bool (*rest)(void *state, int side, uint64_t now_ns);
	bool (*press)(void *state, int side, uint8_t key, unsigned ms);
	/* `broke_off`: no sound came for a while. */
	bool (*heard)(
		void *state, int side, bool broke_off, struct xcode_key *out);
	void (*rtcp)(void *state, int side, struct pkt *p);
	void (*stats)(const void *state, int side, struct xcode_stats *out);
	void (*close)(void *state);
};
extern const struct xcode_ops xcode_soft;

#endif
