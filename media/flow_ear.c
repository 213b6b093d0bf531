/*
 * Keys as tones. Those that are heard in the sound that comes are sent as RTP
 * events (flow_event.c), or told and taken out of it; those that far ends told
 * in another way are put into the sound that leaves.
 */
#include "media/flow_int.h"

#include <string.h>

#include "base/metric.h"

enum {
	PIECE_MS = 10, /* heard at once: shorter than any key */
	/* so long a tone has sounded when it is known, about, and so long ago
	 * it ended when that is: spandsp looks at 13 ms twice */
	KNOWN_MS = 36,
	OVER_MS = 24,
	PART_MS = 10, /* of a key is no packet of it */
	/* codecs made for speech: a hole in a tone is not yet its end */
	HOLE_MS = 40,
	PUT_VOLUME = 10, /* -dBm0 */
	PUT_MIN_MS = 70, /* Q.24: what everybody knows is 40 */
	PUT_GAP_MS = 70,
	PUT_MAX_MS = 5000,
};

static const uint64_t sounding = UINT64_MAX; /* its end is not known */

static size_t samples_of(const struct flow *f, unsigned ms)
{
	return (size_t)f->rate_out * ms / 1000;
}

/* ---- heard ---- */

void flow_ear_open(struct flow *f)
{
	bool events = f->from.event_from == XCODE_NO_PT &&
		      f->to.event_to != XCODE_NO_PT;

	f->ear.key = -1;
	if (f->from.ear == XCODE_EAR_OFF ||
		(f->from.ear == XCODE_EAR_AUTO && !events))
		return;
	f->ear.ear = dtmf_ear_new(f->rate_out);
	f->ear.events = f->from.ear == XCODE_EAR_AUTO;
	f->behind = samples_of(f, EAR_MS);
}

static void tell(struct flow *f, uint8_t key, uint64_t samples)
{
	if (f->from.ear != XCODE_EAR_TELL)
		return;
	if (f->ear.ntold == EAR_KEYS) {
		metric_inc(M_KEYS_LOST);
		return;
	}
	f->ear.told[f->ear.ntold++] = (struct xcode_key){ .key = key,
		.ms = (unsigned)(samples * 1000 / f->rate_out) };
}

static void ends(struct flow *f, uint64_t at, unsigned since_ms)
{
	struct ear_key *k = f->ear.n > 0 ? &f->ear.in[f->ear.n - 1] : NULL;

	if (f->ear.key < 0)
		return;
	if (k != NULL && k->end == sounding)
		k->end = at - samples_of(f, since_ms);
	tell(f, (uint8_t)f->ear.key, at - f->ear.since);
	f->ear.key = -1;
	f->ear.gone = 0;
}

/* It was known at that position, and began before. */
static void begins(struct flow *f, uint8_t key, uint64_t at)
{
	uint64_t known = samples_of(f, KNOWN_MS);
	uint64_t begin = at > known ? at - known : 0;

	f->ear.key = key;
	f->ear.since = at;
	if (f->ear.n == EAR_KEYS) /* keys of a few samples: none of ours */
		f->ear.n--;
	f->ear.in[f->ear.n++] = (struct ear_key){ .key = key,
		.begin = begin > f->at ? begin : f->at,
		.end = sounding };
}

/* Nothing is heard of it any more, up to that position: is it over? */
static void fades(struct flow *f, uint64_t at)
{
	size_t hole =
		f->from.codec->conceal != NULL ? samples_of(f, HOLE_MS) : 0;

	if (f->ear.gone == 0)
		f->ear.gone = at;
	if (at - f->ear.gone >= hole)
		ends(f, f->ear.gone, OVER_MS);
}

void flow_ear_hear(struct flow *f, size_t had)
{
	size_t piece = samples_of(f, PIECE_MS);

	if (f->ear.ear == NULL)
		return;
	for (size_t at = had; at < f->n;) {
		size_t n = f->n - at < piece ? f->n - at : piece;
		int key;

		dtmf_ear_hear(f->ear.ear, f->pcm + at, n);
		at += n;
		key = dtmf_ear_key(f->ear.ear);
		if (key == f->ear.key) {
			f->ear.gone = 0;
		} else if (key < 0) {
			fades(f, f->at + at);
		} else {
			ends(f, f->ear.gone != 0 ? f->ear.gone : f->at + at,
				OVER_MS);
			begins(f, (uint8_t)key, f->at + at);
		}
	}
}

