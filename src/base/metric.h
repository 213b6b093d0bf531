/*
 * Counters: rows of metrics.def. One set per thread, written without locks by
 * its thread, added up by whoever reads. Any thread.
 */
#ifndef LINESIDE_BASE_METRIC_H
#define LINESIDE_BASE_METRIC_H

#include <stdint.h>

enum metric {
#define METRIC(id, name, help) M_##id,
#include "base/metrics.def"
#undef METRIC
	METRIC_COUNT
};

struct metric_row {
	const char *name; /* "lineside_sip_calls_total" */
	const char *help;
};
extern const struct metric_row metric_rows[METRIC_COUNT];

void metric_add(enum metric m, uint64_t n);
static inline void metric_inc(enum metric m)
{
	metric_add(m, 1);
}
uint64_t metric_read(enum metric m);

#endif
