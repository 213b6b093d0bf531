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

#include "b2bua/fit.h"
#include "b2bua/call_int.h"
#include "b2bua/desc.h"
#include "base/histogram.h"
#include "base/metric.h"
#include "base/obj.h"
#include "media/quality.h"

static void inherit(struct leg *l)
{
	struct call *c = l->call;
	struct takeover *t = &c->take[l->side];

	if (!l->joining || t->inherited || !transfer_inherits(l))
		return;
	c->core->media_ops->inherit(c->media, l->side, t->from->media, t->side);
	t->inherited = true;
}

/* ---- our addresses ---- */

static const struct conf_listener *listener_of(const struct leg *l)
{
	return conf_find_listener(l->call->conf, l->listener);
}

static struct addr bind_addr(const struct leg *l)
{
	const struct conf *conf = l->call->conf;
	const struct conf_listener *cl = listener_of(l);
	const struct conf_interface *i = conf_peer_media(conf, l->peer);
	bool v6 = cl != NULL && cl->addr.sa.sa_family == AF_INET6;
	struct addr a = { 0 };

	if (i != NULL)
		a = i->addr[v6];
	if (!addr_is_set(&a))
		a = conf->voip.media_addr[l->where];
	if (!addr_is_set(&a) && cl != NULL)
		a = cl->addr;
	if (addr_is_set(&a))
		addr_set_port(&a, 0);
	return a;
}

/* The address to put into SDP: advertised, else bound; where the listener is
 * bound to any address, what our Contact says. */
struct addr call_media_addr(const struct leg *l, const struct mcall *mc)
{
	const struct core *core = l->call->core;
	const struct conf *conf = l->call->conf;
	const struct conf_listener *cl = listener_of(l);
	struct addr bound = core->media_ops->local(mc, l->side);
	bool elsewhere = conf_peer_media(conf, l->peer) != NULL && cl != NULL &&
			 !addr_same_host(&bound, &cl->addr);
	struct addr a = conf->voip.media_advertise[l->where];
	char host[256];
	struct sip_uri u;

	if (elsewhere)
		return bound; /* an interface of its own, advertised nowhere */
	if (!addr_is_set(&a) &&
		!addr_is_set(&conf->voip.media_addr[l->where]) && cl != NULL)
		a = cl->advertise;
	if (!addr_is_set(&a))
		a = bound;
	if (addr_is_any(&a) && core->port->ops->contact_host(core->port,
				       l->listener, host, sizeof(host))) {
		char *uri = mem_printf("sip:%s", host);

		if (sip_uri_parse(slice_str(uri), &u) == 0)
			if (addr_parse(&a, u.host, 0) != 0)
				a = bound;
		free(uri);
	}
	addr_set_port(&a, addr_port(&bound));
	return a;
}

static void on_media(void *owner, const struct media_event *ev)
{
	struct call *c = owner;

	switch (ev->kind) {
	case MEDIA_LATCHED:
		log_debug(DEBUG_MEDIA, &c->leg[ev->side].log,
			"remote address latched");
		return;
	case MEDIA_INACTIVE:
		/* agreed on, or nobody is expected to talk yet (told again) */
		if (c->hold || c->state != CALL_UP)
			return;
		metric_inc(M_CALL_MEDIA_INACTIVE);
		log_event(MSG_CALL_MEDIA_INACTIVE, &c->leg[0].log,
			L_INT("seconds", c->conf->voip.inactivity_seconds));
		c->fail = (struct fail){ .status = 408, .q850 = 102 };
		break;
	case MEDIA_SOCKET:
		log_event(MSG_CALL_MEDIA_SOCKET, &c->leg[0].log,
			L_STR("reason", strerrordesc_np(ev->err)));
		c->fail = (struct fail){ .status = 500, .q850 = 41 };
		break;
	case MEDIA_ONEWAY:
	case MEDIA_ONEWAY_ENDED:
		call_oneway(c, ev);
		return;
	case MEDIA_KEY:
		keys_heard(c, ev->side, ev);
		return;
	case MEDIA_LOOP:
		c->fail = (struct fail){ .status = 482, .q850 = 25 };
		break;
	}
	call_event(c, &(struct event){ .what = EV_HANGUP });
}

