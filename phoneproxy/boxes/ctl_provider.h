/*
 * Where the box that makes the trust list asks this one for its certificates
 * (`credentials`): a user and a secret inside TLS, and a certificate where our
 * trustpoint has authorities to judge it by. On the thread of its loop.
 *
 * Against guessing: few connections, few a minute, a slow comparison, and
 * after LOCK_TRIES wrong ones a source is refused for a while unheard.
 */
#ifndef LINESIDE_PHONEPROXY_CTL_PROVIDER_H
#define LINESIDE_PHONEPROXY_CTL_PROVIDER_H

#include "phoneproxy/serve/tls_port.h"
#include "phoneproxy/signed/content.h"

enum {
	CTL_LOCK_TRIES = 5,
	CTL_LOCK_MS = 15 * 60 * 1000,
	CTL_SOURCES_MAX = 256, /* that are remembered with wrong ones */
};

struct ctl_provider_params {
	struct conf *conf; /* its `credentials`; referenced */
	const char *clear; /* the secret, unless it is of type 8; copied */
	struct hs_pool *hs; /* borrowed */
	struct trustpoint *own; /* referenced */
	struct content *offer; /* the answer; referenced */
};

struct ctl_provider;

/* Takes the descriptor, a listening socket. */
struct ctl_provider *ctl_provider_new(
	struct loop *l, int fd, const struct ctl_provider_params *p) MUST_USE;
/* fd -1: the same socket. */
void ctl_provider_set(
	struct ctl_provider *v, int fd, const struct ctl_provider_params *p);
void ctl_provider_close(struct ctl_provider *v); /* NULL is fine */

struct ctl_provider_count {
	struct doorway_count door;
	uint64_t given, refused, malformed;
	unsigned locked; /* sources */
	size_t records; /* that are offered */
	struct addr last; /* given to; unset: nobody */
	int64_t last_at; /* seconds since 1970 */
};
void ctl_provider_count(
	const struct ctl_provider *v, struct ctl_provider_count *out);

#endif
