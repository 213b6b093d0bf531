/*
 * The threads that handshakes run in: epoll, level-triggered; a queue brings
 * new ones; the earliest deadline ends the wait. A peer that was refused with
 * an alert is read from until it closes, a second at most: closing a socket
 * with unread bytes sends a reset, which can overtake the alert.
 */
#include "certs/tls/hs_loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"

enum { EVENTS = 64, CHECK_MS = 10 };

struct farewell {
	enum hs_source source; /* first: events point here */
	int fd;
	uint64_t deadline;
	struct farewell *prev, *next;
};

static void expect(struct hs_thread *t, uint64_t deadline)
{
	if (deadline < t->next_check)
		t->next_check = deadline;
}

static void watch(
	struct hs_thread *t, int op, int fd, uint32_t events, void *source)
{
	struct epoll_event ev = { .events = events, .data.ptr = source };

	need(epoll_ctl(t->epoll, op, fd, &ev) == 0);
}

static void linger_end(struct hs_thread *t, struct farewell *l)
{
	if (l->prev != NULL)
		l->prev->next = l->next;
	else
		t->lingering = l->next;
	if (l->next != NULL)
		l->next->prev = l->prev;
	t->nlingering--;
	(void)close(l->fd);
	free(l);
}

static void linger_end_all(struct hs_thread *t)
{
	struct farewell *next;

	for (struct farewell *l = t->lingering; l != NULL; l = next) {
		next = l->next;
		(void)close(l->fd);
		free(l);
	}
	t->lingering = NULL;
	t->nlingering = 0;
}

static void linger_begin(struct hs_thread *t, int fd)
{
	struct farewell *l;

	if (t->nlingering >= HS_LINGER_MAX || t->stopping ||
		shutdown(fd, SHUT_WR) != 0) {
		(void)close(fd);
		return;
	}
	l = mem_new(sizeof(*l));
	*l = (struct farewell){ .source = HS_SRC_LINGER,
		.fd = fd,
		.deadline = clock_ms() + HS_LINGER_MS,
		.next = t->lingering };
	if (l->next != NULL)
		l->next->prev = l;
	t->lingering = l;
	t->nlingering++;
	expect(t, l->deadline);
	watch(t, EPOLL_CTL_ADD, fd, EPOLLIN, l);
}

