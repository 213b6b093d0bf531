/*
 * Streams that went one way lately, of calls that are up and of calls that are
 * over: what show and the doctor tell. The oldest makes room.
 */
#ifndef LINESIDE_B2BUA_ONEWAYS_H
#define LINESIDE_B2BUA_ONEWAYS_H

#include "b2bua/core/core.h"

enum { ONEWAYS_KEPT = 32 };

struct oneways { /* starts as { 0 } */
	uint64_t n; /* ever noted; the newest at (n - 1) % */
	struct oneway_info v[ONEWAYS_KEPT];
};

void oneways_begin(struct oneways *o, const struct oneway_info *info);
/* That stream is over or heard again; nothing where it was not noted. */
void oneways_end(struct oneways *o, uint32_t call, char leg, const char *media,
	uint64_t now_ms);

#endif
