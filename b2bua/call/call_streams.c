/*
 * The streams of a call beside its main one: video, a second sound, fax,
 * whatever comes as RTP or as datagrams that we know by name. Each has a media
 * call of its own; its codecs are the far ends' business, its protection is
 * each leg's, as with the main stream. What cannot be had on one leg is refused
 * on the other with port 0, and keeps its place (RFC 3264 6, 8).
 */
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/call/desc.h"
#include "b2bua/offer/srtp_sdes.h"
#include "base/metric.h"
#include "base/obj.h"

/* Of the leg, for a stream whose codecs we do not look at. */
static struct neg_policy relay_policy(const struct leg *l)
{
	struct neg_policy p = l->policy;

	p.codecs = NULL;
	p.dtmf_nte = p.moh = p.bridged = p.no_events = false;
	return p;
}

/* ---- which section is which stream ---- */

/* RTP/SAVP and RTP/AVP of one kind of media: the same stream, offered twice
 * for who has no SRTP. `secure`: is it the former? */
static bool is_alternative(const struct sdp *s, size_t index, bool *secure)
{
	struct sdp_mline m, other;
	bool found = false;

	if (sdp_mline_parse(s->line[s->media[index].first], &m) != 0)
		return false;
	*secure = slice_starts(m.proto, "RTP/SAVP");
	for (size_t i = 0; i < s->nmedia; i++)
		found |= sdp_mline_parse(s->line[s->media[i].first], &other) ==
				 0 &&
			 other.port != 0 && slice_eq(other.media, m.media) &&
			 slice_starts(
				 other.proto, *secure ? "RTP/AVP" : "RTP/SAVP");
	return found && slice_starts(m.proto, "RTP/");
}

static bool wants(const struct leg *l, const struct sdp *s, size_t index)
{
	struct sdp_mline m;
	bool secure;

	if (sdp_mline_parse(s->line[s->media[index].first], &m) != 0 ||
		m.port == 0 || !sdp_carried(&m) || l->policy.audio_only)
		return false;
	return !is_alternative(s, index, &secure) ||
	       secure == (l->policy.srtp != CONF_SRTP_OFF &&
				 l->policy.keys_allowed);
}

size_t call_choose_main(const struct leg *l, const struct sdp *s, size_t found)
{
	size_t best = found;
	bool secure, chosen = false;

	if (found >= s->nmedia || !is_alternative(s, found, &secure))
		return found;
	for (size_t i = 0; i < s->nmedia; i++) {
		struct sdp_mline m;
		struct mdesc d;
		size_t refused;

		if (sdp_mline_parse(s->line[s->media[i].first], &m) != 0 ||
			!slice_eq_str(m.media, "audio") ||
			sdp_read(s, i, &d, &refused) != 0)
			continue;
		if (neg_take_offer(&d, &l->policy) == NEG_OK &&
			(!chosen || neg_keyed(&d))) {
			best = i;
			if (neg_keyed(&d))
				i = s->nmedia - 1;
			chosen = true;
		}
		mem_wipe(&d, sizeof(d));
	}
	return best;
}

/* A number that is no section's on either leg; SDP_NO_STREAM: none is left. */
static int free_stream(const struct call *c)
{
	for (int k = 1; k < SDP_MEDIA_MAX; k++) {
		const struct sdp_shape *a = &c->leg[0].shape;
		const struct sdp_shape *b = &c->leg[1].shape;

		if (sdp_shape_find(a, k) == a->n &&
			sdp_shape_find(b, k) == b->n)
			return k;
	}
	return SDP_NO_STREAM;
}

void call_streams_note(struct leg *l, const struct sdp *s, size_t main)
{
	struct sdp_shape *shape = &l->shape;
	bool first = sdp_shape_find(shape, 0) == shape->n;
	bool secure;

	sdp_shape_note(shape, s);
	if (first && main < s->nmedia && shape->stream[main] == SDP_NO_STREAM)
		shape->stream[main] = 0;
	for (size_t i = 0; i < s->nmedia; i++) {
		struct sdp_mline m;

		if (shape->stream[i] != SDP_NO_STREAM || !wants(l, s, i))
			continue;
		/* the main stream's other half is none of its own */
		if (is_alternative(s, i, &secure) &&
			sdp_mline_parse(s->line[s->media[i].first], &m) == 0 &&
			slice_eq_str(m.media, "audio"))
			continue;
		shape->stream[i] = (int8_t)free_stream(l->call);
	}
}

