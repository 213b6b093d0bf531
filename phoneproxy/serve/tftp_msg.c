/* Parsing and building TFTP packets. */
#include "phoneproxy/serve/tftp_msg.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	OPTIONS_MAX = 16,
	RFC_BLKSIZE_MAX = 65464,
	RFC_TIMEOUT_MAX = 255,
	RFC_WINDOW_MAX = 65535,
};

/* The next text that ends in NUL. */
static bool take_text(struct slice *rest, struct slice *out)
{
	size_t n = slice_find(*rest, '\0');

	if (n == rest->n)
		return false;
	*out = slice_head(*rest, n);
	*rest = slice_from(*rest, n + 1);
	return true;
}

static void take_number(
	struct slice v, uint32_t min, uint32_t max, uint32_t *out)
{
	uint64_t n;

	if (*out == 0 && slice_uint(v, max, &n) == 0 && n >= min)
		*out = (uint32_t)n;
}

static void take_option(
	struct tftp_options *o, struct slice name, struct slice v)
{
	if (slice_caseeq_str(name, "blksize"))
		take_number(v, TFTP_BLKSIZE_MIN, RFC_BLKSIZE_MAX, &o->blksize);
	else if (slice_caseeq_str(name, "timeout"))
		take_number(v, 1, RFC_TIMEOUT_MAX, &o->timeout);
	else if (slice_caseeq_str(name, "windowsize"))
		take_number(v, 1, RFC_WINDOW_MAX, &o->windowsize);
	else if (slice_caseeq_str(name, "tsize") && !o->has_tsize)
		o->has_tsize = slice_uint(v, UINT64_MAX, &o->tsize) == 0;
}

static int take_options(struct tftp_options *o, struct slice rest)
{
	struct slice name, value;

	for (unsigned i = 0; rest.n > 0; i++) {
		if (i == OPTIONS_MAX || !take_text(&rest, &name) ||
			!take_text(&rest, &value) || name.n == 0)
			return EBADMSG;
		take_option(o, name, value);
	}
	return 0;
}

static int take_request(struct tftp_packet *p, struct slice rest)
{
	struct slice mode;

	if (!take_text(&rest, &p->file) || !take_text(&rest, &mode) ||
		p->file.n == 0 || p->file.n > TFTP_NAME_MAX)
		return EBADMSG;
	for (size_t i = 0; i < p->file.n; i++)
		if ((unsigned char)p->file.p[i] < ' ' || p->file.p[i] == 0x7f)
			return EBADMSG;
	p->octet = slice_caseeq_str(mode, "octet");
	return take_options(&p->opt, rest);
}

static int take_error(struct tftp_packet *p, struct rbuf *r)
{
	p->code = rbuf_u16(r);
	if (r->bad)
		return EBADMSG;
	p->message = rbuf_bytes(r, rbuf_left(r));
	/* Some leave out the NUL. */
	p->message = slice_head(p->message, slice_find(p->message, '\0'));
	return 0;
}

int tftp_parse(struct tftp_packet *out, struct slice packet)
{
	struct rbuf r = rbuf_of(packet);
	uint16_t op = rbuf_u16(&r);
	struct slice rest = slice_from(packet, 2);

	*out = (struct tftp_packet){ 0 };
	if (r.bad)
		return EBADMSG;
	if (op < TFTP_RRQ || op > TFTP_OACK)
		return ENOTSUP;
	out->op = op;
	switch (out->op) {
	case TFTP_RRQ:
	case TFTP_WRQ:
		return take_request(out, rest);
	case TFTP_OACK:
		return take_options(&out->opt, rest);
	case TFTP_ERROR:
		return take_error(out, &r);
	case TFTP_DATA:
	case TFTP_ACK:
		out->block = rbuf_u16(&r);
		out->data = slice_from(packet, TFTP_HEAD);
		return r.bad ? EBADMSG : 0;
	default:
		return ENOTSUP;
	}
}

static void put_text(struct wbuf *w, struct slice s)
{
	wbuf_bytes(w, s);
	wbuf_u8(w, 0);
}

static void put_number(struct wbuf *w, const char *name, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	put_text(w, slice_str(name));
	put_text(w, slice_str(text));
}

static void put_options(struct wbuf *w, const struct tftp_options *o)
{
	if (o->has_tsize)
		put_number(w, "tsize", o->tsize);
	if (o->blksize != 0)
		put_number(w, "blksize", o->blksize);
	if (o->timeout != 0)
		put_number(w, "timeout", o->timeout);
	if (o->windowsize != 0)
		put_number(w, "windowsize", o->windowsize);
}

void tftp_put_request(
	struct wbuf *w, struct slice file, const struct tftp_options *opt)
{
	wbuf_u16(w, TFTP_RRQ);
	put_text(w, file);
	put_text(w, SLICE_LIT("octet"));
	put_options(w, opt);
}

void tftp_put_data(struct wbuf *w, uint16_t block, struct slice data)
{
	wbuf_u16(w, TFTP_DATA);
	wbuf_u16(w, block);
	wbuf_bytes(w, data);
}

void tftp_put_ack(struct wbuf *w, uint16_t block)
{
	wbuf_u16(w, TFTP_ACK);
	wbuf_u16(w, block);
}

void tftp_put_oack(struct wbuf *w, const struct tftp_options *opt)
{
	wbuf_u16(w, TFTP_OACK);
	put_options(w, opt);
}

void tftp_put_error(struct wbuf *w, enum tftp_code code, const char *text)
{
	wbuf_u16(w, TFTP_ERROR);
	wbuf_u16(w, (uint16_t)code);
	put_text(w, slice_str(text));
}
