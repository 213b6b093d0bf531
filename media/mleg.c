/* One side of a call's media. See mleg.h. */
#include "media/mleg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "base/obj.h"
#include "media/rtcp.h"
#include "media/rtp.h"

enum { GRACE_MS = 2000, WARN_MS = 10000, DEFAULT_RATE = 8000 };

static const uint64_t ms = 1000000; /* in nanoseconds */
static const uint64_t us = 1000000; /* in a second */

/* As DLSR counts (RFC 3550 6.4.1): 1/65536 s. */
static uint32_t report_time(uint64_t now_ns)
{
	return (uint32_t)(now_ns / 1000 * 65536 / us);
}

static void guard_close(struct guard *g)
{
	xform_close(&g->x);
	secret_wipe(&g->crypto.key);
}

static void forget_old(struct mleg *leg)
{
	if (leg->rx_old == NULL)
		return;
	guard_close(leg->rx_old);
	free(leg->rx_old);
	leg->rx_old = NULL;
}

struct mpair *mleg_part(struct mleg *leg)
{
	struct mpair *pair = leg->pair;

	leg->pair = NULL;
	leg->fd[CH_RTP] = leg->fd[CH_RTCP] = -1;
	guard_close(&leg->rx);
	forget_old(leg);
	guard_close(&leg->tx);
	leg->is_set = false;
	return pair;
}

void mleg_close(struct mleg *leg)
{
	mpair_free(mleg_part(leg));
}

/* --- setting --- */

static bool guard_is(const struct guard *g, const struct mleg_crypto *want)
{
	const struct mleg_crypto *c = &g->crypto;

	if (g->x.ops == NULL || c->plain != want->plain)
		return false;
	return c->plain || (c->suite == want->suite && c->weak == want->weak &&
				   c->mki_len == want->mki_len &&
				   (c->mki_len == 0 || c->mki == want->mki) &&
				   secret_equal(&c->key, &want->key));
}

/* A description that cannot be opened leaves the direction closed. */
static struct guard guard_open(
	const struct mleg_crypto *c, bool receive, const struct guard *previous)
{
	struct guard g = { .crypto = *c };
	struct xform_params p = {
		.plain = c->plain,
		.suite = c->suite,
		.weak = c->weak,
		.key = &c->key,
		.receive = receive,
		.mki_len = c->mki_len,
		.mki = c->mki,
		.previous = previous != NULL ? &previous->x : NULL,
	};

	if (xform_open(&g.x, &p) != 0)
		secret_wipe(&g.crypto.key);
	return g;
}

/*
 * The key before stays beside the new one for packets in flight; but plain
 * RTP does not: once a key was agreed, nothing without it may pass.
 */
static void set_rx(
	struct mleg *leg, const struct mleg_crypto *want, uint64_t now_ns)
{
	struct guard before = leg->rx;

	if (guard_is(&leg->rx, want))
		return;
	leg->rx_old_end = now_ns + GRACE_MS * ms;
	if (leg->rx_old != NULL && guard_is(leg->rx_old, want)) {
		leg->rx = *leg->rx_old; /* back again: with its state */
		leg->rx_old->x = (struct xform){ 0 };
	} else {
		leg->rx = guard_open(want, true, &before);
	}
	forget_old(leg);
	if (before.x.ops == NULL || before.crypto.plain) {
		guard_close(&before);
		return;
	}
	leg->rx_old = mem_new(sizeof(*leg->rx_old));
	*leg->rx_old = before;
	secret_wipe(&before.crypto.key);
}

static void set_tx(struct mleg *leg, const struct mleg_crypto *want)
{
	struct guard before = leg->tx;

	if (guard_is(&leg->tx, want))
		return;
	/* whose sound was away may have made its context for this key anew */
	leg->tx = guard_open(want, false, leg->keys_wait ? NULL : &before);
	guard_close(&before);
}

