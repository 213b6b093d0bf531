/*
 * Our transforms against libsrtp2, packet by packet, for every suite and in
 * both directions; rollover, replay, loss and damage; changes of key.
 */
#include "rtp_make.h"

#include <errno.h>

#include "media/srtp_box.h"

enum { SSRC = 0x1badcafe };

static const uint8_t mki_lens[] = { 0, 1, 4, 8 };

/* The shapes of packets: contributing sources, extension, payload. */
static const struct shape {
	unsigned csrcs, ext;
	size_t payload;
} shapes[] = {
	{ 0, 0, 160 },
	{ 0, 0, 0 },
	{ 0, 0, 1 },
	{ 2, 0, 33 },
	{ 0, 1, 20 },
	{ 15, 3, 160 },
	{ 1, 2, 0 },
	{ 0, 0, 1400 },
};

static void protect_both(struct xform *ours, struct xform *lib,
	const struct made *plain, struct made *out, bool rtcp)
{
	struct made other;

	made_copy(out, plain);
	made_copy(&other, plain);
	if (rtcp) {
		assert_int_equal(xform_rtcp(ours, &out->pkt), 0);
		assert_int_equal(xform_rtcp(lib, &other.pkt), 0);
	} else {
		assert_int_equal(xform_rtp(ours, &out->pkt), 0);
		assert_int_equal(xform_rtp(lib, &other.pkt), 0);
	}
	assert_true(same_packet(out, &other));
}

static void unprotect_both(struct xform *ours, struct xform *lib,
	const struct made *wire, const struct made *plain, bool rtcp)
{
	struct made a, b;

	made_copy(&a, wire);
	made_copy(&b, wire);
	if (rtcp) {
		assert_int_equal(xform_rtcp(ours, &a.pkt), 0);
		assert_int_equal(xform_rtcp(lib, &b.pkt), 0);
	} else {
		assert_int_equal(xform_rtp(ours, &a.pkt), 0);
		assert_int_equal(xform_rtp(lib, &b.pkt), 0);
	}
	assert_true(same_packet(&a, plain));
	assert_true(same_packet(&b, plain));
}

/* libsrtp 2.5 looks for SRTCP's MKI in front of a tag of SRTP's length, so
 * that with _32 it does not find it. */
static bool lib_finds_mki(enum conf_suite suite, uint8_t mki_len)
{
	return mki_len == 0 ||
	       suite_rows[suite].rtp_tag_len == suite_rows[suite].rtcp_tag_len;
}

static void compare(enum conf_suite suite, uint8_t mki_len, unsigned weak)
{
	struct made_xform w = {
		.suite = suite, .mki_len = mki_len, .weak = weak
	};
	struct made_xform r = w, lib_w = w, lib_r = w;
	struct xform tx, lib_tx, rx, lib_rx;
	struct made plain, wire;
	uint16_t seq = 65400;

	r.receive = lib_r.receive = lib_w.lib = lib_r.lib = true;
	tx = make_xform(w);
	rx = make_xform(r);
	lib_tx = make_xform(lib_w);
	lib_rx = make_xform(lib_r);
	for (unsigned i = 0; i < 300; i++) {
		const struct shape *s = &shapes[i % ARRAY_SIZE(shapes)];

		make_rtp_full(&plain, SSRC + i % 2, seq, s->csrcs, s->ext,
			s->payload);
		protect_both(&tx, &lib_tx, &plain, &wire, false);
		unprotect_both(&rx, &lib_rx, &wire, &plain, false);
		seq = (uint16_t)(seq + i % 2);
	}
	/* libsrtp begins at index 1, RFC 3711 3.4 at 0: one ahead. */
	make_sr(&plain, SSRC, 0);
	made_copy(&wire, &plain);
	assert_int_equal(xform_rtcp(&tx, &wire.pkt), 0);
	for (unsigned i = 0; i < 50 && lib_finds_mki(suite, mki_len); i++) {
		make_sr(&plain, SSRC, i % 4);
		protect_both(&tx, &lib_tx, &plain, &wire, true);
		unprotect_both(&rx, &lib_rx, &wire, &plain, true);
	}
	xform_close(&tx);
	xform_close(&lib_tx);
	xform_close(&rx);
	xform_close(&lib_rx);
}

