/*
 * Real packets through a call: what arrives on one side leaves on the other,
 * for each pair of protections; hold; changes of key; silence; ports.
 */
#include "media_rig.h"

#include <sys/resource.h>

#include "base/metric.h"
#include "base/open_files.h"

static void joins_every_pair(void **state)
{
	struct rig r;

	(void)state;
	rig_media(&r, 20000, 29999);
	for (unsigned a = 0; a < PROTECTIONS; a++) {
		for (unsigned b = 0; b < PROTECTIONS; b++) {
			rig_call(&r, "127.0.0.1", a, b, 0);
			for (unsigned i = 0; i < 10; i++) {
				rig_pass(&r, 0);
				rig_pass(&r, 1);
			}
			rig_pass_rtcp(&r, 0);
			rig_pass_rtcp(&r, 1);
			rig_hang_up(&r);
		}
	}
	r.far[0].tx.ops = NULL;
	rig_end(&r);
}

static void counts(void **state)
{
	struct mleg_stats s;
	struct rig r;

	(void)state;
	rig_start(&r, CONF_AEAD_AES_128_GCM, PLAIN);
	assert_int_equal(rig_stats(&r, 0).rx_idle_ms, UINT32_MAX);
	for (unsigned i = 0; i < 5; i++)
		rig_pass(&r, 0);
	r.far[0].seq += 3; /* lost */
	rig_pass(&r, 0);
	rig_pass_rtcp(&r, 1);
	rig_until(rig_stats(&r, 1).tx_packets == 6);
	s = rig_stats(&r, 0);
	assert_int_equal(s.rx_packets, 6);
	assert_int_equal(s.rx_bytes, 6 * 160);
	assert_int_equal(s.lost, 3);
	assert_int_equal(s.ssrc, r.far[0].ssrc);
	assert_true(s.rx_idle_ms < PATIENCE_MS);
	assert_true(addr_equal(&s.remote, &r.far[0].addr[0]));
	rig_until(rig_stats(&r, 0).tx_rtcp == 1);
	s = rig_stats(&r, 1);
	assert_int_equal(s.tx_bytes, 6 * 160);
	assert_int_equal(s.rx_rtcp, 1);
	rig_end(&r);
}

/* IPv6, RTCP on the RTP port of one side and on its own on the other. */
static void muxes_one_side(void **state)
{
	struct rig r;

	(void)state;
	rig_media(&r, 20000, 29999);
	rig_call(&r, "::1", CONF_AES_CM_128_HMAC_SHA1_80, PLAIN, 0);
	r.set[0].rtcp_mux = true;
	rig_apply(&r, 0);
	rig_pass(&r, 0);
	rig_pass(&r, 1);
	rig_pass_rtcp(&r, 0);
	rig_pass_rtcp(&r, 1);
	rig_end(&r);
}

/* RFC 5761 5.1.1: a muxed leg needs one socket; without it there are two again,
 * or RTCP is missed and the sound goes on. */
static void one_socket_while_muxed(void **state)
{
	struct rig r;
	struct addr rtcp;
	int other;

	(void)state;
	rig_start(&r, CONF_AEAD_AES_256_GCM, PLAIN);
	rtcp = r.far[0].to[1];
	assert_false(rig_is_free(&rtcp));
	r.set[0].rtcp_mux = true;
	rig_apply(&r, 0);
	assert_true(rig_stats(&r, 0).rtcp_mux);
	assert_true(rig_is_free(&rtcp));
	assert_false(rig_is_free(&r.far[1].to[1]));
	rig_pass_rtcp(&r, 0);
	rig_pass_rtcp(&r, 1);
	r.set[0].rtcp_mux = false;
	rig_apply(&r, 0);
	assert_false(rig_stats(&r, 0).rtcp_mux);
	assert_false(rig_is_free(&rtcp));
	rig_pass_rtcp(&r, 0);
	rig_pass_rtcp(&r, 1);

	r.set[0].rtcp_mux = true;
	rig_apply(&r, 0);
	other = socket(rtcp.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(other, &rtcp.sa, addr_len(&rtcp)), 0);
	r.set[0].rtcp_mux = false;
	rig_apply(&r, 0);
	rig_pass(&r, 0);
	rig_pass(&r, 1);
	close(other);
	rig_apply(&r, 0); /* tried again */
	rig_pass_rtcp(&r, 0);
	rig_end(&r);
}

