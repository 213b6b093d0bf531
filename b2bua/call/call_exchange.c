/*
 * Descriptions on their way through a call, and the media legs that follow.
 *
 *   offer of s      → call_take_offer(s)   judged by s's policy, kept as text
 *   our offer to o  ← call_make_offer(o)   from s's text, o's policy, our port
 *   answer of o     → call_take_answer(o)  must fit what we offered
 *   our answer to s ← call_make_answer(s)  from o's text, s's offer
 *   call_media_commit: `next` becomes `now` on both legs, media is set
 *
 * Which texts stand for the offer and for the answer in steps three and four
 * is what `next` holds, or `now` after early media has committed them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "b2bua/call/call_int.h"
#include "b2bua/call/desc.h"
#include "b2bua/record/siprec.h"
#include "base/obj.h"
#include "media/player.h"

bool call_is_sdp(const struct sip_msg *m)
{
	struct slice type = sip_msg_header(m, "Content-Type");

	type = slice_trim(slice_head(type, slice_find(type, ';')));
	return m->body.n > 0 && slice_caseeq_str(type, "application/sdp");
}

/* The main stream may be refused, or missing, while others are there: fax
 * beside a sound that is switched off, or video alone. */
static bool is_off(enum neg_result r, bool others)
{
	return (r == NEG_REFUSED_STREAM || r == NEG_NO_AUDIO) && others;
}

static bool has_main(const struct leg *l)
{
	return sdp_shape_find(&l->shape, 0) < l->shape.n;
}

static enum neg_result choose_main(struct desc *d, const struct leg *l)
{
	size_t refused, at = call_choose_main(l, &d->sdp, d->at);
	int err;

	if (has_main(l) || at == d->at)
		return NEG_OK;
	d->at = at;
	err = sdp_read(&d->sdp, at, &d->m, &refused);
	return err == 0 ? NEG_OK : err == ENOTSUP ? NEG_NO_AUDIO : NEG_BAD_SDP;
}

enum neg_result call_take_offer(struct call *c, int side, struct slice body)
{
	struct leg *l = &c->leg[side];
	char *had = l->next.remote;
	struct desc d;
	enum neg_result r = desc_read(&d, l, body, 0);

	if (r == NEG_OK)
		r = choose_main(&d, l);
	if (r != NEG_OK && r != NEG_NO_AUDIO)
		return r;
	call_streams_note(l, &d.sdp, d.at);
	l->next.remote = slice_dup(body);
	if (r == NEG_OK)
		r = neg_take_offer(&d.m, &l->policy);
	if (is_off(r, call_streams_offered(l)))
		r = NEG_OK;
	else if (r == NEG_NO_AUDIO)
		r = call_streams_refusal(l);
	if (r == NEG_OK) {
		leg_text_set(&had, NULL);
	} else {
		leg_text_set(&l->next.remote, had);
	}
	desc_wipe(&d);
	return r;
}

enum { OFFER_WITHOUT_CLASS = 4 }; /* G.711, G.722, G.729 */

/*
 * Early offer out of a late one: B is offered all the codecs of its class, in
 * the words of somebody who has them. Only B's offer is made of it; A gets
 * B's answer as an offer, and nobody sees this.
 */