static const struct mcall *beside(const struct call *c)
{
	for (int i = 0; i < 2; i++)
		if (c->take[i].from != NULL && c->take[i].from->media != NULL)
			return c->take[i].from->media;
	return NULL;
}

int call_media_open(struct call *c)
{
	int err;
	struct core *core = c->core;
	struct mcall_params p = {
		.local = { bind_addr(&c->leg[0]), bind_addr(&c->leg[1]) },
		.inactivity_ms = c->conf->voip.inactivity_seconds * 1000,
		.oneway_ms = c->conf->voip.oneway_seconds * 1000,
		.beside = beside(c),
		.log = c->leg[0].log,
		.event = on_media,
		.owner = c,
	};

	if (c->media != NULL) {
		struct addr had = core->media_ops->local(c->media, 1);

		if (c->media_told || addr_same_host(&had, &p.local[1]))
			return 0;
		call_end_media(c);
	}
	err = core->media_ops->open(&c->media, core->media, &p);
	if (err == 0)
		call_capture_media(c);
	return err;
}

/* How each leg of a call that was answered has sounded. */
static void note_quality(struct call *c)
{
	for (int i = 0; i < 2; i++) {
		struct mleg_stats st;
		struct quality q;

		c->core->media_ops->stats(c->media, i, &st);
		quality_read(&q, &st, c->leg[i].codec);
		if (q.rx.known) {
			histogram_add(
				H_MEDIA_MOS_RECEIVED, q.rx.mos_hundredths);
			histogram_add(
				H_MEDIA_LOSS_RECEIVED, q.rx.loss_permyriad);
			histogram_add(H_MEDIA_JITTER_RECEIVED, q.rx.jitter_us);
		}
		if (q.tx.known) {
			histogram_add(
				H_MEDIA_MOS_REPORTED, q.tx.mos_hundredths);
			histogram_add(
				H_MEDIA_LOSS_REPORTED, q.tx.loss_permyriad);
		}
		if (st.rtt_us > 0)
			histogram_add(H_MEDIA_ROUND_TRIP, st.rtt_us);
	}
}

int call_media_more(struct call *c, struct mcall **out)
{
	struct mcall_params p = {
		.beside = c->media,
		.local = { bind_addr(&c->leg[0]), bind_addr(&c->leg[1]) },
		.log = c->leg[0].log,
		.event = on_media,
		.owner = c,
	};

	int err = c->core->media_ops->open(out, c->core->media, &p);

	if (err == 0 && c->capture != NULL)
		c->core->media_ops->capture(*out, c->capture);
	return err;
}

void call_end_media(struct call *c)
{
	call_streams_end(c);
	if (c->media != NULL && c->up_ms != 0)
		note_quality(c);
	if (c->media != NULL)
		c->core->media_ops->close(c->media);
	c->media = NULL;
	c->plan.planned = false;
	c->plan.xcode = obj_unref(c->plan.xcode);
	c->xcode = obj_unref(c->xcode);
}

/* ---- the four steps ---- */

bool call_is_sdp(const struct sip_msg *m)
{
	struct slice type = sip_msg_header(m, "Content-Type");

	type = slice_trim(slice_head(type, slice_find(type, ';')));
	return m->body.n > 0 && slice_caseeq_str(type, "application/sdp");
}

/* The main stream may be refused while others are there: fax beside a sound
 * that is switched off. */
static bool is_off(enum neg_result r, bool others)
{
	return r == NEG_REFUSED_STREAM && others;
}

static enum neg_result choose_main(struct desc *d, const struct leg *l)
{
	size_t refused, at = call_choose_main(l, &d->sdp, d->at);
	int err;

	if (sdp_shape_find(&l->shape, 0) < l->shape.n || at == d->at)
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
	enum neg_result r = desc_read(&d, body, &l->shape, 0);

