/*
 * Media sockets: bound, non-blocking, marked for expedited forwarding. A leg has
 * a pair of them, RTP's and RTCP's on the port above. A pair outlives its call
 * where the next one may have it: see spares.h.
 */
#ifndef LINESIDE_MEDIA_MPORT_H
#define LINESIDE_MEDIA_MPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

enum channel { CH_RTP, CH_RTCP, CHANNELS }; /* also: which socket */

struct bridge;

struct mport { /* a socket, as epoll names it */
	struct bridge *bridge; /* NULL: the pair is spare. The worker's */
	uint8_t side;
	bool watched; /* by the worker's epoll */
	enum channel channel;
	int fd; /* -1: closed */
	uint64_t read_ns; /* when the worker read from it last */
};

struct mpair {
	/* all that a packet needs of it, in one line of the cache */
	_Alignas(64) struct mport port[CHANNELS];
	struct addr local; /* RTP's */
	uint8_t dscp; /* as the sockets are marked */
	/* While it is spare; prev NULL: it is not. */
	struct mpair *next, **prev;
	uint64_t since_ms; /* its call ended */
	unsigned heard; /* packets since */
};

/* errno of the system; EADDRINUSE: somebody else has the port. */
int mport_open(int *fd, const struct addr *local) MUST_USE;
void mport_close(int *fd); /* -1 from then on; so it may be before */

/* Without sockets. `local` has an even port. */
struct mpair *mpair_new(const struct addr *local) MUST_USE;
void mpair_close(struct mpair *pair); /* its sockets */
void mpair_free(struct mpair *pair); /* closes them; NULL is fine */
struct addr mpair_rtcp(const struct mpair *pair); /* the port above */
bool mpair_is_whole(const struct mpair *pair); /* both sockets are open */
struct mpair *mport_pair(struct mport *port); /* whose socket that is */

#endif
