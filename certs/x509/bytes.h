/* Bytes that somebody owns. */
#ifndef LINESIDE_CERTS_BYTES_H
#define LINESIDE_CERTS_BYTES_H

#include "base/wire.h"

struct bytes {
	uint8_t *p; /* free() it, or bytes_free() */
	size_t n;
};

struct bytes bytes_of(struct slice s) MUST_USE; /* a copy */
struct slice bytes_slice(const struct bytes *b);
void bytes_free(struct bytes *b); /* NULL and empty afterwards */
void bytes_wipe(struct bytes *b); /* the same, and nothing stays */

#endif
