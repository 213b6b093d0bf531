/*
 * In which form a phone's configuration goes to it: whole, encrypted for its
 * certificate, as the short companion that sends it to the encrypted one, or
 * not at all. The decision is pure.
 */
#ifndef LINESIDE_PHONEPROXY_CNFSEND_H
#define LINESIDE_PHONEPROXY_CNFSEND_H

#include "phoneproxy/config/encfile.h"
#include "phoneproxy/config/phonecert.h"
#include "phoneproxy/ppset.h"

enum cnf_way {
	CNF_WHOLE, /* plain or signed, by the name asked for */
	CNF_SHORT, /* the companion of the encrypted one */
	CNF_TO_CAPF, /* the companion for no certificate, or nothing at all
		      * when the phone is not sent to CAPF by it */
	CNF_ENCRYPTED,
	CNF_NOT, /* like a file that is not there */
};

struct cnf_choice {
	enum cnf_way way;
	struct slice cert; /* SHORT, ENCRYPTED: DER, borrowed */
	char hash[CERT_HASH_TEXT]; /* then: for certHash; else "" */
	const char *how; /* then: how we know the certificate; static */
	const char *why; /* NOT, TO_CAPF, or why it is not encrypted although
			  * that is wished; static; NULL */
};

/* `owner`: the phone has shown its certificate on this very connection. */
void cnf_choose(struct cnf_choice *out, const struct ppset *s,
	const struct phonecerts *certs, const struct file_name *n, bool owner);

#endif
