/* The parts of offer and answer, for the files that make up negotiate.h. */
#ifndef LINESIDE_B2BUA_NEG_INT_H
#define LINESIDE_B2BUA_NEG_INT_H

#include "b2bua/offer/negotiate.h"

/* ---- codecs (neg_codec.c) ---- */

#define NEG_EVENTS "telephone-event"

/* Removes what the class does not allow; false: no codec is left. */
bool neg_filter_codecs(struct mdesc *d, const struct conf_codec_class *cc);
/* Stable: those of the class by preference, companions behind. */
void neg_order_codecs(struct mdesc *d, const struct conf_codec_class *cc);
/* That is no companion; NULL: none. */
const struct mdesc_codec *neg_first_codec(const struct mdesc *d);
/* By the name in SDP; NULL: there is none. */
const struct mdesc_codec *neg_by_name(const struct mdesc *d, const char *name);
/* The same codec in another description, by its own number; NULL: none. */
const struct mdesc_codec *neg_same_in(
	const struct mdesc *d, const struct mdesc_codec *c);
bool neg_has_codec(const struct mdesc *d, const struct mdesc_codec *c);
/* Ours; NULL: we have none of that name. */
const struct codec *neg_codec_of(const struct mdesc_codec *c);
/* Keeps what we offered, by name; the number may be the answerer's own. */
bool neg_keep_offered(struct mdesc *answer, const struct mdesc *offer);

/*
 * Adds what the farm can make of the other leg's codecs, in the order of the
 * class, in front of telephone-event and its like. EAGAIN: something could
 * have been added, were a session free.
 */
int neg_add_transcoded(struct mdesc *out, const struct mdesc *other,
	const struct conf_codec_class *cc, const struct neg_before *before,
	const struct neg_farm *farm);
/*
 * The other leg speaks what this one did not offer: the best of this one's
 * codecs that can be made of it, by the class's order, else the offer's.
 */
enum neg_result neg_answer_transcoded(struct mdesc *out,
	const struct mdesc *offer, const struct mdesc *other,
	const struct conf_codec_class *cc, const struct neg_farm *farm);

void neg_drop_events(struct mdesc *d);
/* Offers events of our own making, where keys can be told to the other leg. */
void neg_add_events(struct mdesc *out, const struct mdesc *other,
	const struct neg_policy *p, const struct neg_before *before,
	const struct neg_farm *farm);
/* The offered events are taken although the other leg has none. */
void neg_answer_events(struct mdesc *out, const struct mdesc *offer,
	const struct mdesc *other, const struct neg_policy *p,
	const struct neg_farm *farm);

/* ---- keys (neg_crypto.c) ---- */

/* Of an offer to us: leaves in it the crypto line that is chosen, or none. */
enum neg_result neg_judge_srtp(struct mdesc *offer, const struct neg_policy *p);
/* Do we offer SRTP? `plain`: it was refused before. */
bool neg_wants_srtp(const struct neg_policy *p, bool plain);
/* The profile of what is in force stays; a first offer is as configured. */
void neg_offer_profile(struct mdesc *out, const struct neg_policy *p,
	const struct neg_before *before);
/* Those in force, else fresh keys of each suite. */
void neg_offer_cryptos(struct mdesc *out, const struct neg_policy *p,
	const struct neg_before *before);
/* Never a silent way down: RTP where `srtp fallback` allows it, and told. */
enum neg_result neg_answered_protection(struct mdesc *answer,
	const struct mdesc *offer, const struct neg_policy *p);
/* Ours goes on while theirs did not change (RFC 4568 7.1.4). */
void neg_answer_crypto(struct mdesc *out, const struct mdesc_crypto *chosen,
	const struct neg_policy *p, const struct neg_before *before);

/* ---- keys that pass (neg_through.c) ---- */

/* Of what came on a leg with `srtp pass-thru`; sets `opaque`. */
enum neg_result neg_through_judge(struct mdesc *d, const struct neg_policy *p);
/* What comes of it on the other leg: the same, in the same profile. */
enum neg_result neg_through_copy(struct mdesc *out, const struct mdesc *other,
	const struct neg_policy *p);
/* An answer on such a leg: in the offer's profile, with keys of its own. */
enum neg_result neg_through_answered(struct mdesc *answer,
	const struct mdesc *offer, const struct neg_policy *p);

/* ---- RTCP beside RTP (neg_mux.c) ---- */

enum neg_result neg_mux_judge(
	const struct mdesc *offer, const struct neg_policy *p);
/* Of an offer whose codecs are known. */
void neg_mux_offer(struct mdesc *out, const struct neg_policy *p,
	const struct neg_before *before);
enum neg_result neg_mux_answer(struct mdesc *out, const struct mdesc *offer,
	const struct neg_policy *p);

/* ---- streams (negotiate.c) ---- */

/* Datagrams pass as they come: nothing protects them. */
enum neg_result neg_judge_raw(
	const struct mdesc *d, const struct neg_policy *p);

static inline bool mdesc_sends(enum mdesc_dir d)
{
	return d == MDESC_SENDRECV || d == MDESC_SENDONLY;
}

static inline bool mdesc_receives(enum mdesc_dir d)
{
	return d == MDESC_SENDRECV || d == MDESC_RECVONLY;
}

#endif
