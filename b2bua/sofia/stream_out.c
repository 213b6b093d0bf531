/*
 * What a connection sends. Messages of one turn of the loop gather in a buffer
 * and leave by one system call and in one TLS record, when the loop is about to
 * wait: an answer behind its provisional one, calls of one trunk at once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "b2bua/sofia/stream_int.h"
#include "base/obj.h"
#include "base/secret.h"

static ssize_t raw_send(struct conn *c, const void *p, size_t n)
{
	ssize_t r;

	if (c->tls == NULL)
		return send(c->fd, p, n, MSG_NOSIGNAL);
	r = gnutls_record_send(c->tls, p, n);
	if (r >= 0)
		return r;
	errno = r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED ? EAGAIN
								 : EPIPE;
	return -1;
}

/*
 * As one record or as several where the peer takes small ones only (RFC 6066 4,
 * RFC 8449). A record that GnuTLS could not push out counts as sent: it is
 * flushed before anything else. How much was sent, or -1.
 */
static ssize_t send_records(struct conn *c, const char *p, size_t n)
{
	size_t max = gnutls_record_get_max_size(c->tls);
	size_t sent = 0;

	while (sent < n && !c->flush) {
		size_t part = n - sent < max ? n - sent : max;
		ssize_t r = raw_send(c, p + sent, part);

		if (r < 0) {
			if (errno != EAGAIN)
				return -1;
			c->flush = true;
			r = (ssize_t)part;
		}
		sent += (size_t)r;
	}
	return (ssize_t)sent;
}

/* ---- those that have something to send ---- */

static void list_in(struct conn *c)
{
	struct outbox *box = c->stream->outbox;

	if (c->out_prev != NULL)
		return;
	c->out_prev = box->last != NULL ? box->last : &box->first;
	c->out_next = NULL;
	*c->out_prev = c;
	box->last = &c->out_next;
}

static void list_out(struct conn *c)
{
	if (c->out_prev == NULL)
		return;
	*c->out_prev = c->out_next;
	if (c->out_next != NULL)
		c->out_next->out_prev = c->out_prev;
	else
		c->stream->outbox->last = c->out_prev;
	c->out_prev = NULL;
}

void outbox_send(struct outbox *box)
{
	while (box->first != NULL)
		(void)stream_flush(box->first); /* takes it off the list */
}

/* ---- the buffer of one ---- */

/* Descriptions carry keys, and the buffer goes round. */
static void sent(struct conn *c, size_t n)
{
	size_t left = c->out_len - n;

	memmove(c->out, c->out + n, left);
	mem_wipe(c->out + left, n);
	c->out_len = left;
	if (left > 0)
		return;
	if (c->stream->spare_out == NULL)
		c->stream->spare_out = c->out;
	else
		free(c->out);
	c->out = NULL;
}

/* 0, EAGAIN: some is left, or what broke the connection. */
static int push_out(struct conn *c)
{
	ssize_t r = 0;

	list_out(c);
	if (c->flush) {
		if (raw_send(c, NULL, 0) < 0)
			return errno;
		c->flush = false;
	}
	if (c->out_len == 0)
		return 0;
	r = c->tls != NULL ? send_records(c, c->out, c->out_len)
			   : raw_send(c, c->out, c->out_len);
	if (r < 0)
		return errno == EINTR ? EAGAIN : errno;
	sent(c, (size_t)r);
	return c->flush || c->out_len > 0 ? EAGAIN : 0;
}

/* As that, and the loop tells when there is room again. */
static int push_or_wait(struct conn *c)
{
	int err = push_out(c);

	if (err == EAGAIN)
		abi_want_out(c->tp, true);
	return err;
}

void stream_out_end(struct conn *c)
{
	if (abi_socket(c->tp) == c->fd) /* else it is closed already */
		(void)push_out(c);
	list_out(c);
	if (c->out_len > 0)
		sent(c, c->out_len);
	c->flush = false;
}

bool stream_flush(struct conn *c)
{
	int err = push_or_wait(c);

	if (err != 0 && err != EAGAIN) {
		if (c->out_len > 0)
			sent(c, c->out_len);
		tport_error_report(c->tp, err, NULL);
	}
	return err == 0;
}

static void take_buffer(struct conn *c)
{
	if (c->out != NULL)
		return;
	c->out = c->stream->spare_out;
	c->stream->spare_out = NULL;
	if (c->out == NULL)
		c->out = mem_array(1, STREAM_RECORD);
}

/* How much of it will be sent. Less than all: there is no room for more, 0 or
 * errno is in *err. */
static size_t put(struct conn *c, const char *p, size_t n, int *err)
{
	size_t at = 0;

	*err = 0;
	while (at < n && *err == 0) {
		size_t room = STREAM_RECORD - c->out_len;
		size_t part = n - at < room ? n - at : room;

		if (room == 0) {
			*err = push_or_wait(c);
			continue;
		}
		take_buffer(c);
		memcpy(c->out + c->out_len, p + at, part);
		c->out_len += part;
		at += part;
	}
	return at;
}

/* The socket took no more: the loop tells when there is room. */
static bool waits_for_room(const struct conn *c)
{
	return c->flush || (c->out_len > 0 && c->out_prev == NULL);
}

void stream_pong(struct conn *c)
{
	int err = 0;

	if (waits_for_room(c) || tport_has_queued(c->tp) ||
		STREAM_RECORD - c->out_len < 2)
		return;
	(void)put(c, "\r\n", 2, &err);
	list_in(c);
}

ssize_t stream_on_send(
	tport_t const *tpc, msg_t *msg, msg_iovec_t iov[], size_t n)
{
	/* const for Sofia only */
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	tport_t *tp = (tport_t *)(uintptr_t)tpc;
	struct conn *c = *ABI_TPORT_OWN(tp, struct conn *);
	size_t total = 0;
	bool wait = false;
	int err = 0;

	if (c == NULL) {
		errno = EPIPE;
		return -1;
	}
	wait = waits_for_room(c);
	for (size_t i = 0; i < n && err == 0; i++)
		total += put(c, iov[i].siv_base, iov[i].siv_len, &err);
	if (err == 0 ? !wait : err != EAGAIN)
		list_in(c);
	if (err != 0 && err != EAGAIN) {
		errno = err; /* the loop tells the others that wait on it */
		return -1;
	}
	if (total > 0 && wire_log_wanted())
		wire_log_sent(tp, msg, iov, n);
	return (ssize_t)total; /* Sofia keeps the rest, from there on */
}
