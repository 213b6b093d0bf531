/* SRTP of an offer and of an answer: whether, which suites, whose keys. */
#include "b2bua/offer/neg_int.h"

#include <errno.h>

#include "media/suites.h"

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

/* The first by our order of preference, of those that are weakened just so;
 * true: it alone is left in `d`. */
static bool choose_weak(
	struct mdesc *d, const struct neg_policy *p, unsigned weak)
{
	enum conf_suite order[CONF_CRYPTOS_MAX + CONF_SUITE_COUNT];
	size_t n = suites(p, order);

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < d->ncryptos; k++) {
			if (d->crypto[k].suite != order[i] ||
				d->crypto[k].weak != weak)
				continue;
			d->crypto[0] = d->crypto[k];
			d->ncryptos = 1;
			return true;
		}
	}
	return false;
}

/* What is whole before what is weakened, and that as configured alone. */
static bool choose_crypto(struct mdesc *d, const struct neg_policy *p)
{
	for (unsigned weak = 0; weak < 1u << MDESC_WEAK_COUNT; weak++)
		if ((weak & ~p->weak) == 0 && choose_weak(d, p, weak))
			return true;
	return false;
}

static bool all_weak(const struct mdesc *d)
{
	for (size_t i = 0; i < d->ncryptos; i++)
		if (d->crypto[i].weak == 0)
			return false;
	return true;
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
		return all_weak(offer) ? NEG_CRYPTO_PARAMS : NEG_NO_CRYPTO;
	return offer->crypto_err == EMSGSIZE  ? NEG_BAD_KEY
	       : offer->crypto_err == ENOTSUP ? NEG_CRYPTO_PARAMS
					      : NEG_NO_CRYPTO;
}

enum neg_result neg_judge_srtp(struct mdesc *offer, const struct neg_policy *p)
{
	enum neg_result r = NEG_SRTP_REQUIRED;

	if (p->srtp == CONF_SRTP_PASS_THRU)
		return neg_through_judge(offer, p);
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

static bool match(const struct mdesc *local, const struct mdesc *remote,
	bool any_tag, const struct mdesc_crypto **ours,
	const struct mdesc_crypto **theirs)
{
	for (size_t i = 0; i < local->ncryptos; i++) {
		for (size_t k = 0; k < remote->ncryptos; k++) {
			const struct mdesc_crypto *a = &local->crypto[i];
			const struct mdesc_crypto *b = &remote->crypto[k];

			if ((!any_tag && a->tag != b->tag) ||
				a->suite != b->suite || a->weak != b->weak)
				continue;
			*ours = a;
			*theirs = b;
			return true;
		}
	}
	return false;
}

bool neg_in_force(const struct mdesc *local, const struct mdesc *remote,
	const struct neg_policy *p, const struct mdesc_crypto **ours,
	const struct mdesc_crypto **theirs)
{
	return neg_keyed(local) && neg_keyed(remote) &&
	       (match(local, remote, false, ours, theirs) ||
		       (p->any_tag &&
			       match(local, remote, true, ours, theirs)));
}

static void fresh_key(
	struct mdesc_crypto *c, uint32_t tag, enum conf_suite suite)
{
	*c = (struct mdesc_crypto){ .tag = tag, .suite = suite };
	c->key.n = (uint8_t)(suite_rows[suite].key_len +
			     suite_rows[suite].salt_len);
	random_bytes(c->key.b, c->key.n);
}

void neg_offer_cryptos(struct mdesc *out, const struct neg_policy *p,
	const struct neg_before *before)
{
	enum conf_suite order[CONF_CRYPTOS_MAX + CONF_SUITE_COUNT];
	const struct mdesc_crypto *ours, *theirs;
	size_t n;

	if (before->local != NULL && before->remote != NULL &&
		neg_in_force(
			before->local, before->remote, p, &ours, &theirs)) {
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

void neg_offer_profile(struct mdesc *out, const struct neg_policy *p,
	const struct neg_before *before)
{
	const struct mdesc_crypto *ours, *theirs;

	out->osrtp = p->form == CONF_SRTP_OFFER_OPPORTUNISTIC;
	if (before->local != NULL && before->remote != NULL &&
		neg_in_force(before->local, before->remote, p, &ours, &theirs))
		out->osrtp = before->local->osrtp;
	out->secure = !out->osrtp;
}

bool neg_wants_srtp(const struct neg_policy *p, bool plain)
{
	return p->srtp == CONF_SRTP_REQUIRED ||
	       (p->srtp == CONF_SRTP_FALLBACK && p->keys_allowed && !plain);
}

enum neg_result neg_answered_protection(struct mdesc *answer,
	const struct mdesc *offer, const struct neg_policy *p)
{
	const struct mdesc_crypto *ours, *theirs;

	if (p->srtp == CONF_SRTP_PASS_THRU)
		return neg_through_answered(answer, offer, p);
	if (!neg_keyed(offer)) {
		if (answer->secure)
			return NEG_BAD_ANSWER;
		make_plain(answer); /* stray keys: nobody asked for them */
		return NEG_OK;
	}
	if (neg_keyed(answer))
		return answer->ncryptos == 1 && neg_in_force(offer, answer, p,
							&ours, &theirs)
			       ? NEG_OK
			       : NEG_NO_CRYPTO;
	if (p->srtp == CONF_SRTP_FALLBACK)
		return NEG_OK;
	return offer->osrtp ? NEG_SRTP_REQUIRED : NEG_BAD_ANSWER;
}

void neg_answer_crypto(struct mdesc *out, const struct mdesc_crypto *chosen,
	const struct neg_policy *p, const struct neg_before *before)
{
	const struct mdesc_crypto *ours, *theirs;

	out->ncryptos = 1;
	if (before->local != NULL && before->remote != NULL &&
		neg_in_force(
			before->local, before->remote, p, &ours, &theirs) &&
		theirs->suite == chosen->suite &&
		theirs->weak == chosen->weak &&
		secret_equal(&theirs->key, &chosen->key)) {
		out->crypto[0] = *ours;
		out->crypto[0].tag = chosen->tag;
		return;
	}
	fresh_key(&out->crypto[0], chosen->tag, chosen->suite);
	/* in the far end's own spelling */
	out->crypto[0].cm256 = chosen->cm256;
	out->crypto[0].unpadded = chosen->unpadded;
	out->crypto[0].weak = chosen->weak; /* RFC 4568 6.3: both, or none */
}
