/* show call one-way: streams of which nothing was heard although it should have
 * been, of calls that are up or over. */
#include "show/show_int.h"
#include "show/view.h"

static const struct table_col cols[] = {
	{ "begun", "Begun", false },
	{ "seconds", "Seconds", true },
	{ "lasts", "Lasts", false },
	{ "call", "Call", true },
	{ "leg", "Leg", false },
	{ "number", "Number", false },
	{ "dial_peer", "Dial-peer", true },
	{ "media", "Media", false },
	{ "remote", "Remote", false },
	{ "source", "Source", false },
	{ "cause", "Cause", false },
	{ "reason", NULL, false },
	{ "ago_s", NULL, false },
	{ "local", NULL, false },
};

static void row(
	struct table *t, const struct show *s, const struct oneway_info *o)
{
	char when[VIEW_TIME], leg[2] = { o->leg, '\0' };
	char remote[ADDR_TEXT], source[ADDR_TEXT], local[ADDR_TEXT];

	table_str(t,
		view_iso_time(s->now_ms > o->ago_ms ? s->now_ms - o->ago_ms : 0,
			when));
	table_num(t, (int64_t)(o->for_ms / 1000));
	table_bool(t, o->lasts);
	table_num(t, o->call);
	table_str(t, leg);
	table_str(t, o->number);
	table_num(t, o->dial_peer);
	table_str(t, o->media);
	table_str(t, addr_text(&o->remote, remote));
	table_str(t, addr_text(&o->source, source));
	table_str(t, o->cause);
	table_str(t, o->code);
	table_num(t, (int64_t)(o->ago_ms / 1000));
	table_str(t, addr_text(&o->local, local));
}

int show_call_oneway(struct table *t, const struct show *s)
{
	const struct b2bua_query *q = s->query;

	table_rows(t, "one_way",
		"Streams that went one way, newest first :", cols,
		sizeof(cols) / sizeof(cols[0]));
	for (size_t i = 0; i < q->noneways; i++)
		row(t, s, &q->oneways[i]);
	return 0;
}
