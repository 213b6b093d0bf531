/* Who may send to a leg, and where the leg sends: sources and latching. */
#include "media_rig.h"

#include "base/log.h"

/* Another sender than the far end, on the same or another host. */
struct stranger {
	int fd[2];
	struct addr addr[2];
};

static struct stranger stranger_at(const char *host)
{
	struct stranger s;

	for (unsigned ch = 0; ch < 2; ch++)
		s.fd[ch] = far_socket(host, &s.addr[ch]);
	return s;
}

static void stranger_end(struct stranger *s)
{
	close(s->fd[0]);
	close(s->fd[1]);
}

/* What the far end would send now, but from elsewhere. */
static void send_as(struct rig *r, int fd, uint16_t seq)
{
	struct made m;

	make_rtp(&m, r->far[0].ssrc, seq);
	far_send_from(&r->far[0], fd, 0, &m);
}

static void await_on(struct rig *r, uint16_t seq)
{
	struct made want, got;

	make_rtp(&want, r->far[0].ssrc, seq);
	far_receive(&r->far[1], r->far[1].fd[0], false, &got);
	assert_true(same_packet(&want, &got));
}

/* What side 1 sends leaves side 0 towards `fd`. */
static void goes_to(struct rig *r, int fd)
{
	struct made m, got;

	make_rtp(&m, r->far[1].ssrc, r->far[1].seq++);
	far_send(&r->far[1], 0, &m);
	far_receive(&r->far[0], fd, false, &got);
	assert_true(same_packet(&m, &got));
}

static void keeps_strangers_out(void **state)
{
	static const enum mleg_latch latch[] = { MLEG_LATCH_NEVER,
		MLEG_LATCH_AUTH };
	struct rig r;
	struct stranger s = stranger_at("127.0.0.2");
	struct stranger near = stranger_at("127.0.0.1");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(latch); i++) {
		rig_media(&r, 20000, 29999);
		rig_call(&r, "127.0.0.1", PLAIN, PLAIN, 0);
		r.set[0].latch = latch[i];
		rig_apply(&r, 0);
		send_as(&r, s.fd[0], 50);
		send_as(&r, near.fd[0], 51); /* the host alone is not enough */
		rig_pass(&r, 0);
		assert_int_equal(rig_stats(&r, 0).wrong_source, 2);
		assert_false(rig_stats(&r, 0).latched);
		goes_to(&r, r.far[0].fd[0]);
		rig_end(&r);
	}
	stranger_end(&s);
	stranger_end(&near);
}

static void latches_once(void **state)
{
	struct rig r;
	struct stranger s = stranger_at("127.0.0.1");
	struct addr elsewhere = rig_addr("127.0.0.9", 9);

	(void)state;
	rig_start(&r, PLAIN, PLAIN);
	r.set[0].latch = MLEG_LATCH_ONCE;
	r.set[0].rtp = elsewhere; /* what a phone behind NAT believes */
	rig_apply(&r, 0);
	far_send_raw(&r.far[0], "STUN, say", 9); /* finds nobody */
	send_as(&r, s.fd[0], 50);
	await_on(&r, 50);
	rig_await(&r, MEDIA_LATCHED);
	assert_int_equal(r.last.side, 0);
	assert_true(addr_equal(&r.last.addr, &s.addr[0]));
	goes_to(&r, s.fd[0]);
	send_as(&r, r.far[0].fd[0], 51);
	send_as(&r, s.fd[0], 52);
	await_on(&r, 52);
	assert_int_equal(rig_stats(&r, 0).wrong_source, 1);
	assert_true(rig_stats(&r, 0).latched);
	rig_apply(&r, 0); /* the same description: stays */
	goes_to(&r, s.fd[0]);
	addr_set_port(&r.set[0].rtp, 10); /* another: open again */
	rig_apply(&r, 0);
	assert_false(rig_stats(&r, 0).latched);
	send_as(&r, r.far[0].fd[0], 53);
	await_on(&r, 53);
	goes_to(&r, r.far[0].fd[0]);
	stranger_end(&s);
	rig_end(&r);
}

