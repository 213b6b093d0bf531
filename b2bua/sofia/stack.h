/*
 * Sofia's su_root on the sip thread, under a loop of our own: su_root_run()
 * spins with a zero timeout before every timer. Our queue's descriptor is
 * registered in the root.
 */
#ifndef LINESIDE_B2BUA_STACK_H
#define LINESIDE_B2BUA_STACK_H

#include "b2bua/sofia/sofia.h"
#include "b2bua/sofia/tport_stream.h"
#include "base/mq.h"

struct stack;

/* On the thread that will run it. ENOTSUP: not the Sofia that we know, *why
 * says what differs. The queue is borrowed. */
int stack_new(struct stack **out, struct mq *queue, const char **why) MUST_USE;
void stack_free(struct stack *s);
su_root_t *stack_root(struct stack *s);
struct mq *stack_queue(struct stack *s);
/* What is sent before each wait. */
struct outbox *stack_outbox(struct stack *s);
/* Runs until stack_stop, which any callback may call. */
void stack_run(struct stack *s);
void stack_stop(struct stack *s);
/* Runs until `done` says so, at most `ms`; false: time was up. */
bool stack_run_until(
	struct stack *s, bool (*done)(void *arg), void *arg, unsigned ms);

#endif