	if (r == NEG_OK)
		r = choose_main(&d, l);
	if (r != NEG_OK)
		return r;
	call_streams_note(l, &d.sdp, d.at);
	l->next.remote = slice_dup(body);
	r = neg_take_offer(&d.m, &l->policy);
	if (is_off(r, call_streams_offered(l)))
		r = NEG_OK;
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
	r = desc_read(d, slice_str(desc_remote(l)), &l->shape, 0);
	if (l->call->forced && l->side == 0 && (!l->confirmed || l->joining))
		return r; /* ours: A's own comes later, and is judged then */
	return r == NEG_OK ? neg_take_offer(&d->m, &l->policy) : r;
}

/* A description of ours on its way: what it is like, and our side of each
 * stream. On the heap: it is large. */
struct draft {
	struct sdp_draft d;
	struct mdesc local[SDP_MEDIA_MAX], twin;
};

static struct draft *draft_new(
	const struct leg *l, const struct desc *like, const struct addr *host)
{
	struct draft *v = mem_new(sizeof(*v));

	v->d = (struct sdp_draft){ .like = &like->sdp,
		.trusted = l->where == CONF_CORE,
		.host = *host };
	return v;
}

static void draft_free(struct draft *v)
{
	mem_wipe(v->local, sizeof(v->local));
	mem_wipe(&v->twin, sizeof(v->twin));
	free(v);
}

/* Writes leg.next.local; the version of o= grows only with a change. */
static void write_local(struct leg *l, struct draft *v)
{
	struct text t = { 0 };

	v->d.n = l->shape.n;
	for (size_t i = 0; i < v->d.n; i++)
		v->d.part[i].refused = l->shape.sec[i].refused;
	v->d.origin = l->origin;
	sdp_write(&t, &v->d);
	if (l->now.local != NULL && strcmp(t.p, l->now.local) != 0) {
		mem_wipe(t.p, t.n);
		text_free(&t);
		v->d.origin.version = ++l->origin.version;
		sdp_write(&t, &v->d);
	}
	leg_text_set(&l->next.local, text_take(&t));
}

/* The main stream's part, which is section `like` of the other description;
 * `off`: it is refused. */
static void put_main(struct leg *l, struct draft *v, size_t like, bool off)
{
	size_t at = sdp_shape_find(&l->shape, 0);

	if (at == l->shape.n && !sdp_shape_add(&l->shape, 0))
		return;
	v->d.part[at].like = like;
	if (!off)
		v->d.part[at].local = &v->local[0];
}

/* The first offer under `srtp offer two-lines`: the same sound in clear. */
static void put_twin(struct leg *l, struct draft *v, bool first)
{
	struct sdp_shape *shape = &l->shape;
	struct sdp_part *part;

	if (!first || l->policy.form != CONF_SRTP_OFFER_TWO_LINES ||
		l->policy.srtp != CONF_SRTP_FALLBACK || !v->local[0].secure ||
		shape->n != 1 || !sdp_shape_add(shape, SDP_NO_STREAM))
		return;
	shape->twin = 1;
	v->twin = v->local[0];
	v->twin.secure = false;
	v->twin.ncryptos = 0;
	part = &v->d.part[shape->twin];
	part->like = v->d.part[0].like;
	part->local = &v->twin;
}

/* Both lines of the sound were offered: which of them was answered? SRTP, if
 * both were. */
