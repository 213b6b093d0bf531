/*
 * A resolver's questions put to c-ares: which servers, what their answers
 * say, and /etc/hosts. Whose loop waits for them is another matter: the sip
 * thread's (dns_ares.c), or one that does nothing else.
 */
#ifndef LINESIDE_B2BUA_ARES_ASK_H
#define LINESIDE_B2BUA_ARES_ASK_H

#include <ares.h>

#include "b2bua/names/resolver.h"

/* Once for the process: c-ares counts by itself, but not between threads. */
void ares_ask_start(void);
/* With the configuration's servers, or the system's. ARES_SUCCESS, or why
 * not. `fn` hears of sockets that are to be watched; NULL: nobody does. */
int ares_ask_open(ares_channel *out, const struct conf *conf,
	ares_sock_state_cb fn, void *arg);
/* As resolver_io's. `asked` counts those that were not answered. */
void ares_ask(ares_channel ares, unsigned *asked, const char *name,
	enum dns_type type, resolver_reply_fn *fn, void *arg);
size_t ares_ask_file(ares_channel ares, const char *name, int family,
	struct addr *out, size_t max);

#endif
