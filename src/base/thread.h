/*
 * The process's threads (docs/architecture.md). State belongs to one thread;
 * its functions begin with need(on_thread(THR_SIP)).
 */
#ifndef LINESIDE_BASE_THREAD_H
#define LINESIDE_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/need.h"

enum thread_role {
	THR_NONE, /* unit tests: on_thread() is always true */
	THR_MAIN,
	THR_SIP,
	THR_TLS,
	THR_MEDIA,
	THR_SERVICES,
	THR_HELPER,
};

/* Names the calling thread (also for ps and gdb) and gives it its role. */
void thread_enter(enum thread_role role, const char *name);
bool on_thread(enum thread_role role);
/* All signals blocked in the new thread: main alone takes them. */
int thread_start(pthread_t *out, void *(*fn)(void *), void *arg) MUST_USE;

uint64_t clock_ms(void); /* CLOCK_MONOTONIC, milliseconds */
uint64_t clock_ns(void);

#endif
