/*
 * Where a stream stands: packet indexes from 16-bit sequence numbers, and
 * which indexes were seen (RFC 3711 3.3.1, 3.3.2). Plain data, so that it can
 * be handed to another process.
 */
#ifndef LINESIDE_MEDIA_SRTP_INDEX_H
#define LINESIDE_MEDIA_SRTP_INDEX_H

#include <stdbool.h>
#include <stdint.h>

enum { REPLAY_SPAN = 128 };

struct replay { /* { 0 }: nothing seen */
	uint64_t top; /* highest index seen */
	uint64_t seen[2]; /* bit n: top - n was seen */
};

/* Was it seen before, or is it too old to tell? */
bool replay_known(const struct replay *r, uint64_t index);
void replay_mark(struct replay *r, uint64_t index);

/* The index nearest to `top` whose low 16 bits are `seq`. */
uint64_t index_guess(uint64_t top, uint16_t seq);

#endif
