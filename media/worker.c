/* A media thread. See worker.h. */
#include "media/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"

enum {
	EVENTS = 256, /* sockets at a look */
	LOOKS = 32, /* in a round */
	BATCHES = 4, /* from a socket at a look */
	COMMANDS = 65536, /* waiting at most */
	SWEEP_NS = 100000000, /* between looks at every call */
	PLAY_NS = 5000000, /* between looks at those that play */
	TICK_NS = 500000, /* between looks at the sockets, under load */
	BURST_NS = 2 * TICK_NS, /* between two looks in a row, at most */
	WINDOW_NS = 10000000, /* over which load is measured */
	BUSY = 40, /* packets in a window: 4,000 a second */
	NS_PER_MS = 1000000,
	WORK_SHARE = 8, /* of the newest sweep in the average, one part of */
};

struct worker {
	pthread_t thread;
	unsigned number;
	struct mq *commands;
	struct mq_node quit;
	int epoll;
	bool ended, busy;
	struct batch *batch;
	struct bridge *bridges;
	struct spares *spares;
	uint64_t sweep_at; /* ns */
	uint64_t play_at; /* ns; while bridges play */
	uint64_t window_end; /* ns */
	unsigned in_window; /* packets */
	struct { /* since the last sweep */
		uint64_t begin, rested, looked; /* ns */
		uint64_t packets, longest;
	} now;
	struct { /* for readers on other threads */
		_Atomic uint32_t permille, packets, longest_us;
	} load;
};

/* --- calls --- */

int worker_add(struct worker *w, struct bridge *br)
{
	need(on_thread(THR_MEDIA));
	br->armed_ms = clock_ms();
	br->next = w->bridges;
	br->prev = &w->bridges;
	if (br->next != NULL)
		br->next->prev = &br->next;
	w->bridges = br;
	return worker_watch(w, br);
}

/* A socket of a pair that was spare is watched already. */
static int watch(struct worker *w, struct mport *port)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = port };

	if (port->fd < 0 || port->watched)
		return 0;
	if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, port->fd, &ev) != 0)
		return errno;
	port->watched = true;
	return 0;
}

int worker_watch(struct worker *w, struct bridge *br)
{
	need(on_thread(THR_MEDIA));
	for (unsigned i = 0; i < 2 * CHANNELS; i++) {
		struct mleg *leg = &br->leg[i / CHANNELS];
		struct mport *port = &leg->pair->port[i % CHANNELS];
		int err = watch(w, port);

		if (err != 0)
			return err;
		port->bridge = br;
		port->side = leg->side;
	}
	return 0;
}

void worker_part(struct worker *w, struct bridge *br)
{
	uint64_t now_ms = clock_ms();

	need(on_thread(THR_MEDIA));
	for (unsigned side = 0; side < 2; side++) {
		struct mpair *pair = mleg_part(&br->leg[side]);

		if (pair != NULL)
			spares_put(w->spares, pair, now_ms);
	}
}

struct spares *worker_spares(struct worker *w)
{
	return w->spares;
}

void worker_remove(struct worker *w, struct bridge *br)
{
	need(on_thread(THR_MEDIA));
	worker_part(w, br);
	bridge_play_off(br);
	bridge_close(br);
	*br->prev = br->next;
	if (br->next != NULL)
		br->next->prev = br->prev;
	br->next = NULL;
	br->prev = NULL;
}

/* --- the loop --- */

static void measure(struct worker *w, unsigned packets, uint64_t now)
{
	w->in_window += packets;
	if (now < w->window_end)
		return;
	/* A window that ended long ago was mostly idle. */
	w->busy = w->in_window >= BUSY && now < w->window_end + WINDOW_NS;
	w->in_window = 0;
	w->window_end = now + WINDOW_NS;
}

/* --- load --- */

static void set32(_Atomic uint32_t *figure, uint64_t v)
{
	atomic_store_explicit(figure, (uint32_t)v, memory_order_relaxed);
}

static uint32_t get32(const _Atomic uint32_t *figure)
{
	return atomic_load_explicit(figure, memory_order_relaxed);
}

