/*
 * Keys on their way through a call, in one direction (RFC 4733): those that
 * come as RTP events are taken out where they go on by SIP, and those that came
 * by SIP are put in. A key that is put in takes the place of sound: the packet
 * keeps its number and leaves as an event (2.5.1: sound is left out during an
 * event). Where no sound comes, packets are made, and what comes later is
 * numbered behind them. A worker's alone; NULL where nothing is to be done.
 */
#ifndef LINESIDE_MEDIA_KEYS_H
#define LINESIDE_MEDIA_KEYS_H

#include "media/media.h"
#include "media/xform.h"

struct keys;

struct keys *keys_new(void) MUST_USE; /* free() it */
void keys_set(struct keys *k, const struct mcall_keys *set);

struct keys_heard { /* what is to be told */
	bool any;
	uint8_t key;
	uint16_t ms; /* 0: it has just begun, and passes on */
};
/* A packet that came, unprotected; `relayed`: no transcoder is behind. True:
 * it goes no further. */
bool keys_take(struct keys *k, const struct pkt *p, bool relayed,
	uint64_t now_ns, struct keys_heard *heard);
/* Some times a second: a key whose end was lost. */
void keys_tick(struct keys *k, uint64_t now_ns, struct keys_heard *heard);

/* A key to be put in; false: dropped, the side tells twice. */
bool keys_press(struct keys *k, uint8_t key, unsigned ms, uint64_t now_ns);
/* Keys become tones, which are not made here: is this one to be? Else it is
 * told twice. */
bool keys_are_tones(const struct keys *k);
bool keys_press_tone(struct keys *k, uint64_t now_ns);
/* A packet that leaves: changed in place. */
void keys_leave(struct keys *k, struct pkt *p, uint64_t now_ns);
/* A packet of a key that no sound made room for. 0; EAGAIN: none is due. */
int keys_due(struct keys *k, struct pkt *out, uint64_t now_ns) MUST_USE;
bool keys_busy(const struct keys *k); /* keys_due() is to be asked */

#endif
