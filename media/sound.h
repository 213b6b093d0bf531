/*
 * A sound from a file, to be played to far ends: hold music, announcements.
 * Read once, whole, mixed to one channel, at the rates that telephone codecs
 * are fed with. Counted; any thread may read it.
 */
#ifndef LINESIDE_MEDIA_SOUND_H
#define LINESIDE_MEDIA_SOUND_H

#include <stddef.h>
#include <stdint.h>

#include "base/need.h"

enum { SOUND_SECONDS_MAX = 600, SOUND_WHY = 160 };

struct sound;

/*
 * Anything that libsndfile reads (WAV, AIFF, FLAC, Ogg …), up to ten minutes.
 * EBADMSG: not a sound, EFBIG: too long, else errno of opening it; `why` says
 * it in words. Blocks: main thread.
 */
int sound_load(struct sound **out, const char *path,
	char why[SOUND_WHY]) MUST_USE; /* obj_unref() it */
/* Samples at 8000 or 16000 Hz; *n of them, never 0. */
const int16_t *sound_samples(const struct sound *s, unsigned rate, size_t *n);

#endif
