/*
 * Which header passes from one leg to the other, which is replaced, which is
 * hidden. Rules are rows of one table (headers.c).
 */
#ifndef LINESIDE_B2BUA_HEADERS_H
#define LINESIDE_B2BUA_HEADERS_H

#include "b2bua/sip/sip_port.h"

/* Header lines being gathered for a message; values borrowed or owned. */
enum { HDRS_MAX = SIP_HDRS_MAX + 16, HDRS_OWNED_MAX = 96 };
struct hdrs {
	size_t n, nowned;
	struct sip_hdr v[HDRS_MAX];
	char *owned[HDRS_OWNED_MAX];
};
void hdrs_init(struct hdrs *h);
void hdrs_free(struct hdrs *h);
/* The value is copied; a full list drops it (bounds are generous). */
void hdrs_add(struct hdrs *h, const char *name, struct slice value);
void hdrs_add_str(struct hdrs *h, const char *name, const char *value);
/* Another value for the i-th; it is the list's from here on. */
void hdrs_replace(struct hdrs *h, size_t i, char *value);

enum hdr_body {
	HDR_BODY_NONE, /* nothing about a body */
	HDR_BODY_SDP, /* Content-Type: application/sdp */
	HDR_BODY_PASS, /* the body passes as it is, with its headers */
};

/*
 * What of message `m`, received on side `from`, goes to side `to`. Allow and
 * Supported are rewritten to what we carry, credentials and challenges pass
 * (auth-int removed, since bodies change), what would show one side to the
 * other is left out, and so are identities that a phone claims.
 */
void headers_pass(struct hdrs *out, const struct sip_msg *m,
	enum conf_side from, enum conf_side to, enum hdr_body body);

/* Option tags in Require (and Proxy-Require) that we do not carry, as a list
 * for Unsupported; false: none. */
bool headers_unsupported(const struct sip_msg *m, char *out, size_t size);

/* The tag stands in one of the headers of that name (a comma list). */
bool headers_has_tag(
	const struct sip_msg *m, const char *name, const char *tag);
/* Adds the tag to the list of that header, which is made when absent. */
void hdrs_add_tag(struct hdrs *h, const char *name, const char *tag);

/* Cisco's word for: RTP may answer my offer of SRTP. Of each leg its own. */
#define HEADERS_SRTP_FALLBACK "X-cisco-srtp-fallback"

/* What we are able to carry. */
extern const char headers_allow[];
/* Our name in Server and User-Agent. */
extern const char headers_product[];

#endif
