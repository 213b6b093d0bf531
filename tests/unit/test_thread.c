#include "test.h"

#include <signal.h>

#include "base/thread.h"

static void *look_around(void *arg)
{
	sigset_t blocked;
	char name[16];
	bool *ok = arg;

	thread_enter(THR_SIP, "a name that is too long");
	pthread_getname_np(pthread_self(), name, sizeof(name));
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	*ok = on_thread(THR_SIP) && !on_thread(THR_MEDIA) &&
	      strcmp(name, "a name that is ") == 0 &&
	      sigismember(&blocked, SIGTERM) == 1 &&
	      sigismember(&blocked, SIGHUP) == 1;
	return NULL;
}

static void roles_and_signals(void **state)
{
	(void)state;
	sigset_t blocked;
	pthread_t t;
	bool ok = false;

	assert_int_equal(thread_start(&t, look_around, &ok), 0);
	pthread_join(t, NULL);
	assert_true(ok);
	/* A thread without a role, as here, is all of them. */
	assert_true(on_thread(THR_SIP));
	assert_true(on_thread(THR_MEDIA));
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	assert_int_equal(sigismember(&blocked, SIGTERM), 0);
}

static void clocks(void **state)
{
	(void)state;
	uint64_t ns = clock_ns(), ms = clock_ms();

	assert_true(ms >= ns / 1000000);
	assert_true(clock_ns() >= ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(roles_and_signals), T(clocks) };

	return RUN_TESTS(tests);
}
