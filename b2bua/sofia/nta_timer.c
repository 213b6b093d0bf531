/* Timers of call logic on Sofia's. */
#include <stdlib.h>

#include "b2bua/sofia/nta_int.h"
#include "base/thread.h"

struct sip_timer {
	struct sip_timer *next, **prev;
	struct sip_timer **out; /* the user's pointer to it */
	su_timer_t *timer;
	sip_timer_fn *fn;
	void *arg;
};

static void timer_free(struct sip_timer *t)
{
	LIST_OUT(t);
	su_timer_destroy(t->timer);
	free(t);
}

static void on_timer(void *magic, su_timer_t *timer, void *arg)
{
	struct sip_timer *t = arg;
	sip_timer_fn *fn = t->fn;
	void *user_arg = t->arg;

	(void)magic;
	(void)timer;
	*t->out = NULL;
	timer_free(t);
	fn(user_arg);
}

void nta_timer_start(struct sip_port *port, struct sip_timer **out, unsigned ms,
	sip_timer_fn *fn, void *arg)
{
	struct nta_port *p = nta_port_of(port);
	struct sip_timer *t;

	if (*out != NULL)
		timer_free(*out);
	if (ms == 0)
		ms = 1; /* later, and only once */
	t = mem_new(sizeof(*t));
	t->timer = su_timer_create(su_root_task(stack_root(p->stack)), ms);
	need(t->timer != NULL);
	t->out = out;
	t->fn = fn;
	t->arg = arg;
	LIST_IN(p->timers, t);
	need(su_timer_set_interval(t->timer, on_timer, t, ms) == 0);
	*out = t;
}

void nta_timer_stop(struct sip_port *port, struct sip_timer **t)
{
	(void)port;
	if (*t != NULL)
		timer_free(*t);
	*t = NULL;
}

uint64_t nta_now_ms(struct sip_port *port)
{
	(void)port;
	return clock_ms();
}

void nta_timer_free_all(struct nta_port *p)
{
	while (p->timers != NULL) {
		/* timer_free() takes it out of the list, through its prev */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		*p->timers->out = NULL;
		timer_free(p->timers);
	}
}
