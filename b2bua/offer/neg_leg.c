/* What was agreed on a leg, as media and transcoders want to hear it. */
#include "b2bua/offer/neg_int.h"

#include <string.h>
#include <strings.h>

static struct mleg_crypto leg_crypto(const struct mdesc_crypto *c)
{
	return (struct mleg_crypto){ .suite = c->suite,
		.weak = c->weak,
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
	return neg_first_codec(answer_of(leg));
}

/* Of that name and rate (0: any) on both sides, as it is in our description. */
static const struct mdesc_codec *on_both(
	const struct neg_pair *leg, const char *name, uint32_t rate)
{
	for (size_t i = 0; i < leg->local->ncodecs; i++) {
		const struct mdesc_codec *c = &leg->local->codec[i];

		if (strcasecmp(c->name, name) == 0 &&
			(rate == 0 || c->rate == rate) &&
			neg_has_codec(leg->remote, c))
			return c;
	}
	return NULL;
}

/*
 * A number both ways, when both ends have it. Who has several codecs may list
 * it once for each of their clocks: it is used with that of what is spoken (RFC
 * 4733 2.1), else with one that both have.
 */
static void companion(const struct neg_pair *leg, const char *name,
	uint8_t *from, uint8_t *to, uint32_t *clock)
{
	const struct mdesc_codec *spoken = neg_spoken(leg);
	const struct mdesc_codec *ours = NULL, *theirs = NULL;

	if (spoken != NULL)
		ours = on_both(leg, name, spoken->rate);
	if (ours == NULL)
		ours = on_both(leg, name, 0);
	if (ours != NULL) {
		theirs = neg_same_in(leg->remote, ours);
	} else {
		ours = neg_by_name(leg->local, name);
		theirs = neg_by_name(leg->remote, name);
	}
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

/* Annex B of G.729 holds unless an end says no (RFC 4856 2.1.9); the far end
 * of Opus says what it wants (RFC 7587 6.1). */
static struct codec_options options_of(
	const struct neg_pair *leg, const struct mdesc_codec *spoken)
{
	const struct mdesc_codec *ours = neg_same_in(leg->local, spoken);
	const struct mdesc_codec *theirs = neg_same_in(leg->remote, spoken);
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
	*out = (struct xcode_side){ .codec = neg_codec_of(c),
		.options = options_of(leg, c),
		.ptime_ms = leg->remote->ptime,
		.from = pt_of(neg_same_in(leg->local, c)),
		.to = pt_of(neg_same_in(leg->remote, c)) };
	companion(leg, NEG_EVENTS, &out->event_from, &out->event_to,
		&out->event_clock);
	companion(leg, "CN", &out->noise_from, &out->noise_to, &clock);
	return out->codec != NULL;
}

bool neg_has_events(const struct neg_pair *leg)
{
	return neg_by_name(leg->local, NEG_EVENTS) != NULL &&
	       neg_by_name(leg->remote, NEG_EVENTS) != NULL;
}

bool neg_can_relay(const struct neg_pair leg[2])
{
	const struct mdesc *a = answer_of(&leg[0]), *b = answer_of(&leg[1]);

	for (size_t i = 0; i < a->ncodecs; i++)
		if (!neg_codec_is_companion(&a->codec[i]) &&
			neg_has_codec(b, &a->codec[i]))
			return true;
	return false;
}

bool neg_xcode_want(
	struct xcode_want *out, const struct neg_pair leg[2], bool *differ)
{
	const struct mdesc_codec *a = neg_spoken(&leg[0]);
	const struct mdesc_codec *b = neg_spoken(&leg[1]);

	*out = (struct xcode_want){ .secure = neg_keyed(leg[0].local) ||
					      neg_keyed(leg[1].local) };
	if (a == NULL || b == NULL)
		return false;
	*differ = !neg_codec_same(a, b);
	return neg_side_want(&out->side[0], &leg[0]) &&
	       neg_side_want(&out->side[1], &leg[1]);
}

void neg_events(struct neg_events *out, const struct neg_pair *leg)
{
	const struct mdesc_codec *c = neg_spoken(leg);

	companion(leg, NEG_EVENTS, &out->from, &out->to, &out->clock);
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
	bool raw =
		local->raw && remote->raw && neg_judge_raw(local, p) == NEG_OK;
	bool opaque = neg_passes(local, p) && neg_passes(remote, p);
	bool plain = raw || opaque ||
		     ((!neg_keyed(local) || !neg_keyed(remote)) &&
			     p->srtp != CONF_SRTP_REQUIRED);
	bool off = addr_port(&local->rtp) == 0 || addr_port(&remote->rtp) == 0;

	*out = (struct mleg_set){ .rtp = remote->rtp,
		.rtcp = remote->rtcp,
		.rtcp_mux = local->rtcp_mux && remote->rtcp_mux,
		.send = mdesc_sends(local->dir) &&
			mdesc_receives(remote->dir) &&
			!addr_is_any(&remote->rtp),
		.receive =
			mdesc_receives(local->dir) && mdesc_sends(remote->dir),
		.clock_rate = clock_rate(local, remote),
		.raw = raw,
		.opaque = opaque,
		.dscp = p->dscp,
		.rx = { .plain = plain },
		.tx = { .plain = plain } };
	if (off) {
		out->send = out->receive = false;
		out->rtp = out->rtcp = (struct addr){ 0 };
	}
	if (!opaque && neg_in_force(local, remote, p, &ours, &theirs)) {
		out->rx = leg_crypto(theirs);
		out->tx = leg_crypto(ours);
		/* only who holds the key moves the address */
		out->latch = MLEG_LATCH_AUTH;
		if ((ours->weak & MDESC_UNAUTHENTICATED_SRTP) != 0)
			out->latch = p->latch_once ? MLEG_LATCH_ONCE
						   : MLEG_LATCH_NEVER;
		return;
	}
	if (!plain) /* no keys: closed in both directions, RTCP as well */
		out->send = out->receive = false;
	out->latch = p->latch_once ? MLEG_LATCH_ONCE : MLEG_LATCH_NEVER;
}
