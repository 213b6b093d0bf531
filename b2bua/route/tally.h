/*
 * What became of the calls of each dial-peer. Kept by its number across
 * reloads; each step costs the same however many dial-peers and calls there
 * are. Sip thread.
 */
#ifndef LINESIDE_B2BUA_TALLY_H
#define LINESIDE_B2BUA_TALLY_H

#include "conf/conf.h"

enum tally_end { /* how a call ended that was not answered */
	TALLY_BUSY, /* Q.850 17 */
	TALLY_NO_ANSWER, /* 18, 19, 102: nobody took it in time */
	TALLY_REJECTED, /* 21, 55, 57: not allowed, not wanted */
	TALLY_NO_ROUTE, /* 1 to 3, 22, 25, 27, 28, 38: no such number or way */
	TALLY_RESOURCES, /* 34, 41 to 44, 47, 63: no room, or in trouble */
	TALLY_MEDIA, /* 65, 79, 88: nothing in common */
	TALLY_CANCELLED, /* the caller hung up before */
	TALLY_OTHER,
	TALLY_ENDS
};
extern const char *const tally_end_names[TALLY_ENDS]; /* "busy", … */
enum tally_end tally_end_of(unsigned q850);

struct tally {
	unsigned tag;
	uint64_t in, out; /* calls that came in by it, that were sent by it */
	uint64_t answered, seconds; /* of both */
	uint64_t failed[TALLY_ENDS];
	uint64_t full; /* times that max-conn was in the way */
	unsigned current;
	unsigned last_q850; /* of the last that ended; 0: none yet */
};

struct tallies;
struct tallies *tallies_new(void) MUST_USE;
void tallies_free(struct tallies *t);
/* Dial-peers that are gone are forgotten, once their calls are. */
void tallies_configure(struct tallies *t, const struct conf *c);
/* NULL: no such dial-peer. Good until the next configuration. */
struct tally *tally_of(struct tallies *t, unsigned tag);
/* Copies by ascending tag; free() them. */
struct tally *tallies_read(const struct tallies *t, size_t *n);
void tallies_clear(struct tallies *t); /* but for `current` */

/* ---- of a leg's dial-peer; tag 0: nothing is counted ---- */

enum tally_way { TALLY_IN, TALLY_OUT };
void tally_begin(struct tallies *t, unsigned tag, enum tally_way w);
void tally_answered(
	struct tallies *t, unsigned tag, uint64_t seconds, unsigned q850);
void tally_failed(
	struct tallies *t, unsigned tag, enum tally_end e, unsigned q850);
/* It comes again (credentials): as if it had not been. */
void tally_undo(struct tallies *t, unsigned tag, enum tally_way w);

#endif
