/*
 * A thread's event loop: libevent's base, a queue for messages from other
 * threads, and timers. Everything but loop_stop() and loop_queue() belongs to
 * the loop's thread: the one that called loop_run(), or whoever holds the loop
 * before and after that.
 *
 * Sockets are libevent's own events on loop_base(); evdns and evhttp go there
 * as well. Libevent's locks are not used: nobody else touches the base.
 */
#ifndef LINESIDE_BASE_LOOP_H
#define LINESIDE_BASE_LOOP_H

#include <event2/event.h>

#include "base/mq.h"
#include "base/thread.h"

struct loop;

/* `queue_limit` as for mq_new(). */
struct loop *loop_new(enum thread_role role, size_t queue_limit) MUST_USE;
/* After loop_run() has returned and its thread was joined. Messages that still
 * wait are run first, so that what they carry is not lost. */
void loop_free(struct loop *l);

struct event_base *loop_base(struct loop *l);
struct mq *loop_queue(struct loop *l); /* any thread may push */
/* Serves events until loop_stop(), and the messages that came before it. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l); /* any thread; more than once is fine */
/* True on the thread that may use the loop now. */
bool loop_is_mine(const struct loop *l);

/* Runs once per start, on the loop's thread. */
struct loop_timer;
typedef void loop_timer_fn(void *arg);
struct loop_timer *loop_timer_new(
	struct loop *l, loop_timer_fn *fn, void *arg) MUST_USE;
void loop_timer_start(struct loop_timer *t, uint64_t ms); /* restarts, too */
void loop_timer_stop(struct loop_timer *t);
/* NULL is fine; also from within its own function. */
void loop_timer_free(struct loop_timer *t);

#endif
