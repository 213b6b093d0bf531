/*
 * Bytes that a connection receives: whole messages to Sofia, keep-alives
 * answered (RFC 5626).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "b2bua/sofia/stream_int.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/secret.h"
#include "base/thread.h"

enum {
	STREAM_TURN = 32,
	STREAM_PARSED = 3072, /* bytes: headers of most messages, once read */
};

/* What Sofia's loop over vtp_recv takes. */
enum { RECV_END = 0, RECV_DONE = 1, RECV_AGAIN = 2 };

static ssize_t raw_recv(struct conn *c, void *p, size_t n)
{
	ssize_t r;

	if (c->tls == NULL)
		return recv(c->fd, p, n, 0);
	r = gnutls_record_recv(c->tls, p, n);
	if (r >= 0)
		return r;
	switch (r) {
	case GNUTLS_E_AGAIN:
	case GNUTLS_E_INTERRUPTED:
		errno = EAGAIN;
		break;
	case GNUTLS_E_REHANDSHAKE:
		(void)gnutls_alert_send(
			c->tls, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
		errno = EAGAIN;
		break;
	case GNUTLS_E_PREMATURE_TERMINATION:
		return 0; /* phones close without close_notify */
	default:
		if (!gnutls_error_is_fatal((int)r))
			errno = EAGAIN;
		else
			errno = ECONNRESET;
	}
	return -1;
}

/* CRLF CRLF is a ping. */
static void blank_received(struct conn *c, size_t n)
{
	if (n >= 4)
		stream_pong(c);
}

static void consume(struct conn *c, size_t n)
{
	if (n > 0)
		mem_wipe(c->in + c->in_at, n); /* descriptions carry keys */
	c->in_at += n;
	c->in_len -= n;
	c->framer = (struct framer){ 0 };
	c->message_began = c->in_len > 0 ? clock_ms() : 0;
	if (c->in_len > 0 || c->in == NULL)
		return;
	if (c->stream->spare == NULL)
		c->stream->spare = c->in;
	else
		free(c->in);
	c->in = NULL;
	c->in_at = c->in_size = 0;
}

static int give_message(struct conn *c, size_t n)
{
	tport_t *tp = c->tp;
	msg_iovec_t iov[msg_n_fragments] = { { 0 } };
	su_addrinfo_t *ai = abi_addrinfo(tp);
	size_t off = 0;
	ssize_t k = tport_recv_iovec(tp, abi_msg(tp), iov, n, 0);

	if (k < 0)
		return -1;
	su_home_preload(msg_home(*abi_msg(tp)), 1, STREAM_PARSED);
	msg_set_address(
		*abi_msg(tp), (void *)ai->ai_addr, (socklen_t)ai->ai_addrlen);
	for (ssize_t i = 0; i < k && off < n; i++) {
		size_t part =
			iov[i].siv_len < n - off ? iov[i].siv_len : n - off;

		memcpy(iov[i].siv_base, c->in + c->in_at + off, part);
		off += part;
	}
	tport_recv_bytes(tp, (ssize_t)n, (ssize_t)n);
	msg_recv_commit(*abi_msg(tp), (usize_t)n, 0);
	return 0;
}

static void refuse(struct conn *c, enum framer_verdict v)
{
	metric_inc(v == FRAMER_TOO_MANY_HEADERS ? M_SIP_CONN_MANY_HEADERS
		   : v == FRAMER_TOO_LONG	? M_SIP_CONN_OVERSIZE
						: M_SIP_CONN_GARBAGE);
	log_event(MSG_SIP_CONNECTION_DROPPED, NULL,
		L_STR("listener", c->stream->listener),
		L_ADDR("peer", &c->flow->pub.peer),
		L_STR("reason", framer_verdict_text(v)));
}

/* Up to one message out of the buffer; RECV_DONE: none is complete. */
static int take_message(struct conn *c)
{
	while (c->in_len > 0) {
		size_t n;
		enum framer_verdict v = framer_scan(
			&c->framer, slice_of(c->in + c->in_at, c->in_len), &n);

		if (v == FRAMER_MORE)
			return RECV_DONE;
		if (v == FRAMER_BLANK) {
			blank_received(c, n);
			consume(c, n);
			continue;
		}
		if (v != FRAMER_MESSAGE) {
			refuse(c, v);
			errno = EBADMSG;
			return -1;
		}
		if (give_message(c, n) < 0) {
			errno = ENOMEM;
			return -1;
		}
		consume(c, n);
		return RECV_AGAIN;
	}
	return RECV_DONE;
}

/* What is left of the last read goes where the next one is put behind. */
static void to_front(struct conn *c)
{
	if (c->in_at == 0)
		return;
	memmove(c->in, c->in + c->in_at, c->in_len);
	mem_wipe(c->in + c->in_len, c->in_at);
	c->in_at = 0;
}

/* Few connections have half a message at a time: one buffer goes round. */
static void make_room(struct conn *c)
{
	size_t want = FRAMER_MESSAGE_MAX + STREAM_RECORD;

	if (c->in != NULL) {
		to_front(c);
		return;
	}
	c->in = c->stream->spare;
	c->stream->spare = NULL;
	c->in_size = want;
	if (c->in == NULL)
		c->in = mem_array(1, want);
}

/* Nothing is left to read now; what comes later wakes the loop again. */
static bool is_drained(const struct conn *c, size_t got, size_t asked)
{
	if (c->tls != NULL)
		return c->dry && c->ahead_len == 0 &&
		       gnutls_record_check_pending(c->tls) == 0;
	return got < asked;
}

static void begin_turn(struct conn *c)
{
	c->budget = STREAM_TURN;
	c->drained = c->dry = false;
}

static void read_on(struct mq_node *node)
{
	struct conn *c = MQ_HOLDER(node, struct conn, more);

	c->more_waits = false;
	if (c->tp == NULL)
		return;
	begin_turn(c);
	tport_recv_event(c->tp);
}

/* Whoever sends faster than we read does not keep the thread to himself. */
static void read_later(struct conn *c)
{
	if (c->more_waits)
		return;
	c->more_waits = true;
	c->more.run = read_on;
	mq_push(c->stream->queue, &c->more);
}

/*
 * RECV_AGAIN: a message was given, or more may be had at once. What a record
 * or a segment holds beyond one message waits in the buffer.
 */
int stream_on_recv(tport_t *tp)
{
	struct conn *c = *ABI_TPORT_OWN(tp, struct conn *);
	ssize_t n;
	int r;

	if (c == NULL)
		return RECV_END;
	if (*abi_flags(tp) & ABI_FLAG_RECV_CLOSED)
		return RECV_DONE; /* Sofia's parser gave up: see sweep */
	if (c->budget == 0) {
		read_later(c);
		return RECV_DONE;
	}
	c->budget--;
	r = take_message(c);
	if (r != RECV_DONE)
		return r;
	if (c->drained) {
		c->drained = false;
		return RECV_DONE;
	}
	make_room(c);
	n = raw_recv(c, c->in + c->in_len, c->in_size - c->in_len);
	if (n <= 0) {
		int err = n == 0 ? 0 : errno;

		if (c->in_len == 0)
			consume(c, 0); /* gives the buffer back */
		if (n == 0)
			return RECV_END;
		/* an alert says nothing of the records behind it */
		if (err == EAGAIN || err == EINTR)
			return c->ahead_len > 0 ? RECV_AGAIN : RECV_DONE;
		errno = err;
		return -1;
	}
	c->drained = is_drained(c, (size_t)n, c->in_size - c->in_len);
	c->in_len += (size_t)n;
	c->last = clock_ms();
	if (c->message_began == 0)
		c->message_began = c->last;
	r = take_message(c);
	return r == RECV_DONE ? RECV_AGAIN : r;
}

void stream_kick(struct conn *c)
{
	if (c->tls == NULL || gnutls_record_check_pending(c->tls) == 0)
		return;
	begin_turn(c);
	tport_recv_event(c->tp);
}

static bool closed(tport_t *tp)
{
	return (*abi_flags(tp) & ABI_FLAG_CLOSED) != 0;
}

int stream_on_wakeup(tport_t *tp, int events)
{
	struct conn *c = *ABI_TPORT_OWN(tp, struct conn *);
	int err = 0;

	if (c == NULL)
		return 0;
	if (events & SU_WAIT_ERR)
		err = tport_error_event(tp);
	if ((events & SU_WAIT_OUT) && !closed(tp) && stream_flush(c)) {
		if (tport_has_queued(tp))
			tport_send_event(tp);
		else
			abi_want_out(tp, false);
	}
	if ((events & SU_WAIT_IN) && !closed(tp)) {
		begin_turn(c);
		tport_recv_event(tp);
	}
	if ((events & SU_WAIT_HUP) && !closed(tp))
		tport_hup_event(tp);
	if (err > 0 && !closed(tp))
		tport_error_report(tp, err, NULL);
	return 0;
}
