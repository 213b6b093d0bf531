/*
 * Who is at the other end of a TLS connection, and how we know: counted,
 * immutable, readable on any thread.
 */
#ifndef LINESIDE_CERTS_IDENTITY_H
#define LINESIDE_CERTS_IDENTITY_H

#include <gnutls/gnutls.h>
#include <time.h>

#include "base/need.h"
#include "conf/model_pki.h"

enum { IDENTITY_SANS_MAX = 32 };

struct identity {
	bool certified; /* a certificate was given and judged good */
	bool named; /* and has a name that is expected of clients there */
	char *device; /* the phone's name by the listener's rules; never NULL */
	char *line; /* the line it may register; NULL: any */
	char *subject, *issuer; /* RFC 4514 */
	char *serial; /* hex */
	char *cn; /* NULL: none */
	size_t nsans;
	struct {
		enum conf_id_field field;
		char *value;
	} san[IDENTITY_SANS_MAX];
	uint8_t sha256[32]; /* of the certificate */
	/* SHA-256 of the public key of the authority that was trusted for it;
	 * 0: it was not judged */
	uint8_t anchor[32];
	time_t not_before, not_after;
	char tls_version[16]; /* "TLS1.3" */
	char tls_cipher[64]; /* "AES-256-GCM" with its key exchange */
};

/*
 * From an established session whose peer was judged (`anchor`: as in its
 * verdict; NULL: it was not), and the listener's rules (NULL: the CN, else the first SAN, is the device). Rules are tried by number,
 * each on the certificate's names of its kind; the name that matches is the
 * device. EACCES: no rule matches, or a name holds NUL, control characters or
 * no UTF-8; *why says which names were tried (free() it). One reference in
 * *out.
 */
int identity_from_session(struct identity **out, gnutls_session_t s,
	const uint8_t anchor[32], const struct conf_id_class *rules,
	char **why) MUST_USE;
/* The same from the certificate's bytes; the tls_ fields and the anchor stay
 * empty. */
int identity_from_der(struct identity **out, const gnutls_datum_t *der,
	const struct conf_id_class *rules, char **why) MUST_USE;
/* For connections without TLS or without a certificate. */
struct identity *identity_none(void) MUST_USE;
/* The same certificate, or another of the same device by the same issuer below
 * the same trusted authority: names alone can be had elsewhere. */
bool identity_same_device(const struct identity *a, const struct identity *b);

#endif
