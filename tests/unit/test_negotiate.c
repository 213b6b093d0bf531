#include "test.h"

#include "b2bua/offer/negotiate.h"
#include "base/obj.h"

static struct addr ours, theirs;

static struct mdesc desc(bool secure, const char *codecs)
{
	struct mdesc d = {
		.rtp = theirs, .secure = secure, .dir = MDESC_SENDRECV
	};
	struct slice rest = slice_str(codecs), one;
	uint8_t pt = 96;

	while (slice_cut(&rest, ' ', &one)) {
		struct mdesc_codec *c = &d.codec[d.ncodecs++];

		*c = (struct mdesc_codec){
			.pt = pt++, .rate = 8000, .channels = 1
		};
		need(slice_copy(one, c->name, sizeof(c->name)));
	}
	return d;
}

static void add_crypto(
	struct mdesc *d, uint32_t tag, enum conf_suite suite, uint8_t fill)
{
	struct mdesc_crypto *c = &d->crypto[d->ncryptos++];

	*c = (struct mdesc_crypto){ .tag = tag, .suite = suite };
	c->key.n = 30;
	memset(c->key.b, fill, 30);
}

static const struct conf_codec *codec(const char *rtp_name)
{
	for (const struct conf_codec *c = conf_codecs; c->ios_name != NULL; c++)
		if (strcmp(c->rtp_name, rtp_name) == 0 &&
			(c->rate == 8000 || c->channels == 2))
			return c;
	fail();
	return NULL;
}

static struct conf_crypto_class suites_80_32 = { .n = 2,
	.entry = { { 1, CONF_AES_CM_128_HMAC_SHA1_80 },
		{ 2, CONF_AES_CM_128_HMAC_SHA1_32 } } };

/* policy × offer: what an answerer says. */
static void taking_offers(void **state)
{
	(void)state;
	enum offer { RTP, RTP_CRYPTO, SAVP_80, SAVP_GCM, SAVP_NONE, SAVP_BOTH };
	static const struct {
		const char *name;
		enum conf_srtp policy;
		bool keys;
		enum offer offer;
		enum neg_result result;
	} rows[] = {
		/* clang-format off */
		{ "off rtp",              CONF_SRTP_OFF,      true,  RTP,        NEG_OK },
		{ "off rtp+crypto",       CONF_SRTP_OFF,      true,  RTP_CRYPTO, NEG_OK },
		{ "off savp",             CONF_SRTP_OFF,      true,  SAVP_80,    NEG_SRTP_FORBIDDEN },
		{ "required rtp",         CONF_SRTP_REQUIRED, true,  RTP,        NEG_SRTP_REQUIRED },
		{ "required rtp+crypto",  CONF_SRTP_REQUIRED, true,  RTP_CRYPTO, NEG_OK },
		{ "required rtp+crypto no tls", CONF_SRTP_REQUIRED, false, RTP_CRYPTO, NEG_KEYS_NOT_ALLOWED },
		{ "fallback rtp+crypto",  CONF_SRTP_FALLBACK, true,  RTP_CRYPTO, NEG_OK },
		{ "fallback rtp+crypto no tls", CONF_SRTP_FALLBACK, false, RTP_CRYPTO, NEG_OK },
		{ "required savp",        CONF_SRTP_REQUIRED, true,  SAVP_80,    NEG_OK },
		{ "required savp both",   CONF_SRTP_REQUIRED, true,  SAVP_BOTH,  NEG_OK },
		{ "required other suite", CONF_SRTP_REQUIRED, true,  SAVP_GCM,   NEG_NO_CRYPTO },
		{ "required no crypto",   CONF_SRTP_REQUIRED, true,  SAVP_NONE,  NEG_NO_CRYPTO },
		{ "required no tls",      CONF_SRTP_REQUIRED, false, SAVP_80,    NEG_KEYS_NOT_ALLOWED },
		{ "fallback rtp",         CONF_SRTP_FALLBACK, true,  RTP,        NEG_OK },
		{ "fallback savp",        CONF_SRTP_FALLBACK, true,  SAVP_80,    NEG_OK },
		{ "fallback no crypto",   CONF_SRTP_FALLBACK, true,  SAVP_NONE,  NEG_NO_CRYPTO },
		{ "fallback other suite", CONF_SRTP_FALLBACK, true,  SAVP_GCM,   NEG_NO_CRYPTO },
		{ "fallback no tls savp", CONF_SRTP_FALLBACK, false, SAVP_80,    NEG_KEYS_NOT_ALLOWED },
		{ "fallback no tls rtp",  CONF_SRTP_FALLBACK, false, RTP,        NEG_OK },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct neg_policy p = { .srtp = rows[i].policy,
			.keys_allowed = rows[i].keys,
			.cryptos = &suites_80_32 };
		struct mdesc d = desc(rows[i].offer >= SAVP_80, "PCMU");

		if (rows[i].offer == SAVP_GCM)
			add_crypto(&d, 1, CONF_AEAD_AES_128_GCM, 1);
		if (rows[i].offer == SAVP_BOTH)
			add_crypto(&d, 1, CONF_AES_CM_128_HMAC_SHA1_32, 1);
		if (rows[i].offer == SAVP_80 || rows[i].offer == RTP_CRYPTO ||
			rows[i].offer == SAVP_BOTH)
			add_crypto(&d, 2, CONF_AES_CM_128_HMAC_SHA1_80, 2);
		d.osrtp = rows[i].offer == RTP_CRYPTO;
		check_row(
			rows[i].name, neg_take_offer(&d, &p) == rows[i].result);
		if (rows[i].result != NEG_OK)
			continue;
		check_row(rows[i].name,
			d.osrtp ==
				(rows[i].offer == RTP_CRYPTO && rows[i].keys &&
					rows[i].policy != CONF_SRTP_OFF));
		check_row(
			rows[i].name, d.ncryptos == (neg_keyed(&d) ? 1U : 0U));
		/* ours first, not theirs: the longer tag */
		check_row(rows[i].name, !d.secure || d.crypto[0].tag == 2);
	}
}

