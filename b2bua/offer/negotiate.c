/* See negotiate.h. Nothing here knows calls, legs or SDP text. */
#include "b2bua/offer/neg_int.h"
#include "b2bua/offer/negotiate.h"

#include <errno.h>
#include <string.h>

static const enum refusal results[NEG_RESULT_COUNT] = {
	[NEG_OK] = REFUSE_MEDIA,
	[NEG_REFUSED_STREAM] = REFUSE_STREAM_REFUSED,
	[NEG_NO_CODEC] = REFUSE_NO_CODEC,
	[NEG_NO_TRANSCODER] = REFUSE_NO_TRANSCODER,
	[NEG_SRTP_REQUIRED] = REFUSE_SRTP_REQUIRED,
	[NEG_SRTP_FORBIDDEN] = REFUSE_SRTP_FORBIDDEN,
	[NEG_NO_CRYPTO] = REFUSE_NO_CRYPTO,
	[NEG_BAD_KEY] = REFUSE_BAD_KEY,
	[NEG_CRYPTO_PARAMS] = REFUSE_CRYPTO_PARAMS,
	[NEG_KEYS_NOT_ALLOWED] = REFUSE_KEYS_NOT_ALLOWED,
	[NEG_CLEAR_FORBIDDEN] = REFUSE_CLEAR_FORBIDDEN,
	[NEG_FAX_FORBIDDEN] = REFUSE_FAX_FORBIDDEN,
	[NEG_MUX_ONLY] = REFUSE_MUX_ONLY,
	[NEG_BAD_ANSWER] = REFUSE_BAD_ANSWER,
	[NEG_BAD_SDP] = REFUSE_BAD_SDP,
	[NEG_NO_AUDIO] = REFUSE_NO_AUDIO,
};

enum refusal neg_refusal(enum neg_result r)
{
	return results[r];
}

const char *neg_text(enum neg_result r)
{
	return refusal_rows[results[r]].text;
}

enum neg_result neg_judge_raw(const struct mdesc *d, const struct neg_policy *p)
{
	if (d->fax && p->no_fax)
		return NEG_FAX_FORBIDDEN;
	return p->srtp == CONF_SRTP_REQUIRED && !p->clear_datagrams
		       ? NEG_CLEAR_FORBIDDEN
		       : NEG_OK;
}

enum neg_result neg_take_offer(struct mdesc *offer, const struct neg_policy *p)
{
	enum neg_result r;

	if (addr_port(&offer->rtp) == 0)
		return NEG_REFUSED_STREAM;
	if (offer->raw)
		return neg_judge_raw(offer, p);
	if (!neg_filter_codecs(offer, p->codecs))
		return NEG_NO_CODEC;
	r = neg_mux_judge(offer, p);
	return r == NEG_OK ? neg_judge_srtp(offer, p) : r;
}

enum neg_result neg_make_offer(struct mdesc *out, const struct mdesc *other,
	const struct neg_policy *p, const struct addr *local, bool plain,
	const struct neg_before *before, const struct neg_farm *farm)
{
	bool any;
	int err;

	mdesc_clear(out);
	out->rtp = *local;
	out->dir = other->dir;
	out->ptime = other->ptime;
	out->feedback = other->feedback;
	out->ncodecs = other->ncodecs;
	if (other->raw) {
		out->raw = true;
		out->fax = other->fax;
		return neg_judge_raw(out, p);
	}
	memcpy(out->codec, other->codec,
		other->ncodecs * sizeof(out->codec[0]));
	/* RFC 3264 8.4: the old way of holding, in words of today */
	if (addr_is_any(&other->rtp))
		out->dir = other->dir == MDESC_SENDRECV	  ? MDESC_SENDONLY
			   : other->dir == MDESC_RECVONLY ? MDESC_INACTIVE
							  : other->dir;
	if (p->moh && !other->opaque && out->dir == MDESC_INACTIVE)
		out->dir = MDESC_SENDONLY;
	any = neg_filter_codecs(out, p->codecs);
	neg_order_codecs(out, p->codecs);
	neg_mux_offer(out, p, before);
	if (other->opaque)
		return any ? neg_through_copy(out, other, p) : NEG_NO_CODEC;
	if (neg_wants_srtp(p, plain))
		neg_offer_profile(out, p, before);
	err = neg_add_transcoded(out, other, p->codecs, before, farm);
	if (!any && (out->ncodecs == 0 || !out->codec[0].ours))
		return err == EAGAIN ? NEG_NO_TRANSCODER : NEG_NO_CODEC;
	if (p->no_events)
		neg_drop_events(out);
	if (p->dtmf_nte)
		neg_add_events(out, other, p, before, farm);
	if (!neg_keyed(out))
		return NEG_OK;
	if (!p->keys_allowed)
		return NEG_KEYS_NOT_ALLOWED;
	neg_offer_cryptos(out, p, before);
	return NEG_OK;
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
	r = neg_answered_protection(answer, offer, p);
	if (r != NEG_OK)
		return r;
	return neg_keep_offered(answer, offer) ? NEG_OK : NEG_NO_CODEC;
}

/* What may be answered to an offer, of what is wanted (RFC 3264 6.1). */
static enum mdesc_dir answer_dir(enum mdesc_dir offer, enum mdesc_dir want)
{
	bool send = mdesc_sends(want) && mdesc_receives(offer);
	bool receive = mdesc_receives(want) && mdesc_sends(offer);

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

	mdesc_clear(out);
	out->rtp = *local;
	out->dir = other->dir;
	out->ptime = other->ptime;
	out->secure = offer->secure;
	out->osrtp = offer->osrtp && !offer->opaque;
	out->feedback = offer->feedback;
	out->ncodecs = other->ncodecs;
	out->raw = other->raw;
	out->fax = other->fax;
	if (out->raw || offer->raw)
		return out->raw == offer->raw ? NEG_OK : NEG_BAD_ANSWER;
	memcpy(out->codec, other->codec,
		other->ncodecs * sizeof(out->codec[0]));
	if (addr_is_any(&other->rtp) && other->dir == MDESC_SENDRECV)
		out->dir = MDESC_SENDONLY;
	out->dir = answer_dir(offer->dir, out->dir);
	r = neg_mux_answer(out, offer, p);
	if (r != NEG_OK)
		return r;
	if (other->opaque)
		return neg_keep_offered(out, offer)
			       ? neg_through_copy(out, other, p)
			       : NEG_NO_CODEC;
	if (!neg_keep_offered(out, offer))
		r = neg_answer_transcoded(out, offer, other, p->codecs, farm);
	if (r != NEG_OK)
		return r;
	if (p->no_events)
		neg_drop_events(out);
	else if (p->dtmf_nte || p->bridged)
		neg_answer_events(out, offer, other, p, farm);
	if (neg_keyed(out))
		neg_answer_crypto(out, &offer->crypto[0], p, before);
	return NEG_OK;
}
