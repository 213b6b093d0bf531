/* Roles of threads, starting them, and the clock. */
#include "base/thread.h"

#include <signal.h>
#include <time.h>

static _Thread_local enum thread_role role_here;

void thread_enter(enum thread_role role, const char *name)
{
	char text[16]; /* the kernel's limit */
	size_t n = 0;

	for (; name[n] != '\0' && n + 1 < sizeof(text); n++)
		text[n] = name[n];
	text[n] = '\0';
	role_here = role;
	(void)pthread_setname_np(pthread_self(), text);
}

bool on_thread(enum thread_role role)
{
	return role_here == THR_NONE || role_here == role;
}

int thread_start(pthread_t *out, void *(*fn)(void *), void *arg)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(out, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t clock_ms(void)
{
	return clock_ns() / 1000000u;
}
