/* show voice class sip-options-keepalive: which targets live. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/route/route.h"
#include "show/keepalive_state.h"
#include "show/show_int.h"

static const struct keepalive_info *info_of(const struct b2bua_query *q,
	const struct conf *c, const struct conf_dial_peer *p,
	const struct conf_host *to)
{
	const struct conf_listener *l = route_listener(c, p, &to->addr);
	const struct conf_hop hop = conf_peer_hop(c, p, to);
	const char *proxy = hop.proxy != NULL ? hop.to->host : "";
	uint16_t proxy_port = hop.proxy != NULL ? hop.to->port : 0;

	for (size_t i = 0; l != NULL && i < q->nkeepalives; i++) {
		const struct keepalive_info *k = &q->keepalives[i];

		if (k->port == to->port && k->transport == p->transport &&
			strcmp(k->host, to->host) == 0 &&
			strcmp(k->proxy, proxy) == 0 &&
			k->proxy_port == proxy_port &&
			strcmp(k->listener, l->name) == 0)
			return k;
	}
	return NULL;
}

const struct keepalive_info *keepalive_busied_out(const struct b2bua_query *q,
	const struct conf *c, const struct conf_dial_peer *p,
	const struct conf_host *to)
{
	const struct keepalive_info *k =
		conf_peer_keepalive(p) == NULL ? NULL : info_of(q, c, p, to);

	return k != NULL && k->busied_out ? k : NULL;
}

static uint32_t no_random(void *arg)
{
	(void)arg;
	return 0;
}

const char *keepalive_state(const struct b2bua_query *q, const struct conf *c,
	const struct conf_dial_peer *p)
{
	struct conf_host host[ROUTE_HOSTS_MAX];
	size_t n, down = 0;

	if (conf_peer_keepalive(p) == NULL || !conf_peer_to_host(p) ||
		p->shutdown)
		return NULL;
	n = route_hosts(c, p, 0, no_random, NULL, host);
	for (size_t i = 0; i < n; i++)
		down += keepalive_busied_out(q, c, p, &host[i]) != NULL;
	return down == 0 ? "active" : down < n ? "partial" : "busyout";
}

static const struct table_col cols[] = {
	{ "host", "TARGET", false },
	{ "port", "PORT", true },
	{ "transport", "TRANSPORT", false },
	{ "proxy", "BY PROXY", false },
	{ "listener", "FROM", false },
	{ "state", "STATE", false },
	{ "state_s", "FOR", true },
	{ "status", "LAST", true },
	{ "failures", "FAILED", true },
	{ "up_interval", "UP", true },
	{ "down_interval", "DOWN", true },
	{ "retry", "RETRY", true },
	{ "dial_peers", "DIAL-PEERS", false },
	{ "sent", NULL, true },
	{ "failed", NULL, true },
	{ "busyouts", NULL, true },
};

/* The tags of those that ask it. free() it. */
static char *peers_of(const struct show *s, const struct keepalive_info *k,
	const struct conf_keepalive_class *only)
{
	struct text t = { 0 };

	for (const struct conf_dial_peer *p = s->conf->dial_peers; p != NULL;
		p = p->next) {
		struct conf_host host[ROUTE_HOSTS_MAX];
		struct conf_dial_peer as;
		size_t n = 0;

		if (only == NULL || p->keepalive_class == only)
			n = route_keepalive_hosts(s->conf, p, &as, host);
		for (size_t i = 0; i < n; i++) {
			if (info_of(s->query, s->conf, &as, &host[i]) != k)
				continue;
			text_printf(&t, "%s%u", t.n > 0 ? " " : "", p->tag);
			break;
		}
	}
	return text_take(&t);
}

static void row(
	struct table *t, const struct keepalive_info *k, const char *peers)
{
	table_str(t, k->host);
	if (k->port != 0)
		table_num(t, k->port);
	else
		table_str(t, NULL);
	table_str(t, word_transport(k->transport));
	table_str(t, k->proxy);
	table_str(t, k->listener);
	table_str(t, k->busied_out ? "busyout"
		     : k->asked	   ? "active"
				   : "not asked yet");
	table_num(t, (int64_t)k->state_s);
	if (k->status != 0)
		table_num(t, k->status);
	else
		table_str(t, NULL);
	table_num(t, k->failures);
	table_num(t, k->up);
	table_num(t, k->down);
	table_num(t, k->retry);
	table_str(t, peers);
	table_num(t, (int64_t)k->sent);
	table_num(t, (int64_t)k->failed);
	table_num(t, (int64_t)k->busyouts);
}

static void rows(struct table *t, const struct show *s,
	const struct conf_keepalive_class *only)
{
	table_rows(t, "keepalives", NULL, cols, ARRAY_SIZE(cols));
	for (size_t i = 0; i < s->query->nkeepalives; i++) {
		const struct keepalive_info *k = &s->query->keepalives[i];
		char *peers = peers_of(s, k, only);

		if (peers[0] != '\0')
			row(t, k, peers);
		free(peers);
	}
}

int show_keepalives(struct table *t, const struct show *s)
{
	rows(t, s, NULL);
	return 0;
}

int show_keepalive(struct table *t, const struct show *s)
{
	uint64_t tag = 0;

	(void)!slice_uint(s->match->arg[0], CONF_TAG_MAX, &tag);
	for (const struct conf_keepalive_class *k = s->conf->keepalive_classes;
		k != NULL; k = k->next) {
		if (k->tag != tag)
			continue;
		rows(t, s, k);
		return 0;
	}
	table_rows(t, "keepalives", NULL, cols, ARRAY_SIZE(cols));
	table_note(t, "%% There is no voice class sip-options-keepalive %.*s",
		SLICE_ARG(s->match->arg[0]));
	return ENOENT;
}
