/*
 * Who may have how many connections: in all, from one source, and how many new
 * ones a minute. Ports that face the Internet stand behind one. An IPv6 source
 * is its /64: who has one address there has them all.
 */
#ifndef LINESIDE_PHONEPROXY_GATE_H
#define LINESIDE_PHONEPROXY_GATE_H

#include "base/addr.h"

struct gate_limits { /* 0: no limit */
	unsigned total;
	unsigned per_source;
	unsigned per_minute; /* new ones of one source */
};

enum gate_verdict {
	GATE_OPEN,
	GATE_TOTAL,
	GATE_SOURCE,
	GATE_RATE,
	GATE_VERDICTS
};

struct gate;

struct gate *gate_new(const struct gate_limits *l) MUST_USE;
void gate_set(struct gate *g, const struct gate_limits *l);
void gate_free(struct gate *g); /* NULL is fine */
/* `now` in ms of a clock that only goes forward. After GATE_OPEN, one
 * gate_leave() from the same source. */
enum gate_verdict gate_enter(
	struct gate *g, const struct addr *from, uint64_t now) MUST_USE;
void gate_leave(struct gate *g, const struct addr *from);
unsigned gate_inside(const struct gate *g);

#endif
