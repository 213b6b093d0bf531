/*
 * Silence that the near end does not send (RFC 3389, G.729 Annex B), for a far
 * end that cannot be told so: it hears noise as loud as that was, by the
 * clock, until there is sound again. What leaves keeps the near end's time: of
 * noise that was made too much the next pause has so much less.
 */
#include <math.h>

#include "media/flow_int.h"

enum {
	PAUSE_MS = 20, /* noise is made in packets of this */
	STALL_MS = 200, /* what a stalled machine missed is left out */
	QUIET_MS = 60, /* no sound comes: it is not waited for any more */
	GONE_MS = 1000, /* nor expected */
	FAINT = 500, /* RMS: below nobody talks, -36 dBov */
	FAINT_PACKETS = 5, /* silence is sent for so long before it is not */
};

static const uint64_t second_ns = 1000000000;

/* Uniform, whose RMS is a root of three below its peak. */
static int16_t white(struct flow *f)
{
	double peak = f->pause.level * sqrt(3);
	double v;

	f->pause.random = f->pause.random * 1664525 + 1013904223;
	v = ((double)f->pause.random / UINT32_MAX * 2 - 1) * peak;
	return (int16_t)fmax(INT16_MIN, fmin(INT16_MAX, v));
}

void flow_make_noise(struct flow *f, int16_t *pcm, size_t n)
{
	size_t whole = (n + f->frame - 1) / f->frame * f->frame;

	if (f->pause.by_codec && f->from.codec->conceal != NULL) {
		f->from.codec->conceal(f->dec, pcm, whole);
		return;
	}
	for (size_t i = 0; i < n; i++)
		pcm[i] = white(f);
}

void flow_pause(struct flow *f, bool by_codec, double level)
{
	f->pause.by_codec = by_codec;
	f->pause.level = level;
	if (!f->pause.on)
		f->pause.due_ns = 0;
	f->pause.on = true;
}

bool flow_pauses(const struct flow *f)
{
	return f->pause.on || flow_puts_keys(f) ||
	       (f->from.codec->stops && f->quiet.faint >= FAINT_PACKETS);
}

static size_t samples_of(const struct flow *f, unsigned ms)
{
	return (size_t)f->rate_in * ms / 1000;
}

bool flow_unpause(struct flow *f, uint32_t ts)
{
	uint32_t clock = f->from.codec->clock;
	int32_t ahead = (int32_t)(ts - f->next_ts);
	int32_t most = (int32_t)(clock / 1000 * STALL_MS);

	if (ahead > 0 && ahead <= most) {
		f->missing = flow_scale((size_t)ahead, clock, f->rate_in);
		f->next_ts = ts;
		if (f->missing > 0)
			return false;
	}
	if (ahead < 0 && ahead >= -most) {
		f->pause.ahead += flow_scale((size_t)-ahead, clock, f->rate_in);
		f->next_ts = ts;
	}
	f->pause.on = f->pause.alone = false;
	return true;
}

static void make_packet(struct flow *f, uint64_t now_ns)
{
	size_t n = samples_of(f, PAUSE_MS);

	flow_make_noise(f, f->decoded, n);
	flow_say(f, f->decoded, n);
	f->heard_ns = now_ns;
	f->next_ts += (uint32_t)flow_scale(n, f->rate_in, f->from.codec->clock);
}

/* ---- nothing comes, and nothing said so ---- */

void flow_note_sound(struct flow *f, const int16_t *pcm, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)pcm[i] * pcm[i];
	if (sum < (double)FAINT * FAINT * (double)n)
		f->quiet.faint++;
	else
		f->quiet.faint = 0;
}

static uint64_t quiet_for(struct flow *f, uint64_t now_ns)
{
	if (f->quiet.since_ns == 0 || f->quiet.packets != f->count.packets) {
		f->quiet.packets = f->count.packets;
		f->quiet.since_ns = now_ns;
	}
	return now_ns - f->quiet.since_ns;
}

/* The near end may have stopped in silence: whoever does sends something
 * within 400 ms (RFC 6716 2.1.9), so that longer silence is something else. */
static bool may_stop(const struct flow *f, uint64_t quiet_ns)
{
	return f->from.codec->stops && f->any &&
	       quiet_ns < GONE_MS * second_ns / 1000 &&
	       f->quiet.faint >= FAINT_PACKETS;
}

/* Keys are to be put in, or it may have stopped: a pause begins by itself.
 * What was missed until that was known is made up for at once. */
static void pause_alone(struct flow *f, uint64_t now_ns)
{
	uint64_t quiet_ns = quiet_for(f, now_ns);
	bool stopped = may_stop(f, quiet_ns);

	if (!stopped && !flow_puts_keys(f)) {
		if (f->pause.alone)
			f->pause.on = f->pause.alone = false;
		return;
	}
	if (f->pause.on || quiet_ns < QUIET_MS * second_ns / 1000)
		return;
	f->pause.alone = true;
	flow_pause(f, stopped, 0);
	f->pause.due_ns = f->quiet.since_ns + PAUSE_MS * second_ns / 1000 +
			  f->pause.ahead * second_ns / f->rate_in;
	f->pause.ahead = 0;
}

bool flow_rest(struct flow *f, uint64_t now_ns)
{
	uint64_t packet = PAUSE_MS * second_ns / 1000;

	pause_alone(f, now_ns);
	if (!f->pause.on)
		return flow_puts_keys(f) ||
		       may_stop(f, now_ns - f->quiet.since_ns);
	if (f->pause.due_ns == 0) {
		f->pause.due_ns = now_ns + packet +
				  f->pause.ahead * second_ns / f->rate_in;
		f->pause.ahead = 0;
	}
	if (now_ns < f->pause.due_ns)
		return true;
	if (now_ns > f->pause.due_ns + STALL_MS * second_ns / 1000)
		f->pause.due_ns = now_ns;
	f->pause.due_ns += packet;
	if (!flow_has_packet(f)) /* else nobody takes it */
		make_packet(f, now_ns);
	return true;
}