static void linger_read(struct hs_thread *t, struct farewell *l)
{
	char waste[4096];
	ssize_t n = recv(l->fd, waste, sizeof(waste), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		linger_end(t, l);
}

static void unlist(struct hs_thread *t, struct hs *h)
{
	if (h->prev != NULL)
		h->prev->next = h->next;
	else
		t->first = h->next;
	if (h->next != NULL)
		h->next->prev = h->prev;
	h->prev = NULL;
	h->next = NULL;
}

static void finish(struct hs_thread *t, struct hs *h)
{
	int fd = h->params.fd;

	unlist(t, h);
	revoke_done(&h->query);
	if (h->events != 0)
		(void)epoll_ctl(t->epoll, EPOLL_CTL_DEL, fd, NULL);
	if (h->err != 0 && h->err != ECANCELED && h->session != NULL) {
		gnutls_deinit(h->session);
		h->session = NULL;
		h->params.fd = -1;
		linger_begin(t, fd);
	}
	hs_reply(h);
}

static void go_on(struct hs_thread *t, struct hs *h)
{
	uint32_t before = h->events;
	int err = h->asking ? hs_ask_again(h) : hs_step(h);

	if (err != EAGAIN) {
		h->events = before; /* what epoll knows */
		finish(t, h);
		return;
	}
	if (h->asking)
		expect(t, h->query.wake_ms);
	if (h->events == before)
		return;
	if (h->events == 0) /* a peer that leaves would wake us for ever */
		(void)epoll_ctl(t->epoll, EPOLL_CTL_DEL, h->params.fd, NULL);
	else
		watch(t, before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
			h->params.fd, h->events, h);
}

void hs_woken(void *arg)
{
	struct hs *h = arg;

	go_on(h->thread, h);
}

static void end(struct hs_thread *t, struct hs *h, int err)
{
	hs_give_up(h, err);
	finish(t, h);
}

/* In the queue: a handshake that begins. */
static void run_add(struct mq_node *node)
{
	struct hs *h = MQ_HOLDER(node, struct hs, node);
	struct hs_thread *t = h->thread;

	h->next = t->first;
	if (h->next != NULL)
		h->next->prev = h;
	t->first = h;
	expect(t, h->deadline);
	if (t->stopping)
		end(t, h, ECANCELED);
	else
		go_on(t, h);
}

static void run_stop(struct mq_node *node)
{
	MQ_HOLDER(node, struct hs_thread, stop_node)->stopping = true;
}

/* At most every CHECK_MS, and only when one may have passed. */
static void check_deadlines(struct hs_thread *t)
{
	uint64_t now = clock_ms();
	struct hs *next;
	struct farewell *lnext;

	if (now < t->next_check)
		return;
	t->next_check = UINT64_MAX;
	for (struct hs *h = t->first; h != NULL; h = next) {
		next = h->next;
		if (h->deadline <= now) {
			end(t, h, ETIMEDOUT);
			continue;
		}
		expect(t, h->deadline);
		if (h->asking && h->query.wake_ms <= now)
			go_on(t, h);
		else if (h->asking)
			expect(t, h->query.wake_ms);
	}
	for (struct farewell *l = t->lingering; l != NULL; l = lnext) {
		lnext = l->next;
		if (l->deadline <= now)
			linger_end(t, l);
		else
			expect(t, l->deadline);
	}
	if (t->next_check < now + CHECK_MS)
		t->next_check = now + CHECK_MS;
}

static int wait_ms(const struct hs_thread *t)
{
	uint64_t now = clock_ms();

	if (t->next_check == UINT64_MAX)
		return -1;
	if (t->next_check <= now)
		return 0;
	return t->next_check - now > 60000 ? 60000 : (int)(t->next_check - now);
}

static void dispatch(struct hs_thread *t, void *source)
{
	switch (*(enum hs_source *)source) {
	case HS_SRC_QUEUE:
		(void)mq_run(t->queue);
		break;
	case HS_SRC_HS:
		go_on(t, source);
		break;
	case HS_SRC_LINGER:
		linger_read(t, source);
		break;
	}
}

static void *run(void *arg)
{
	struct hs_thread *t = arg;
	struct epoll_event ev[EVENTS];
	char name[16];

	(void)snprintf(name, sizeof(name), "tls-%u", t->index);
	thread_enter(THR_TLS, name);
	while (!t->stopping) {
		int n = epoll_wait(t->epoll, ev, EVENTS, wait_ms(t));

		for (int i = 0; i < n; i++)
			dispatch(t, ev[i].data.ptr);
		check_deadlines(t);
	}
	while (t->first != NULL)
		end(t, t->first, ECANCELED);
	while (mq_run(t->queue) > 0)
		; /* what was started after the stop: cancelled as well */
	linger_end_all(t);
	return NULL;
}

static void thread_free(struct hs_thread *t)
{
	mq_free(t->queue);
	(void)close(t->epoll);
}

int hs_thread_start(struct hs_thread *t, unsigned index)
{
	int err;

	*t = (struct hs_thread){
		.source = HS_SRC_QUEUE, .index = index, .next_check = UINT64_MAX
	};
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (t->epoll < 0)
		return errno;
	t->queue = mq_new(HS_UNDER_WAY_MAX);
	t->stop_node.run = run_stop;
	watch(t, EPOLL_CTL_ADD, mq_fd(t->queue), EPOLLIN, t);
	err = thread_start(&t->thread, run, t);
	if (err != 0)
		thread_free(t);
	return err;
}

void hs_thread_add(struct hs_thread *t, struct hs *h)
{
	h->thread = t;
	h->node.run = run_add;
	mq_push(t->queue, &h->node);
}

void hs_thread_stop(struct hs_thread *t)
{
	mq_push(t->queue, &t->stop_node);
	need(pthread_join(t->thread, NULL) == 0);
	thread_free(t);
}
