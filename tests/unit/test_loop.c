#include "test.h"

#include "base/loop.h"

static struct loop *loop;
static int ticks, messages;

static void *serve(void *arg)
{
	(void)arg;
	thread_enter(THR_SERVICES, "services");
	loop_run(loop);
	return NULL;
}

struct message {
	struct mq_node node;
	bool mine;
};

static void on_message(struct mq_node *node)
{
	struct message *m = MQ_HOLDER(node, struct message, node);

	m->mine = loop_is_mine(loop);
	messages++;
}

static void messages_reach_the_thread(void **state)
{
	(void)state;
	struct message m[2] = { { .node.run = on_message },
		{ .node.run = on_message } };
	pthread_t t;

	messages = 0;
	loop = loop_new(THR_SERVICES, 4);
	assert_true(loop_is_mine(loop)); /* not running: whoever holds it */
	assert_int_equal(thread_start(&t, serve, NULL), 0);
	mq_push(loop_queue(loop), &m[0].node);
	loop_stop(loop);
	loop_stop(loop);
	pthread_join(t, NULL);
	assert_int_equal(messages, 1);
	assert_true(m[0].mine);
	/* What comes after the stop is run by loop_free, not lost. */
	mq_push(loop_queue(loop), &m[1].node);
	loop_free(loop);
	assert_int_equal(messages, 2);
}

static struct loop_timer *timers[3];

static void never(void *arg)
{
	(void)arg;
	fail_msg("a stopped timer ran");
}

static void tick(void *arg)
{
	(void)arg;
	if (++ticks < 3) {
		loop_timer_start(timers[0], 1);
		return;
	}
	loop_timer_free(timers[0]); /* from within itself */
	loop_stop(loop);
}

static void timers_run(void **state)
{
	(void)state;
	uint64_t begun = clock_ms();

	ticks = 0;
	loop = loop_new(THR_SERVICES, 4);
	timers[0] = loop_timer_new(loop, tick, NULL);
	timers[1] = loop_timer_new(loop, never, NULL);
	timers[2] = loop_timer_new(loop, never, NULL);
	loop_timer_start(timers[1], 1);
	loop_timer_stop(timers[1]);
	loop_timer_start(timers[2], 0);
	loop_timer_start(timers[2], 3600000); /* put off */
	loop_timer_start(timers[0], 5);
	loop_run(loop);
	assert_int_equal(ticks, 3);
	assert_true(clock_ms() - begun >= 6);
	loop_timer_free(timers[1]);
	loop_timer_free(timers[2]);
	loop_timer_free(NULL);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(messages_reach_the_thread),
		T(timers_run),
	};

	return RUN_TESTS(tests);
}
