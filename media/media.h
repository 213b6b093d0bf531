/*
 * Media as call logic sees it: a call has two media legs, both in one worker,
 * with ports of ours; each leg is set to where the other end is and how it
 * protects; packets then flow between the legs and never touch the sip thread.
 *
 * All functions are for the sip thread unless said; they hand their work to
 * the worker and return at once.
 */
#ifndef LINESIDE_MEDIA_MEDIA_H
#define LINESIDE_MEDIA_MEDIA_H

#include "base/log.h"
#include "base/mq.h"
#include "media/mdesc.h"

struct media;
struct mcall;
struct xcode;
struct xcode_side;
struct sound;
struct capture;

struct media_params {
	unsigned workers; /* 0: one per processor */
	uint16_t rtp_min, rtp_max; /* of RTP, even; RTCP is one above each */
	struct mq *events; /* where events are run: the sip thread's queue */
};

enum {
	/* Few calls share a worker until it has so many of them, or works so
	 * much of its time; then the next one gets some. */
	MEDIA_PACKED_CALLS = 250,
	MEDIA_PACKED_PERCENT = 25,
};

/* Starts the workers. errno of what the system refused. Main thread. */
int media_start(struct media **out, const struct media_params *p) MUST_USE;
/* Stops the workers; every mcall must have been closed. Main thread. */
void media_stop(struct media *m);
/* New range for calls to come; ports in use stay. */
void media_set_range(struct media *m, uint16_t rtp_min, uint16_t rtp_max);

enum { MEDIA_WORKERS_MAX = 64 };
struct media_load { /* of one worker, over about the last second */
	unsigned calls;
	/* Of its time that it did not rest of its own will: work, and waiting
	 * for a processor that others use. */
	unsigned percent;
	unsigned packets; /* received a second */
	/* Under load, the longest time between two looks at its sockets: so
	 * long a packet may have waited. 0: woken by each packet. */
	unsigned longest_us;
};
struct media_usage {
	unsigned workers, calls, ports; /* ports: pairs in use */
	unsigned kept; /* pairs kept open for the next calls */
	unsigned pairs; /* pairs in the range */
	struct media_load load[MEDIA_WORKERS_MAX]; /* of `workers` */
};
void media_usage(struct media *m, struct media_usage *out); /* any thread */
/*
 * Percent, of the worker that the next call would go to: what admission looks
 * at. Above some 80 packets begin to wait for each other. Any thread.
 */
unsigned media_load(struct media *m);

enum media_event_kind {
	/* Nothing received on either leg for the time given, although some leg
	 * both sends and receives (no hold). Comes again while it lasts. */
	MEDIA_INACTIVE,
	MEDIA_LATCHED, /* the leg's remote address was learnt: see `addr` */
	MEDIA_SOCKET, /* a socket failed for good: see `err` */
	/* The leg's far end, `addr`, is a port of ours, and media would go
	 * round without end: mcall_set() left the leg without an address. */
	MEDIA_LOOP,
	/* A leg is not heard although it should be: see `oneway`, and `addr`
	 * for a source that is not allowed. Comes again while it lasts. */
	MEDIA_ONEWAY,
	MEDIA_ONEWAY_ENDED, /* `oneway`: heard again, or held */
	/* A key of the leg's far end, as RTP events or in its sound: see `key`,
	 * `ms`, `sound`. */
	MEDIA_KEY,
	MEDIA_PLAYED, /* a sound that was to be heard once is over */
};
/* Why nothing is heard from a leg; only the far end knows for certain. */
enum media_oneway {
	MEDIA_ONEWAY_NEVER, /* nothing ever came */
	MEDIA_ONEWAY_STOPPED, /* it came, and stopped */
	MEDIA_ONEWAY_SILENT, /* RTCP comes, RTP does not */
	MEDIA_ONEWAY_AUTH, /* what comes does not authenticate */
	MEDIA_ONEWAY_SOURCE, /* it comes from an address that is not allowed */
	MEDIA_ONEWAY_MALFORMED, /* it is not RTP */
	MEDIA_ONEWAY_SEND, /* and we cannot send to it either */
	/* MEDIA_ONEWAY_ENDED */
	MEDIA_ONEWAY_HEARD,
	MEDIA_ONEWAY_HELD,
};
struct media_event {
	enum media_event_kind kind;
	const struct mcall *call; /* whose it is; borrowed */
	int side; /* 0, 1; of the leg; -1: the call */
	struct addr addr;
	int err;
	enum media_oneway oneway;
	uint8_t key; /* as in dtmf.h */
	uint16_t ms; /* how long it was down; 0: it has just begun */
	bool sound; /* it was heard as a tone (xcode_heard()) */
};
typedef void media_event_fn(void *owner, const struct media_event *ev);

