/*
 * Blocks of a pcapng file (draft-ietf-opsawg-pcapng), as far as a capture of
 * one call needs them: IP packets of two interfaces, with nanoseconds, their
 * direction and a comment. Bytes out, nothing kept. Any thread.
 */
#ifndef LINESIDE_MEDIA_PCAPNG_H
#define LINESIDE_MEDIA_PCAPNG_H

#include "base/addr.h"
#include "base/wire.h"

enum { PCAPNG_COMMENT_MAX = 256, PCAPNG_OVERHEAD = 512 };

/* Section header; host byte order, as the format wants it. */
void pcapng_begin(struct wbuf *w, struct slice program, struct slice comment);
void pcapng_interface(struct wbuf *w, struct slice name);

struct pcapng_packet {
	uint32_t interface; /* by the order of pcapng_interface() */
	uint64_t time_ns; /* since 1970 */
	bool outbound;
	const struct addr *from, *to; /* of one family */
	struct slice payload; /* of UDP; at most 65,000 bytes */
	struct slice comment; /* cut at PCAPNG_COMMENT_MAX; may be empty */
};
/* An enhanced packet block with IP and UDP headers of our making. w->bad:
 * it needs payload.n + PCAPNG_OVERHEAD bytes. */
void pcapng_packet(struct wbuf *w, const struct pcapng_packet *p);

#endif
