/*
 * What our trust verification service answers: bytes in, bytes out. It knows
 * the certificates it was given and judges nothing else.
 */
#ifndef LINESIDE_PHONEPROXY_TVS_ANSWER_H
#define LINESIDE_PHONEPROXY_TVS_ANSWER_H

#include "phoneproxy/signed/ctl.h"
#include "phoneproxy/tvs/tvs_msg.h"

enum { TVS_ROLES_MAX = 8 };

/* A certificate and what it may do. Made once, read by any thread. */
struct tvs_known {
	struct slice cert; /* DER, borrowed */
	uint8_t roles[TVS_ROLES_MAX]; /* enum role, ascending */
	size_t nroles;
};

struct tvs_answer { /* what was decided, for logs */
	enum tvs_command asked;
	char device[64];
	bool valid;
	const struct tvs_known *known; /* NULL: not found */
};

/*
 * Appends the answer to one whole frame from a phone to *out. A verify request
 * is looked up by the certificate itself; a query by subject, in either style
 * of names, and by issuer and serial as far as they are given. EBADMSG, EPROTO,
 * ENOTSUP: no answer, the connection is to be closed.
 */
int tvs_answer_frame(struct text *out, struct tvs_answer *what,
	struct slice frame, const struct tvs_known *known, size_t n,
	uint32_t ttl) MUST_USE;

#endif
