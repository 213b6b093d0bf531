/*
 * What a recorder is told of the call that it records, as XML (RFC 7865):
 * always the whole of it, so that no message depends on one before.
 */
#ifndef LINESIDE_B2BUA_RS_METADATA_H
#define LINESIDE_B2BUA_RS_METADATA_H

#include <stdint.h>

#include "base/slice.h"

enum { RS_ID_SIZE = 25 }; /* of an identifier, with its NUL */

struct rs_party { /* of the call: a participant, and the stream it sends */
	char participant[RS_ID_SIZE], stream[RS_ID_SIZE];
	const char *label; /* of the stream, as in SDP */
	struct slice name; /* empty: unknown; any bytes */
	struct slice aor; /* "sip:2001@example.com" */
	int64_t since; /* seconds since 1970 */
	bool sends, hears; /* not on hold */
};

struct rs_metadata {
	char group[RS_ID_SIZE]; /* calls that belong together: transfers */
	char session[RS_ID_SIZE];
	int64_t since; /* when the call came up, seconds since 1970 */
	struct rs_party party[2];
};

/* A fresh identifier: a random UUID (RFC 4122 4.4) in base64. */
void rs_id_make(char out[RS_ID_SIZE]);
/* free() it. Names that are not UTF-8 are written with \xNN, what no URI may
 * have with %NN. */
char *rs_metadata_write(const struct rs_metadata *m) MUST_USE;

#endif
