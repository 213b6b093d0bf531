/* Libevent with a queue, timers and a check of who calls. */
#include "base/loop.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/obj.h"

struct loop {
	struct event_base *base;
	struct mq *queue;
	struct event *queue_event; /* the queue's eventfd is readable */
	enum thread_role role;
	atomic_bool running; /* then `thread` is valid */
	pthread_t thread;
	atomic_bool stopping; /* stop_node is, or was, in the queue */
	struct mq_node stop_node;
};

struct loop_timer {
	struct loop *loop; /* borrowed */
	struct event *event;
	loop_timer_fn *fn;
	void *arg;
};

static void on_queue(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;

	(void)fd;
	(void)what;
	mq_run(l->queue);
}

static void on_stop(struct mq_node *node)
{
	struct loop *l = MQ_HOLDER(node, struct loop, stop_node);

	event_base_loopbreak(l->base);
}

struct loop *loop_new(enum thread_role role, size_t queue_limit)
{
	struct loop *l = mem_new(sizeof(*l));

	l->role = role;
	l->base = event_base_new();
	need(l->base != NULL);
	l->queue = mq_new(queue_limit);
	l->queue_event = event_new(
		l->base, mq_fd(l->queue), EV_READ | EV_PERSIST, on_queue, l);
	need(l->queue_event != NULL);
	need(event_add(l->queue_event, NULL) == 0);
	l->stop_node.run = on_stop;
	return l;
}

void loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	need(!atomic_load(&l->running));
	while (mq_run(l->queue) > 0)
		;
	event_free(l->queue_event);
	mq_free(l->queue);
	event_base_free(l->base);
	free(l);
}

struct event_base *loop_base(struct loop *l)
{
	return l->base;
}

struct mq *loop_queue(struct loop *l)
{
	return l->queue;
}

bool loop_is_mine(const struct loop *l)
{
	return on_thread(l->role) &&
	       (!atomic_load_explicit(&l->running, memory_order_acquire) ||
		       pthread_equal(l->thread, pthread_self()));
}

void loop_run(struct loop *l)
{
	need(on_thread(l->role));
	need(!atomic_load(&l->running));
	l->thread = pthread_self();
	atomic_store_explicit(&l->running, true, memory_order_release);
	need(event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY) >= 0);
	atomic_store_explicit(&l->running, false, memory_order_release);
}

void loop_stop(struct loop *l)
{
	if (!atomic_exchange(&l->stopping, true))
		mq_push(l->queue, &l->stop_node);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *t = arg;

	(void)fd;
	(void)what;
	t->fn(t->arg);
}

struct loop_timer *loop_timer_new(struct loop *l, loop_timer_fn *fn, void *arg)
{
	need(loop_is_mine(l));
	struct loop_timer *t = mem_new(sizeof(*t));

	*t = (struct loop_timer){ .loop = l, .fn = fn, .arg = arg };
	t->event = evtimer_new(l->base, on_timer, t);
	need(t->event != NULL);
	return t;
}

void loop_timer_start(struct loop_timer *t, uint64_t ms)
{
	struct timeval tv = { .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000) };

	need(loop_is_mine(t->loop));
	need(evtimer_add(t->event, &tv) == 0);
}

void loop_timer_stop(struct loop_timer *t)
{
	need(loop_is_mine(t->loop));
	evtimer_del(t->event);
}

void loop_timer_free(struct loop_timer *t)
{
	if (t == NULL)
		return;
	need(loop_is_mine(t->loop));
	event_free(t->event); /* stops it */
	free(t);
}
