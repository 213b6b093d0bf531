/*
 * A listening TCP socket with a gate: accepts, refuses what is too much, and
 * hands on the rest. On the thread of its loop.
 */
#ifndef LINESIDE_PHONEPROXY_DOORWAY_H
#define LINESIDE_PHONEPROXY_DOORWAY_H

#include "base/loop.h"
#include "phoneproxy/serve/gate.h"

/* Binds and listens, on any thread. errno of socket(), bind(), listen(). */
int doorway_bind(const struct addr *at, int *out) MUST_USE;

struct doorway;

/* The descriptor (non-blocking) is the callee's; doorway_left() when it is
 * closed. */
typedef void doorway_fn(void *arg, int fd, const struct addr *peer);

/* Takes the descriptor. */
struct doorway *doorway_new(struct loop *l, int fd, const struct gate_limits *g,
	doorway_fn *fn, void *arg) MUST_USE;
void doorway_limits(struct doorway *d, const struct gate_limits *g);
/* Listens on another socket instead; takes it. Who is inside stays counted. */
void doorway_move(struct doorway *d, int fd);
void doorway_free(struct doorway *d); /* NULL is fine */
void doorway_left(struct doorway *d, const struct addr *peer);

struct doorway_count {
	unsigned open;
	uint64_t accepted;
	uint64_t refused[GATE_VERDICTS]; /* by why */
};
void doorway_count(const struct doorway *d, struct doorway_count *out);

#endif
