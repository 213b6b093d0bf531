/* Where requests of ours may go, one target after the other: see route.h. */
#include "b2bua/route/route.h"

static uint32_t no_random(void *arg)
{
	(void)arg;
	return 0;
}

/* Where such requests may come from as well: the host, and a proxy before it. A
 * name behind a proxy is the proxy's to look up. */
static void tell(const struct conf *c, const struct conf_dial_peer *p,
	const struct route_target *t, route_target_fn *fn, void *arg)
{
	const struct conf_hop hop = conf_peer_hop(c, p, &t->to);
	struct route_target through = *t;

	if (hop.proxy == NULL || addr_is_set(&t->to.addr))
		fn(arg, t);
	if (hop.proxy == NULL)
		return;
	through.to = *hop.to;
	fn(arg, &through);
}

static void peer_targets(const struct conf *c, const struct conf_dial_peer *p,
	route_target_fn *fn, void *arg)
{
	struct conf_host host[ROUTE_HOSTS_MAX];
	size_t n = route_hosts(c, p, 0, no_random, NULL, host);

	for (size_t i = 0; i < n; i++)
		tell(c, p,
			&(struct route_target){ .peer = p,
				.to = host[i],
				.transport = p->transport },
			fn, arg);
}

void route_targets(const struct conf *c, route_target_fn *fn, void *arg)
{
	for (const struct conf_dial_peer *p = c->dial_peers; p != NULL;
		p = p->next)
		if (conf_peer_to_host(p))
			peer_targets(c, p, fn, arg);
	if (c->ua.registrar == CONF_REG_HOST)
		tell(c, NULL,
			&(struct route_target){
				.to = { .host = c->ua.registrar_host,
					.addr = c->ua.registrar_addr,
					.port = c->ua.registrar_port },
				.transport = c->ua.registrar_transport },
			fn, arg);
	for (const struct conf_tenant *t = c->tenants; t != NULL; t = t->next) {
		const struct conf_dial_peer like = { .target = CONF_TARGET_HOST,
			.tenant = t };

		if (t->registrar.to.host != NULL)
			tell(c, &like,
				&(struct route_target){ .to = t->registrar.to,
					.transport = t->registrar.transport },
				fn, arg);
	}
}

bool route_target_in_service(const struct route_target *t)
{
	return t->peer == NULL || !t->peer->shutdown;
}

size_t route_keepalive_hosts(const struct conf *c,
	const struct conf_dial_peer *p, struct conf_dial_peer *as,
	struct conf_host host[ROUTE_HOSTS_MAX])
{
	if (conf_peer_keepalive(p) == NULL || p->shutdown)
		return 0;
	*as = *p;
	if (conf_peer_to_host(p))
		return route_hosts(c, p, 0, no_random, NULL, host);
	if (p->target != CONF_TARGET_REGISTRAR ||
		c->ua.registrar != CONF_REG_HOST)
		return 0;
	*as = (struct conf_dial_peer){ .tag = p->tag,
		.target = CONF_TARGET_HOST,
		.transport = c->ua.registrar_transport,
		.peer_name = c->ua.registrar_peer_name };
	*host = (struct conf_host){ .host = c->ua.registrar_host,
		.addr = c->ua.registrar_addr,
		.port = c->ua.registrar_port };
	return 1;
}
