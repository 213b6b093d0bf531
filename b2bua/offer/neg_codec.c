/* Codecs of an offer and of an answer: which are allowed, which are added for a
 * transcoder, and RTP events beside them. */
#include "b2bua/offer/neg_int.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

bool neg_codec_is_companion(const struct mdesc_codec *c)
{
	return strcasecmp(c->name, NEG_EVENTS) == 0 ||
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

bool neg_filter_codecs(struct mdesc *d, const struct conf_codec_class *cc)
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

void neg_order_codecs(struct mdesc *d, const struct conf_codec_class *cc)
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

const struct mdesc_codec *neg_first_codec(const struct mdesc *d)
{
	for (size_t i = 0; i < d->ncodecs; i++)
		if (!neg_codec_is_companion(&d->codec[i]))
			return &d->codec[i];
	return NULL;
}

const struct codec *neg_codec_of(const struct mdesc_codec *c)
{
	return codec_find_rtp(c->name, c->rate, c->channels);
}

const struct mdesc_codec *neg_same_in(
	const struct mdesc *d, const struct mdesc_codec *c)
{
	for (size_t i = 0; i < d->ncodecs; i++)
		if (neg_codec_same(&d->codec[i], c))
			return &d->codec[i];
	return NULL;
}

bool neg_has_codec(const struct mdesc *d, const struct mdesc_codec *c)
{
	return neg_same_in(d, c) != NULL;
}

bool neg_keep_offered(struct mdesc *answer, const struct mdesc *offer)
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

/* ---- transcoding ---- */

/* As xcode_farm_can(). */
static int can_join(const struct neg_farm *farm, const struct codec *a,
	const struct codec *b, bool secure)
{
	if (farm == NULL)
		return ENOTSUP;
	return xcode_farm_can(farm->farm, a, b, secure, farm->have);
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
	if (strcmp(cc->ios_name, "opus") == 0) /* we can: RFC 7587 6.1 */
		(void)!slice_copy(
			slice_str("useinbandfec=1"), c->fmtp, sizeof(c->fmtp));
}

/* How well could any of the other leg's codecs become this one? As
 * xcode_farm_can(). */
static int reachable(const struct mdesc *other, const struct mdesc_codec *c,
	bool secure, const struct neg_farm *farm)
{
	int best = ENOTSUP;

	for (size_t i = 0; i < other->ncodecs && best != 0; i++) {
		int err =
			neg_codec_is_companion(&other->codec[i])
				? ENOTSUP
				: can_join(farm, neg_codec_of(&other->codec[i]),
					  neg_codec_of(c), secure);
		if (err != ENOTSUP)
			best = err;
	}
	return best;
}

int neg_add_transcoded(struct mdesc *out, const struct mdesc *other,
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
		if (neg_has_codec(out, &c) || out->ncodecs == MDESC_CODECS_MAX)
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

/* The companions of an offer that the other leg has agreed to as well; and
 * silence that is not sent (CN): the transcoder makes noise of it. */
static void answer_companions(
	struct mdesc *out, const struct mdesc *offer, const struct mdesc *other)
{
	for (size_t i = 0; i < offer->ncodecs; i++) {
		const struct mdesc_codec *c = &offer->codec[i];
		bool both = strcasecmp(c->name, "CN") == 0;

		for (size_t k = 0; k < other->ncodecs; k++)
			both |= strcasecmp(other->codec[k].name, c->name) == 0;
		if (!neg_codec_is_companion(c) || !both)
			continue;
		out->codec[out->ncodecs] = *c;
		out->codec[out->ncodecs++].ours = true;
	}
}

enum neg_result neg_answer_transcoded(struct mdesc *out,
	const struct mdesc *offer, const struct mdesc *other,
	const struct conf_codec_class *cc, const struct neg_farm *farm)
{
	const struct mdesc_codec *far = neg_first_codec(other), *best = NULL;
	enum neg_result result = NEG_NO_CODEC;
	int best_rank = INT_MAX;

	for (size_t i = 0; far != NULL && i < offer->ncodecs; i++) {
		const struct mdesc_codec *c = &offer->codec[i];
		int rank = cc != NULL ? class_rank(cc, c) : (int)i;
		int err = can_join(farm, neg_codec_of(far), neg_codec_of(c),
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

/* ---- keys as events, where one side has only tones ---- */

const struct mdesc_codec *neg_by_name(const struct mdesc *d, const char *name)
{
	for (size_t i = 0; i < d->ncodecs; i++)
		if (strcasecmp(d->codec[i].name, name) == 0)
			return &d->codec[i];
	return NULL;
}

void neg_drop_events(struct mdesc *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->ncodecs; i++) {
		if (strcasecmp(d->codec[i].name, NEG_EVENTS) == 0)
			continue;
		if (kept != i)
			d->codec[kept] = d->codec[i];
		kept++;
	}
	d->ncodecs = kept;
}

void neg_add_events(struct mdesc *out, const struct mdesc *other,
	const struct neg_policy *p, const struct neg_before *before,
	const struct neg_farm *farm)
{
	struct mdesc_codec c = { .rate = 8000,
		.channels = 1,
		.name = NEG_EVENTS,
		.fmtp = "0-15",
		.ours = true };
	const struct mdesc_codec *first = neg_first_codec(out);
	unsigned pt = choose_pt(out, before, &c, PT_EVENTS);

	if (neg_by_name(out, NEG_EVENTS) != NULL || first == NULL ||
		pt == PT_END || out->ncodecs == MDESC_CODECS_MAX ||
		(!p->bridged &&
			reachable(other, first,
				neg_keyed(out) || neg_keyed(other), farm) != 0))
		return;
	c.pt = (uint8_t)pt;
	out->codec[out->ncodecs++] = c;
}

/* Those with the clock of what is spoken, where it lists several. */
static const struct mdesc_codec *events_for(
	const struct mdesc *offer, const struct mdesc_codec *spoken)
{
	for (size_t i = 0; i < offer->ncodecs; i++)
		if (strcasecmp(offer->codec[i].name, NEG_EVENTS) == 0 &&
			offer->codec[i].rate == spoken->rate)
			return &offer->codec[i];
	return neg_by_name(offer, NEG_EVENTS);
}

void neg_answer_events(struct mdesc *out, const struct mdesc *offer,
	const struct mdesc *other, const struct neg_policy *p,
	const struct neg_farm *farm)
{
	const struct mdesc_codec *here = neg_first_codec(out);
	const struct mdesc_codec *there = neg_first_codec(other);
	const struct mdesc_codec *c =
		here != NULL ? events_for(offer, here) : NULL;

	if (c == NULL || neg_by_name(out, NEG_EVENTS) != NULL ||
		there == NULL || out->ncodecs == MDESC_CODECS_MAX ||
		(!p->bridged &&
			can_join(farm, neg_codec_of(here), neg_codec_of(there),
				neg_keyed(offer) || neg_keyed(other)) != 0))
		return;
	out->codec[out->ncodecs] = *c;
	out->codec[out->ncodecs++].ours = true;
}
