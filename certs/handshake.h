/*
 * TLS handshakes in threads of their own: a socket goes in, an authenticated
 * session or a reason comes out, never later than its deadline. The sip thread
 * (or any service) only ever sees peers that were accepted.
 */
#ifndef LINESIDE_CERTS_HANDSHAKE_H
#define LINESIDE_CERTS_HANDSHAKE_H

#include "base/mq.h"
#include "certs/identity.h"
#include "certs/judge.h"
#include "certs/trustpoint.h"

struct hs_pool;
struct hs;

int hs_pool_start(struct hs_pool **out, unsigned threads) MUST_USE;
/* Ends the threads; handshakes under way are refused with ECANCELED. */
void hs_pool_stop(struct hs_pool *p);

struct hs_params {
	int fd; /* non-blocking; a client's may still be connecting. Taken. */
	bool server;
	const char *server_name; /* client: SNI; copied */
	const char
		*expected_name; /* client: name to judge; NULL: any. Copied */
	struct trustpoint *own; /* referenced; client: may lack a key */
	bool verify; /* demand and judge the peer's certificate */
	const struct conf_id_class *rules; /* lives as long as `keep` */
	void *keep; /* an object to hold a reference of (the conf); or NULL */
	unsigned deadline_ms; /* for everything, the TCP connect included */
	struct addr peer;
	const char *listener; /* for log lines; copied */
	struct mq *reply; /* where `done` runs */
	void (*done)(struct hs *h); /* owns h: hs_take_… then hs_free */
	void *arg;
};

/* Never fails: what goes wrong is told by `done`. Any thread. */
void hs_start(struct hs_pool *p, const struct hs_params *params);

/*
 * In `done`. err 0: established. Otherwise EACCES (peer refused, see text),
 * ETIMEDOUT, ECONNREFUSED …, EPROTO (not TLS, or no common version or
 * cipher), ECANCELED. A refusal was already logged, with the device's name as
 * far as it is known, and counted.
 */
int hs_error(const struct hs *h, const char **text);
void *hs_arg(const struct hs *h);
const struct addr *hs_peer(const struct hs *h);
/* Hand over; the session's socket is *fd. Keep the trustpoint referenced as
 * long as the session lives. */
gnutls_session_t hs_take_session(
	struct hs *h, int *fd, struct trustpoint **own);
struct identity *hs_take_identity(struct hs *h); /* one reference */
void hs_free(struct hs *h); /* closes what was not taken */

#endif
