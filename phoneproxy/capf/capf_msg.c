/* Parsing and building CAPF frames. */
#include "phoneproxy/capf/capf_msg.h"

#include <errno.h>
#include <stdlib.h>

#include "base/obj.h"

enum {
	PROTOCOL = 0x55,
	CERT_HEAD = 5, /* 01, u16 rest, 00, LSC */
	KIND_CERT = 0, /* parts of SUDI data */
	KIND_SHA1 = 1,
	KIND_SHA512 = 3,
};

const char *capf_command_name(unsigned command)
{
	static const char *const names[CAPF_COMMAND_MAX + 1] = {
		[CAPF_AUTH_REQUEST] = "auth request",
		[CAPF_AUTH_RESPONSE] = "auth response",
		[CAPF_KEY_REQUEST] = "key generate request",
		[CAPF_KEY_RESPONSE] = "key generate response",
		[CAPF_STORE_REQUEST] = "store certificate request",
		[CAPF_STORE_RESPONSE] = "store certificate response",
		[CAPF_FETCH_REQUEST] = "fetch certificate request",
		[CAPF_FETCH_RESPONSE] = "fetch certificate response",
		[CAPF_DELETE_REQUEST] = "delete certificate request",
		[CAPF_DELETE_RESPONSE] = "delete certificate response",
		[CAPF_END] = "end session",
		[CAPF_IN_PROGRESS] = "request in progress",
	};

	return command <= CAPF_COMMAND_MAX && names[command] != NULL
		       ? names[command]
		       : "unknown";
}

int capf_frame(struct slice buf, size_t *size)
{
	struct rbuf r = rbuf_of(buf);

	*size = 0;
	if (buf.n > 0 && rbuf_u8(&r) != PROTOCOL)
		return EBADMSG;
	if (buf.n > 1) {
		uint8_t command = rbuf_u8(&r);

		if (command == 0 || command > CAPF_COMMAND_MAX)
			return EBADMSG;
	}
	if (buf.n < CAPF_HEAD)
		return 0;
	r.at = CAPF_HEAD - 2;
	*size = CAPF_HEAD + (size_t)rbuf_u16(&r);
	return 0;
}

static int take_u8(struct slice v, uint8_t *out)
{
	if (v.n != 1)
		return EBADMSG;
	*out = (uint8_t)v.p[0];
	return 0;
}

static int take_u16(struct slice v, uint16_t *out)
{
	struct rbuf r = rbuf_of(v);

	*out = rbuf_u16(&r);
	return v.n == 2 ? 0 : EBADMSG;
}

static int take_text(struct slice v, size_t max, struct slice *out)
{
	if (v.n == 0 || v.n > max + 1 || slice_find(v, '\0') != v.n - 1)
		return EBADMSG;
	*out = slice_head(v, v.n - 1);
	return 0;
}

static int take_some(struct slice v, struct slice *out)
{
	*out = v;
	return v.n > 0 ? 0 : EBADMSG;
}

static int take_cert(struct slice v, struct slice *out)
{
	struct rbuf r = rbuf_of(v);

	rbuf_u8(&r);
	size_t rest = rbuf_u16(&r);

	if (v.n <= CERT_HEAD || rest != v.n - 3)
		return EBADMSG;
	*out = slice_from(v, CERT_HEAD);
	return 0;
}

/* `kind`, u16 length, so many bytes. */
static int take_part(struct rbuf *r, uint8_t kind, struct slice *out)
{
	uint8_t got = rbuf_u8(r);
	size_t n = rbuf_u16(r);

	*out = rbuf_bytes(r, n);
	return r->bad || got != kind || n == 0 ? EBADMSG : 0;
}

static int take_sudi(struct slice v, struct capf_msg *m)
{
	struct rbuf r = rbuf_of(v);

	if (take_part(&r, KIND_CERT, &m->sudi_cert) != 0 ||
		take_part(&r, KIND_SHA1, &m->sudi_sha1) != 0 ||
		take_part(&r, KIND_SHA512, &m->sudi_sha512) != 0)
		return EBADMSG;
	return rbuf_left(&r) == 0 ? 0 : EBADMSG;
}

static int take_sha2(struct slice v, struct slice *out)
{
	struct rbuf r = rbuf_of(v);
	int err = take_part(&r, KIND_SHA512, out);

	return err != 0 || rbuf_left(&r) > 0 ? EBADMSG : 0;
}

static int take(struct capf_msg *m, uint8_t tag, struct slice v)
{
	switch (tag) {
	case CAPF_REASON:
		return take_u8(v, &m->reason);
	case CAPF_CERT_TYPE:
		return take_u8(v, &m->cert_type);
	case CAPF_CERT:
		return take_cert(v, &m->cert);
	case CAPF_SIGNED_DATA:
		return take_some(v, &m->signed_data);
	case CAPF_VERSION:
		return take_u8(v, &m->version);
	case CAPF_AUTH_TYPE:
		return take_u8(v, &m->auth_type);
	case CAPF_PUBLIC_KEY:
		return take_some(v, &m->public_key);
	case CAPF_KEY_SIZE:
		return take_u16(v, &m->key_size);
	case CAPF_PASSWORD:
		return take_text(v, CAPF_PASSWORD_MAX, &m->password);
	case CAPF_DEVICE:
		return take_text(v, CAPF_DEVICE_LEN, &m->device);
	case CAPF_SUDI:
		return take_sudi(v, m);
	case CAPF_KEY_TYPE:
		return take_u8(v, &m->key_type);
	case CAPF_CURVE:
		return take_u8(v, &m->curve);
	case CAPF_SHA2_SIGNED:
		return take_sha2(v, &m->sha2_signed);
	default:
		return 0;
	}
}