static bool is_keyed(const struct guard *g)
{
	return g->x.ops != NULL && !g->crypto.plain;
}

/*
 * While there is no sound (datagrams in its place, or its port is 0) there are
 * no keys in its description. Those from before may come again: under the same
 * key indexes go on, both what we sent (RFC 3711 9.1) and what we heard (3.3.1).
 */
static bool keys_wait(const struct mleg *leg, const struct mleg_set *set)
{
	bool away = set->raw || !addr_is_set(&set->rtp);

	return away && set->rx.key.n == 0 && set->tx.key.n == 0 &&
	       is_keyed(&leg->rx) && is_keyed(&leg->tx);
}

static void set_remote(
	struct mleg *leg, enum channel ch, const struct addr *told, bool anew)
{
	if (!anew && addr_equal(&leg->told[ch], told))
		return; /* what was learnt since stays */
	leg->told[ch] = leg->to[ch] = *told;
	leg->learnt[ch] = leg->may_move[ch] = false;
}

/* After a hold the far end may be heard from another port. */
static void set_receive(struct mleg *leg, bool receive)
{
	for (unsigned ch = 0; ch < CHANNELS; ch++)
		leg->may_move[ch] = receive && leg->learnt[ch] &&
				    (leg->may_move[ch] || !leg->receive);
	leg->receive = receive;
}

static struct addr next_port(const struct addr *rtp)
{
	struct addr a = *rtp;

	addr_set_port(&a, (uint16_t)(addr_port(rtp) + 1));
	return a;
}

static void guard_move(struct guard *to, struct guard *from)
{
	guard_close(to);
	*to = *from;
	mem_wipe(from, sizeof(*from));
}

void mleg_inherit(struct mleg *leg, struct mleg *from)
{
	guard_move(&leg->rx, &from->rx);
	guard_move(&leg->tx, &from->tx);
	leg->keys_wait = from->keys_wait;
}

int mleg_apply(struct mleg *leg, const struct mleg_set *set, uint64_t now_ns)
{
	bool anew = !leg->is_set || leg->latch != set->latch;
	struct addr rtcp = set->rtcp;
	int err = mleg_ports_set(leg, set->rtcp_mux && !set->raw, set->dscp);

	if (!addr_is_set(&rtcp) && addr_is_set(&set->rtp))
		rtcp = next_port(&set->rtp);
	leg->n.mux = leg->mux = set->rtcp_mux && !set->raw;
	leg->raw = set->raw;
	leg->opaque = set->opaque;
	leg->send = set->send;
	set_receive(leg, set->receive);
	leg->latch = set->latch;
	leg->clock_rate = set->clock_rate > 0 ? set->clock_rate : DEFAULT_RATE;
	set_remote(leg, CH_RTP, &set->rtp, anew);
	set_remote(leg, CH_RTCP, &rtcp, anew);
	if (keys_wait(leg, set)) {
		leg->keys_wait = true;
	} else {
		set_rx(leg, &set->rx, now_ns);
		set_tx(leg, &set->tx);
		leg->keys_wait = false;
	}
	leg->is_set = true;
	mleg_publish(leg);
	leg->n.sets++;
	return err;
}

void mleg_tick(struct mleg *leg, uint64_t now_ns)
{
	if (now_ns >= leg->rx_old_end)
		forget_old(leg);
}

/* --- a packet's way in --- */

static bool drop(_Atomic uint64_t *reason, enum metric metric)
{
	count(reason, 1);
	metric_inc(metric);
	return false;
}

static bool by_auth(const struct mleg *leg)
{
	return leg->latch == MLEG_LATCH_AUTH && !leg->rx.crypto.plain;
}