static void equals_libsrtp(void **state)
{
	(void)state;
	for (unsigned s = 0; s < CONF_SUITE_COUNT; s++)
		for (size_t m = 0; m < ARRAY_SIZE(mki_lens); m++)
			compare((enum conf_suite)s, mki_lens[m], 0);
}

/* RFC 4568 6.3.2, 6.3.3: what is left out is left out on the wire. */
static void equals_libsrtp_weakened(void **state)
{
	static const unsigned all =
		XFORM_CLEAR_RTP | XFORM_CLEAR_RTCP | XFORM_UNSIGNED_RTP;
	struct made plain, wire;
	struct xform tx;

	(void)state;
	for (unsigned s = 0; s < CONF_SUITE_COUNT; s++)
		for (unsigned weak = 1; !suite_rows[s].aead && weak <= all;
			weak++)
			compare((enum conf_suite)s, 0, weak);
	tx = make_xform((struct made_xform){
		.suite = CONF_AES_CM_128_HMAC_SHA1_80, .weak = all });
	make_rtp(&plain, SSRC, 1);
	made_copy(&wire, &plain);
	assert_int_equal(xform_rtp(&tx, &wire.pkt), 0);
	assert_true(same_packet(&wire, &plain));
	make_sr(&plain, SSRC, 1);
	made_copy(&wire, &plain);
	assert_int_equal(xform_rtcp(&tx, &wire.pkt), 0);
	assert_int_equal(wire.pkt.n, plain.pkt.n + 4 + 10); /* index, tag */
	assert_memory_equal(wire.pkt.p, plain.pkt.p, plain.pkt.n);
	xform_close(&tx);
}

/* A small generator, so that a failure can be repeated. */
static uint32_t next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

/*
 * Three full wraps of the sequence number from near the first, each packet of
 * them: with nothing lost, then one in twenty, then one in five; one in ten
 * comes twice, all come in another order. `lib`: who of both is libsrtp2.
 */
static void survive_wraps(enum conf_suite suite, bool lib_sends, bool lib_hears)
{
	enum { GROUP = 16, WRAP = 65536, PACKETS = 3 * WRAP };
	static const unsigned loss[] = { 0, 5, 20 }; /* of 100 */
	struct xform tx = make_xform(
		(struct made_xform){ .lib = lib_sends, .suite = suite });
	struct xform rx = make_xform((struct made_xform){
		.lib = lib_hears, .receive = true, .suite = suite });
	struct made group[GROUP], copy;
	uint32_t rnd = 4711 + suite, taken = 0, replayed = 0;

	for (uint32_t i = 0; i < PACKETS; i += GROUP) {
		for (uint32_t k = 0; k < GROUP; k++) {
			make_rtp_full(&group[k], SSRC,
				(uint16_t)(65400 + i + k), 0, 0, 8);
			assert_int_equal(xform_rtp(&tx, &group[k].pkt), 0);
		}
		/* from a random place with a stride that reaches all */
		uint32_t at = next_random(&rnd);

		for (uint32_t k = 0; k < GROUP; k++, at += 7) {
			unsigned luck = next_random(&rnd) % 100;
			struct made *m = &group[at % GROUP];

			if (luck < loss[i / WRAP])
				continue;
			made_copy(&copy, m);
			assert_int_equal(xform_rtp(&rx, &copy.pkt), 0);
			taken++;
			if (luck < 90)
				continue;
			assert_int_equal(xform_rtp(&rx, &m->pkt), EALREADY);
			replayed++;
		}
	}
	assert_in_range(taken, PACKETS * 91 / 100, PACKETS * 92 / 100);
	assert_true(replayed > PACKETS / 11);
	xform_close(&tx);
	xform_close(&rx);
}

static void survives_wraps(void **state)
{
	(void)state;
	for (unsigned s = 0; s < CONF_SUITE_COUNT; s++) {
		survive_wraps((enum conf_suite)s, true, false);
		survive_wraps((enum conf_suite)s, false, true);
	}
}

/* Whatever bit is changed: refused, the packet as it was, and the genuine
 * one still accepted afterwards. */
