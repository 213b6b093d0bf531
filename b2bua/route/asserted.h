/*
 * How who calls is named from one leg to the other: P-Asserted-Identity,
 * P-Preferred-Identity (RFC 3325), Remote-Party-ID, Privacy (RFC 3323), and
 * who diverted: Diversion (RFC 5806), History-Info (RFC 7044). Pure.
 */
#ifndef LINESIDE_B2BUA_ASSERTED_H
#define LINESIDE_B2BUA_ASSERTED_H

#include "b2bua/route/headers.h"
#include "conf/conf.h"

enum { PRIVACY_NONE = 1u << 16 }; /* besides CONF_PRIVACY_… */
/* What the Privacy headers of a message ask for. */
unsigned privacy_asked(const struct sip_msg *m);
/* The caller is not to be shown to who is not trusted. */
bool privacy_hides(unsigned asked);

struct asserted_way {
	enum conf_side from, to; /* an access side is never trusted */
	struct conf_caller said_from, said_to; /* in force for both legs */
	bool request, begins; /* begins: the INVITE of a call */
	/* From is believed: its name-addr, to make an identity of; or empty */
	struct slice who;
	const char *host; /* ours on that leg: bare, or [v6] */
};
/* Is there anything to do at all? `host` is not looked at. */
bool asserted_concerns(const struct hdrs *h, const struct asserted_way *w);
/* Headers that passed become those that the other leg shall see. */
void asserted_pass(struct hdrs *h, const struct asserted_way *w);

/* `"Anonymous" <sip:anonymous@anonymous.invalid>` (RFC 3323 4.1). */
extern const char asserted_anonymous[];
/* The name-addr with another host; free() it. What cannot be read stays. */
char *asserted_at(struct slice value, const char *host) MUST_USE;

#endif
