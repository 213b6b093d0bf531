/*
 * Distributions of what is measured once in a call: rows of a table, each with
 * fixed bounds. Any thread; not for every packet.
 */
#ifndef LINESIDE_BASE_HISTOGRAM_H
#define LINESIDE_BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum histogram {
	H_MEDIA_MOS_RECEIVED, /* hundredths */
	H_MEDIA_MOS_REPORTED,
	H_MEDIA_LOSS_RECEIVED, /* of 10,000 */
	H_MEDIA_LOSS_REPORTED,
	H_MEDIA_JITTER_RECEIVED, /* µs */
	H_MEDIA_ROUND_TRIP, /* µs */
	HISTOGRAM_COUNT
};

enum { HISTOGRAM_BOUNDS_MAX = 10 };

struct histogram_row {
	const char *name, *help; /* exposed in base units: name says which */
	unsigned scale; /* of what is added: so many are one unit */
	size_t n;
	unsigned bound[HISTOGRAM_BOUNDS_MAX]; /* scaled, ascending */
};
extern const struct histogram_row histogram_rows[HISTOGRAM_COUNT];

struct histogram_read {
	uint64_t upto[HISTOGRAM_BOUNDS_MAX]; /* cumulative, as n bounds say */
	uint64_t count, sum; /* scaled */
};

void histogram_add(enum histogram h, uint64_t scaled);
void histogram_get(enum histogram h, struct histogram_read *out);

#endif
