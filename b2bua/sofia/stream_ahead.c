/*
 * What GnuTLS reads. It asks for the five bytes of a record's head, then for the
 * rest, and once more to hear that nothing is left; here one call takes all that
 * waits. The buffer is a connection's only while something lies in it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "b2bua/sofia/stream_int.h"
#include "base/obj.h"

enum { AHEAD_SIZE = 2 * STREAM_RECORD };

static void give_back(struct conn *c)
{
	if (c->stream->spare_ahead == NULL)
		c->stream->spare_ahead = c->ahead;
	else
		free(c->ahead);
	c->ahead = NULL;
}

static ssize_t fill(struct conn *c)
{
	ssize_t n;

	if (c->dry) {
		errno = EAGAIN;
		return -1;
	}
	c->ahead = c->stream->spare_ahead;
	c->stream->spare_ahead = NULL;
	if (c->ahead == NULL)
		c->ahead = mem_array(1, AHEAD_SIZE);
	n = recv(c->fd, c->ahead, AHEAD_SIZE, 0);
	if (n <= 0) {
		give_back(c);
		return n;
	}
	c->ahead_at = 0;
	c->ahead_len = (size_t)n;
	c->dry = (size_t)n < AHEAD_SIZE;
	return n;
}

static ssize_t pull(gnutls_transport_ptr_t arg, void *to, size_t n)
{
	struct conn *c = arg;

	if (c->ahead_len == 0) {
		ssize_t got = fill(c);

		if (got <= 0)
			return got;
	}
	if (n > c->ahead_len)
		n = c->ahead_len;
	memcpy(to, c->ahead + c->ahead_at, n);
	c->ahead_at += n;
	c->ahead_len -= n;
	if (c->ahead_len == 0)
		give_back(c);
	return (ssize_t)n;
}

void conn_read_ahead(struct conn *c)
{
	/* descriptors are how GnuTLS' own push function wants them */
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	gnutls_transport_ptr_t out = (void *)(intptr_t)c->fd;

	gnutls_transport_set_ptr2(c->tls, c, out);
	gnutls_transport_set_pull_function(c->tls, pull);
}
