/*
 * Our transport types for Sofia: "tcp" and "tls" from an acceptor of our own,
 * with limits on connections, messages and time, and TLS handshakes done
 * elsewhere (certs/tls/handshake.h), so that Sofia only ever sees peers that were
 * accepted and whole messages; and "udp" as Sofia has it, with messages shown
 * when debugging. All on the sip thread.
 */
#ifndef LINESIDE_B2BUA_TPORT_STREAM_H
#define LINESIDE_B2BUA_TPORT_STREAM_H

#include "b2bua/sip/sip_port.h"
#include "b2bua/sofia/framer.h"
#include "b2bua/sofia/sofia.h"
#include "base/mq.h"
#include "certs/tls/handshake.h"

struct conn;
struct stream; /* acceptor and connections of one listener */
struct tport_primary;

/* Registers the types once per process; ENOTSUP with what differs when the
 * library is not the one whose layouts we know. */
int tport_types_register(const char **why) MUST_USE;

struct stream_limits {
	unsigned max_connections, max_per_source;
	unsigned handshake_ms, message_ms, idle_ms;
	unsigned dscp; /* of connections to come */
	bool via_tcp; /* TLS: a Via may say TCP, and is made to say TLS */
};

/* Asked of each message when it has come, as Sofia would get it next; `c` NULL:
 * by UDP. False: it is dropped. */
typedef bool tport_hears_fn(void *arg, struct conn *c, msg_t *msg);
struct tport_ear {
	tport_hears_fn *hears;
	void *arg;
};

/* Connections with messages that are to be sent before the loop waits. */
struct outbox {
	struct conn *first, **last; /* all 0: empty */
};
void outbox_send(struct outbox *box);

struct stream_params {
	enum conf_side side;
	bool tls;
	bool beside; /* shares its address with one that is to be retired */
	struct hs_pool *hs; /* TLS */
	struct mq *queue; /* of the sip thread */
	struct outbox *outbox; /* likewise */
	void (*closed)(void *arg, struct sip_flow *f); /* from the loop */
	/* What who connects from there is shown and judged by; NULL: the
	 * stream's. Borrowed. */
	struct trustpoint *(*shown)(void *arg, const struct addr *peer);
	void *arg;
};

struct stream *stream_new(const struct stream_params *p) MUST_USE;
/* What a configuration may change, its name included (copied); the trustpoint is referenced, NULL for
 * TCP; `conf` holds `rules` and is referenced. */
void stream_set(struct stream *s, const char *listener,
	const struct stream_limits *l, struct trustpoint *tp, bool verify,
	const char *names, const struct conf_id_class *rules,
	struct conf *conf);
/* The transport that Sofia binds next (nta_agent_add_tport) is this one's (NULL:
 * UDP), and asks that ear (copied). */
void stream_bind(struct stream *s, const struct tport_ear *ear);
/* Whether one made with `beside` may bind the same address. Only while it is
 * needed: or another program of ours could bind it, too. */
void stream_share(struct stream *s, bool on);
/* No connection is taken from now on; what is up stays. */
void stream_stop_accepting(struct stream *s);
/* Deadlines of messages and idle connections; about once a second. */
void stream_sweep(struct stream *s, uint64_t now);
/* What is under way ends without telling anybody. */
void stream_abandon(struct stream *s);
/* Once Sofia's agent is gone; its user hears no more. */
void stream_free(struct stream *s);

/* No connection, none under way, none whose end was not told. */
bool stream_quiet(const struct stream *s);
size_t stream_connections(const struct stream *s);
size_t stream_handshakes(const struct stream *s);
struct conn *stream_first(const struct stream *s);
struct conn *stream_next(const struct conn *c);

/*
 * A connection of ours to `peer`: `done` later, with the connection or an
 * error. `trustpoint` NULL: the listener's. Names are copied.
 */
typedef void stream_done_fn(void *arg, int err, struct conn *c);
struct stream_connect {
	struct addr peer;
	struct trustpoint *trustpoint;
	const char *server_name, *expected_name;
	unsigned ms; /* it may take; 0: as the listener says */
	stream_done_fn *done;
	void *arg;
};
void stream_connect(struct stream *s, const struct stream_connect *p);
/* An open one made with the same parameters, or NULL. */
struct conn *stream_find(
	const struct stream *s, const struct stream_connect *p);

/* The `arg` of its stream. */
void *conn_owner(const struct conn *c);
struct sip_flow *conn_flow(const struct conn *c);
tport_t *conn_tport(const struct conn *c);
uint64_t conn_opened(const struct conn *c);
bool conn_outbound(const struct conn *c);
struct addr conn_local(const struct conn *c);
/* What keeps a connection from being idle: registrations, dialogs. */
void conn_hold(struct conn *c);
void conn_release(struct conn *c);
/* A request of theirs begins, or is over; how many there are. */
void conn_txn(struct conn *c, bool begins);
unsigned conn_txns(const struct conn *c);
/* Somebody is registered over it for that long. */
void conn_set_registered(struct conn *c, uint64_t ms);
/* The connection a message came on; NULL: not one of ours (UDP). */
struct conn *conn_of_tport(tport_t *tp);
/* The open connection of a flow, or NULL. */
struct conn *conn_of_flow(const struct sip_flow *f);

#endif