static bool source_fits(const struct mleg *leg, const struct arrived *in)
{
	if (by_auth(leg) || addr_equal(in->from, &leg->to[in->socket]))
		return true;
	if (leg->latch != MLEG_LATCH_ONCE)
		return false;
	if (leg->learnt[in->socket])
		return leg->may_move[in->socket] &&
		       addr_same_host(in->from, &leg->to[in->socket]);
	/* RTCP's first source must be where RTP was found. */
	return in->socket == CH_RTP || !leg->learnt[CH_RTP] ||
	       addr_same_host(in->from, &leg->to[CH_RTP]);
}

static void learn(struct mleg *leg, const struct arrived *in)
{
	enum channel ch = in->socket;
	bool moves = !addr_equal(in->from, &leg->to[ch]);

	if (by_auth(leg) ? !moves
			 : leg->latch != MLEG_LATCH_ONCE ||
				   (leg->learnt[ch] && !leg->may_move[ch]))
		return;
	leg->may_move[ch] = false;
	leg->to[ch] = *in->from;
	leg->learnt[ch] = true;
	if (ch != CH_RTP)
		return;
	if (!leg->learnt[CH_RTCP] && moves)
		leg->to[CH_RTCP] = next_port(in->from); /* the best guess */
	leg->news = leg->news || moves;
	mleg_publish(leg);
}

static int run(struct guard *g, struct arrived *in)
{
	return in->kind == CH_RTP ? xform_rtp(&g->x, &in->pkt)
				  : xform_rtcp(&g->x, &in->pkt);
}

static int unprotect(struct mleg *leg, struct arrived *in, uint64_t now_ns)
{
	bool old = leg->rx_old != NULL && now_ns < leg->rx_old_end;
	int err = 0, err_old = 0;

	if (old && leg->rx.crypto.plain && run(leg->rx_old, in) == 0)
		return 0; /* plain would let it pass as noise */
	err = run(&leg->rx, in);
	if (!old || (err != EACCES && err != EBADMSG))
		return err;
	err_old = run(leg->rx_old, in);
	return err_old == 0 || err_old == EALREADY ? err_old : err;
}

struct log_ctx mleg_log(const struct log_ctx *call, int side)
{
	return side == 0 ? (struct log_ctx){ .call = call->call,
		.leg = 'A',
		.phone = call->phone,
		.sip_call_id = call->sip_call_id }
			 : (struct log_ctx){ .call = call->call, .leg = 'B' };
}

static void warn(struct mleg *leg, const struct arrived *in,
	const struct log_ctx *log, uint64_t now_ns)
{
	struct log_ctx ctx = mleg_log(log, leg->side);

	if (now_ns / ms < leg->warn_ms)
		return;
	leg->warn_ms = now_ns / ms + WARN_MS;
	log_event(MSG_MEDIA_AUTH_FAILED, &ctx, L_ADDR("source", in->from),
		L_STR("suite", leg->rx.x.ops->name),
		L_INT("count", atomic_load_explicit(&leg->n.auth_failed,
				       memory_order_relaxed)));
}

static bool refused(struct mleg *leg, const struct arrived *in, int err,
	const struct log_ctx *log, uint64_t now_ns)
{
	if (err == EALREADY)
		return drop(&leg->n.replayed, M_MEDIA_RX_REPLAYED);
	if (err != EACCES)
		return drop(&leg->n.malformed, M_MEDIA_RX_MALFORMED);
	drop(&leg->n.auth_failed, M_MEDIA_RX_AUTH_FAILED);
	warn(leg, in, log, now_ns);
	return false;
}

static void set32(_Atomic uint32_t *to, uint32_t v)
{
	atomic_store_explicit(to, v, memory_order_relaxed);
}

