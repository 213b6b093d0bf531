/*
 * A call with a far end on each side, on loopback: the far ends protect with
 * libsrtp2, so that nothing of ours proves itself.
 */
#ifndef LINESIDE_TESTS_UNIT_MEDIA_RIG_H
#define LINESIDE_TESTS_UNIT_MEDIA_RIG_H

#include "rtp_make.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mq.h"
#include "base/obj.h"
#include "base/thread.h"
#include "media/media.h"

enum { PLAIN = CONF_SUITE_COUNT, PROTECTIONS, PATIENCE_MS = 5000 };

struct far {
	int fd[2]; /* RTP, RTCP */
	struct addr addr[2];
	struct addr to[2]; /* the leg's */
	unsigned protection; /* a suite, or PLAIN */
	struct xform tx, rx;
	uint32_t ssrc;
	uint16_t seq;
};

struct rig {
	struct mq *events;
	struct media *media;
	struct mcall *mc;
	struct far far[2];
	struct mleg_set set[2];
	uint32_t sets[2];
	unsigned seen[MEDIA_KEY + 1]; /* events, by kind */
	struct media_event last;
};

static inline struct addr rig_addr(const char *host, uint16_t port)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, slice_str(host), port), 0);
	return a;
}

/* A loopback address that no other test running beside this one uses. */
static inline const char *rig_host(char out[ADDR_TEXT])
{
	unsigned pid = (unsigned)getpid();

	(void)snprintf(out, ADDR_TEXT, "127.77.%u.%u", pid / 250 % 250 + 1,
		pid % 250 + 1);
	return out;
}

/* Nobody has a socket there. */
static inline bool rig_is_free(const struct addr *a)
{
	int fd = socket(a->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool free = bind(fd, &a->sa, addr_len(a)) == 0;

	close(fd);
	return free;
}

static inline int far_socket(const char *host, struct addr *out)
{
	struct addr a = rig_addr(host, 0);
	socklen_t len = addr_len(&a);
	int fd = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &a.sa, len), 0);
	assert_int_equal(getsockname(fd, &a.sa, &len), 0);
	*out = a;
	return fd;
}

static inline void far_keys(
	struct far *f, unsigned protection, unsigned seed, bool receive)
{
	struct xform *x = receive ? &f->rx : &f->tx;

	xform_close(x);
	f->protection = protection;
	if (protection == PLAIN)
		x->ops = &xform_plain;
	else
		*x = make_xform((struct made_xform){ .lib = true,
			.receive = receive,
			.suite = (enum conf_suite)protection,
			.seed = seed });
}

static inline struct mleg_crypto rig_crypto(unsigned protection, unsigned seed)
{
	struct mleg_crypto c = { .plain = protection == PLAIN };

	if (!c.plain) {
		c.suite = (enum conf_suite)protection;
		c.key = make_key(c.suite, seed);
	}
	return c;
}

static inline void rig_event(void *owner, const struct media_event *ev)
{
	struct rig *r = owner;

	r->seen[ev->kind]++;
	r->last = *ev;
}

static inline void rig_await(struct rig *r, enum media_event_kind kind)
{
	struct pollfd p = { .fd = mq_fd(r->events), .events = POLLIN };

	while (r->seen[kind] == 0) {
		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		mq_run(r->events);
	}
}

static inline struct mleg_stats rig_stats(struct rig *r, int side)
{
	struct mleg_stats s;

	mcall_stats(r->mc, side, &s);
	return s;
}

