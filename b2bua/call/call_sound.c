/*
 * What a leg hears from us in place of the other one: music while that one
 * holds, ringback while it rings without a sound, and why there will be no
 * call before it is refused.
 *
 * For the latter two A is answered by ourselves, in early media: its offer is
 * met by an answer that we make up for B (RFC 3960 3, the gateway model).
 * Where B's own answer is another one in the end, A is offered that anew.
 */
#include "b2bua/call/call_int.h"
#include "b2bua/call/desc.h"
#include "base/metric.h"
#include "base/obj.h"
#include "media/player.h"

enum { GONE_SECONDS = 4 }; /* for an answer to our CANCEL */

/* ---- hold music, ringback ---- */

/* Of callers of that peer; NULL: none. */
static struct sound *ringback(
	const struct conf_dial_peer *p, const struct core *core)
{
	if (p == NULL || (!p->ringback && p->ringback_file == NULL))
		return NULL;
	return core_sound(
		core, SOUND_RINGBACK, p->ringback_file != NULL ? p->tag : 0, 0);
}

static struct sound *wanted(const struct leg *l)
{
	const struct call *c = l->call;
	const struct conf_moh_group *m = l->peer != NULL ? l->peer->moh : NULL;

	if (!l->hears)
		return NULL;
	if (l->side == 0 && c->ringback)
		return ringback(c->leg[1].peer, c->core);
	if (m != NULL && l->other_holds && c->state >= CALL_UP)
		return core_sound(c->core, SOUND_MUSIC, m->tag, 0);
	return NULL;
}

static bool play(struct leg *l, struct sound *s, bool once)
{
	struct call *c = l->call;
	int err = c->core->media_ops->play(
		c->media, l->side, s, &l->speaks, once);

	if (err != 0) /* what was heard was of another codec */
		(void)!c->core->media_ops->play(
			c->media, l->side, NULL, &l->speaks, false);
	l->played = err == 0 ? s : NULL;
	l->play = l->speaks;
	return l->played != NULL;
}

/* It begins, goes on in the codec of now, or ends. */
static void follow(struct leg *l)
{
	struct sound *s = wanted(l);
	bool begins = s != l->played;

	if (!begins && (s == NULL || xcode_side_equal(&l->play, &l->speaks)))
		return;
	if (play(l, s, false) && begins)
		metric_inc(l->call->ringback ? M_MEDIA_RINGBACK
					     : M_MEDIA_HOLD_MUSIC);
}

void call_sounds(struct call *c)
{
	if (c->state == CALL_TELLING)
		return; /* its sound has its time */
	follow(&c->leg[0]);
	follow(&c->leg[1]);
}

/* ---- early media of ours ---- */

/* A's invitation can still be met by an answer of ours. */
static bool may_answer(const struct call *c)
{
	return c->invite != NULL && !c->late && !c->forced;
}

bool call_ring(struct call *c, const struct sip_msg *m)
{
	const struct leg *b = &c->leg[1];

	if (c->ringback)
		return true;
	if (m->status != 180 || call_is_sdp(m) || !may_answer(c) ||
		b->now.remote != NULL || ringback(b->peer, c->core) == NULL ||
		call_answer_ourselves(c) != NEG_OK)
		return false;
	c->ringback = true;
	call_media_commit(c);
	log_debug(DEBUG_SIP_CALLS, &c->leg[0].log, "ringback begins");
	return true;
}

void call_ringback_end(struct call *c)
{
	c->ringback = false;
}

/* ---- announcements ---- */

static struct sound *announcement(const struct call *c)
{
	const struct conf_dial_peer *p = c->leg[0].peer;
	struct sound *other, *s;
	unsigned tag;

	if (p == NULL || p->announcement == NULL)
		return NULL;
	tag = p->announcement->tag;
	other = core_sound(c->core, SOUND_REFUSAL, tag, 0);
	s = core_sound(c->core, SOUND_REFUSAL, tag, c->refused_q850);
	return s != other ? s
			  : core_sound(c->core, SOUND_REFUSAL, tag,
				    (unsigned)c->fail.status);
}

static bool tells(struct call *c, const struct sip_msg *m)
{
	c->refused_q850 = m != NULL ? cause_told(m) : call_end_cause(c);
	return may_answer(c) && c->fail.status >= 400 &&
	       c->fail.status != 401 && c->fail.status != 407 &&
	       desc_remote(&c->leg[0]) != NULL && announcement(c) != NULL;
}

void call_refuse_a(struct call *c, const struct sip_msg *m)
{
	call_post(c, tells(c, m) ? EV_TELL : EV_FAIL);
}

static void on_told_timer(void *arg)
{
	call_event(arg, &(struct event){ .what = EV_TIMEOUT });
}

/* B is cancelled; when it has gone A hears why. One that answers in that very
 * moment has the call (RFC 3261 9.1). */
void call_ring_timeout(struct call *c, const struct event *e)
{
	struct sip_port *port = c->core->port;

	(void)e;
	call_fail(c, REFUSE_RING_TIMEOUT);
	if (c->no_answer || !c->leg[1].invite_pending || !tells(c, NULL)) {
		call_post(c, EV_HANGUP);
		return;
	}
	call_end_b(c, &(struct leg_msg){ .why = &c->fail });
	c->no_answer = true;
	port->ops->timer_stop(port, &c->timer);
	port->ops->timer_start(
		port, &c->timer, GONE_SECONDS * 1000, on_told_timer, c);
}

/* A hears it; false: that cannot be, for whatever reason. */
static bool begin_telling(struct call *c)
{
	struct leg *a = &c->leg[0];

	if (call_media_open(c) != 0)
		return false;
	if (a->now.local == NULL) {
		if (call_answer_ourselves(c) != NEG_OK)
			return false;
		call_media_commit(c);
	}
	return a->hears && play(a, announcement(c), true);
}

void call_tell(struct call *c, const struct event *e)
{
	struct sip_port *port = c->core->port;
	struct leg *a = &c->leg[0];
	struct leg_msg lm = { 0 };

	port->ops->timer_stop(port, &c->timer);
	call_ringback_end(c);
	if (!begin_telling(c)) {
		call_post(c, EV_FAIL);
		return;
	}
	metric_inc(M_MEDIA_ANNOUNCEMENTS);
	c->media_told = true;
	if (e->m != NULL && e->m->response)
		c->refusal = sip_msg_dup(e->m);
	if (!a->settled)
		lm.body = a->now.local;
	lm.reliable = call_rel_to_a(c, NULL, lm.body != NULL);
	if (lm.reliable && lm.body != NULL)
		a->settled = true;
	leg_answer(a, c->invite, 183, &lm);
	port->ops->timer_start(port, &c->timer, (SOUND_SECONDS_MAX + 10) * 1000,
		on_told_timer, c);
}

/* It is over: now the refusal, as it came. */
void call_told(struct call *c, const struct event *e)
{
	(void)e;
	call_give_up(c,
		&(struct event){ .what = EV_FAIL, .side = 1, .m = c->refusal });
}

/* The caller wants something of a call that will not be. */
void call_tell_only(struct call *c, const struct event *e)
{
	if (e->what == EV_PRACK && e->m->body.n == 0)
		leg_answer(
			&c->leg[e->side], e->txn, 200, &(struct leg_msg){ 0 });
	else
		core_refuse(c->core, e->txn, REFUSE_BEING_REFUSED);
}
