/*
 * RTCP on RTP's port (RFC 5761): offered where it is configured, or in force
 * already; taken from who offers it. Each leg has its own way.
 */
#include "b2bua/offer/neg_int.h"

/* RFC 5761 4: with the marker, RTP of these payload types looks like RTCP. */
enum { LIKE_RTCP_FIRST = 64, LIKE_RTCP_LAST = 95 };

static bool can_be_told_apart(const struct mdesc *d)
{
	for (size_t i = 0; i < d->ncodecs; i++)
		if (d->codec[i].pt >= LIKE_RTCP_FIRST &&
			d->codec[i].pt <= LIKE_RTCP_LAST)
			return false;
	return true;
}

static bool takes(const struct mdesc *offer, const struct neg_policy *p)
{
	return p->rtcp_mux > CONF_RTCP_MUX_OFF && can_be_told_apart(offer);
}

enum neg_result neg_mux_judge(
	const struct mdesc *offer, const struct neg_policy *p)
{
	return offer->rtcp_mux_only && !takes(offer, p) ? NEG_MUX_ONLY : NEG_OK;
}

void neg_mux_offer(struct mdesc *out, const struct neg_policy *p,
	const struct neg_before *before)
{
	bool in_force = before->local != NULL && before->remote != NULL &&
			before->local->rtcp_mux && before->remote->rtcp_mux;

	out->rtcp_mux = takes(out, p) &&
			(in_force || p->rtcp_mux == CONF_RTCP_MUX_OFFER);
}

enum neg_result neg_mux_answer(struct mdesc *out, const struct mdesc *offer,
	const struct neg_policy *p)
{
	out->rtcp_mux =
		offer->rtcp_mux && takes(offer, p) && can_be_told_apart(out);
	if (out->rtcp_mux)
		out->rtcp = out->rtp; /* not on the port above (RFC 3605) */
	return offer->rtcp_mux_only && !out->rtcp_mux ? NEG_MUX_ONLY : NEG_OK;
}
