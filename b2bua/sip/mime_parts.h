/* Bodies of several parts (RFC 2046 5.1): the SDP among them. */
#ifndef LINESIDE_B2BUA_MIME_PARTS_H
#define LINESIDE_B2BUA_MIME_PARTS_H

#include "base/slice.h"
#include "base/wire.h"

/*
 * The body of that type ("application/sdp") in a message of that Content-Type:
 * all of it, or the first such part of a multipart. ENOENT: there is none;
 * EBADMSG: a multipart that cannot be read. Borrowed. Any bytes may be given.
 */
int mime_find(struct slice content_type, struct slice body, const char *type,
	struct slice *out) MUST_USE;

/* Writing. A boundary that no part has by accident; a part; the end. */
enum { MIME_BOUNDARY_SIZE = 33 };
void mime_boundary_make(char out[MIME_BOUNDARY_SIZE]);
void mime_part(struct text *out, const char *boundary, const char *type,
	const char *disposition, struct slice body);
void mime_end(struct text *out, const char *boundary);

#endif