struct mcall_params {
	const struct mcall *beside; /* same worker as this one; NULL: any */
	struct addr local[2]; /* addresses to bind, port 0 */
	unsigned inactivity_ms; /* 0: never */
	unsigned oneway_ms; /* a leg not heard so long is told of; 0: never */
	struct log_ctx log; /* copied */
	/* Two far ends that have nothing to do with each other: nothing passes
	 * between the legs, which send what mcall_copy() gives them. */
	bool apart;
	/* Of each side: the port is not one that another call had a short while
	 * ago, for whoever sends there first is believed. */
	bool new_port[2];
	media_event_fn *event; /* run from params.events' thread */
	void *owner; /* not used any more once mcall_close() was called */
};

/*
 * Reserves an RTP and an RTCP port on both sides. EAGAIN: no ports left in
 * the range; else errno of the system. One reference in *out; a closed call's
 * statistics stay readable while it is referenced.
 */
int mcall_new(struct mcall **out, struct media *m,
	const struct mcall_params *p) MUST_USE;
/* The leg's own RTP address; RTCP is one port above. */
struct addr mcall_local(const struct mcall *mc, int side);

enum mleg_latch {
	MLEG_LATCH_NEVER, /* only the address given; others are dropped */
	MLEG_LATCH_ONCE, /* plain: the first source seen becomes the address */
	/* SRTP: whoever sends a packet that authenticates and is newer than all
	 * before it. On a leg that receives plain RTP the same as NEVER. */
	MLEG_LATCH_AUTH,
};

struct mleg_crypto {
	enum conf_suite suite;
	bool plain;
	uint8_t weak; /* as of struct xform_params */
	uint8_t mki_len;
	struct secret key;
	uint64_t mki;
};

struct mleg_set {
	struct addr rtp, rtcp; /* the far end; AF_UNSPEC rtcp: port + 1 */
	bool rtcp_mux;
	enum mleg_latch latch;
	bool send, receive; /* towards the far end; from it (hold) */
	uint32_t clock_rate; /* of the codec, for jitter; 0: 8000 */
	struct mleg_crypto rx, tx; /* what we receive; what we send */
	uint8_t dscp; /* what is sent is marked so; as base/dscp.h */
	/* Datagrams as they come, on both sockets: no RTP is read or counted
	 * in them (UDPTL). Both legs of a call, or neither. */
	bool raw;
	/* SRTP under keys that the far ends alone have: RTP headers are read
	 * and counted, all else passes as it is, and nothing is checked. Both
	 * legs of a call, or neither; rx and tx are plain. */
	bool opaque;
};

/*
 * Sets a leg; copied (the caller wipes its own). Called again after each
 * offer/answer: a transform whose suite and key are unchanged goes on with
 * its state (ROC, replay window), also when there were datagrams or nothing
 * (no `rtp`) meanwhile; a changed receive key leaves the old one in force
 * beside it for 2 seconds, for packets in flight. Carried out within a tenth of
 * a second, or at once by what is ordered next or mcall_apply(), so that the
 * worker is woken once for all legs.
 */
void mcall_set(struct mcall *mc, int side, const struct mleg_set *set);
void mcall_apply(struct mcall *mc); /* and what calls beside it were set to */
/* Are they in one worker? */
bool mcall_is_beside(const struct mcall *mc, const struct mcall *other);
/*
 * What protects the leg of the other call, beside this one, protects this leg
 * from here on, with its state (ROC, replay window), and that leg is without
 * until it is set again: a far end that keeps its keys has moved here. To be
 * called before mcall_set().
 */
