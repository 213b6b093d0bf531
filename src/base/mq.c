/*
 * Queue between threads: a list under a mutex, which is held for a few
 * instructions only, and an eventfd that is written when the first message comes
 * that is to wake the receiver. Written without the mutex, which the receiver, awake on another
 * processor at once, would only run into.
 */
#include "base/mq.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/obj.h"

struct mq {
	pthread_mutex_t lock;
	struct mq_node *first, **last; /* oldest first */
	size_t waiting, limit;
	bool woken; /* or about to be */
	bool rests; /* see mq_rest() */
	int fd;
	/* Senders that are not through: one may still have to write when the
	 * receiver has run its message and frees the queue. */
	atomic_uint sending;
};

struct mq *mq_new(size_t limit)
{
	struct mq *q = mem_new(sizeof(*q));

	pthread_mutex_init(&q->lock, NULL);
	q->last = &q->first;
	q->limit = limit;
	q->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* Like memory: a process out of descriptors while it starts a thread
	 * cannot go on. */
	need(q->fd >= 0);
	return q;
}

void mq_free(struct mq *q)
{
	if (q == NULL)
		return;
	need(q->first == NULL);
	while (atomic_load(&q->sending) > 0)
		sched_yield();
	close(q->fd);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

int mq_fd(const struct mq *q)
{
	return q->fd;
}

static void begin(struct mq *q)
{
	atomic_fetch_add(&q->sending, 1);
	pthread_mutex_lock(&q->lock);
}

static void end(struct mq *q, bool wake)
{
	wake = wake && !q->woken;
	q->woken = q->woken || wake;
	pthread_mutex_unlock(&q->lock);
	/* Cannot fail: the counter is far from its end. */
	if (wake)
		need(eventfd_write(q->fd, 1) == 0);
	atomic_fetch_sub(&q->sending, 1); /* q may be gone after this */
}

static int push(struct mq *q, struct mq_node *node, size_t limit, bool urgent)
{
	bool full = false;

	need(node->run != NULL);
	begin(q);
	full = q->waiting >= limit;
	if (!full) {
		node->next = NULL;
		*q->last = node;
		q->last = &node->next;
		q->waiting++;
	}
	end(q, !full && (urgent || q->rests));
	return full ? EAGAIN : 0;
}

void mq_push(struct mq *q, struct mq_node *node)
{
	need(push(q, node, SIZE_MAX, true) == 0);
}

void mq_leave(struct mq *q, struct mq_node *node)
{
	need(push(q, node, SIZE_MAX, false) == 0);
}

void mq_wake(struct mq *q)
{
	begin(q);
	end(q, q->first != NULL);
}

int mq_try_push(struct mq *q, struct mq_node *node)
{
	return push(q, node, q->limit, true);
}

bool mq_rest(struct mq *q)
{
	pthread_mutex_lock(&q->lock);
	q->rests = q->first == NULL;
	pthread_mutex_unlock(&q->lock);
	return q->rests; /* nobody else changes it */
}

size_t mq_run(struct mq *q)
{
	struct mq_node *node;
	eventfd_t ignored;
	size_t n = 0;

	/* First, so that what comes from here on wakes again; nothing to read
	 * when a message was taken before its sender came to write. */
	(void)!eventfd_read(q->fd, &ignored);
	pthread_mutex_lock(&q->lock);
	node = q->first;
	q->first = NULL;
	q->last = &q->first;
	q->waiting = 0;
	q->woken = q->rests = false;
	pthread_mutex_unlock(&q->lock);

	while (node != NULL) {
		struct mq_node *next = node->next;

		node->run(node); /* often frees the node */
		node = next;
		n++;
	}
	return n;
}
