/* Who may transcode (dspfarm profiles), and how RTCP is made to fit. */
#include "test.h"

#include "xcode_rig.h"

#include <errno.h>

#include "base/obj.h"
#include "media/rtcp.h"
#include "media/rtp.h"

/* ---- RTCP ---- */

static void rtcp_is_rewritten(void **state)
{
	(void)state;
	struct rtcp_map sent = { .ssrc_in = 0xa1,
		.ssrc_out = 0xa2,
		.timestamp_in = 1000,
		.timestamp_out = 60000,
		.clock_in = 8000,
		.clock_out = 48000,
		.packets = 77,
		.bytes = 7700 };
	struct rtcp_map heard_map = { .ssrc_in = 0xb1,
		.ssrc_out = 0xb2,
		.clock_in = 48000,
		.clock_out = 8000,
		.seq_in = 500,
		.seq_out = 9000 };
	unsigned left_out;
	uint8_t p[28 + 24 + 12] = { 0x81, 200, 0, 12 };
	struct rtcp_info info;

	put_u32(p + 4, 0xa1);
	put_u32(p + 8, 0x01020304);
	put_u32(p + 16, 1080); /* 10 ms later */
	put_u32(p + 28, 0xb2);
	p[32] = 25;
	put_u32(p + 36, 0x30000 | 8990); /* ten behind, cycles 3 */
	put_u32(p + 40, 80); /* 10 ms */
	memcpy(p + 52, (uint8_t[]){ 0x81, 202, 0, 2 }, 4);
	put_u32(p + 56, 0xa1);
	assert_int_equal(
		rtcp_rewrite(p, sizeof(p), &sent, &heard_map, &left_out),
		sizeof(p));
	assert_int_equal(left_out, 0);
	assert_int_equal(rtcp_parse(&info, p, sizeof(p), 0xb1), 0);
	assert_int_equal(info.ssrc, 0xa2);
	assert_true(info.has_sr && info.has_report);
	assert_int_equal(get_u32(p + 8), 0x01020304);
	assert_int_equal(get_u32(p + 16), 60480);
	assert_int_equal(get_u32(p + 20), 77);
	assert_int_equal(get_u32(p + 24), 7700);
	assert_int_equal(info.report.fraction, 25);
	assert_int_equal(info.report.highest, 0x30000 | 490);
	assert_int_equal(info.report.jitter, 480);
	assert_int_equal(get_u32(p + 56), 0xa2);
}

/* ---- the farm ---- */

static const struct conf_codec *conf_codec(const char *name)
{
	for (const struct conf_codec *c = conf_codecs; c->ios_name; c++)
		if (strcmp(c->ios_name, name) == 0)
			return c;
	fail();
	return NULL;
}

static void codecs_agree(void **state)
{
	(void)state;
	for (const struct conf_codec *c = conf_codecs; c->ios_name; c++)
		check_row(c->ios_name,
			c->transcoded == (codec_find_rtp(c->rtp_name, c->rate,
						  c->channels) != NULL));
}

static void farm_chooses(void **state)
{
	(void)state;
	struct conf_dspfarm open = { .tag = 2,
		.universal = true,
		.max_sessions = 1,
		.ncodecs = 2,
		.codec = { conf_codec("g722-64"), conf_codec("g729r8") } };
	struct conf_dspfarm plain = { .tag = 1,
		.next = &open,
		.security = true,
		.max_sessions = 2,
		.ncodecs = 3,
		.codec = { conf_codec("g711ulaw"), conf_codec("g722-64"),
			conf_codec("g729r8") } };
	struct conf conf = { .dspfarms = &plain }, empty = { 0 };
	struct xcode_farm *f = xcode_farm_new();
	struct xcode_want w = { .side = { rig_side(&codec_pcmu),
					rig_side(&codec_g729) },
		.secure = true };
	struct xcode_pool_info info[4];
	struct xcode *x[3];

	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_g729, true, NULL),
		ENOTSUP);
	assert_int_equal(
		xcode_farm_can(NULL, &codec_pcmu, &codec_g729, true, NULL),
		ENOTSUP);
	xcode_farm_configure(f, &conf);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_g729, true, NULL), 0);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_opus, true, NULL),
		ENOTSUP);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, NULL, true, NULL), ENOTSUP);
	/* only profile 2 is universal, and it has no security */
	assert_int_equal(
		xcode_farm_can(f, &codec_g722, &codec_g729, false, NULL), 0);
	assert_int_equal(
		xcode_farm_can(f, &codec_g722, &codec_g729, true, NULL),
		ENOTSUP);
	assert_int_equal(xcode_reserve(&x[0], f, &w, NULL), 0);
	assert_int_equal(xcode_profile(x[0]), 1);
	assert_int_equal(xcode_reserve(&x[1], f, &w, NULL), 0);
	assert_int_equal(xcode_reserve(&x[2], f, &w, NULL), EAGAIN);
	assert_null(x[2]);
	/* one that takes the place of another fits */
	assert_int_equal(xcode_reserve(&x[2], f, &w, x[0]), 0);
	x[0] = obj_unref(x[0]);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_g729, true, NULL),
		EAGAIN);
	/* a reload without it: those that run go on */
	xcode_farm_configure(f, &empty);
	assert_int_equal(xcode_farm_describe(f, info, 4), 1);
	assert_int_equal(info[0].used, 2);
	assert_true(info[0].retiring);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_g729, true, NULL),
		ENOTSUP);
	xcode_farm_configure(f, &conf);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_g729, true, NULL),
		EAGAIN);
	obj_unref(x[1]);
	assert_int_equal(
		xcode_farm_can(f, &codec_pcmu, &codec_g729, true, NULL), 0);
	obj_unref(f); /* before its last session */
	obj_unref(x[2]);
}

/* A far end that floods costs no more than one that talks. */
static void floods_are_bounded(void **state)
{
	(void)state;
	struct conf_dspfarm d = { .tag = 1,
		.max_sessions = 1,
		.ncodecs = 2,
		.codec = { conf_codec("g711ulaw"), conf_codec("g711alaw") } };
	struct conf conf = { .dspfarms = &d };
	struct xcode_farm *f = xcode_farm_new();
	struct xcode_want w = { .side = { rig_side(&codec_pcmu),
					rig_side(&codec_pcma) } };
	uint64_t now = 5000000000, ms = 1000000;
	unsigned made = 0;
	uint16_t seq = 0;
	struct xcode_stats st;
	struct xcode *x;

	xcode_farm_configure(f, &conf);
	assert_int_equal(xcode_reserve(&x, f, &w, NULL), 0);
	for (unsigned i = 0; i < 10000; i++) { /* within half a second */
		uint8_t p[RTP_HEADER + 160] = { 0x80 }, room[PKT_ROOM];
		struct pkt in = { p, sizeof(p), sizeof(p) };
		struct pkt out = { room, 0, sizeof(room) };
		struct xcode_out about;

		put_u16(p + 2, seq);
		put_u32(p + 4, 160u * seq++);
		put_u32(p + 8, RIG_SSRC);
		xcode_put(x, 0, &in, now);
		while (xcode_get(x, 0, &out, &about) == 0)
			made++;
		now += ms / 20;
	}
	assert_in_range(made, 200, 310);
	xcode_stats(x, 0, &st);
	assert_int_equal(st.too_fast + st.packets, 10000);
	xcode_stats(x, 1, &st);
	assert_int_equal(st.too_fast, 0);
	obj_unref(x);
	obj_unref(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rtcp_is_rewritten),
		T(codecs_agree),
		T(farm_chooses),
		T(floods_are_bounded),
	};

	return RUN_TESTS(tests);
}
