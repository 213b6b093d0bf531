/*
 * Messages by which boxes that share a trust list exchange certificates (port
 * 2444, inside TLS). A protocol of our own: that of CME's CTL client is not
 * public (see docs/adr). One question, one answer. Bytes in, bytes out.
 *
 *   head    "LCTL", version 1, type, u32 length of the items that follow
 *   item    tag u8, length u24, value; unknown tags are stepped over
 */
#ifndef LINESIDE_PHONEPROXY_CTL_EXCHANGE_H
#define LINESIDE_PHONEPROXY_CTL_EXCHANGE_H

#include "base/wire.h"

enum ctlx_type {
	CTLX_ASK = 1, /* user, secret */
	CTLX_OFFER = 2, /* records; may be none */
	CTLX_REFUSED = 3, /* reason */
};

enum ctlx_reason {
	CTLX_LOGIN = 1, /* user or secret is wrong */
	CTLX_LOCKED = 2, /* wrong too often */
	CTLX_MALFORMED = 3,
};

enum {
	CTLX_HEAD = 10,
	CTLX_SIZE_MAX = 1 << 19, /* a frame */
	CTLX_ASK_MAX = 1024,
	CTLX_RECORDS_MAX = 64,
	CTLX_TEXT_MAX = 255,
	CTLX_CERT_MAX = 16384,
};

struct ctlx_record {
	uint16_t role; /* enum role of ctl.h; never ROLE_SAST */
	struct slice cert; /* DER */
};

struct ctlx_msg { /* what is missing is empty; slices point into the frame */
	enum ctlx_type type;
	struct slice user, secret;
	uint8_t reason; /* enum ctlx_reason, as far as known */
	size_t n;
	struct ctlx_record record[CTLX_RECORDS_MAX];
};

/*
 * The size of the frame that `buf` begins with; 0 in *size while its head is
 * not complete. EBADMSG as soon as it can be no such frame; ENOTSUP: another
 * version.
 */
int ctlx_frame(struct slice buf, size_t *size) MUST_USE;

/*
 * One whole frame. EBADMSG malformed; EPROTO: an item is missing, or there
 * twice; EACCES: it offers a signer of trust lists, which is nobody's to offer;
 * E2BIG: too many records.
 */
int ctlx_parse(struct ctlx_msg *out, struct slice frame) MUST_USE;

/* Appends the frame to *out. EINVAL: it holds what could not be parsed. */
int ctlx_build(struct text *out, const struct ctlx_msg *m) MUST_USE;

#endif
