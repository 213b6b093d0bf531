/*
 * Which calls are taken when there are many: `call threshold`, `call spike`
 * and `max-conn` of voice service voip. Emergency calls always are. Pure but
 * for what it remembers.
 */
#ifndef LINESIDE_B2BUA_ADMISSION_H
#define LINESIDE_B2BUA_ADMISSION_H

#include "conf/conf.h"

enum { ADMISSION_STEPS_MAX = 10 };
struct admission { /* starts as { 0 } */
	bool above; /* the high threshold was reached, the low one not yet */
	uint64_t step; /* the newest, counted from 0 ms */
	unsigned calls[ADMISSION_STEPS_MAX]; /* that came in a step */
};

enum admitted {
	ADMIT,
	ADMIT_EMERGENCY, /* beyond a limit */
	ADMIT_NOT_LIMIT, /* max-conn */
	ADMIT_NOT_THRESHOLD,
	ADMIT_NOT_SPIKE,
};

/* A call arrives while `calls` are there; it counts for the next one in any
 * case. `called`: the number as it came. */
enum admitted admission_judge(struct admission *a, const struct conf *c,
	size_t calls, struct slice called, uint64_t now_ms);
bool admission_emergency(const struct conf *c, struct slice called);

#endif
