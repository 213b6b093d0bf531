/* show voip rtp workers: what the media threads do; show call threshold status:
 * whether new calls are taken. */
#include "show_int.h"

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
