/* Distributions. See histogram.h. */
#include "base/histogram.h"

#include <stdatomic.h>

#include "base/need.h"

/* clang-format off */
const struct histogram_row histogram_rows[HISTOGRAM_COUNT] = {
	[H_MEDIA_MOS_RECEIVED] = { "lineside_media_mos_received",
		"Estimated MOS (G.107) of what a leg received, by leg and call",
		100, 8, { 100, 200, 250, 310, 360, 400, 430, 450 } },
	[H_MEDIA_MOS_REPORTED] = { "lineside_media_mos_reported",
		"Estimated MOS (G.107) of what a leg's far end heard, by its RTCP",
		100, 8, { 100, 200, 250, 310, 360, 400, 430, 450 } },
	[H_MEDIA_LOSS_RECEIVED] = { "lineside_media_loss_received_ratio",
		"Share of packets that a leg did not receive",
		10000, 8, { 0, 10, 50, 100, 200, 500, 1000, 2000 } },
	[H_MEDIA_LOSS_REPORTED] = { "lineside_media_loss_reported_ratio",
		"Share of packets that a leg's far end did not receive, by its RTCP",
		10000, 8, { 0, 10, 50, 100, 200, 500, 1000, 2000 } },
	[H_MEDIA_JITTER_RECEIVED] = { "lineside_media_jitter_received_seconds",
		"Jitter (RFC 3550) of what a leg received, at its end",
		1000000, 8, { 1000, 2000, 5000, 10000, 20000, 40000, 80000, 160000 } },
	[H_MEDIA_ROUND_TRIP] = { "lineside_media_round_trip_seconds",
		"Round trip to a leg's far end, by RTCP, the last one",
		1000000, 8, { 1000, 5000, 20000, 50000, 100000, 200000, 400000, 1000000 } },
};
/* clang-format on */

static struct {
	_Atomic uint64_t in[HISTOGRAM_BOUNDS_MAX + 1], sum;
} counts[HISTOGRAM_COUNT];

void histogram_add(enum histogram h, uint64_t scaled)
{
	const struct histogram_row *r = &histogram_rows[h];
	size_t i = 0;

	need(h < HISTOGRAM_COUNT);
	while (i < r->n && scaled > r->bound[i])
		i++;
	counts[h].in[i]++;
	counts[h].sum += scaled;
}

void histogram_get(enum histogram h, struct histogram_read *out)
{
	const struct histogram_row *r = &histogram_rows[h];

	*out = (struct histogram_read){ .sum = counts[h].sum };
	for (size_t i = 0; i <= r->n; i++) {
		out->count += counts[h].in[i];
		if (i < r->n)
			out->upto[i] = out->count;
	}
}