static void choose_twin(struct leg *l, struct slice body)
{
	struct sdp_shape *shape = &l->shape;
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
	shape->sec[0].stream = theirs[0].port != 0 ? 0 : SDP_NO_STREAM;
	shape->sec[at].stream = theirs[0].port != 0 ? SDP_NO_STREAM : 0;
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
	r = desc_read(&answer, body, &l->shape, 0);

	if (r == NEG_OK && desc_local(l) == NULL)
		r = NEG_BAD_ANSWER;
	if (r == NEG_OK)
		r = desc_read(&offer, slice_str(desc_local(l)), &l->shape, 0);
	if (r != NEG_OK) {
		desc_wipe(&answer);
		return r;
	}
	r = addr_port(&offer.m.rtp) == 0
		    ? NEG_REFUSED_STREAM
		    : neg_take_answer(&answer.m, &offer.m, &l->policy);
	l->next.remote = slice_dup(body);
	if (is_off(r, call_streams_answered(l)))
		r = NEG_OK;
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
	r = desc_read(d, slice_str(desc_remote(l)), &l->shape, 0);
	if (r == NEG_OK)
		r = desc_read(&offer, slice_str(desc_local(l)), &l->shape, 0);
	if (r != NEG_OK)
		return r;
	r = addr_port(&offer.m.rtp) == 0
		    ? NEG_REFUSED_STREAM
		    : neg_take_answer(&d->m, &offer.m, &l->policy);
	desc_wipe(&offer);
	return r;
}

/* ---- a transcoder, when the two answers differ ---- */

static bool pair_read(struct desc d[2], struct neg_pair *out, struct leg *l)
{
	const char *local = desc_local(l), *remote = desc_remote(l);

	*out = (struct neg_pair){ &d[0].m, &d[1].m };
	return local != NULL && remote != NULL &&
	       desc_read(&d[0], slice_str(local), &l->shape, 0) == NEG_OK &&
	       desc_read(&d[1], slice_str(remote), &l->shape, 0) == NEG_OK;
}

/* What both legs will speak; false: no transcoder is needed. */
static bool transcoder_needed(
	struct call *c, struct xcode_want *want, bool *can_do_without)
{
	struct desc d[2][2];
	struct neg_pair pair[2];
	bool bridged = keys_by_sip(&c->leg[0]) || keys_by_sip(&c->leg[1]);
	bool needed = pair_read(d[0], &pair[0], &c->leg[0]) &&
		      pair_read(d[1], &pair[1], &c->leg[1]) &&
		      addr_port(&d[0][1].m.rtp) != 0 &&
		      addr_port(&d[1][1].m.rtp) != 0 &&
		      neg_xcode_want(want, pair, bridged);

	*can_do_without = needed && neg_can_relay(pair);
	for (unsigned i = 0; i < 4; i++)
		desc_wipe(&d[i / 2][i % 2]);
	return needed;
}

static void plan_set(struct call *c, struct xcode *x)
{
	obj_unref(c->plan.xcode);
	c->plan.xcode = x;
	c->plan.planned = true;
}

/* Both answers are known: the session is taken now, while the call can still
 * be refused. One that does the same already goes on. */
static enum neg_result plan_transcoder(struct call *c)
{
	struct xcode_want want;
	struct xcode *x = NULL;
	bool can_do_without = false;
	int err;

	if (!transcoder_needed(c, &want, &can_do_without)) {
		plan_set(c, NULL);
		return NEG_OK;
	}
	if (c->xcode != NULL &&
		xcode_want_equal(xcode_wanted(c->xcode), &want)) {
		plan_set(c, obj_ref(c->xcode));
		return NEG_OK;
	}
	err = xcode_reserve(&x, c->core->farm, &want, c->xcode);
	if (err != 0 && !can_do_without)
		return err == EAGAIN ? NEG_NO_TRANSCODER : NEG_NO_CODEC;
	plan_set(c, x);
	return NEG_OK;
}

static void start_transcoder(struct call *c)
{
	if (!c->plan.planned)
		return;
	c->plan.planned = false;
	if (c->plan.xcode != c->xcode)
		c->core->media_ops->transcode(c->media, c->plan.xcode);
	obj_unref(c->xcode);
	c->xcode = c->plan.xcode;
	c->plan.xcode = NULL;
}

static void drop_transcoder(struct call *c)
{
	c->plan.planned = false;
	c->plan.xcode = obj_unref(c->plan.xcode);
}

enum neg_result call_make_answer(struct call *c, int side)
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
		r = read_answer(&answer, other);
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
	return r == NEG_OK ? plan_transcoder(c) : r;
}

