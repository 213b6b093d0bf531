/*
 * Who is heard on the core side: the targets of dial-peers and registrars, by
 * all addresses that their names lead to, and `ip address trusted list`. One
 * per core; sip thread.
 */
#ifndef LINESIDE_B2BUA_TRUSTED_H
#define LINESIDE_B2BUA_TRUSTED_H

#include "b2bua/route/headers.h"
#include "b2bua/sip/sip_port.h"

struct core;
struct trusted;

struct trusted *trusted_new(struct core *c) MUST_USE;
/* Lookups under way end without it. */
void trusted_free(struct trusted *t);
/* By the core's configuration, which is another one. */
void trusted_configure(struct trusted *t);

/* Why a request from there is heard. */
enum trusted_by {
	TRUSTED_NOT,
	TRUSTED_OFF, /* nobody is asked */
	TRUSTED_TARGET, /* of a dial-peer, or a registrar */
	TRUSTED_LIST,
	TRUSTED_CERTIFICATE,
	TRUSTED_ACCESS, /* a phone: its listener decides */
};
enum trusted_by trusted_ask(
	const struct trusted *t, const struct sip_source *src);
/*
 * The same for a request of that method that has come: who is not trusted is
 * counted and told of. False: it is to be dropped, without an answer.
 */
bool trusted_hears(
	struct trusted *t, const struct sip_source *src, struct slice method);
/* With `no silent-discard untrusted`. True: not trusted, and the request was
 * answered so. */
bool trusted_refuses(struct trusted *t, struct sip_txn *txn,
	const struct sip_source *src, struct slice method);

/* That is the call manager (sip-ua's registrar), or one of the hosts beside it in
 * the dial-peer of that tag. */
bool trusted_call_manager(
	const struct trusted *t, unsigned peer, const struct addr *a);

/* For show: an array from the heap, a row for each address. */
struct trusted_info {
	unsigned peer; /* tag; 0: a registrar */
	bool shutdown; /* so it is not trusted by this */
	char host[256]; /* as configured */
	struct addr addr; /* unset: the name leads nowhere (yet) */
};
struct trusted_info *trusted_list(const struct trusted *t, size_t *n);

#endif
