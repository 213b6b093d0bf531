/* See negotiate.h. Nothing here knows calls, legs or SDP text. */
#include "b2bua/negotiate.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "media/suites.h"

static const struct {
	const char *text;
	unsigned warning;
	int status;
} results[NEG_RESULT_COUNT] = {
	/* clang-format off */
	[NEG_OK]               = { "fine", 399, 500 },
	[NEG_REFUSED_STREAM]   = { "the audio stream is refused (port 0)", 304, 488 },
	[NEG_NO_CODEC]         = { "no audio codec in common", 305, 488 },
	[NEG_NO_TRANSCODER]    = { "no audio codec in common, and all transcoder sessions are in use", 399, 503 },
	[NEG_SRTP_REQUIRED]    = { "SRTP is required here (RTP/SAVP with a=crypto)", 399, 488 },
	[NEG_SRTP_FORBIDDEN]   = { "SRTP is not configured here (RTP/AVP only)", 399, 488 },
	[NEG_NO_CRYPTO]        = { "no usable a=crypto line (suite, key or parameters)", 399, 488 },
	[NEG_BAD_KEY]          = { "no usable a=crypto line: the key has not the length of its suite", 399, 488 },
	[NEG_CRYPTO_PARAMS]    = { "no usable a=crypto line: session parameters or an MKI that are not taken", 399, 488 },
	[NEG_KEYS_NOT_ALLOWED] = { "SRTP keys are not sent over signalling without TLS", 399, 488 },
	[NEG_CLEAR_FORBIDDEN]  = { "UDPTL is in clear, and SRTP is required here", 399, 488 },
	[NEG_FAX_FORBIDDEN]    = { "T.38 is not configured here", 304, 488 },
	[NEG_BAD_ANSWER]       = { "the answer does not fit the offer", 399, 488 },
	[NEG_BAD_SDP]          = { "the session description cannot be read", 399, 400 },
	[NEG_NO_AUDIO]         = { "no RTP audio stream is described", 304, 488 },
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

int neg_status(enum neg_result r)
{
	return results[r].status;
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
		for (size_t i = 0; i < CONF_SUITE_DEFAULTS; i++)
			out[i] = (enum conf_suite)i;
		return CONF_SUITE_DEFAULTS;
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

static void make_plain(struct mdesc *d)
{
	d->secure = d->osrtp = false;
	d->ncryptos = 0;
}

static enum neg_result judge_keys(
	struct mdesc *offer, const struct neg_policy *p)
{
	if (p->srtp == CONF_SRTP_OFF)
		return NEG_SRTP_FORBIDDEN;
	if (!p->keys_allowed)
		return NEG_KEYS_NOT_ALLOWED;
	if (choose_crypto(offer, p))
		return NEG_OK;
	if (offer->ncryptos > 0)
		return NEG_NO_CRYPTO;
	return offer->crypto_err == EMSGSIZE  ? NEG_BAD_KEY
	       : offer->crypto_err == ENOTSUP ? NEG_CRYPTO_PARAMS
					      : NEG_NO_CRYPTO;
}

static enum neg_result judge_srtp(
	struct mdesc *offer, const struct neg_policy *p)
{
	enum neg_result r = NEG_SRTP_REQUIRED;

	if (neg_keyed(offer))
		r = judge_keys(offer, p);
	/* SAVP asks for SRTP and nothing else; RTP may be answered where both
	 * ends have said that they take it */
	if (r == NEG_OK || p->srtp == CONF_SRTP_REQUIRED ||
		(offer->secure && !(p->cisco && p->peer_cisco)))
		return r;
	make_plain(offer);
	return NEG_OK;
}

/* Datagrams pass as they come: nothing protects them. */
static enum neg_result judge_raw(
	const struct mdesc *d, const struct neg_policy *p)
{
	if (d->fax && p->no_fax)
		return NEG_FAX_FORBIDDEN;
	return p->srtp == CONF_SRTP_REQUIRED && !p->clear_datagrams
		       ? NEG_CLEAR_FORBIDDEN
		       : NEG_OK;
}

enum neg_result neg_take_offer(struct mdesc *offer, const struct neg_policy *p)
{
	if (addr_port(&offer->rtp) == 0)
		return NEG_REFUSED_STREAM;
	if (offer->raw)
		return judge_raw(offer, p);
	if (!filter_codecs(offer, p->codecs))
		return NEG_NO_CODEC;
	return judge_srtp(offer, p);
}

/* The crypto in force on both sides of a leg, by tag: the answer has one. */
static bool in_force(const struct mdesc *local, const struct mdesc *remote,
	const struct mdesc_crypto **ours, const struct mdesc_crypto **theirs)
{
	if (!neg_keyed(local) || !neg_keyed(remote))
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
	for (size_t i = 0; i < n; i++) {
		struct mdesc_crypto *c = &out->crypto[out->ncryptos++];

		fresh_key(c, (uint32_t)i + 1, order[i]);
		c->cm256 = p->cm256_names;
		c->unpadded = p->unpadded_keys;
	}
}

/* The profile of what is in force stays; a first offer is as configured. */
static void offer_profile(struct mdesc *out, const struct neg_policy *p,
	const struct neg_before *before)
{
	const struct mdesc_crypto *ours, *theirs;

	out->osrtp = p->form == CONF_SRTP_OFFER_OPPORTUNISTIC;
	if (before->local != NULL && before->remote != NULL &&
		in_force(before->local, before->remote, &ours, &theirs))
		out->osrtp = before->local->osrtp;
	out->secure = !out->osrtp;
}

static bool wants_srtp(const struct neg_policy *p, bool plain)
{
	return p->srtp == CONF_SRTP_REQUIRED ||
	       (p->srtp == CONF_SRTP_FALLBACK && p->keys_allowed && !plain);
}

/* ---- transcoding ---- */

static const struct mdesc_codec *first_codec(const struct mdesc *d)
{
	for (size_t i = 0; i < d->ncodecs; i++)
		if (!neg_codec_is_companion(&d->codec[i]))
			return &d->codec[i];
	return NULL;
}

static const struct codec *codec_of(const struct mdesc_codec *c)
{
	return codec_find_rtp(c->name, c->rate, c->channels);
}

/* As xcode_farm_can(). */
static int can_join(const struct neg_farm *farm, const struct codec *a,
	const struct codec *b, bool secure)
{
	if (farm == NULL)
		return ENOTSUP;
	return xcode_farm_can(farm->farm, a, b, secure, farm->have);
}

static bool has_codec(const struct mdesc *d, const struct mdesc_codec *c)
{
	for (size_t i = 0; i < d->ncodecs; i++)
		if (neg_codec_same(&d->codec[i], c))
			return true;
	return false;
}

static const struct mdesc_codec *with_pt(const struct mdesc *d, unsigned pt)
{
	for (size_t i = 0; d != NULL && i < d->ncodecs; i++)
		if (d->codec[i].pt == pt)
			return &d->codec[i];
	return NULL;
}

/* May `c` have this number on a leg? A number that meant something else there
 * is not given again (RFC 3264 8.3.2). */
static bool pt_is_free(const struct mdesc *out, const struct neg_before *before,
	const struct mdesc_codec *c, unsigned pt)
{
	const struct mdesc_codec *had = with_pt(before->local, pt);

	return with_pt(out, pt) == NULL &&
	       (had == NULL || neg_codec_same(had, c));
}

enum { PT_DYNAMIC = 96, PT_EVENTS = 101, PT_END = 128 };

/* As before, else the number of RFC 3551, else any; PT_END: none is left. */
static unsigned choose_pt(const struct mdesc *out,
	const struct neg_before *before, const struct mdesc_codec *c, int usual)
{
	for (size_t i = 0; before->local != NULL && i < before->local->ncodecs;
		i++)
		if (neg_codec_same(&before->local->codec[i], c) &&
			pt_is_free(out, before, c, before->local->codec[i].pt))
			return before->local->codec[i].pt;
	if (usual >= 0 && pt_is_free(out, before, c, (unsigned)usual))
		return (unsigned)usual;
	for (unsigned pt = PT_DYNAMIC; pt < PT_END; pt++)
		if (pt_is_free(out, before, c, pt))
			return pt;
	return PT_END;
}

/* What to say of a codec that is ours to offer. */
static void describe(struct mdesc_codec *c, const struct conf_codec *cc)
{
	*c = (struct mdesc_codec){
		.rate = cc->rate, .channels = cc->channels, .ours = true
	};
	(void)!slice_copy(slice_str(cc->rtp_name), c->name, sizeof(c->name));
	if (strcmp(cc->ios_name, "g729r8") == 0 ||
		strcmp(cc->ios_name, "g729ar8") == 0)
		(void)!slice_copy(
			slice_str("annexb=no"), c->fmtp, sizeof(c->fmtp));
}

static void drop_events(struct mdesc *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->ncodecs; i++) {
		if (strcasecmp(d->codec[i].name, "telephone-event") == 0)
			continue;
		if (kept != i)
			d->codec[kept] = d->codec[i];
		kept++;
	}
	d->ncodecs = kept;
}

/* How well could any of the other leg's codecs become this one? As
 * xcode_farm_can(). */
static int reachable(const struct mdesc *other, const struct mdesc_codec *c,
	bool secure, const struct neg_farm *farm)
{
	int best = ENOTSUP;

	for (size_t i = 0; i < other->ncodecs && best != 0; i++) {
		int err = neg_codec_is_companion(&other->codec[i])
				  ? ENOTSUP
				  : can_join(farm, codec_of(&other->codec[i]),
					    codec_of(c), secure);
		if (err != ENOTSUP)
			best = err;
	}
	return best;
}

/*
 * Adds what the farm can make of the other leg's codecs, in the order of the
 * class, in front of telephone-event and its like. EAGAIN: something could
 * have been added, were a session free.
 */
static int add_transcoded(struct mdesc *out, const struct mdesc *other,
	const struct conf_codec_class *cc, const struct neg_before *before,
	const struct neg_farm *farm)
{
	const struct conf_codec *row = conf_codecs;
	bool secure = neg_keyed(out) || neg_keyed(other);
	size_t at = 0;
	int result = 0;

	while (at < out->ncodecs && !neg_codec_is_companion(&out->codec[at]))
		at++;
	for (size_t i = 0; farm != NULL; i++) {
		struct mdesc_codec c;
		unsigned pt;
		int err;

		if (cc != NULL ? i == cc->n : row[i].ios_name == NULL)
			break;
		describe(&c, cc != NULL ? cc->entry[i].codec : &row[i]);
		if (has_codec(out, &c) || out->ncodecs == MDESC_CODECS_MAX)
			continue;
		err = reachable(other, &c, secure, farm);
		if (err == EAGAIN)
			result = EAGAIN;
		pt = choose_pt(out, before, &c,
			(cc != NULL ? cc->entry[i].codec : &row[i])->static_pt);
		if (err != 0 || pt == PT_END)
			continue;
		c.pt = (uint8_t)pt;
		memmove(&out->codec[at + 1], &out->codec[at],
			(out->ncodecs - at) * sizeof(c));
		out->codec[at++] = c;
		out->ncodecs++;
	}
	return result;
}

/* ---- keys as events, where one side has only tones ---- */

static const char events[] = "telephone-event";

static const struct mdesc_codec *by_name(
	const struct mdesc *d, const char *name)
{
	for (size_t i = 0; i < d->ncodecs; i++)
		if (strcasecmp(d->codec[i].name, name) == 0)
			return &d->codec[i];
	return NULL;
}

/* Offers events of our own making; the transcoder can only listen and speak
 * between codecs that it has. */
static void add_events(struct mdesc *out, const struct mdesc *other,
	const struct neg_policy *p, const struct neg_before *before,
	const struct neg_farm *farm)
{
	struct mdesc_codec c = { .rate = 8000,
		.channels = 1,
		.name = "telephone-event",
		.fmtp = "0-15",
		.ours = true };
	const struct mdesc_codec *first = first_codec(out);
	unsigned pt = choose_pt(out, before, &c, PT_EVENTS);

	if (by_name(out, events) != NULL || first == NULL || pt == PT_END ||
		out->ncodecs == MDESC_CODECS_MAX ||
		(!p->bridged &&
			reachable(other, first,
				neg_keyed(out) || neg_keyed(other), farm) != 0))
		return;
	c.pt = (uint8_t)pt;
	out->codec[out->ncodecs++] = c;
}

/* The offered events are taken although the other leg has none. */
static void answer_events(struct mdesc *out, const struct mdesc *offer,
	const struct mdesc *other, const struct neg_policy *p,
	const struct neg_farm *farm)
{
	const struct mdesc_codec *c = by_name(offer, events);
	const struct mdesc_codec *here = first_codec(out);
	const struct mdesc_codec *there = first_codec(other);

	if (c == NULL || by_name(out, events) != NULL || here == NULL ||
		there == NULL || out->ncodecs == MDESC_CODECS_MAX ||
		(!p->bridged &&
			can_join(farm, codec_of(here), codec_of(there),
				neg_keyed(offer) || neg_keyed(other)) != 0))
		return;
	out->codec[out->ncodecs] = *c;
	out->codec[out->ncodecs++].ours = true;
}

enum neg_result neg_make_offer(struct mdesc *out, const struct mdesc *other,
	const struct neg_policy *p, const struct addr *local, bool plain,
	const struct neg_before *before, const struct neg_farm *farm)
{
	bool any;
	int err;

	*out = (struct mdesc){ .rtp = *local,
		.dir = other->dir,
		.ptime = other->ptime,
		.feedback = other->feedback,
		.ncodecs = other->ncodecs };
	if (other->raw) {
		out->raw = true;
		out->fax = other->fax;
		return judge_raw(out, p);
	}
	memcpy(out->codec, other->codec, sizeof(out->codec));
	/* RFC 3264 8.4: the old way of holding, in words of today */
	if (addr_is_any(&other->rtp))
		out->dir = other->dir == MDESC_SENDRECV	  ? MDESC_SENDONLY
			   : other->dir == MDESC_RECVONLY ? MDESC_INACTIVE
							  : other->dir;
	if (p->moh && out->dir == MDESC_INACTIVE)
		out->dir = MDESC_SENDONLY;
	any = filter_codecs(out, p->codecs);
	order_codecs(out, p->codecs);
	if (wants_srtp(p, plain))
		offer_profile(out, p, before);
	err = add_transcoded(out, other, p->codecs, before, farm);
	if (!any && (out->ncodecs == 0 || !out->codec[0].ours))
		return err == EAGAIN ? NEG_NO_TRANSCODER : NEG_NO_CODEC;
	if (p->no_events)
		drop_events(out);
	if (p->dtmf_nte)
		add_events(out, other, p, before, farm);
	if (!neg_keyed(out))
		return NEG_OK;
	if (!p->keys_allowed)
		return NEG_KEYS_NOT_ALLOWED;
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

/* Never a silent way down: RTP where `srtp fallback` allows it, and told. */
static enum neg_result answered_protection(struct mdesc *answer,
	const struct mdesc *offer, const struct neg_policy *p)
{
	const struct mdesc_crypto *ours, *theirs;

	if (!neg_keyed(offer)) {
		if (answer->secure)
			return NEG_BAD_ANSWER;
		make_plain(answer); /* stray keys: nobody asked for them */
		return NEG_OK;
	}
	if (neg_keyed(answer))
		return answer->ncryptos == 1 &&
				       in_force(offer, answer, &ours, &theirs)
			       ? NEG_OK
			       : NEG_NO_CRYPTO;
	if (p->srtp == CONF_SRTP_FALLBACK)
		return NEG_OK;
	return offer->osrtp ? NEG_SRTP_REQUIRED : NEG_BAD_ANSWER;
}

enum neg_result neg_take_answer(struct mdesc *answer, const struct mdesc *offer,
	const struct neg_policy *p)
{
	enum neg_result r;

	if (addr_port(&answer->rtp) == 0)
		return NEG_REFUSED_STREAM;
	if (answer->feedback != offer->feedback || answer->raw != offer->raw)
		return NEG_BAD_ANSWER;
	if (answer->raw)
		return NEG_OK;
	r = answered_protection(answer, offer, p);
	if (r != NEG_OK)
		return r;
	return keep_offered(answer, offer) ? NEG_OK : NEG_NO_CODEC;
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
	/* in the far end's own spelling */
	out->crypto[0].cm256 = chosen->cm256;
	out->crypto[0].unpadded = chosen->unpadded;
}

/* The companions of an offer that the other leg has agreed to as well. */
static void answer_companions(
	struct mdesc *out, const struct mdesc *offer, const struct mdesc *other)
{
	for (size_t i = 0; i < offer->ncodecs; i++) {
		const struct mdesc_codec *c = &offer->codec[i];
		bool both = false;

		for (size_t k = 0; k < other->ncodecs; k++)
			both |= strcasecmp(other->codec[k].name, c->name) == 0;
		if (!neg_codec_is_companion(c) || !both)
			continue;
		out->codec[out->ncodecs] = *c;
		out->codec[out->ncodecs++].ours = true;
	}
}

/*
 * The other leg speaks what this one did not offer: the best of this one's
 * codecs that can be made of it, by the class's order, else the offer's.
 */
static enum neg_result answer_transcoded(struct mdesc *out,
	const struct mdesc *offer, const struct mdesc *other,
	const struct conf_codec_class *cc, const struct neg_farm *farm)
{
	const struct mdesc_codec *far = first_codec(other), *best = NULL;
	enum neg_result result = NEG_NO_CODEC;
	int best_rank = INT_MAX;

	for (size_t i = 0; far != NULL && i < offer->ncodecs; i++) {
		const struct mdesc_codec *c = &offer->codec[i];
		int rank = cc != NULL ? class_rank(cc, c) : (int)i;
		int err = can_join(farm, codec_of(far), codec_of(c),
			neg_keyed(offer) || neg_keyed(other));

		if (err == EAGAIN)
			result = NEG_NO_TRANSCODER;
		if (err != 0 || rank >= best_rank)
			continue;
		best = c;
		best_rank = rank;
	}
	if (best == NULL)
		return result;
	out->codec[0] = *best;
	out->codec[0].ours = true;
	out->ncodecs = 1;
	answer_companions(out, offer, other);
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

/* What may be answered to an offer, of what is wanted (RFC 3264 6.1). */
static enum mdesc_dir answer_dir(enum mdesc_dir offer, enum mdesc_dir want)
{
	bool send = sends(want) && receives(offer);
	bool receive = receives(want) && sends(offer);

	return send	 ? receive ? MDESC_SENDRECV : MDESC_SENDONLY
	       : receive ? MDESC_RECVONLY
			 : MDESC_INACTIVE;
}

enum neg_result neg_make_answer(struct mdesc *out, const struct mdesc *offer,
	const struct mdesc *other, const struct neg_policy *p,
	const struct addr *local, const struct neg_before *before,
	const struct neg_farm *farm)
{
	enum neg_result r = NEG_OK;

	*out = (struct mdesc){ .rtp = *local,
		.dir = other->dir,
		.ptime = other->ptime,
		.secure = offer->secure,
		.osrtp = offer->osrtp,
		.feedback = offer->feedback,
		.ncodecs = other->ncodecs };
	out->raw = other->raw;
	out->fax = other->fax;
	if (out->raw || offer->raw)
		return out->raw == offer->raw ? NEG_OK : NEG_BAD_ANSWER;
	memcpy(out->codec, other->codec, sizeof(out->codec));
	if (addr_is_any(&other->rtp) && other->dir == MDESC_SENDRECV)
		out->dir = MDESC_SENDONLY;
	out->dir = answer_dir(offer->dir, out->dir);
	if (!keep_offered(out, offer))
		r = answer_transcoded(out, offer, other, p->codecs, farm);
	if (r != NEG_OK)
		return r;
	if (p->no_events)
		drop_events(out);
	else if (p->dtmf_nte || p->bridged)
		answer_events(out, offer, other, p, farm);
	if (neg_keyed(out))
		answer_crypto(out, &offer->crypto[0], before);
	return NEG_OK;
}

static struct mleg_crypto leg_crypto(const struct mdesc_crypto *c)
{
	return (struct mleg_crypto){ .suite = c->suite,
		.key = c->key,
		.mki_len = c->mki_len,
		.mki = c->mki };
}

/*
 * Both ends may list several: the first of the shorter list, the answer, is
 * what is spoken. The number is the answerer's: who offered has to take it.
 */
static const struct mdesc *answer_of(const struct neg_pair *leg)
{
	return leg->local->ncodecs <= leg->remote->ncodecs ? leg->local
							   : leg->remote;
}

const struct mdesc_codec *neg_spoken(const struct neg_pair *leg)
{
	return first_codec(answer_of(leg));
}

/* A number both ways, when both ends have it. */
static void companion(const struct neg_pair *leg, const char *name,
	uint8_t *from, uint8_t *to, uint32_t *clock)
{
	const struct mdesc_codec *ours = by_name(leg->local, name);
	const struct mdesc_codec *theirs = by_name(leg->remote, name);

	*from = *to = XCODE_NO_PT;
	*clock = 0;
	if (ours == NULL || theirs == NULL)
		return;
	*from = ours->pt;
	*to = theirs->pt;
	*clock = theirs->rate;
}

static bool fmtp_has(const struct mdesc_codec *c, const char *what)
{
	return slice_search(slice_str(c->fmtp), slice_str(what)) <
	       strlen(c->fmtp);
}

static const struct mdesc_codec *same_in(
	const struct mdesc *d, const struct mdesc_codec *c)
{
	for (size_t i = 0; i < d->ncodecs; i++)
		if (neg_codec_same(&d->codec[i], c))
			return &d->codec[i];
	return NULL;
}

/* Annex B of G.729 holds unless an end says no (RFC 4855 4.1.9); the far end
 * of Opus says what it wants (RFC 7587 6.1). */
static struct codec_options options_of(
	const struct neg_pair *leg, const struct mdesc_codec *spoken)
{
	const struct mdesc_codec *ours = same_in(leg->local, spoken);
	const struct mdesc_codec *theirs = same_in(leg->remote, spoken);
	struct codec_options o = { 0 };

	if (ours == NULL || theirs == NULL)
		return o;
	if (strcasecmp(spoken->name, "G729") == 0)
		o.vad = !fmtp_has(ours, "annexb=no") &&
			!fmtp_has(theirs, "annexb=no");
	else
		o.vad = fmtp_has(theirs, "usedtx=1");
	o.fec = fmtp_has(theirs, "useinbandfec=1");
	return o;
}

static uint8_t pt_of(const struct mdesc_codec *c)
{
	return c != NULL ? c->pt : XCODE_NO_PT;
}

bool neg_side_want(struct xcode_side *out, const struct neg_pair *leg)
{
	const struct mdesc_codec *c = neg_spoken(leg);
	uint32_t clock;

	if (c == NULL)
		return false;
	*out = (struct xcode_side){ .codec = codec_of(c),
		.options = options_of(leg, c),
		.ptime_ms = leg->remote->ptime,
		.from = pt_of(same_in(leg->local, c)),
		.to = pt_of(same_in(leg->remote, c)) };
	companion(leg, events, &out->event_from, &out->event_to,
		&out->event_clock);
	companion(leg, "CN", &out->noise_from, &out->noise_to, &clock);
	return out->codec != NULL;
}

static bool has_events(const struct neg_pair *leg)
{
	return by_name(leg->local, events) != NULL &&
	       by_name(leg->remote, events) != NULL;
}

bool neg_can_relay(const struct neg_pair leg[2])
{
	const struct mdesc *a = answer_of(&leg[0]), *b = answer_of(&leg[1]);

	if (has_events(&leg[0]) != has_events(&leg[1]))
		return false;
	for (size_t i = 0; i < a->ncodecs; i++)
		if (!neg_codec_is_companion(&a->codec[i]) &&
			has_codec(b, &a->codec[i]))
			return true;
	return false;
}

bool neg_xcode_want(
	struct xcode_want *out, const struct neg_pair leg[2], bool bridged)
{
	const struct mdesc_codec *a = neg_spoken(&leg[0]);
	const struct mdesc_codec *b = neg_spoken(&leg[1]);

	*out = (struct xcode_want){ .secure = neg_keyed(leg[0].local) ||
					      neg_keyed(leg[1].local) };
	return a != NULL && b != NULL &&
	       (!neg_codec_same(a, b) ||
		       (!bridged &&
			       has_events(&leg[0]) != has_events(&leg[1]))) &&
	       neg_side_want(&out->side[0], &leg[0]) &&
	       neg_side_want(&out->side[1], &leg[1]);
}

void neg_events(struct neg_events *out, const struct neg_pair *leg)
{
	const struct mdesc_codec *c = neg_spoken(leg);

	companion(leg, events, &out->from, &out->to, &out->clock);
	out->sound = c != NULL ? c->rate : 0;
}

static uint32_t clock_rate(
	const struct mdesc *local, const struct mdesc *remote)
{
	const struct neg_pair pair = { local, remote };
	const struct mdesc_codec *c = neg_spoken(&pair);

	return c != NULL ? c->rate : 0;
}

void neg_leg_set(struct mleg_set *out, const struct mdesc *local,
	const struct mdesc *remote, const struct neg_policy *p)
{
	const struct mdesc_crypto *ours, *theirs;
	/* keys on one side alone: the other end has answered with RTP, and was
	 * asked whether it may */
	bool raw = local->raw && remote->raw && judge_raw(local, p) == NEG_OK;
	bool plain = raw || ((!neg_keyed(local) || !neg_keyed(remote)) &&
				    p->srtp != CONF_SRTP_REQUIRED);
	bool off = addr_port(&local->rtp) == 0 || addr_port(&remote->rtp) == 0;

	*out = (struct mleg_set){ .rtp = remote->rtp,
		.rtcp = remote->rtcp,
		.rtcp_mux = local->rtcp_mux && remote->rtcp_mux,
		.send = sends(local->dir) && receives(remote->dir) &&
			!addr_is_any(&remote->rtp),
		.receive = receives(local->dir) && sends(remote->dir),
		.clock_rate = clock_rate(local, remote),
		.raw = raw,
		.dscp = p->dscp,
		.rx = { .plain = plain },
		.tx = { .plain = plain } };
	if (off) {
		out->send = out->receive = false;
		out->rtp = out->rtcp = (struct addr){ 0 };
	}
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
