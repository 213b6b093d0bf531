/*
 * One stream of a leg's description, read from the text that the leg keeps.
 * Read when needed: a call at rest keeps texts alone.
 */
#ifndef LINESIDE_B2BUA_DESC_H
#define LINESIDE_B2BUA_DESC_H

#include "b2bua/call_int.h"

struct desc { /* a text, read */
	struct sdp sdp;
	size_t at; /* the section */
	struct mdesc m;
};

/* Stream 0 of a text whose sections nobody knows yet is the one that
 * sdp_find_main() finds. NEG_NO_AUDIO: it has no such stream. */
enum neg_result desc_read(struct desc *d, struct slice text,
	const struct sdp_shape *shape, int stream) MUST_USE;
void desc_wipe(struct desc *d); /* keys */

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