/* policy × what the far end answers: what an offerer does. */
static void making_offers(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum conf_srtp policy;
		bool keys, plain;
		enum neg_result result;
		bool secure;
	} rows[] = {
		/* clang-format off */
		{ "off",             CONF_SRTP_OFF,      true,  false, NEG_OK, false },
		{ "required",        CONF_SRTP_REQUIRED, true,  false, NEG_OK, true },
		{ "required again",  CONF_SRTP_REQUIRED, true,  true,  NEG_OK, true },
		{ "required no tls", CONF_SRTP_REQUIRED, false, false, NEG_KEYS_NOT_ALLOWED, false },
		{ "fallback",        CONF_SRTP_FALLBACK, true,  false, NEG_OK, true },
		{ "fallback again",  CONF_SRTP_FALLBACK, true,  true,  NEG_OK, false },
		{ "fallback no tls", CONF_SRTP_FALLBACK, false, false, NEG_OK, false },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct neg_policy p = { .srtp = rows[i].policy,
			.keys_allowed = rows[i].keys,
			.cryptos = &suites_80_32 };
		struct mdesc in = desc(false, "PCMU telephone-event"), out;
		struct neg_before none = { 0 };

		check_row(rows[i].name,
			neg_make_offer(&out, &in, &p, &ours, rows[i].plain,
				&none, NULL) == rows[i].result);
		if (rows[i].result != NEG_OK)
			continue;
		check_row(rows[i].name, out.secure == rows[i].secure);
		check_row(rows[i].name,
			out.ncryptos == (rows[i].secure ? 2U : 0U));
		check_row(rows[i].name, addr_equal(&out.rtp, &ours));
		check_row(rows[i].name,
			!out.secure || !secret_equal(&out.crypto[0].key,
					       &out.crypto[1].key));
	}
}

