/* a=crypto lines: SDP security descriptions (RFC 4568, RFC 7714). */
#ifndef LINESIDE_B2BUA_SRTP_SDES_H
#define LINESIDE_B2BUA_SRTP_SDES_H

#include "base/slice.h"
#include "base/wire.h"
#include "media/mdesc.h"

/*
 * The value behind "a=crypto:". EBADMSG: malformed. ENOENT: a suite that is
 * not ours. ENOTSUP: something we cannot honour: a session parameter that
 * changes the transform (KDR, FEC_*, unknown ones), or weakens an AEAD suite;
 * several master keys, an MKI longer than 8 bytes. What weakens another suite
 * (UNENCRYPTED_*, UNAUTHENTICATED_SRTP) is in out->weak.
 * EMSGSIZE: the key has not the length of its suite.
 * *out is wiped on failure.
 */
int sdes_parse(struct slice value, struct mdesc_crypto *out) MUST_USE;
/* "1 AES_CM_128_HMAC_SHA1_80 inline:…" */
void sdes_print(struct text *out, const struct mdesc_crypto *c);
/* "UNENCRYPTED_SRTP UNENCRYPTED_SRTCP", of those bits; "": none. */
void sdes_weak_text(unsigned weak, char *out, size_t room);

#endif
