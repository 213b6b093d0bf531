/* A call's media: where its sockets are, what media tells of them, its end. */
#include <stdlib.h>
#include <string.h>

#include "b2bua/call/call_int.h"
#include "b2bua/call/media_place.h"
#include "base/histogram.h"
#include "base/metric.h"
#include "base/obj.h"
#include "media/quality.h"

static struct media_place place_of(const struct leg *l)
{
	return (struct media_place){ .core = l->call->core,
		.conf = l->call->conf,
		.listener = l->listener,
		.where = l->where,
		.peer = l->peer };
}

static struct addr bind_addr(const struct leg *l)
{
	const struct media_place p = place_of(l);

	return media_place_bind(&p);
}

struct addr call_media_addr(const struct leg *l, const struct mcall *mc)
{
	const struct media_place p = place_of(l);
	struct addr bound = l->call->core->media_ops->local(mc, l->side);

	return media_place_told(&p, &bound);
}

/* Something came on another stream since, or this one may be silent for long:
 * floor control says little. */
static bool lives_on(const struct call *c, const struct media_event *ev)
{
	uint32_t limit = c->conf->voip.inactivity_seconds * 1000;
	int told = call_stream_of(c, ev->call);

	if ((c->datagrams & 1u << told) != 0)
		return true;
	for (int k = 0; k < SDP_MEDIA_MAX; k++) {
		const struct mcall *mc = k == 0 ? c->media : c->extra[k];

		for (int side = 0; mc != NULL && k != told && side < 2;
			side++) {
			struct mleg_stats st;

			c->core->media_ops->stats(mc, side, &st);
			if (st.rx_idle_ms < limit)
				return true;
		}
	}
	return false;
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
		if (c->hold || c->state != CALL_UP || lives_on(c, ev))
			return;
		metric_inc(M_CALL_MEDIA_INACTIVE);
		log_event(MSG_CALL_MEDIA_INACTIVE, &c->leg[0].log,
			L_INT("seconds", c->conf->voip.inactivity_seconds));
		call_fail(c, REFUSE_MEDIA_SILENT);
		break;
	case MEDIA_SOCKET:
		log_event(MSG_CALL_MEDIA_SOCKET, &c->leg[0].log,
			L_STR("reason", strerrordesc_np(ev->err)));
		call_fail(c, REFUSE_MEDIA_SOCKET);
		break;
	case MEDIA_ONEWAY:
	case MEDIA_ONEWAY_ENDED:
		call_oneway(c, ev);
		return;
	case MEDIA_KEY:
		keys_heard(c, ev->side, ev);
		return;
	case MEDIA_PLAYED:
		call_event(c, &(struct event){ .what = EV_PLAYED });
		return;
	case MEDIA_LOOP:
		call_fail(c, REFUSE_MEDIA_LOOP);
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

bool call_media_stays(const struct call *c, int side)
{
	struct addr wanted = bind_addr(&c->leg[side]), had;

	if (c->media == NULL)
		return true;
	had = c->core->media_ops->local(c->media, side);
	return addr_same_host(&had, &wanted);
}

int call_media_open(struct call *c)
{
	int err;
	struct core *core = c->core;
	struct mcall_params p = {
		.local = { bind_addr(&c->leg[0]), bind_addr(&c->leg[1]) },
		.inactivity_ms = c->conf->voip.inactivity_seconds * 1000,
		.oneway_ms = c->conf->voip.oneway_seconds * 1000,
		.new_port = { c->leg[0].policy.latch_once,
			c->leg[1].policy.latch_once },
		.beside = beside(c),
		.log = c->leg[0].log,
		.event = on_media,
		.owner = c,
	};

	if (!addr_is_set(&p.local[1])) /* there is no B */
		p.local[1] = p.local[0];
	if (c->media != NULL) {
		if (c->media_told || call_media_stays(c, 1))
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
		.inactivity_ms = c->conf->voip.inactivity_seconds * 1000,
		.oneway_ms = c->conf->voip.oneway_seconds * 1000,
		.new_port = { c->leg[0].policy.latch_once,
			c->leg[1].policy.latch_once },
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
	call_oneway_forget(c, 0);
	c->plan.planned = false;
	c->plan.xcode = obj_unref(c->plan.xcode);
	c->xcode = obj_unref(c->xcode);
}