static void taking_answers(void **state)
{
	(void)state;
	static const struct neg_policy strict = { .srtp = CONF_SRTP_REQUIRED };
	struct mdesc offer = desc(true, "PCMU PCMA telephone-event"), a;

	add_crypto(&offer, 1, CONF_AES_CM_128_HMAC_SHA1_80, 1);
	add_crypto(&offer, 2, CONF_AES_CM_128_HMAC_SHA1_32, 2);

	a = desc(true, "PCMA telephone-event G729");
	add_crypto(&a, 2, CONF_AES_CM_128_HMAC_SHA1_32, 9);
	assert_int_equal(neg_take_answer(&a, &offer, &strict), NEG_OK);
	assert_int_equal(a.ncodecs, 2);

	a = desc(false, "PCMA"); /* a silent way down */
	assert_int_equal(neg_take_answer(&a, &offer, &strict), NEG_BAD_ANSWER);
	a = desc(true, "PCMA");
	assert_int_equal(neg_take_answer(&a, &offer, &strict), NEG_NO_CRYPTO);
	add_crypto(&a, 1, CONF_AES_CM_128_HMAC_SHA1_32, 9); /* tag of another */
	assert_int_equal(neg_take_answer(&a, &offer, &strict), NEG_NO_CRYPTO);
	a.ncryptos = 0;
	add_crypto(&a, 1, CONF_AES_CM_128_HMAC_SHA1_80, 9);
	add_crypto(&a, 2, CONF_AES_CM_128_HMAC_SHA1_32, 9); /* two */
	assert_int_equal(neg_take_answer(&a, &offer, &strict), NEG_NO_CRYPTO);
	a = desc(true, "G729");
	add_crypto(&a, 1, CONF_AES_CM_128_HMAC_SHA1_80, 9);
	assert_int_equal(neg_take_answer(&a, &offer, &strict), NEG_NO_CODEC);
	a = desc(true, "telephone-event");
	add_crypto(&a, 1, CONF_AES_CM_128_HMAC_SHA1_80, 9);
	assert_int_equal(neg_take_answer(&a, &offer, &strict), NEG_NO_CODEC);
	addr_set_port(&a.rtp, 0);
	assert_int_equal(
		neg_take_answer(&a, &offer, &strict), NEG_REFUSED_STREAM);
	a = desc(true, "PCMU");
	a.feedback = true;
	assert_int_equal(neg_take_answer(&a, &offer, &strict), NEG_BAD_ANSWER);

	offer = desc(false, "PCMU");
	a = desc(true, "PCMU");
	add_crypto(&a, 1, CONF_AES_CM_128_HMAC_SHA1_80, 9);
	assert_int_equal(neg_take_answer(&a, &offer, &strict), NEG_BAD_ANSWER);
}

