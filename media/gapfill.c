/* Concealment by repetition. See gapfill.h. */
#include "media/gapfill.h"

#include <stdlib.h>
#include <string.h>

#include "base/obj.h"

enum {
	KEPT_MS = 40, /* of what was heard */
	MATCH_MS = 10, /* compared to find the period */
	BLEND_MS = 4,
	LOUD_MS = 10, /* as loud as before, then fading */
	SILENT_MS = 60, /* since the gap began */
	SHORTEST_US = 2500, /* periods: 400 Hz */
	LONGEST_US = 15000, /* 66 Hz */
	SEARCH_RATE = 8000, /* is enough to find a period */
};

struct gapfill {
	unsigned rate;
	size_t kept;
	size_t period; /* while in a gap */
	size_t made; /* since it began; 0: no gap */
	int16_t heard[]; /* kept samples, the newest last */
};

static size_t ms(const struct gapfill *g, unsigned v)
{
	return (size_t)g->rate * v / 1000;
}

struct gapfill *gapfill_new(unsigned rate)
{
	size_t kept = (size_t)rate * KEPT_MS / 1000;
	struct gapfill *g = mem_new(sizeof(*g) + kept * sizeof(g->heard[0]));

	g->rate = rate;
	g->kept = kept;
	return g;
}

/* How like the last samples are those of one period before: correlation over
 * energy. */
static double likeness(const struct gapfill *g, size_t lag, size_t step)
{
	const int16_t *end = g->heard + g->kept;
	double both = 0, energy = 1;

	for (size_t i = 1; i <= ms(g, MATCH_MS); i += step) {
		double before = end[-(ptrdiff_t)(i + lag)];

		both += before * end[-(ptrdiff_t)i];
		energy += before * before;
	}
	return both > 0 ? both * both / energy : 0;
}

static size_t find_period(const struct gapfill *g)
{
	size_t longest = (size_t)((uint64_t)g->rate * LONGEST_US / 1000000);
	size_t lag = (size_t)((uint64_t)g->rate * SHORTEST_US / 1000000);
	size_t step = g->rate > SEARCH_RATE ? g->rate / SEARCH_RATE : 1;
	size_t best = longest;
	double most = 0;

	for (; lag <= longest; lag++) {
		double v = likeness(g, lag, step);

		if (v <= most)
			continue;
		most = v;
		best = lag;
	}
	return best;
}

static double loudness(const struct gapfill *g, size_t made)
{
	size_t loud = ms(g, LOUD_MS), silent = ms(g, SILENT_MS);

	if (made <= loud)
		return 1;
	return made >= silent
		       ? 0
		       : (double)(silent - made) / (double)(silent - loud);
}

static int16_t next(struct gapfill *g)
{
	size_t at = g->kept - g->period + g->made % g->period;
	double v = g->heard[at] * loudness(g, g->made);

	g->made++;
	return (int16_t)v;
}

void gapfill_make(struct gapfill *g, int16_t *pcm, size_t n)
{
	if (g->made == 0)
		g->period = find_period(g);
	for (size_t i = 0; i < n; i++)
		pcm[i] = next(g);
}

static void blend(struct gapfill *g, int16_t *pcm, size_t n)
{
	size_t all = ms(g, BLEND_MS) < n ? ms(g, BLEND_MS) : n;

	for (size_t i = 0; i < all; i++)
		pcm[i] = (int16_t)((pcm[i] * (double)i +
					   next(g) * (double)(all - i)) /
				   (double)all);
}

void gapfill_hear(struct gapfill *g, int16_t *pcm, size_t n)
{
	size_t fresh = n < g->kept ? n : g->kept;

	if (g->made > 0)
		blend(g, pcm, n);
	g->made = 0;
	memmove(g->heard, g->heard + fresh,
		(g->kept - fresh) * sizeof(g->heard[0]));
	memcpy(g->heard + g->kept - fresh, pcm + n - fresh,
		fresh * sizeof(g->heard[0]));
}
