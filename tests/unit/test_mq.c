#include "test.h"

#include <errno.h>
#include <poll.h>

#include "base/mq.h"
#include "base/thread.h"

struct number {
	struct mq_node node;
	int sender, value;
};

static int sum, last[8];

static void take(struct mq_node *node)
{
	struct number *m = MQ_HOLDER(node, struct number, node);

	assert_true(m->value > last[m->sender]); /* in order per sender */
	last[m->sender] = m->value;
	sum += m->value;
	free(m);
}

static struct mq_node *number(int sender, int value)
{
	struct number *m = calloc(1, sizeof(*m));

	*m = (struct number){
		.node.run = take, .sender = sender, .value = value
	};
	return &m->node;
}

static bool readable(struct mq *q, int timeout_ms)
{
	struct pollfd p = { .fd = mq_fd(q), .events = POLLIN };

	return poll(&p, 1, timeout_ms) == 1;
}

static void reset(void)
{
	sum = 0;
	memset(last, 0, sizeof(last));
}

static void wakes_and_runs_in_order(void **state)
{
	(void)state;
	struct mq *q = mq_new(8);

	reset();
	assert_false(readable(q, 0));
	assert_int_equal(mq_run(q), 0);
	for (int i = 1; i <= 3; i++)
		mq_push(q, number(0, i));
	assert_true(readable(q, 0));
	assert_int_equal(mq_run(q), 3);
	assert_int_equal(sum, 6);
	assert_false(readable(q, 0));
	mq_free(q);
}

static void refuses_when_full(void **state)
{
	(void)state;
	struct mq *q = mq_new(2);
	struct mq_node *extra = number(0, 3);

	reset();
	assert_int_equal(mq_try_push(q, number(0, 1)), 0);
	assert_int_equal(mq_try_push(q, number(0, 2)), 0);
	assert_int_equal(mq_try_push(q, extra), EAGAIN);
	mq_push(q, extra); /* a teardown always gets through */
	assert_int_equal(mq_run(q), 3);
	assert_int_equal(mq_try_push(q, number(0, 4)), 0);
	assert_int_equal(mq_run(q), 1);
	mq_free(q);
}

static void waits_for_company(void **state)
{
	(void)state;
	struct mq *q = mq_new(8);

	reset();
	mq_leave(q, number(0, 1));
	assert_false(readable(q, 0));
	mq_push(q, number(0, 2)); /* not the first, and wakes */
	mq_leave(q, number(0, 3));
	assert_true(readable(q, 0));
	assert_int_equal(mq_run(q), 3);
	assert_false(readable(q, 0));
	mq_leave(q, number(0, 4));
	assert_int_equal(mq_run(q), 1); /* a look finds it */
	mq_wake(q); /* for nothing */
	assert_false(readable(q, 0));
	mq_leave(q, number(0, 5));
	mq_wake(q);
	mq_wake(q);
	assert_true(readable(q, 0));
	assert_int_equal(mq_run(q), 1);
	assert_false(readable(q, 0));
	mq_free(q);
}

static void wakes_who_rests(void **state)
{
	(void)state;
	struct mq *q = mq_new(8);

	reset();
	mq_leave(q, number(0, 1));
	assert_false(mq_rest(q));
	assert_int_equal(mq_run(q), 1);
	assert_true(mq_rest(q));
	mq_leave(q, number(0, 2));
	assert_true(readable(q, 0));
	assert_int_equal(mq_run(q), 1);
	mq_leave(q, number(0, 3)); /* it did not rest since */
	assert_false(readable(q, 0));
	assert_int_equal(mq_run(q), 1);
	mq_free(q);
}

struct again {
	struct mq_node node;
	struct mq *q;
	int left;
};

static void push_again(struct mq_node *node)
{
	struct again *a = MQ_HOLDER(node, struct again, node);

	if (--a->left > 0)
		mq_push(a->q, &a->node);
}

/* A message that sends itself on waits for the next turn. */
static void one_turn_at_a_time(void **state)
{
	(void)state;
	struct mq *q = mq_new(1);
	struct again a = { .node.run = push_again, .q = q, .left = 3 };

	mq_push(q, &a.node);
	for (int i = 0; i < 3; i++) {
		assert_true(readable(q, 0));
		assert_int_equal(mq_run(q), 1);
	}
	assert_int_equal(mq_run(q), 0);
	mq_free(q);
}

enum { SENDERS = 4, EACH = 5000 };

struct sender {
	struct mq *q;
	int id;
};

static void *send_all(void *p)
{
	struct sender *s = p;

	for (int i = 1; i <= EACH; i++)
		mq_push(s->q, number(s->id, i));
	return NULL;
}

static void many_senders(void **state)
{
	(void)state;
	struct mq *q = mq_new(1);
	struct sender s[SENDERS];
	pthread_t t[SENDERS];
	size_t got = 0;

	reset();
	for (int i = 0; i < SENDERS; i++) {
		s[i] = (struct sender){ .q = q, .id = i };
		assert_int_equal(thread_start(&t[i], send_all, &s[i]), 0);
	}
	while (got < (size_t)SENDERS * EACH) {
		assert_true(readable(q, 10000));
		got += mq_run(q);
	}
	for (int i = 0; i < SENDERS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(sum, SENDERS * (EACH * (EACH + 1) / 2));
	mq_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(wakes_and_runs_in_order),
		T(refuses_when_full),
		T(waits_for_company),
		T(wakes_who_rests),
		T(one_turn_at_a_time),
		T(many_senders),
	};

	return RUN_TESTS(tests);
}