/* What may be answered to an offer of SRTP, by how it was offered. */
static void ways_down(void **state)
{
	(void)state;
	enum answer { RTP, RTP_CRYPTO, SAVP, OTHER_TAG };
	static const struct {
		const char *name;
		enum conf_srtp policy;
		bool osrtp;
		enum answer answer;
		enum neg_result result;
		bool srtp;
	} rows[] = {
		/* clang-format off */
		{ "savp, fallback, rtp",        CONF_SRTP_FALLBACK, false, RTP,        NEG_OK, false },
		{ "savp, fallback, savp",       CONF_SRTP_FALLBACK, false, SAVP,       NEG_OK, true },
		{ "savp, fallback, other tag",  CONF_SRTP_FALLBACK, false, OTHER_TAG,  NEG_NO_CRYPTO, false },
		{ "osrtp, fallback, rtp",       CONF_SRTP_FALLBACK, true,  RTP,        NEG_OK, false },
		{ "osrtp, fallback, crypto",    CONF_SRTP_FALLBACK, true,  RTP_CRYPTO, NEG_OK, true },
		{ "osrtp, required, rtp",       CONF_SRTP_REQUIRED, true,  RTP,        NEG_SRTP_REQUIRED, false },
		{ "osrtp, required, crypto",    CONF_SRTP_REQUIRED, true,  RTP_CRYPTO, NEG_OK, true },
		{ "osrtp, required, savp",      CONF_SRTP_REQUIRED, true,  SAVP,       NEG_OK, true },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct neg_policy p = { .srtp = rows[i].policy };
		struct mdesc offer = desc(!rows[i].osrtp, "PCMU");
		struct mdesc a = desc(rows[i].answer >= SAVP, "PCMU");
		struct mleg_set set;

		offer.osrtp = rows[i].osrtp;
		add_crypto(&offer, 1, CONF_AES_CM_128_HMAC_SHA1_80, 1);
		a.osrtp = rows[i].answer == RTP_CRYPTO;
		if (rows[i].answer != RTP)
			add_crypto(&a, rows[i].answer == OTHER_TAG ? 2 : 1,
				CONF_AES_CM_128_HMAC_SHA1_80, 2);
		check_row(rows[i].name,
			neg_take_answer(&a, &offer, &p) == rows[i].result);
		neg_leg_set(&set, &offer, &a, &p);
		check_row(rows[i].name,
			(rows[i].result == NEG_OK && !rows[i].srtp) ==
				(set.tx.plain && set.rx.plain));
		check_row(rows[i].name, (set.tx.key.n > 0) == rows[i].srtp);
	}
}

/* `no srtp` and an offer of SRTP: 488, or RTP where both ends have said it. */
static void cisco_fallback(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct neg_policy p = { .srtp = CONF_SRTP_OFF,
			.cisco = i & 1,
			.peer_cisco = i & 2 };
		struct neg_before none = { 0 };
		struct mdesc in = desc(true, "PCMU"), out, other;
		struct mleg_set set;

		add_crypto(&in, 1, CONF_AES_CM_128_HMAC_SHA1_80, 1);
		assert_int_equal(neg_take_offer(&in, &p),
			i == 3 ? NEG_OK : NEG_SRTP_FORBIDDEN);
		if (i != 3)
			continue;
		other = desc(false, "PCMU");
		assert_int_equal(neg_make_answer(&out, &in, &other, &p, &ours,
					 &none, NULL),
			NEG_OK);
		assert_false(neg_keyed(&out));
		assert_int_equal(out.ncryptos, 0);
		in.secure = true; /* as it is read from the text again */
		neg_leg_set(&set, &out, &in, &p);
		assert_true(set.tx.plain && set.rx.plain && set.send);
	}
}

static void codecs(void **state)
{
	(void)state;
	struct conf_codec_class cc = { .n = 2 };
	struct neg_policy p = { .srtp = CONF_SRTP_OFF, .codecs = &cc };
	struct neg_before none = { 0 };
	struct mdesc d, out;

	cc.entry[0].codec = codec("PCMA");
	cc.entry[1].codec = codec("PCMU");
	d = desc(false, "telephone-event pcmu G729 PCMA CN");
	assert_int_equal(neg_take_offer(&d, &p), NEG_OK);
	assert_int_equal(d.ncodecs, 4);
	assert_int_equal(
		neg_make_offer(&out, &d, &p, &ours, false, &none, NULL),
		NEG_OK);
	/* those of the class by its order before one that is not in it */
	size_t pcma = 9, pcmu = 9;
	for (size_t i = 0; i < out.ncodecs; i++) {
		if (strcmp(out.codec[i].name, "PCMA") == 0)
			pcma = i;
		if (strcmp(out.codec[i].name, "pcmu") == 0)
			pcmu = i;
	}
	assert_true(pcma < pcmu);
	d = desc(false, "G729 telephone-event");
	assert_int_equal(neg_take_offer(&d, &p), NEG_NO_CODEC);
	p.codecs = NULL;
	d = desc(false, "opus");
	assert_int_equal(neg_take_offer(&d, &p), NEG_OK);
	d.codec[0].name[0] = '\0'; /* a number that nothing explains */
	assert_int_equal(neg_take_offer(&d, &p), NEG_NO_CODEC);
}

