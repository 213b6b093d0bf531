/* Parsing and building TVS frames. */
#include "phoneproxy/tvs/tvs_msg.h"

#include <errno.h>
#include <stdlib.h>

#include "base/obj.h"

enum {
	PROTOCOL = 0x57,
	VERSION = 1,
	EL_DEVICE = 1,
	EL_CERT = 2,
	EL_SUBJECT = 3,
	EL_ISSUER = 4, /* 4 and 5 are likely, not proven */
	EL_SERIAL = 5,
	EL_STATUS = 7,
	EL_ROLES = 8,
	EL_TTL = 9,
	DEVICE_PREFIX = 1,
	DEVICE_MAX = 64,
	SEP_LEN = TVS_SEP_TEXT - 1,
};

int tvs_frame(struct slice buf, size_t *size)
{
	struct rbuf r = rbuf_of(buf);

	*size = 0;
	if ((buf.n > 0 && rbuf_u8(&r) != PROTOCOL) ||
		(buf.n > 1 && rbuf_u8(&r) != VERSION))
		return EBADMSG;
	if (buf.n < TVS_HEAD)
		return 0;
	r.at = TVS_HEAD - 2;
	*size = TVS_HEAD + (size_t)rbuf_u16(&r);
	return 0;
}

static int take_text(struct slice v, struct slice *out)
{
	if (v.n == 0 || slice_find(v, '\0') != v.n - 1)
		return EBADMSG;
	*out = slice_head(v, v.n - 1);
	return 0;
}

static int take_device(struct slice v, struct slice *out)
{
	if (v.n < 2 || v.n > DEVICE_MAX || v.p[0] != DEVICE_PREFIX)
		return EBADMSG;
	*out = slice_from(v, 1);
	for (size_t i = 0; i < out->n; i++)
		if (out->p[i] <= ' ' || out->p[i] > '~')
			return EBADMSG;
	return 0;
}

static int take(struct tvs_msg *m, uint8_t tag, struct slice v)
{
	struct rbuf r = rbuf_of(v);

	switch (tag) {
	case EL_DEVICE:
		return take_device(v, &m->device);
	case EL_CERT:
		m->cert = v;
		return v.n > 0 ? 0 : EBADMSG;
	case EL_SUBJECT:
		return take_text(v, &m->subject);
	case EL_ISSUER:
		return take_text(v, &m->issuer);
	case EL_SERIAL:
		m->serial = v;
		return v.n > 0 ? 0 : EBADMSG;
	case EL_STATUS:
		m->has_status = true;
		m->status = rbuf_u8(&r);
		return v.n == 1 ? 0 : EBADMSG;
	case EL_ROLES:
		m->roles = v;
		return 0;
	case EL_TTL:
		m->has_ttl = true;
		m->ttl = rbuf_u32(&r);
		return v.n == 4 ? 0 : EBADMSG;
	default:
		return 0;
	}
}

static int take_all(struct tvs_msg *m, struct rbuf *r)
{
	uint32_t seen = 0;

	while (rbuf_left(r) > 0) {
		uint8_t tag = rbuf_u8(r);
		size_t n = rbuf_u16(r);
		struct slice v = rbuf_bytes(r, n);

		if (r->bad || (tag < 32 && seen & UINT32_C(1) << tag))
			return EBADMSG;
		if (tag < 32)
			seen |= UINT32_C(1) << tag;
		int err = take(m, tag, v);

		if (err != 0)
			return err;
	}
	return 0;
}

static int check_needs(const struct tvs_msg *m)
{
	switch (m->command) {
	case TVS_VERIFY_REQUEST:
		return m->device.n > 0 && m->cert.n > 0 ? 0 : EPROTO;
	case TVS_QUERY_REQUEST:
		return m->device.n > 0 && m->subject.n > 0 ? 0 : EPROTO;
	case TVS_VERIFY_RESPONSE:
	case TVS_QUERY_RESPONSE:
		return m->has_status ? 0 : EPROTO;
	default:
		return ENOTSUP;
	}
}

