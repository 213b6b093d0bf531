/*
 * Messages of the trust verification service (TCP 2445, inside TLS), by which
 * a phone asks about a certificate that is not in its lists. Bytes in, bytes
 * out.
 */
#ifndef LINESIDE_PHONEPROXY_TVS_MSG_H
#define LINESIDE_PHONEPROXY_TVS_MSG_H

#include "base/wire.h"

enum tvs_command {
	TVS_VERIFY_REQUEST = 1,
	TVS_VERIFY_RESPONSE = 2,
	TVS_QUERY_REQUEST = 3, /* a certificate wanted by its names */
	TVS_QUERY_RESPONSE = 4,
};

enum {
	TVS_HEAD = 10,
	TVS_VALID = 0, /* status */
	TVS_INVALID = 1,
	TVS_TTL_DEFAULT = 86400,
	TVS_TTL_MAX = 2592000,
	TVS_SEP_TEXT = 16, /* "SEP001122334455" and NUL */
};

struct tvs_msg { /* what is missing is empty; slices point into the frame */
	enum tvs_command command;
	uint32_t session; /* chosen by the phone, repeated by the server */
	struct slice device; /* "CP-8841-SEP001122334455" */
	struct slice cert; /* DER */
	struct slice subject, issuer; /* texts without their NUL */
	struct slice serial;
	bool has_status, has_ttl;
	uint8_t status;
	struct slice roles; /* one byte each, codes as in trust lists */
	uint32_t ttl; /* seconds */
};

/*
 * The size of the frame that `buf` begins with; 0 in *size while its head is
 * not complete. EBADMSG as soon as it can be no such frame.
 */
int tvs_frame(struct slice buf, size_t *size) MUST_USE;

/*
 * One whole frame. Unknown elements are stepped over. EBADMSG malformed,
 * EPROTO a command's necessary element is missing, ENOTSUP unknown command.
 */
int tvs_parse(struct tvs_msg *out, struct slice frame) MUST_USE;

/* Appends the frame to *out. EINVAL: more than a frame can hold. */
int tvs_build(struct text *out, const struct tvs_msg *m) MUST_USE;

/* The SEP name within a device name; false when there is none. */
bool tvs_sep_name(struct slice device, char out[TVS_SEP_TEXT]);

#endif