/* A part of the way from the old figure to the new one. */
static void average(_Atomic uint32_t *figure, uint64_t newest)
{
	set32(figure, ((uint64_t)get32(figure) * (WORK_SHARE - 1) + newest +
			      WORK_SHARE / 2) /
			      WORK_SHARE);
}

/*
 * A worker works while it does not rest of its own will, so that waiting for
 * a processor that others use is load: packets wait as well.
 */
static void publish_load(struct worker *w, uint64_t now)
{
	uint64_t took = now - w->now.begin;
	uint64_t worked = took > w->now.rested ? took - w->now.rested : 0;

	if (w->bridges == NULL) { /* there may be no next sweep */
		set32(&w->load.permille, 0);
		set32(&w->load.packets, 0);
	} else if (took > 0) {
		average(&w->load.permille, worked * 1000 / took);
		average(&w->load.packets, w->now.packets * 1000000000 / took);
	}
	set32(&w->load.longest_us, w->now.longest / 1000);
	w->now.begin = now;
	w->now.rested = 0;
	w->now.packets = 0;
	w->now.longest = 0;
}

/* Between two looks packets wait. */
static void note_look(struct worker *w, uint64_t now)
{
	if (w->busy && now - w->now.looked > w->now.longest)
		w->now.longest = now - w->now.looked;
	w->now.looked = now;
}

static bool is_idle(const struct worker *w)
{
	return w->bridges == NULL && get32(&w->load.permille) == 0 &&
	       get32(&w->load.packets) == 0 && !spares_any(w->spares);
}

void worker_load(const struct worker *w, struct media_load *out)
{
	out->percent = (get32(&w->load.permille) + 5) / 10;
	out->packets = get32(&w->load.packets);
	out->longest_us = get32(&w->load.longest_us);
}

/* --- rounds --- */

static void sweep(struct worker *w, uint64_t now)
{
	if (now < w->sweep_at)
		return;
	w->sweep_at = now + SWEEP_NS;
	mq_run(w->commands); /* what was left without waking us */
	for (struct bridge *br = w->bridges; br != NULL; br = br->next)
		bridge_tick(br, now);
	spares_tick(w->spares, now / NS_PER_MS);
	publish_load(w, now);
}

void worker_play(struct worker *w, struct bridge *br)
{
	need(on_thread(THR_MEDIA));
	bridge_play_on(br, w->batch);
	w->play_at = 0;
}

static void play(struct worker *w, uint64_t now)
{
	struct bridge *br = w->batch->playing, *next = NULL;

	if (br == NULL)
		w->play_at = 0; /* who begins need not wait */
	if (br == NULL || now < w->play_at)
		return;
	for (; br != NULL; br = next) {
		next = br->play_next;
		bridge_play(br, w->batch, now);
	}
	w->play_at = now + PLAY_NS;
}

/* How long epoll may sleep, in ms; -1: until something happens. */
static int patience(const struct worker *w, uint64_t now)
{
	uint64_t when = w->sweep_at;

	if (is_idle(w) && mq_rest(w->commands))
		return -1;
	if (w->batch->playing != NULL && w->play_at < when)
		when = w->play_at;
	if (now >= when)
		return 0;
	return (int)((when - now) / NS_PER_MS + 1);
}

