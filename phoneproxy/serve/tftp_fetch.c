/* Fetching a file: each block acknowledged, the last packet repeated. */
#include "phoneproxy/serve/tftp_fetch.h"

static void send_packet(struct tftp_fetch *f, const struct wbuf *w)
{
	need(!w->bad);
	f->send(f->arg, slice_of(w->p, w->at));
}

static void send_request(struct tftp_fetch *f)
{
	uint8_t room[TFTP_NAME_MAX + 128];
	struct wbuf w = wbuf_of(room, sizeof(room));
	struct tftp_options opt = { .blksize = f->limits.blksize_max,
		.has_tsize = true };

	tftp_put_request(&w, f->file, &opt);
	send_packet(f, &w);
}

static void send_ack(struct tftp_fetch *f)
{
	uint8_t room[TFTP_HEAD];
	struct wbuf w = wbuf_of(room, sizeof(room));

	tftp_put_ack(&w, (uint16_t)f->got);
	send_packet(f, &w);
}

static void arm(struct tftp_fetch *f, uint64_t now)
{
	uint64_t wait = (uint64_t)f->limits.retry_ms << f->tries;

	f->due = now + wait < f->end ? now + wait : f->end;
}

void tftp_fetch_start(struct tftp_fetch *f, const struct tftp_limits *limits,
	struct slice file, size_t max, uint64_t now, tftp_send_fn *send,
	void *arg)
{
	need(file.n > 0 && file.n <= TFTP_NAME_MAX);
	need(limits->blksize_max >= TFTP_BLKSIZE_MIN &&
		limits->blksize_max <= TFTP_BLKSIZE_MAX);
	need(limits->retries < 16);
	*f = (struct tftp_fetch){
		.file = file,
		.limits = *limits,
		.max = max,
		.blksize = TFTP_BLKSIZE,
		.end = now + limits->session_ms,
		.send = send,
		.arg = arg,
	};
	send_request(f);
	arm(f, now);
}

static void refuse(struct tftp_fetch *f, enum tftp_code code, const char *text)
{
	uint8_t room[128];
	struct wbuf w = wbuf_of(room, sizeof(room));

	tftp_put_error(&w, code, text);
	send_packet(f, &w);
	f->peer_code = (uint16_t)code;
	f->state = TFTP_REFUSED_BY_PEER;
}

static void proceed(struct tftp_fetch *f, uint64_t now)
{
	f->answered = true;
	f->tries = 0;
	send_ack(f);
	arm(f, now);
}

static void on_oack(
	struct tftp_fetch *f, const struct tftp_options *o, uint64_t now)
{
	if (f->got > 0)
		return; /* a late repetition */
	if (o->blksize > f->limits.blksize_max || o->windowsize != 0 ||
		o->timeout != 0) {
		refuse(f, TFTP_E_OPTION, "not asked for");
		return;
	}
	if (o->has_tsize && o->tsize > f->max) {
		refuse(f, TFTP_E_FULL, "file too large");
		return;
	}
	if (!f->answered && o->blksize != 0)
		f->blksize = o->blksize;
	proceed(f, now);
}

static void on_data(
	struct tftp_fetch *f, const struct tftp_packet *p, uint64_t now)
{
	if (p->block == (uint16_t)f->got && f->got > 0) {
		send_ack(f); /* ours was lost */
		return;
	}
	if (p->block != (uint16_t)(f->got + 1) || p->data.n > f->blksize)
		return;
	if (f->content.n + p->data.n > f->max) {
		refuse(f, TFTP_E_FULL, "file too large");
		return;
	}
	text_add(&f->content, p->data);
	f->got++;
	if (p->data.n < f->blksize)
		f->state = TFTP_DONE;
	proceed(f, now);
}

void tftp_fetch_packet(struct tftp_fetch *f, struct slice packet, uint64_t now)
{
	struct tftp_packet p;

	if (tftp_parse(&p, packet) != 0)
		return;
	if (f->state == TFTP_DONE && p.op == TFTP_DATA &&
		p.block == (uint16_t)f->got)
		send_ack(f); /* the last one was lost */
	if (f->state != TFTP_RUNNING)
		return;
	if (p.op == TFTP_DATA) {
		on_data(f, &p, now);
	} else if (p.op == TFTP_OACK) {
		on_oack(f, &p.opt, now);
	} else if (p.op == TFTP_ERROR) {
		f->peer_code = p.code;
		f->state = TFTP_REFUSED_BY_PEER;
	}
}

void tftp_fetch_timer(struct tftp_fetch *f, uint64_t now)
{
	if (f->state != TFTP_RUNNING || now < f->due)
		return;
	if (now >= f->end) {
		f->state = TFTP_OVERDUE;
		return;
	}
	if (f->tries == f->limits.retries) {
		f->state = TFTP_GIVEN_UP;
		return;
	}
	f->tries++;
	if (f->answered)
		send_ack(f);
	else
		send_request(f);
	arm(f, now);
}

uint64_t tftp_fetch_due(const struct tftp_fetch *f)
{
	return f->state == TFTP_RUNNING ? f->due : UINT64_MAX;
}

void tftp_fetch_free(struct tftp_fetch *f)
{
	text_free(&f->content);
}