static void refuse_damage(enum conf_suite suite, uint8_t mki_len, bool rtcp)
{
	struct xform tx = make_xform(
		(struct made_xform){ .suite = suite, .mki_len = mki_len });
	struct xform rx = make_xform((struct made_xform){
		.receive = true, .suite = suite, .mki_len = mki_len });
	int (*run)(struct xform *, struct pkt *) =
		rtcp ? xform_rtcp : xform_rtp;
	struct made plain, wire, bad, copy;

	if (rtcp)
		make_sr(&plain, SSRC, 1);
	else
		make_rtp_full(&plain, SSRC, 7, 1, 1, 20);
	made_copy(&wire, &plain);
	assert_int_equal(run(&tx, &wire.pkt), 0);
	for (size_t bit = 0; bit < 8 * wire.pkt.n; bit++) {
		made_copy(&bad, &wire);
		bad.pkt.p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		made_copy(&copy, &bad);
		assert_int_not_equal(run(&rx, &bad.pkt), 0);
		assert_true(same_packet(&bad, &copy));
	}
	for (size_t n = 0; n < wire.pkt.n; n++) {
		made_copy(&bad, &wire);
		bad.pkt.n = n;
		assert_int_not_equal(run(&rx, &bad.pkt), 0);
		assert_int_equal(bad.pkt.n, n);
		assert_memory_equal(bad.pkt.p, wire.pkt.p, n);
	}
	made_copy(&copy, &wire);
	assert_int_equal(run(&rx, &copy.pkt), 0);
	assert_true(same_packet(&copy, &plain));
	assert_int_equal(run(&rx, &wire.pkt), EALREADY);
	xform_close(&tx);
	xform_close(&rx);
}

static void refuses_damage(void **state)
{
	(void)state;
	for (unsigned s = 0; s < CONF_SUITE_COUNT; s++)
		for (size_t m = 0; m < ARRAY_SIZE(mki_lens); m++) {
			refuse_damage((enum conf_suite)s, mki_lens[m], false);
			refuse_damage((enum conf_suite)s, mki_lens[m], true);
		}
}

/* Sends one packet and receives it, telling the result. */
static int through(
	struct xform *tx, struct xform *rx, uint32_t ssrc, uint16_t seq)
{
	struct made plain, wire;
	int err = 0;

	make_rtp(&plain, ssrc, seq);
	made_copy(&wire, &plain);
	assert_int_equal(xform_rtp(tx, &wire.pkt), 0);
	err = xform_rtp(rx, &wire.pkt);
	if (err == 0)
		assert_true(same_packet(&plain, &wire));
	return err;
}

static void send_only(struct xform *tx, uint32_t ssrc, uint16_t seq)
{
	struct made m;

	make_rtp(&m, ssrc, seq);
	assert_int_equal(xform_rtp(tx, &m.pkt), 0);
}

/* Where a stream can stand when we hear of it (or hear again). */
static void finds_rollover(void **state)
{
	(void)state;
	for (unsigned s = 0; s < CONF_SUITE_COUNT; s++) {
		struct made_xform w = { .suite = (enum conf_suite)s };
		struct xform tx = make_xform(w), rx;

		w.receive = true;
		rx = make_xform(w);
		/* The beginning was lost, the first one is past a wrap. */
		send_only(&tx, 1, 65500);
		assert_int_equal(through(&tx, &rx, 1, 5), 0);
		assert_int_equal(through(&tx, &rx, 1, 6), 0);
		/* Another SSRC from where that one stands. */
		send_only(&tx, 2, 60000);
		assert_int_equal(through(&tx, &rx, 2, 20), 0);
		/* Silence, while more than half a round goes by. */
		for (unsigned seq = 15000; seq < 80000; seq += 15000)
			send_only(&tx, 1, (uint16_t)seq);
		send_only(&tx, 1, 20000);
		assert_int_equal(through(&tx, &rx, 1, 20001), 0);
		assert_int_equal(through(&tx, &rx, 1, 20002), 0);
		xform_close(&tx);
		xform_close(&rx);
	}
}

/* With a new key the counter goes on (RFC 3711 3.3.1); a far end that begins
 * anew with it is understood as well. */