static bool accept_rtp(struct mleg *leg, struct arrived *in, uint64_t now_ns)
{
	struct rtp_head head;
	bool newest = false;

	if (rtp_parse(&head, in->pkt.p, in->pkt.n) != 0)
		return drop(&leg->n.malformed, M_MEDIA_RX_MALFORMED);
	if (leg->opaque) /* how much of it is padding cannot be read */
		in->payload = in->pkt.n - head.size;
	else if (rtp_payload(&head, in->pkt.p, in->pkt.n, &in->payload) != 0)
		return drop(&leg->n.malformed, M_MEDIA_RX_MALFORMED);
	in->ssrc = head.ssrc;
	newest = arrival_note(&leg->arrival, &head, now_ns, leg->clock_rate);
	set32(&leg->n.ssrc, head.ssrc);
	set32(&leg->n.jitter_us,
		arrival_jitter_us(&leg->arrival, leg->clock_rate));
	atomic_store_explicit(&leg->n.lost, arrival_lost(&leg->arrival),
		memory_order_relaxed);
	if (newest && (leg->receive || by_auth(leg)))
		learn(leg, in);
	if (!leg->receive)
		return drop(&leg->n.not_wanted, M_MEDIA_RX_NOT_WANTED);
	count(&leg->n.rx_packets, 1);
	count(&leg->n.rx_bytes, in->payload);
	return true;
}

/* RFC 3550 6.4.1: since we passed the sender report on, less the time that
 * the far end kept it. */
static void note_report(
	struct mleg *leg, const struct rtcp_report *r, uint64_t now_ns)
{
	/* RFC 3550 A.3: expected, by its own extended numbers. */
	uint32_t expected = r->highest - leg->tx_first + 1;

	set32(&leg->n.loss_reported, r->lost > 0 ? (uint32_t)r->lost : 0);
	set32(&leg->n.reported_of, (int32_t)expected > 0 ? expected : 0);
	set32(&leg->n.jitter_reported_us,
		(uint32_t)((uint64_t)r->jitter * 1000000 / leg->clock_rate));
	for (unsigned i = 0; i < SR_NOTES && r->lsr != 0; i++) {
		uint32_t since = report_time(now_ns) - leg->sr[i].sent;

		if (leg->sr[i].time == r->lsr && since > r->dlsr)
			set32(&leg->n.rtt_us,
				(uint32_t)((since - r->dlsr) * us / 65536));
	}
}

static bool accept_rtcp(struct mleg *leg, struct arrived *in, uint64_t now_ns)
{
	struct rtcp_info info = { 0 };

	if (!leg->opaque &&
		rtcp_parse(&info, in->pkt.p, in->pkt.n, leg->tx_ssrc) != 0)
		return drop(&leg->n.malformed, M_MEDIA_RX_MALFORMED);
	in->ssrc = info.ssrc;
	in->sr = info.has_sr;
	in->sr_time = info.sr_time;
	if (info.has_report)
		note_report(leg, &info.report, now_ns);
	if (in->socket == CH_RTCP)
		learn(leg, in);
	count(&leg->n.rx_rtcp, 1);
	return true;
}

/* Datagrams of who is known, or is believed first (media latch once). */
static bool accept_raw(struct mleg *leg, struct arrived *in, uint64_t now_ns)
{
	if (in->pkt.n == 0)
		return drop(&leg->n.malformed, M_MEDIA_RX_MALFORMED);
	if (!source_fits(leg, in))
		return drop(&leg->n.wrong_source, M_MEDIA_RX_WRONG_SOURCE);
	in->raw = true;
	in->kind = in->socket;
	in->payload = in->pkt.n;
	atomic_store_explicit(
		&leg->n.heard_ms, now_ns / ms, memory_order_relaxed);
	if (!leg->receive)
		return drop(&leg->n.not_wanted, M_MEDIA_RX_NOT_WANTED);
	learn(leg, in);
	count(&leg->n.rx_packets, 1);
	count(&leg->n.rx_bytes, in->payload);
	return true;
}