static void keys_go_on(void **state)
{
	(void)state;
	struct neg_policy p = { .srtp = CONF_SRTP_REQUIRED,
		.keys_allowed = true };
	struct mdesc offer = desc(true, "PCMU"), b = desc(false, "PCMU"), first,
		     again, reoffer;
	struct neg_before none = { 0 }, before;

	add_crypto(&offer, 7, CONF_AES_CM_128_HMAC_SHA1_80, 1);
	assert_int_equal(neg_take_offer(&offer, &p), NEG_OK);
	assert_int_equal(
		neg_make_answer(&first, &offer, &b, &p, &ours, &none, NULL),
		NEG_OK);
	assert_int_equal(first.crypto[0].tag, 7);
	assert_false(secret_equal(&first.crypto[0].key, &offer.crypto[0].key));

	before = (struct neg_before){ .local = &first, .remote = &offer };
	assert_int_equal(
		neg_make_answer(&again, &offer, &b, &p, &ours, &before, NULL),
		NEG_OK);
	assert_true(secret_equal(&first.crypto[0].key, &again.crypto[0].key));

	struct mdesc rekeyed = offer;
	rekeyed.crypto[0].key.b[0] ^= 1;
	assert_int_equal(
		neg_make_answer(&again, &rekeyed, &b, &p, &ours, &before, NULL),
		NEG_OK);
	assert_false(secret_equal(&first.crypto[0].key, &again.crypto[0].key));

	/* our own offer later repeats what is in force, alone */
	assert_int_equal(
		neg_make_offer(&reoffer, &b, &p, &ours, false, &before, NULL),
		NEG_OK);
	assert_int_equal(reoffer.ncryptos, 1);
	assert_true(secret_equal(&reoffer.crypto[0].key, &first.crypto[0].key));
}

static void leg_sets(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum mdesc_dir local, remote;
		bool any, send, receive;
	} rows[] = {
		/* clang-format off */
		{ "both",         MDESC_SENDRECV, MDESC_SENDRECV, false, true,  true },
		{ "they hold",    MDESC_RECVONLY, MDESC_SENDONLY, false, false, true },
		{ "we hold",      MDESC_SENDONLY, MDESC_RECVONLY, false, true,  false },
		{ "inactive",     MDESC_INACTIVE, MDESC_INACTIVE, false, false, false },
		{ "0.0.0.0",      MDESC_SENDRECV, MDESC_SENDRECV, true,  false, true },
		{ "they only",    MDESC_SENDRECV, MDESC_SENDONLY, false, false, true },
		/* clang-format on */
	};
	struct neg_policy p = { .srtp = CONF_SRTP_OFF };
	struct mleg_set set;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct mdesc local = desc(false, "PCMU"), remote = local;

		local.dir = rows[i].local;
		remote.dir = rows[i].remote;
		if (rows[i].any)
			assert_int_equal(addr_parse(&remote.rtp,
						 SLICE_LIT("0.0.0.0"), 4000),
				0);
		neg_leg_set(&set, &local, &remote, &p);
		check_row(rows[i].name, set.send == rows[i].send);
		check_row(rows[i].name, set.receive == rows[i].receive);
		check_row(rows[i].name, set.rx.plain && set.tx.plain);
		check_row(rows[i].name, set.latch == MLEG_LATCH_NEVER);
	}
	struct mdesc local = desc(true, "PCMU"), remote = local;

	p.latch_once = true;
	add_crypto(&local, 1, CONF_AEAD_AES_256_GCM, 1);
	add_crypto(&local, 2, CONF_AES_CM_128_HMAC_SHA1_80, 2);
	add_crypto(&remote, 2, CONF_AES_CM_128_HMAC_SHA1_80, 3);
	remote.crypto[0].mki_len = 4;
	remote.crypto[0].mki = 9;
	neg_leg_set(&set, &local, &remote, &p);
	assert_int_equal(set.latch, MLEG_LATCH_AUTH);
	assert_int_equal(set.tx.key.b[0], 2);
	assert_int_equal(set.rx.key.b[0], 3);
	assert_int_equal(set.rx.mki, 9);
	assert_int_equal(set.tx.mki_len, 0);
	remote.ncryptos = 0; /* keys do not match: nothing flows */
	neg_leg_set(&set, &local, &remote, &p);
	assert_false(set.send || set.receive);
	assert_false(set.rx.plain || set.tx.plain); /* RTCP neither */
	assert_int_equal(set.clock_rate, 8000);
	local.secure = remote.secure = false;
	neg_leg_set(&set, &local, &remote, &p);
	assert_int_equal(set.latch, MLEG_LATCH_ONCE);
}

