/* What the files of tport_stream share: acceptor, connections, Sofia's side. */
#ifndef LINESIDE_B2BUA_STREAM_INT_H
#define LINESIDE_B2BUA_STREAM_INT_H

#include "b2bua/sofia/sources.h"
#include "b2bua/sofia/tport_abi.h"
#include "b2bua/sofia/tport_stream.h"

enum { STREAM_RECORD = 16384 };

struct flow { /* sip_flow as the port made it */
	struct sip_flow pub;
	struct conn *conn; /* NULL when closed */
};

struct conn {
	struct mq_node node; /* "closed", to ourselves */
	struct mq_node more; /* "go on reading", likewise */
	bool more_waits;
	unsigned budget; /* reads left in this turn */
	bool drained; /* the last read took all there was */
	bool dry; /* TLS: the socket has no more for this turn */
	unsigned txns; /* requests of theirs that are not over */
	struct conn *next, **prev; /* in the stream, or among its closing */
	struct stream *stream; /* NULL: it went away while we were closing */
	tport_t *tp; /* owned by Sofia; NULL when closed */
	struct flow *flow; /* one reference */
	struct source *source;
	int fd; /* Sofia closes it */
	gnutls_session_t tls; /* NULL: TCP */
	struct trustpoint *own; /* of the session */
	bool outbound;
	char *server_name, *expected_name; /* of an outbound one */
	struct trustpoint *asked; /* as given to stream_connect */
	struct framer framer;
	char *in; /* what came and was not taken yet: */
	size_t in_at, in_len, in_size; /* in_len bytes from in_at on */
	char *ahead; /* TLS: records read and not asked for yet; or NULL: */
	size_t ahead_at, ahead_len; /* ahead_len bytes from ahead_at on */
	uint64_t opened, last, message_began; /* 0: between messages */
	unsigned held;
	uint64_t registered_until; /* 0: never was */
	bool flush; /* TLS: a record waits in the session */
	char *out; /* what is to be sent, out_len bytes; or NULL */
	size_t out_len;
	struct conn *out_next, **out_prev; /* in the outbox; or NULL */
};

struct attempt { /* a handshake or a connect under way */
	struct attempt *next, **prev;
	struct stream *stream; /* NULL: the stream went away */
	struct source *source; /* incoming */
	struct stream_connect out; /* outgoing: done is set */
	char *server_name, *expected_name; /* owned */
	struct trustpoint *asked; /* referenced */
	struct addr peer;
	int fd; /* TCP connecting; -1: not or no longer */
	int wait; /* its index in the root */
	uint64_t deadline;
};

struct stream {
	char listener[CONF_NAME_MAX + 1];
	enum conf_side side;
	bool tls, verify, accepting;
	bool beside; /* binds beside one that is to go */
	struct stream_limits limits;
	struct trustpoint *trustpoint;
	const char *names; /* of which a client must have one; NULL: any */
	const struct conf_id_class *rules;
	struct conf *conf;
	struct hs_pool *hs;
	struct mq *queue;
	struct outbox *outbox;
	void (*closed)(void *arg, struct sip_flow *f);
	struct trustpoint *(*shown)(void *arg, const struct addr *peer);
	void *arg;
	struct tport_primary *pri;
	struct conn *conns;
	struct conn *closing; /* their end is yet to be told */
	struct attempt *attempts;
	size_t nconns, nattempts;
	struct sources *sources; /* of connections and handshakes; owned */
	/* Buffers of connections, free for the next that reads. */
	char *spare, *spare_ahead, *spare_out;
};

/* What stands behind Sofia's part of a primary. */
struct own_primary {
	struct stream *stream; /* NULL: UDP */
	struct tport_ear ear;
};

/* tport_stream.c */
extern struct stream *stream_binding;

/* stream_conn.c */
struct conn_params {
	int fd; /* taken */
	gnutls_session_t tls; /* taken */
	struct trustpoint *own; /* taken */
	struct identity *identity; /* taken */
	struct addr peer;
	struct source *source; /* taken on success */
	bool outbound;
};
/* Makes it a transport of Sofia's; NULL when that fails. */
struct conn *conn_adopt(struct stream *s, const struct conn_params *p);
/* Sofia is done with it, or closes it. */
void conn_detach(struct conn *c);
void conn_close(struct conn *c);
/* Nobody is told any more of those that closed; the queue frees them. */
void conns_orphan(struct stream *s);

/* stream_accept.c */
int stream_on_accept(struct tport_primary *pri, int events);
void attempts_sweep(struct stream *s, uint64_t now);
void attempts_abandon(struct stream *s);

/* stream_io.c */
int stream_on_recv(tport_t *tp);
int stream_on_wakeup(tport_t *tp, int events);
/* Hand over what lies in the buffers already. */
void stream_kick(struct conn *c);

/* stream_out.c */
ssize_t stream_on_send(
	tport_t const *tp, msg_t *msg, msg_iovec_t iov[], size_t n);
/* CRLF, unless something else is on its way that the peer does not take. */
void stream_pong(struct conn *c);
/* Sends what waits; false: some is left, or the connection broke, as Sofia has
 * heard. */
bool stream_flush(struct conn *c);
/* The last that is sent: nobody hears whether it could be. */
void stream_out_end(struct conn *c);

/* stream_ahead.c: from here on the session reads by way of c->ahead */
void conn_read_ahead(struct conn *c);

/* wire_log.c: messages as "debug ccsip messages" and captures want them */
bool wire_log_wanted(void);
void wire_log_received(tport_t *tp, msg_t *msg);
void wire_log_sent(tport_t *tp, msg_t *msg, const msg_iovec_t iov[], size_t n);

#endif
