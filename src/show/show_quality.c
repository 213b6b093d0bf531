/* How legs sound, for the layouts of show call active voice. */
#include "media/quality.h"
#include "show/show_int.h"
#include "show/view.h"

/* Members of what is known. */
static void way_json(
	struct view *v, const struct quality_way *w, const char *const names[4])
{
	if (!w->known)
		return;
	view_num(v, names[0], NULL, w->loss_permyriad);
	view_num(v, names[1], NULL, w->delay_us);
	view_num(v, names[2], NULL, w->r_tenths);
	view_num(v, names[3], NULL, w->mos_hundredths);
}

static struct quality leg_quality(const struct leg_info *l)
{
	struct quality q;

	quality_read(&q, &l->stats, l->codec);
	return q;
}

void show_quality_json(struct view *v, const struct leg_info *l)
{
	static const char *const rx[4] = { "rx_loss_permyriad", "rx_delay_us",
		"rx_r_tenths", "rx_mos_hundredths" };
	static const char *const tx[4] = { "tx_loss_permyriad", "tx_delay_us",
		"tx_r_tenths", "tx_mos_hundredths" };
	struct quality q = leg_quality(l);

	way_json(v, &q.rx, rx);
	way_json(v, &q.tx, tx);
}

/* "4.36"; "-": nothing is known. */
static const char *mos_text(const struct quality_way *w, char out[12])
{
	if (w->known)
		(void)snprintf(out, 12, "%u.%02u", w->mos_hundredths / 100,
			w->mos_hundredths % 100);
	else
		(void)snprintf(out, 12, "-");
	return out;
}

void show_quality_brief(struct view *v, const struct leg_info *l)
{
	struct quality q = leg_quality(l);
	char rx[12], tx[12];

	view_line(v,
		" MOS rx:%s tx:%s far end: LostPacketRate:%.2f Jitter:%.1fms",
		mos_text(&q.rx, rx), mos_text(&q.tx, tx),
		q.tx.loss_permyriad / 100.0, q.tx.jitter_us / 1000.0);
}

void show_quality_full(struct view *v, const struct leg_info *l)
{
	struct quality q = leg_quality(l);
	char rx[12], tx[12];

	view_line(v, "LostPackets=%llu", (unsigned long long)l->stats.lost);
	view_line(v, "Jitter=%.1f ms", l->stats.jitter_us / 1000.0);
	view_line(v, "MOS=%s", mos_text(&q.rx, rx));
	view_line(v, "FarEndLostPackets=%u of %u", l->stats.loss_reported,
		l->stats.reported_of);
	view_line(v, "FarEndJitter=%.1f ms",
		l->stats.jitter_reported_us / 1000.0);
	view_line(v, "FarEndMOS=%s", mos_text(&q.tx, tx));
}

/* One direction: what RTP and RTCP said, and what the E-model makes of it. */
static void stats_way(struct view *v, const char *name, uint64_t packets,
	uint64_t lost, const struct quality_way *w)
{
	char mos[12];

	if (!w->known) {
		view_line(v, " %s PK:%llu LO:- JT:- DL:- R:- MOS:-", name,
			(unsigned long long)packets);
		return;
	}
	view_line(v,
		" %s PK:%llu LO:%llu/%.2f%% JT:%.1fms DL:%.1fms R:%.1f MOS:%s",
		name, (unsigned long long)packets, (unsigned long long)lost,
		w->loss_permyriad / 100.0, w->jitter_us / 1000.0,
		w->delay_us / 1000.0, w->r_tenths / 10.0, mos_text(w, mos));
}

void show_quality_ways(struct view *v, const struct leg_info *l)
{
	const struct mleg_stats *st = &l->stats;
	struct quality q = leg_quality(l);

	stats_way(v, "rx (here)   ", st->rx_packets, st->lost, &q.rx);
	stats_way(v, "tx (far end)", st->tx_packets, st->loss_reported, &q.tx);
}