void call_invent_offer(struct call *c)
{
	const struct conf_codec_class *cc = c->leg[1].policy.codecs;
	size_t n = cc != NULL ? cc->n : OFFER_WITHOUT_CLASS;
	struct text t = { 0 }, maps = { 0 };
	uint64_t used = 0; /* static payload types: G.729 has four names */
	int dynamic = 96;

	if (c->offer != NULL) {
		leg_text_set(&c->leg[0].next.remote, mem_dup(c->offer));
		return;
	}
	text_printf(&t, "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
			"c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 9 RTP/AVP");
	for (size_t i = 0; i < n; i++) {
		const struct conf_codec *k =
			cc != NULL ? cc->entry[i].codec : &conf_codecs[i];
		int pt = k->static_pt;

		if (pt >= 0 && (used >> pt & 1) != 0)
			continue;
		if (pt >= 0)
			used |= (uint64_t)1 << pt;
		else
			pt = dynamic++;
		text_printf(&t, " %d", pt);
		text_printf(&maps, "a=rtpmap:%d %s/%u%s\r\n", pt, k->rtp_name,
			k->rate, k->channels == 2 ? "/2" : "");
	}
	text_printf(&t,
		" %d\r\n%.*sa=rtpmap:%d telephone-event/8000\r\n"
		"a=fmtp:%d 0-16\r\n",
		dynamic, SLICE_ARG(text_slice(&maps)), dynamic, dynamic);
	text_free(&maps);
	leg_text_set(&c->leg[0].next.remote, text_take(&t));
}

void call_forget_invented(struct call *c)
{
	if (c->forced)
		leg_text_set(&c->leg[0].next.remote, NULL);
}

/* The offer that stands on a leg, judged again: same in, same out. */
static enum neg_result read_offer(struct desc *d, const struct leg *l)
{
	enum neg_result r;

	if (desc_remote(l) == NULL)
		return NEG_BAD_ANSWER;
	r = desc_read(d, l, slice_str(desc_remote(l)), 0);
	if (l->call->forced && l->side == 0 && (!l->confirmed || l->joining))
		return r; /* ours: A's own comes later, and is judged then */
	return r == NEG_OK ? neg_take_offer(&d->m, &l->policy) : r;
}

/*
 * A description of ours on its way: what it is like, and our side of each
 * stream that either leg has. On the heap, and no more of them than there are:
 * they are large.
 */
struct draft {
	struct sdp_draft d;
	struct mdesc *twin; /* the same stream in clear; NULL: not wanted */
	size_t nlocal;
	struct mdesc local[]; /* by stream; the twin behind them */
};

static size_t streams_of(const struct sdp_shape *shape)
{
	int last = 0;

	for (size_t i = 0; i < shape->n; i++)
		if (shape->stream[i] > last)
			last = shape->stream[i];
	return (size_t)last + 1;
}

static struct draft *draft_new(
	const struct leg *l, const struct desc *like, const struct addr *host)
{
	size_t here = streams_of(&l->shape);
	size_t there = streams_of(&leg_other_const(l)->shape);
	bool twin = l->policy.form == CONF_SRTP_OFFER_TWO_LINES;
	size_t n = (here > there ? here : there) + twin;
	struct draft *v =
		mem_resize(NULL, 1, sizeof(*v) + n * sizeof(v->local[0]));

	v->d = (struct sdp_draft){ .like = &like->sdp,
		.trusted = l->where == CONF_CORE,
		.host = *host };
	v->nlocal = n;
	v->twin = twin ? &v->local[n - 1] : NULL;
	for (size_t i = 0; i < n; i++)
		mdesc_clear(&v->local[i]);
	return v;
}

static void draft_free(struct draft *v)
{
	for (size_t i = 0; i < v->nlocal; i++)
		mdesc_wipe(&v->local[i]);
	free(v);
}

/* Who knows of recordings is told, and who is called for the first time and
 * may know of them (RFC 7866 7.1.2). */
static const char *record_of(const struct leg *l)
{
	return l->record_aware || (l->side == 1 && !l->confirmed)
		       ? siprec_told(l->call)
		       : NULL;
}

/* Writes leg.next.local; the version of o= grows only with a change. */
static void write_local(struct leg *l, struct draft *v)
{
	struct text t = { 0 };

	v->d.n = l->shape.n;
	for (size_t i = 0; i < v->d.n; i++)
		v->d.part[i].refused = l->shape.refused[i];
	v->d.origin = l->origin;
	v->d.record = record_of(l);
	sdp_write(&t, &v->d);
	if (l->now.local != NULL && strcmp(t.p, l->now.local) != 0) {
		mem_wipe(t.p, t.n);
		text_free(&t);
		v->d.origin.version = ++l->origin.version;
		sdp_write(&t, &v->d);
	}
	/* kept as long as the call: without the room to grow */
	leg_text_set(&l->next.local, slice_dup(text_slice(&t)));
	text_free(&t);
}