int capf_parse(struct capf_msg *out, struct slice frame)
{
	struct rbuf r = rbuf_of(frame);
	size_t size;

	*out = (struct capf_msg){ 0 };
	if (capf_frame(frame, &size) != 0 || size == 0 || size != frame.n)
		return EBADMSG;
	r.at = 1;
	out->command = rbuf_u8(&r);
	out->session = rbuf_u32(&r);
	rbuf_u16(&r);
	while (rbuf_left(&r) > 0) {
		uint8_t tag = rbuf_u8(&r);
		size_t n = rbuf_u16(&r);
		struct slice v = rbuf_bytes(&r, n);

		if (r.bad || (tag < 32 && out->have & CAPF_HAVE(tag)) ||
			take(out, tag, v) != 0)
			return EBADMSG;
		if (tag < 32)
			out->have |= CAPF_HAVE(tag);
	}
	return 0;
}

static void put(struct wbuf *w, uint8_t tag, struct slice v)
{
	wbuf_u8(w, tag);
	size_t hole = wbuf_hole16(w);

	wbuf_bytes(w, v);
	wbuf_fill16(w, hole);
}

static void put_text(struct wbuf *w, uint8_t tag, struct slice v)
{
	wbuf_u8(w, tag);
	size_t hole = wbuf_hole16(w);

	wbuf_bytes(w, v);
	wbuf_u8(w, 0);
	wbuf_fill16(w, hole);
}

static void put_cert(struct wbuf *w, struct slice der)
{
	wbuf_u8(w, CAPF_CERT);
	size_t hole = wbuf_hole16(w);

	wbuf_u8(w, 1);
	size_t inner = wbuf_hole16(w);

	wbuf_u8(w, 0);
	wbuf_u8(w, CAPF_LSC);
	wbuf_bytes(w, der);
	wbuf_fill16(w, inner);
	wbuf_fill16(w, hole);
}

static void put_sudi(struct wbuf *w, const struct capf_msg *m)
{
	wbuf_u8(w, CAPF_SUDI);
	size_t hole = wbuf_hole16(w);

	put(w, KIND_CERT, m->sudi_cert); /* these look like elements too */
	put(w, KIND_SHA1, m->sudi_sha1);
	put(w, KIND_SHA512, m->sudi_sha512);
	wbuf_fill16(w, hole);
}

static void put_sha2(struct wbuf *w, struct slice signature)
{
	wbuf_u8(w, CAPF_SHA2_SIGNED);
	size_t hole = wbuf_hole16(w);

	put(w, KIND_SHA512, signature);
	wbuf_fill16(w, hole);
}

static void put_element(
	struct wbuf *w, const struct capf_msg *m, enum capf_element e)
{
	uint8_t tag = (uint8_t)e;
	uint8_t bits[2] = { (uint8_t)(m->key_size >> 8), (uint8_t)m->key_size };

	switch (e) {
	case CAPF_REASON:
		put(w, tag, slice_of(&m->reason, 1));
		break;
	case CAPF_CERT_TYPE:
		put(w, tag, slice_of(&m->cert_type, 1));
		break;
	case CAPF_CERT:
		put_cert(w, m->cert);
		break;
	case CAPF_SIGNED_DATA:
		put(w, tag, m->signed_data);
		break;
	case CAPF_VERSION:
		put(w, tag, slice_of(&m->version, 1));
		break;
	case CAPF_AUTH_TYPE:
		put(w, tag, slice_of(&m->auth_type, 1));
		break;
	case CAPF_PUBLIC_KEY:
		put(w, tag, m->public_key);
		break;
	case CAPF_KEY_SIZE:
		put(w, tag, slice_of(bits, 2));
		break;
	case CAPF_PASSWORD:
		put_text(w, tag, m->password);
		break;
	case CAPF_DEVICE:
		put_text(w, tag, m->device);
		break;
	case CAPF_SUDI:
		put_sudi(w, m);
		break;
	case CAPF_KEY_TYPE:
		put(w, tag, slice_of(&m->key_type, 1));
		break;
	case CAPF_CURVE:
		put(w, tag, slice_of(&m->curve, 1));
		break;
	case CAPF_SHA2_SIGNED:
		put_sha2(w, m->sha2_signed);
		break;
	case CAPF_REASON_INFO: /* its form is not known */
		break;
	}
}

int capf_build(struct text *out, const struct capf_msg *m)
{
	/* Serves all commands: each takes some of these. */
	static const enum capf_element order[] = { CAPF_REASON, CAPF_CERT_TYPE,
		CAPF_CERT, CAPF_SIGNED_DATA, CAPF_VERSION, CAPF_AUTH_TYPE,
		CAPF_PUBLIC_KEY, CAPF_KEY_SIZE, CAPF_KEY_TYPE, CAPF_CURVE,
		CAPF_PASSWORD, CAPF_DEVICE, CAPF_SUDI, CAPF_SHA2_SIGNED };
	size_t size = CAPF_HEAD + UINT16_MAX;
	uint8_t *room = mem_new(size);
	struct wbuf w = wbuf_of(room, size);

	wbuf_u8(&w, PROTOCOL);
	wbuf_u8(&w, m->command);
	wbuf_u32(&w, m->session);
	size_t hole = wbuf_hole16(&w);

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (capf_has(m, order[i]))
			put_element(&w, m, order[i]);
	wbuf_fill16(&w, hole);
	if (!w.bad)
		text_add(out, slice_of(room, w.at));
	free(room);
	return w.bad ? EINVAL : 0;
}
