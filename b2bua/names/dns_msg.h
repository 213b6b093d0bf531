/*
 * An answer of a name server: bytes in, records out (RFC 1035, 2782, 3403,
 * 3596). Pure; what a server may say is bounded here.
 */
#ifndef LINESIDE_B2BUA_DNS_MSG_H
#define LINESIDE_B2BUA_DNS_MSG_H

#include "base/addr.h"

enum dns_type {
	DNS_A = 1,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_NAPTR = 35,
};
enum {
	DNS_NAME = 256, /* with its NUL */
	DNS_RECORDS_MAX = 32, /* that are kept of one answer */
	DNS_ALIASES_MAX = 8, /* CNAMEs one behind the other */
	DNS_NEGATIVE_S = 60, /* without SOA: so long there is nothing */
};

struct dns_record {
	struct addr addr; /* A, AAAA; without port */
	uint16_t priority, weight, port; /* SRV; NAPTR: order, preference */
	char name[DNS_NAME]; /* SRV: target; NAPTR: replacement; "": the root */
	char service[32], flags[8]; /* NAPTR */
};

enum dns_found {
	DNS_FOUND,
	DNS_ALIAS, /* `name` is another name's, which the answer does not tell */
	DNS_NOTHING, /* no such name, or nothing of that type */
	DNS_REFUSED, /* the server could not, or would not say */
	DNS_BAD, /* no answer to be made sense of: EBADMSG in other words */
};

struct dns_reply {
	enum dns_found found;
	uint32_t ttl; /* seconds: the shortest on the way */
	char name[DNS_NAME]; /* DNS_ALIAS: whose records to ask for */
	size_t n, dropped; /* kept; beyond the bound, or not usable */
	struct dns_record v[DNS_RECORDS_MAX];
};

/* What `bytes` say of the records `type` of `name`. */
void dns_reply_read(struct dns_reply *out, struct slice bytes, const char *name,
	enum dns_type type);
const char *dns_type_name(enum dns_type t);
/* Letters, digits, - and _ between dots: what a host may be called. */
bool dns_name_ok(const char *name);

#endif