/* The old way to hold is told in words of today. */
static void old_hold(void **state)
{
	(void)state;
	struct neg_policy p = { .srtp = CONF_SRTP_OFF };
	struct neg_before none = { 0 };
	struct mdesc in = desc(false, "PCMU"), out;

	assert_int_equal(addr_parse(&in.rtp, SLICE_LIT("0.0.0.0"), 4000), 0);
	assert_int_equal(
		neg_make_offer(&out, &in, &p, &ours, false, &none, NULL),
		NEG_OK);
	assert_int_equal(out.dir, MDESC_SENDONLY);
	in.dir = MDESC_RECVONLY;
	assert_int_equal(
		neg_make_offer(&out, &in, &p, &ours, false, &none, NULL),
		NEG_OK);
	assert_int_equal(out.dir, MDESC_INACTIVE);
}

/* Of Opus that is ours to offer we say what we can (RFC 7587 6.1). */
static void opus_is_repaired(void **state)
{
	struct conf_dspfarm d = { .tag = 1,
		.universal = true,
		.max_sessions = 1,
		.ncodecs = 2,
		.codec = { codec("PCMU"), codec("opus") } };
	struct conf conf = { .dspfarms = &d };
	struct conf_codec_class cc = { .n = 1,
		.entry = { { .codec = codec("opus"), .preference = 1 } } };
	struct neg_policy p = { .srtp = CONF_SRTP_OFF, .codecs = &cc };
	struct neg_before none = { 0 };
	struct xcode_farm *f = xcode_farm_new();
	struct neg_farm farm = { f, NULL };
	struct mdesc in = desc(false, "PCMU"), out;

	(void)state;
	xcode_farm_configure(f, &conf);
	assert_int_equal(
		neg_make_offer(&out, &in, &p, &ours, false, &none, &farm),
		NEG_OK);
	assert_int_equal(out.ncodecs, 1);
	assert_string_equal(out.codec[0].name, "opus");
	assert_string_equal(out.codec[0].fmtp, "useinbandfec=1");
	obj_unref(f);
}

static struct xcode_farm *farm_of(unsigned sessions)
{
	struct conf_dspfarm d = { .tag = 1,
		.universal = true,
		.max_sessions = sessions,
		.ncodecs = 3,
		.codec = { codec("PCMU"), codec("G729"), codec("GSM") } };
	struct conf conf = { .dspfarms = &d };
	struct xcode_farm *f = xcode_farm_new();

	xcode_farm_configure(f, &conf);
	return f;
}

static void names(const struct mdesc *d, char out[256])
{
	out[0] = '\0';
	for (size_t i = 0; i < d->ncodecs; i++)
		(void)snprintf(out + strlen(out), 256 - strlen(out), "%s%s=%u",
			i > 0 ? " " : "", d->codec[i].name, d->codec[i].pt);
}

/* What is in common stands first and keeps its numbers; what the farm can make
 * stands behind, with numbers that nobody has. */
