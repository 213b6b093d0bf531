/*
 * Addresses that did not answer as they should: for a while they come last.
 * When that while is over, one request tries again; the others go on elsewhere
 * until it has been answered. Each failure in a row doubles the while. For
 * whoever chooses between addresses. Sip thread.
 */
#ifndef LINESIDE_B2BUA_FAILED_H
#define LINESIDE_B2BUA_FAILED_H

#include "base/addr.h"
#include "conf/model_base.h"

enum {
	FAILED_MAX = 256, /* that are remembered */
	FAILED_FIRST_MS = 30000,
	FAILED_LONGEST_MS = 480000,
};

struct failed {
	struct failed *next;
	struct addr addr;
	enum conf_transport transport;
	unsigned times; /* in a row */
	uint64_t until_ms; /* nobody goes there before */
	uint64_t since_ms;
};
struct failed_info { /* for show */
	struct addr addr;
	enum conf_transport transport;
	unsigned times;
	uint64_t since_ms, left_ms; /* ago; until it is tried again */
};
struct failed_way { /* a name, and how often that changed */
	struct failed_way *next;
	char *host;
	uint32_t changes;
};
struct failed_set {
	struct failed *first;
	struct failed_way *ways; /* names of the configuration: few */
	size_t n, nways;
};

/* It failed; true: and did not a moment ago. `random` spreads the return. */
bool failed_add(struct failed_set *s, enum conf_transport t,
	const struct addr *a, uint64_t now_ms, uint32_t random);
/* It answered; true: and had failed. */
bool failed_clear(
	struct failed_set *s, enum conf_transport t, const struct addr *a);
/* Better not now. When its time is over this is false once, for a trial. */
bool failed_avoid(struct failed_set *s, enum conf_transport t,
	const struct addr *a, uint64_t now_ms);
/* One of the name's addresses failed or is back; how often that was so. */
void failed_changed(struct failed_set *s, const char *host);
uint32_t failed_changes(const struct failed_set *s, const char *host);
void failed_free(struct failed_set *s);

#endif
