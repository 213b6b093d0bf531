/* A capture of one call. See capture.h. */
#include "media/capture.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"
#include "media/pcapng.h"
#include "media/xform.h"

enum {
	MEDIA_SLOTS = 512, /* more than a second of both legs, both ways */
	SIGNAL_SLOTS = 64,
	SIGNAL_MAX = 65000, /* what fits a datagram */
	LOOK_NS = 20000000, /* between looks at the rings */
};

struct capture_slot {
	uint64_t time_ns; /* since 1970 */
	struct addr from, to;
	uint8_t side;
	bool sent;
	size_t n;
	uint8_t data[PKT_ROOM];
};

struct signal {
	uint64_t time_ns;
	struct addr from, to;
	uint8_t side;
	bool sent;
	char *payload, *comment; /* owned */
	size_t n;
};

struct capture {
	pthread_t thread;
	FILE *out;
	unsigned seconds;
	uint64_t max_bytes, begun_ms;
	void (*ended)(void *arg, const struct capture *c);
	void *arg;
	_Atomic int why; /* enum capture_end */
	_Atomic bool closed;
	/* put: by the writer's producer; taken: by the capture's thread */
	_Atomic size_t media_put, media_taken, signal_put, signal_taken;
	_Atomic uint64_t packets, bytes, dropped;
	struct capture_slot *media;
	struct signal signal[SIGNAL_SLOTS];
	uint8_t *block; /* room for one */
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

bool capture_is_over(const struct capture *c)
{
	return atomic_load_explicit(&c->why, memory_order_relaxed) !=
	       CAPTURE_RUNS;
}

void capture_stop(struct capture *c, enum capture_end why)
{
	int runs = CAPTURE_RUNS;

	if (c != NULL)
		atomic_compare_exchange_strong(&c->why, &runs, (int)why);
}

/* ---- putting ---- */

static bool has_room(struct capture *c, const _Atomic size_t *put,
	const _Atomic size_t *taken, size_t slots)
{
	if (*put - *taken < slots)
		return true;
	c->dropped++;
	return false;
}

struct capture_slot *capture_media(struct capture *c,
	const struct capture_from *f, const uint8_t *p, size_t n)
{
	struct capture_slot *s;

	if (capture_is_over(c) || n > PKT_ROOM ||
		!has_room(c, &c->media_put, &c->media_taken, MEDIA_SLOTS))
		return NULL;
	s = &c->media[c->media_put % MEDIA_SLOTS];
	s->time_ns = now_ns();
	s->from = *f->from;
	s->to = *f->to;
	s->side = (uint8_t)f->side;
	s->sent = f->sent;
	s->n = n;
	memcpy(s->data, p, n);
	return s;
}

void capture_media_done(struct capture *c, struct capture_slot *s)
{
	if (s != NULL)
		c->media_put++; /* ordered: the slot is visible before */
}

void capture_signal(struct capture *c, const struct capture_from *f,
	struct slice payload, struct slice comment)
{
	struct signal *s;

