/* A b2bua of nothing. A query is answered at once, by the caller. */
#include "media/capture.h"
#include "fake_b2bua.h"

#include <stdlib.h>

#include "base/obj.h"

struct fake_b2bua fake;

struct b2bua_plan {
	struct conf *conf;
};

void fake_reset(void)
{
	obj_unref(fake.conf);
	fake = (struct fake_b2bua){ 0 };
}

int b2bua_prepare(struct b2bua_plan **out, struct b2bua *b, struct conf *c,
	struct conf_errs *errs)
{
	(void)b;
	*out = NULL;
	fake.prepared++;
	if (fake.complaint != NULL)
		conf_errs_add(errs, false, (struct conf_pos){ 1, 1 }, NULL,
			"%s", fake.complaint);
	if (fake.prepare_err != 0)
		return fake.prepare_err;
	*out = mem_new(sizeof(**out));
	(*out)->conf = obj_ref(c);
	fake.plans++;
	return 0;
}

void b2bua_publish(struct b2bua_plan *plan)
{
	obj_unref(fake.conf);
	fake.conf = plan->conf;
	fake.published++;
	fake.plans--;
	free(plan);
}

void b2bua_discard(struct b2bua_plan *plan)
{
	obj_unref(plan->conf);
	fake.discarded++;
	fake.plans--;
	free(plan);
}

static void on_ask(struct mq_node *node)
{
	struct b2bua_query *q = MQ_HOLDER(node, struct b2bua_query, node);

	q->done(q);
}

void b2bua_ask(struct b2bua *b, struct b2bua_query *q)
{
	bool (*keep)(struct b2bua_query *) = fake.keep;

	(void)b;
	if (fake.fill != NULL)
		fake.fill(q);
	q->node.run = on_ask;
	if (keep == NULL || !keep(q))
		mq_push(q->reply, &q->node);
}

void fake_answer(struct b2bua_query *q)
{
	mq_push(q->reply, &q->node);
}

void b2bua_query_free(struct b2bua_query *q)
{
	free(q->trunks);
	free(q->trusted);
	free(q->recordings);
	free(q->oneways);
	free(q->subs);
	free(q->rings);
	free(q->keepalives);
	free(q->pools);
	free(q->tallies);
	free(q->calls);
	free(q->regs);
	free(q->conns);
	free(q->listeners);
	for (size_t i = 0; i < q->ntrustpoints; i++)
		cert_info_free(
			q->trustpoints[i].certs, q->trustpoints[i].ncerts);
	free(q->trustpoints);
	free(q);
}

void b2bua_clear_tallies(struct b2bua *b)
{
	(void)b;
	fake.tallies_cleared++;
}

void b2bua_capture(struct b2bua *b, uint32_t id, struct capture *cap)
{
	(void)b;
	(void)id;
	capture_stop(cap, CAPTURE_CALL);
	obj_unref(cap);
}

void b2bua_clear_call(struct b2bua *b, uint32_t id)
{
	(void)b;
	fake.cleared = id;
}

void b2bua_tie(struct b2bua *b, struct slice device, struct slice lines)
{
	(void)b;
	(void)device;
	(void)lines;
}
