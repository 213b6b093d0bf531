/*
 * One stream of a leg's description, read from the text that the leg keeps.
 * Read when needed: a call at rest keeps texts alone.
 */
#ifndef LINESIDE_B2BUA_DESC_H
#define LINESIDE_B2BUA_DESC_H

#include "b2bua/call/call_int.h"

struct desc { /* a text, read */
	struct sdp sdp;
	size_t at; /* the section */
	struct mdesc m;
};

/* A description of that leg's. Stream 0 of a text whose sections nobody knows
 * yet is the one that sdp_find_main() finds. NEG_NO_AUDIO: it has no such
 * stream. */
enum neg_result desc_read(struct desc *d, const struct leg *l,
	struct slice text, int stream) MUST_USE;
/* Of a text that has nothing to do with the leg's sections: stream 0. */
enum neg_result desc_read_apart(
	struct desc *d, const struct leg *l, struct slice text) MUST_USE;
void desc_wipe(struct desc *d); /* keys */

/*
 * One event of a call asks for the same few descriptions a dozen times: what
 * was read between begin and end is kept and copied. It has keys, so it is
 * wiped at the end. Events may nest.
 */
struct desc_memo *desc_memo_new(void) MUST_USE;
void desc_memo_free(struct desc_memo *memo);
void desc_memo_begin(struct desc_memo *memo);
void desc_memo_end(struct desc_memo *memo);

/* The text that stands: to come, else in force; NULL: there is none. */
const char *desc_local(const struct leg *l);
const char *desc_remote(const struct leg *l);

/* What is in force on a leg, to keep keys by. Zeroed when there is nothing. */
struct desc_before {
	struct desc local, remote;
	struct neg_before b;
};
void desc_before_read(struct desc_before *v, const struct leg *l, int stream);
void desc_before_wipe(struct desc_before *v);

#endif