/* The main stream's part, which is section `like` of the other description;
 * `off`: it is refused, or there is none. */
static void put_main(struct leg *l, struct draft *v, size_t like, bool off)
{
	size_t at = sdp_shape_find(&l->shape, 0);

	if (off && !has_main(leg_other(l)))
		return;
	if (at == l->shape.n && !sdp_shape_add(&l->shape, 0))
		return;
	v->d.part[at].like = like;
	if (!off)
		v->d.part[at].local = &v->local[0];
}

/* The first offer under `srtp offer two-lines`: the stream that it begins with,
 * which is the sound where there is one, once more in clear. */
static void put_twin(struct leg *l, struct draft *v, bool first)
{
	struct sdp_shape *shape = &l->shape;
	struct sdp_part *part = &v->d.part[0];

	if (!first || v->twin == NULL || l->policy.srtp != CONF_SRTP_FALLBACK ||
		shape->n != 1 || part->local == NULL || !part->local->secure ||
		!sdp_shape_add(shape, SDP_NO_STREAM))
		return;
	shape->twin = 1;
	*v->twin = *part->local;
	v->twin->secure = false;
	v->twin->ncryptos = 0;
	part = &v->d.part[shape->twin];
	part->like = v->d.part[0].like;
	part->local = v->twin;
}

/* Both lines of a stream were offered: which of them was answered? SRTP, if
 * both were. */
static void choose_twin(struct leg *l, struct slice body)
{
	struct sdp_shape *shape = &l->shape;
	int8_t stream = shape->stream[0];
	struct sdp_mline ours, theirs[2];
	struct sdp s;
	size_t at = shape->twin;

	if (at == 0 || desc_local(l) == NULL ||
		sdp_split(&s, slice_str(desc_local(l))) != 0 ||
		at >= s.nmedia ||
		sdp_mline_parse(s.line[s.media[at].first], &ours) != 0 ||
		ours.port == 0)
		return;
	if (sdp_split(&s, body) != 0 || at >= s.nmedia ||
		sdp_mline_parse(s.line[s.media[0].first], &theirs[0]) != 0 ||
		sdp_mline_parse(s.line[s.media[at].first], &theirs[1]) != 0)
		return;
	if (theirs[0].port == 0 && theirs[1].port == 0)
		return;
	if (stream == SDP_NO_STREAM) /* chosen before */
		stream = shape->stream[at];
	shape->stream[0] = theirs[0].port != 0 ? stream : SDP_NO_STREAM;
	shape->stream[at] = theirs[0].port != 0 ? SDP_NO_STREAM : stream;
	l->plain = theirs[0].port == 0; /* SRTP was refused: for good */
}

enum neg_result call_make_offer(struct call *c, int side)
{
	struct leg *l = &c->leg[side];
	struct desc offer;
	struct draft *v;
	struct desc_before before;
	struct addr local = call_media_addr(l, c->media);
	const struct neg_farm farm = { c->core->farm, c->xcode };
	enum neg_result r = read_offer(&offer, leg_other(l));
	bool off = is_off(r, call_streams_offered(leg_other(l)));
	bool first = l->shape.n == 0;

	l->policy.bridged = keys_by_sip(leg_other(l));
	if (r != NEG_OK && !off) {
		desc_wipe(&offer);
		return r;
	}
	v = draft_new(l, &offer, &local);
	desc_before_read(&before, l, 0);
	r = off ? NEG_OK
		: neg_make_offer(&v->local[0], &offer.m, &l->policy, &local,
			  l->plain, &before.b, &farm);
	if (r == NEG_OK) {
		put_main(l, v, offer.at, off);
		put_twin(l, v, first);
		call_streams_offer(l, &v->d, v->local);
		put_twin(l, v, first); /* of a picture alone */
		write_local(l, v);
	}
	draft_free(v);
	desc_wipe(&offer);
	desc_before_wipe(&before);
	return r;
}

