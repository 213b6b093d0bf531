/* Ports for a leg. See reserve.h. */
#include "media/reserve.h"

#include <errno.h>

#include "base/thread.h"

enum { BIND_TRIES = 64 };

static int reserve_new(struct mleg *leg, struct ports *ports, struct addr local)
{
	uint16_t port = 0;
	int err = ports_take(ports, clock_ms(), &port);

	if (err != 0)
		return err;
	addr_set_port(&local, port);
	err = mleg_open(leg, &local);
	if (err != 0)
		ports_give(ports, clock_ms(), port);
	return err;
}

int reserve_leg(struct mleg *leg, const struct reserve_from *from,
	const struct addr *local)
{
	struct mpair *spare = NULL;
	int err = EADDRINUSE;

	if (from->spares != NULL)
		spare = spares_take(from->spares, local, clock_ms());
	if (spare != NULL) {
		mleg_reuse(leg, spare);
		return 0;
	}
	/* Other programs may sit in our range: their ports are passed over. */
	for (unsigned i = 0; i < BIND_TRIES && err == EADDRINUSE; i++)
		err = reserve_new(leg, from->ports, *local);
	return err == EADDRINUSE ? EAGAIN : err;
}
