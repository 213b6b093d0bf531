/*
 * How a leg sounds, from its figures: loss, jitter, delay and an estimate of
 * what a listener would say (ITU-T G.107, the E-model; G.107.1 for codecs of
 * wide band), in both directions. Pure; any thread.
 *
 *   rx: what came from the far end, measured here
 *   tx: what the far end hears, as its RTCP reports tell; sound that is relayed
 *       keeps its numbers, so that a packet lost before us counts there too
 */
#ifndef LINESIDE_MEDIA_QUALITY_H
#define LINESIDE_MEDIA_QUALITY_H

#include "media/media.h"

struct quality_way {
	bool known; /* packets came; or the far end has reported */
	unsigned loss_permyriad; /* lost of 10,000 that were expected */
	uint32_t jitter_us;
	uint32_t delay_us; /* mouth to ear over this leg; see quality_read() */
	unsigned r_tenths; /* E-model's R, 0 to 1000; wide band: to 1290 */
	unsigned mos_hundredths; /* MOS-CQE, 100 to 450, of either band */
};
struct quality {
	struct quality_way rx, tx;
};

/*
 * `codec` as struct leg_info has it: "PCMU/8000"; "": as PCMU. The delay is
 * half the round trip, where RTCP told it, with a jitter buffer of twice the
 * jitter and what the codec itself takes.
 */
void quality_read(
	struct quality *out, const struct mleg_stats *st, const char *codec);

/*
 * G.107: R from loss (%), one-way delay (ms) and the codec's equipment
 * impairment and robustness (G.113 Appendix I); MOS from R (Annex B).
 */
double emodel_r(double loss, double delay_ms, double ie, double bpl);
double emodel_mos(double r);
/* The same by G.107.1 (7.1, 7.5, Annex A): R is 129 at best. */
double emodel_wide_r(double loss, double delay_ms, double ie, double bpl);
double emodel_wide_mos(double r);

struct quality_codec {
	const char *name; /* rtpmap */
	double ie, bpl;
	unsigned own_ms; /* frame and look-ahead, one packet of 20 ms */
	bool wide; /* ie, bpl are those of wide band */
};
const struct quality_codec *quality_codec(const char *codec); /* never NULL */

#endif
