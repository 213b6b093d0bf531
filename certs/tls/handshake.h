/*
 * TLS handshakes in threads of their own: a socket goes in, an authenticated
 * session or a reason comes out, never later than its deadline. The sip thread
 * (or any service) only ever sees peers that were accepted.
 */
#ifndef LINESIDE_CERTS_HANDSHAKE_H
#define LINESIDE_CERTS_HANDSHAKE_H

#include "base/mq.h"
#include "certs/judge/identity.h"
#include "certs/judge/judge.h"
#include "certs/store/trustpoint.h"

struct hs_pool;
struct hs;

int hs_pool_start(struct hs_pool **out, unsigned threads) MUST_USE;
/*
 * Ends the threads; handshakes under way are refused with ECANCELED. Nobody
 * starts one any more. What `done` has to tell waits in the reply queues
 * afterwards: run them before they are freed.
 */
void hs_pool_stop(struct hs_pool *p);

/* A CA of ours revoked something: what is known of revocation is asked for
 * anew. Any thread, while the pool is not being stopped. */
void hs_pool_revoked(struct hs_pool *p);

/*
 * Told of every peer that a server of ours accepted by its certificate, on the
 * handshake's thread, before `done`. All borrowed. Set before the first
 * handshake begins, for good.
 */
struct hs_accepted {
	const struct identity *identity;
	struct slice cert; /* its own, DER */
	const struct addr *peer;
	const char *listener; /* as in hs_params */
};
typedef void hs_watch_fn(void *arg, const struct hs_accepted *a);
void hs_pool_watch(struct hs_pool *p, hs_watch_fn *fn, void *arg);

struct hs_params {
	int fd; /* non-blocking; a client's may still be connecting. Taken. */
	bool server;
	const char *server_name; /* client: SNI; copied */
	/* In the peer's certificate, as in judge_params; NULL: any. Copied */
	const char *expected_name;
	struct trustpoint *own; /* referenced; client: may lack a key */
	bool verify; /* demand and judge the peer's certificate; without it the
		      * peer's identity is not certified, `rules` unused */
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
 * ETIMEDOUT, ECONNREFUSED … (TCP), ECONNRESET (peer left), EPROTO (not TLS, no
 * common version or cipher, the peer refused us), EAGAIN (too many under way),
 * ECANCELED. A refusal was already logged, with the device's name as far as it
 * is known, and counted; of TCP failures the caller makes the log line.
 */
int hs_error(const struct hs *h, const char **text);
/* Of EACCES: why the peer's chain was refused; JUDGE_OK: it was not the chain. */
enum judge_reason hs_reason(const struct hs *h);
void *hs_arg(const struct hs *h);
const struct addr *hs_peer(const struct hs *h);
/*
 * Hand over; the session's socket is *fd, non-blocking. Keep the trustpoint
 * referenced as long as the session lives. For whoever reads and writes then:
 * - Bytes that came with the peer's last flight may wait inside the session,
 *   where no poll sees them: read once right away, and again while
 *   gnutls_record_check_pending() is not 0.
 * - As a client of TLS 1.3 we are done before the server has judged us: its
 *   refusal is the first gnutls_record_recv (GNUTLS_E_FATAL_ALERT_RECEIVED).
 * - GNUTLS_E_REHANDSHAKE (TLS 1.2) asks for a renegotiation: close.
 */
gnutls_session_t hs_take_session(
	struct hs *h, int *fd, struct trustpoint **own);
/* What an alert means for an operator: "\"Unknown CA\": it does not …". */
enum { HS_ALERT_TEXT = 160 };
void hs_alert_words(gnutls_alert_description_t alert, char out[HS_ALERT_TEXT]);
struct identity *hs_take_identity(struct hs *h); /* one reference */
void hs_free(struct hs *h); /* closes what was not taken */

#endif
