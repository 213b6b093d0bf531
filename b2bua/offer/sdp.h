/*
 * Session descriptions as lines. The editor keeps every line byte for byte
 * and in its order; reading (sdp_in.c) and writing (sdp_out.c) touch only
 * what policy decides. Sofia's parser is not used: one hostile line hangs it
 * and printing changes the meaning (docs/adr/0005).
 */
#ifndef LINESIDE_B2BUA_SDP_H
#define LINESIDE_B2BUA_SDP_H

#include "base/slice.h"
#include "base/wire.h"
#include "media/mdesc.h"

enum {
	SDP_SIZE_MAX = 16384, /* bytes of a body */
	SDP_LINES_MAX = 512,
	SDP_MEDIA_MAX = 8, /* m= sections */
};

struct sdp_section {
	size_t first, n; /* lines; of a media section the first is its m= */
};

/* Lines borrowed from the text, without their ends (CRLF or LF). */
struct sdp {
	size_t nlines;
	struct slice line[SDP_LINES_MAX];
	struct sdp_section session;
	size_t nmedia;
	struct sdp_section media[SDP_MEDIA_MAX];
};

/*
 * Splits. EBADMSG: not "x=…" lines, no v=0 first, no o=, an m= without port.
 * EMSGSIZE: more bytes, lines or sections than are allowed.
 */
int sdp_split(struct sdp *out, struct slice text) MUST_USE;

/* The fields of an m= line. */
struct sdp_mline {
	struct slice media; /* "audio" */
	uint16_t port;
	struct slice proto; /* "RTP/SAVP" */
	struct slice formats; /* "0 8 101" */
};
int sdp_mline_parse(struct slice line, struct sdp_mline *out) MUST_USE;

/* Name and value of "a=NAME:VALUE", or of "a=NAME" (empty value). */
bool sdp_attr(struct slice line, struct slice *name, struct slice *value);

/*
 * Which section is the call's main stream: the first audio with a port and
 * RTP, else the first fax (image, udptl) with a port, else the first audio at
 * all. ENOENT: none.
 */
int sdp_find_main(const struct sdp *s, size_t *index) MUST_USE;

/* Is it a stream that we can carry: RTP, or datagrams known by name? */
bool sdp_carried(const struct sdp_mline *m);

/*
 * sdp_in.c: what section `index` says, with what the session part says for
 * all. EBADMSG malformed; ENOTSUP: a transport that sdp_carried() has not.
 * Crypto lines that cannot be honoured are left out and counted in *refused.
 */
int sdp_read(const struct sdp *s, size_t index, struct mdesc *out,
	size_t *refused) MUST_USE;

/*
 * sdp_shape.c: the m= sections of a leg and which stream of the call each of
 * them is. Their number and order never change but by growing (RFC 3264 8).
 * Stream 0 is the call's sound, or the fax in its place.
 */
enum { SDP_NO_STREAM = -1 };
struct sdp_shape {
	uint8_t n;
	uint8_t twin; /* the first stream's other line, RTP; 0: none */
	/* by section: 0…SDP_MEDIA_MAX - 1, or SDP_NO_STREAM */
	int8_t stream[SDP_MEDIA_MAX];
	char *refused[SDP_MEDIA_MAX]; /* "video 0 RTP/AVP 31"; owned */
};
/* The sections of a description that came: their m= lines are remembered, new
 * ones begin without a stream. */
void sdp_shape_note(struct sdp_shape *shape, const struct sdp *s);
/* One more section, of that stream. False: there are too many. */
bool sdp_shape_add(struct sdp_shape *shape, int stream);
/* The section of that stream; shape->n: none. */
size_t sdp_shape_find(const struct sdp_shape *shape, int stream);
void sdp_shape_free(struct sdp_shape *shape);

/*
 * sdp_out.c: our own description for one leg. Lines that mean nothing to the
 * other end or would give away the inside (o=, c=, ICE, keys, addresses) are
 * ours or dropped. Of attributes, those that are known pass, byte for byte;
 * others pass only with `trusted`.
 */
struct sdp_origin {
	uint64_t session, version;
};
struct sdp_part { /* a section to write */
	const struct mdesc *local; /* NULL: refused, port 0 */
	size_t like; /* the section of the other description it is made of */
	const char *refused; /* as in sdp_shape; NULL: of an audio section */
};
struct sdp_draft {
	const struct sdp *like; /* the other leg's description */
	bool trusted; /* the leg is one of the core side */
	struct addr host; /* of c= and o= */
	struct sdp_origin origin;
	/* a=record of ours, in place of the other end's: "on", "off" (RFC 7866
	 * 7.1.2); NULL: as the other end has it. */
	const char *record;
	size_t n;
	struct sdp_part part[SDP_MEDIA_MAX];
};
void sdp_write(struct text *out, const struct sdp_draft *d);

#endif