/* On hold nobody who calls first gets the leg. */
static void latches_nobody_on_hold(void **state)
{
	struct rig r;
	struct stranger s = stranger_at("127.0.0.1");

	(void)state;
	rig_start(&r, PLAIN, PLAIN);
	r.set[0].latch = MLEG_LATCH_ONCE;
	r.set[0].receive = false;
	rig_apply(&r, 0);
	send_as(&r, s.fd[0], 50);
	rig_until(rig_stats(&r, 0).not_wanted == 1);
	assert_false(rig_stats(&r, 0).latched);
	r.set[0].receive = true;
	rig_apply(&r, 0);
	send_as(&r, r.far[0].fd[0], 51);
	await_on(&r, 51);
	assert_true(rig_stats(&r, 0).latched);
	stranger_end(&s);
	rig_end(&r);
}

/* During a hold the router forgot the port, and gives another one. */
static void moves_once_after_hold(void **state)
{
	struct rig r;
	struct stranger s = stranger_at("127.0.0.1");
	struct stranger other = stranger_at("127.0.0.1");
	struct stranger far = stranger_at("127.0.0.2");

	(void)state;
	rig_start(&r, PLAIN, PLAIN);
	r.set[0].latch = MLEG_LATCH_ONCE;
	rig_apply(&r, 0);
	send_as(&r, r.far[0].fd[0], 50);
	await_on(&r, 50);
	send_as(&r, s.fd[0], 51); /* not without one */
	r.set[0].receive = false;
	rig_apply(&r, 0);
	send_as(&r, s.fd[0], 52); /* nor in it */
	rig_until(rig_stats(&r, 0).wrong_source == 2);
	r.set[0].receive = true;
	rig_apply(&r, 0);
	send_as(&r, far.fd[0], 53); /* nor another host */
	send_as(&r, s.fd[0], 54);
	await_on(&r, 54);
	goes_to(&r, s.fd[0]);
	send_as(&r, other.fd[0], 55); /* nor twice */
	send_as(&r, r.far[0].fd[0], 56);
	send_as(&r, s.fd[0], 57);
	await_on(&r, 57);
	assert_int_equal(rig_stats(&r, 0).wrong_source, 5);
	/* who comes back as he was stays it */
	r.set[0].receive = false;
	rig_apply(&r, 0);
	r.set[0].receive = true;
	rig_apply(&r, 0);
	send_as(&r, s.fd[0], 58);
	await_on(&r, 58);
	send_as(&r, other.fd[0], 59);
	send_as(&r, s.fd[0], 60);
	await_on(&r, 60);
	assert_int_equal(rig_stats(&r, 0).wrong_source, 6);
	stranger_end(&s);
	stranger_end(&other);
	stranger_end(&far);
	rig_end(&r);
}

static void moves_only_when_authentic(enum conf_suite suite)
{
	struct rig r;
	struct stranger s = stranger_at("127.0.0.1");
	struct made m, first, forged;
	struct mleg_stats after;

	rig_start(&r, suite, PLAIN);
	r.set[0].latch = MLEG_LATCH_AUTH;
	rig_apply(&r, 0);
	make_rtp(&m, r.far[0].ssrc, 10);
	made_copy(&first, &m);
	assert_int_equal(xform_rtp(&r.far[0].tx, &first.pkt), 0);
	far_send_raw(&r.far[0], first.pkt.p, first.pkt.n);
	await_on(&r, 10);
	/* Forged, and replayed: neither moves it. */
	made_copy(&forged, &first);
	forged.pkt.p[3]++;
	assert_true(sendto(s.fd[0], forged.pkt.p, forged.pkt.n, 0,
			    &r.far[0].to[0].sa, addr_len(&r.far[0].to[0])) > 0);
	assert_true(sendto(s.fd[0], first.pkt.p, first.pkt.n, 0,
			    &r.far[0].to[0].sa, addr_len(&r.far[0].to[0])) > 0);
	rig_until(rig_stats(&r, 0).replayed == 1);
	assert_int_equal(rig_stats(&r, 0).auth_failed, 1);
	goes_to(&r, r.far[0].fd[0]);
	assert_int_equal(r.seen[MEDIA_LATCHED], 0);
	/* The phone moves; a late one from where it was does not move it. */
	make_rtp(&m, r.far[0].ssrc, 12);
	made_copy(&first, &m);
	assert_int_equal(xform_rtp(&r.far[0].tx, &first.pkt), 0);
	send_as(&r, s.fd[0], 13);
	await_on(&r, 13);
	far_send_raw(&r.far[0], first.pkt.p, first.pkt.n);
	await_on(&r, 12);
	rig_await(&r, MEDIA_LATCHED);
	assert_true(addr_equal(&r.last.addr, &s.addr[0]));
	goes_to(&r, s.fd[0]);
	after = rig_stats(&r, 0);
	assert_true(addr_equal(&after.remote, &s.addr[0]));
	assert_int_equal(after.wrong_source, 0);
	stranger_end(&s);
	rig_end(&r);
}

