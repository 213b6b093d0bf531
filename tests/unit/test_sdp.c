#include "test.h"

#include <errno.h>

#include "b2bua/offer/sdp.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
#define REST "c=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define AUDIO "m=audio 4000 RTP/AVP 0 8\r\n"

static void splits(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		int err;
		size_t lines, media;
	} rows[] = {
		/* clang-format off */
		{ HEAD REST AUDIO, 0, 6, 1 },
		{ HEAD REST, 0, 5, 0 },
		{ "v=0\no=- 1 1 IN IP4 h\ns=-\nm=audio 1 RTP/AVP 0\na=x\n", 0, 5, 1 },
		{ HEAD REST AUDIO "\r\n", 0, 6, 1 },
		{ HEAD REST AUDIO "\r\n\r\n", 0, 6, 1 },
		{ HEAD REST AUDIO "m=video 5/2 RTP/AVP 31\r\na=x\r\n", 0, 8, 2 },
		{ HEAD REST "m=application 9 UDP/BFCP (\r\n", 0, 6, 1 },
		{ "v=0\r\no=x\r\nm=audio 1 RTP/AVP 0", 0, 3, 1 },
		{ "", EBADMSG },
		{ "v=1\r\no=x\r\n", EBADMSG },
		{ "o=x\r\nv=0\r\n", EBADMSG },
		{ "v=0\r\ns=-\r\n", EBADMSG },
		{ "v=0\r\no=x\r\n\r\ns=-\r\n", EBADMSG },
		{ "v=0\r\no=x\r\nnonsense\r\n", EBADMSG },
		{ "v=0\r\no=x\r\nA=b\r\n", EBADMSG },
		{ "v=0\r\no=x\r\n=b\r\n", EBADMSG },
		{ "v=0\r\no=x\r\na\r\n", EBADMSG },
		{ HEAD "m=audio\r\n", EBADMSG },
		{ HEAD "m=audio 1\r\n", EBADMSG },
		{ HEAD "m=audio 1 RTP/AVP\r\n", EBADMSG },
		{ HEAD "m=audio x RTP/AVP 0\r\n", EBADMSG },
		{ HEAD "m=audio -1 RTP/AVP 0\r\n", EBADMSG },
		{ HEAD "m=audio 65536 RTP/AVP 0\r\n", EBADMSG },
		{ HEAD AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO, 0, 11, 8 },
		{ HEAD AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO, EMSGSIZE },
		/* clang-format on */
	};
	struct sdp s;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		check_row(rows[i].in,
			sdp_split(&s, slice_str(rows[i].in)) == rows[i].err);
		if (rows[i].err != 0)
			continue;
		check_row(rows[i].in, s.nlines == rows[i].lines);
		check_row(rows[i].in, s.nmedia == rows[i].media);
	}
	assert_int_equal(
		sdp_split(&s, SLICE_LIT("v=0\r\no=x\0y\r\n")), EBADMSG);
}

static void bounds(void **state)
{
	(void)state;
	struct text t = { 0 };
	struct sdp s;

	text_add(&t, SLICE_LIT(HEAD AUDIO));
	while (t.n < SDP_SIZE_MAX - 8)
		text_add(&t, SLICE_LIT("a=x\r\n"));
	assert_int_equal(sdp_split(&s, text_slice(&t)), EMSGSIZE);
	text_free(&t);
	text_add(&t, SLICE_LIT(HEAD AUDIO "a="));
	while (t.n < SDP_SIZE_MAX)
		text_addc(&t, 'x');
	assert_int_equal(sdp_split(&s, text_slice(&t)), 0);
	text_addc(&t, 'x');
	assert_int_equal(sdp_split(&s, text_slice(&t)), EMSGSIZE);
	text_free(&t);
}

/* Cut off anywhere, a description is refused or read, never overrun. */
static void cut_anywhere(void **state)
{
	(void)state;
	static const char whole[] = HEAD REST
		"m=audio 4000 RTP/SAVP 0 96\r\na=rtpmap:96 opus/48000/2\r\n"
		"a=fmtp:96 useinbandfec=1\r\na=rtcp:4005 IN IP4 192.0.2.2\r\n"
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA|2^20\r\n";

	for (size_t n = 0; n < sizeof(whole); n++) {
		char *exact = malloc(n + 1);
		struct sdp s;
		struct mdesc d;
		size_t index, refused;

		assert_non_null(exact);
		memcpy(exact, whole, n);
		if (sdp_split(&s, slice_of(exact, n)) == 0 &&
			sdp_find_main(&s, &index) == 0)
			(void)(sdp_read(&s, index, &d, &refused) == 0);
		free(exact);
	}
}

