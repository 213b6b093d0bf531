/*
 * One side of a call's media: its pair of sockets, where the far end is, how each
 * direction is protected, and what was counted. Opened on the sip thread, then
 * the worker's alone; only the counters are read by others.
 *
 * A packet's way in: mleg_accept() of this leg. Its way out: mleg_prepare() of
 * the other, then the system, then mleg_sent().
 */
#ifndef LINESIDE_MEDIA_MLEG_H
#define LINESIDE_MEDIA_MLEG_H

#include <stdatomic.h>

#include "media/arrival.h"
#include "media/media.h"
#include "media/mport.h"
#include "media/xform.h"

struct guard { /* a direction's protection */
	struct xform x; /* ops NULL: not set yet */
	struct mleg_crypto crypto;
};

struct mleg_counters { /* written by the worker, read by anyone */
	/* With each packet, so side by side. */
	_Atomic uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
	_Atomic uint64_t lost, heard_ms; /* heard 0: never */
	_Atomic uint32_t jitter_us, ssrc;
	/* The rest is rare. */
	_Atomic uint64_t rx_rtcp, tx_rtcp;
	_Atomic uint64_t auth_failed, replayed, malformed, wrong_source;
	_Atomic uint64_t not_wanted, send_failed, send_repeated, send_held;
	_Atomic uint32_t loss_reported, reported_of, jitter_reported_us;
	_Atomic uint32_t rtt_us, sets;
	_Atomic bool latched, mux;
	_Atomic uint32_t addr_version; /* odd: being written */
	_Atomic uint32_t addr[sizeof(struct sockaddr_in6) / 4];
};

enum { SR_NOTES = 4 };

struct mleg {
	struct mpair *pair; /* owned; NULL: closed */
	struct bridge *bridge; /* whose leg this is */
	int fd[CHANNELS]; /* the pair's, to send by */
	uint8_t side;
	bool is_set, mux, send, receive;
	bool raw; /* datagrams, not RTP */
	bool keys_wait; /* of the sound, which is away */
	bool opaque; /* as in struct mleg_set */
	enum mleg_latch latch;
	uint32_t clock_rate;
	uint32_t tx_ssrc;
	uint16_t tx_first; /* sequence number of tx_ssrc's first packet */
	bool learnt[CHANNELS]; /* `to` is a source we saw */
	/* ... before a hold, in which a router may have forgotten it: until it
	 * is heard again, another port of that host may be it. */
	bool may_move[CHANNELS];
	bool news; /* to[CH_RTP] was learnt since the bridge looked */
	uint8_t sr_next;
	uint64_t rx_old_end; /* ns; until then rx_old counts */
	struct arrival arrival;
	struct mleg_counters n;
	struct guard rx, tx;
	struct addr to[CHANNELS]; /* where we send */
	struct addr local; /* RTP */
	/* From here on not with each packet. */
	struct addr told[CHANNELS]; /* by mleg_apply() */
	struct guard *rx_old; /* the key before; owned; NULL: none */
	struct { /* sender reports we passed on, for the round trip */
		uint32_t time, sent; /* by its sender; by us, 1/65536 s */
	} sr[SR_NOTES];
	uint64_t warn_ms; /* no earlier than this: the next warning */
	struct addr stranger; /* whose packet was dropped last */
};

/* Binds `local` (with an even port) and, unless open files are few, the port
 * above. errno of the system. */
int mleg_open(struct mleg *leg, const struct addr *local) MUST_USE;
/* The same with sockets that are open: takes the pair over. */
void mleg_reuse(struct mleg *leg, struct mpair *pair);
/* Keys and state go; the pair is the caller's; NULL: there was none. */
struct mpair *mleg_part(struct mleg *leg);
void mleg_close(struct mleg *leg); /* sockets and keys; counters stay */
/* Takes the other leg's protection over, with its state. */
void mleg_inherit(struct mleg *leg, struct mleg *from);
/* errno: RTCP's socket could not be opened; the rest is in force. */
int mleg_apply(
	struct mleg *leg, const struct mleg_set *set, uint64_t now_ns) MUST_USE;
/* Part of that (mleg_ports.c). */
int mleg_ports_set(struct mleg *leg, bool mux, uint8_t dscp) MUST_USE;
/* One of its sockets is of no use any more. */
void mleg_port_failed(struct mleg *leg, enum channel ch);

/* Of a line about that side: the call's names are those of its leg A. The texts
 * stay the call's. */
struct log_ctx mleg_log(const struct log_ctx *call, int side);

struct arrived {
	struct pkt pkt;
	const struct addr *from;
	enum channel socket;
	/* set by mleg_accept() */
	enum channel kind; /* what it is: with mux not the socket's */
	uint32_t ssrc;
	size_t payload; /* bytes */
	bool made_key; /* by keys_due(): nothing of it changes any more */
	bool raw; /* came to a leg that is raw */
	bool opaque; /* to one that is opaque */
	bool sr; /* RTCP: a sender report, made at */
	uint32_t sr_time;
};
/* False: dropped, counted. True: unprotected, ready for the other leg. */
bool mleg_accept(struct mleg *leg, struct arrived *in,
	const struct log_ctx *log, uint64_t now_ns);

struct leaving {
	int fd;
	struct addr *to; /* the leg's; stays until it hears another source */
};
/* False: dropped, counted. */
bool mleg_prepare(struct mleg *leg, struct arrived *in, struct leaving *out,
	uint64_t now_ns);
void mleg_sent(struct mleg *leg, enum channel kind, size_t bytes);
void mleg_send_failed(struct mleg *leg);
/* A packet for this leg was left out: it hears something else. */
void mleg_not_heard(struct mleg *leg);
void mleg_tick(struct mleg *leg, uint64_t now_ns);

/* Where to[CH_RTP] went, for readers. */
void mleg_publish(struct mleg *leg);
void mleg_read(const struct mleg *leg, struct mleg_stats *out); /* anyone */

/* What a packet from `in` to `out` will need first. */
static inline void mleg_prefetch(const struct mleg *in, const struct mleg *out)
{
	__builtin_prefetch(&in->is_set);
	__builtin_prefetch(&in->arrival);
	__builtin_prefetch(&in->n, 1);
	__builtin_prefetch(&in->rx);
	__builtin_prefetch(&in->to);
	__builtin_prefetch(&out->is_set);
	__builtin_prefetch(&out->n, 1);
	__builtin_prefetch(&out->tx);
	__builtin_prefetch(&out->to);
	__builtin_prefetch(&out->local);
}

/* And then: once what mleg_prefetch() fetched is there. */
static inline void mleg_prefetch_keys(
	const struct mleg *in, const struct mleg *out)
{
	xform_fetch(&in->rx.x);
	xform_fetch(&out->tx.x);
}

static inline void count(_Atomic uint64_t *c, uint64_t n)
{
	/* One writer. */
	atomic_store_explicit(c,
		atomic_load_explicit(c, memory_order_relaxed) + n,
		memory_order_relaxed);
}

#endif
