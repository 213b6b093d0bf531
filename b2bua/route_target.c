/* Where requests of ours may go, one target after the other: see route.h. */
#include "b2bua/route.h"

static uint32_t no_random(void *arg)
{
	(void)arg;
	return 0;
}

static void peer_targets(const struct conf *c, const struct conf_dial_peer *p,
	route_target_fn *fn, void *arg)
{
	struct conf_host host[ROUTE_HOSTS_MAX];
	size_t n = route_hosts(c, p, 0, no_random, NULL, host);

	for (size_t i = 0; i < n; i++)
		fn(arg, &(struct route_target){ .peer = p,
				.to = host[i],
				.transport = p->transport });
}

void route_targets(const struct conf *c, route_target_fn *fn, void *arg)
{
	for (const struct conf_dial_peer *p = c->dial_peers; p != NULL;
		p = p->next)
		if (conf_peer_to_host(p))
			peer_targets(c, p, fn, arg);
	if (c->ua.registrar == CONF_REG_HOST)
		fn(arg, &(struct route_target){
				.to = { .host = c->ua.registrar_host,
					.addr = c->ua.registrar_addr,
					.port = c->ua.registrar_port },
				.transport = c->ua.registrar_transport });
	for (const struct conf_tenant *t = c->tenants; t != NULL; t = t->next)
		if (t->registrar.to.host != NULL)
			fn(arg, &(struct route_target){ .to = t->registrar.to,
					.transport = t->registrar.transport });
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
