/*
 * Protection of one direction of one leg: plain, or SRTP with one suite.
 * A packet's way is the receive transform of one leg, then the send transform
 * of the other: n rows, never n × n cases. Transforms live in one media
 * worker and are never shared.
 */
#ifndef LINESIDE_MEDIA_XFORM_H
#define LINESIDE_MEDIA_XFORM_H

#include "base/secret.h"
#include "conf/model_media.h"

struct xform;

struct pkt {
	uint8_t *p;
	size_t n, room; /* bytes used, bytes there from p */
};

enum { PKT_ROOM = 2048, XFORM_OVERHEAD = 32 }; /* a tag and an index at most */

/* What RFC 4568 6.3.2 and 6.3.3 let the ends do without. */
enum {
	XFORM_CLEAR_RTP = 1,
	XFORM_CLEAR_RTCP = 2,
	XFORM_UNSIGNED_RTP = 4, /* SRTCP is always authenticated */
};

struct xform_params {
	bool plain;
	enum conf_suite suite; /* when not plain */
	const struct secret *key; /* master key and salt; copied */
	bool receive; /* unprotect; else protect */
	unsigned weak; /* XFORM_… bits; not with AEAD suites */
	uint8_t mki_len; /* 0 to 8; appended on sending, demanded on receiving */
	uint64_t mki;
	/*
	 * The transform whose place this one takes with another key; NULL: none.
	 * Its rollover counters go on (RFC 3711 3.3.1). Only read in open().
	 */
	const struct xform *previous;
};

struct xform_ops {
	const char *name; /* "plain", "AEAD_AES_256_GCM": as in SDP, show */
	int (*open)(void **state, const struct xform_params *p);
	/* In place. 0; EBADMSG: malformed; EACCES: authentication failed;
	 * EALREADY: replayed or too old; ENOBUFS: no room to protect.
	 * On failure neither the packet nor the state has changed, but for
	 * what a sender notes of a jump, behind which it gives other sequence
	 * numbers (xform_srtp.c). */
	int (*rtp)(void *state, struct pkt *p);
	int (*rtcp)(void *state, struct pkt *p);
	void (*close)(void *state); /* keys are wiped */
	/* What a packet will need comes near; NULL: nothing. */
	void (*fetch)(const void *state);
};

struct xform {
	const struct xform_ops *ops;
	void *state;
};

extern const struct xform_ops xform_plain;
/* Our own on nettle: a row for each suite. */
extern const struct xform_ops xform_srtp[CONF_SUITE_COUNT];

/* Picks the row. EINVAL: the key has not the suite's length, MKI > 8, or an
 * AEAD suite that is to be weakened. */
int xform_open(struct xform *out, const struct xform_params *p) MUST_USE;
void xform_close(struct xform *x); /* { 0 } is fine */
static inline int xform_rtp(struct xform *x, struct pkt *p)
{
	return x->ops->rtp(x->state, p);
}
static inline int xform_rtcp(struct xform *x, struct pkt *p)
{
	return x->ops->rtcp(x->state, p);
}
/* { 0 } is fine. */
static inline void xform_fetch(const struct xform *x)
{
	if (x->ops != NULL && x->ops->fetch != NULL)
		x->ops->fetch(x->state);
}

/* The same by libsrtp2: the reference that tests compare with. */
extern const struct xform_ops xform_libsrtp;

#endif
