/*
 * Offer and answer as pure functions over struct mdesc: same in, same out
 * (but for fresh keys). One leg's policy, one side of the exchange at a time.
 *
 *   A's offer ──neg_take_offer(A)──► neg_make_offer(B) ──► B
 *   A ◄──neg_make_answer(A) ◄──neg_take_answer(B)────── B's answer
 *
 * then neg_leg_set() for both legs. Payload types pass unchanged.
 *
 * Codecs that the other leg did not name are added where the farm can
 * transcode: behind all that both sides may have in common, so that who
 * answers by the offer's order needs no transcoder. Whether one is needed is
 * told by neg_xcode_want() of what was agreed.
 */
#ifndef LINESIDE_B2BUA_NEGOTIATE_H
#define LINESIDE_B2BUA_NEGOTIATE_H

#include "b2bua/sip/refusal.h"
#include "conf/conf.h"
#include "media/media.h"
#include "media/xcode.h"

struct neg_policy { /* of one leg; pointers into the call's conf */
	enum conf_srtp srtp; /* never INHERIT */
	bool keys_allowed; /* TLS below, or asked for by name */
	enum conf_srtp_offer form; /* how SRTP is offered; never INHERIT */
	bool cm256_names, unpadded_keys; /* how our offers are written */
	bool any_tag; /* its answers are known by their suite */
	unsigned weak; /* MDESC_UN… that are taken */
	bool clear_datagrams; /* fax in clear although SRTP is required */
	bool no_fax; /* fax protocol none, pass-through: T.38 is refused */
	bool audio_only; /* audio forced: other streams are refused */
	bool cisco; /* srtp negotiate cisco: RTP may answer an offer of SRTP */
	bool peer_cisco; /* and the far end has said so too */
	bool latch_once;
	enum conf_rtcp_mux rtcp_mux; /* never INHERIT; 0 is like OFF */
	uint8_t dscp; /* of what is sent; base/dscp.h */
	bool moh; /* while the other side holds, this one hears us */
	bool dtmf_nte; /* telephone-event also where the other leg has none */
	bool no_events; /* keys are told in other ways: no telephone-event */
	bool bridged; /* the other leg tells keys by SIP: they can be made */
	const struct conf_codec_class *codecs; /* NULL: all */
	const struct conf_crypto_class *cryptos; /* NULL: default order */
};

enum neg_result {
	NEG_OK,
	NEG_REFUSED_STREAM, /* port 0: not wanted */
	NEG_NO_CODEC, /* nothing in common, and nothing to be transcoded */
	NEG_NO_TRANSCODER, /* nothing in common, and all sessions are in use */
	NEG_SRTP_REQUIRED, /* plain RTP came where SRTP is required */
	NEG_SRTP_FORBIDDEN, /* SAVP came where policy says RTP */
	NEG_NO_CRYPTO, /* SAVP without a crypto line we can use */
	NEG_BAD_KEY, /* and that is because of its length */
	NEG_CRYPTO_PARAMS, /* or of what else it asks for */
	NEG_KEYS_NOT_ALLOWED, /* the leg is not TLS */
	NEG_CLEAR_FORBIDDEN, /* datagrams in clear where SRTP is required */
	NEG_FAX_FORBIDDEN, /* T.38 is not configured here */
	NEG_MUX_ONLY, /* RTCP on RTP's port or not at all, which we cannot */
	NEG_BAD_ANSWER, /* does not answer what was offered */
	NEG_BAD_SDP, /* sdp_split or sdp_read said so */
	NEG_NO_AUDIO, /* no sound, and nothing else that we carry */
	NEG_RESULT_COUNT
};
const char *neg_text(enum neg_result r); /* for logs */
/* What the peer is told then. */
enum refusal neg_refusal(enum neg_result r);

/* Is the offer acceptable on this leg? Codecs the class does not allow are
 * removed from it, and crypto lines but the chosen one. */
enum neg_result neg_take_offer(struct mdesc *offer, const struct neg_policy *p);

/* Does it bring keys: RTP/SAVP, or RTP/AVP with crypto lines (RFC 8643)? */
static inline bool neg_keyed(const struct mdesc *d)
{
	return d->secure || d->osrtp;
}

/* Does the leg let these keys pass as they are (srtp pass-thru)? */
bool neg_passes(const struct mdesc *d, const struct neg_policy *p);
/* The crypto in force on both sides of a leg, by tag: the answer has one. */
bool neg_in_force(const struct mdesc *local, const struct mdesc *remote,
	const struct neg_policy *p, const struct mdesc_crypto **ours,
	const struct mdesc_crypto **theirs);
/* Every line of it is of a suite that we know, with nothing that weakens. */
bool neg_through_known(const struct mdesc *d);

/* What a leg had before, to keep keys when nothing changed; NULLs at first. */
struct neg_before {
	const struct mdesc *local, *remote;
};
struct neg_farm { /* what there is to transcode with */
	const struct xcode_farm *farm;
	const struct xcode *have; /* the call's own; NULL: none yet */
};

/*
 * What to offer on this leg, given the accepted offer of the other one.
 * `farm`: transcoders to count on; NULL: none.
 * `plain`: FALLBACK was already tried with SRTP and refused. An offer on a
 * leg that has keys in force repeats them, so that contexts go on.
 */
enum neg_result neg_make_offer(struct mdesc *out, const struct mdesc *other,
	const struct neg_policy *p, const struct addr *local, bool plain,
	const struct neg_before *before, const struct neg_farm *farm);

/* Does the answer fit our offer? Codecs that we did not offer are removed. RTP
 * as the answer to SRTP is taken where the policy has `srtp fallback`. */
enum neg_result neg_take_answer(struct mdesc *answer, const struct mdesc *offer,
	const struct neg_policy *p);

/* Our answer on this leg to its accepted offer, given the other's answer. */
enum neg_result neg_make_answer(struct mdesc *out, const struct mdesc *offer,
	const struct mdesc *other, const struct neg_policy *p,
	const struct addr *local, const struct neg_before *before,
	const struct neg_farm *farm);

struct neg_pair { /* what is in force, or will be, on a leg */
	const struct mdesc *local, *remote;
};
/* What is spoken on a leg: the first of the answer; NULL: nothing. */
const struct mdesc_codec *neg_spoken(const struct neg_pair *leg);
/* Would packets be understood as they are, although a transcoder is wanted? */
bool neg_can_relay(const struct neg_pair leg[2]);
/* How a leg speaks; false: in a codec that we have not. */
bool neg_side_want(struct xcode_side *out, const struct neg_pair *leg);
/* What a transcoder between the legs would have to do, but for keys; false:
 * none can be. `*differ`: they do not speak one codec. */
bool neg_xcode_want(
	struct xcode_want *out, const struct neg_pair leg[2], bool *differ);
bool neg_has_events(const struct neg_pair *leg); /* RFC 4733, both ends */

struct neg_events { /* RTP events in force on a leg */
	uint8_t from, to; /* payload types; MEDIA_NO_PT: none */
	uint32_t clock; /* Hz; 0: none */
	uint32_t sound; /* clock of the codec */
};
void neg_events(struct neg_events *out, const struct neg_pair *leg);

/* How media is to treat the leg. The one place that computes a mleg_set. */
void neg_leg_set(struct mleg_set *out, const struct mdesc *local,
	const struct mdesc *remote, const struct neg_policy *p);

bool neg_codec_same(const struct mdesc_codec *a, const struct mdesc_codec *b);
/* telephone-event and CN accompany a codec and are none by themselves. */
bool neg_codec_is_companion(const struct mdesc_codec *c);

#endif
