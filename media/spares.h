/*
 * Pairs of sockets whose calls are over, kept open for the next calls of the same
 * worker: to make, bind, mark, watch and close them costs a call more system calls
 * than all of its signalling. For strangers such a pair is nothing more than a
 * closed one: the worker, whose epoll goes on watching it, throws away what comes,
 * and who goes on sending there closes it.
 *
 * A pair rests as ports.h wants it, the one that has rested longest is taken
 * first, and what nobody took for a minute is closed. A list under a mutex,
 * held for a few instructions, like that of base/mq.h.
 */
#ifndef LINESIDE_MEDIA_SPARES_H
#define LINESIDE_MEDIA_SPARES_H

#include "media/mport.h"
#include "media/ports.h"

enum {
	SPARE_MS = 60000, /* kept so long at most */
	SPARE_LATE_MS = 1000, /* so long the old call's packets may come, */
	SPARE_LATE_PACKETS = 64, /* so many of them */
	SPARE_FILES_PERCENT =
		40, /* of the limit of open files: spare sockets */
	SPARE_ROOM_PERCENT = 70, /* of it in use: no spare ones any more */
};

struct spares;

/* Both in the worker's name: before it runs, once it is through. The ports are
 * borrowed and must last longer. */
struct spares *spares_new(struct ports *ports) MUST_USE;
void spares_free(struct spares *s); /* NULL is fine */

/* On the sip thread. A pair at that address (whatever its port), which is the
 * caller's and whose ports are in use from then on; NULL: there is none. */
struct mpair *spares_take(
	struct spares *s, const struct addr *local, uint64_t now_ms) MUST_USE;
/* Any thread: from now on none of those there are is given out, and the worker
 * closes them. */
void spares_forget(struct spares *s);

/* The rest on the worker. A call ended: keeps the pair where there is room for it
 * and it is whole and watched, else closes it and gives its ports back. */
void spares_put(struct spares *s, struct mpair *pair, uint64_t now_ms);
/* Something came to a pair that has no call. Other pairs, and this one, stay in
 * memory until spares_tick(). */
void spares_heard(struct spares *s, struct mport *port, uint64_t now_ms);
void spares_tick(struct spares *s, uint64_t now_ms); /* some times a second */
bool spares_any(struct spares *s); /* spares_tick() is wanted */

#endif