bool call_offered_secure(const struct call *c, int side)
{
	const char *text = desc_local(&c->leg[side]);
	struct desc d;
	bool secure;

	if (text == NULL || desc_read(&d, slice_str(text), &c->leg[side].shape,
				    0) != NEG_OK)
		return false;
	secure = neg_keyed(&d.m);
	desc_wipe(&d);
	return secure;
}

bool call_is_protected(const struct call *c, int side)
{
	const struct leg *l = &c->leg[side];
	bool answers = (side == 0) != call_is_late(c);

	if (!call_offered_secure(c, side) || l->clear)
		return false;
	/* what answers is in force; an offer may still get RTP */
	return l->policy.srtp == CONF_SRTP_REQUIRED || l->suite != NULL ||
	       (answers && !l->protection_told);
}

/* ---- putting it in force ---- */

/* Each decision about protection is an event on its leg, told once. */
static void tell_protection(
	struct leg *l, const struct mdesc *remote, const char *suite)
{
	bool secure = suite != NULL;
	bool fallback =
		!secure &&
		(l->policy.srtp == CONF_SRTP_FALLBACK || remote->secure ||
			(remote->raw && l->policy.srtp != CONF_SRTP_OFF));

	l->suite = suite;
	if (l->protection_told && l->fallback == fallback)
		return;
	l->protection_told = true;
	l->fallback = fallback;
	if (secure) {
		metric_inc(M_SEC_SRTP_LEGS);
		log_event(MSG_SEC_SRTP_ON, &l->log, L_STR("suite", suite),
			L_STR("number", l->number));
	} else if (fallback) {
		metric_inc(M_SEC_SRTP_FALLBACK);
		log_event(MSG_SEC_SRTP_FALLBACK, &l->log,
			L_STR("number", l->number),
			L_INT("peer", l->peer != NULL ? l->peer->tag : 0),
			L_STR("reason",
				remote->raw ? "fax by UDPTL is not encrypted"
				: l->plain  ? "the far end refused SRTP"
				: !l->policy.keys_allowed
					? "keys are not sent without TLS"
				: remote->secure
					? "its offer of SRTP cannot be taken here, and it takes RTP"
					: "the far end speaks RTP only"));
	}
}

void call_media_refused(struct call *c, int side, enum neg_result r)
{
	struct leg *l = &c->leg[side];

	if (r == NEG_NO_TRANSCODER) {
		metric_inc(M_XCODE_REFUSED);
		log_event(MSG_CALL_NO_TRANSCODER, &l->log,
			L_STR("number", l->number));
		return;
	}
	if (r != NEG_SRTP_REQUIRED && r != NEG_NO_CRYPTO &&
		r != NEG_KEYS_NOT_ALLOWED && r != NEG_SRTP_FORBIDDEN &&
		r != NEG_CLEAR_FORBIDDEN && r != NEG_BAD_KEY &&
		r != NEG_CRYPTO_PARAMS) {
		metric_inc(M_CALL_MEDIA_REFUSED);
		return;
	}
	metric_inc(M_SEC_SRTP_REFUSED);
	log_event(MSG_SEC_SRTP_REFUSED, &l->log, L_STR("number", l->number),
		L_STR("reason", neg_text(r)));
}

const char *call_neg_text(struct call *c, int side, enum neg_result r)
{
	const struct conf_codec_class *cc = c->leg[side].policy.codecs;
	struct text t = { 0 };

	if (r != NEG_NO_CODEC || cc == NULL)
		return neg_text(r);
	text_printf(&t, "%s, allowed:", neg_text(r));
	for (size_t i = 0; i < cc->n; i++)
		text_printf(&t, " %s/%u", cc->entry[i].codec->rtp_name,
			cc->entry[i].codec->rate);
	slice_fit(text_slice(&t), c->why_text, sizeof(c->why_text));
	text_free(&t);
	return c->why_text;
}