/* Near the limit of open files a call has sound and no RTCP, until it is set
 * again with more room. */
static void sound_before_rtcp(void **state)
{
	struct rlimit before, tight;
	struct open_files files;
	int others[100]; /* what else a process has open */
	uint64_t missed = metric_read(M_MEDIA_RTCP_PORT);
	struct rig r;

	(void)state;
	rig_media(&r, 20000, 29999);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		others[i] = dup(STDERR_FILENO);
	open_files_count(&files);
	assert_true(files.used >= ARRAY_SIZE(others));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	tight.rlim_cur = files.used + 8;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	assert_true(open_files_percent() >= 90);
	rig_call(&r, "127.0.0.1", CONF_AEAD_AES_256_GCM, PLAIN, 0);
	rig_until(metric_read(M_MEDIA_RTCP_PORT) == missed + 2);
	assert_true(rig_is_free(&r.far[0].to[1]));
	assert_true(rig_is_free(&r.far[1].to[1]));
	rig_pass(&r, 0);
	rig_pass(&r, 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	open_files_count(&files);
	rig_apply(&r, 0);
	rig_apply(&r, 1);
	rig_pass_rtcp(&r, 0);
	rig_pass_rtcp(&r, 1);
	rig_end(&r);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		close(others[i]);
}

/* Recording: what each side says is sent by the other call's leg of that side,
 * in its own protection; what comes back there goes nowhere. */
static void copies_to_a_recorder(void **state)
{
	struct mcall_params p = { .local = { rig_addr("127.0.0.1", 0),
					  rig_addr("127.0.0.1", 0) },
		.apart = true,
		.event = rig_event };
	struct rig r, rec;
	struct made m, got;

	(void)state;
	rig_start(&r, CONF_AES_CM_128_HMAC_SHA1_80, PLAIN);
	rec = (struct rig){ .media = r.media, .events = r.events };
	p.owner = &rec;
	p.beside = r.mc;
	assert_int_equal(mcall_new(&rec.mc, r.media, &p), 0);
	for (int i = 0; i < 2; i++) {
		rig_far(&rec, i, "127.0.0.1", CONF_AEAD_AES_256_GCM);
		rec.set[i].receive = false;
		rig_apply(&rec, i);
	}
	mcall_copy(r.mc, rec.mc);
	for (unsigned n = 0; n < 3; n++)
		for (int i = 0; i < 2; i++) {
			make_rtp(&m, r.far[i].ssrc, r.far[i].seq);
			rig_pass(&r, i);
			far_receive(&rec.far[i], rec.far[i].fd[0], false, &got);
			assert_true(same_packet(&m, &got));
			make_sr(&m, r.far[i].ssrc, 1);
			rig_pass_rtcp(&r, i);
			far_receive(&rec.far[i], rec.far[i].fd[1], true, &got);
			assert_true(same_packet(&m, &got));
		}
	assert_int_equal(rig_stats(&rec, 0).tx_packets, 3);
	assert_int_equal(rig_stats(&rec, 1).tx_rtcp, 3);
	/* the recorder's own reports, and what it should not send */
	make_sr(&m, rec.far[0].ssrc, 1);
	far_send(&rec.far[0], 1, &m);
	make_rtp(&m, rec.far[0].ssrc, rec.far[0].seq++);
	far_send(&rec.far[0], 0, &m);
	rig_until(rig_stats(&rec, 0).rx_rtcp == 1 &&
		  rig_stats(&rec, 0).not_wanted == 1);
	assert_int_equal(rig_stats(&rec, 1).tx_rtcp, 3);
	mcall_copy(r.mc, NULL);
	rig_pass(&r, 0);
	assert_int_equal(rig_stats(&rec, 0).tx_packets, 3);
	rig_hang_up(&rec);
	rig_pass(&r, 1);
	rig_end(&r);
}

/* srtp pass-thru: the far ends have keys of each other, and we have none. */
static void passes_what_it_cannot_read(void **state)
{
	enum conf_suite suite = CONF_AES_CM_128_HMAC_SHA1_80;
	struct made m, got;
	struct rig r;

	(void)state;
	rig_start(&r, PLAIN, PLAIN);
	for (int i = 0; i < 2; i++) {
		far_keys(&r.far[i], suite, seed_tx(i), false);
		far_keys(&r.far[i], suite, seed_tx(1 - i), true);
		r.set[i].opaque = true;
		rig_apply(&r, i);
	}
	rig_pass(&r, 0);
	rig_pass(&r, 1);
	/* the length of its padding is encrypted, as a report's words are */
	for (uint16_t i = 0; i < 32; i++) {
		make_rtp(&m, r.far[0].ssrc, r.far[0].seq++);
		m.pkt.p[0] |= 0x20;
		m.pkt.p[m.pkt.n - 1] = 1;
		far_send(&r.far[0], 0, &m);
		far_receive(&r.far[1], r.far[1].fd[0], false, &got);
		assert_true(same_packet(&m, &got));
		rig_pass_rtcp(&r, 0);
		rig_pass_rtcp(&r, 1);
	}
	assert_int_equal(rig_stats(&r, 0).rx_packets, 33);
	assert_int_equal(rig_stats(&r, 0).lost, 0);
	assert_int_equal(rig_stats(&r, 0).rx_rtcp, 32);
	assert_int_equal(rig_stats(&r, 0).malformed, 0);
	/* while one leg has keys of ours, nothing of theirs leaves by it */
	r.set[1].opaque = false;
	rig_apply(&r, 1);
	make_rtp(&m, r.far[0].ssrc, r.far[0].seq++);
	far_send(&r.far[0], 0, &m);
	rig_until(rig_stats(&r, 1).send_held == 1);
	/* nor the other way round */
	far_keys(&r.far[1], PLAIN, 0, false);
	make_rtp(&m, r.far[1].ssrc, r.far[1].seq++);
	far_send(&r.far[1], 0, &m);
	rig_until(rig_stats(&r, 0).send_held == 1);
	rig_end(&r);
}

static void drops_what_is_not_rtp(void **state)
{
	static const uint8_t stun[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
	static const uint8_t big[PKT_ROOM] = { 0x80 };
	static const uint8_t padding[12] = { 0xa0 };
	uint64_t malformed = metric_read(M_MEDIA_RX_MALFORMED);
	uint64_t failed = metric_read(M_MEDIA_RX_AUTH_FAILED);
	struct rig r;

	(void)state;
	rig_start(&r, PLAIN, CONF_AES_CM_128_HMAC_SHA1_32);
	far_send_raw(&r.far[0], stun, sizeof(stun));
	far_send_raw(&r.far[0], "", 0);
	far_send_raw(&r.far[0], "\x80", 1);
	far_send_raw(&r.far[0], big, sizeof(big));
	far_send_raw(&r.far[0], padding, sizeof(padding));
	rig_pass(&r, 0);
	assert_int_equal(rig_stats(&r, 0).malformed, 5);
	far_send_raw(&r.far[1], big, 40);
	rig_pass(&r, 1);
	assert_int_equal(rig_stats(&r, 1).auth_failed, 1);
	rig_end(&r);
	/* The operator's counters say the same. */
	assert_int_equal(metric_read(M_MEDIA_RX_MALFORMED), malformed + 5);
	assert_int_equal(metric_read(M_MEDIA_RX_AUTH_FAILED), failed + 1);
}

/* Hold: nothing passes, but the receiving context follows the far end, over
 * a wrap too; RTCP goes on. */
static void holds_and_resumes(void **state)
{
	struct rig r;
	struct made m;

	(void)state;
	rig_start(&r, CONF_AEAD_AES_256_GCM, CONF_AES_CM_128_HMAC_SHA1_80);
	r.far[0].seq = 65530;
	for (unsigned round = 0; round < 20; round++) {
		uint64_t before = rig_stats(&r, 0).not_wanted;

		rig_pass(&r, 0);
		r.set[0].receive = r.set[0].send = false;
		rig_apply(&r, 0);
		for (unsigned i = 0; i < 3; i++) {
			make_rtp(&m, r.far[0].ssrc, r.far[0].seq++);
			far_send(&r.far[0], 0, &m);
		}
		rig_until(rig_stats(&r, 0).not_wanted == before + 3);
		make_rtp(&m, r.far[1].ssrc, r.far[1].seq++);
		far_send(&r.far[1], 0, &m);
		rig_until(rig_stats(&r, 0).send_held == round + 1);
		rig_pass_rtcp(&r, 0);
		r.set[0].receive = r.set[0].send = true;
		rig_apply(&r, 0);
		rig_pass(&r, 0);
		rig_pass(&r, 1);
	}
	assert_int_equal(rig_stats(&r, 0).lost, 0);
	assert_int_equal(rig_stats(&r, 0).auth_failed, 0);
	rig_end(&r);
}

/* The same key again keeps the state: over a wrap, and against replays. */
static void keeps_state(void **state)
{
	struct rig r;
	struct made m, wire;

	(void)state;
	rig_start(&r, CONF_AES_CM_128_HMAC_SHA1_80, CONF_AEAD_AES_128_GCM);
	r.far[0].seq = r.far[1].seq = 65533;
	for (unsigned i = 0; i < 6; i++) {
		rig_pass(&r, 0);
		rig_pass(&r, 1);
		rig_apply(&r, 0);
		rig_apply(&r, 1);
	}
	make_rtp(&m, r.far[0].ssrc, r.far[0].seq++);
	made_copy(&wire, &m);
	assert_int_equal(xform_rtp(&r.far[0].tx, &wire.pkt), 0);
	far_send_raw(&r.far[0], wire.pkt.p, wire.pkt.n);
	rig_until(rig_stats(&r, 1).tx_packets == 7);
	rig_apply(&r, 0);
	far_send_raw(&r.far[0], wire.pkt.p, wire.pkt.n);
	rig_until(rig_stats(&r, 0).replayed == 1);
	rig_end(&r);
}

/* A new key while packets flow: those in flight under the old one arrive for
 * two seconds, then no more. */
static void changes_key(void **state)
{
	struct rig r;
	struct made m;
	struct far old;
	uint64_t since = 0;

	(void)state;
	rig_start(&r, CONF_AES_CM_128_HMAC_SHA1_80, PLAIN);
	for (unsigned i = 0; i < 5; i++)
		rig_pass(&r, 0);
	r.set[0].rx = rig_crypto(CONF_AEAD_AES_256_GCM, 77);
	rig_apply(&r, 0);
	since = clock_ms();
	for (unsigned i = 0; i < 5; i++)
		rig_pass(&r, 0);
	old = r.far[0];
	r.far[0].tx = (struct xform){ 0 };
	far_keys(&r.far[0], CONF_AEAD_AES_256_GCM, 77, false);
	for (unsigned i = 0; i < 5; i++)
		rig_pass(&r, 0);
	assert_int_equal(rig_stats(&r, 0).lost, 0);
	assert_int_equal(rig_stats(&r, 0).auth_failed, 0);
	for (uint16_t seq = 1000; rig_stats(&r, 0).auth_failed == 0; seq++) {
		make_rtp(&m, old.ssrc + 1, seq);
		far_send(&old, 0, &m);
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
		assert_true(clock_ms() - since < PATIENCE_MS);
	}
	assert_true(clock_ms() - since >= 2000);
	xform_close(&old.tx);
	/* Towards the far end it changes at once. */
	r.set[0].tx = rig_crypto(CONF_AEAD_AES_128_GCM, 78);
	rig_apply(&r, 0);
	far_keys(&r.far[0], CONF_AEAD_AES_128_GCM, 78, true);
	for (unsigned i = 0; i < 5; i++)
		rig_pass(&r, 1);
	rig_end(&r);
}

/* Once a key is agreed plain packets stop at once; and the other way the
 * last encrypted ones do not come through as noise. */
static void never_mixes_plain_in(void **state)
{
	struct rig r;
	struct made m;
	struct far plain;

	(void)state;
	rig_start(&r, PLAIN, PLAIN);
	rig_pass(&r, 0);
	r.set[0].rx = rig_crypto(CONF_AEAD_AES_128_GCM, seed_tx(0));
	rig_apply(&r, 0);
	plain = r.far[0];
	make_rtp(&m, plain.ssrc, plain.seq);
	far_send(&plain, 0, &m);
	r.far[0].tx = (struct xform){ 0 };
	far_keys(&r.far[0], CONF_AEAD_AES_128_GCM, seed_tx(0), false);
	rig_pass(&r, 0);
	assert_int_equal(rig_stats(&r, 0).auth_failed, 1);
	r.set[0].rx = rig_crypto(PLAIN, 0);
	rig_apply(&r, 0);
	rig_pass(&r, 0);
	far_keys(&r.far[0], PLAIN, 0, false);
	rig_pass(&r, 0);
	rig_end(&r);
}

static void tells_silence(void **state)
{
	struct rig r;

	(void)state;
	rig_media(&r, 20000, 29999);
	rig_call(&r, "127.0.0.1", PLAIN, PLAIN, 250);
	rig_pass(&r, 0);
	rig_await(&r, MEDIA_INACTIVE);
	assert_int_equal(r.last.side, -1);
	r.seen[MEDIA_INACTIVE] = 0;
	rig_await(&r, MEDIA_INACTIVE); /* again, while it lasts */
	rig_end(&r);
}

/* On hold silence is explained; the clock starts when hold ends. */
static void hold_is_no_silence(void **state)
{
	struct pollfd p;
	uint64_t since = 0;
	struct rig r;

	(void)state;
	rig_media(&r, 20000, 29999);
	rig_call(&r, "127.0.0.1", PLAIN, PLAIN, 300);
	r.set[0].send = false; /* side 0 plays music, or does not */
	r.set[1].receive = false;
	rig_apply(&r, 0);
	rig_apply(&r, 1);
	p = (struct pollfd){ .fd = mq_fd(r.events), .events = POLLIN };
	assert_int_equal(poll(&p, 1, 900), 0);
	r.set[0].send = r.set[1].receive = true;
	since = clock_ms();
	rig_apply(&r, 0);
	rig_apply(&r, 1);
	rig_await(&r, MEDIA_INACTIVE);
	assert_true(
		clock_ms() - since >= 200); /* it looks ten times a second */
	rig_end(&r);
}

/* RR of the far end: loss, and the round trip from the report we passed on. */
static void reads_reports(void **state)
{
	struct rig r;
	struct made m, got;

	(void)state;
	rig_start(&r, PLAIN, CONF_AEAD_AES_128_GCM);
	rig_pass(&r, 0);
	rig_pass_rtcp(&r, 0);
	made_begin(&m);
	made_u32(&m, 0x81c90007);
	made_u32(&m, r.far[1].ssrc);
	made_u32(&m, r.far[0].ssrc);
	made_u32(&m, 0x20000005); /* five lost */
	made_u32(&m, 199); /* the newest; make_rtp() began with 100 */
	made_u32(&m, 40); /* jitter, at 8 kHz */
	made_u32(&m, 0x03040102); /* middle of the time that make_sr() wrote */
	made_u32(&m, 0);
	far_send(&r.far[1], 1, &m);
	far_receive(&r.far[0], r.far[0].fd[1], true, &got);
	assert_true(same_packet(&m, &got));
	assert_int_equal(rig_stats(&r, 1).loss_reported, 5);
	assert_int_equal(rig_stats(&r, 1).reported_of, 100);
	assert_int_equal(rig_stats(&r, 1).jitter_reported_us, 5000);
	assert_true(rig_stats(&r, 1).rtt_us > 0);
	assert_true(rig_stats(&r, 1).rtt_us < 1000 * PATIENCE_MS);
	rig_end(&r);
}

static void runs_out_of_ports(void **state)
{
	char text[ADDR_TEXT];
	const char *host = rig_host(text);
	struct media_usage u;
	struct mcall *mc[3], *more = NULL;
	struct addr taken;
	struct rig r;
	int fd = far_socket(host, &taken);
	uint16_t base = addr_port(&taken) & 0xfffe;

	/* A range with a foreign socket in it. */
	(void)state;
	rig_media(&r, base, (uint16_t)(base + 13));
	media_usage(r.media, &u);
	assert_int_equal(u.pairs, 7);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(rig_try_call(&r, &mc[i], host, 0), 0);
	assert_int_equal(rig_try_call(&r, &more, host, 0), EAGAIN);
	assert_null(more);
	media_usage(r.media, &u);
	assert_int_equal(u.ports, 6);
	assert_int_equal(u.calls, 3);
	mcall_close(mc[0]);
	rig_until((media_usage(r.media, &u), u.calls) == 2);
	assert_int_equal(rig_try_call(&r, &mc[0], host, 0), 0);
	media_set_range(r.media, 30000, 30003);
	media_usage(r.media, &u);
	assert_int_equal(u.pairs, 2);
	for (unsigned i = 0; i < 3; i++)
		mcall_close(mc[i]);
	assert_int_equal(
		rig_try_call(&r, &more, "192.0.2.1", 0), EADDRNOTAVAIL);
	close(fd);
	rig_end(&r);
}

/* A closed call's figures stay; nothing comes after it. */
static void outlives_closing(void **state)
{
	struct rig r;
	struct mcall *kept = NULL;

	(void)state;
	rig_media(&r, 20000, 29999);
	rig_call(&r, "127.0.0.1", PLAIN, PLAIN, 100);
	rig_pass(&r, 0);
	kept = obj_ref(r.mc);
	rig_hang_up(&r);
	r.far[0].tx.ops = NULL;
	rig_end(&r);
	assert_int_equal(rig_stats(&r, 0).rx_packets, 1);
	assert_int_equal(r.seen[MEDIA_INACTIVE], 0);
	obj_unref(kept);
}

/* A closed call's sockets go when the worker comes to it; sound does not pass
 * in the meantime. */
static void falls_silent_at_once(void **state)
{
	struct media_usage u;
	struct made m;
	struct rig r;

	(void)state;
	rig_media(&r, 20000, 29999);
	rig_call(&r, "127.0.0.1", PLAIN, PLAIN, 0);
	rig_pass(&r, 0);
	mcall_close(r.mc);
	r.mc = NULL;
	make_rtp(&m, r.far[0].ssrc, r.far[0].seq);
	far_send(&r.far[0], 0, &m);
	rig_until((media_usage(r.media, &u), u.calls) == 0);
	assert_int_equal(recv(r.far[1].fd[0], m.pkt.p, 1, MSG_DONTWAIT), -1);
	rig_hang_up(&r);
	rig_end(&r);
}

static _Atomic bool flood_on;

static void *flood(void *arg)
{
	struct far *f = arg;
	struct made m;

	for (uint16_t seq = 0; flood_on; seq++) {
		make_rtp(&m, f->ssrc, seq);
		(void)sendto(f->fd[0], m.pkt.p, m.pkt.n, MSG_DONTWAIT,
			&f->to[0].sa, addr_len(&f->to[0]));
	}
	return NULL;
}

static void closes_under_load(void **state)
{
	struct rig r;
	pthread_t thread;

	(void)state;
	rig_media(&r, 20000, 29999);
	for (unsigned i = 0; i < 20; i++) {
		rig_call(&r, "127.0.0.1", PLAIN, CONF_AEAD_AES_128_GCM, 0);
		flood_on = true;
		assert_int_equal(thread_start(&thread, flood, &r.far[0]), 0);
		rig_until(rig_stats(&r, 0).rx_packets > 20);
		rig_apply(&r, 1);
		mcall_close(r.mc);
		flood_on = false;
		pthread_join(thread, NULL);
		r.mc = NULL;
		rig_hang_up(&r);
	}
	r.far[0].tx.ops = NULL;
	rig_end(&r);
}

/* Each leg told to send to the other's port: not even one packet goes round. */
static void breaks_circles(void **state)
{
	struct mcall *second = NULL;
	struct mleg_set set = { .send = true, .receive = true };
	struct made m;
	struct rig r;

	(void)state;
	rig_start(&r, PLAIN, PLAIN);
	rig_pass(&r, 0);
	/* Two calls that meet at us, with a far end at each end: fine. */
	assert_int_equal(rig_try_call(&r, &second, "127.0.0.1", 0), 0);
	set.rx.plain = set.tx.plain = true;
	set.rtp = mcall_local(second, 0);
	r.set[1].rtp = set.rtp;
	r.set[1].rtcp = (struct addr){ 0 };
	rig_apply(&r, 1);
	set.rtp = mcall_local(r.mc, 1);
	mcall_set(second, 0, &set);
	set.rtp = r.far[1].addr[0];
	mcall_set(second, 1, &set);
	mcall_apply(second);
	make_rtp(&m, r.far[0].ssrc, r.far[0].seq++);
	far_send(&r.far[0], 0, &m);
	far_receive(&r.far[1], r.far[1].fd[0], false, &m);
	mq_run(r.events);
	assert_int_equal(r.seen[MEDIA_LOOP], 0);
	/* The second one's far end is the first one's leg A: a circle of two. */
	set.rtp = mcall_local(r.mc, 0);
	mcall_set(second, 1, &set);
	rig_await(&r, MEDIA_LOOP);
	assert_int_equal(r.last.side, 1);
	assert_true(addr_equal(&r.last.addr, &set.rtp));
	mcall_close(second);
	/* Of one call; by the port of RTCP, too. */
	r.seen[MEDIA_LOOP] = 0;
	r.set[0].rtp = mcall_local(r.mc, 1);
	rig_apply(&r, 0);
	rig_await(&r, MEDIA_LOOP);
	r.seen[MEDIA_LOOP] = 0;
	r.set[0].rtp = r.far[0].addr[0];
	r.set[0].rtcp = mcall_local(r.mc, 1);
	addr_set_port(
		&r.set[0].rtcp, (uint16_t)(addr_port(&r.set[0].rtcp) + 1));
	rig_apply(&r, 0);
	rig_await(&r, MEDIA_LOOP);
	/* Nothing leaves a leg that was refused. */
	r.set[1].rtp = r.far[1].addr[0];
	r.set[1].rtcp = r.far[1].addr[1];
	rig_apply(&r, 1);
	make_rtp(&m, r.far[1].ssrc, r.far[1].seq++);
	far_send(&r.far[1], 0, &m);
	rig_until(rig_stats(&r, 0).send_failed == 1);
	/* And back to a good address. */
	r.set[0].rtcp = r.far[0].addr[1];
	rig_apply(&r, 0);
	rig_pass(&r, 1);
	rig_end(&r);
}

static struct media_load busiest(const struct rig *r)
{
	struct media_usage u;

	media_usage(r->media, &u);
	return u.load[0].packets > u.load[1].packets ? u.load[0] : u.load[1];
}

/* Seen while it lasts, by the worker that has the call; gone when it ends. */
static void tells_load(void **state)
{
	struct rig r;
	pthread_t thread;

	(void)state;
	rig_start(&r, PLAIN, PLAIN);
	flood_on = true;
	assert_int_equal(thread_start(&thread, flood, &r.far[0]), 0);
	rig_until(busiest(&r).packets > 4000);
	rig_until(busiest(&r).percent > 0 && busiest(&r).longest_us > 0);
	assert_int_equal(busiest(&r).calls, 1);
	assert_in_range(busiest(&r).percent, 1, 100);
	/* The next call goes there too, or to the other one. */
	assert_in_range(media_load(r.media), 0, 100);
	flood_on = false;
	pthread_join(thread, NULL);
	rig_hang_up(&r);
	r.far[0].tx.ops = NULL;
	rig_until(busiest(&r).packets == 0 && busiest(&r).percent == 0);
	assert_int_equal(media_load(r.media), 0);
	rig_end(&r);
}

/* A wake-up serves the packets of all calls of a worker: as long as they are
 * few, one worker has them all. */
static void packs_few_calls(void **state)
{
	struct mcall *mc[MEDIA_PACKED_CALLS + 3];
	struct media_usage u;
	struct rig r;

	(void)state;
	rig_media(&r, 20000, 29999);
	for (size_t i = 0; i < ARRAY_SIZE(mc); i++) {
		assert_int_equal(rig_try_call(&r, &mc[i], "127.0.0.1", 0), 0);
		media_usage(r.media, &u);
		if (i + 1 == MEDIA_PACKED_CALLS)
			assert_int_equal(u.load[1].calls, 0);
	}
	assert_int_equal(u.load[0].calls, MEDIA_PACKED_CALLS);
	assert_int_equal(u.load[1].calls, 3);
	for (size_t i = 0; i < ARRAY_SIZE(mc); i++)
		mcall_close(mc[i]);
	rig_end(&r);
}

static void do_nothing(struct mq_node *node)
{
	(void)node;
}

/* Calls and their ends come before keys, of which none is lost unseen. */
static void counts_keys_lost(void **state)
{
	static const uint8_t ended[] = { 5, 0x80, 3, 0x20 };
	const struct mcall_keys take = {
		.from = 101, .to = MEDIA_NO_PT, .take = true
	};
	uint64_t lost = metric_read(M_KEYS_LOST);
	struct mq_node other[64]; /* as many as rig_media() has room for */
	struct rig r;
	struct made m;

	(void)state;
	rig_start(&r, PLAIN, PLAIN);
	mcall_keys(r.mc, 0, &take);
	rig_apply(&r, 0);
	for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
		other[i].run = do_nothing;
		mq_push(r.events, &other[i]);
	}
	make_rtp_full(&m, r.far[0].ssrc, r.far[0].seq++, 0, 0, sizeof(ended));
	m.pkt.p[1] = 101;
	memcpy(m.pkt.p + RTP_HEADER, ended, sizeof(ended));
	far_send(&r.far[0], 0, &m);
	rig_until(metric_read(M_KEYS_LOST) == lost + 1);
	mq_run(r.events);
	assert_int_equal(r.seen[MEDIA_KEY], 0);
	rig_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(joins_every_pair),
		T(counts),
		T(counts_keys_lost),
		T(muxes_one_side),
		T(one_socket_while_muxed),
		T(sound_before_rtcp),
		T(copies_to_a_recorder),
		T(drops_what_is_not_rtp),
		T(holds_and_resumes),
		T(keeps_state),
		T(changes_key),
		T(never_mixes_plain_in),
		T(passes_what_it_cannot_read),
		T(tells_silence),
		T(hold_is_no_silence),
		T(reads_reports),
		T(runs_out_of_ports),
		T(outlives_closing),
		T(falls_silent_at_once),
		T(closes_under_load),
		T(tells_load),
		T(packs_few_calls),
		T(breaks_circles),
	};

	return RUN_TESTS(tests);
}