static void rest_until(uint64_t when)
{
	struct timespec ts = {
		.tv_sec = (time_t)(when / 1000000000),
		.tv_nsec = (long)(when % 1000000000),
	};

	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/*
 * Commands come before the packets that wait beside them: a far end that was
 * just told where to send must not find its first packet refused. They may
 * close ports, so that no pointer of epoll's is good after them; the sockets
 * it named it names again.
 */
static bool commands_first(
	struct worker *w, const struct epoll_event *ev, int n)
{
	for (int i = 0; i < n; i++) {
		if (ev[i].data.ptr != NULL)
			continue;
		mq_run(w->commands);
		return true;
	}
	return false;
}

/*
 * Of most sockets one packet waits, and one call takes it. What more there is
 * epoll names at the next look; a socket that it names at two looks in a row
 * is read by the batch: after a stall, or when somebody floods a port, which
 * then costs the others little.
 */
static void read_port(
	struct worker *w, struct mport *port, uint64_t now, unsigned *packets)
{
	bool many = now - port->read_ns < BURST_NS;
	unsigned n = 0, batches = 0;

	if (port->bridge == NULL) {
		spares_heard(w->spares, port, now / NS_PER_MS);
		return;
	}
	port->read_ns = now;
	do {
		n = bridge_read(port, w->batch, many, now);
		*packets += n;
	} while (many && n == BATCH && ++batches < BATCHES);
}

/* Reads from each socket that epoll names. True: others may wait. */
static bool read_ready(struct worker *w, int timeout, unsigned *packets)
{
	struct epoll_event ev[EVENTS];
	uint64_t before = timeout != 0 ? clock_ns() : 0;
	int n = epoll_wait(w->epoll, ev, EVENTS, timeout);
	uint64_t now = clock_ns();

	if (timeout != 0)
		w->now.rested += now - before;
	if (commands_first(w, ev, n))
		return !w->ended;
	for (int i = 0; i < n; i++) {
		if (i + 1 < n)
			__builtin_prefetch(ev[i + 1].data.ptr, 1);
		read_port(w, ev[i].data.ptr, now, packets);
	}
	bridge_work(w->batch, now);
	return n == EVENTS;
}

static void round_of(struct worker *w)
{
	unsigned packets = 0, looks = 0;
	uint64_t now = clock_ns();
	uint64_t next = now + TICK_NS;
	int timeout = w->busy ? 0 : patience(w, now);

	note_look(w, now);
	/* After a stall more sockets may wait than one look shows. */
	while (read_ready(w, timeout, &packets) && ++looks < LOOKS)
		timeout = 0;
	now = clock_ns();
	measure(w, packets, now);
	w->now.packets += packets;
	play(w, now);
	sweep(w, now);
	if (w->busy && !w->ended && now < next) {
		w->now.rested += next - now;
		rest_until(next);
	}
}

static void *run(void *arg)
{
	struct worker *w = arg;
	char name[16];

	(void)snprintf(name, sizeof(name), "media%u", w->number);
	thread_enter(THR_MEDIA, name);
	w->now.begin = clock_ns();
	/* Ahead of all that does not talk; where that is not permitted
	 * (LimitNICE= of the unit) it does without. */
	(void)setpriority(PRIO_PROCESS, 0, -10);
	/* The kernel rounds sleeps up by 50 µs unless asked otherwise. */
	(void)prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
	while (!w->ended)
		round_of(w);
	return NULL;
}

static void quit(struct mq_node *node)
{
	MQ_HOLDER(node, struct worker, quit)->ended = true;
}

static void worker_free(struct worker *w)
{
	if (w->epoll >= 0)
		close(w->epoll);
	spares_free(w->spares);
	mq_free(w->commands);
	free(w->batch);
	free(w);
}

int worker_start(struct worker **out, unsigned number, struct ports *ports)
{
	struct worker *w = mem_new(sizeof(*w));
	struct epoll_event ev = { .events = EPOLLIN };
	int err = 0;

	w->number = number;
	w->commands = mq_new(COMMANDS);
	w->batch = batch_new();
	w->spares = spares_new(ports);
	w->quit.run = quit;
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll < 0 || epoll_ctl(w->epoll, EPOLL_CTL_ADD,
				    mq_fd(w->commands), &ev) != 0)
		err = errno;
	else
		err = thread_start(&w->thread, run, w);
	if (err != 0) {
		worker_free(w);
		w = NULL;
	}
	*out = w;
	return err;
}

void worker_stop(struct worker *w)
{
	if (w == NULL)
		return;
	mq_push(w->commands, &w->quit);
	pthread_join(w->thread, NULL);
	need(w->bridges == NULL);
	worker_free(w);
}

void worker_post(struct worker *w, struct mq_node *node)
{
	mq_push(w->commands, node);
}

void worker_leave(struct worker *w, struct mq_node *node)
{
	mq_leave(w->commands, node);
}

void worker_wake(struct worker *w)
{
	mq_wake(w->commands);
}
