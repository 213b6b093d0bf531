/*
 * Queue between threads: many senders, one receiver, woken by an eventfd.
 * A message is a node inside a struct that the sender allocated; it hands over
 * what it carries. mq_push never fails, so that a teardown, whose node lives
 * in the object itself, always gets through; mq_try_push refuses when `limit`
 * messages wait, for what may be refused (a new call). mq_leave is for what can
 * wait until the receiver is awake anyway, or until mq_wake() when all of
 * several are there: waking costs more than most messages.
 */
#ifndef LINESIDE_BASE_MQ_H
#define LINESIDE_BASE_MQ_H

#include "base/need.h"
#include <stdbool.h>
#include <stddef.h>

struct mq_node {
	struct mq_node *next;
	void (*run)(struct mq_node *node); /* on the receiver's thread */
};

struct mq;

struct mq *mq_new(size_t limit) MUST_USE;
void mq_free(struct mq *q); /* must be empty; senders are gone */
int mq_fd(const struct mq *q); /* readable when something waits */
void mq_push(struct mq *q, struct mq_node *node);
int mq_try_push(struct mq *q, struct mq_node *node) MUST_USE; /* EAGAIN */
/* Without waking a receiver that looks from time to time by itself. */
void mq_leave(struct mq *q, struct mq_node *node);
void mq_wake(struct mq *q); /* as the push of what was left would have */
/* Receiver: until the next mq_run() it looks only when woken, so that mq_leave
 * wakes, too. False: something waits already. */
bool mq_rest(struct mq *q) MUST_USE;
/* Receiver: runs what waited at the time of the call. Number of messages. */
size_t mq_run(struct mq *q);

/* The struct that holds a node: MQ_HOLDER(node, struct my_msg, node) */
#define MQ_HOLDER(ptr, type, member)                                           \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
