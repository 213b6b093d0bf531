/* How a leg sounds. See quality.h. */
#include "media/quality.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/*
 * G.113 Appendix I (2007), tables I.1 and I.4: G.711 with the concealment that
 * phones have. Where the tables give no robustness (G.726, GSM) it is that of
 * a codec that repeats frames. Unknown ones: G.711 without any.
 *
 * Wide band by G.113 Appendix IV (2024), tables IV.1 and IV.4. It has no row
 * for Opus: that counts as G.722.2 at 23.05 kbit/s, the nearest that it has.
 */
static const struct quality_codec rows[] = {
	/* clang-format off */
	{ "PCMU",    0,  25.1, 20 },
	{ "PCMA",    0,  25.1, 20 },
	{ "G722",   13,   4.9, 22, true },
	{ "L16/8000", 0,  4.3, 20 },
	{ "L16",     0,   4.3, 20, true },
	{ "G729",   11,  19.0, 25 },
	{ "G726-16", 50, 10.0, 20 },
	{ "G726-24", 25, 10.0, 20 },
	{ "G726-32",  7, 10.0, 20 },
	{ "G726-40",  2, 10.0, 20 },
	{ "GSM",    20,  10.0, 20 },
	{ "iLBC",   11,  32.0, 30 },
	{ "opus",    1,   4.6, 27, true },
	/* clang-format on */
};
static const struct quality_codec unknown = { "", 0, 4.3, 20 };

const struct quality_codec *quality_codec(const char *codec)
{
	size_t n = strcspn(codec, "/");

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcasecmp(rows[i].name, codec) == 0 ||
			(strlen(rows[i].name) == n &&
				strncasecmp(rows[i].name, codec, n) == 0))
			return &rows[i];
	return n == 0 ? &rows[0] : &unknown;
}

/* G.107 7.4: impairment by absolute delay alone, the echo being cancelled. */
static double delay_impairment(double ms)
{
	double x = ms > 100 ? log2(ms / 100) : 0;

	return ms <= 100
		       ? 0
		       : 25 * (pow(1 + pow(x, 6), 1.0 / 6) -
				      3 * pow(1 + pow(x / 3, 6), 1.0 / 6) + 2);
}

/* `base`: Ro - Is of the default values. */
static double rating(
	double base, double loss, double delay_ms, double ie, double bpl)
{
	/* 7.5, losses at random: BurstR 1 */
	double ie_eff = ie + (95 - ie) * loss / (loss + bpl);
	double r = base - delay_impairment(delay_ms) - ie_eff;

	return r > 0 ? r : 0;
}

double emodel_r(double loss, double delay_ms, double ie, double bpl)
{
	return rating(93.2, loss, delay_ms, ie, bpl);
}

static const double wide_base = 129;

double emodel_wide_r(double loss, double delay_ms, double ie, double bpl)
{
	return rating(wide_base, loss, delay_ms, ie, bpl);
}

double emodel_wide_mos(double r)
{
	return emodel_mos(r * 100 / wide_base);
}

double emodel_mos(double r)
{
	double mos = 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;

	if (r >= 100)
		return 4.5;
	return mos > 1 ? mos : 1; /* the formula dips just above R = 0 */
}

static void estimate(struct quality_way *w, uint64_t lost, uint64_t of,
	uint32_t rtt_us, const struct quality_codec *c)
{
	double loss = 0;
	double r;

	if (lost > of)
		lost = of;
	if (of > 0)
		loss = 100 * (double)lost / (double)of;
	w->loss_permyriad = (unsigned)lround(loss * 100);
	w->delay_us = rtt_us / 2 + 2 * w->jitter_us + c->own_ms * 1000;
	r = (c->wide ? emodel_wide_r : emodel_r)(
		loss, w->delay_us / 1000.0, c->ie, c->bpl);
	w->r_tenths = (unsigned)lround(r * 10);
	w->mos_hundredths = (unsigned)lround(
		(c->wide ? emodel_wide_mos : emodel_mos)(r)*100);
}

void quality_read(
	struct quality *out, const struct mleg_stats *st, const char *codec)
{
	const struct quality_codec *c = quality_codec(codec);

	*out = (struct quality){ 0 };
	if (st->rx_packets > 0) {
		out->rx.known = true;
		out->rx.jitter_us = st->jitter_us;
		estimate(&out->rx, st->lost, st->rx_packets + st->lost,
			st->rtt_us, c);
	}
	if (st->reported_of > 0) {
		out->tx.known = true;
		out->tx.jitter_us = st->jitter_reported_us;
		estimate(&out->tx, st->loss_reported, st->reported_of,
			st->rtt_us, c);
	}
}
