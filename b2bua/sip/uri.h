/* SIP URIs and name-addr values as slices of the text they stand in. */
#ifndef LINESIDE_B2BUA_URI_H
#define LINESIDE_B2BUA_URI_H

#include "base/slice.h"
#include "base/wire.h"

struct sip_uri {
	struct slice scheme; /* "sip", "sips", "tel" */
	struct slice user; /* as written, escapes kept; empty: none */
	struct slice host; /* without brackets */
	uint16_t port; /* 0: none */
	struct slice params; /* ";transport=tcp;lr", or empty */
	struct slice headers; /* after '?', or empty */
};

/* Bounded, any bytes. EBADMSG: not a URI. */
int sip_uri_parse(struct slice text, struct sip_uri *out) MUST_USE;
/* Value of a parameter (case-insensitive name); false when absent. An
 * absent "=value" gives the empty slice. */
bool sip_param(struct slice params, const char *name, struct slice *value);

/* Cuts the next parameter off, quotes respected; false at the end. */
bool sip_param_cut(struct slice *params, struct slice *one);

/* "Display" <uri>;params, or uri;params (whose params are the header's). */
struct sip_name_addr {
	struct slice display; /* with its quotes */
	struct slice uri;
	struct slice params; /* of the header, ";tag=…" */
};
int sip_name_addr_parse(struct slice text, struct sip_name_addr *out) MUST_USE;
/* Cuts the next comma-separated name-addr off *rest; false at the end. */
bool sip_name_addr_cut(struct slice *rest, struct slice *one);
/* The user with escapes resolved and visual separators of numbers removed
 * ("+1-212" → "+1212"); ENOBUFS when it does not fit. */
int sip_user_digits(struct slice user, char *out, size_t size) MUST_USE;
/* What may not stand in a user part as it is gets escaped; escapes stay. */
void sip_user_escape(struct text *out, struct slice user);
/* The same of any bytes that are meant as a whole URI. */
void sip_uri_escape(struct text *out, struct slice uri);
/* Nothing is escaped that need not be: no second spelling of another user. */
bool sip_user_canonical(struct slice user);

#endif
