/*
 * voice class sip-profiles: headers and SDP lines of one message changed by
 * rules. Pure; what would make a message unusable is left as it was, and
 * counted.
 */
#ifndef LINESIDE_B2BUA_PROFILE_H
#define LINESIDE_B2BUA_PROFILE_H

#include "b2bua/route/headers.h"
#include "conf/conf.h"

struct profile_msg {
	bool response;
	struct slice method; /* a response's: of its CSeq */
	int status;
	struct hdrs *h; /* changed in place */
	/* From, To, Request-URI where they can be changed; NULL: not. A value
	 * that is changed is one of *h's, which owns it. */
	struct slice *from, *to, *ruri;
	struct slice body; /* SDP, or empty */
	/* Instead of `body` when it was changed; the caller wipes and frees. */
	char *new_body;
	const struct sip_msg *peer; /* passed on as this one; NULL: none */
};

enum { PROFILE_BODY_MAX = 16384 };
void profile_apply(const struct conf_sip_profile *p, struct profile_msg *m);

/* From and To of the INVITE that begins a dialog: NAME-ADDRs to be freed, by
 * other ones where the rules change them. `p` may be NULL. */
void profile_names(const struct conf_sip_profile *p, const struct sip_msg *peer,
	char **from, char **to);

/*
 * The message as it is after the rules: a copy to be freed with
 * sip_msg_free(), or NULL when nothing is to be done.
 */
struct sip_msg *profile_received(
	const struct conf_sip_profile *p, const struct sip_msg *m) MUST_USE;

#endif
