/*
 * TFTP packets: RFC 1350 with options (2347), blksize (2348), timeout and
 * tsize (2349), windowsize (7440). Bytes in, bytes out.
 */
#ifndef LINESIDE_PHONEPROXY_TFTP_MSG_H
#define LINESIDE_PHONEPROXY_TFTP_MSG_H

#include "base/wire.h"

enum tftp_op {
	TFTP_RRQ = 1,
	TFTP_WRQ = 2,
	TFTP_DATA = 3,
	TFTP_ACK = 4,
	TFTP_ERROR = 5,
	TFTP_OACK = 6,
};

enum tftp_code {
	TFTP_E_OTHER = 0,
	TFTP_E_NOT_FOUND = 1,
	TFTP_E_ACCESS = 2,
	TFTP_E_FULL = 3,
	TFTP_E_ILLEGAL = 4,
	TFTP_E_TID = 5, /* packet from a port that is not the transfer's */
	TFTP_E_OPTION = 8,
};

enum {
	TFTP_HEAD = 4,
	TFTP_BLKSIZE = 512, /* without option */
	TFTP_BLKSIZE_MIN = 8,
	TFTP_BLKSIZE_MAX = 8192, /* what we go up to; the RFC: 65464 */
	TFTP_WINDOW_MAX = 64, /* likewise; 65535 */
	TFTP_NAME_MAX = 255,
	TFTP_PACKET_MAX = TFTP_HEAD + TFTP_BLKSIZE_MAX,
};

/* 0: not there, or of a value outside of its RFC's bounds (then it counts as
 * not understood and is not acknowledged). */
struct tftp_options {
	uint32_t blksize, timeout, windowsize; /* timeout in seconds */
	bool has_tsize;
	uint64_t tsize;
};

struct tftp_packet { /* slices point into the packet */
	enum tftp_op op;
	struct slice file; /* RRQ, WRQ: printable, not empty */
	bool octet; /* mode */
	struct tftp_options opt; /* RRQ, WRQ, OACK */
	uint16_t block; /* DATA, ACK */
	struct slice data;
	uint16_t code; /* ERROR */
	struct slice message;
};

/* EBADMSG malformed, ENOTSUP unknown operation. */
int tftp_parse(struct tftp_packet *out, struct slice packet) MUST_USE;

/* Builders append to a writer of enough room: TFTP_PACKET_MAX, and for a
 * request TFTP_NAME_MAX more. Options that are 0 are left out. */
void tftp_put_request(struct wbuf *w, struct slice file,
	const struct tftp_options *opt); /* a read request, mode octet */
void tftp_put_data(struct wbuf *w, uint16_t block, struct slice data);
void tftp_put_ack(struct wbuf *w, uint16_t block);
void tftp_put_oack(struct wbuf *w, const struct tftp_options *opt);
void tftp_put_error(struct wbuf *w, enum tftp_code code, const char *text);

#endif
