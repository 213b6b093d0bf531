/* See media_place.h. */
#include "b2bua/call/media_place.h"

#include <stdlib.h>

#include "b2bua/sip/uri.h"
#include "base/obj.h"

struct addr media_place_bind(const struct media_place *p)
{
	const struct conf_listener *cl =
		conf_find_listener(p->conf, p->listener);
	const struct conf_interface *i = conf_peer_media(p->conf, p->peer);
	bool v6 = cl != NULL && cl->addr.sa.sa_family == AF_INET6;
	struct addr a = { 0 };

	if (i != NULL)
		a = i->addr[v6];
	if (!addr_is_set(&a))
		a = p->conf->voip.media_addr[p->where];
	if (!addr_is_set(&a) && cl != NULL)
		a = cl->addr;
	if (addr_is_set(&a))
		addr_set_port(&a, 0);
	return a;
}

struct addr media_place_told(
	const struct media_place *p, const struct addr *bound)
{
	struct sip_port *port = p->core->port;
	const struct conf_listener *cl =
		conf_find_listener(p->conf, p->listener);
	bool elsewhere = conf_peer_media(p->conf, p->peer) != NULL &&
			 cl != NULL && !addr_same_host(bound, &cl->addr);
	struct addr a = p->conf->voip.media_advertise[p->where];
	char host[256];
	struct sip_uri u;

	if (elsewhere)
		return *bound; /* an interface of its own, advertised nowhere */
	if (!addr_is_set(&a) &&
		!addr_is_set(&p->conf->voip.media_addr[p->where]) && cl != NULL)
		a = cl->advertise;
	if (!addr_is_set(&a))
		a = *bound;
	if (addr_is_any(&a) && port->ops->contact_host(
				       port, p->listener, host, sizeof(host))) {
		char *uri = mem_printf("sip:%s", host);

		if (sip_uri_parse(slice_str(uri), &u) == 0)
			if (addr_parse(&a, u.host, 0) != 0)
				a = *bound;
		free(uri);
	}
	addr_set_port(&a, addr_port(bound));
	return a;
}
