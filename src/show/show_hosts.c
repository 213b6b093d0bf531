/* show hosts, show sip-ua dns: where names lead. */
#include "b2bua/names/failed.h"
#include "b2bua/names/resolver.h"
#include "show/show_int.h"
#include "show/view.h"

static const struct table_col host_cols[] = {
	{ "name", "Host", false },
	{ "transport", "For", false },
	{ "port", "Port", false },
	{ "from", "From", false },
	{ "state", "State", false },
	{ "ttl_s", "TTL", true },
	{ "uses", "Used", true },
	{ "priority", "Prio", true },
	{ "weight", "Weight", true },
	{ "address", "Address", false },
};

/* A line for each address; one without where there is none. */
static void host_row(struct table *t, const struct host_info *h, size_t i)
{
	const struct dns_target *to = i < h->n ? &h->target[i] : NULL;

	table_str(t, h->name);
	table_str(t, word_transport(h->transport));
	if (h->port != 0)
		table_num(t, h->port);
	else
		table_str(t, "srv");
	table_str(t, h->from);
	table_str(t, h->state);
	if (h->ttl_s >= 0)
		table_num(t, h->ttl_s);
	else
		table_str(t, NULL);
	table_num(t, (int64_t)h->uses);
	if (to == NULL) {
		table_str(t, NULL);
		table_str(t, NULL);
		table_str(t, NULL);
		return;
	}
	table_num(t, to->priority);
	table_num(t, to->weight);
	table_addr(t, &to->addr);
}

static const struct table_col failed_cols[] = {
	{ "address", "Address that failed", false },
	{ "transport", "For", false },
	{ "times", "Times", true },
	{ "since_s", "Since", true },
	{ "left_s", "Tried again in", true },
};

int show_hosts(struct table *t, const struct show *s)
{
	const struct b2bua_query *q = s->query;
	size_t rows;

	table_rows(t, "hosts", NULL, host_cols, ARRAY_SIZE(host_cols));
	for (size_t i = 0; i < q->nhosts; i++) {
		rows = q->hosts[i].n > 0 ? q->hosts[i].n : 1;
		for (size_t k = 0; k < rows; k++)
			host_row(t, &q->hosts[i], k);
	}
	table_rows(t, "failed", NULL, failed_cols, ARRAY_SIZE(failed_cols));
	for (size_t i = 0; i < q->nfailed; i++) {
		const struct failed_info *f = &q->failed[i];

		table_addr(t, &f->addr);
		table_str(t, word_transport(f->transport));
		table_num(t, f->times);
		table_num(t, (int64_t)(f->since_ms / 1000));
		table_num(t, (int64_t)(f->left_ms / 1000));
	}
	return 0;
}
