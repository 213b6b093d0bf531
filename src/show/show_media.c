/* show voip rtp workers: what the media threads do; show call threshold status:
 * whether new calls are taken; show capture. */
#include "show/show_int.h"
#include "show/view.h"

static const struct table_col worker_cols[] = {
	{ "worker", "Worker", true },
	{ "calls", "Calls", true },
	{ "load_percent", "Load %", true },
	{ "packets_per_second", "Packets/s", true },
	{ "longest_wait_us", "Longest wait us", true },
};

int show_media_workers(struct table *t, const struct show *s)
{
	table_rows(t, "workers",
		"Media workers over the last second :", worker_cols,
		ARRAY_SIZE(worker_cols));
	for (unsigned i = 0; i < s->media->workers; i++) {
		const struct media_load *l = &s->media->load[i];

		table_num(t, i);
		table_num(t, l->calls);
		table_num(t, l->percent);
		table_num(t, l->packets);
		table_num(t, l->longest_us);
	}
	return 0;
}

static const struct table_col threshold_cols[] = {
	{ "status", "Status", false },
	{ "type", "Type", false },
	{ "value", "Value", true },
	{ "low", "Low", true },
	{ "high", "High", true },
};

int show_call_threshold(struct table *t, const struct show *s)
{
	unsigned above = 0;

	table_rows(t, "thresholds", NULL, threshold_cols,
		ARRAY_SIZE(threshold_cols));
	for (unsigned i = 0; i < CONF_THRESHOLDS; i++) {
		const struct threshold_info *w = &s->query->usage.threshold[i];

		if (w->high == 0)
			continue;
		above += w->above;
		table_str(t, w->above ? "Unavail" : "Avail");
		table_str(t, conf_threshold_names[i]);
		table_num(t, w->now);
		table_num(t, w->low);
		table_num(t, w->high);
	}
	table_note(t, above == 0
			      ? "New calls are taken"
			      : "New calls are refused, but for emergencies");
	return 0;
}

static const struct table_col capture_cols[] = {
	{ "call", "Call", true },
	{ "state", "State", false },
	{ "begun", "Begun", false },
	{ "uid", "User", true },
	{ "seconds", "Seconds", true },
	{ "packets", "Packets", true },
	{ "bytes", "Bytes", true },
	{ "dropped", "Dropped", true },
	{ "file", "File", false },
};

int show_captures(struct table *t, const struct show *s)
{
	struct capture_info v[CAPTURES_KEPT];
	size_t n = s->captures != NULL
			   ? captures_describe(s->captures, v, CAPTURES_KEPT)
			   : 0;
	char when[VIEW_TIME];

	table_rows(t, "captures",
		"Captures of calls, newest first :", capture_cols,
		ARRAY_SIZE(capture_cols));
	for (size_t i = 0; i < n; i++) {
		table_num(t, v[i].call);
		table_str(t, capture_end_text(v[i].stats.end));
		table_str(t, view_iso_time(v[i].begun_ms, when));
		table_num(t, v[i].uid);
		table_num(t, v[i].seconds);
		table_num(t, (int64_t)v[i].stats.packets);
		table_num(t, (int64_t)v[i].stats.bytes);
		table_num(t, (int64_t)v[i].stats.dropped);
		table_str(t, v[i].file);
	}
	return 0;
}
