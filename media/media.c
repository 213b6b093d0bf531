/*
 * Media as call logic sees it: the sip thread's side of calls. See media.h.
 *
 * An mcall is shared between two threads without a lock: the bridge in it is
 * the worker's from the first message on, everything else is the sip thread's.
 * Messages are run in the order in which they were sent, so that the worker
 * sees start, sets and stop as they were called. Events go the other way, each
 * with a reference, and end at a closed call.
 */
#include "media/media.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"
#include "base/metric.h"
#include "base/open_files.h"
#include "media/circle.h"
#include "media/media_int.h"
#include "media/reserve.h"
#include "media/worker.h"

struct media {
	unsigned n_workers;
	struct worker *worker[MEDIA_WORKERS_MAX];
	_Atomic unsigned calls[MEDIA_WORKERS_MAX]; /* by worker */
	struct ports *ports;
	struct circle circle; /* of the calls not closed; the sip thread's */
	struct mq *events; /* borrowed */
};

struct mcall {
	struct media *media; /* owned */
	unsigned home; /* the worker's number */
	bool closed;
	struct log_ctx log;
	media_event_fn *event;
	void *owner;
	struct circle_leg way[2]; /* in media->circle until closed */
	struct bridge bridge; /* the worker's */
	struct mq_node start, stop;
};
FITS_BLOCK(struct mcall, 2048);

/* --- the whole --- */

static void media_free(void *p)
{
	struct media *m = p;

	ports_free(m->ports);
}

int media_start(struct media **out, const struct media_params *p)
{
	struct media *m = obj_new(sizeof(*m), media_free);
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned wanted = p->workers;
	int err = 0;

	if (wanted == 0)
		wanted = online > 0 ? (unsigned)online : 1;
	if (wanted > MEDIA_WORKERS_MAX)
		wanted = MEDIA_WORKERS_MAX;
	m->events = p->events;
	m->ports = ports_new(p->rtp_min, p->rtp_max);
	while (m->n_workers < wanted && err == 0) {
		err = worker_start(
			&m->worker[m->n_workers], m->n_workers, m->ports);
		if (err == 0)
			m->n_workers++;
	}
	*out = m;
	if (err != 0) {
		media_stop(m);
		*out = NULL;
	}
	return err;
}

void media_stop(struct media *m)
{
	if (m == NULL)
		return;
	for (unsigned i = 0; i < m->n_workers; i++) {
		worker_stop(m->worker[i]);
		need(m->calls[i] == 0);
	}
	obj_unref(m);
}

static void forget_spares(struct media *m)
{
	for (unsigned i = 0; i < m->n_workers; i++)
		spares_forget(worker_spares(m->worker[i]));
}

void media_set_range(struct media *m, uint16_t rtp_min, uint16_t rtp_max)
{
	need(on_thread(THR_SIP));
	ports_set_range(m->ports, rtp_min, rtp_max);
	forget_spares(m);
}

void media_usage(struct media *m, struct media_usage *out)
{
	*out = (struct media_usage){
		.workers = m->n_workers,
		.ports = ports_used(m->ports),
		.kept = ports_kept(m->ports),
		.pairs = ports_count(m->ports),
	};
	for (unsigned i = 0; i < m->n_workers; i++) {
		out->load[i].calls = m->calls[i];
		out->calls += m->calls[i];
		worker_load(m->worker[i], &out->load[i]);
	}
}

static bool has_room(const struct media *m, unsigned i)
{
	struct media_load l = { 0 };

	worker_load(m->worker[i], &l);
	return m->calls[i] < MEDIA_PACKED_CALLS &&
	       l.percent < MEDIA_PACKED_PERCENT;
}

/*
 * Few calls share a worker, so that a wake-up serves many packets: it costs
 * as much as relaying two. From there on the least busy; calls have equal
 * weight.
 */
static unsigned choose_home(const struct media *m)
{
	unsigned best = 0;

	for (unsigned i = 0; i < m->n_workers; i++) {
		if (has_room(m, i))
			return i;
		if (m->calls[i] < m->calls[best])
			best = i;
	}
	return best;
}

unsigned media_load(struct media *m)
{
	struct media_load l = { 0 };

	worker_load(m->worker[choose_home(m)], &l);
	return l.percent;
}