static void reads(void **state)
{
	(void)state;
	static const struct {
		const char *media;
		int err;
		bool secure;
		enum mdesc_dir dir;
		size_t codecs, cryptos, refused;
		const char *first;
		unsigned port, rtcp;
	} rows[] = {
		/* clang-format off */
		{ AUDIO, 0, false, MDESC_SENDRECV, 2, 0, 0, "PCMU", 4000, 0 },
		{ "m=audio 4000 RTP/AVP 0 0 8\r\n", 0, false, MDESC_SENDRECV, 2, 0, 0, "PCMU", 4000, 0 },
		{ "m=audio 4000 RTP/AVP 9 18\r\na=sendonly\r\n", 0, false, MDESC_SENDONLY, 2, 0, 0, "G722", 4000, 0 },
		{ "m=audio 4000 RTP/AVPF 0\r\na=recvonly\r\n", 0, false, MDESC_RECVONLY, 1, 0, 0, "PCMU", 4000, 0 },
		{ "m=audio 4000 RTP/SAVPF 0\r\na=inactive\r\n", 0, true, MDESC_INACTIVE, 1, 0, 0, "PCMU", 4000, 0 },
		{ "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n", 0, false, MDESC_SENDRECV, 1, 0, 0, "opus", 4000, 0 },
		{ "m=audio 4000 RTP/AVP 0\r\na=rtpmap:31 LPC\r\n", 0, false, MDESC_SENDRECV, 1, 0, 0, "PCMU", 4000, 0 },
		{ "m=audio 4000 RTP/AVP 0\r\na=rtpmap:31 LPC/8000\r\n", 0, false, MDESC_SENDRECV, 1, 0, 0, "PCMU", 4000, 0 },
		{ "m=audio 4000 RTP/AVP 0\r\na=rtcp:4321\r\n", 0, false, MDESC_SENDRECV, 1, 0, 0, "PCMU", 4000, 4321 },
		{ "m=audio 4000 RTP/AVP 0\r\na=rtcp:4321 IN IP4 192.0.2.9\r\n", 0, false, MDESC_SENDRECV, 1, 0, 0, "PCMU", 4000, 4321 },
		{ "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 X inline:y\r\n", 0, true, MDESC_SENDRECV, 1, 0, 1, "PCMU", 4000, 0 },
		{ "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n"
		  "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n", 0, true, MDESC_SENDRECV, 1, 1, 1, "PCMU", 4000, 0 },
		{ "m=audio 0 RTP/AVP 0\r\n", 0, false, MDESC_SENDRECV, 1, 0, 0, "PCMU", 0, 0 },
		{ "m=audio 4000 RTP/AVP 128\r\n", EBADMSG },
		{ "m=audio 4000 RTP/AVP x\r\n", EBADMSG },
		{ "m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n", ENOTSUP },
		{ "m=audio 4000 udp 0\r\n", ENOTSUP },
		{ AUDIO "c=IN IP4 name.example\r\n", EBADMSG },
		{ AUDIO "c=IN IP5 192.0.2.1\r\n", EBADMSG },
		{ AUDIO "c=IN IP4 224.0.0.1/127\r\n", EBADMSG },
		{ AUDIO "a=rtcp:x\r\n", EBADMSG },
		{ AUDIO "a=rtcp:1 IN IP4\r\n", EBADMSG },
		{ AUDIO "a=rtpmap:0\r\n", EBADMSG },
		{ AUDIO "a=rtpmap:0 /8000\r\n", EBADMSG },
		{ AUDIO "a=rtpmap:0 PCMU/0\r\n", EBADMSG },
		{ AUDIO "a=rtpmap:0 PCMU/8000/0\r\n", EBADMSG },
		{ AUDIO "a=rtpmap:x PCMU/8000\r\n", EBADMSG },
		{ AUDIO "a=rtpmap:0 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/8000\r\n", EBADMSG },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text t = { 0 };
		struct sdp s;
		struct mdesc d;
		size_t refused;

		text_printf(&t, HEAD REST "%s", rows[i].media);
		check_row(rows[i].media, sdp_split(&s, text_slice(&t)) == 0);
		check_row(rows[i].media,
			sdp_read(&s, 0, &d, &refused) == rows[i].err);
		if (rows[i].err == 0) {
			check_row(rows[i].media, d.secure == rows[i].secure);
			check_row(rows[i].media, d.dir == rows[i].dir);
			check_row(rows[i].media, d.ncodecs == rows[i].codecs);
			check_row(rows[i].media, d.ncryptos == rows[i].cryptos);
			check_row(rows[i].media, refused == rows[i].refused);
			check_row(rows[i].media,
				strcmp(d.codec[0].name, rows[i].first) == 0);
			check_row(rows[i].media,
				addr_port(&d.rtp) == rows[i].port);
			check_row(rows[i].media,
				addr_is_set(&d.rtcp) == (rows[i].rtcp != 0));
			check_row(rows[i].media,
				rows[i].rtcp == 0 ||
					addr_port(&d.rtcp) == rows[i].rtcp);
		}
		text_free(&t);
	}
}

