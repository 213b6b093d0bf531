/* Things that may happen next, as crossings put them together. */
#ifndef LINESIDE_TESTS_SCENARIO_CROSS_H
#define LINESIDE_TESTS_SCENARIO_CROSS_H

#include "fair.h"

enum cross_kind {
	CROSS_REQUEST, /* in its dialog */
	CROSS_OFFER, /* the same, with a description */
	CROSS_ACK,
	CROSS_NO_ACK,
	CROSS_PRACK,
	CROSS_NO_PRACK,
	CROSS_CANCEL,
	CROSS_ANSWER, /* to a request of ours */
	CROSS_TIMEOUT, /* none came to it */
	CROSS_CLOSE, /* its connection is gone */
	CROSS_CLEAR, /* `lineside clear call` */
	CROSS_MEDIA, /* nothing is heard of media any more */
	CROSS_PLAYED, /* what A hears once has come to its end */
	CROSS_TICK, /* the next timer is due */
	CROSS_LINE, /* what the crossing's file says */
};

struct cross { /* one thing that may happen */
	enum cross_kind kind;
	char who[NAME_SIZE]; /* whose; "": nobody's */
	const char *method;
	char *line;
	int status; /* of an answer; CLEAR: which call */
};

/* All that may happen in the world as it stands; how many. */
size_t cross_list(struct cross *out, size_t max);
/* Does it; false: it cannot happen any more. */
bool cross_do(const struct cross *x);
void cross_name(const struct cross *x, char *out, size_t size);

#endif
