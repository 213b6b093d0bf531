/* RTP port pairs. See ports.h. */
#include "media/ports.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/obj.h"
#include "base/secret.h"

enum {
	PAIRS = 32768,
	LEAST_RANGE = 256, /* pairs, for some of them to be kept */
};

/* What a pair is: one of these, or the time (ms) at which it was given back. */
static const uint64_t fresh = 0, in_use = UINT64_MAX, kept = UINT64_MAX - 1;

struct ports {
	_Atomic uint64_t pair[PAIRS]; /* by port / 2, whatever the range */
	_Atomic unsigned first, count; /* the range, in pairs */
	_Atomic unsigned used, kept;
};

struct ports *ports_new(uint16_t min, uint16_t max)
{
	struct ports *ps = mem_new(sizeof(*ps));

	ports_set_range(ps, min, max);
	return ps;
}

void ports_free(struct ports *ps)
{
	free(ps);
}

void ports_set_range(struct ports *ps, uint16_t min, uint16_t max)
{
	unsigned first = ((unsigned)min + 1) / 2;
	unsigned end = (unsigned)max / 2 + 1; /* the pair behind the last */

	ps->first = first;
	ps->count = end > first ? end - first : 0;
}

static bool take(struct ports *ps, unsigned at, uint64_t was, uint16_t *out)
{
	/* Nobody else takes, so what is free stays free. */
	if (!atomic_compare_exchange_strong(&ps->pair[at], &was, in_use))
		return false;
	ps->used++;
	*out = (uint16_t)(at * 2);
	return true;
}

int ports_take(struct ports *ps, uint64_t now_ms, uint16_t *out)
{
	unsigned first = ps->first, count = ps->count;
	unsigned start = count > 0 ? random_u32() % count : 0;
	uint64_t oldest = in_use;
	unsigned oldest_at = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned at = first + (start + i) % count;
		uint64_t was = ps->pair[at];

		if (was == in_use || was == kept)
			continue;
		/* it may have been given back since `now_ms` */
		if (was == fresh || now_ms >= was + PORTS_REST_MS)
			return take(ps, at, was, out) ? 0 : EAGAIN;
		if (was < oldest) {
			oldest = was;
			oldest_at = at;
		}
	}
	if (oldest == in_use)
		return EAGAIN;
	return take(ps, oldest_at, oldest, out) ? 0 : EAGAIN;
}

static void become(
	struct ports *ps, uint16_t port, uint64_t was, uint64_t will_be)
{
	need(port % 2 == 0 && ps->pair[port / 2] == was);
	ps->pair[port / 2] = will_be;
}

static uint64_t resting_since(uint64_t now_ms)
{
	return now_ms > 0 ? now_ms : 1;
}

void ports_give(struct ports *ps, uint64_t now_ms, uint16_t port)
{
	become(ps, port, in_use, resting_since(now_ms));
	ps->used--;
}

/* --- kept --- */

bool ports_keep(struct ports *ps, uint16_t port)
{
	unsigned first = ps->first, count = ps->count, at = port / 2;

	if (at < first || at >= first + count || count < LEAST_RANGE ||
		ps->used + ps->kept > count / 2)
		return false;
	become(ps, port, in_use, kept);
	ps->kept++;
	ps->used--;
	return true;
}

void ports_use_kept(struct ports *ps, uint16_t port)
{
	become(ps, port, kept, in_use);
	ps->used++;
	ps->kept--;
}

void ports_give_kept(struct ports *ps, uint64_t now_ms, uint16_t port)
{
	become(ps, port, kept, resting_since(now_ms));
	ps->kept--;
}

bool ports_few(struct ports *ps)
{
	return ps->kept > 0 && ps->used + ps->kept > ps->count / 4 * 3;
}

unsigned ports_used(struct ports *ps)
{
	return ps->used;
}

unsigned ports_kept(struct ports *ps)
{
	return ps->kept;
}

unsigned ports_count(struct ports *ps)
{
	return ps->count;
}
