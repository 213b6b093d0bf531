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

/* Value behind "a=NAME:" ; true for "a=NAME" too (empty value). */
bool sdp_attr(struct slice line, const char *name, struct slice *value);

/* Which section is the call's audio: the first with a port and RTP, else the
 * first audio at all. ENOENT: none. */
int sdp_find_audio(const struct sdp *s, size_t *index) MUST_USE;

/*
 * sdp_in.c: what section `index` says, with what the session part says for
 * all. EBADMSG malformed; ENOTSUP: a transport other than RTP/(S)AVP(F).
 * Crypto lines that cannot be honoured are left out and counted in *refused.
 */
int sdp_read(const struct sdp *s, size_t index, struct mdesc *out,
	size_t *refused) MUST_USE;

/*
 * sdp_out.c: our own description for one leg. Lines that mean nothing to the
 * other end or would give away the inside (o=, c=, ICE, keys, addresses) are
 * ours or dropped; all others are the peer's, byte for byte.
 */
struct sdp_shape { /* the m= lines of a leg: their number never shrinks */
	size_t n, audio; /* sections; which of them is the call's audio */
	char *refused[SDP_MEDIA_MAX]; /* "video 0 RTP/AVP 31"; NULL: audio */
};
void sdp_shape_from(struct sdp_shape *out, const struct sdp *s, size_t audio);
void sdp_shape_free(struct sdp_shape *shape);

struct sdp_origin {
	uint64_t session, version;
};
/*
 * `like`: the other leg's description whose audio section is `index`; lines
 * come from there. `shape`: the m= lines to write (n 0: only the audio).
 */
void sdp_write(struct text *out, const struct sdp *like, size_t index,
	const struct mdesc *local, const struct sdp_shape *shape,
	struct sdp_origin origin);

#endif