/* --- events, from a worker to the sip thread --- */

struct event_msg {
	struct mq_node node;
	struct mcall *call; /* owned */
	struct media_event ev;
};

static void event_run(struct mq_node *node)
{
	struct event_msg *msg = MQ_HOLDER(node, struct event_msg, node);
	struct mcall *mc = msg->call;

	if (!mc->closed && mc->event != NULL)
		mc->event(mc->owner, &msg->ev);
	obj_unref(mc);
	free(msg);
}

static void event_send(void *arg, const struct media_event *ev)
{
	struct mcall *mc = arg;
	struct event_msg *msg = mem_new(sizeof(*msg));

	msg->node.run = event_run;
	msg->call = obj_ref(mc);
	msg->ev = *ev;
	msg->ev.call = mc;
	/* How often a far end may move, or press, is in its own hands. */
	if (ev->kind != MEDIA_LATCHED && ev->kind != MEDIA_KEY) {
		mq_push(mc->media->events, &msg->node);
	} else if (mq_try_push(mc->media->events, &msg->node) != 0) {
		if (ev->kind == MEDIA_KEY)
			metric_inc(M_KEYS_LOST);
		obj_unref(mc);
		free(msg);
	}
}

/* --- a call --- */

static void mcall_free(void *p)
{
	struct mcall *mc = p;

	log_ctx_forget(&mc->log);
	obj_unref(mc->media);
}

static struct worker *home_of(const struct mcall *mc)
{
	return mc->media->worker[mc->home];
}

struct worker *mcall_worker(const struct mcall *mc)
{
	return home_of(mc);
}

struct bridge *mcall_bridge(struct mcall *mc)
{
	return &mc->bridge;
}

bool mcall_is_closed(const struct mcall *mc)
{
	return mc->closed;
}

static int reserve(
	struct mcall *mc, unsigned side, const struct mcall_params *p)
{
	const struct reserve_from from = {
		.ports = mc->media->ports,
		.spares = p->new_port[side] ? NULL : worker_spares(home_of(mc)),
	};

	return reserve_leg(&mc->bridge.leg[side], &from, &p->local[side]);
}

/* Nothing is kept for later while calls may come to want it now. */
static void save_room(const struct mcall *mc)
{
	struct media *m = mc->media;

	if (ports_few(m->ports) ||
		open_files_beyond(
			mc->bridge.leg[1].fd[CH_RTP], SPARE_ROOM_PERCENT))
		forget_spares(m);
}

static void call_start(struct mq_node *node)
{
	struct mcall *mc = MQ_HOLDER(node, struct mcall, start);
	int err = worker_add(home_of(mc), &mc->bridge);

	if (err != 0)
		event_send(mc,
			&(struct media_event){
				.kind = MEDIA_SOCKET, .side = -1, .err = err });
}

static void call_stop(struct mq_node *node)
{
	struct mcall *mc = MQ_HOLDER(node, struct mcall, stop);

	worker_remove(home_of(mc), &mc->bridge);
	mc->media->calls[mc->home]--;
	obj_unref(mc); /* the caller's, handed over by mcall_close() */
}

/* In place of start and stop: what it got may be watched by the worker. */
static void call_failed(struct mq_node *node)
{
	struct mcall *mc = MQ_HOLDER(node, struct mcall, stop);

	worker_part(home_of(mc), &mc->bridge);
	obj_unref(mc);
}

int mcall_new(struct mcall **out, struct media *m, const struct mcall_params *p)
{
	struct mcall *mc = obj_new_lasting(sizeof(*mc), mcall_free);
	int err = 0;

	need(on_thread(THR_SIP));
	mc->media = obj_ref(m);
	mc->log.call = p->log.call;
	log_ctx_keep(&mc->log, slice_str(p->log.phone),
		slice_str(p->log.sip_call_id));
	mc->event = p->event;
	mc->owner = p->owner;
	mc->start.run = call_start;
	mc->stop.run = call_stop;
	bridge_init(&mc->bridge);
	mc->bridge.log = &mc->log;
	mc->bridge.inactivity_ms = p->inactivity_ms;
	mc->bridge.oneway_ms = p->oneway_ms;
	mc->bridge.apart = p->apart;
	mc->bridge.event = event_send;
	mc->bridge.arg = mc;
	mc->home = p->beside != NULL ? p->beside->home : choose_home(m);
	err = reserve(mc, 0, p);
	if (err == 0)
		err = reserve(mc, 1, p);
	if (err != 0) {
		mc->stop.run = call_failed;
		worker_leave(home_of(mc), &mc->stop);
		mc = NULL;
	} else {
		for (int side = 0; side < 2; side++) {
			mc->way[side].local = &mc->bridge.leg[side].local;
			mc->way[side].other = &mc->way[1 - side];
			circle_add(&m->circle, &mc->way[side]);
		}
		save_room(mc);
		m->calls[mc->home]++;
		worker_leave(home_of(mc), &mc->start); /* before it is set */
	}
	*out = mc;
	return err;
}

