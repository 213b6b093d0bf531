/* show media-recording: which calls are recorded where, and which are not
 * although they should be. */
#include <stdlib.h>

#include "show/show_int.h"

static const struct table_col cols[] = {
	{ "call", "CALL", true },
	{ "state", "STATE", false },
	{ "dial_peer", "DIAL-PEER", true },
	{ "recorder", "RECORDER", false },
	{ "duration_s", "SECONDS", true },
	{ "srtp", "SRTP", false },
	{ "packets_a", "PKTS-A", true },
	{ "packets_b", "PKTS-B", true },
	{ "not_sent", "NOT-SENT", true },
	{ "session", "SESSION", false },
	{ "reason", "REASON", false },
	{ "group", NULL, false },
	{ "sip_call_id", NULL, false },
};

static int64_t not_sent(const struct mleg_stats *s)
{
	return (int64_t)(s->send_failed + s->send_held + s->send_repeated);
}

static void row(struct table *t, const struct recording_info *r)
{
	table_num(t, r->call);
	table_str(t, r->state);
	table_num(t, r->dial_peer);
	table_str(t, r->recorder);
	table_num(t, (int64_t)(r->up_ms / 1000));
	table_bool(t, r->srtp);
	table_num(t, (int64_t)r->stream[0].tx_packets);
	table_num(t, (int64_t)r->stream[1].tx_packets);
	table_num(t, not_sent(&r->stream[0]) + not_sent(&r->stream[1]));
	table_str(t, r->session);
	table_str(t, r->reason);
	table_str(t, r->group);
	table_str(t, r->sip_call_id);
}

int show_recordings(struct table *t, const struct show *s)
{
	const struct b2bua_query *q = s->query;

	table_rows(t, "recordings", NULL, cols, sizeof(cols) / sizeof(cols[0]));
	for (size_t i = 0; i < q->nrecordings; i++)
		row(t, &q->recordings[i]);
	table_note(t, "%zu recordings", q->nrecordings);
	return 0;
}