static void which_audio(void **state)
{
	(void)state;
	static const struct {
		const char *media;
		int err;
		size_t index;
	} rows[] = {
		/* clang-format off */
		{ AUDIO, 0, 0 },
		{ "m=video 1 RTP/AVP 31\r\n" AUDIO, 0, 1 },
		{ "m=audio 0 RTP/AVP 0\r\n" AUDIO, 0, 1 },
		{ "m=audio 1 UDP/TLS/RTP/SAVPF 0\r\n" AUDIO, 0, 1 },
		{ "m=audio 0 RTP/AVP 0\r\n", 0, 0 },
		{ "m=video 1 RTP/AVP 31\r\n", ENOENT },
		{ "", ENOENT },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text t = { 0 };
		struct sdp s;
		size_t index;

		text_printf(&t, HEAD REST "%s", rows[i].media);
		check_row(rows[i].media, sdp_split(&s, text_slice(&t)) == 0);
		check_row(rows[i].media,
			sdp_find_main(&s, &index) == rows[i].err);
		check_row(rows[i].media,
			rows[i].err != 0 || index == rows[i].index);
		text_free(&t);
	}
}

/* What is not ours stays byte for byte and in order. */
static void writes(void **state)
{
	(void)state;
	static const char in[] =
		"v=0\r\no=alice 5 6 IN IP4 10.0.0.1\r\ns=a call\r\n"
		"i=about\r\nu=http://x\r\ne=a@b\r\np=1\r\nc=IN IP4 10.0.0.1\r\n"
		"b=TIAS:64000\r\nt=0 0\r\na=ice-lite\r\na=X-keep: me \r\n"
		"m=video 9 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\n"
		"m=audio 4000 RTP/AVP 0 18 101\r\ni=t\r\nc=IN IP4 10.0.0.2\r\n"
		"b=RS:0\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:18 G729/8000\r\n"
		"a=fmtp:18 annexb=no\r\na=rtpmap:101 telephone-event/8000\r\n"
		"a=fmtp:101 0-15\r\na=fmtp:101 twice\r\na=ptime:20\r\n"
		"a=candidate:1 1 UDP 1 10.0.0.1 1 typ host\r\na=rtcp:4001\r\n"
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:secret\r\n"
		"a=sendrecv\r\na=X-own:1\r\n";
	static const char want[] =
		"v=0\r\no=- 77 8 IN IP6 2001:db8::5\r\ns=a call\r\n"
		"c=IN IP6 2001:db8::5\r\nb=TIAS:64000\r\nt=0 0\r\n"
		"a=X-keep: me \r\n"
		"m=video 0 RTP/AVP 31\r\n"
		"m=audio 6000 RTP/AVP 0 101\r\n"
		"b=RS:0\r\na=rtpmap:0 PCMU/8000\r\n"
		"a=rtpmap:101 telephone-event/8000\r\n"
		"a=fmtp:101 0-15\r\na=fmtp:101 twice\r\na=ptime:20\r\n"
		"a=X-own:1\r\na=rtcp-mux\r\na=rtcp:6000\r\na=sendonly\r\n";
	struct sdp s;
	struct mdesc local;
	struct sdp_shape shape = { 0 };
	struct sdp_draft d = {
		.like = &s, .trusted = true, .origin = { 77, 8 }
	};
	struct text t = { 0 };
	size_t refused;

	assert_int_equal(sdp_split(&s, slice_str(in)), 0);
	assert_int_equal(sdp_read(&s, 1, &local, &refused), 0);
	assert_string_equal(local.codec[1].fmtp, "annexb=no");
	local.codec[1] = local.codec[2];
	local.ncodecs = 2;
	local.ncryptos = 0;
	local.dir = MDESC_SENDONLY;
	assert_int_equal(
		addr_parse(&local.rtp, SLICE_LIT("2001:db8::5"), 6000), 0);
	local.rtcp_mux = true;
	local.rtcp = local.rtp;
	sdp_shape_note(&shape, &s);
	shape.stream[1] = 0;
	assert_int_equal(sdp_shape_find(&shape, 0), 1);
	assert_int_equal(sdp_shape_find(&shape, 1), shape.n);
	d.host = local.rtp;
	d.n = shape.n;
	d.part[0].refused = shape.refused[0];
	d.part[1] = (struct sdp_part){ .local = &local, .like = 1 };
	sdp_write(&t, &d);
	assert_string_equal(t.p, want);
	text_free(&t);
	sdp_shape_free(&shape);
	d.part[0].refused = NULL;
	d.trusted = false; /* what nobody knows stays inside */
	sdp_write(&t, &d);
	assert_null(strstr(t.p, "X-keep"));
	assert_null(strstr(t.p, "X-own"));
	assert_non_null(strstr(t.p, "a=fmtp:101 0-15\r\n"));
	text_free(&t);
}

