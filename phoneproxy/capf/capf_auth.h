/*
 * Proof of identity by certificate inside CAPF: does the phone hold the keys
 * of the certificates it shows? Who issued them is for certs/judge/judge.h.
 */
#ifndef LINESIDE_PHONEPROXY_CAPF_AUTH_H
#define LINESIDE_PHONEPROXY_CAPF_AUTH_H

#include "phoneproxy/capf/capf_msg.h"

enum capf_proof {
	CAPF_PROVEN,
	CAPF_PROOF_MISSING, /* no device name, certificate or signature */
	CAPF_PROOF_CERTIFICATE, /* cannot be read, or odd kind of key */
	CAPF_PROOF_SHA1, /* the signature does not verify */
	CAPF_PROOF_SHA512,
	CAPF_PROOF_ONLY_SHA1, /* and that is not enough */
	CAPF_PROOF_SUDI_SHA1,
	CAPF_PROOF_SUDI_SHA512,
};
const char *capf_proof_text(enum capf_proof p); /* a sentence */

/*
 * Checks every signature in an auth response. The signature by the LSC binds
 * neither server nor session, so whoever recorded one can repeat it inside
 * another TLS session to us; SUDI data binds the session.
 */
enum capf_proof capf_check_proof(
	const struct capf_msg *m, bool accept_only_sha1) MUST_USE;

#endif