int tvs_parse(struct tvs_msg *out, struct slice frame)
{
	struct rbuf r = rbuf_of(frame);
	size_t size;
	int err;

	*out = (struct tvs_msg){ 0 };
	err = tvs_frame(frame, &size);
	if (err != 0 || size == 0 || size != frame.n)
		return EBADMSG;
	r.at = 2;
	uint8_t command = rbuf_u8(&r);

	rbuf_u8(&r); /* servers were seen to send anything here */
	out->session = rbuf_u32(&r);
	rbuf_u16(&r);
	if (command < TVS_VERIFY_REQUEST || command > TVS_QUERY_RESPONSE)
		return ENOTSUP;
	out->command = command;
	err = take_all(out, &r);
	return err != 0 ? err : check_needs(out);
}

static void put(struct wbuf *w, uint8_t tag, struct slice v)
{
	wbuf_u8(w, tag);
	size_t hole = wbuf_hole16(w);

	wbuf_bytes(w, v);
	wbuf_fill16(w, hole);
}

static void put_some(struct wbuf *w, uint8_t tag, struct slice v)
{
	if (v.n > 0)
		put(w, tag, v);
}

static void put_text(struct wbuf *w, uint8_t tag, struct slice v)
{
	if (v.n == 0)
		return;
	wbuf_u8(w, tag);
	size_t hole = wbuf_hole16(w);

	wbuf_bytes(w, v);
	wbuf_u8(w, 0);
	wbuf_fill16(w, hole);
}

static void put_request(struct wbuf *w, const struct tvs_msg *m)
{
	if (m->device.n > 0) {
		wbuf_u8(w, EL_DEVICE);
		size_t hole = wbuf_hole16(w);

		wbuf_u8(w, DEVICE_PREFIX);
		wbuf_bytes(w, m->device);
		wbuf_fill16(w, hole);
	}
	put_some(w, EL_CERT, m->cert);
	put_text(w, EL_SUBJECT, m->subject);
	put_text(w, EL_ISSUER, m->issuer);
	put_some(w, EL_SERIAL, m->serial);
}

static void put_response(struct wbuf *w, const struct tvs_msg *m)
{
	put(w, EL_STATUS, slice_of(&m->status, 1));
	put_some(w, EL_CERT, m->cert);
	put_some(w, EL_ROLES, m->roles);
	if (m->has_ttl) {
		wbuf_u8(w, EL_TTL);
		wbuf_u16(w, 4);
		wbuf_u32(w, m->ttl);
	}
}

int tvs_build(struct text *out, const struct tvs_msg *m)
{
	size_t size = TVS_HEAD + UINT16_MAX;
	uint8_t *room = mem_new(size);
	struct wbuf w = wbuf_of(room, size);

	wbuf_u8(&w, PROTOCOL);
	wbuf_u8(&w, VERSION);
	wbuf_u8(&w, (uint8_t)m->command);
	wbuf_u8(&w, 0);
	wbuf_u32(&w, m->session);
	size_t hole = wbuf_hole16(&w);

	if (m->command == TVS_VERIFY_REQUEST || m->command == TVS_QUERY_REQUEST)
		put_request(&w, m);
	else
		put_response(&w, m);
	wbuf_fill16(&w, hole);
	if (!w.bad)
		text_add(out, slice_of(room, w.at));
	free(room);
	return w.bad ? EINVAL : 0;
}

bool tvs_sep_name(struct slice device, char out[TVS_SEP_TEXT])
{
	out[0] = '\0';
	if (device.n < SEP_LEN)
		return false;
	struct slice sep = slice_from(device, device.n - SEP_LEN);

	if (!slice_starts(sep, "SEP") ||
		(device.n > SEP_LEN && device.p[device.n - SEP_LEN - 1] != '-'))
		return false;
	for (size_t i = 3; i < SEP_LEN; i++)
		if (!(sep.p[i] >= '0' && sep.p[i] <= '9') &&
			!(sep.p[i] >= 'A' && sep.p[i] <= 'F'))
			return false;
	return slice_copy(sep, out, TVS_SEP_TEXT);
}
