/* Packet indexes and replay windows. See srtp_index.h. */
#include "media/srtp_index.h"

bool replay_known(const struct replay *r, uint64_t index)
{
	uint64_t age = 0;

	if (index > r->top)
		return false;
	age = r->top - index;
	if (age >= REPLAY_SPAN)
		return true;
	return (r->seen[age / 64] >> (age % 64) & 1) != 0;
}

static void shift(uint64_t seen[2], uint64_t by)
{
	if (by >= REPLAY_SPAN) {
		seen[0] = seen[1] = 0;
	} else if (by >= 64) {
		seen[1] = seen[0] << (by - 64);
		seen[0] = 0;
	} else if (by > 0) {
		seen[1] = seen[1] << by | seen[0] >> (64 - by);
		seen[0] <<= by;
	}
}

void replay_mark(struct replay *r, uint64_t index)
{
	uint64_t age = 0;

	if (index > r->top) {
		shift(r->seen, index - r->top);
		r->top = index;
	}
	age = r->top - index;
	if (age < REPLAY_SPAN)
		r->seen[age / 64] |= (uint64_t)1 << (age % 64);
}

uint64_t index_guess(uint64_t top, uint16_t seq)
{
	uint64_t roc = top >> 16;
	uint16_t last = (uint16_t)top;

	if (last < 0x8000) {
		/* Before the first packet there is nothing to go back to. */
		if (seq - last > 0x8000 && roc > 0)
			roc--;
	} else if (last - 0x8000 > seq) {
		roc++;
	}
	return roc << 16 | seq;
}