static void transcoding_offers(void **state)
{
	(void)state;
	static const struct {
		const char *name, *offered, *class[3];
		unsigned sessions;
		enum neg_result result;
		const char *made;
	} rows[] = {
		/* clang-format off */
		{ "in common",      "PCMU",              { "PCMU" },         1, NEG_OK, "PCMU=96" },
		{ "and more",       "PCMU",              { "G729", "PCMU" }, 1, NEG_OK, "PCMU=96 G729=18" },
		{ "no class",       "GSM",               { 0 },              1, NEG_OK, "GSM=96 PCMU=0 G729=18" },
		{ "nothing common", "GSM telephone-event", { "G729" },       1, NEG_OK, "G729=18 telephone-event=97" },
		{ "all full",       "GSM",               { "G729" },         0, NEG_NO_TRANSCODER, "" },
		{ "full but common", "GSM",              { "GSM", "G729" },  0, NEG_OK, "GSM=96" },
		{ "not in the farm", "PCMA",             { "G729" },         1, NEG_NO_CODEC, "" },
		{ "not in the farm", "GSM",              { "PCMA" },         1, NEG_NO_CODEC, "" },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_codec_class cc = { .tag = 1 };
		struct neg_policy p = { .srtp = CONF_SRTP_OFF };
		struct neg_before none = { 0 };
		struct xcode_farm *f = farm_of(rows[i].sessions);
		struct neg_farm farm = { f, NULL };
		struct mdesc in = desc(false, rows[i].offered), out;
		char text[256];

		for (; cc.n < 3 && rows[i].class[cc.n] != NULL; cc.n++) {
			cc.entry[cc.n].codec = codec(rows[i].class[cc.n]);
			cc.entry[cc.n].preference = (unsigned)cc.n + 1;
		}
		p.codecs = cc.n > 0 ? &cc : NULL;
		check_row(rows[i].name,
			neg_make_offer(&out, &in, &p, &ours, false, &none,
				&farm) == rows[i].result);
		names(&out, text);
		if (rows[i].result == NEG_OK)
			check_row(
				rows[i].name, strcmp(text, rows[i].made) == 0);
		obj_unref(f);
	}
}

/* The answer where a transcoder stands between: one codec, keys where both
 * have them as events, and CN whoever else has it. */
