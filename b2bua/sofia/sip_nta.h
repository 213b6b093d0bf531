/*
 * The SIP port on Sofia's nta: one nta agent per listener, so that listeners
 * can come, change and go while calls are up. What the sip thread's owner
 * (b2bua.c) and the tests see; call logic sees b2bua/sip/sip_port.h.
 */
#ifndef LINESIDE_B2BUA_SIP_NTA_H
#define LINESIDE_B2BUA_SIP_NTA_H

#include "b2bua/sip/sip_port.h"
#include "b2bua/sofia/stack.h"
#include "certs/tls/handshake.h"

struct endpoint; /* a listener as it runs */

struct sip_nta_params {
	struct stack *stack;
	struct hs_pool *hs; /* TLS; NULL: no TLS listener possible */
};

struct sip_port *sip_nta_new(const struct sip_nta_params *p) MUST_USE;
void sip_nta_set_user(
	struct sip_port *port, const struct sip_user *user, void *arg);
/* Name servers and hosts; what was learnt of names is asked anew. Before any
 * request to a name. */
void sip_nta_set_conf(struct sip_port *port, struct conf *conf);
/* What is known of names and of addresses that failed is forgotten. */
void sip_nta_clear_hosts(struct sip_port *port);
/* Every endpoint goes, whatever is up on it. Dialogs and txns that the user
 * still holds are freed with it: close them before. */
void sip_nta_free(struct sip_port *port);
/* No request of ours and no INVITE of theirs is under way. */
bool sip_nta_quiet(struct sip_port *port);

/*
 * Binds. Until endpoint_publish requests are answered 503. EADDRINUSE,
 * EADDRNOTAVAIL …; ENOTSUP: TLS without hs_pool. References what it keeps.
 */
int endpoint_open(struct endpoint **out, struct sip_port *port,
	const struct conf_listener *lc, struct conf *conf,
	struct trustpoint *tp) MUST_USE;
/* Never published: it goes at once. */
void endpoint_discard(struct endpoint *e);
/* The running one with that address, port and transport, on UDP
 * also one that is retiring (its socket is still there), or NULL. */
struct endpoint *endpoint_same(
	struct sip_port *port, const struct conf_listener *lc);
/* From now on it has this configuration and takes calls. */
void endpoint_publish(struct endpoint *e, const struct conf_listener *lc,
	struct conf *conf, struct trustpoint *tp);
/* No new calls or connections; it goes when what is up is over. */
void endpoint_retire(struct endpoint *e);
/* All that are not retiring, first to last: NULL gives the first. */
struct endpoint *endpoint_next(struct sip_port *port, struct endpoint *e);

/* For show: arrays from the heap. */
struct conn_info;
struct listener_info;
struct conn_info *sip_nta_conns(struct sip_port *port, size_t *n);
struct listener_info *sip_nta_listeners(struct sip_port *port, size_t *n);
struct host_info;
struct failed_info;
struct host_info *sip_nta_hosts(struct sip_port *port, size_t *n);
struct failed_info *sip_nta_failed(struct sip_port *port, size_t *n);

#endif
