/*
 * The control socket: many clients, one question each, answered in frames
 * (request.h). Everything is bounded: clients, the length of a question, the
 * time for asking it and for taking the answer. On the services thread.
 */
#ifndef LINESIDE_CONTROL_H
#define LINESIDE_CONTROL_H

#include <sys/types.h>

#include "base/loop.h"
#include "control/request.h"

enum {
	CONTROL_CLIENTS_MAX = 64,
	CONTROL_ASK_MS = 10000, /* for the whole request line */
	CONTROL_STALL_MS = 30000, /* for taking any part of the answer */
};

struct control;
struct control_client; /* counted */

/* Called with each request; `c` is good until control_answer(), which may
 * come later but must come. The request borrows from `c`. */
typedef void control_run_fn(
	void *arg, struct control_client *c, const struct request *r);

/*
 * Binds the socket with mode 0660, replacing one that nobody listens on.
 * EADDRINUSE: somebody does. Any thread, before the rest.
 */
int control_listen(const char *path, int *fd) MUST_USE;

/* Takes the descriptor. */
struct control *control_new(
	struct loop *l, int fd, control_run_fn *run, void *arg) MUST_USE;
void control_free(struct control *c); /* hangs up on everybody */

/* Once for each request. */
void control_answer(
	struct control_client *c, struct slice out, struct slice err, int code);
/* False when it has hung up. */
bool control_waits(const struct control_client *c);
/* Who asks, as the kernel says. */
uid_t control_uid(const struct control_client *c);
pid_t control_pid(const struct control_client *c);

#endif
