/* The loop of the sip thread: see stack.h. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "b2bua/sofia/stack.h"
#include "base/obj.h"
#include "base/slice.h"
#include "base/thread.h"

enum { LOOP_MAX_MS = 1000 };

struct stack {
	su_root_t *root;
	struct mq *queue; /* borrowed */
	int epoll; /* su_root's; not ours to close */
	int queue_index; /* in the root */
	struct outbox outbox;
	su_duration_t pause; /* ms to the next timer, as it was last told */
	bool stop;
};

/*
 * Sofia's clock, by which all its timers run, is the wall's: set back by a day
 * it would keep calls and registrations a day too long, set ahead it would end
 * them at once. The library lets this function, which its headers leave out,
 * have the last word.
 */
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c) */
extern void (*_su_time)(su_time_t *tv);

static int64_t clock_us(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* As the wall's clock was when the first stack began, and steady since. */
static void steady_time(su_time_t *tv)
{
	static int64_t offset;
	int64_t now = clock_us(CLOCK_MONOTONIC);

	if (offset == 0)
		offset = clock_us(CLOCK_REALTIME) - now +
			 (int64_t)SU_TIME_EPOCH * 1000000;
	if (tv == NULL)
		return;
	tv->tv_sec = (unsigned long)((now + offset) / 1000000);
	tv->tv_usec = (unsigned long)((now + offset) % 1000000);
}

static int on_queue(void *magic, su_wait_t *w, void *arg)
{
	(void)magic;
	(void)w;
	(void)mq_run(arg);
	return 0;
}

static bool watches(const char *fd, int target)
{
	char path[300], line[160];
	bool found = false;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%s", fd);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		struct slice rest = slice_str(line), word;
		uint64_t n;

		found = slice_word(&rest, &word) &&
			slice_eq_str(word, "tfd:") &&
			slice_word(&rest, &word) &&
			slice_uint(word, INT_MAX, &n) == 0 && (int)n == target;
	}
	(void)fclose(f);
	return found;
}

/*
 * su_root keeps everything in one epoll set and does not say which. It is the
 * one that watches our queue's descriptor, which nobody else does.
 */
static int find_epoll(int watched)
{
	DIR *d = opendir("/proc/self/fdinfo");
	struct dirent *e;
	int found = -1;

	if (d == NULL)
		return -1;
	/* nobody else reads this stream */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (found < 0 && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && watches(e->d_name, watched))
			found = (int)strtol(e->d_name, NULL, 10);
	(void)closedir(d);
	return found;
}

static int watch_queue(struct stack *s)
{
	su_wait_t w[1] = { SU_WAIT_INIT };

	if (su_wait_create(w, mq_fd(s->queue), SU_WAIT_IN) == -1)
		return ENOTSUP;
	s->queue_index = su_root_register(s->root, w, on_queue, s->queue, 0);
	return s->queue_index == -1 ? ENOTSUP : 0;
}

int stack_new(struct stack **out, struct mq *queue, const char **why)
{
	struct stack *s = mem_new(sizeof(*s));
	int err;

	*out = NULL;
	s->queue = queue;
	(void)su_init();
	_su_time = steady_time;
	steady_time(NULL);
	su_log_set_level(NULL, 0);
	err = tport_types_register(why);
	if (err == 0) {
		s->root = su_root_create(NULL);
		need(s->root != NULL);
		su_root_threading(s->root, 0);
		err = watch_queue(s);
		s->epoll = find_epoll(mq_fd(queue));
		if (err != 0 || s->epoll < 0) {
			*why = "the event loop does not use epoll";
			err = ENOTSUP;
		}
	}
	if (err != 0) {
		stack_free(s);
		return err;
	}
	*out = s;
	return 0;
}

void stack_free(struct stack *s)
{
	if (s->root != NULL) {
		if (s->queue_index > 0)
			su_root_deregister(s->root, s->queue_index);
		su_root_destroy(s->root);
	}
	su_deinit();
	free(s);
}

su_root_t *stack_root(struct stack *s)
{
	return s->root;
}

struct mq *stack_queue(struct stack *s)
{
	return s->queue;
}

struct outbox *stack_outbox(struct stack *s)
{
	return &s->outbox;
}

/*
 * One wait and what it brought. su_root waits for whole milliseconds and, when
 * its next timer is due within one, not at all: that one is waited for here.
 */
static void turn(struct stack *s, su_duration_t max)
{
	su_duration_t t =
		su_root_step(s->root, s->pause < max ? s->pause : max);
	struct epoll_event ready;

	if (t == 0 && !s->stop)
		t = su_root_step(s->root, 0);
	outbox_send(&s->outbox);
	s->pause = t < 0 || t > LOOP_MAX_MS ? LOOP_MAX_MS : t;
	/* looked at only: what is ready is so for su_root's wait, too */
	if (t == 0 && !s->stop)
		(void)epoll_wait(s->epoll, &ready, 1, 1);
}

void stack_run(struct stack *s)
{
	s->stop = false;
	while (!s->stop)
		turn(s, LOOP_MAX_MS);
}

void stack_stop(struct stack *s)
{
	s->stop = true;
}

bool stack_run_until(
	struct stack *s, bool (*done)(void *arg), void *arg, unsigned ms)
{
	uint64_t end = clock_ms() + ms;

	s->stop = false;
	outbox_send(&s->outbox);
	while (!done(arg)) {
		if (clock_ms() >= end)
			return false;
		turn(s, 50);
	}
	return true;
}
