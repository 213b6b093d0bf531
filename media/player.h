/*
 * A sound played to one leg, once or over and over: packets of its codec, each
 * when it is due. A stream of its own (SSRC, numbers), so that what it stands
 * in for goes on undisturbed afterwards. It begins and is broken off without a
 * click. Made on the sip thread, then the worker's.
 */
#ifndef LINESIDE_MEDIA_PLAYER_H
#define LINESIDE_MEDIA_PLAYER_H

#include "media/sound.h"
#include "media/xcode.h"

struct player;

/* It is fed with 8 or 16 kHz, as sounds are there. */
bool player_can(const struct codec *c);
/* The sound is referenced. NULL: player_can() says no. */
struct player *player_new(
	struct sound *s, const struct xcode_side *to, bool once) MUST_USE;
void player_free(struct player *p); /* NULL is fine */
/* 0: a packet that is due by now, out->n set; EAGAIN: none. The first is due
 * at once; after a stall of the machine what was missed is left out. */
int player_next(struct player *p, uint64_t now_ns, struct pkt *out,
	struct xcode_out *about);

enum player_state {
	PLAYER_ON,
	PLAYER_ENDED, /* the sound, played once, is over */
	PLAYER_STOPPED, /* by player_stop(), and faded */
};
/* Nothing comes any more but in the first of them. */
enum player_state player_state(const struct player *p);
/* It fades in the next packet, which is its last. */
void player_stop(struct player *p);

#endif