/* ---- their media ---- */

static struct mcall *media_of(struct call *c, int k)
{
	if (c->extra[k] == NULL && call_media_more(c, &c->extra[k]) != 0)
		c->extra[k] = NULL;
	return c->extra[k];
}

static void close_media(struct call *c, int k)
{
	if (c->extra[k] != NULL)
		c->core->media_ops->close(c->extra[k]);
	c->extra[k] = NULL;
	c->datagrams &= (uint8_t) ~(1u << k);
	call_oneway_forget(c, k);
}

void call_streams_end(struct call *c)
{
	for (int k = 1; k < SDP_MEDIA_MAX; k++)
		close_media(c, k);
}

int call_stream_of(const struct call *c, const struct mcall *mc)
{
	for (int k = 1; k < SDP_MEDIA_MAX; k++)
		if (mc != NULL && c->extra[k] == mc)
			return k;
	return 0;
}

struct slice call_stream_name(const struct leg *l, int k)
{
	size_t at = sdp_shape_find(&l->shape, k);
	const char *line = at < l->shape.n ? l->shape.refused[at] : NULL;
	struct slice rest = slice_str(line != NULL ? line : ""), media;

	return slice_word(&rest, &media) ? media : SLICE_LIT("audio");
}

/* ---- offers and answers ---- */

/* The offer of stream k that stands on a leg, judged. */
static enum neg_result take_offer(struct desc *d, const struct leg *l, int k)
{
	struct neg_policy p = relay_policy(l);
	enum neg_result r = NEG_BAD_ANSWER;

	if (desc_remote(l) != NULL)
		r = desc_read(d, l, slice_str(desc_remote(l)), k);
	return r == NEG_OK ? neg_take_offer(&d->m, &p) : r;
}

static enum neg_result take_answer(struct desc *d, const struct leg *l, int k)
{
	struct neg_policy p = relay_policy(l);
	struct desc offer;
	enum neg_result r = NEG_BAD_ANSWER;

	if (desc_remote(l) == NULL || desc_local(l) == NULL)
		return r;
	r = desc_read(d, l, slice_str(desc_remote(l)), k);
	if (r == NEG_OK)
		r = desc_read(&offer, l, slice_str(desc_local(l)), k);
	if (r != NEG_OK)
		return r;
	r = addr_port(&offer.m.rtp) == 0 ? NEG_REFUSED_STREAM
					 : neg_take_answer(&d->m, &offer.m, &p);
	desc_wipe(&offer);
	return r;
}

bool call_streams_offered(const struct leg *l)
{
	struct desc d;

	for (int k = 1; k < SDP_MEDIA_MAX; k++) {
		if (sdp_shape_find(&l->shape, k) == l->shape.n ||
			take_offer(&d, l, k) != NEG_OK)
			continue;
		desc_wipe(&d);
		return true;
	}
	return false;
}

enum neg_result call_streams_refusal(const struct leg *l)
{
	enum neg_result r = NEG_NO_AUDIO;
	struct desc d;

	for (int k = 1; k < SDP_MEDIA_MAX && r == NEG_NO_AUDIO; k++) {
		if (sdp_shape_find(&l->shape, k) == l->shape.n)
			continue;
		r = take_offer(&d, l, k);
		desc_wipe(&d);
	}
	return r == NEG_OK ? NEG_NO_AUDIO : r;
}

bool call_streams_answered(const struct leg *l)
{
	struct desc d;

	for (int k = 1; k < SDP_MEDIA_MAX; k++) {
		if (sdp_shape_find(&l->shape, k) == l->shape.n ||
			take_answer(&d, l, k) != NEG_OK)
			continue;
		desc_wipe(&d);
		return true;
	}
	return false;
}

/* Policy refused it: counted and told like that of a whole call. */
static void refused(struct leg *l, enum neg_result r)
{
	if (r != NEG_OK && r != NEG_REFUSED_STREAM && r != NEG_NO_AUDIO)
		call_media_refused(l->call, l->side, r);
}

