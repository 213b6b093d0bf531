/*
 * A TCP port where phones speak TLS with us in frames: CAPF and TVS. Accepts
 * behind a gate, has handshakes done by certs/tls/handshake.h in other threads,
 * collects whole frames and writes each frame of ours in one TLS record, as
 * phones need it. On the thread of its loop.
 */
#ifndef LINESIDE_PHONEPROXY_TLS_PORT_H
#define LINESIDE_PHONEPROXY_TLS_PORT_H

#include "base/wire.h"
#include "certs/tls/handshake.h"
#include "phoneproxy/serve/doorway.h"

struct tls_port; /* counted inside: handshakes under way outlive tls_port_close */
struct tls_conn;

struct tls_port_ops {
	/* A phone is there; what it returns is the connection's own. */
	void *(*opened)(void *arg, struct tls_conn *c);
	/* The size of the frame that buf begins with, 0 in *size: not yet
	 * known. Anything but 0 closes. */
	int (*measure)(struct slice buf, size_t *size);
	void (*frame)(void *own, struct slice frame);
	void (*timer)(void *own); /* set by tls_conn_timer() */
	void (*closed)(void *own); /* the connection is gone */
};

struct tls_port_params {
	struct hs_pool *hs; /* borrowed */
	struct trustpoint *own; /* shown to phones; referenced */
	const char *name; /* for log lines; static */
	bool verify; /* phones must show a certificate that `own` accepts */
	const struct conf_id_class *rules; /* which device it is; or NULL */
	struct conf *keep; /* `rules` are part of it; referenced; or NULL */
	struct gate_limits limits;
	unsigned handshake_ms;
	size_t frame_max; /* longer ones close the connection */
	const struct tls_port_ops *ops;
	void *arg;
};

/* Takes the descriptor, a listening socket. */
struct tls_port *tls_port_new(
	struct loop *l, int fd, const struct tls_port_params *p) MUST_USE;
/* For connections to come. Listens on another socket unless fd is -1. */
void tls_port_set(struct tls_port *t, int fd, const struct tls_port_params *p);
/* Hangs up on all. NULL is fine. */
void tls_port_close(struct tls_port *t);
void tls_port_count(const struct tls_port *t, struct doorway_count *out);

/* One frame, one TLS record. */
void tls_conn_send(struct tls_conn *c, struct slice frame);
/* Bytes of `owner`, an object that is referenced until they are written; in as
 * many records as it takes. They are not copied. */
void tls_conn_lend(struct tls_conn *c, struct slice bytes, void *owner);
/* Closes it when what was sent is with the phone; `closed` comes later. No
 * frame does. */
void tls_conn_finish(struct tls_conn *c);
/* Once, in so many ms; starts anew. */
void tls_conn_timer(struct tls_conn *c, uint64_t ms);
const struct addr *tls_conn_peer(const struct tls_conn *c);
/* With `verify`: who it is, and its certificates, its own first. Borrowed. */
const struct identity *tls_conn_identity(const struct tls_conn *c);
const gnutls_datum_t *tls_conn_peer_certs(
	const struct tls_conn *c, unsigned *n);

#endif