static void set_codec(struct leg *l, const struct mdesc_codec *c)
{
	struct text t = { 0 };

	if (c == NULL)
		return;
	text_printf(&t, "%s/%u", c->name, c->rate);
	slice_fit(text_slice(&t), l->codec, sizeof(l->codec));
	text_free(&t);
}

static bool held(const struct mdesc *d)
{
	return d->dir != MDESC_SENDRECV || addr_is_any(&d->rtp);
}

/* Its author wants to hear nothing. */
static bool holds(const struct mdesc *d)
{
	return d->dir == MDESC_SENDONLY || d->dir == MDESC_INACTIVE ||
	       addr_is_any(&d->rtp);
}

/* Hold music begins, goes on in the codec of now, or ends. */
static void play(struct leg *l)
{
	struct call *c = l->call;
	const struct conf_moh_group *m = l->peer != NULL ? l->peer->moh : NULL;
	struct sound *s =
		m != NULL && l->other_holds && l->hears && c->state >= CALL_UP
			? core_sound(c->core, m->tag)
			: NULL;

	if (s == NULL && !l->playing)
		return;
	if (s != NULL && l->playing && xcode_side_equal(&l->play, &l->speaks))
		return;
	l->playing = c->core->media_ops->play(
			     c->media, l->side, s, &l->speaks) == 0 &&
		     s != NULL;
	l->play = l->speaks;
	if (l->playing)
		metric_inc(M_MEDIA_HOLD_MUSIC);
}

static void apply(struct leg *l)
{
	struct call *c = l->call;
	struct desc local, remote;
	struct mleg_set set;

	if (l->now.local == NULL || l->now.remote == NULL ||
		desc_read(&local, slice_str(l->now.local), &l->shape, 0) !=
			NEG_OK ||
		desc_read(&remote, slice_str(l->now.remote), &l->shape, 0) !=
			NEG_OK)
		return;
	neg_leg_set(&set, &local.m, &remote.m, &l->policy);
	if (addr_port(&local.m.rtp) != 0 && addr_port(&remote.m.rtp) != 0)
		tell_protection(l, &remote.m,
			set.tx.key.n > 0 ? conf_suite_name(set.tx.suite)
					 : NULL);
	if (set.raw)
		slice_fit(SLICE_LIT("T.38"), l->codec, sizeof(l->codec));
	set_codec(l, neg_spoken(&(struct neg_pair){ &local.m, &remote.m }));
	neg_events(&l->keys.events, &(struct neg_pair){ &local.m, &remote.m });
	c->hold |= addr_port(&remote.m.rtp) != 0 && held(&remote.m);
	leg_other(l)->other_holds = holds(&remote.m);
	c->core->media_ops->set(c->media, l->side, &set);
	l->hears =
		set.send && neg_side_want(&l->speaks,
				    &(struct neg_pair){ &local.m, &remote.m });
	mem_wipe(&set, sizeof(set));
	desc_wipe(&local);
	desc_wipe(&remote);
}

void call_media_commit(struct call *c)
{
	c->hold = false;
	for (int i = 0; i < 2; i++) {
		struct leg *l = &c->leg[i];

		if (l->next.local != NULL) {
			leg_text_set(&l->now.local, l->next.local);
			l->next.local = NULL;
		}
		if (l->next.remote != NULL) {
			leg_text_set(&l->now.remote, l->next.remote);
			l->next.remote = NULL;
		}
	}
	start_transcoder(c);
	inherit(&c->leg[0]);
	inherit(&c->leg[1]);
	apply(&c->leg[0]);
	apply(&c->leg[1]);
	call_streams_commit(c);
	keys_arrange(c);
	play(&c->leg[0]);
	play(&c->leg[1]);
}

void call_media_drop(struct call *c)
{
	drop_transcoder(c);
	for (int i = 0; i < 2; i++) {
		leg_text_set(&c->leg[i].next.local, NULL);
		leg_text_set(&c->leg[i].next.remote, NULL);
	}
	if (c->media != NULL)
		call_streams_commit(c); /* what was opened in vain is closed */
}