static enum neg_result make_offer(
	struct leg *l, int k, struct mdesc *out, size_t *like)
{
	struct call *c = l->call;
	struct leg *other = leg_other(l);
	struct neg_policy p = relay_policy(l);
	struct desc_before before;
	struct desc offer;
	struct addr local;
	enum neg_result r = take_offer(&offer, other, k);

	if (r != NEG_OK) {
		refused(other, r);
		return r;
	}
	if (p.audio_only || media_of(c, k) == NULL) {
		desc_wipe(&offer);
		return NEG_REFUSED_STREAM;
	}
	local = call_media_addr(l, c->extra[k]);
	desc_before_read(&before, l, k);
	r = neg_make_offer(
		out, &offer.m, &p, &local, l->plain, &before.b, NULL);
	*like = offer.at;
	refused(l, r);
	desc_before_wipe(&before);
	desc_wipe(&offer);
	return r;
}

/* The m= line of a section that we began, for when it is refused. */
static char *in_our_words(const char *theirs, const struct mdesc *local)
{
	struct slice rest = slice_str(theirs != NULL ? theirs : ""), media;
	struct text t = { 0 };

	if (local->raw || !slice_word(&rest, &media))
		return theirs != NULL ? mem_dup(theirs) : NULL;
	text_printf(&t, "%.*s 0 RTP/%s%s", SLICE_ARG(media),
		local->secure ? "SAVP" : "AVP", local->feedback ? "F" : "");
	for (size_t i = 0; i < local->ncodecs; i++)
		text_printf(&t, " %u", local->codec[i].pt);
	return text_take(&t);
}

void call_streams_offer(struct leg *l, struct sdp_draft *d, struct mdesc *local)
{
	const struct sdp_shape *there = &leg_other(l)->shape;
	struct sdp_shape *here = &l->shape;

	for (size_t i = 0; i < there->n; i++) {
		int k = there->stream[i];
		size_t at = sdp_shape_find(here, k), like = 0;

		if (k <= 0 || make_offer(l, k, &local[k], &like) != NEG_OK)
			continue;
		if (at == here->n && !sdp_shape_add(here, k))
			continue; /* there are too many */
		d->part[at].local = &local[k];
		d->part[at].like = like;
		if (here->refused[at] == NULL)
			here->refused[at] =
				in_our_words(there->refused[i], &local[k]);
	}
}

static enum neg_result make_answer(
	struct leg *l, int k, struct mdesc *out, size_t *like)
{
	struct call *c = l->call;
	struct neg_policy p = relay_policy(l);
	struct desc offer, answer;
	struct desc_before before;
	struct addr local;
	enum neg_result r = take_offer(&offer, l, k);

	if (r != NEG_OK)
		return r;
	r = take_answer(&answer, leg_other(l), k);
	if (r == NEG_OK && media_of(c, k) == NULL)
		r = NEG_REFUSED_STREAM;
	if (r != NEG_OK) {
		desc_wipe(&offer);
		return r;
	}
	local = call_media_addr(l, c->extra[k]);
	desc_before_read(&before, l, k);
	r = neg_make_answer(
		out, &offer.m, &answer.m, &p, &local, &before.b, NULL);
	*like = answer.at;
	desc_before_wipe(&before);
	desc_wipe(&offer);
	desc_wipe(&answer);
	return r;
}

void call_streams_answer(
	struct leg *l, struct sdp_draft *d, struct mdesc *local)
{
	for (size_t i = 0; i < l->shape.n; i++) {
		int k = l->shape.stream[i];
		size_t like = 0;

		if (k <= 0 || make_answer(l, k, &local[k], &like) != NEG_OK)
			continue;
		d->part[i].local = &local[k];
		d->part[i].like = like;
	}
}

/* ---- in force ---- */

static void show_stream(struct leg *l, struct slice media, const char *suite,
	const struct mleg_set *set)
{
	char weak[64];

	sdes_weak_text(set->tx.weak, weak, sizeof(weak));
	leg_text_set(&l->streams,
		mem_printf("%s%s%.*s: %s%s%s%s",
			l->streams != NULL ? l->streams : "",
			l->streams != NULL ? ", " : "", SLICE_ARG(media),
			suite != NULL ? suite
			: set->raw    ? "in clear, no RTP"
				      : "RTP",
			set->opaque ? " (pass-thru)" : "",
			weak[0] != '\0' ? " " : "", weak));
}

