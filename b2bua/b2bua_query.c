/* What show and clear ask of the sip thread: see b2bua.h. */
#include <stdlib.h>
#include <string.h>

#include "b2bua/b2bua_int.h"
#include "base/obj.h"
#include "media/capture.h"

struct ask { /* on its way to the sip thread */
	struct mq_node node;
	struct b2bua *b;
	struct b2bua_query *q;
};

static void deliver(struct mq_node *node)
{
	struct b2bua_query *q = MQ_HOLDER(node, struct b2bua_query, node);

	q->done(q);
}

static void gather_trustpoints(struct b2bua *b, struct b2bua_query *q)
{
	const struct trustpoints *t = &b->trustpoints;

	q->trustpoints = mem_array(t->n + 1, sizeof(*q->trustpoints));
	q->ntrustpoints = t->n;
	for (size_t i = 0; i < t->n; i++) {
		struct trustpoint_info *ti = &q->trustpoints[i];

		(void)!slice_copy(slice_str(trustpoint_name(t->v[i])), ti->name,
			sizeof(ti->name));
		ti->certs = trustpoint_certs(t->v[i], &ti->ncerts);
	}
}

static void gather(struct mq_node *node)
{
	struct ask *a = MQ_HOLDER(node, struct ask, node);
	struct b2bua_query *q = a->q;
	struct b2bua *b = a->b;

	free(a);
	if (b->core != NULL) {
		if (q->what & B2BUA_CALLS)
			q->calls = core_calls(b->core, &q->ncalls);
		if (q->what & B2BUA_REGISTRATIONS)
			q->regs = core_registrations(b->core, &q->nregs);
		if (q->what & B2BUA_DSPFARM)
			q->pools = core_pools(b->core, &q->npools);
		if (q->what & B2BUA_PEERS)
			q->tallies = core_tallies(b->core, &q->ntallies);
		if (q->what & B2BUA_TRUNKS)
			q->trunks = core_trunks(b->core, &q->ntrunks);
		if (q->what & B2BUA_TRUSTED)
			q->trusted = core_trusted(b->core, &q->ntrusted);
		if (q->what & B2BUA_RECORDINGS)
			q->recordings =
				core_recordings(b->core, &q->nrecordings);
		if (q->what & B2BUA_ONEWAYS)
			q->oneways = core_oneways(b->core, &q->noneways);
		if (q->what & B2BUA_RINGS)
			q->rings = core_rings(b->core, &q->nrings);
		if (q->what & B2BUA_SUBSCRIPTIONS)
			q->subs = core_subscriptions(b->core, &q->nsubs);
		if (q->what & B2BUA_KEEPALIVES)
			q->keepalives =
				core_keepalives(b->core, &q->nkeepalives);
		core_usage(b->core, &q->usage);
	}
	if (b->port != NULL && (q->what & B2BUA_CONNECTIONS))
		q->conns = sip_nta_conns(b->port, &q->nconns);
	if (b->port != NULL && (q->what & B2BUA_LISTENERS))
		q->listeners = sip_nta_listeners(b->port, &q->nlisteners);
	if (b->port != NULL && (q->what & B2BUA_HOSTS)) {
		q->hosts = sip_nta_hosts(b->port, &q->nhosts);
		q->failed = sip_nta_failed(b->port, &q->nfailed);
	}
	if (q->what & B2BUA_TRUSTPOINTS)
		gather_trustpoints(b, q);
	q->node.run = deliver;
	mq_push(q->reply, &q->node);
}

void b2bua_ask(struct b2bua *b, struct b2bua_query *q)
{
	struct ask *a = mem_new(sizeof(*a));

	a->node.run = gather;
	a->b = b;
	a->q = q;
	mq_push(b->queue, &a->node);
}

void b2bua_query_free(struct b2bua_query *q)
{
	for (size_t i = 0; i < q->ntrustpoints; i++)
		cert_info_free(
			q->trustpoints[i].certs, q->trustpoints[i].ncerts);
	free(q->trunks);
	free(q->trusted);
	free(q->recordings);
	free(q->oneways);
	free(q->subs);
	free(q->rings);
	free(q->keepalives);
	free(q->hosts);
	free(q->failed);
	free(q->pools);
	free(q->tallies);
	free(q->trustpoints);
	free(q->listeners);
	free(q->conns);
	free(q->regs);
	free(q->calls);
	free(q);
}

struct clear {
	struct mq_node node;
	struct b2bua *b;
	uint32_t id;
};

static void run_clear(struct mq_node *node)
{
	struct clear *c = MQ_HOLDER(node, struct clear, node);

	if (c->b->core == NULL || !core_clear_call(c->b->core, c->id))
		log_event(MSG_CALL_NO_SUCH_CALL, NULL, L_INT("id", c->id));
	free(c);
}

void b2bua_clear_call(struct b2bua *b, uint32_t id)
{
	struct clear *c = mem_new(sizeof(*c));

	c->node.run = run_clear;
	c->b = b;
	c->id = id;
	mq_push(b->queue, &c->node);
}

static void run_clear_tallies(struct mq_node *node)
{
	struct clear *c = MQ_HOLDER(node, struct clear, node);

	if (c->b->core != NULL)
		core_clear_tallies(c->b->core);
	free(c);
}

void b2bua_clear_tallies(struct b2bua *b)
{
	struct clear *c = mem_new(sizeof(*c));

	c->node.run = run_clear_tallies;
	c->b = b;
	mq_push(b->queue, &c->node);
}

struct capture_msg {
	struct mq_node node;
	struct b2bua *b;
	uint32_t id;
	struct capture *capture; /* owned */
};

static void run_capture(struct mq_node *node)
{
	struct capture_msg *m = MQ_HOLDER(node, struct capture_msg, node);

	if (m->b->core == NULL || !core_capture(m->b->core, m->id, m->capture))
		capture_stop(m->capture, CAPTURE_CALL);
	obj_unref(m->capture);
	free(m);
}

void b2bua_capture(struct b2bua *b, uint32_t id, struct capture *cap)
{
	struct capture_msg *m = mem_new(sizeof(*m));

	m->node.run = run_capture;
	m->b = b;
	m->id = id;
	m->capture = cap;
	mq_push(b->queue, &m->node);
}

struct tie_msg {
	struct mq_node node;
	struct b2bua *b;
	char *device, *lines;
};

static void run_tie(struct mq_node *node)
{
	struct tie_msg *m = MQ_HOLDER(node, struct tie_msg, node);

	if (m->b->core != NULL)
		core_tie(m->b->core, slice_str(m->device), slice_str(m->lines));
	free(m->device);
	free(m->lines);
	free(m);
}

void b2bua_tie(struct b2bua *b, struct slice device, struct slice lines)
{
	struct tie_msg *m = mem_new(sizeof(*m));

	m->node.run = run_tie;
	m->b = b;
	m->device = slice_dup(device);
	m->lines = slice_dup(lines);
	mq_push(b->queue, &m->node);
}