/* A condition on another thread's figures. */
#define rig_until(cond)                                                        \
	do {                                                                   \
		uint64_t end_ = clock_ms() + PATIENCE_MS;                      \
		while (!(cond)) {                                              \
			if (clock_ms() > end_)                                 \
				fail_msg("never: %s", #cond);                  \
			nanosleep(&(struct timespec){ .tv_nsec = 200000 },     \
				NULL);                                         \
		}                                                              \
	} while (0)

/* Sets a leg as rig.set says, and waits until it is. */
static inline void rig_apply(struct rig *r, int side)
{
	mcall_set(r->mc, side, &r->set[side]);
	mcall_apply(r->mc);
	r->sets[side]++;
	rig_until(rig_stats(r, side).sets == r->sets[side]);
}

/* Seeds of keys: what the far end of a side sends with, and receives. */
static inline unsigned seed_tx(int side)
{
	return 10u + (unsigned)side;
}

static inline unsigned seed_rx(int side)
{
	return 20u + (unsigned)side;
}

static inline void rig_far(
	struct rig *r, int side, const char *host, unsigned protection)
{
	struct far *f = &r->far[side];

	for (unsigned ch = 0; ch < 2; ch++)
		f->fd[ch] = far_socket(host, &f->addr[ch]);
	f->to[0] = f->to[1] = mcall_local(r->mc, side);
	addr_set_port(&f->to[1], (uint16_t)(addr_port(&f->to[0]) + 1));
	far_keys(f, protection, seed_tx(side), false);
	far_keys(f, protection, seed_rx(side), true);
	f->ssrc = 0xfa400000u + (uint32_t)side;
	f->seq = 100;
	r->set[side] = (struct mleg_set){
		.rtp = f->addr[0],
		.rtcp = f->addr[1],
		.send = true,
		.receive = true,
		.rx = rig_crypto(protection, seed_tx(side)),
		.tx = rig_crypto(protection, seed_rx(side)),
	};
}

static inline void rig_media(struct rig *r, uint16_t min, uint16_t max)
{
	struct media_params p = {
		.workers = 2, .rtp_min = min, .rtp_max = max
	};

	*r = (struct rig){ 0 };
	r->events = p.events = mq_new(64);
	assert_int_equal(media_start(&r->media, &p), 0);
}

static inline int rig_try_call(struct rig *r, struct mcall **out,
	const char *host, unsigned inactivity_ms)
{
	struct mcall_params p = {
		.local = { rig_addr(host, 0), rig_addr(host, 0) },
		.inactivity_ms = inactivity_ms,
		.event = rig_event,
		.owner = r,
	};

	return mcall_new(out, r->media, &p);
}

static inline void rig_call(struct rig *r, const char *host, unsigned a,
	unsigned b, unsigned inactivity_ms)
{
	assert_int_equal(rig_try_call(r, &r->mc, host, inactivity_ms), 0);
	rig_far(r, 0, host, a);
	rig_far(r, 1, host, b);
	rig_apply(r, 0);
	rig_apply(r, 1);
}

static inline void rig_start(struct rig *r, unsigned a, unsigned b)
{
	rig_media(r, 20000, 29999);
	rig_call(r, "127.0.0.1", a, b, 0);
}

static inline void rig_hang_up(struct rig *r)
{
	mcall_close(r->mc);
	for (unsigned i = 0; i < 2; i++) {
		close(r->far[i].fd[0]);
		close(r->far[i].fd[1]);
		xform_close(&r->far[i].tx);
		xform_close(&r->far[i].rx);
		r->sets[i] = 0;
	}
}

static inline void rig_end(struct rig *r)
{
	if (r->far[0].tx.ops != NULL)
		rig_hang_up(r);
	media_stop(r->media);
	mq_run(r->events);
	mq_free(r->events);
}

static inline void far_send_from(
	struct far *f, int fd, unsigned ch, const struct made *m)
{
	struct made wire;

	made_copy(&wire, m);
	assert_int_equal(m->room[1] >= 200 ? xform_rtcp(&f->tx, &wire.pkt)
					   : xform_rtp(&f->tx, &wire.pkt),
		0);
	assert_int_equal(sendto(fd, wire.pkt.p, wire.pkt.n, 0, &f->to[ch].sa,
				 addr_len(&f->to[ch])),
		wire.pkt.n);
}

static inline void far_send(struct far *f, unsigned ch, const struct made *m)
{
	far_send_from(f, f->fd[ch], ch, m);
}

static inline void far_send_raw(struct far *f, const void *p, size_t n)
{
	assert_int_equal(
		sendto(f->fd[0], p, n, 0, &f->to[0].sa, addr_len(&f->to[0])),
		n);
}

static inline void far_receive(
	struct far *f, int fd, bool rtcp, struct made *out)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n = 0;

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	made_begin(out);
	n = recv(fd, out->room, sizeof(out->room), 0);
	assert_true(n > 0);
	out->pkt.n = (size_t)n;
	assert_int_equal(rtcp ? xform_rtcp(&f->rx, &out->pkt)
			      : xform_rtp(&f->rx, &out->pkt),
		0);
}

/* A packet from one side arrives on the other, as it was. */
static inline void rig_pass(struct rig *r, int from)
{
	struct far *a = &r->far[from], *b = &r->far[1 - from];
	struct made m, got;

	make_rtp(&m, a->ssrc, a->seq++);
	far_send(a, 0, &m);
	far_receive(b, b->fd[0], false, &got);
	assert_true(same_packet(&m, &got));
}

static inline void rig_pass_rtcp(struct rig *r, int from)
{
	struct far *a = &r->far[from], *b = &r->far[1 - from];
	struct made m, got;

	make_sr(&m, a->ssrc, 1);
	far_send(a, r->set[from].rtcp_mux ? 0 : 1, &m);
	far_receive(b, b->fd[r->set[1 - from].rtcp_mux ? 0 : 1], true, &got);
	assert_true(same_packet(&m, &got));
}

#endif
