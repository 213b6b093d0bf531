/* show sip-ua subscriptions: who is told of what, and whether he still is. */
#include "show/show_int.h"

static const struct table_col cols[] = {
	{ "who", "WHO", false },
	{ "of", "OF", false },
	{ "event", "EVENT", false },
	{ "state", "STATE", false },
	{ "expires_s", "EXPIRES", true },
	{ "notifies", "NOTIFIES", true },
	{ "notifies_failed", "FAILED", true },
	{ "refreshes", "REFRESHES", true },
	{ "dialog_a", "DIALOG-A", false },
	{ "remote_a", "ASKED-BY", false },
	{ "dialog_b", "DIALOG-B", false },
	{ "remote_b", "NOTIFIED-BY", false },
	{ "device", "DEVICE", false },
	{ "age_s", NULL, true },
	{ "notified_s", NULL, true },
	{ "side_a", NULL, false },
	{ "listener_a", NULL, false },
	{ "waiting_a", NULL, true },
	{ "sip_call_id_a", NULL, false },
	{ "side_b", NULL, false },
	{ "listener_b", NULL, false },
	{ "waiting_b", NULL, true },
	{ "sip_call_id_b", NULL, false },
};

static void row(struct table *t, const struct sub_info *s)
{
	table_str(t, s->who);
	table_str(t, s->of);
	table_str(t, s->event);
	table_str(t, s->state);
	table_num(t, s->expires_s);
	table_num(t, s->notifies);
	table_num(t, s->notifies_failed);
	table_num(t, s->refreshes);
	for (int i = 0; i < 2; i++) {
		table_str(t, s->leg[i].state);
		table_addr(t, &s->leg[i].addr);
	}
	table_str(t, s->device);
	table_num(t, (int64_t)(s->age_ms / 1000));
	table_num(t, s->notifies > 0 ? (int64_t)(s->notified_ms / 1000) : -1);
	for (int i = 0; i < 2; i++) {
		table_str(t, word_side(s->leg[i].side));
		table_str(t, s->leg[i].listener);
		table_num(t, s->leg[i].waiting);
		table_str(t, s->leg[i].sip_call_id);
	}
}

int show_subscriptions(struct table *t, const struct show *s)
{
	const struct b2bua_query *q = s->query;

	table_rows(
		t, "subscriptions", NULL, cols, sizeof(cols) / sizeof(cols[0]));
	for (size_t i = 0; i < q->nsubs; i++)
		row(t, &q->subs[i]);
	table_note(t, "%zu subscriptions", q->nsubs);
	return 0;
}
