/*
 * One file sent by TFTP: a state machine without sockets or clock. Its owner
 * brings packets that come from the phone's address and port, and calls it
 * when it is due; packets go out by a callback. The owner keeps sessions
 * apart, so it works behind one port as well as with a port for each.
 */
#ifndef LINESIDE_PHONEPROXY_TFTP_SERVE_H
#define LINESIDE_PHONEPROXY_TFTP_SERVE_H

#include "phoneproxy/serve/tftp_msg.h"

struct tftp_limits {
	unsigned blksize_max; /* ≤ TFTP_BLKSIZE_MAX; 1428 passes anywhere */
	unsigned window_max; /* ≤ TFTP_WINDOW_MAX */
	unsigned retry_ms; /* before the first repetition; doubles */
	unsigned retries; /* without an answer; also bounds amplification */
	unsigned session_ms; /* for everything */
};
extern const struct tftp_limits tftp_defaults;

enum tftp_state {
	TFTP_RUNNING,
	TFTP_DONE,
	TFTP_GIVEN_UP, /* no answer to the last repetition */
	TFTP_OVERDUE, /* session_ms are over: a slow reader */
	TFTP_REFUSED_BY_PEER, /* it sent an error */
	TFTP_SUPERSEDED, /* it asks anew: begin another session with that */
};
const char *tftp_state_name(enum tftp_state s);

typedef void tftp_send_fn(void *arg, struct slice packet);

enum { TFTP_REQUEST_MAX = 512 };

struct tftp_serve { /* its members are its own; read `state` and counts */
	enum tftp_state state;
	struct slice content; /* borrowed until the end */
	struct tftp_limits limits;
	struct tftp_options agreed; /* what the OACK says */
	bool oack; /* was sent, and is not yet acknowledged */
	bool heard; /* the phone has acknowledged something */
	bool resent; /* this window, on a repeated ACK: once only */
	uint64_t acked, sent, last; /* blocks, counted from 1 without wrap */
	unsigned blksize, window, tries;
	uint64_t due, end; /* ms */
	size_t nrequest;
	char request[TFTP_REQUEST_MAX];
	uint16_t peer_code; /* of TFTP_REFUSED_BY_PEER */
	unsigned repeated; /* packets sent again */
	tftp_send_fn *send;
	void *arg;
};

/*
 * `request` is the packet of a read request in octet mode, already parsed
 * into `p`. Options are acknowledged only as asked for, within the limits.
 * Sends the first packet.
 */
void tftp_serve_start(struct tftp_serve *s, const struct tftp_limits *limits,
	struct slice request, const struct tftp_packet *p, struct slice content,
	uint64_t now, tftp_send_fn *send, void *arg);
/* What does not belong here, malformed packets too, changes nothing. */
void tftp_serve_packet(struct tftp_serve *s, struct slice packet, uint64_t now);
/* To be called at `due`, earlier does no harm. */
void tftp_serve_timer(struct tftp_serve *s, uint64_t now);
uint64_t tftp_serve_due(const struct tftp_serve *s);

#endif
