/* show ip address trusted list: who is heard on the core side. */
#include "b2bua/core/trusted.h"
#include "base/metric.h"
#include "show/show_int.h"

#include <stdlib.h>

static const struct table_col target_cols[] = {
	{ "dial_peer", "Peer Tag", true },
	{ "state", "Oper State", false },
	{ "target", "Session Target", false },
	{ "address", "Address", false },
};

static const struct table_col list_cols[] = {
	{ "entry", "IP Address Trusted List", false },
};

static void policy(struct table *t, const struct conf_trusted *c)
{
	table_block(t, "authentication", "IP Address Trusted Authentication");
	table_pair(t, "administration", "Administration State",
		c->on ? "UP" : "DOWN");
	table_pair(t, "operation", "Operation State", c->on ? "UP" : "DOWN");
	table_pair(t, "untrusted", "Untrusted requests",
		c->silent ? "dropped" : "refused");
	if (!c->silent)
		table_pair_num(t, "cause", "Call Block Cause", c->cause);
	table_pair_bool(t, "certificate", "Certificates make trusted",
		c->by_certificate);
	table_pair_num(t, "refused", "Requests not heard",
		(int64_t)metric_read(M_SEC_UNTRUSTED));
}

static void target_row(struct table *t, const struct trusted_info *x)
{
	if (x->peer != 0)
		table_num(t, x->peer);
	else
		table_str(t, "registrar");
	table_str(t, x->shutdown ? "DOWN" : "UP");
	table_str(t, x->host);
	if (addr_is_set(&x->addr)) {
		char host[ADDR_TEXT];

		table_str(t, addr_host(&x->addr, host));
	} else {
		table_str(t, x->shutdown ? NULL : "not known yet");
	}
}

int show_trusted(struct table *t, const struct show *s)
{
	const struct conf_trusted *c = &s->conf->voip.trusted;
	char text[CONF_NET_TEXT];

	policy(t, c);
	table_rows(t, "targets", "Dial-peer session targets and registrars",
		target_cols, ARRAY_SIZE(target_cols));
	for (size_t i = 0; i < s->query->ntrusted; i++)
		target_row(t, &s->query->trusted[i]);
	table_rows(t, "list", NULL, list_cols, ARRAY_SIZE(list_cols));
	for (size_t i = 0; i < c->n; i++)
		table_str(t, conf_net_text(&c->net[i], text));
	return 0;
}