enum neg_result call_take_answer(struct call *c, int side, struct slice body)
{
	struct leg *l = &c->leg[side];
	char *had = l->next.remote;
	struct desc answer, offer;
	enum neg_result r;

	choose_twin(l, body);
	r = desc_read(&answer, l, body, 0);

	if (r == NEG_OK && desc_local(l) == NULL)
		r = NEG_BAD_ANSWER;
	if (r == NEG_OK)
		r = desc_read(&offer, l, slice_str(desc_local(l)), 0);
	if (r != NEG_OK && r != NEG_NO_AUDIO) {
		desc_wipe(&answer);
		return r;
	}
	if (r == NEG_OK)
		r = addr_port(&offer.m.rtp) == 0
			    ? NEG_REFUSED_STREAM
			    : neg_take_answer(&answer.m, &offer.m, &l->policy);
	l->next.remote = slice_dup(body);
	if (is_off(r, call_streams_answered(l)))
		r = NEG_OK;
	else if (r == NEG_NO_AUDIO)
		r = NEG_REFUSED_STREAM;
	if (r == NEG_OK && answer.sdp.nmedia <= l->shape.n)
		sdp_shape_note(&l->shape, &answer.sdp);
	if (r == NEG_OK)
		leg_text_set(&had, NULL);
	else
		leg_text_set(&l->next.remote, had);
	desc_wipe(&offer);
	desc_wipe(&answer);
	return r;
}

/* The other leg's answer, with what we did not offer there taken out. */
static enum neg_result read_answer(struct desc *d, const struct leg *l)
{
	struct desc offer;
	enum neg_result r;

	if (desc_remote(l) == NULL || desc_local(l) == NULL)
		return NEG_BAD_ANSWER;
	r = desc_read(d, l, slice_str(desc_remote(l)), 0);
	if (r == NEG_OK)
		r = desc_read(&offer, l, slice_str(desc_local(l)), 0);
	if (r != NEG_OK)
		return r;
	r = addr_port(&offer.m.rtp) == 0
		    ? NEG_REFUSED_STREAM
		    : neg_take_answer(&d->m, &offer.m, &l->policy);
	desc_wipe(&offer);
	return r;
}

/* `instead`: of what the other leg has answered; NULL: that. */
static enum neg_result make_answer(
	struct call *c, int side, const char *instead)
{
	struct leg *l = &c->leg[side];
	struct leg *other = leg_other(l);
	struct desc offer, answer;
	struct draft *v;
	struct desc_before before;
	struct addr local = call_media_addr(l, c->media);
	const struct neg_farm farm = { c->core->farm, c->xcode };
	enum neg_result r = read_offer(&offer, l);
	bool off = is_off(r, call_streams_offered(l)), answered_off = false;

	if (r == NEG_OK || off) {
		r = instead != NULL
			    ? desc_read_apart(&answer, l, slice_str(instead))
			    : read_answer(&answer, other);
		answered_off = is_off(r, call_streams_answered(other));
	}
	if (r != NEG_OK && !answered_off) {
		desc_wipe(&offer);
		return r;
	}
	off |= answered_off;
	v = draft_new(l, &answer, &local);
	desc_before_read(&before, l, 0);
	l->policy.bridged = keys_by_sip(other);
	r = off ? NEG_OK
		: neg_make_answer(&v->local[0], &offer.m, &answer.m, &l->policy,
			  &local, &before.b, &farm);
	if (r == NEG_OK) {
		put_main(l, v, answer.at, off);
		call_streams_answer(l, &v->d, v->local);
		write_local(l, v);
	}
	draft_free(v);
	desc_wipe(&offer);
	desc_wipe(&answer);
	desc_before_wipe(&before);
	return r == NEG_OK ? call_plan_transcoder(c) : r;
}

