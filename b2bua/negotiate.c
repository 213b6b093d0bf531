/* See negotiate.h. Nothing here knows calls, legs or SDP text. */
#include "b2bua/negotiate.h"
#include "b2bua/neg_int.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *text;
	unsigned warning;
	int status;
} results[NEG_RESULT_COUNT] = {
	/* clang-format off */
	[NEG_OK]               = { "fine", 399, 500 },
	[NEG_REFUSED_STREAM]   = { "no stream of the offer is accepted (port 0)", 304, 488 },
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
	[NEG_MUX_ONLY]         = { "RTCP is offered on RTP's port alone (a=rtcp-mux-only), which is not taken here", 399, 488 },
	[NEG_BAD_ANSWER]       = { "the answer does not fit the offer", 399, 488 },
	[NEG_BAD_SDP]          = { "the session description cannot be read", 399, 400 },
	[NEG_NO_AUDIO]         = { "no stream is described that can be carried here", 304, 488 },
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
