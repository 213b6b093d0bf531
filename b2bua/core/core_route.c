/*
 * Routes of requests that begin something on the core side: to their target,
 * or to the outbound proxy before it.
 */
#include "b2bua/core/core_int.h"
#include "b2bua/route/route.h"

const struct conf_listener *core_route(struct core *c, const struct conf *conf,
	const struct conf_dial_peer *p, const struct conf_host *to,
	struct sip_route *out)
{
	const struct conf_listener *l = route_listener(conf, p, &to->addr);
	const struct conf_hop hop = conf_peer_hop(conf, p, to);
	const char *names = conf_peer_names(p);

	*out = (struct sip_route){ .listener = l != NULL ? l->name : NULL,
		.host = hop.to->host,
		.port = hop.to->port,
		.transport = p->transport,
		.trustpoint = core_trustpoint(c, p->trustpoint != NULL
							 ? p->trustpoint
							 : conf->ua.trustpoint),
		.by_address = p->trustpoint == NULL,
		.reuse = hop.proxy != NULL && hop.proxy->reuse,
		.peer_name = hop.names };
	if (hop.proxy != NULL)
		out->target_name = names != NULL ? names : to->host;
	return l;
}

const struct conf_listener *core_route_registrar(
	struct core *c, struct sip_route *out)
{
	const struct conf *conf = c->conf;
	const struct conf_host to = { .host = conf->ua.registrar_host,
		.addr = conf->ua.registrar_addr,
		.port = conf->ua.registrar_port };
	const struct conf_hop hop = conf_peer_hop(conf, NULL, &to);
	const struct conf_listener *l = route_first(
		conf, CONF_CORE, conf->ua.registrar_transport, &hop.to->addr);
	const char *name = conf->ua.registrar_peer_name;

	*out = (struct sip_route){ .listener = l != NULL ? l->name : NULL,
		.host = hop.to->host,
		.port = hop.to->port,
		.transport = conf->ua.registrar_transport,
		.trustpoint = core_trustpoint(c, conf->ua.trustpoint),
		.by_address = true,
		.reuse = hop.proxy != NULL && hop.proxy->reuse,
		.peer_name = hop.proxy != NULL ? hop.names : name };
	if (hop.proxy != NULL)
		out->target_name = name != NULL ? name : to.host;
	return l;
}
