/*
 * One file fetched by TFTP, from the call manager's server: the counterpart
 * of tftp_serve.h, without sockets or clock. The owner takes the server's
 * port from the first answer and lets nobody else in afterwards.
 */
#ifndef LINESIDE_PHONEPROXY_TFTP_FETCH_H
#define LINESIDE_PHONEPROXY_TFTP_FETCH_H

#include "phoneproxy/serve/tftp_serve.h"

struct tftp_fetch { /* read `state`, `content`, `peer_code` */
	/* TFTP_RUNNING, _DONE, _GIVEN_UP, _OVERDUE; _REFUSED_BY_PEER with its
	 * code, which is TFTP_E_FULL when the file is larger than `max`, and
	 * TFTP_E_OPTION when the server acknowledges what was not asked for. */
	enum tftp_state state;
	struct text content; /* owned */
	struct slice file; /* borrowed */
	struct tftp_limits limits;
	size_t max;
	bool answered; /* something came: options are settled */
	uint64_t got; /* blocks received in order, without wrap */
	unsigned blksize, tries;
	uint64_t due, end; /* ms */
	uint16_t peer_code;
	tftp_send_fn *send;
	void *arg;
};

/* Asks for `file` with blksize and tsize; a server that knows neither answers
 * with blocks of 512 bytes. tftp_fetch_free at the end. */
void tftp_fetch_start(struct tftp_fetch *f, const struct tftp_limits *limits,
	struct slice file, size_t max, uint64_t now, tftp_send_fn *send,
	void *arg);
/* Goes on acknowledging the last block when done, as long as it is called. */
void tftp_fetch_packet(struct tftp_fetch *f, struct slice packet, uint64_t now);
void tftp_fetch_timer(struct tftp_fetch *f, uint64_t now);
uint64_t tftp_fetch_due(const struct tftp_fetch *f);
void tftp_fetch_free(struct tftp_fetch *f);

#endif
