/* show call ringing: calls that nobody has answered yet; which phones ring, and
 * which have said what. */
#include "show/show_int.h"

static const struct table_col cols[] = {
	{ "call", "Call", true },
	{ "from", "From", false },
	{ "number", "Called", false },
	{ "device", "Phone", false },
	{ "address", "Address", false },
	{ "state", "State", false },
	{ "status", "Said", true },
	{ "seconds", "Seconds", true },
	{ "dial_peer", "Dial-peer", true },
	{ "listener", "Listener", false },
	{ "sip_call_id", NULL, false },
};

static const char *state_of(const struct ring_info *r)
{
	return r->status > 100 && r->status < 200 ? "ringing"
	       : r->status >= 300		  ? "refused"
						  : "called";
}

static void row(struct table *t, const struct ring_info *r)
{
	table_num(t, r->call);
	table_str(t, r->from);
	table_str(t, r->number);
	table_str(t, r->device);
	table_addr(t, &r->addr);
	table_str(t, state_of(r));
	if (r->status != 0)
		table_num(t, r->status);
	else
		table_str(t, NULL);
	table_num(t, (int64_t)(r->age_ms / 1000));
	table_num(t, r->dial_peer);
	table_str(t, r->listener);
	table_str(t, r->sip_call_id);
}

int show_call_ringing(struct table *t, const struct show *s)
{
	const struct b2bua_query *q = s->query;

	table_rows(t, "ringing", "Calls that nobody has answered yet :", cols,
		sizeof(cols) / sizeof(cols[0]));
	for (size_t i = 0; i < q->nrings; i++)
		row(t, &q->rings[i]);
	return 0;
}
