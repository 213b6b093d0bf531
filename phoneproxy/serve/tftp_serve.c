/*
 * Sending a file. Data goes out on new acknowledgements and on the timer; a
 * repeated acknowledgement causes nothing (RFC 1123, 4.2.3.1), except that
 * with windows it tells of a lost block, and then once for each window.
 */
#include "phoneproxy/serve/tftp_serve.h"

#include <string.h>

const struct tftp_limits tftp_defaults = {
	.blksize_max = 1428,
	.window_max = 16,
	.retry_ms = 1000,
	.retries = 5,
	.session_ms = 180000,
};

const char *tftp_state_name(enum tftp_state s)
{
	static const char *const names[] = {
		[TFTP_RUNNING] = "running",
		[TFTP_DONE] = "done",
		[TFTP_GIVEN_UP] = "no-answer",
		[TFTP_OVERDUE] = "too-slow",
		[TFTP_REFUSED_BY_PEER] = "refused-by-peer",
		[TFTP_SUPERSEDED] = "asked-anew",
	};

	return names[s];
}

static void send_block(struct tftp_serve *s, uint64_t block)
{
	uint8_t room[TFTP_PACKET_MAX];
	struct wbuf w = wbuf_of(room, sizeof(room));
	struct slice rest =
		slice_from(s->content, (size_t)(block - 1) * s->blksize);

	tftp_put_data(&w, (uint16_t)block, slice_head(rest, s->blksize));
	s->send(s->arg, slice_of(room, w.at));
}

static void send_oack(struct tftp_serve *s)
{
	uint8_t room[TFTP_PACKET_MAX];
	struct wbuf w = wbuf_of(room, sizeof(room));

	tftp_put_oack(&w, &s->agreed);
	s->send(s->arg, slice_of(room, w.at));
}

/* The window behind what is acknowledged. */
static void send_window(struct tftp_serve *s)
{
	if (s->oack) {
		send_oack(s);
		return;
	}
	for (s->sent = s->acked;
		s->sent < s->last && s->sent < s->acked + s->window; s->sent++)
		send_block(s, s->sent + 1);
}

static void arm(struct tftp_serve *s, uint64_t now)
{
	uint64_t wait = s->agreed.timeout != 0
				? UINT64_C(1000) * s->agreed.timeout
				: (uint64_t)s->limits.retry_ms << s->tries;

	s->due = now + wait < s->end ? now + wait : s->end;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Acknowledges what was asked for, smaller where it exceeds our limits. */
static void agree(struct tftp_serve *s, const struct tftp_options *asked)
{
	struct tftp_options *a = &s->agreed;

	if (asked->blksize != 0)
		s->blksize = a->blksize =
			least(asked->blksize, s->limits.blksize_max);
	if (asked->windowsize != 0)
		s->window = a->windowsize =
			least(asked->windowsize, s->limits.window_max);
	a->timeout = asked->timeout;
	a->has_tsize = asked->has_tsize;
	a->tsize = s->content.n;
	s->oack = a->blksize != 0 || a->windowsize != 0 || a->timeout != 0 ||
		  a->has_tsize;
}

void tftp_serve_start(struct tftp_serve *s, const struct tftp_limits *limits,
	struct slice request, const struct tftp_packet *p, struct slice content,
	uint64_t now, tftp_send_fn *send, void *arg)
{
	need(p->op == TFTP_RRQ && p->octet);
	need(limits->blksize_max >= TFTP_BLKSIZE_MIN &&
		limits->blksize_max <= TFTP_BLKSIZE_MAX);
	need(limits->window_max >= 1 && limits->window_max <= TFTP_WINDOW_MAX);
	need(limits->retries < 16);
	*s = (struct tftp_serve){
		.content = content,
		.limits = *limits,
		.blksize = TFTP_BLKSIZE,
		.window = 1,
		.end = now + limits->session_ms,
		.send = send,
		.arg = arg,
	};
	request = slice_head(request, sizeof(s->request));
	memcpy(s->request, request.p, request.n);
	s->nrequest = request.n;
	agree(s, &p->opt);
	s->last = content.n / s->blksize + 1; /* shorter than a block */
	send_window(s);
	arm(s, now);
}

static void progress(struct tftp_serve *s, uint64_t acked, uint64_t now)
{
	s->acked = acked;
	s->heard = true;
	s->oack = false;
	s->resent = false;
	s->tries = 0;
	if (s->acked == s->last) {
		s->state = TFTP_DONE;
		return;
	}
	send_window(s);
	arm(s, now);
}

static void on_ack(struct tftp_serve *s, uint16_t block, uint64_t now)
{
	uint16_t ahead = (uint16_t)(block - (uint16_t)s->acked);

	if (s->oack) {
		if (block == 0)
			progress(s, 0, now);
		return;
	}
	if (ahead != 0 && ahead <= s->sent - s->acked) {
		progress(s, s->acked + ahead, now);
	} else if (ahead == 0 && s->window > 1 && !s->resent) {
		s->resent = true;
		s->repeated++;
		send_window(s);
	}
}

/* The phone's own repetition, or has it begun anew from the same port? */
static void on_request(struct tftp_serve *s, struct slice packet)
{
	bool same = slice_eq(slice_head(packet, sizeof(s->request)),
		slice_of(s->request, s->nrequest));

	if (!same || s->acked > 0)
		s->state = TFTP_SUPERSEDED;
}

void tftp_serve_packet(struct tftp_serve *s, struct slice packet, uint64_t now)
{
	struct tftp_packet p;

	if (s->state != TFTP_RUNNING || tftp_parse(&p, packet) != 0)
		return;
	if (p.op == TFTP_ACK) {
		on_ack(s, p.block, now);
	} else if (p.op == TFTP_RRQ) {
		on_request(s, packet);
	} else if (p.op == TFTP_ERROR) {
		s->peer_code = p.code;
		s->state = TFTP_REFUSED_BY_PEER;
	}
}

void tftp_serve_timer(struct tftp_serve *s, uint64_t now)
{
	if (s->state != TFTP_RUNNING || now < s->due)
		return;
	if (now >= s->end) {
		s->state = TFTP_OVERDUE;
		return;
	}
	if (s->tries == s->limits.retries) {
		s->state = TFTP_GIVEN_UP;
		return;
	}
	s->tries++;
	s->repeated++;
	send_window(s);
	arm(s, now);
}

uint64_t tftp_serve_due(const struct tftp_serve *s)
{
	return s->state == TFTP_RUNNING ? s->due : UINT64_MAX;
}
