/*
 * `srtp pass-thru` in a call: keys pass where both ends of the call are those
 * who wrote them and read them. Everywhere else such a leg is as with `srtp`,
 * with keys of ours: beside a leg that is not so, in an offer that we make by
 * ourselves (early-offer forced), and where we join legs of other calls.
 */
#include "b2bua/call/call_int.h"
#include "b2bua/call/desc.h"

static const char unknown[] = "unknown"; /* a suite, or weakened */

static enum conf_srtp configured(const struct leg *l)
{
	const struct conf *conf = l->call->conf;

	return l->peer != NULL ? conf_peer_srtp(conf, l->peer)
			       : conf->voip.srtp;
}

void call_match_pass_thru(struct call *c)
{
	bool ours = c->forced || c->take[0].wanted || c->take[1].wanted;
	bool both = !ours;

	for (int i = 0; i < 2; i++)
		both = both && configured(&c->leg[i]) == CONF_SRTP_PASS_THRU;
	for (int i = 0; i < 2; i++) {
		enum conf_srtp s = configured(&c->leg[i]);

		c->leg[i].policy.srtp = s == CONF_SRTP_PASS_THRU && !both
						? CONF_SRTP_REQUIRED
						: s;
	}
}

const char *call_passed_suite(const struct leg *l, const struct mdesc *local,
	const struct mdesc *remote)
{
	const struct mdesc_crypto *ours, *theirs;

	/* the answer has one line */
	return (neg_through_known(local) || neg_through_known(remote)) &&
			       neg_in_force(local, remote, &l->policy, &ours,
				       &theirs)
		       ? conf_suite_name(ours->suite)
		       : unknown;
}

bool call_suite_unknown(const char *suite)
{
	return suite == unknown;
}

bool call_passes_known(const struct leg *l)
{
	const char *text = desc_local(l);
	struct desc d;
	bool known;

	if (l->opaque)
		return !call_suite_unknown(l->suite);
	if (text == NULL || desc_read(&d, l, slice_str(text), 0) != NEG_OK)
		return false;
	/* RTP/SAVP leaves no RTP to be answered, RTP/AVP does */
	known = neg_through_known(&d.m) && d.m.secure;
	desc_wipe(&d);
	return known;
}
