/* Media that would come back to us without end. See circle.h. */
#include "media/circle.h"

#include "base/need.h"

enum { HOPS = 64 }; /* more calls in a row than anybody means */

static unsigned slot_of(const struct addr *a)
{
	return addr_port(a) / 2 % CIRCLE_SLOTS; /* RTP and RTCP alike */
}

void circle_add(struct circle *c, struct circle_leg *leg)
{
	unsigned slot = slot_of(leg->local);

	leg->next = c->slot[slot];
	c->slot[slot] = leg;
}

void circle_remove(struct circle *c, struct circle_leg *leg)
{
	struct circle_leg **at = &c->slot[slot_of(leg->local)];

	while (*at != leg) {
		need(*at != NULL);
		at = &(*at)->next;
	}
	*at = leg->next;
}

static const struct circle_leg *ours(
	const struct circle *c, const struct addr *a)
{
	const struct circle_leg *leg = NULL;

	if (!addr_is_set(a) || addr_port(a) == 0)
		return NULL;
	for (leg = c->slot[slot_of(a)]; leg != NULL; leg = leg->next)
		if (addr_port(leg->local) / 2 == addr_port(a) / 2 &&
			addr_same_host(leg->local, a))
			return leg;
	return NULL;
}

bool circle_closes(const struct circle *c, const struct circle_leg *leg,
	const struct addr *to)
{
	const struct circle_leg *at = ours(c, to);

	for (unsigned i = 0; at != NULL; i++) {
		if (at == leg->other || i == HOPS)
			return true;
		at = ours(c, &at->other->to);
	}
	return false;
}
