/*
 * Media sockets: bound, non-blocking, marked for expedited forwarding. A leg has
 * a pair of them, RTP's and RTCP's on the port above.
 */
#ifndef LINESIDE_MEDIA_MPORT_H
#define LINESIDE_MEDIA_MPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

enum channel { CH_RTP, CH_RTCP, CHANNELS }; /* also: which socket */

struct bridge;

struct mport { /* a socket, as epoll names it */
	struct bridge *bridge; /* the worker's */
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
};

/* errno of the system; EADDRINUSE: somebody else has the port. */
int mport_open(int *fd, const struct addr *local) MUST_USE;
void mport_close(int *fd); /* -1 from then on; so it may be before */

/* Without sockets. `local` has an even port. */
struct mpair *mpair_new(const struct addr *local) MUST_USE;
void mpair_close(struct mpair *pair); /* its sockets */
void mpair_free(struct mpair *pair); /* closes them; NULL is fine */
struct addr mpair_rtcp(const struct mpair *pair); /* the port above */

#endif
