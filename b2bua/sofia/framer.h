/*
 * SIP messages in a stream of bytes (TCP, TLS): where one begins and ends,
 * and whether it keeps to limits, before Sofia's parser sees it. Its header
 * parsing is quadratic in the number of headers, and it takes a message in
 * pieces for as long as a peer likes; so it gets whole messages only.
 */
#ifndef LINESIDE_B2BUA_FRAMER_H
#define LINESIDE_B2BUA_FRAMER_H

#include "base/slice.h"

enum {
	FRAMER_MESSAGE_MAX = 24576, /* headers and body */
	FRAMER_HEADERS_MAX = 200, /* lines, folded ones included */
};

enum framer_verdict {
	FRAMER_MORE, /* not complete yet */
	FRAMER_MESSAGE, /* `size` bytes are one message */
	FRAMER_BLANK, /* `size` bytes of CR and LF between messages */
	FRAMER_GARBAGE, /* no SIP start line, or no or two Content-Lengths */
	FRAMER_TOO_LONG,
	FRAMER_TOO_MANY_HEADERS,
};

/* What the next scan need not look at again; starts and restarts as { 0 }. */
struct framer {
	size_t at; /* start of the first line that is not complete */
	unsigned lines;
	bool has_length;
	size_t body;
	size_t header_size; /* 0: the headers are not complete */
};

/* `data`: everything from the start of a message on. Pure. */
enum framer_verdict framer_scan(
	struct framer *f, struct slice data, size_t *size);
/* More header lines than Sofia's parser may see: for a datagram. Pure. */
bool framer_too_many_headers(struct slice datagram);
const char *framer_verdict_text(enum framer_verdict v);

#endif