static void tell(struct leg *l, int k, const struct desc d[2],
	const struct mleg_set *set)
{
	const char *suite = set->opaque ? call_passed_suite(l, &d[0].m, &d[1].m)
			    : set->tx.key.n > 0 ? conf_suite_name(set->tx.suite)
						: NULL;
	bool whole = suite != NULL && set->tx.weak == 0;
	uint8_t bit = (uint8_t)(1u << k);
	struct sdp_mline m = { 0 };

	(void)!sdp_mline_parse(
		d[0].sdp.line[d[0].sdp.media[d[0].at].first], &m);
	show_stream(l, m.media, suite, set);
	l->clear |= !whole || call_suite_unknown(suite);
	if (whole)
		l->clear_told &= (uint8_t)~bit;
	if (whole || l->policy.srtp == CONF_SRTP_OFF ||
		(l->clear_told & bit) != 0)
		return;
	l->clear_told |= bit;
	if (set->tx.weak != 0) {
		call_tell_weak(l, m.media, set->tx.weak);
		return;
	}
	metric_inc(M_SEC_STREAM_CLEAR);
	log_event(MSG_SEC_STREAM_CLEAR, &l->log, L_SLICE("media", m.media),
		L_STR("number", l->number));
}

/* Both descriptions of stream k are known on the leg, and none refuses it. */
static bool live(struct leg *l, int k, struct desc d[2])
{
	if (desc_read(&d[0], l, slice_str(l->now.local), k) != NEG_OK)
		return false;
	if (desc_read(&d[1], l, slice_str(l->now.remote), k) != NEG_OK) {
		desc_wipe(&d[0]);
		return false;
	}
	if (addr_port(&d[0].m.rtp) != 0 && addr_port(&d[1].m.rtp) != 0)
		return true;
	desc_wipe(&d[0]);
	desc_wipe(&d[1]);
	return false;
}

static void set_stream(struct call *c, int k, struct desc d[2][2])
{
	struct mleg_set set[2];

	for (int side = 0; side < 2; side++) {
		struct leg *l = &c->leg[side];
		struct neg_policy p = relay_policy(l);

		neg_leg_set(&set[side], &d[side][0].m, &d[side][1].m, &p);
	}
	/* datagrams on one leg alone go nowhere */
	if (set[0].raw != set[1].raw)
		set[0].send = set[1].send = false;
	c->datagrams &= (uint8_t) ~(1u << k);
	if (set[0].raw)
		c->datagrams |= (uint8_t)(1u << k);
	for (int side = 0; side < 2; side++) {
		tell(&c->leg[side], k, d[side], &set[side]);
		c->core->media_ops->set(c->extra[k], side, &set[side]);
		mem_wipe(&set[side], sizeof(set[side]));
		desc_wipe(&d[side][0]);
		desc_wipe(&d[side][1]);
	}
}

/* Media of streams that are not live on both legs is given back. */
void call_streams_commit(struct call *c)
{
	struct desc(*d)[2];

	leg_text_set(&c->leg[0].streams, NULL);
	leg_text_set(&c->leg[1].streams, NULL);
	c->leg[0].clear = c->leg[1].clear = false;
	if (c->leg[0].now.local == NULL || c->leg[0].now.remote == NULL ||
		c->leg[1].now.local == NULL || c->leg[1].now.remote == NULL)
		return; /* one of them has not answered yet */
	d = NULL;
	for (int k = 1; k < SDP_MEDIA_MAX; k++) {
		if (c->extra[k] == NULL)
			continue;
		if (d == NULL)
			d = mem_array(2, sizeof(*d));
		if (!live(&c->leg[0], k, d[0])) {
			close_media(c, k);
		} else if (!live(&c->leg[1], k, d[1])) {
			desc_wipe(&d[0][0]);
			desc_wipe(&d[0][1]);
			close_media(c, k);
		} else {
			set_stream(c, k, d);
		}
	}
	free(d);
}
