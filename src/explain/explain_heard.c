/* Of explain call: whether a core listener hears who calls. */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/route/route.h"
#include "base/obj.h"
#include "explain/explain.h"

struct search {
	const struct addr *source;
	bool found, named;
	unsigned peer;
};

static void look_at(void *arg, const struct route_target *t)
{
	struct search *s = arg;

	if (s->found || !route_target_in_service(t))
		return;
	s->named |= !addr_is_set(&t->to.addr);
	if (!addr_same_host(&t->to.addr, s->source))
		return;
	s->found = true;
	s->peer = t->peer != NULL ? t->peer->tag : 0;
}

static char *target_text(unsigned peer)
{
	return peer != 0 ? mem_printf("target of dial-peer %u", peer)
			 : mem_dup("a registrar");
}

/* Why it is heard; NULL: it is not. free() it. */
static char *why_heard(const struct conf *c, const struct search *s)
{
	const struct conf_net *net = conf_trusted_net(c, s->source);
	char text[CONF_NET_TEXT];

	if (!c->voip.trusted.on)
		return mem_dup("everybody is: no ip address trusted "
			       "authenticate");
	if (s->found)
		return target_text(s->peer);
	if (net == NULL)
		return NULL;
	return mem_printf(
		"ip address trusted list has %s", conf_net_text(net, text));
}

bool explain_heard(struct table *t, const struct conf *c,
	const struct addr *source, const struct explain_live *live)
{
	struct search s = { .source = source };
	char *why;
	bool heard;

	route_targets(c, look_at, &s);
	if (!s.found && live->leads_to != NULL)
		s.found = live->leads_to(live->arg, source, &s.peer);
	why = why_heard(c, &s);
	heard = why != NULL;
	table_block(t, "heard", NULL);
	table_pair_bool(t, "heard", "heard", heard);
	table_pair(t, "why", "why",
		heard ? why
		      : "it is no target of a dial-peer and not in ip address "
			"trusted list");
	free(why);
	if (heard)
		return true;
	if (s.named && live->leads_to == NULL)
		table_note(t, "Unless a name of the configuration leads there, "
			      "which the running daemon knows.");
	if (c->voip.trusted.by_certificate)
		table_note(t, "Unless it shows a certificate that is accepted: "
			      "ip address trusted certificate.");
	table_note(t,
		c->voip.trusted.silent
			? "Dropped, without an answer: silent-discard untrusted."
			: "Refused: no silent-discard untrusted.");
	return c->voip.trusted.by_certificate ||
	       (s.named && live->leads_to == NULL);
}
