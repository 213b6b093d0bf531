/* A SIP message as a debug line may show it. */
#ifndef LINESIDE_B2BUA_MASK_H
#define LINESIDE_B2BUA_MASK_H

#include "base/wire.h"

/*
 * Appends `msg` to `out` with what must never be in a log replaced by "***":
 * inline keys of a=crypto and a=key-mgmt, k= lines, response, nonce and
 * cnonce of Authorization headers, whole credentials of other schemes than
 * Digest, and passwords of URIs ("sip:user:password@host"). Any bytes; pure.
 */
void sip_mask(struct text *out, struct slice msg);

#endif
