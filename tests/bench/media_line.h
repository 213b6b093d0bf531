/*
 * Sockets of the far ends: a line, shared by ends whose turns to send follow
 * each other, so that packets leave and arrive by the batch. Otherwise the
 * generator would need more of its processor than a relay of its own, and the
 * highest load would be the generator's.
 */
#ifndef LINESIDE_TESTS_MEDIA_LINE_H
#define LINESIDE_TESTS_MEDIA_LINE_H

#include <sys/socket.h>

#include "base/addr.h"
#include "media/xform.h"

enum { LINE_BATCH = 64 };

/* Room for packets on their way: out by one line, or in from one. */
struct line_box {
	int fd; /* where those go that wait to be sent */
	unsigned n;
	struct mmsghdr m[LINE_BATCH];
	struct iovec iov[LINE_BATCH];
	_Alignas(16) uint8_t room[LINE_BATCH][PKT_ROOM];
};

/* A socket on 127.0.0.1, which `epoll` names by `name`; ends the program when
 * there is none. Its port is put into *port. */
int line_open(int epoll, uint32_t name, uint16_t *port);

/* True: what waits must leave before a packet to `fd` can be added. */
bool line_must_flush(const struct line_box *b, int fd);
/* The place of the packet that line_add() adds. */
uint8_t *line_room(struct line_box *b);
/* `to` is borrowed until line_flush(). */
void line_add(struct line_box *b, int fd, size_t n, struct addr *to);
/* The number that left; the others are lost. */
unsigned line_flush(struct line_box *b);

/* What waits, up to LINE_BATCH; line_length() of each tells its bytes. */
unsigned line_read(struct line_box *b, int fd);
static inline size_t line_length(const struct line_box *b, unsigned i)
{
	return b->m[i].msg_len;
}

#endif
