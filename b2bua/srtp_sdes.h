/* a=crypto lines: SDP security descriptions (RFC 4568, RFC 7714). */
#ifndef LINESIDE_B2BUA_SRTP_SDES_H
#define LINESIDE_B2BUA_SRTP_SDES_H

#include "base/slice.h"
#include "base/wire.h"
#include "media/mdesc.h"

/*
 * The value behind "a=crypto:". EBADMSG: malformed. ENOENT: a suite that is
 * not ours. ENOTSUP: something we cannot honour: a session parameter that
 * weakens or changes the transform (UNENCRYPTED_*, UNAUTHENTICATED_SRTP, KDR,
 * FEC_*, unknown ones), several master keys, an MKI longer than 8 bytes.
 * EMSGSIZE: the key has not the length of its suite.
 * *out is wiped on failure.
 */
int sdes_parse(struct slice value, struct mdesc_crypto *out) MUST_USE;
/* "1 AES_CM_128_HMAC_SHA1_80 inline:…" */
void sdes_print(struct text *out, const struct mdesc_crypto *c);

#endif