static void transcoding_answers(void **state)
{
	(void)state;
	static const struct {
		const char *name, *offered, *answered, *made;
	} rows[] = {
		{ "one codec", "PCMU GSM", "G729", "PCMU=96" },
		{ "CN", "PCMU CN", "G729", "PCMU=96 CN=97" },
		{ "CN on either side", "PCMU CN", "G729 CN", "PCMU=96 CN=97" },
		{ "CN of the other side alone", "PCMU", "G729 CN", "PCMU=96" },
		{ "relayed: as both have it", "PCMU CN", "PCMU", "PCMU=96" },
		{ "events", "PCMU telephone-event", "G729 telephone-event",
			"PCMU=96 telephone-event=97" },
		{ "events of one", "PCMU telephone-event", "G729", "PCMU=96" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct neg_policy p = { .srtp = CONF_SRTP_OFF };
		struct neg_before none = { 0 };
		struct xcode_farm *f = farm_of(1);
		struct neg_farm farm = { f, NULL };
		struct mdesc offer = desc(false, rows[i].offered),
			     other = desc(false, rows[i].answered), out;
		char text[256];

		check_row(
			rows[i].name, neg_make_answer(&out, &offer, &other, &p,
					      &ours, &none, &farm) == NEG_OK);
		names(&out, text);
		check_row(rows[i].name, strcmp(text, rows[i].made) == 0);
		obj_unref(f);
	}
}

/* Annex B holds unless an end says no. */
static void silence_options(void **state)
{
	(void)state;
	static const struct {
		const char *name, *ours, *theirs;
		bool vad;
	} rows[] = {
		{ "neither says", "", "", true },
		{ "both yes", "annexb=yes", "annexb=yes", true },
		{ "we say no", "annexb=no", "", false },
		{ "they say no", "", "annexb=no", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct mdesc local = desc(false, "G729"),
			     remote = desc(false, "G729");
		struct neg_pair pair = { &local, &remote };
		struct xcode_side side;

		strncpy(local.codec[0].fmtp, rows[i].ours, 32);
		strncpy(remote.codec[0].fmtp, rows[i].theirs, 32);
		check_row(rows[i].name, neg_side_want(&side, &pair));
		check_row(rows[i].name, side.options.vad == rows[i].vad);
		check_row(rows[i].name, side.to == 96 && side.from == 96);
		check_row(rows[i].name, side.event_to == XCODE_NO_PT);
	}
}

/* Events are listed once for each clock: that of what is spoken counts. */
static void events_by_clock(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint32_t spoken, answered[2]; /* Hz; 0: no more */
		uint32_t clock;
		uint8_t pt;
	} rows[] = {
		{ "the only one", 8000, { 8000 }, 8000, 100 },
		{ "of the sound", 8000, { 48000, 8000 }, 8000, 100 },
		{ "of wide sound", 48000, { 8000, 48000 }, 48000, 101 },
		{ "another clock", 48000, { 8000 }, 8000, 100 },
		{ "not theirs", 8000, { 16000 }, 48000, 101 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct mdesc local = desc(false, "L16"),
			     remote = desc(false,
				     "L16 telephone-event telephone-event x");
		struct neg_pair pair = { &local, &remote };
		struct neg_events events;
		struct xcode_side side;

		local.codec[0].rate = remote.codec[0].rate = rows[i].spoken;
		remote.codec[1].pt = 101;
		remote.codec[1].rate = 48000;
		remote.codec[2].pt = 100;
		for (size_t k = 0; k < 2 && rows[i].answered[k] != 0; k++) {
			local.codec[++local.ncodecs - 1] = remote.codec[1];
			local.codec[k + 1].rate = rows[i].answered[k];
			local.codec[k + 1].pt =
				rows[i].answered[k] == 48000 ? 101 : 100;
		}
		neg_events(&events, &pair);
		check_row(rows[i].name, events.clock == rows[i].clock);
		check_row(rows[i].name, events.to == rows[i].pt);
		if (rows[i].answered[0] != 16000)
			check_row(rows[i].name, events.from == rows[i].pt);
		if (!neg_side_want(&side, &pair))
			continue; /* no such codec: L16/48000 */
		check_row(rows[i].name, side.event_to == rows[i].pt);
		check_row(rows[i].name, side.event_clock == rows[i].clock);
	}
}

static void told(void **state)
{
	(void)state;
	for (int r = 0; r < NEG_RESULT_COUNT; r++) {
		const struct refusal_row *row =
			&refusal_rows[neg_refusal((enum neg_result)r)];

		assert_string_equal(neg_text((enum neg_result)r), row->text);
		assert_true(row->warning >= 304);
		for (int k = 0; k < r; k++)
			assert_int_not_equal(neg_refusal((enum neg_result)k),
				neg_refusal((enum neg_result)r));
	}
	assert_int_equal(refusal_rows[neg_refusal(NEG_NO_CODEC)].warning, 305);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(taking_offers), T(making_offers),
		T(taking_answers), T(ways_down), T(cisco_fallback), T(codecs),
		T(keys_go_on), T(leg_sets), T(old_hold), T(transcoding_offers),
		T(opus_is_repaired), T(transcoding_answers), T(silence_options),
		T(events_by_clock), T(told) };

	need(addr_parse(&ours, SLICE_LIT("192.0.2.1"), 20000) == 0);
	need(addr_parse(&theirs, SLICE_LIT("192.0.2.2"), 4000) == 0);
	return RUN_TESTS(tests);
}
