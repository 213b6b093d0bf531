#include "phoneproxy/signed/ctl_exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/secret.h"
#include "phoneproxy/signed/ctl.h"

enum {
	VERSION = 1,
	ITEM_HEAD = 4,
	TAG_USER = 1,
	TAG_SECRET = 2,
	TAG_REASON = 3,
	TAG_RECORD = 4, /* role u16, certificate */
};

static const char magic[4] = "LCTL";

int ctlx_frame(struct slice buf, size_t *size)
{
	struct rbuf r = rbuf_of(buf);
	uint32_t n;

	*size = 0;
	if (!slice_eq(slice_head(buf, sizeof(magic)),
		    slice_head(slice_of(magic, sizeof(magic)), buf.n)))
		return EBADMSG;
	if (buf.n < CTLX_HEAD)
		return 0;
	r.at = sizeof(magic);
	if (rbuf_u8(&r) != VERSION)
		return ENOTSUP;
	(void)rbuf_u8(&r);
	n = rbuf_u32(&r);
	if (n > CTLX_SIZE_MAX - CTLX_HEAD)
		return EBADMSG;
	*size = CTLX_HEAD + (size_t)n;
	return 0;
}

/* ---- reading ---- */

static int take_text(struct slice v, struct slice *out)
{
	if (out->p != NULL)
		return EPROTO;
	if (v.n == 0 || v.n > CTLX_TEXT_MAX || slice_find(v, '\0') != v.n)
		return EBADMSG;
	*out = v;
	return 0;
}

static int take_record(struct ctlx_msg *m, struct slice v)
{
	struct rbuf r = rbuf_of(v);
	struct ctlx_record one = { .role = rbuf_u16(&r) };

	one.cert = rbuf_bytes(&r, rbuf_left(&r));
	if (r.bad || one.cert.n == 0 || one.cert.n > CTLX_CERT_MAX)
		return EBADMSG;
	if (one.role == ROLE_SAST)
		return EACCES;
	if (m->n == CTLX_RECORDS_MAX)
		return E2BIG;
	m->record[m->n++] = one;
	return 0;
}

static int take(struct ctlx_msg *m, uint8_t tag, struct slice v)
{
	switch (tag) {
	case TAG_USER:
		return take_text(v, &m->user);
	case TAG_SECRET:
		return take_text(v, &m->secret);
	case TAG_REASON:
		if (m->reason != 0)
			return EPROTO;
		if (v.n != 1 || v.p[0] == 0)
			return EBADMSG;
		m->reason = (uint8_t)v.p[0];
		return 0;
	case TAG_RECORD:
		return take_record(m, v);
	default:
		return 0;
	}
}

static int complete(const struct ctlx_msg *m)
{
	switch (m->type) {
	case CTLX_ASK:
		return m->user.n > 0 && m->secret.n > 0 ? 0 : EPROTO;
	case CTLX_OFFER:
		return 0;
	case CTLX_REFUSED:
		return m->reason != 0 ? 0 : EPROTO;
	}
	return EBADMSG;
}

int ctlx_parse(struct ctlx_msg *out, struct slice frame)
{
	struct rbuf r = rbuf_of(frame);
	size_t size;
	int err = ctlx_frame(frame, &size);

	*out = (struct ctlx_msg){ 0 };
	if (err == 0 && (size == 0 || size != frame.n))
		err = EBADMSG;
	if (err != 0)
		return err;
	r.at = sizeof(magic) + 1;
	out->type = rbuf_u8(&r);
	r.at = CTLX_HEAD;
	while (rbuf_left(&r) > 0 && err == 0) {
		uint8_t tag = rbuf_u8(&r);
		size_t n = rbuf_u24(&r);
		struct slice v = rbuf_bytes(&r, n);

		err = r.bad ? EBADMSG : take(out, tag, v);
	}
	return err == 0 ? complete(out) : err;
}

/* ---- building ---- */

static void put_item(struct wbuf *w, uint8_t tag, size_t n)
{
	wbuf_u8(w, tag);
	wbuf_u8(w, (uint8_t)(n >> 16));
	wbuf_u16(w, (uint16_t)n);
}

static void put_text(struct wbuf *w, uint8_t tag, struct slice v)
{
	if (v.n == 0)
		return;
	put_item(w, tag, v.n);
	wbuf_bytes(w, v);
}

static bool fits(const struct ctlx_msg *m)
{
	if (m->user.n > CTLX_TEXT_MAX || m->secret.n > CTLX_TEXT_MAX ||
		m->n > CTLX_RECORDS_MAX)
		return false;
	for (size_t i = 0; i < m->n; i++)
		if (m->record[i].cert.n == 0 ||
			m->record[i].cert.n > CTLX_CERT_MAX ||
			m->record[i].role == ROLE_SAST)
			return false;
	return complete(m) == 0;
}

static size_t size_of(const struct ctlx_msg *m)
{
	size_t n =
		CTLX_HEAD + 3 * (size_t)ITEM_HEAD + m->user.n + m->secret.n + 1;

	for (size_t i = 0; i < m->n; i++)
		n += ITEM_HEAD + 2 + m->record[i].cert.n;
	return n;
}

int ctlx_build(struct text *out, const struct ctlx_msg *m)
{
	size_t room = size_of(m);
	struct wbuf w;
	uint8_t *p;

	if (!fits(m) || room > CTLX_SIZE_MAX)
		return EINVAL;
	p = mem_new(room);
	w = wbuf_of(p, room);
	wbuf_bytes(&w, slice_of(magic, sizeof(magic)));
	wbuf_u8(&w, VERSION);
	wbuf_u8(&w, (uint8_t)m->type);
	wbuf_u32(&w, 0);
	put_text(&w, TAG_USER, m->user);
	put_text(&w, TAG_SECRET, m->secret);
	if (m->reason != 0) {
		put_item(&w, TAG_REASON, 1);
		wbuf_u8(&w, m->reason);
	}
	for (size_t i = 0; i < m->n; i++) {
		put_item(&w, TAG_RECORD, 2 + m->record[i].cert.n);
		wbuf_u16(&w, m->record[i].role);
		wbuf_bytes(&w, m->record[i].cert);
	}
	need(!w.bad);
	room = w.at;
	w.at = sizeof(magic) + 2;
	wbuf_u32(&w, (uint32_t)(room - CTLX_HEAD));
	text_add(out, slice_of(p, room));
	mem_wipe(p, room); /* there may be a secret in it */
	free(p);
	return 0;
}