/* Bare LF comes in, CRLF goes out; c= is put where the grammar has it. */
static void writes_connection(void **state)
{
	(void)state;
	struct sdp s;
	struct mdesc local;
	struct sdp_draft d = { .like = &s, .origin = { 1, 1 }, .n = 1 };
	struct text t = { 0 };
	size_t refused;

	assert_int_equal(
		sdp_split(&s, SLICE_LIT("v=0\no=x\ns=-\nm=audio 5 RTP/SAVP 0\n"
					"c=IN IP4 192.0.2.1\n")),
		0);
	assert_int_equal(sdp_read(&s, 0, &local, &refused), 0);
	d.host = local.rtp;
	d.part[0].local = &local;
	sdp_write(&t, &d);
	assert_string_equal(t.p,
		"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
		"c=IN IP4 192.0.2.1\r\nm=audio 5 RTP/SAVP 0\r\n"
		"a=sendrecv\r\n");
	text_free(&t);
}

/* What some readers take for two lines is refused, not passed on. */
static void bare_cr(void **state)
{
	(void)state;
	struct sdp s;

	assert_int_equal(
		sdp_split(&s, SLICE_LIT("v=0\r\no=x\r\ns=-\r\n"
					"a=x\rc=IN IP4 192.0.2.66\r\n")),
		EBADMSG);
}

/* Why keys were left out of the description before is not told of this one. */
static void forgets_the_last(void **state)
{
	static const char *const rows[] = {
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:QUJD\n", ""
	};
	struct mdesc d;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text t = { 0 };
		struct sdp s;
		size_t refused;

		text_printf(&t,
			"v=0\no=x\ns=-\nc=IN IP4 192.0.2.1\n"
			"m=audio 5 RTP/SAVP 0\n%s",
			rows[i]);
		assert_int_equal(sdp_split(&s, text_slice(&t)), 0);
		assert_int_equal(sdp_read(&s, 0, &d, &refused), 0);
		assert_int_equal(d.ncryptos, 0);
		assert_int_equal(d.crypto_err != 0, i == 0);
		text_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(splits), T(bounds),
		T(cut_anywhere), T(reads), T(which_audio), T(writes),
		T(writes_connection), T(bare_cr), T(forgets_the_last) };

	return RUN_TESTS(tests);
}