void flow_ear_end(struct flow *f)
{
	if (f->ear.ear == NULL)
		return;
	ends(f, f->at + f->n, 0);
	dtmf_ear_reset(f->ear.ear);
}

void flow_ear_known(struct flow *f)
{
	if (f->ear.ear == NULL || f->ear.n == EAR_KEYS || f->n == 0)
		return;
	f->ear.in[f->ear.n++] =
		(struct ear_key){ .begin = f->at, .end = f->at + f->n };
}

bool flow_heard(struct flow *f, bool broke_off, struct xcode_key *out)
{
	if (broke_off && f->ear.key >= 0) {
		flow_ear_end(f);
		f->hurry = f->n >= f->packet;
	}
	if (f->ear.ntold == 0)
		return false;
	*out = f->ear.told[0];
	memmove(&f->ear.told[0], &f->ear.told[1],
		--f->ear.ntold * sizeof(f->ear.told[0]));
	return true;
}

/* ---- in what waits ---- */

struct ear_key *flow_ear_first(struct flow *f)
{
	uint64_t part = samples_of(f, PART_MS);

	for (unsigned i = 0; i < f->ear.n; i++) {
		struct ear_key *k = &f->ear.in[i];

		if (k->sent && k->end <= f->at + part)
			continue;
		return k->begin + part < f->at + f->packet ? k : NULL;
	}
	return NULL;
}

/* One shorter than a packet is an event all the same. */
void flow_ear_consumed(struct flow *f)
{
	while (f->ear.n > 0 && f->ear.in[0].end <= f->at &&
		(f->ear.in[0].sent || !f->ear.events))
		memmove(&f->ear.in[0], &f->ear.in[1],
			--f->ear.n * sizeof(f->ear.in[0]));
}

void flow_ear_mute(struct flow *f)
{
	for (unsigned i = 0; i < f->ear.n; i++) {
		const struct ear_key *k = &f->ear.in[i];
		uint64_t end = f->at + f->packet;
		uint64_t from = k->begin > f->at ? k->begin : f->at;
		uint64_t to = k->end < end ? k->end : end;

		if (from < to)
			memset(f->pcm + (from - f->at), 0,
				(to - from) * sizeof(f->pcm[0]));
	}
}

/* ---- put in ---- */

bool flow_press(struct flow *f, uint8_t key, unsigned ms)
{
	if (key >= DTMF_KEYS || f->put.n == PRESSED)
		return false;
	ms = ms < PUT_MIN_MS ? PUT_MIN_MS : ms > PUT_MAX_MS ? PUT_MAX_MS : ms;
	f->put.wait[f->put.n].key = key;
	f->put.wait[f->put.n++].ms = (uint16_t)ms;
	return true;
}

bool flow_puts_keys(const struct flow *f)
{
	return f->put.n > 0 || f->put.left > 0 || f->put.gap > 0;
}

static void put_next(struct flow *f)
{
	f->put.left = samples_of(f, f->put.wait[0].ms);
	f->put.gap = samples_of(f, PUT_GAP_MS);
	dtmf_tone_begin(
		&f->put.tone, f->put.wait[0].key, f->rate_out, PUT_VOLUME);
	memmove(&f->put.wait[0], &f->put.wait[1],
		--f->put.n * sizeof(f->put.wait[0]));
}

void flow_put_keys(struct flow *f)
{
	for (size_t at = 0; at < f->packet && flow_puts_keys(f);) {
		size_t most = f->packet - at, n;

		if (f->put.left > 0) {
			n = f->put.left < most ? f->put.left : most;
			dtmf_tone_make(&f->put.tone, f->pcm + at, n);
			f->put.left -= n;
		} else if (f->put.gap > 0) {
			n = f->put.gap < most ? f->put.gap : most;
			memset(f->pcm + at, 0, n * sizeof(f->pcm[0]));
			f->put.gap -= n;
		} else {
			put_next(f);
			continue;
		}
		at += n;
	}
}