static void changes_key(void **state)
{
	(void)state;
	for (unsigned s = 0; s < CONF_SUITE_COUNT; s++) {
		struct made_xform w = { .suite = (enum conf_suite)s };
		struct xform tx = make_xform(w), rx, tx2, rx2, anew;

		w.receive = true;
		rx = make_xform(w);
		assert_int_equal(through(&tx, &rx, SSRC, 65535), 0);
		assert_int_equal(through(&tx, &rx, SSRC, 0), 0);
		w.seed = 1;
		w.previous = &rx;
		rx2 = make_xform(w);
		w.receive = false;
		w.previous = &tx;
		tx2 = make_xform(w);
		assert_int_equal(through(&tx2, &rx2, SSRC, 1), 0);
		assert_int_equal(through(&tx2, &rx2, SSRC, 2), 0);
		assert_int_equal(through(&tx, &rx, SSRC, 1), 0);
		assert_int_equal(through(&tx, &rx2, SSRC, 3), EACCES);
		xform_close(&rx2);
		w.receive = true;
		w.previous = &rx;
		rx2 = make_xform(w);
		w.receive = false;
		w.previous = NULL;
		anew = make_xform(w);
		assert_int_equal(through(&anew, &rx2, SSRC, 3), 0);
		xform_close(&anew);
		xform_close(&tx);
		xform_close(&tx2);
		xform_close(&rx);
		xform_close(&rx2);
	}
}

/* More SSRCs than there are places: the oldest gives way, all are heard. */
static void forgets_the_oldest(void **state)
{
	struct made_xform w = { .suite = CONF_AES_CM_128_HMAC_SHA1_80 };
	struct xform tx = make_xform(w), rx;

	(void)state;
	w.receive = true;
	rx = make_xform(w);
	for (uint32_t ssrc = 1; ssrc < 100; ssrc++) {
		assert_int_equal(through(&tx, &rx, ssrc, 9), 0);
		assert_int_equal(through(&tx, &rx, 7777, (uint16_t)ssrc), 0);
	}
	xform_close(&tx);
	xform_close(&rx);
}

/* The far end was on hold while the stream ran on: it is heard from the second
 * packet on, wherever the numbers are by now. */
static void goes_on_after_hold(
	enum conf_suite suite, bool beyond_a_wrap, uint16_t left_out)
{
	struct made_xform w = { .suite = suite };
	struct xform tx = make_xform(w), rx;
	struct made m;
	uint16_t seq = 65000;

	w.lib = w.receive = true;
	rx = make_xform(w);
	for (unsigned i = 0; i < (beyond_a_wrap ? 2000 : 10); i++)
		assert_int_equal(through(&tx, &rx, SSRC, seq++), 0);
	seq = (uint16_t)(seq + left_out);
	for (unsigned i = 0; i < 3000; i++, seq++) {
		make_rtp(&m, SSRC, seq);
		if (xform_rtp(&tx, &m.pkt) != 0) {
			assert_int_equal(i, 0); /* the first may be a stray */
			continue;
		}
		assert_int_equal(xform_rtp(&rx, &m.pkt), 0);
		/* one that comes late */
		if (i == 50 || i == 2900) {
			make_rtp(&m, SSRC, (uint16_t)(seq - 1));
			assert_int_equal(xform_rtp(&tx, &m.pkt), EALREADY);
		}
	}
	xform_close(&tx);
	xform_close(&rx);
}

static void survives_long_holds(void **state)
{
	(void)state;
	for (unsigned gap = 1000; gap < 65536; gap += 6000)
		for (unsigned wrap = 0; wrap < 2; wrap++) {
			goes_on_after_hold(CONF_AES_CM_128_HMAC_SHA1_80, wrap,
				(uint16_t)gap);
			goes_on_after_hold(
				CONF_AEAD_AES_256_GCM, wrap, (uint16_t)gap);
		}
}

/* What was sent under an index is not sent again with other contents. */
static void repeats_nothing(void **state)
{
	struct xform tx = make_xform(
		(struct made_xform){ .suite = CONF_AEAD_AES_128_GCM });
	struct made m;

	(void)state;
	send_only(&tx, SSRC, 100);
	send_only(&tx, SSRC, 99);
	make_rtp(&m, SSRC, 100);
	assert_int_equal(xform_rtp(&tx, &m.pkt), EALREADY);
	make_rtp(&m, SSRC, 101);
	m.pkt.room = m.pkt.n + 8;
	assert_int_equal(xform_rtp(&tx, &m.pkt), ENOBUFS);
	xform_close(&tx);
}

/* However many SSRCs the other side makes up. */
static void forgets_nothing_sent(void **state)
{
	struct xform tx = make_xform(
		(struct made_xform){ .suite = CONF_AEAD_AES_128_GCM });
	struct made m;

	(void)state;
	for (uint32_t ssrc = 1; ssrc <= 256; ssrc++)
		send_only(&tx, ssrc, 9);
	make_rtp(&m, 1, 9);
	assert_int_equal(xform_rtp(&tx, &m.pkt), EALREADY);
	make_rtp(&m, 257, 9); /* no place to note it */
	assert_int_equal(xform_rtp(&tx, &m.pkt), ENOBUFS);
	send_only(&tx, 1, 10);
	xform_close(&tx);
}

