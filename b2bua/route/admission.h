/*
 * Which calls are taken when there are many or the host is busy: `call
 * threshold`, `call spike` and `max-conn` of voice service voip. Emergency
 * calls always are. Pure but for what it remembers and logs.
 */
#ifndef LINESIDE_B2BUA_ADMISSION_H
#define LINESIDE_B2BUA_ADMISSION_H

#include "conf/conf.h"

enum { ADMISSION_STEPS_MAX = 10 };
struct admission { /* starts as { 0 } */
	/* Bits by conf_threshold: the high mark was reached, the low one not
	 * yet. */
	unsigned above;
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

/* The figures that thresholds are about: calls, and percent. */
struct admission_figures {
	unsigned now[CONF_THRESHOLDS];
};

/* A call arrives while things stand so; it counts for the next one in any
 * case. `called`: the number as it came. */
enum admitted admission_judge(struct admission *a, const struct conf *c,
	const struct admission_figures *f, struct slice called,
	uint64_t now_ms);
/* What a->above is now; each mark that is passed is logged. */
void admission_look(struct admission *a, const struct conf *c,
	const struct admission_figures *f);
bool admission_emergency(const struct conf *c, struct slice called);

#endif
