/* How a leg's far end is told who calls: policies of both legs, by asserted.h.
 */
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/route/asserted.h"
#include "base/obj.h"

struct conf_caller leg_caller(const struct leg *l)
{
	return conf_peer_caller(l->call->conf, l->peer);
}

/* Our host on that leg, without port and parameters. */
static void own_host(const struct leg *l, char out[256])
{
	struct sip_port *port = l->call->core->port;
	char *end;

	if (!port->ops->contact_host(port, l->listener, out, 256))
		out[0] = '\0';
	end = out[0] == '[' ? strchr(out, ']') : NULL;
	end = end != NULL ? end + 1 : strchr(out, ':');
	if (end != NULL)
		*end = '\0';
}

/* Whose From stands for him: who is inside, and a phone by its certificate,
 * whose line it is (call_invite). Nobody is anonymous. */
static struct slice believed(const struct leg *from, const struct sip_msg *m)
{
	struct sip_name_addr na;
	struct sip_uri u;
	bool good =
		from->where == CONF_CORE
			? leg_caller(from).asserted != CONF_ASSERTED_NONE
			: from->identity != NULL && from->identity->certified;

	if (!good || sip_name_addr_parse(m->from, &na) != 0 ||
		sip_uri_parse(na.uri, &u) != 0 || u.user.n == 0 ||
		slice_caseeq_str(u.host, "anonymous.invalid"))
		return (struct slice){ 0 };
	return m->from;
}

void leg_caller_pass(
	const struct leg *l, struct hdrs *h, const struct sip_msg *m)
{
	const struct leg *from = &l->call->leg[1 - l->side];
	char host[256];
	struct asserted_way w = { .from = from->where,
		.to = l->where,
		.said_from = leg_caller(from),
		.said_to = leg_caller(l),
		.request = !m->response,
		.begins = m == l->call->first,
		.host = host };

	if (!asserted_concerns(h, &w))
		return;
	own_host(l, host);
	if (w.begins)
		w.who = believed(from, m);
	asserted_pass(h, &w);
}

char *leg_caller_from(const struct leg *l, char *value)
{
	struct conf_caller c = leg_caller(l);
	char *now;

	if (c.privacy & (CONF_PRIVACY_ID | CONF_PRIVACY_USER))
		now = mem_dup(asserted_anonymous);
	else if (c.localhost != NULL)
		now = asserted_at(slice_str(value), c.localhost);
	else
		return value;
	free(value);
	return now;
}

bool leg_caller_hidden(const struct leg *l, const struct sip_msg *first)
{
	return l->where == CONF_ACCESS
		       ? privacy_hides(privacy_asked(first))
		       : (leg_caller(l).privacy &
				 (CONF_PRIVACY_ID | CONF_PRIVACY_USER)) != 0;
}