void mcall_inherit(
	struct mcall *mc, int side, struct mcall *from, int from_side);
/*
 * From now on what arrives goes through this transcoder; NULL: through none.
 * Keeps a reference until another one comes or the call has ended. To be
 * called before the mcall_set() of the legs that need it.
 */
void mcall_transcode(struct mcall *mc, struct xcode *x);
/*
 * From now on the leg hears this sound and nothing else, in the codec given,
 * once (then MEDIA_PLAYED, and the other side) or over and over; NULL: it
 * fades, then what comes from the other side. ENOTSUP: the codec cannot be
 * played to, nothing has changed.
 */
int mcall_play(struct mcall *mc, int side, struct sound *s,
	const struct xcode_side *to, bool once) MUST_USE;
enum { MEDIA_NO_PT = 0xff };
/* What becomes of keys that come from one side. */
struct mcall_keys {
	uint8_t from; /* payload type of its RTP events; MEDIA_NO_PT: none */
	uint32_t from_clock; /* Hz */
	uint8_t to; /* of those that the other side gets; MEDIA_NO_PT: none */
	uint32_t to_clock;
	uint32_t clock; /* of the sound, Hz; 0: 8000 */
	bool take; /* events are told (MEDIA_KEY), and go no further */
	bool tones; /* keys that are pressed become tones: a transcoder's */
};
void mcall_keys(struct mcall *mc, int side, const struct mcall_keys *k);
/*
 * A key of that side's far end, which was told by SIP, becomes RTP events for
 * the other side (RFC 4733 2.5): in place of the sound that comes, or beside
 * silence. Or tones in its sound, made by the transcoder, where mcall_keys()
 * said so. They wait for each other. Dropped, and counted, while that side
 * sends events by itself: it tells twice.
 */
void mcall_press(struct mcall *mc, int side, uint8_t key, unsigned ms);
/* From now on what passes, in clear, is put into this capture as well; NULL:
 * into none. Keeps a reference until then or until the call has ended. */
void mcall_capture(struct mcall *mc, struct capture *c);
/*
 * From now on what arrives, RTP and RTCP in clear, before any transcoder, is
 * also sent by the other call's legs: what comes from side A by its leg A,
 * from B by B. That call is `apart` and beside this one, and must not be closed
 * before this ends. NULL: to nobody.
 */
void mcall_copy(struct mcall *mc, struct mcall *to);
/*
 * Ends it: no event comes after this. Sockets close, ports go back, keys are
 * wiped, on the worker. Drops the caller's reference. NULL is fine.
 */
void mcall_close(struct mcall *mc);

struct mleg_stats { /* of one leg; any thread may read */
	uint64_t rx_packets, rx_bytes; /* accepted RTP; bytes of payload */
	uint64_t tx_packets, tx_bytes;
	uint64_t rx_rtcp, tx_rtcp;
	uint64_t lost; /* by sequence numbers, after what came late */
	uint32_t jitter_us; /* RFC 3550 6.4.1, microseconds */
	/* Dropped on arrival; not_wanted: this leg does not receive (hold). */
	uint64_t auth_failed, replayed, malformed, wrong_source, not_wanted;
	/* Dropped on leaving: refused by the system or without an address; a
	 * sequence number that was sent before; this leg does not send. */
	uint64_t send_failed, send_repeated, send_held;
	uint32_t ssrc; /* last seen */
	/* By the far end's RTCP about the stream it hears now: packets lost, of
	 * how many (0: no report), and its jitter. */
	uint32_t loss_reported, reported_of, jitter_reported_us;
	uint32_t rtt_us; /* 0: unknown */
	uint32_t rx_idle_ms; /* since the last packet; UINT32_MAX: none yet */
	struct addr remote; /* where we send to */
	bool latched;
	bool rtcp_mux; /* RTCP shares RTP's port */
	uint32_t sets; /* how many mcall_set() the worker has carried out */
};
void mcall_stats(const struct mcall *mc, int side, struct mleg_stats *out);

#endif
