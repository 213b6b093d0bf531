/*
 * `srtp pass-thru`: keys go from end to end, and so does what they protect.
 * a=crypto lines are copied byte for byte, suites that nobody here knows with
 * the rest; what media then relays it can neither read nor check.
 *
 * Both legs of the call are so, or neither (call_match_pass_thru()). An offer
 * without keys is RTP, as the ends want it, and told of as a fallback.
 */
#include "b2bua/offer/neg_int.h"

bool neg_passes(const struct mdesc *d, const struct neg_policy *p)
{
	return p->srtp == CONF_SRTP_PASS_THRU && !d->raw &&
	       (d->secure || d->crypto_lines > 0);
}

bool neg_through_known(const struct mdesc *d)
{
	for (size_t i = 0; i < d->ncryptos; i++)
		if (d->crypto[i].weak != 0)
			return false;
	return d->ncryptos > 0 && d->ncryptos == d->crypto_lines;
}

enum neg_result neg_through_judge(struct mdesc *d, const struct neg_policy *p)
{
	d->opaque = neg_passes(d, p);
	if (!d->opaque)
		return NEG_OK;
	if (!p->keys_allowed)
		return NEG_KEYS_NOT_ALLOWED;
	return d->crypto_lines > 0 ? NEG_OK : NEG_NO_CRYPTO;
}

enum neg_result neg_through_copy(struct mdesc *out, const struct mdesc *other,
	const struct neg_policy *p)
{
	if (p->srtp != CONF_SRTP_PASS_THRU)
		return NEG_NO_CRYPTO; /* keys that nobody here has */
	out->opaque = true;
	out->secure = other->secure;
	out->osrtp = !other->secure;
	return p->keys_allowed ? NEG_OK : NEG_KEYS_NOT_ALLOWED;
}

enum neg_result neg_through_answered(struct mdesc *answer,
	const struct mdesc *offer, const struct neg_policy *p)
{
	if (answer->secure != offer->secure)
		return NEG_BAD_ANSWER;
	if (neg_passes(offer, p))
		return neg_through_judge(answer, p);
	answer->osrtp = false; /* stray keys: nobody asked for them */
	answer->ncryptos = answer->crypto_lines = 0;
	return NEG_OK;
}
