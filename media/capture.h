/*
 * A capture of one call: copies of its packets in clear, put by the media
 * worker and by the sip thread without waiting, written to a pcapng file by a
 * thread of the capture's own. Ends by itself with its time or size.
 *
 * Each of the two has a ring of its own, so that nothing is locked; what finds
 * its ring full is counted as dropped.
 */
#ifndef LINESIDE_MEDIA_CAPTURE_H
#define LINESIDE_MEDIA_CAPTURE_H

#include "base/addr.h"
#include "base/need.h"
#include "base/slice.h"

struct capture;

enum capture_end {
	CAPTURE_RUNS,
	CAPTURE_STOPPED, /* by the operator, or we stop */
	CAPTURE_TIME,
	CAPTURE_SIZE,
	CAPTURE_CALL, /* the call is over */
	CAPTURE_DISK, /* the file could not be written */
};

struct capture_params {
	int fd; /* handed over, also on failure */
	unsigned seconds;
	uint64_t max_bytes;
	struct slice program, comment; /* for whoever opens the file */
	/* Once, on the capture's thread, when the file is closed. */
	void (*ended)(void *arg, const struct capture *c);
	void *arg;
};
/* One reference in *out; errno of the thread. */
int capture_start(
	struct capture **out, const struct capture_params *p) MUST_USE;
/* Any thread; the first reason counts. NULL is fine. */
void capture_stop(struct capture *c, enum capture_end why);
/* Waits until the file is closed; drops the caller's reference. */
void capture_finish(struct capture *c);
bool capture_is_over(const struct capture *c); /* any thread */

struct capture_from {
	unsigned side; /* 0: A, 1: B */
	bool sent; /* by us */
	const struct addr *from, *to;
};

/* The worker alone. A place for the packet, for it may yet prove not to be
 * sent: it counts with capture_media_done(). NULL: none is free. */
struct capture_slot;
struct capture_slot *capture_media(struct capture *c,
	const struct capture_from *f, const uint8_t *p, size_t n);
void capture_media_done(struct capture *c, struct capture_slot *s);

/* The sip thread alone: a message, or an SDP text announced (RFC 2974) so
 * that readers know what the packets mean. Copied. */
void capture_signal(struct capture *c, const struct capture_from *f,
	struct slice payload, struct slice comment);

struct capture_stats {
	uint64_t packets, bytes, dropped; /* written, but for `dropped` */
	enum capture_end end;
};
void capture_stats(const struct capture *c, struct capture_stats *out);

#endif