static void follows_authentic_senders(void **state)
{
	(void)state;
	for (unsigned s = 0; s < CONF_SUITE_COUNT; s++)
		moves_only_when_authentic((enum conf_suite)s);
}

/* SRTCP moves the address of RTCP alone. */
static void moves_rtcp_apart(void **state)
{
	struct rig r;
	struct stranger s = stranger_at("127.0.0.1");
	struct made m, got;

	(void)state;
	rig_start(&r, CONF_AES_CM_128_HMAC_SHA1_80, PLAIN);
	r.set[0].latch = MLEG_LATCH_AUTH;
	rig_apply(&r, 0);
	make_sr(&m, r.far[0].ssrc, 0);
	far_send_from(&r.far[0], s.fd[1], 1, &m);
	far_receive(&r.far[1], r.far[1].fd[1], true, &got);
	assert_true(same_packet(&m, &got));
	make_sr(&m, r.far[1].ssrc, 0);
	far_send(&r.far[1], 1, &m);
	far_receive(&r.far[0], s.fd[1], true, &got);
	assert_true(same_packet(&m, &got));
	goes_to(&r, r.far[0].fd[0]);
	stranger_end(&s);
	rig_end(&r);
}

static void count_warning(void *arg, const char *line)
{
	if (strstr(line, "%MEDIA-4-AUTH_FAILED") != NULL)
		++*(unsigned *)arg;
}

/* Who floods us with forgeries does not flood the log. */
static void warns_once(void **state)
{
	struct rig r;
	struct made m;
	unsigned before = 0, after = 0;

	(void)state;
	rig_start(&r, CONF_AEAD_AES_128_GCM, PLAIN);
	log_recent(count_warning, &before);
	make_rtp(&m, 1, 1);
	for (unsigned i = 0; i < 50; i++)
		far_send_raw(&r.far[0], m.pkt.p, m.pkt.n);
	rig_until(rig_stats(&r, 0).auth_failed == 50);
	log_recent(count_warning, &after);
	assert_int_equal(after, before + 1);
	rig_end(&r);
}

/* Addresses that cannot be sent to are counted, not tried. */
static void counts_dead_ends(void **state)
{
	static const struct {
		const char *name, *host;
		uint16_t port;
	} row[] = {
		{ "no port", "127.0.0.1", 0 },
		{ "hold of RFC 2543", "0.0.0.0", 9 },
		{ "another family", "::1", 9 },
	};
	struct rig r;
	struct made m;

	(void)state;
	rig_start(&r, PLAIN, PLAIN);
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		r.set[0].rtp = rig_addr(row[i].host, row[i].port);
		rig_apply(&r, 0);
		make_rtp(&m, 5, (uint16_t)i);
		far_send(&r.far[1], 0, &m);
		rig_until(rig_stats(&r, 0).send_failed == i + 1);
	}
	rig_end(&r);
}

/* A description whose key does not fit its suite closes the direction. */
static void opens_no_wrong_key(void **state)
{
	struct rig r;

	(void)state;
	rig_start(&r, CONF_AEAD_AES_128_GCM, PLAIN);
	rig_pass(&r, 0);
	r.set[0].rx.key.n--;
	rig_apply(&r, 0);
	send_as(&r, r.far[0].fd[0], r.far[0].seq++);
	rig_until(rig_stats(&r, 0).not_wanted == 1);
	r.set[0].rx.key.n++;
	rig_apply(&r, 0);
	rig_pass(&r, 0);
	rig_end(&r);
}

