/* Sockets of the far ends. See media_line.h. */
#include "media_line.h"

#include <sys/epoll.h>

#include "bench.h"

/* Of some thousand packets: the generator may not read for a while. */
static void make_room(int fd)
{
	int size = 4 << 20;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) !=
		0)
		(void)setsockopt(
			fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

int line_open(int epoll, uint32_t name, uint16_t *port)
{
	struct addr a = loopback(0);
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = name };
	socklen_t len = sizeof(a.in4);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	check(fd >= 0, "socket");
	make_room(fd);
	check(bind(fd, &a.sa, len) == 0, "bind");
	check(getsockname(fd, &a.sa, &len) == 0, "getsockname");
	check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) == 0, "epoll");
	*port = addr_port(&a);
	return fd;
}

bool line_must_flush(const struct line_box *b, int fd)
{
	return b->n == LINE_BATCH || (b->n > 0 && b->fd != fd);
}

uint8_t *line_room(struct line_box *b)
{
	return b->room[b->n];
}

static void place(struct line_box *b, unsigned i, size_t n)
{
	b->iov[i] = (struct iovec){ b->room[i], n };
	b->m[i].msg_hdr =
		(struct msghdr){ .msg_iov = &b->iov[i], .msg_iovlen = 1 };
}

void line_add(struct line_box *b, int fd, size_t n, struct addr *to)
{
	need(!line_must_flush(b, fd));
	b->fd = fd;
	place(b, b->n, n);
	b->m[b->n].msg_hdr.msg_name = to;
	b->m[b->n].msg_hdr.msg_namelen = sizeof(to->in4);
	b->n++;
}

unsigned line_flush(struct line_box *b)
{
	int n = b->n > 0 ? sendmmsg(b->fd, b->m, b->n, 0) : 0;

	b->n = 0;
	return n > 0 ? (unsigned)n : 0;
}

unsigned line_read(struct line_box *b, int fd)
{
	int n = 0;

	for (unsigned i = 0; i < LINE_BATCH; i++)
		place(b, i, PKT_ROOM);
	n = recvmmsg(fd, b->m, LINE_BATCH, MSG_DONTWAIT, NULL);
	return n > 0 ? (unsigned)n : 0;
}