bool mleg_accept(struct mleg *leg, struct arrived *in,
	const struct log_ctx *log, uint64_t now_ns)
{
	enum rtp_kind kind = rtp_kind(
		in->pkt.p, in->pkt.n, leg->mux && in->socket == CH_RTP);
	int err = 0;

	if (!leg->is_set || leg->rx.x.ops == NULL)
		return drop(&leg->n.not_wanted, M_MEDIA_RX_NOT_WANTED);
	if (leg->raw)
		return accept_raw(leg, in, now_ns);
	if (kind == RTP_KIND_OTHER)
		return drop(&leg->n.malformed, M_MEDIA_RX_MALFORMED);
	if (!source_fits(leg, in)) {
		leg->stranger = *in->from;
		return drop(&leg->n.wrong_source, M_MEDIA_RX_WRONG_SOURCE);
	}
	in->opaque = leg->opaque;
	in->kind = kind == RTP_KIND_RTCP ? CH_RTCP : in->socket;
	err = unprotect(leg, in, now_ns);
	if (err != 0)
		return refused(leg, in, err, log, now_ns);
	atomic_store_explicit(
		&leg->n.heard_ms, now_ns / ms, memory_order_relaxed);
	return in->kind == CH_RTP ? accept_rtp(leg, in, now_ns)
				  : accept_rtcp(leg, in, now_ns);
}

/* --- and out --- */

static bool can_send_to(const struct mleg *leg, const struct addr *to)
{
	return to->sa.sa_family == leg->local.sa.sa_family &&
	       addr_port(to) != 0 && !addr_is_any(to);
}

/* Reports of the far end are read by the numbers of what it was sent. */
static void note_stream(struct mleg *leg, const struct arrived *in)
{
	if (in->ssrc == leg->tx_ssrc)
		return;
	leg->tx_ssrc = in->ssrc;
	leg->tx_first = get_u16(in->pkt.p + 2); /* in the clear, also now */
	set32(&leg->n.loss_reported, 0);
	set32(&leg->n.reported_of, 0);
	set32(&leg->n.jitter_reported_us, 0);
}

bool mleg_prepare(struct mleg *leg, struct arrived *in, struct leaving *out,
	uint64_t now_ns)
{
	bool rtp = in->kind == CH_RTP;
	enum channel ch = rtp || leg->mux ? CH_RTP : CH_RTCP;
	int err = 0;

	if (!leg->is_set || leg->tx.x.ops == NULL || (rtp && !leg->send))
		return drop(&leg->n.send_held, M_MEDIA_TX_HELD);
	if (!can_send_to(leg, &leg->to[ch]))
		return drop(&leg->n.send_failed, M_MEDIA_TX_FAILED);
	/* sound is never sent as something else, while the legs change */
	if (in->raw != leg->raw || in->opaque != leg->opaque)
		return drop(&leg->n.send_held, M_MEDIA_TX_HELD);
	err = leg->raw ? 0 : run(&leg->tx, in);
	if (err == EALREADY)
		return drop(&leg->n.send_repeated, M_MEDIA_TX_REPEATED);
	if (err != 0)
		return drop(&leg->n.send_failed, M_MEDIA_TX_FAILED);
	if (rtp && !leg->raw) {
		note_stream(leg, in);
	} else if (in->sr) {
		leg->sr[leg->sr_next].time = in->sr_time;
		leg->sr[leg->sr_next].sent = report_time(now_ns);
		leg->sr_next = (uint8_t)((leg->sr_next + 1) % SR_NOTES);
	}
	*out = (struct leaving){ .fd = leg->fd[ch], .to = &leg->to[ch] };
	return true;
}

void mleg_sent(struct mleg *leg, enum channel kind, size_t bytes)
{
	if (kind == CH_RTCP) {
		count(&leg->n.tx_rtcp, 1);
		return;
	}
	count(&leg->n.tx_packets, 1);
	count(&leg->n.tx_bytes, bytes);
}

void mleg_send_failed(struct mleg *leg)
{
	drop(&leg->n.send_failed, M_MEDIA_TX_FAILED);
}

void mleg_not_heard(struct mleg *leg)
{
	drop(&leg->n.send_held, M_MEDIA_TX_HELD);
}