struct addr mcall_local(const struct mcall *mc, int side)
{
	need(side == 0 || side == 1);
	return mc->bridge.leg[side].local; /* does not change */
}

struct set_msg {
	struct mq_node node;
	struct mcall *call; /* owned */
	int side;
	struct mleg_set set;
};

/* The call goes on: it is heard, and nothing is known of how it sounds. */
static void rtcp_port_failed(const struct mcall *mc, int side, int err)
{
	struct log_ctx log = mleg_log(&mc->log, side);

	metric_inc(M_MEDIA_RTCP_PORT);
	log_event(MSG_MEDIA_RTCP_PORT, &log,
		L_STR("reason", strerrordesc_np(err)));
}

static void set_run(struct mq_node *node)
{
	struct set_msg *msg = MQ_HOLDER(node, struct set_msg, node);
	struct mcall *mc = msg->call;
	int err = mleg_apply(&mc->bridge.leg[msg->side], &msg->set, clock_ns());

	if (err == 0)
		err = worker_watch(home_of(mc), &mc->bridge);
	if (err != 0)
		rtcp_port_failed(mc, msg->side, err);
	obj_unref(msg->call);
	mem_wipe(msg, sizeof(*msg));
	free(msg);
}

/* A packet in a circle is forwarded for ever, and the next ones with it: so
 * the leg gets nowhere to send, and the call is told. */
static void break_circle(struct mcall *mc, int side, struct mleg_set *set)
{
	struct circle *c = &mc->media->circle;
	struct circle_leg *way = &mc->way[side];
	struct log_ctx log = mleg_log(&mc->log, side);
	bool rtp = circle_closes(c, way, &set->rtp);
	struct addr to = rtp ? set->rtp : set->rtcp;

	if (rtp || circle_closes(c, way, &set->rtcp)) {
		set->rtp = set->rtcp = (struct addr){ 0 };
		metric_inc(M_MEDIA_LOOPS);
		log_event(MSG_MEDIA_LOOP, &log, L_ADDR("address", &to));
		event_send(mc,
			&(struct media_event){
				.kind = MEDIA_LOOP, .side = side, .addr = to });
	}
	way->to = set->rtp;
}

void mcall_set(struct mcall *mc, int side, const struct mleg_set *set)
{
	struct set_msg *msg = mem_new(sizeof(*msg));

	need(on_thread(THR_SIP));
	need(!mc->closed && (side == 0 || side == 1));
	msg->node.run = set_run;
	msg->call = obj_ref(mc);
	msg->side = side;
	msg->set = *set;
	break_circle(mc, side, &msg->set);
	worker_leave(home_of(mc), &msg->node);
}

void mcall_apply(struct mcall *mc)
{
	worker_wake(home_of(mc));
}

bool mcall_is_beside(const struct mcall *mc, const struct mcall *other)
{
	return mc->home == other->home;
}

void mcall_close(struct mcall *mc)
{
	if (mc == NULL)
		return;
	need(on_thread(THR_SIP));
	need(!mc->closed);
	mc->closed = true;
	circle_remove(&mc->media->circle, &mc->way[0]);
	circle_remove(&mc->media->circle, &mc->way[1]);
	bridge_end(&mc->bridge);
	worker_leave(home_of(mc), &mc->stop);
}

void mcall_stats(const struct mcall *mc, int side, struct mleg_stats *out)
{
	need(side == 0 || side == 1);
	mleg_read(&mc->bridge.leg[side], out);
}
