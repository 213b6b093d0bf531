/*
 * Keys of a telephone: as RTP events (RFC 4733) and as pairs of tones in the
 * sound (Q.23). Keys are numbered as events are: 0 to 9, 10 *, 11 #, 12 to 15
 * A to D.
 */
#ifndef LINESIDE_MEDIA_DTMF_H
#define LINESIDE_MEDIA_DTMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/need.h"

enum { DTMF_KEYS = 16, DTMF_EVENT = 4 /* bytes */ };

struct dtmf_event {
	uint8_t key; /* others than keys are events, too: up to 255 */
	bool end;
	uint8_t volume; /* -dBm0, 0 to 63 */
	uint16_t duration; /* timestamp units since it began */
};
/* EBADMSG: too short. */
int dtmf_event_read(
	struct dtmf_event *out, const uint8_t *p, size_t n) MUST_USE;
void dtmf_event_write(uint8_t p[DTMF_EVENT], const struct dtmf_event *e);

/* ---- tones made ---- */

struct dtmf_tone {
	double phase[2], step[2]; /* radians */
	double peak;
};
/* The key is one of the 16; volume as above. */
void dtmf_tone_begin(
	struct dtmf_tone *t, uint8_t key, unsigned rate, uint8_t volume);
void dtmf_tone_make(struct dtmf_tone *t, int16_t *pcm, size_t n);

/* ---- tones heard ---- */

struct dtmf_ear;
/* Any rate of 8 kHz and more; it hears 8 kHz of it. */
struct dtmf_ear *dtmf_ear_new(unsigned rate) MUST_USE;
void dtmf_ear_free(struct dtmf_ear *e); /* NULL is fine */
void dtmf_ear_hear(struct dtmf_ear *e, const int16_t *pcm, size_t n);
int dtmf_ear_key(const struct dtmf_ear *e); /* that sounds now; -1: none */
void dtmf_ear_reset(struct dtmf_ear *e); /* what sounded has ended */

#endif
