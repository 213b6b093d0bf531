/* The sip thread: its start, its loop, its end. See b2bua.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/b2bua_int.h"
#include "base/obj.h"
#include "base/thread.h"

enum {
	QUEUE_LIMIT = 65536,
	FAREWELL_MS = 2000, /* for answers to our BYEs and CANCELs */
};

int b2bua_new(struct b2bua **out)
{
	struct b2bua *b = mem_new(sizeof(*b));

	b->queue = mq_new(QUEUE_LIMIT);
	need(sem_init(&b->ready, 0, 0) == 0);
	*out = b;
	return 0;
}

struct mq *b2bua_queue(struct b2bua *b)
{
	return b->queue;
}

void trustpoints_free(struct trustpoints *t)
{
	for (size_t i = 0; i < t->n; i++)
		obj_unref(t->v[i]);
	free(t->v);
	*t = (struct trustpoints){ 0 };
}

static int begin(struct b2bua *b)
{
	struct sip_nta_params np = { .hs = b->hs };
	const char *why = NULL;
	int err = stack_new(&b->stack, b->queue, &why);

	if (err != 0) {
		log_event(MSG_SIP_LIBRARY, NULL, L_STR("reason", why));
		return err;
	}
	np.stack = b->stack;
	b->port = sip_nta_new(&np);
	return 0;
}

static bool quiet(void *port)
{
	return sip_nta_quiet(port);
}

static void end(struct b2bua *b)
{
	if (b->core != NULL)
		core_free(b->core);
	b->core = NULL;
	sip_nta_set_user(b->port, NULL, NULL);
	(void)stack_run_until(b->stack, quiet, b->port, FAREWELL_MS);
	while (mq_run(b->queue) > 0)
		;
	sip_nta_free(b->port);
	b->port = NULL; /* for questions that come too late */
	stack_free(b->stack);
	trustpoints_free(&b->trustpoints);
	b->conf = obj_unref(b->conf);
}

static void *sip_thread(void *arg)
{
	struct b2bua *b = arg;

	thread_enter(THR_SIP, "sip");
	b->start_err = begin(b);
	(void)sem_post(&b->ready);
	if (b->start_err != 0)
		return NULL;
	stack_run(b->stack);
	end(b);
	return NULL;
}

int b2bua_start(struct b2bua *b, struct media *media, struct hs_pool *hs)
{
	int err;

	b->media = media;
	b->hs = hs;
	err = thread_start(&b->thread, sip_thread, b);
	if (err != 0)
		return err;
	while (sem_wait(&b->ready) != 0)
		need(errno == EINTR);
	if (b->start_err != 0) {
		(void)pthread_join(b->thread, NULL);
		return b->start_err;
	}
	b->running = true;
	return 0;
}

static void stop(struct b2bua *b, void *arg)
{
	(void)arg;
	stack_stop(b->stack);
}

void b2bua_stop(struct b2bua *b)
{
	if (!b->running)
		return;
	b2bua_call(b, stop, NULL);
	(void)pthread_join(b->thread, NULL);
	b->running = false;
}

/* Handshakes and media ended after us: what they pushed is let go. */
void b2bua_free(struct b2bua *b)
{
	if (b == NULL)
		return;
	need(!b->running);
	while (mq_run(b->queue) > 0)
		;
	mq_free(b->queue);
	(void)sem_destroy(&b->ready);
	free(b);
}

/* ---- from the main thread ---- */

struct call {
	struct mq_node node;
	struct b2bua *b;
	void (*fn)(struct b2bua *b, void *arg);
	void *arg;
	sem_t done;
};

static void run_call(struct mq_node *node)
{
	struct call *c = MQ_HOLDER(node, struct call, node);

	c->fn(c->b, c->arg);
	(void)sem_post(&c->done);
}

void b2bua_call(
	struct b2bua *b, void (*fn)(struct b2bua *b, void *arg), void *arg)
{
	struct call c = { .node.run = run_call, .b = b, .fn = fn, .arg = arg };

	need(b->running);
	need(sem_init(&c.done, 0, 0) == 0);
	mq_push(b->queue, &c.node);
	while (sem_wait(&c.done) != 0)
		need(errno == EINTR);
	(void)sem_destroy(&c.done);
}
