/*
 * OPTIONS to targets of dial-peers that want to know whether they live
 * (voice-class sip options-keepalive). One that gave no good answer so often
 * in a row is busied out: calls leave it out until it answers again. What
 * several dial-peers share (the same host, port, transport, outbound proxy,
 * listener, certificate and name to expect) is asked once, with the shortest of their
 * intervals. Every interval is shortened by up to a fifth at random, so that
 * boxes do not ask in step. Good is every answer but 408, 503 and 505: who
 * refuses OPTIONS lives, too. On the sip thread.
 */
#ifndef LINESIDE_B2BUA_KEEPALIVE_H
#define LINESIDE_B2BUA_KEEPALIVE_H

#include "b2bua/sip/sip_port.h"

struct core;
struct keepalives;

struct keepalives *keepalives_new(struct core *core) MUST_USE;
/* Takes the core's configuration; targets that stay keep their state. */
void keepalives_configure(struct keepalives *k);
void keepalives_free(struct keepalives *k);

/* Is this host of the dial-peer busied out? `conf` is what `p` stands in. */
bool keepalive_down(const struct keepalives *k, const struct conf *conf,
	const struct conf_dial_peer *p, const struct conf_host *to);
size_t keepalives_down(const struct keepalives *k); /* how many are */

struct keepalive_info {
	char host[256]; /* as configured */
	uint16_t port; /* 0: by transport */
	char proxy[256]; /* that it is asked through; empty: none */
	uint16_t proxy_port;
	enum conf_transport transport;
	char listener[CONF_NAME_MAX + 1];
	unsigned up, down, retry; /* see conf_keepalive */
	bool asked, busied_out; /* asked: an answer, or none, came */
	unsigned failures; /* in a row */
	int status; /* the last answer; 0: none yet */
	uint64_t state_s; /* for so long it has been so */
	uint64_t sent, failed, busyouts;
};
/* free() it. */
struct keepalive_info *keepalives_list(
	const struct keepalives *k, size_t *n) MUST_USE;

#endif
