/* See negotiate.h. Nothing here knows calls, legs or SDP text. */
#include "b2bua/negotiate.h"

#include <string.h>
#include <strings.h>

#include "media/suites.h"

static const struct {
	const char *text;
	unsigned warning;
} results[NEG_RESULT_COUNT] = {
	/* clang-format off */
	[NEG_OK]               = { "fine", 399 },
	[NEG_REFUSED_STREAM]   = { "the audio stream is refused (port 0)", 304 },
	[NEG_NO_CODEC]         = { "no audio codec in common", 305 },
	[NEG_SRTP_REQUIRED]    = { "SRTP is required here (RTP/SAVP with a=crypto)", 399 },
	[NEG_SRTP_FORBIDDEN]   = { "SRTP is not configured here (RTP/AVP only)", 399 },
	[NEG_NO_CRYPTO]        = { "no usable a=crypto line (suite, key or parameters)", 399 },
	[NEG_KEYS_NOT_ALLOWED] = { "SRTP keys are not sent over signalling without TLS", 399 },
	[NEG_BAD_ANSWER]       = { "the answer does not fit the offer", 399 },
	[NEG_BAD_SDP]          = { "the session description cannot be read", 399 },
	[NEG_NO_AUDIO]         = { "no RTP audio stream is described", 304 },
	/* clang-format on */
};

const char *neg_text(enum neg_result r)
{
	return results[r].text;
}

unsigned neg_warning(enum neg_result r)
{
	return results[r].warning;
}

bool neg_codec_is_companion(const struct mdesc_codec *c)
{
	return strcasecmp(c->name, "telephone-event") == 0 ||
	       strcasecmp(c->name, "CN") == 0;
}

bool neg_codec_same(const struct mdesc_codec *a, const struct mdesc_codec *b)
{
	return strcasecmp(a->name, b->name) == 0 && a->rate == b->rate &&
	       a->channels == b->channels;
}

/* Place in the class, best 0; -1: not allowed. */
static int class_rank(
	const struct conf_codec_class *cc, const struct mdesc_codec *c)
{
	for (size_t i = 0; i < cc->n; i++)
		if (strcasecmp(cc->entry[i].codec->rtp_name, c->name) == 0 &&
			cc->entry[i].codec->rate == c->rate)
			return (int)i;
	return -1;
}

/* Removes what the class does not allow; false: no codec is left. */
static bool filter_codecs(struct mdesc *d, const struct conf_codec_class *cc)
{
	size_t kept = 0, real = 0;

	for (size_t i = 0; i < d->ncodecs; i++) {
		bool companion = neg_codec_is_companion(&d->codec[i]);

		if (d->codec[i].name[0] == '\0')
			continue; /* a dynamic number that nothing explains */
		if (!companion && cc != NULL &&
			class_rank(cc, &d->codec[i]) < 0)
			continue;
		real += !companion;
		if (kept != i)
			d->codec[kept] = d->codec[i];
		kept++;
	}
	d->ncodecs = kept;
	return real > 0;
}

/* Stable: those of the class by preference, companions behind. */
static void order_codecs(struct mdesc *d, const struct conf_codec_class *cc)
{
	for (size_t i = 1; cc != NULL && i < d->ncodecs; i++) {
		struct mdesc_codec c = d->codec[i];
		int rank = class_rank(cc, &c);
		size_t j = i;

		for (; j > 0; j--) {
			int before = class_rank(cc, &d->codec[j - 1]);

			if (rank < 0 || (before >= 0 && before <= rank))
				break;
			d->codec[j] = d->codec[j - 1];
		}
		d->codec[j] = c;
	}
}

static size_t suites(const struct neg_policy *p, enum conf_suite *out)
{
	if (p->cryptos == NULL) {
		for (size_t i = 0; i < CONF_SUITE_COUNT; i++)
			out[i] = (enum conf_suite)i;
		return CONF_SUITE_COUNT;
	}
	for (size_t i = 0; i < p->cryptos->n; i++)
		out[i] = p->cryptos->entry[i].suite;
	return p->cryptos->n;
}

/* The first by our order of preference; true: it alone is left in `d`. */
static bool choose_crypto(struct mdesc *d, const struct neg_policy *p)
{
	enum conf_suite order[CONF_CRYPTOS_MAX + CONF_SUITE_COUNT];
	size_t n = suites(p, order);

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < d->ncryptos; k++) {
			if (d->crypto[k].suite != order[i])
				continue;
			d->crypto[0] = d->crypto[k];
			d->ncryptos = 1;
			return true;
		}
	}
	return false;
}