/* Sound, T.38 in its place or beside it while its port is 0, and sound again:
 * under the same keys it goes on where it was, wraps ago. */
static void keeps_counters_beside_fax(bool off)
{
	const struct timespec beyond_grace = { .tv_sec = 2,
		.tv_nsec = 200000000 };
	static const char page[] = "UDPTL";
	struct mleg_set sound[2];
	struct made early, got;
	struct rig r;

	rig_start(&r, CONF_AES_CM_128_HMAC_SHA1_80, CONF_AEAD_AES_256_GCM);
	for (unsigned i = 0; i < 16; i++) /* three wraps and more */
		for (int side = 0; side < 2; side++) {
			r.far[side].seq = (uint16_t)(r.far[side].seq + 15000);
			rig_pass(&r, side);
		}
	make_rtp(&early, r.far[0].ssrc, r.far[0].seq++);
	assert_int_equal(xform_rtp(&r.far[0].tx, &early.pkt), 0);
	far_send_raw(&r.far[0], early.pkt.p, early.pkt.n);
	far_receive(&r.far[1], r.far[1].fd[0], false, &got);
	for (int side = 0; side < 2; side++) {
		sound[side] = r.set[side];
		r.set[side].rx = r.set[side].tx = rig_crypto(PLAIN, 0);
		r.set[side].raw = !off;
		if (off)
			r.set[side].rtp = r.set[side].rtcp = (struct addr){ 0 };
		r.set[side].send = r.set[side].receive = !off;
		rig_apply(&r, side);
	}
	if (!off) {
		far_send_raw(&r.far[0], page, sizeof(page));
		assert_int_equal(
			recv(r.far[1].fd[0], got.room, sizeof(got.room), 0),
			sizeof(page));
		assert_memory_equal(got.room, page, sizeof(page));
	}
	nanosleep(&beyond_grace, NULL);
	for (int side = 0; side < 2; side++) {
		r.set[side] = sound[side];
		rig_apply(&r, side);
	}
	far_send_raw(&r.far[0], early.pkt.p, early.pkt.n);
	rig_until(rig_stats(&r, 0).replayed == 1);
	for (unsigned i = 0; i < 5; i++) {
		rig_pass(&r, 0);
		rig_pass(&r, 1);
	}
	assert_int_equal(rig_stats(&r, 0).auth_failed, 0);
	rig_end(&r);
}

static void goes_on_after_fax(void **state)
{
	(void)state;
	keeps_counters_beside_fax(false);
	keeps_counters_beside_fax(true);
}

/* Another key of ours after it begins anew, as does who was told of it. */
static void begins_anew_after_fax(void **state)
{
	struct rig r;

	(void)state;
	rig_start(&r, CONF_AEAD_AES_128_GCM, PLAIN);
	r.far[1].seq = 65530;
	for (unsigned i = 0; i < 10; i++)
		rig_pass(&r, 1);
	r.set[0].raw = r.set[1].raw = true;
	r.set[0].tx = r.set[0].rx = rig_crypto(PLAIN, 0);
	rig_apply(&r, 0);
	rig_apply(&r, 1);
	r.set[0].raw = r.set[1].raw = false;
	r.set[0].rx = rig_crypto(CONF_AEAD_AES_128_GCM, seed_tx(0));
	r.set[0].tx = rig_crypto(CONF_AEAD_AES_128_GCM, 77);
	rig_apply(&r, 0);
	rig_apply(&r, 1);
	far_keys(&r.far[0], CONF_AEAD_AES_128_GCM, 77, true);
	rig_pass(&r, 0);
	for (unsigned i = 0; i < 10; i++)
		rig_pass(&r, 1);
	rig_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(goes_on_after_fax),
		T(begins_anew_after_fax),
		T(keeps_strangers_out),
		T(latches_once),
		T(latches_nobody_on_hold),
		T(moves_once_after_hold),
		T(follows_authentic_senders),
		T(moves_rtcp_apart),
		T(warns_once),
		T(counts_dead_ends),
		T(opens_no_wrong_key),
	};

	return RUN_TESTS(tests);
}
