/*
 * One helper thread for what takes long: keys, files, anything that would make
 * the sip thread or a loop wait. A job is a struct of the caller's with a
 * work_job inside; it owns what it carries while it is on its way.
 *
 *   struct read_job { struct work_job job; char *name, *text; int err; };
 *
 * `run` is called on the helper's thread, then `done` on the thread that
 * receives `reply`, which usually frees the job. Jobs run one after another in
 * the order they were given. Results that nobody waits for any more are still
 * delivered: `done` has to look whether its object lives.
 */
#ifndef LINESIDE_BASE_WORK_H
#define LINESIDE_BASE_WORK_H

#include "base/mq.h"

struct work_job {
	struct mq_node node; /* used by work.c */
	void (*run)(struct work_job *job);
	void (*done)(struct work_job *job);
	struct mq *reply; /* borrowed. NULL: no done, and run frees the job */
};

struct work;

/* At most `limit` jobs wait. The errno of starting a thread. */
int work_start(struct work **out, size_t limit) MUST_USE;
/* Any thread. EAGAIN: too many wait, the job stays the caller's. */
int work_submit(struct work *w, struct work_job *job) MUST_USE;
/* Finishes what was submitted (every `done` is in its queue then), ends the
 * thread and frees. Nobody may submit any more. NULL is fine. */
void work_stop(struct work *w);

#endif
