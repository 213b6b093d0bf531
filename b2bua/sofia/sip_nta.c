/* The SIP port made with nta: its table of operations, its start and end. */
#include <stdlib.h>

#include "b2bua/names/ares_ask.h"
#include "b2bua/sofia/nta_int.h"

static bool contact_host(
	struct sip_port *port, const char *listener, char *out, size_t size)
{
	const struct endpoint *e =
		nta_find_endpoint(nta_port_of(port), listener);

	return e != NULL && nta_contact_host(e, NULL, NULL, out, size);
}

static uint32_t ways(struct sip_port *port, const char *host)
{
	return failed_changes(&nta_port_of(port)->failed, host);
}

struct resolving { /* on its way */
	sip_resolved_fn *fn;
	void *arg;
};

static void on_name(void *arg, int err, struct dns_targets *t)
{
	struct resolving r = *(struct resolving *)arg;
	struct addr v[SIP_RESOLVED_MAX];
	size_t n = err == 0 ? t->n : 0;

	_Static_assert((int)SIP_RESOLVED_MAX == (int)RESOLVER_TARGETS_MAX,
		"all that a name leads to");
	free(arg);
	for (size_t i = 0; i < n; i++)
		v[i] = t->v[i].addr;
	r.fn(r.arg, v, n);
}

static void resolve(struct sip_port *port, const struct sip_name *name,
	sip_resolved_fn *fn, void *arg)
{
	struct resolving *r = mem_new(sizeof(*r));
	const struct resolver_want want = { .name = name->host,
		.transport = name->transport,
		.port = name->port,
		.family = name->family };

	*r = (struct resolving){ fn, arg };
	resolver_get(nta_port_of(port)->resolver, &want, on_name, r);
}

static const struct sip_port_ops ops = {
	.answer = nta_answer,
	.dlg_uas = nta_dlg_uas,
	.dlg_uac = nta_dlg_uac,
	.dlg_fork = nta_dlg_fork,
	.dlg_close = nta_dlg_close,
	.dlg_set_flow = nta_dlg_set_flow,
	.dlg_set_user = nta_dlg_set_user,
	.dlg_info = nta_dlg_info,
	.dlg_ids = nta_dlg_ids,
	.dlg_call_id = nta_dlg_call_id,
	.send = nta_dlg_send,
	.ack = nta_dlg_ack,
	.cancel = nta_dlg_cancel,
	.request = nta_request,
	.timer_start = nta_timer_start,
	.timer_stop = nta_timer_stop,
	.now_ms = nta_now_ms,
	.contact_host = contact_host,
	.ways = ways,
	.resolve = resolve,
};

static void on_sweep(void *magic, su_timer_t *timer, void *arg)
{
	(void)magic;
	(void)timer;
	nta_endpoint_sweep(arg);
	dns_sweep(arg);
	resolver_sweep(((struct nta_port *)arg)->resolver);
}

struct sip_port *sip_nta_new(const struct sip_nta_params *params)
{
	struct nta_port *p = mem_new(sizeof(*p));

	p->pub.ops = &ops;
	p->stack = params->stack;
	p->hs = params->hs;
	p->sweep = su_timer_create(
		su_root_task(stack_root(p->stack)), NTA_SWEEP_MS);
	need(p->sweep != NULL);
	need(su_timer_set_for_ever(p->sweep, on_sweep, p) == 0);
	ares_ask_start();
	p->resolver = resolver_new(&dns_io, p);
	return &p->pub;
}

void sip_nta_set_conf(struct sip_port *port, struct conf *conf)
{
	struct nta_port *p = nta_port_of(port);

	dns_set_conf(p, conf);
	resolver_set_conf(p->resolver, conf);
}

void sip_nta_clear_hosts(struct sip_port *port)
{
	struct nta_port *p = nta_port_of(port);

	resolver_clear(p->resolver);
	failed_free(&p->failed);
	stays_free(&p->stays);
}

struct host_info *sip_nta_hosts(struct sip_port *port, size_t *n)
{
	return resolver_list(nta_port_of(port)->resolver, n);
}

struct failed_info *sip_nta_failed(struct sip_port *port, size_t *n)
{
	struct nta_port *p = nta_port_of(port);
	struct failed_info *v = mem_array(p->failed.n + 1, sizeof(*v));
	uint64_t now = nta_now_ms(port);

	*n = 0;
	for (const struct failed *f = p->failed.first; f != NULL; f = f->next)
		v[(*n)++] = (struct failed_info){ .addr = f->addr,
			.transport = f->transport,
			.times = f->times,
			.since_ms = now - f->since_ms,
			.left_ms = f->until_ms > now ? f->until_ms - now : 0 };
	return v;
}

void sip_nta_set_user(
	struct sip_port *port, const struct sip_user *user, void *arg)
{
	struct nta_port *p = nta_port_of(port);

	p->user = user;
	p->user_arg = arg;
}

bool sip_nta_quiet(struct sip_port *port)
{
	struct nta_port *p = nta_port_of(port);

	return p->reqs == NULL && p->txns == NULL;
}

void sip_nta_free(struct sip_port *port)
{
	struct nta_port *p = nta_port_of(port);

	p->closing = true;
	su_timer_destroy(p->sweep);
	/* or a handshake that ends meanwhile would tell a hop that is gone */
	for (struct endpoint *e = p->endpoints; e != NULL; e = e->next)
		if (e->stream != NULL)
			stream_abandon(e->stream);
	dns_close(p);
	resolver_free(p->resolver);
	hop_free_all(p);
	failed_free(&p->failed);
	stays_free(&p->stays);
	merged_free(&p->merged);
	while (p->txns != NULL)
		nta_txn_free(p->txns);
	while (p->reqs != NULL)
		nta_req_forsake(p->reqs);
	while (p->dlgs != NULL)
		nta_dlg_free(p->dlgs);
	nta_timer_free_all(p);
	while (p->endpoints != NULL) {
		struct endpoint *e = p->endpoints;

		p->endpoints = e->next;
		nta_endpoint_free(e);
	}
	nta_rel_free_all(p);
	while (mq_run(stack_queue(p->stack)) > 0)
		; /* frees the connections that this closed */
	free(p);
}
