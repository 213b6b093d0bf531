/*
 * Messages of CAPF (TCP 3804, inside TLS), by which a phone gets, shows or
 * loses its certificate. Bytes in, bytes out; for a server of ours and for
 * tests: the relay to another server never sees them.
 */
#ifndef LINESIDE_PHONEPROXY_CAPF_MSG_H
#define LINESIDE_PHONEPROXY_CAPF_MSG_H

#include "base/wire.h"

enum capf_command { /* S: by the server, P: by the phone */
	CAPF_AUTH_REQUEST = 1, /* S, the first of all */
	CAPF_AUTH_RESPONSE = 2, /* P */
	CAPF_KEY_REQUEST = 3, /* S: generate a key */
	CAPF_KEY_RESPONSE = 4, /* P */
	CAPF_STORE_REQUEST = 9, /* S: here is your certificate */
	CAPF_STORE_RESPONSE = 10, /* P */
	CAPF_FETCH_REQUEST = 11, /* S: show your certificate */
	CAPF_FETCH_RESPONSE = 12, /* P */
	CAPF_DELETE_REQUEST = 13, /* S */
	CAPF_DELETE_RESPONSE = 14, /* P */
	CAPF_END = 15, /* S */
	CAPF_IN_PROGRESS = 17, /* P: still generating */
	CAPF_COMMAND_MAX = 23, /* the others are known by name only */
};

enum capf_element {
	CAPF_REASON = 1,
	CAPF_REASON_INFO = 2,
	CAPF_CERT_TYPE = 3,
	CAPF_CERT = 4,
	CAPF_SIGNED_DATA = 6,
	CAPF_VERSION = 7,
	CAPF_AUTH_TYPE = 8,
	CAPF_PUBLIC_KEY = 9,
	CAPF_KEY_SIZE = 10,
	CAPF_PASSWORD = 11,
	CAPF_DEVICE = 13,
	CAPF_SUDI = 16,
	CAPF_KEY_TYPE = 17,
	CAPF_CURVE = 18,
	CAPF_SHA2_SIGNED = 20,
};

enum {
	CAPF_HEAD = 8,
	CAPF_PROTOCOL_VERSION = 3,
	/* CAPF_REASON: */
	CAPF_NO_ACTION = 0,
	CAPF_SUCCESS = 1,
	CAPF_INVALID = 7,
	CAPF_UNKNOWN_DEVICE = 9,
	/* CAPF_CERT_TYPE: */
	CAPF_LSC = 1,
	CAPF_MIC = 2,
	/* CAPF_KEY_TYPE and CAPF_CURVE: */
	CAPF_RSA = 0,
	CAPF_EC = 1,
	CAPF_P256 = 0,
	CAPF_P384 = 1,
	CAPF_P521 = 2,
	CAPF_DEVICE_LEN = 15, /* "SEP001122334455" */
	CAPF_PASSWORD_MAX = 64,
};

struct capf_msg { /* slices point into the frame */
	uint8_t command; /* enum capf_command, as far as known */
	uint32_t session; /* chosen by the server, repeated by both */
	uint32_t have; /* which elements: CAPF_HAVE bits */
	uint8_t reason, cert_type, version, auth_type, key_type, curve;
	uint16_t key_size; /* bits */
	struct slice cert; /* DER */
	struct slice public_key; /* DER SubjectPublicKeyInfo */
	struct slice password, device; /* texts without their NUL */
	struct slice signed_data, sha2_signed; /* bare signatures */
	struct slice sudi_cert, sudi_sha1, sudi_sha512;
};

#define CAPF_HAVE(element) (UINT32_C(1) << (element))

static inline bool capf_has(const struct capf_msg *m, enum capf_element e)
{
	return (m->have & CAPF_HAVE(e)) != 0;
}

const char *capf_command_name(unsigned command); /* "auth request" */

/*
 * The size of the frame that `buf` begins with; 0 in *size while its head is
 * not complete. EBADMSG as soon as it can be no such frame.
 */
int capf_frame(struct slice buf, size_t *size) MUST_USE;

/*
 * One whole frame. Elements in any order, unknown ones are stepped over; old
 * peers leave out some that the tables name, so none is insisted on here.
 * EBADMSG malformed.
 */
int capf_parse(struct capf_msg *out, struct slice frame) MUST_USE;

/*
 * Appends the frame with the elements of `have`, in the order in which known
 * peers send them. To be written to TLS in one piece: phones stall otherwise.
 * EINVAL: more than a frame can hold.
 */
int capf_build(struct text *out, const struct capf_msg *m) MUST_USE;

#endif
