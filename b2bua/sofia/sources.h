/*
 * How many connections an address has, and the networks that it is of. Whoever
 * has one address of IPv6 has its /64, and many have a /48: more than their
 * share would else cost them nothing.
 */
#ifndef LINESIDE_SOFIA_SOURCES_H
#define LINESIDE_SOFIA_SOURCES_H

#include "base/addr.h"

struct sources;

struct source {
	struct source *next;
	struct source *wider; /* the network around it; NULL: none counts */
	struct addr host; /* or network */
	unsigned bits; /* 0: a host */
	unsigned n;
};

struct sources *sources_new(void) MUST_USE;
/* Nobody may be counted any more. NULL is fine. */
void sources_free(struct sources *s);
/* One more from there; until source_leave(). */
struct source *source_enter(
	struct sources *s, const struct addr *peer) MUST_USE;
void source_leave(struct sources *s, struct source *one); /* NULL is fine */

/* 0, or what is exceeded by it: an address has no more than `each`, a /64 ten
 * times that, a /48 half of `all`, though not less than one address. */
unsigned source_exceeds(
	const struct source *one, unsigned each, unsigned all) MUST_USE;

#endif
