/*
 * Sound in place of what was lost, for codecs that have no way of their own:
 * the last period of the voice is repeated and fades, after the manner of
 * G.711 Appendix I, at any rate. (spandsp has the like for 8 kHz, but copies
 * overlapping memory.) One stream, one thread.
 */
#ifndef LINESIDE_MEDIA_GAPFILL_H
#define LINESIDE_MEDIA_GAPFILL_H

#include <stddef.h>
#include <stdint.h>

#include "base/need.h"

struct gapfill;

struct gapfill *gapfill_new(unsigned rate) MUST_USE; /* free() it */
/* What arrived; after a gap its beginning is blended with what was made up. */
void gapfill_hear(struct gapfill *g, int16_t *pcm, size_t n);
/* n samples more that are missing. */
void gapfill_make(struct gapfill *g, int16_t *pcm, size_t n);

#endif
