/*
 * A sound to be played to far ends: from a file (hold music, announcements),
 * read once, whole, mixed to one channel; or made (ringback). At the rates that
 * telephone codecs are fed with. Counted; any thread may read it.
 */
#ifndef LINESIDE_MEDIA_SOUND_H
#define LINESIDE_MEDIA_SOUND_H

#include <stddef.h>
#include <stdint.h>

#include "base/need.h"
#include "conf/model_media.h"

enum { SOUND_SECONDS_MAX = 600, SOUND_WHY = 160 };

struct sound;

/*
 * Anything that libsndfile reads (WAV, AIFF, FLAC, Ogg …), up to ten minutes.
 * EBADMSG: not a sound, EFBIG: too long, else errno of opening it; `why` says
 * it in words. Blocks: main thread.
 */
int sound_load(struct sound **out, const char *path,
	char why[SOUND_WHY]) MUST_USE; /* obj_unref() it */
/* One turn of what rings, at -19 dBm0 (E.180), each burst without a click. */
struct sound *sound_ringback(const struct conf_cptone *t) MUST_USE;
/* Samples at 8000 or 16000 Hz; *n of them, never 0. */
const int16_t *sound_samples(const struct sound *s, unsigned rate, size_t *n);

#endif
