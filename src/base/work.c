/* The helper thread: a loop that runs jobs and passes them on. */
#include "base/work.h"

#include <stdlib.h>

#include "base/loop.h"
#include "base/obj.h"

struct work {
	struct loop *loop;
	pthread_t thread;
};

static void job_done(struct mq_node *node)
{
	struct work_job *job = MQ_HOLDER(node, struct work_job, node);

	job->done(job);
}

static void job_run(struct mq_node *node)
{
	struct work_job *job = MQ_HOLDER(node, struct work_job, node);
	struct mq *reply = job->reply; /* run may free the job, if NULL */

	job->run(job);
	if (reply == NULL)
		return;
	job->node.run = job_done;
	mq_push(reply, &job->node);
}

static void *helper(void *arg)
{
	struct work *w = arg;

	thread_enter(THR_HELPER, "helper");
	loop_run(w->loop);
	return NULL;
}

int work_start(struct work **out, size_t limit)
{
	struct work *w = mem_new(sizeof(*w));
	int err;

	*out = NULL;
	w->loop = loop_new(THR_HELPER, limit);
	err = thread_start(&w->thread, helper, w);
	if (err != 0) {
		loop_free(w->loop);
		free(w);
		return err;
	}
	*out = w;
	return 0;
}

int work_submit(struct work *w, struct work_job *job)
{
	need(job->run != NULL && (job->done != NULL || job->reply == NULL));
	job->node.run = job_run;
	return mq_try_push(loop_queue(w->loop), &job->node);
}

void work_stop(struct work *w)
{
	if (w == NULL)
		return;
	loop_stop(w->loop); /* behind the jobs, in the same queue */
	pthread_join(w->thread, NULL);
	loop_free(w->loop);
	free(w);
}
