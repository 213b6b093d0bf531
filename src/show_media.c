/* show voip rtp workers: what the media threads do. */
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