enum neg_result call_make_answer(struct call *c, int side)
{
	return make_answer(c, side, NULL);
}

/* Of A's codecs the first that we can play to, B's before others. */
static const struct mdesc_codec *playable(
	const struct mdesc *a, const struct mdesc *b)
{
	const struct mdesc_codec *any = NULL;

	for (size_t i = 0; i < a->ncodecs; i++) {
		const struct mdesc_codec *k = &a->codec[i];
		const struct codec *codec =
			codec_find_rtp(k->name, k->rate, k->channels);

		if (codec == NULL || !player_can(codec))
			continue;
		if (b == NULL)
			return k;
		for (size_t n = 0; n < b->ncodecs; n++)
			if (neg_codec_same(&b->codec[n], k))
				return k;
		any = any != NULL ? any : k;
	}
	return any;
}

/* In the words of somebody who wants to be heard by A, from nowhere: only A's
 * answer is made of it. Keys of A's are understood, and go nowhere. */
static char *made_up(const struct mdesc *a, const struct mdesc_codec *k)
{
	struct text t = { 0 }, more = { 0 };

	text_printf(&t,
		"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
		"c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 9 RTP/AVP%s %u",
		a->feedback ? "F" : "", k->pt);
	text_printf(&more, "a=rtpmap:%u %s/%u%s\r\n", k->pt, k->name, k->rate,
		k->channels == 2 ? "/2" : "");
	for (size_t i = 0; i < a->ncodecs; i++) {
		const struct mdesc_codec *ev = &a->codec[i];

		if (strcasecmp(ev->name, "telephone-event") != 0)
			continue;
		text_printf(&t, " %u", ev->pt);
		text_printf(&more, "a=rtpmap:%u %s/%u\r\na=fmtp:%u 0-15\r\n",
			ev->pt, ev->name, ev->rate, ev->pt);
		break;
	}
	text_printf(&t, "\r\n%.*s", SLICE_ARG(text_slice(&more)));
	text_free(&more);
	return text_take(&t);
}

enum neg_result call_answer_ourselves(struct call *c)
{
	struct desc a, b;
	const struct leg *far = &c->leg[1];
	const struct mdesc_codec *k = NULL;
	bool asked =
		desc_local(far) != NULL &&
		desc_read(&b, far, slice_str(desc_local(far)), 0) == NEG_OK;
	enum neg_result r = read_offer(&a, &c->leg[0]);
	char *text;

	if (r == NEG_OK)
		k = playable(&a.m, asked ? &b.m : NULL);
	if (k != NULL) {
		text = made_up(&a.m, k);
		r = make_answer(c, 0, text);
		free(text);
	} else if (r == NEG_OK) {
		r = NEG_NO_CODEC;
	}
	if (asked)
		desc_wipe(&b);
	desc_wipe(&a);
	return r;
}

bool call_offered_secure(const struct call *c, int side)
{
	const struct leg *l = &c->leg[side];
	const char *text = desc_local(l);
	bool secure = false;

	/* without a sound, by what there is */
	for (int k = 0; text != NULL && k < SDP_MEDIA_MAX && !secure; k++) {
		struct desc d;

		if (k > 0 && has_main(l))
			break;
		if (desc_read(&d, l, slice_str(text), k) == NEG_OK)
			secure = neg_keyed(&d.m);
		desc_wipe(&d);
	}
	return secure;
}

bool call_is_protected(const struct call *c, int side)
{
	const struct leg *l = &c->leg[side];
	bool answers = (side == 0) != call_is_late(c);

	if (!call_offered_secure(c, side) || l->clear || l->weak != 0)
		return false;
	if (l->policy.srtp == CONF_SRTP_PASS_THRU)
		return call_passes_known(l);
	/* what answers is in force; an offer may still get RTP */
	return l->policy.srtp == CONF_SRTP_REQUIRED || l->suite != NULL ||
	       (answers && !l->protection_told);
}