	if (capture_is_over(c) ||
		!has_room(c, &c->signal_put, &c->signal_taken, SIGNAL_SLOTS))
		return;
	s = &c->signal[c->signal_put % SIGNAL_SLOTS];
	payload = slice_head(payload, SIGNAL_MAX);
	*s = (struct signal){ .time_ns = now_ns(),
		.from = *f->from,
		.to = *f->to,
		.side = (uint8_t)f->side,
		.sent = f->sent,
		.payload = mem_new(payload.n + 1),
		.comment = slice_dup(comment),
		.n = payload.n };
	memcpy(s->payload, payload.p, payload.n);
	c->signal_put++;
}

/* ---- writing ---- */

static void put_block(struct capture *c, const struct wbuf *w)
{
	need(!w->bad);
	if (fwrite(w->p, 1, w->at, c->out) != w->at)
		capture_stop(c, CAPTURE_DISK);
	c->bytes += w->at;
	if (c->bytes >= c->max_bytes)
		capture_stop(c, CAPTURE_SIZE);
}

static struct wbuf room(struct capture *c)
{
	return wbuf_of(c->block, SIGNAL_MAX + PCAPNG_OVERHEAD);
}

static void write_packet(struct capture *c, const struct pcapng_packet *p)
{
	struct wbuf w = room(c);

	/* a leg bound to any address has another family only by our mistake */
	if (p->from->sa.sa_family != p->to->sa.sa_family ||
		c->bytes >= c->max_bytes) {
		c->dropped++;
		return;
	}
	pcapng_packet(&w, p);
	put_block(c, &w);
	c->packets++;
}

static void write_media(struct capture *c)
{
	const struct capture_slot *s = &c->media[c->media_taken % MEDIA_SLOTS];
	char comment[64];
	int n = snprintf(comment, sizeof(comment), "leg %c %s, in clear",
		s->side == 0 ? 'A' : 'B', s->sent ? "sent" : "received");

	write_packet(c, &(struct pcapng_packet){ .interface = s->side,
				.time_ns = s->time_ns,
				.outbound = s->sent,
				.from = &s->from,
				.to = &s->to,
				.payload = slice_of(s->data, s->n),
				.comment = slice_of(comment, (size_t)n) });
	c->media_taken++;
}

static void write_signal(struct capture *c)
{
	struct signal *s = &c->signal[c->signal_taken % SIGNAL_SLOTS];

	write_packet(c, &(struct pcapng_packet){ .interface = s->side,
				.time_ns = s->time_ns,
				.outbound = s->sent,
				.from = &s->from,
				.to = &s->to,
				.payload = slice_of(s->payload, s->n),
				.comment = slice_str(s->comment) });
	free(s->payload);
	free(s->comment);
	c->signal_taken++;
}

/* The older of both rings first. */
static void drain(struct capture *c)
{
	for (;;) {
		bool m = c->media_taken != c->media_put;
		bool s = c->signal_taken != c->signal_put;

		if (!m && !s)
			return;
		if (m && s)
			s = c->signal[c->signal_taken % SIGNAL_SLOTS].time_ns <=
			    c->media[c->media_taken % MEDIA_SLOTS].time_ns;
		if (s)
			write_signal(c);
		else
			write_media(c);
	}
}

static void *run(void *arg)
{
	struct capture *c = arg;
	struct timespec rest = { .tv_nsec = LOOK_NS };

	thread_enter(THR_HELPER, "capture");
	while (!capture_is_over(c)) {
		(void)nanosleep(&rest, NULL);
		drain(c);
		if (clock_ms() - c->begun_ms >= (uint64_t)c->seconds * 1000)
			capture_stop(c, CAPTURE_TIME);
	}
	/* who is putting now has finished after another rest */
	(void)nanosleep(&rest, NULL);
	drain(c);
	if (fclose(c->out) != 0)
		c->why = CAPTURE_DISK;
	c->out = NULL;
	c->closed = true;
	c->ended(c->arg, c);
	return NULL;
}

/* ---- life ---- */

static void capture_free(void *p)
{
	struct capture *c = p;

	while (c->signal_taken != c->signal_put) {
		struct signal *s = &c->signal[c->signal_taken % SIGNAL_SLOTS];

		free(s->payload);
		free(s->comment);
		c->signal_taken++;
	}
	if (c->out != NULL)
		(void)!fclose(c->out);
	free(c->media);
	free(c->block);
}

int capture_start(struct capture **out, const struct capture_params *p)
{
	struct capture *c = obj_new(sizeof(*c), capture_free);
	struct wbuf w;
	int err = 0;

	*out = NULL;
	c->out = fdopen(p->fd, "w");
	if (c->out == NULL) {
		err = errno;
		close(p->fd);
		obj_unref(c);
		return err;
	}
	c->seconds = p->seconds;
	c->max_bytes = p->max_bytes;
	c->begun_ms = clock_ms();
	c->ended = p->ended;
	c->arg = p->arg;
	c->media = mem_array(MEDIA_SLOTS, sizeof(c->media[0]));
	c->block = mem_new(SIGNAL_MAX + PCAPNG_OVERHEAD);
	w = room(c);
	pcapng_begin(&w, p->program, p->comment);
	pcapng_interface(&w, slice_str("leg A"));
	pcapng_interface(&w, slice_str("leg B"));
	put_block(c, &w);
	err = thread_start(&c->thread, run, c);
	if (err != 0)
		c = obj_unref(c);
	*out = c;
	return err;
}

void capture_finish(struct capture *c)
{
	if (c == NULL)
		return;
	pthread_join(c->thread, NULL);
	obj_unref(c);
}

void capture_stats(const struct capture *c, struct capture_stats *out)
{
	*out = (struct capture_stats){ .packets = c->packets,
		.bytes = c->bytes,
		.dropped = c->dropped,
		.end = c->closed ? (enum capture_end)c->why : CAPTURE_RUNS };
}
