/* What `lineside metrics` tells beside the tables of counters and histograms:
 * gauges, and counters with labels. */
#ifndef LINESIDE_FAMILIES_H
#define LINESIDE_FAMILIES_H

#include <stddef.h>

struct metric_family {
	const char *name; /* of a counter: without "_total" */
	const char *type; /* "gauge", "counter" */
	const char *labels; /* "": none */
	const char *help;
};
extern const struct metric_family metric_families[];
extern const size_t metric_families_n;
/* There must be one. Any thread. */
const struct metric_family *metric_family(const char *name);

#endif
