/* What was agreed is put in force on both legs, told and counted; and what
 * could not be agreed. */
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/call/desc.h"
#include "b2bua/offer/srtp_sdes.h"
#include "b2bua/record/siprec.h"
#include "base/metric.h"
#include "base/obj.h"

/* Each decision about protection is an event on its leg, told once. */
static void tell_protection(
	struct leg *l, const struct mdesc *remote, const char *suite)
{
	bool secure = suite != NULL;
	bool fallback =
		!secure &&
		(l->policy.srtp == CONF_SRTP_FALLBACK ||
			l->policy.srtp == CONF_SRTP_PASS_THRU ||
			remote->secure ||
			(remote->raw && l->policy.srtp != CONF_SRTP_OFF));

	l->suite = suite;
	if (l->protection_told && l->fallback == fallback)
		return;
	l->protection_told = true;
	l->fallback = fallback;
	if (l->opaque) {
		metric_inc(M_SEC_SRTP_PASSED);
		log_event(MSG_SEC_SRTP_PASS_THRU, &l->log,
			L_STR("suite", suite), L_STR("number", l->number));
	} else if (secure) {
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
				: l->policy.srtp == CONF_SRTP_PASS_THRU
					? "the far ends have no keys that could pass"
				: !l->policy.keys_allowed
					? "keys are not sent without TLS"
				: remote->secure
					? "its offer of SRTP cannot be taken here, and it takes RTP"
					: "the far end speaks RTP only"));
	}
}

/* A configured weakness is told when it comes into force. */
void call_tell_weak(struct leg *l, struct slice media, unsigned weak)
{
	char text[64];

	if (weak == 0)
		return;
	sdes_weak_text(weak, text, sizeof(text));
	metric_inc(M_SEC_SRTP_WEAK);
	log_event(MSG_SEC_SRTP_WEAK, &l->log, L_SLICE("media", media),
		L_STR("number", l->number), L_STR("parameters", text));
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
	const struct leg *l = &c->leg[side];
	const struct conf_codec_class *cc = l->policy.codecs;
	struct text t = { 0 };
	char text[128];

	if (r != NEG_NO_CODEC || cc == NULL)
		return neg_text(r);
	text_printf(&t, "%s", neg_text(r));
	if (l->peer != NULL) /* of the two: whose class it is */
		text_printf(&t, " at dial-peer %u", l->peer->tag);
	text_printf(&t, ", allowed:");
	for (size_t i = 0; i < cc->n; i++)
		text_printf(&t, " %s/%u", cc->entry[i].codec->rtp_name,
			cc->entry[i].codec->rate);
	slice_fit(text_slice(&t), text, sizeof(text));
	text_free(&t);
	leg_text_set(&c->why_text, mem_dup(text));
	return c->why_text;
}

static void inherit(struct leg *l)
{
	struct call *c = l->call;
	struct takeover *t = &c->take[l->side];

	if (!l->joining || t->inherited || !transfer_inherits(l))
		return;
	c->core->media_ops->inherit(c->media, l->side, t->from->media, t->side);
	t->inherited = true;
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

static void apply(struct leg *l)
{
	struct call *c = l->call;
	struct desc local, remote;
	struct mleg_set set;

	if (l->now.local == NULL || l->now.remote == NULL ||
		desc_read(&local, l, slice_str(l->now.local), 0) != NEG_OK ||
		desc_read(&remote, l, slice_str(l->now.remote), 0) != NEG_OK)
		return;
	neg_leg_set(&set, &local.m, &remote.m, &l->policy);
	if (addr_port(&local.m.rtp) != 0 && addr_port(&remote.m.rtp) != 0) {
		l->opaque = set.opaque;
		tell_protection(l, &remote.m,
			set.opaque ? call_passed_suite(l, &local.m, &remote.m)
			: set.tx.key.n > 0 ? conf_suite_name(set.tx.suite)
					   : NULL);
		if (set.tx.weak != l->weak)
			call_tell_weak(l, SLICE_LIT("sound"), set.tx.weak);
		l->weak = set.tx.weak;
	}
	if (set.raw)
		slice_fit(SLICE_LIT("T.38"), l->codec, sizeof(l->codec));
	set_codec(l, neg_spoken(&(struct neg_pair){ &local.m, &remote.m }));
	neg_events(&l->keys.events, &(struct neg_pair){ &local.m, &remote.m });
	if (set.opaque) /* nobody here can read or write them */
		l->keys.events = (struct neg_events){ .from = MEDIA_NO_PT,
			.to = MEDIA_NO_PT };
	c->hold |= addr_port(&remote.m.rtp) != 0 && held(&remote.m);
	leg_other(l)->other_holds = holds(&remote.m);
	c->core->media_ops->set(c->media, l->side, &set);
	l->hears = set.send && !set.opaque &&
		   neg_side_want(&l->speaks,
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
	call_start_transcoder(c);
	inherit(&c->leg[0]);
	inherit(&c->leg[1]);
	apply(&c->leg[0]);
	apply(&c->leg[1]);
	call_streams_commit(c);
	keys_arrange(c);
	call_sounds(c);
	siprec_follow(c);
	if (c->media != NULL)
		c->core->media_ops->apply(c->media);
}

void call_media_drop(struct call *c)
{
	call_drop_transcoder(c);
	for (int i = 0; i < 2; i++) {
		leg_text_set(&c->leg[i].next.local, NULL);
		leg_text_set(&c->leg[i].next.remote, NULL);
	}
	if (c->media == NULL)
		return;
	call_streams_commit(c); /* what was opened in vain is closed */
	c->core->media_ops->apply(c->media);
}