static enum neg_result judge_srtp(
	struct mdesc *offer, const struct neg_policy *p)
{
	if (!offer->secure) {
		/* a=crypto under RTP/AVP ("optional SRTP" of some phones) is
		 * no promise to encrypt: plain is what would be answered */
		offer->ncryptos = 0;
		return p->srtp == CONF_SRTP_REQUIRED ? NEG_SRTP_REQUIRED
						     : NEG_OK;
	}
	if (p->srtp == CONF_SRTP_OFF)
		return NEG_SRTP_FORBIDDEN;
	if (!p->keys_allowed)
		return NEG_KEYS_NOT_ALLOWED;
	return choose_crypto(offer, p) ? NEG_OK : NEG_NO_CRYPTO;
}

enum neg_result neg_take_offer(struct mdesc *offer, const struct neg_policy *p)
{
	if (addr_port(&offer->rtp) == 0)
		return NEG_REFUSED_STREAM;
	if (!filter_codecs(offer, p->codecs))
		return NEG_NO_CODEC;
	return judge_srtp(offer, p);
}

/* The crypto in force on both sides of a leg, by tag: the answer has one. */
static bool in_force(const struct mdesc *local, const struct mdesc *remote,
	const struct mdesc_crypto **ours, const struct mdesc_crypto **theirs)
{
	if (!local->secure || !remote->secure)
		return false;
	for (size_t i = 0; i < local->ncryptos; i++) {
		for (size_t k = 0; k < remote->ncryptos; k++) {
			if (local->crypto[i].tag != remote->crypto[k].tag ||
				local->crypto[i].suite !=
					remote->crypto[k].suite)
				continue;
			*ours = &local->crypto[i];
			*theirs = &remote->crypto[k];
			return true;
		}
	}
	return false;
}

static void fresh_key(
	struct mdesc_crypto *c, uint32_t tag, enum conf_suite suite)
{
	*c = (struct mdesc_crypto){ .tag = tag, .suite = suite };
	c->key.n = (uint8_t)(suite_rows[suite].key_len +
			     suite_rows[suite].salt_len);
	random_bytes(c->key.b, c->key.n);
}

static void offer_cryptos(struct mdesc *out, const struct neg_policy *p,
	const struct neg_before *before)
{
	enum conf_suite order[CONF_CRYPTOS_MAX + CONF_SUITE_COUNT];
	const struct mdesc_crypto *ours, *theirs;
	size_t n;

	if (before->local != NULL && before->remote != NULL &&
		in_force(before->local, before->remote, &ours, &theirs)) {
		out->crypto[0] = *ours;
		out->ncryptos = 1;
		return;
	}
	n = suites(p, order);
	for (size_t i = 0; i < n; i++)
		fresh_key(&out->crypto[out->ncryptos++], (uint32_t)i + 1,
			order[i]);
}

static bool wants_srtp(const struct neg_policy *p, bool plain)
{
	return p->srtp == CONF_SRTP_REQUIRED ||
	       (p->srtp == CONF_SRTP_FALLBACK && p->keys_allowed && !plain);
}

enum neg_result neg_make_offer(struct mdesc *out, const struct mdesc *other,
	const struct neg_policy *p, const struct addr *local, bool plain,
	const struct neg_before *before)
{
	*out = (struct mdesc){ .rtp = *local,
		.dir = other->dir,
		.ptime = other->ptime,
		.feedback = other->feedback,
		.ncodecs = other->ncodecs };
	memcpy(out->codec, other->codec, sizeof(out->codec));
	/* RFC 3264 8.4: the old way of holding, in words of today */
	if (addr_is_any(&other->rtp))
		out->dir = other->dir == MDESC_SENDRECV	  ? MDESC_SENDONLY
			   : other->dir == MDESC_RECVONLY ? MDESC_INACTIVE
							  : other->dir;
	if (!filter_codecs(out, p->codecs))
		return NEG_NO_CODEC;
	order_codecs(out, p->codecs);
	if (!wants_srtp(p, plain))
		return NEG_OK;
	if (!p->keys_allowed)
		return NEG_KEYS_NOT_ALLOWED;
	out->secure = true;
	offer_cryptos(out, p, before);
	return NEG_OK;
}

/* Keeps what we offered, by name; the number may be the answerer's own. */
static bool keep_offered(struct mdesc *answer, const struct mdesc *offer)
{
	size_t kept = 0, real = 0;

	for (size_t i = 0; i < answer->ncodecs; i++) {
		bool offered = false;

		for (size_t k = 0; k < offer->ncodecs; k++)
			offered |= neg_codec_same(
				&answer->codec[i], &offer->codec[k]);
		if (!offered)
			continue;
		real += !neg_codec_is_companion(&answer->codec[i]);
		if (kept != i)
			answer->codec[kept] = answer->codec[i];
		kept++;
	}
	answer->ncodecs = kept;
	return real > 0;
}

