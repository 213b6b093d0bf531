/* The threads that handshakes run in. */
#ifndef LINESIDE_CERTS_HS_LOOP_H
#define LINESIDE_CERTS_HS_LOOP_H

#include "certs/tls/handshake_int.h"

struct farewell; /* a refused peer that still has to read our alert */

struct hs_thread {
	enum hs_source source; /* first: events point here */
	pthread_t thread;
	unsigned index;
	int epoll;
	struct mq *queue;
	struct mq_node stop_node;
	bool stopping;
	struct hs *first; /* handshakes of this thread */
	struct farewell *lingering;
	unsigned nlingering;
	uint64_t next_check; /* when the earliest deadline may have passed */
};

int hs_thread_start(struct hs_thread *t, unsigned index) MUST_USE;
void hs_thread_add(struct hs_thread *t, struct hs *h); /* any thread */
/* Cancels what is under way, and waits for the thread to end. */
void hs_thread_stop(struct hs_thread *t);

#endif
