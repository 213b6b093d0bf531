/*
 * A media thread: commands come in through a queue, packets through epoll.
 * It wakes at once while there is little to do; under load it looks once in
 * half a millisecond and takes what has gathered, since waking costs more
 * than a packet.
 */
#ifndef LINESIDE_MEDIA_WORKER_H
#define LINESIDE_MEDIA_WORKER_H

#include "base/mq.h"
#include "media/bridge.h"
#include "media/spares.h"

struct worker;

/* The ports are borrowed and must last longer. */
int worker_start(
	struct worker **out, unsigned number, struct ports *ports) MUST_USE;
/* After all that was posted before. Every bridge must have been removed. */
void worker_stop(struct worker *w); /* NULL is fine */
void worker_post(struct worker *w, struct mq_node *node); /* any thread */
/* The same for what may wait for a tenth of a second, or for worker_wake(). */
void worker_leave(struct worker *w, struct mq_node *node);
void worker_wake(struct worker *w); /* any thread */

/* On the worker. The sockets are open; errno of epoll. */
int worker_add(struct worker *w, struct bridge *br) MUST_USE;
/* On the worker: sockets of the bridge that were opened since are read, too. */
int worker_watch(struct worker *w, struct bridge *br) MUST_USE;
void worker_remove(struct worker *w, struct bridge *br); /* closes it */
/* Part of that, for a bridge that was never added: its pairs of sockets are kept
 * or closed, their ports given back. */
void worker_part(struct worker *w, struct bridge *br);

/* Pairs that the next bridge of this worker may have. */
struct spares *worker_spares(struct worker *w);

/* On the worker: a bridge has got a player, or a key. */
void worker_play(struct worker *w, struct bridge *br);

/* Figures of about the last second. Any thread; sets all but `calls`. */
void worker_load(const struct worker *w, struct media_load *out);

#endif