enum neg_result neg_take_answer(struct mdesc *answer, const struct mdesc *offer)
{
	const struct mdesc_crypto *ours, *theirs;

	if (addr_port(&answer->rtp) == 0)
		return NEG_REFUSED_STREAM;
	if (answer->secure != offer->secure ||
		answer->feedback != offer->feedback)
		return NEG_BAD_ANSWER; /* never a silent downgrade */
	if (!keep_offered(answer, offer))
		return NEG_NO_CODEC;
	if (!answer->secure) {
		answer->ncryptos = 0;
		return NEG_OK;
	}
	if (answer->ncryptos != 1 || !in_force(offer, answer, &ours, &theirs))
		return NEG_NO_CRYPTO;
	return NEG_OK;
}

/* Ours goes on while theirs did not change (RFC 4568 7.1.4). */
static void answer_crypto(struct mdesc *out, const struct mdesc_crypto *chosen,
	const struct neg_before *before)
{
	const struct mdesc_crypto *ours, *theirs;

	out->ncryptos = 1;
	if (before->local != NULL && before->remote != NULL &&
		in_force(before->local, before->remote, &ours, &theirs) &&
		theirs->suite == chosen->suite &&
		secret_equal(&theirs->key, &chosen->key)) {
		out->crypto[0] = *ours;
		out->crypto[0].tag = chosen->tag;
		return;
	}
	fresh_key(&out->crypto[0], chosen->tag, chosen->suite);
}

enum neg_result neg_make_answer(struct mdesc *out, const struct mdesc *offer,
	const struct mdesc *other, const struct addr *local,
	const struct neg_before *before)
{
	*out = (struct mdesc){ .rtp = *local,
		.dir = other->dir,
		.ptime = other->ptime,
		.secure = offer->secure,
		.feedback = offer->feedback,
		.ncodecs = other->ncodecs };
	memcpy(out->codec, other->codec, sizeof(out->codec));
	if (addr_is_any(&other->rtp) && other->dir == MDESC_SENDRECV)
		out->dir = MDESC_SENDONLY;
	if (!keep_offered(out, offer))
		return NEG_NO_CODEC;
	if (out->secure)
		answer_crypto(out, &offer->crypto[0], before);
	return NEG_OK;
}

static bool sends(enum mdesc_dir d)
{
	return d == MDESC_SENDRECV || d == MDESC_SENDONLY;
}

static bool receives(enum mdesc_dir d)
{
	return d == MDESC_SENDRECV || d == MDESC_RECVONLY;
}

static struct mleg_crypto leg_crypto(const struct mdesc_crypto *c)
{
	return (struct mleg_crypto){ .suite = c->suite,
		.key = c->key,
		.mki_len = c->mki_len,
		.mki = c->mki };
}

/* Of the codec that is spoken: see set_codec() of call_media.c. */
static uint32_t clock_rate(
	const struct mdesc *local, const struct mdesc *remote)
{
	const struct mdesc *d =
		local->ncodecs <= remote->ncodecs ? local : remote;

	for (size_t i = 0; i < d->ncodecs; i++)
		if (!neg_codec_is_companion(&d->codec[i]))
			return d->codec[i].rate;
	return 0;
}

void neg_leg_set(struct mleg_set *out, const struct mdesc *local,
	const struct mdesc *remote, const struct neg_policy *p)
{
	const struct mdesc_crypto *ours, *theirs;
	bool plain = !local->secure && !remote->secure;

	*out = (struct mleg_set){ .rtp = remote->rtp,
		.rtcp = remote->rtcp,
		.rtcp_mux = local->rtcp_mux && remote->rtcp_mux,
		.send = sends(local->dir) && receives(remote->dir) &&
			!addr_is_any(&remote->rtp),
		.receive = receives(local->dir) && sends(remote->dir),
		.clock_rate = clock_rate(local, remote),
		.rx = { .plain = plain },
		.tx = { .plain = plain } };
	if (in_force(local, remote, &ours, &theirs)) {
		out->rx = leg_crypto(theirs);
		out->tx = leg_crypto(ours);
		/* only who holds the key moves the address */
		out->latch = MLEG_LATCH_AUTH;
		return;
	}
	if (!plain) /* no keys: closed in both directions, RTCP as well */
		out->send = out->receive = false;
	out->latch = p->latch_once ? MLEG_LATCH_ONCE : MLEG_LATCH_NEVER;
}
