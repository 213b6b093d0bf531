/*
 * Two media legs joined: what arrives on one leaves on the other. All of it
 * belongs to one worker from worker_add() on.
 *
 * The way of a packet: epoll says that a socket of leg A can be read; the
 * worker calls bridge_read(), which takes a packet, or what waits there, and
 * goes on to the next socket; receiving, our own work and sending each keep
 * the processor's caches warm for a batch. Then in bridge_work()
 * each packet passes leg A's source check and receive transform, is counted,
 * passes leg B's send transform, and leaves by one system call for all that
 * go out of the same socket. With a transcoder, what it makes of the packet
 * takes the packet's place: none, one or several.
 */
#ifndef LINESIDE_MEDIA_BRIDGE_H
#define LINESIDE_MEDIA_BRIDGE_H

#include "media/capture.h"
#include "media/keys.h"
#include "media/mleg.h"
#include "media/oneway.h"
#include "media/player.h"
#include "media/xcode.h"

enum { BATCH = 64 };

struct batch { /* a worker's room for packets on their way */
	struct mmsghdr in[BATCH], out[BATCH];
	struct iovec in_iov[BATCH], out_iov[BATCH];
	struct addr from[BATCH];
	struct leaver {
		struct mleg *leg;
		enum channel kind;
		size_t payload;
		int fd;
	} leaver[BATCH];
	struct waiter { /* what lies in room[] */
		const struct mport *port;
		size_t n; /* its length, also where that is more than fits */
	} waiter[BATCH];
	unsigned n_in, n_out;
	struct bridge *playing; /* those that bridge_play() is for */
	_Alignas(16) uint8_t room[BATCH][PKT_ROOM];
	_Alignas(16) uint8_t made[BATCH][PKT_ROOM]; /* by transcoders */
};

struct batch *batch_new(void) MUST_USE; /* free() it */

typedef void bridge_event_fn(void *arg, const struct media_event *ev);

struct bridge {
	struct mleg leg[2];
	struct player *player[2]; /* owned; to that side, in place of all */
	struct player *after[2]; /* owned; when that one has faded; or NULL */
	struct keys *keys[2]; /* owned; that come from that side; or NULL */
	struct xcode *xcode; /* owned; NULL while both legs speak one codec */
	struct capture *capture; /* owned; NULL as a rule */
	/* What arrives on a side goes to that leg of this one as well (see
	 * mcall_copy()); NULL as a rule. `copied` is referenced for its sake. */
	struct bridge *copy;
	void *copied;
	bool apart; /* nothing passes between the two legs */
	_Atomic bool over; /* nothing passes any more */
	unsigned inactivity_ms; /* 0: never */
	const struct log_ctx *log; /* borrowed */
	uint64_t armed_ms; /* silence counts from here */
	unsigned oneway_ms; /* 0: not watched */
	uint64_t oneway_look_ms; /* no earlier than this */
	struct oneway oneway[2];
	bridge_event_fn *event; /* on the worker */
	void *arg;
	struct bridge *next, **prev; /* the worker's list */
	struct bridge *play_next, **play_prev; /* the batch's; or NULL */
};

void bridge_init(struct bridge *br);
/* From now on nothing is passed on or played. Any thread. */
void bridge_end(struct bridge *br);
/*
 * Reads from a socket by one system call: one packet, which is cheapest where
 * only one waits, or up to BATCH. The number of packets. They lie in the
 * batch until bridge_work(), at the latest until it is full.
 */
unsigned bridge_read(
	struct mport *port, struct batch *b, bool many, uint64_t now_ns);
/* Passes on what was read, of whatever bridges, before any of them changes. */
void bridge_work(struct batch *b, uint64_t now_ns);
/* From now on it has something due by the clock: a player, keys, a pause. */
void bridge_play_on(struct bridge *br, struct batch *b);
/* Sends what is due; takes it off the batch's list when that was the last. */
void bridge_play(struct bridge *br, struct batch *b, uint64_t now_ns);
void bridge_play_off(struct bridge *br); /* takes it off, if it is there */
void bridge_tick(struct bridge *br, uint64_t now_ns); /* some times a second */
/* Part of that: tells of silence and of sound that goes one way only. */
void bridge_watch(struct bridge *br, uint64_t now_ms);
/* Keys, in bridge_keys.c: told by SIP, to be put in (true: bridge_play() is
 * wanted); told as events, or heard in the sound; the end of those that broke
 * off. */
bool bridge_press(
	struct bridge *br, int side, uint8_t key, unsigned ms, uint64_t now_ns);
void bridge_tell_key(
	struct bridge *br, int side, const struct keys_heard *heard);
void bridge_tell_tones(struct bridge *br, int side, uint64_t now_ns);
void bridge_tick_keys(struct bridge *br, uint64_t now_ns);
void bridge_close(struct bridge *br); /* sockets and keys */

#endif
