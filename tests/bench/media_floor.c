/*
 * The machine's floor: the leanest relay of RTP that sockets allow. It looks
 * at nothing, trusts everybody, counts nothing, and has a connected socket
 * for each leg, so that a call is what two system calls a packet cost. Woken
 * as Lineside's workers are under load: every half a millisecond.
 *
 *   media_floor CALLS         lines as in bench.h; ends with its input
 */
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "base/thread.h"
#include "bench.h"

enum { TICK_NS = 500000, EVENTS = 64, ROOM = 2048 };

struct leg {
	int fd;
	struct leg *other;
};

static struct leg leg[CALLS_MAX][2];
static int epoll;

static void open_leg(unsigned call, unsigned side, uint16_t far)
{
	struct leg *l = &leg[call][side];
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = l };
	struct addr a = loopback(0), to = loopback(far);
	socklen_t len = sizeof(a.in4);
	int size = 1 << 18;

	l->other = &leg[call][1 - side];
	l->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	check(l->fd >= 0, "socket");
	(void)setsockopt(l->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	check(bind(l->fd, &a.sa, len) == 0, "bind");
	check(connect(l->fd, &to.sa, len) == 0, "connect");
	check(getsockname(l->fd, &a.sa, &len) == 0, "getsockname");
	check(epoll_ctl(epoll, EPOLL_CTL_ADD, l->fd, &ev) == 0, "epoll");
	(void)printf("%u%c", ntohs(a.in4.sin_port), side == 0 ? ' ' : '\n');
}

/* All are received, then all are sent: the kernel's caches stay warm. */
static void look(void)
{
	static uint8_t room[EVENTS][ROOM];
	struct epoll_event ev[EVENTS];
	ssize_t got[EVENTS];
	int n = 0;

	do {
		n = epoll_wait(epoll, ev, EVENTS, 0);
		for (int i = 0; i < n; i++) {
			const struct leg *l = ev[i].data.ptr;

			got[i] = recv(l->fd, room[i], ROOM, 0);
		}
		for (int i = 0; i < n; i++) {
			const struct leg *l = ev[i].data.ptr;

			if (got[i] >= 0)
				(void)!send(l->other->fd, room[i],
					(size_t)got[i], 0);
		}
	} while (n == EVENTS);
}

static void *relay(void *arg)
{
	(void)arg;
	(void)prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
	for (;;) {
		uint64_t next = clock_ns() + TICK_NS;
		struct timespec ts = { .tv_sec = (time_t)(next / 1000000000),
			.tv_nsec = (long)(next % 1000000000) };

		look();
		(void)clock_nanosleep(
			CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned calls = argc == 2 ? number(argv[1], CALLS_MAX) : 0;
	char word[LINE_ROOM];
	pthread_t thread;

	check(calls > 0, "usage: media_floor CALLS");
	pin(0);
	epoll = epoll_create1(0);
	(void)puts("ready");
	(void)fflush(stdout);
	for (unsigned i = 0; i < calls; i++) {
		struct side side[2];

		read_call(side);
		open_leg(i, 0, side[0].port);
		open_leg(i, 1, side[1].port);
	}
	(void)fflush(stdout);
	check(thread_start(&thread, relay, NULL) == 0, "thread");
	while (read_word(word))
		;
	return 0; /* ends the thread as well */
}