/* SRTCP whose E bit is clear is authenticated all the same (RFC 3711 3.4,
 * RFC 7714 9.3); built by hand, since neither we nor libsrtp send it. */
static void accepts_clear_srtcp(void **state)
{
	(void)state;
	for (unsigned s = 0; s < CONF_SUITE_COUNT; s++) {
		const struct suite_row *row = &suite_rows[s];
		struct secret key = make_key((enum conf_suite)s, 0);
		struct xform rx = make_xform((struct made_xform){
			.receive = true, .suite = (enum conf_suite)s });
		static const uint8_t word[4] = { 0, 0, 0, 9 };
		uint8_t tag[20], iv[GCM_IV_SIZE];
		struct made plain, wire, bad;
		struct srtp_box box;

		srtp_box_init(&box, row, key.b, true);
		make_sr(&plain, SSRC, 1);
		made_copy(&wire, &plain);
		if (row->aead) {
			struct srtp_aad aad = { wire.pkt.p, wire.pkt.n, word,
				4 };

			srtp_gcm_iv(&box, SSRC, 9, iv);
			srtp_gcm_seal(
				&box, iv, &aad, wire.pkt.p + wire.pkt.n, 0);
			wire.pkt.n += SRTP_GCM_TAG;
			made_put(&wire, word, 4);
		} else {
			made_put(&wire, word, 4);
			srtp_cm_tag(&box, wire.pkt.p, wire.pkt.n, NULL, 0, tag);
			made_put(&wire, tag, row->rtcp_tag_len);
		}
		made_copy(&bad, &wire);
		bad.pkt.p[20] ^= 1;
		assert_int_equal(xform_rtcp(&rx, &bad.pkt), EACCES);
		assert_int_equal(xform_rtcp(&rx, &wire.pkt), 0);
		assert_true(same_packet(&wire, &plain));
		srtp_box_close(&box);
		xform_close(&rx);
	}
}

static void opens_only_what_fits(void **state)
{
	struct secret key = make_key(CONF_AEAD_AES_256_GCM, 1);
	struct xform_params p = { .suite = CONF_AEAD_AES_128_GCM, .key = &key };
	struct xform x;

	(void)state;
	assert_int_equal(xform_open(&x, &p), EINVAL);
	assert_null(x.ops);
	p.suite = CONF_AEAD_AES_256_GCM;
	p.mki_len = 9;
	assert_int_equal(xform_open(&x, &p), EINVAL);
	p.mki_len = 0;
	assert_int_equal(xform_open(&x, &p), 0);
	assert_string_equal(x.ops->name, "AEAD_AES_256_GCM");
	xform_close(&x);
	p.weak = XFORM_CLEAR_RTP; /* AEAD has no such half */
	assert_int_equal(xform_open(&x, &p), EINVAL);
	p.plain = true;
	p.key = NULL;
	assert_int_equal(xform_open(&x, &p), 0);
	assert_string_equal(x.ops->name, "plain");
	xform_close(&x);
	xform_close(&x);
}

static void plain_lets_rtp_pass(void **state)
{
	struct xform x;
	struct made m;

	(void)state;
	assert_int_equal(
		xform_open(&x, &(struct xform_params){ .plain = true }), 0);
	make_rtp(&m, 1, 1);
	assert_int_equal(xform_rtp(&x, &m.pkt), 0);
	m.pkt.n = 11;
	assert_int_equal(xform_rtp(&x, &m.pkt), EBADMSG);
	make_sr(&m, 1, 1);
	assert_int_equal(xform_rtcp(&x, &m.pkt), 0);
	m.pkt.p[0] = 0x40;
	assert_int_equal(xform_rtcp(&x, &m.pkt), EBADMSG);
	xform_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(equals_libsrtp),
		T(equals_libsrtp_weakened),
		T(survives_wraps),
		T(refuses_damage),
		T(finds_rollover),
		T(changes_key),
		T(forgets_the_oldest),
		T(survives_long_holds),
		T(repeats_nothing),
		T(forgets_nothing_sent),
		T(accepts_clear_srtcp),
		T(opens_only_what_fits),
		T(plain_lets_rtp_pass),
	};

	return RUN_TESTS(tests);
}
