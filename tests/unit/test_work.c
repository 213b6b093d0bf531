#include "test.h"

#include <errno.h>
#include <poll.h>
#include <semaphore.h>

#include "base/thread.h"
#include "base/work.h"

struct square {
	struct work_job job;
	int in, out;
	bool on_helper;
};

static int order[8], finished;

static void run_square(struct work_job *job)
{
	struct square *s = MQ_HOLDER(job, struct square, job);

	s->on_helper = on_thread(THR_HELPER) && !on_thread(THR_SIP);
	s->out = s->in * s->in;
}

static void done_square(struct work_job *job)
{
	struct square *s = MQ_HOLDER(job, struct square, job);

	assert_true(s->on_helper);
	order[finished++] = s->out;
}

static void answers_in_order(void **state)
{
	(void)state;
	struct mq *reply = mq_new(8);
	struct square s[4];
	struct work *w;

	finished = 0;
	assert_int_equal(work_start(&w, 8), 0);
	for (int i = 0; i < 4; i++) {
		s[i] = (struct square){ .job = { .run = run_square,
						.done = done_square,
						.reply = reply },
			.in = i + 1 };
		assert_int_equal(work_submit(w, &s[i].job), 0);
	}
	while (finished < 4) {
		struct pollfd p = { .fd = mq_fd(reply), .events = POLLIN };

		assert_int_equal(poll(&p, 1, 10000), 1);
		mq_run(reply);
	}
	for (int i = 0; i < 4; i++)
		assert_int_equal(order[i], (i + 1) * (i + 1));
	work_stop(w);
	mq_free(reply);
}

static sem_t entered, go;

static void run_wait(struct work_job *job)
{
	(void)job;
	sem_post(&entered);
	sem_wait(&go);
}

static void run_and_free(struct work_job *job)
{
	free(job);
}

/* A full queue refuses; a stop finishes what was accepted. */
static void full_and_stop(void **state)
{
	(void)state;
	struct mq *reply = mq_new(1);
	struct work_job busy = { .run = run_wait };
	struct square s = { .job = { .run = run_square,
				    .done = done_square,
				    .reply = reply },
		.in = 3 };
	struct work_job *own = calloc(1, sizeof(*own));
	struct work *w;

	finished = 0;
	sem_init(&entered, 0, 0);
	sem_init(&go, 0, 0);
	own->run = run_and_free;
	assert_int_equal(work_start(&w, 2), 0);
	assert_int_equal(work_submit(w, &busy), 0);
	sem_wait(&entered);
	assert_int_equal(work_submit(w, &s.job), 0);
	assert_int_equal(work_submit(w, own), 0);
	assert_int_equal(work_submit(w, &busy), EAGAIN);
	sem_post(&go);
	work_stop(w);
	assert_int_equal(mq_run(reply), 1);
	assert_int_equal(order[0], 9);
	mq_free(reply);
	work_stop(NULL);
	sem_destroy(&entered);
	sem_destroy(&go);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(answers_in_order),
		T(full_and_stop),
	};

	return RUN_TESTS(tests);
}
