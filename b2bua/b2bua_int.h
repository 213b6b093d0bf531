/* What the files of b2bua.h share. */
#ifndef LINESIDE_B2BUA_B2BUA_INT_H
#define LINESIDE_B2BUA_B2BUA_INT_H

#include <pthread.h>
#include <semaphore.h>

#include "b2bua/b2bua.h"
#include "b2bua/sofia/sip_nta.h"

struct trustpoints { /* counted array of a configuration's */
	struct trustpoint **v;
	size_t n;
};

struct b2bua {
	struct mq *queue;
	struct media *media;
	struct hs_pool *hs;
	pthread_t thread;
	bool running;
	sem_t ready; /* the thread has begun, or failed to */
	int start_err;
	/* sip thread */
	struct work *work; /* host names */
	struct stack *stack;
	struct sip_port *port;
	struct core *core; /* NULL before the first configuration */
	struct conf *conf;
	struct trustpoints trustpoints;
};

/* Runs `fn` on the sip thread and waits for it. Main thread. */
void b2bua_call(
	struct b2bua *b, void (*fn)(struct b2bua *b, void *arg), void *arg);
void trustpoints_free(struct trustpoints *t);

#endif
