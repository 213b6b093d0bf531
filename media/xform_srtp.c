/*
 * SRTP and SRTCP (RFC 3711, RFC 7714) for one direction of one leg: finds
 * where the cipher and the tag lie, keeps each SSRC's index and replay window.
 * What is kept changes only after a packet has authenticated, and nothing is
 * allocated but for more SSRCs than usual.
 *
 * Rollover counters: the sender's is never told to us. For a stream that runs
 * it is estimated (RFC 3711 3.3.1); one that is new to us, after a silence or
 * a change of key, may be anywhere, so when it does not authenticate a few
 * likely counters are tried: that of the key before, 0, 1 (its beginning was
 * lost around a wrap), and those around the stream heard last, since phones
 * change their SSRC in mid-call without starting anew.
 *
 * A stream that we left out for long (its far end held, or heard music of ours)
 * would go on so far from where it was that no receiver finds its counter. It
 * goes on where it stopped instead, with other sequence numbers.
 */
#include "media/xform.h"

#include <errno.h>
#include <nettle/memops.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "media/rtp.h"
#include "media/srtp_box.h"
#include "media/srtp_index.h"

enum { STREAMS = 2, STREAMS_MAX = 256, TRIES = 5, MKI_ROOM = 8, INDEX = 4 };
enum { FAR = 0x4000 }; /* half of what receivers can tell: RFC 3711 3.3.1 */

static const uint32_t encrypted_bit = 0x80000000;
static const uint64_t roll = 1 << 16; /* one step of the rollover counter */

struct stream { /* an SSRC that authenticated, or is about to */
	uint32_t ssrc;
	bool known; /* false: a free place */
	bool rtp_seen; /* under this key: rtp.top is where it stands */
	bool hinted; /* rtp.top is where it stood under the key before */
	uint64_t used; /* age in packets, to replace the oldest */
	/* sending: what is added to its sequence numbers; and when it jumped,
	 * the next one as it came */
	bool jumped;
	uint16_t shift, expect;
	struct replay rtp, rtcp;
};

struct srtp {
	const struct suite_row *suite;
	struct stream *stream;
	unsigned n; /* places */
	unsigned recent; /* place of the stream used last */
	uint64_t packets;
	uint32_t rtcp_next; /* one for all SSRCs: no index is used twice */
	bool receive;
	bool clear_rtp, clear_rtcp; /* not encrypted */
	uint8_t rtp_tag; /* bytes; 0: not authenticated */
	uint8_t mki_len;
	uint8_t mki[MKI_ROOM];
	struct srtp_box rtp; /* till here with each packet */
	struct srtp_box rtcp;
};

/* --- streams --- */

static struct stream *stream_find(struct srtp *x, uint32_t ssrc)
{
	struct stream *s = &x->stream[x->recent];

	if (s->known && s->ssrc == ssrc)
		return s;
	for (unsigned i = 0; i < x->n; i++) {
		s = &x->stream[i];
		if (s->known && s->ssrc == ssrc)
			return s;
	}
	return NULL;
}

static bool is_full(const struct srtp *x)
{
	if (x->n < STREAMS_MAX)
		return false;
	for (unsigned i = 0; i < x->n; i++)
		if (!x->stream[i].known)
			return false;
	return true;
}

/* The first free place, else a new one, else the oldest's. */
static struct stream *place_for_new(struct srtp *x)
{
	struct stream *oldest = &x->stream[0];

	for (unsigned i = 0; i < x->n; i++) {
		if (!x->stream[i].known)
			return &x->stream[i];
		if (x->stream[i].used < oldest->used)
			oldest = &x->stream[i];
	}
	if (x->n == STREAMS_MAX)
		return oldest;
	x->stream =
		mem_resize(x->stream, x->n + STREAMS, sizeof(struct stream));
	memset(&x->stream[x->n], 0, STREAMS * sizeof(struct stream));
	x->n += STREAMS;
	return &x->stream[x->n - STREAMS];
}

/* After authentication only. When sending, nobody gives way: to forget where
 * a stream stood is to use its indexes again, and with them the key stream. */
static struct stream *stream_use(
	struct srtp *x, struct stream *s, uint32_t ssrc)
{
	if (s == NULL) {
		s = place_for_new(x);
		*s = (struct stream){ .ssrc = ssrc, .known = true };
	}
	s->used = ++x->packets;
	x->recent = (unsigned)(s - x->stream);
	return s;
}

static void mark_rtp(
	struct srtp *x, struct stream *s, uint32_t ssrc, uint64_t index)
{
	s = stream_use(x, s, ssrc);
	if (!s->rtp_seen) {
		s->rtp = (struct replay){ 0 };
		s->rtp_seen = true;
		s->hinted = false;
	}
	replay_mark(&s->rtp, index);
}

/* Streams of the transform before: where they stood, and nothing else. */
static void inherit(struct srtp *x, const struct srtp *old)
{
	free(x->stream);
	x->n = old->n;
	x->stream = mem_array(x->n, sizeof(struct stream));
	for (unsigned i = 0; i < x->n; i++) {
		const struct stream *s = &old->stream[i];

		if (!s->rtp_seen && !s->hinted)
			continue;
		x->stream[i] = (struct stream){
			.ssrc = s->ssrc,
			.known = true,
			.hinted = true,
			.used = s->used,
			.shift = s->shift,
			.rtp.top = s->rtp.top,
		};
	}
	x->packets = old->packets;
	x->recent = old->recent;
}

/* --- which index a packet may have --- */

struct guesses {
	uint64_t index[TRIES];
	unsigned n;
	int otherwise; /* what it means when none authenticates */
};

static void guess_add(struct guesses *g, uint64_t index)
{
	for (unsigned i = 0; i < g->n; i++)
		if (g->index[i] == index)
			return;
	if (g->n < TRIES && index >> 48 == 0)
		g->index[g->n++] = index;
}

static void guess_around(struct guesses *g, uint64_t index)
{
	guess_add(g, index);
	guess_add(g, index + roll);
	if (index >= roll)
		guess_add(g, index - roll);
}

static void guess_known(struct guesses *g, const struct replay *r, uint16_t seq)
{
	uint64_t index = index_guess(r->top, seq);

	if (!replay_known(r, index)) {
		guess_add(g, index);
	} else {
		g->otherwise = EALREADY;
		if (r->top - index < REPLAY_SPAN)
			return; /* an ordinary duplicate */
	}
	/* More than half a round was lost: a long silence with the
	 * sequence running on. Never backwards: those may be replays. */
	guess_add(g, index + roll);
}

static struct guesses guess(
	const struct srtp *x, const struct stream *s, uint16_t seq)
{
	const struct stream *last = &x->stream[x->recent];
	struct guesses g = { .otherwise = EACCES };

	if (s != NULL && s->rtp_seen) {
		guess_known(&g, &s->rtp, seq);
		return g;
	}
	if (s != NULL && s->hinted) {
		guess_around(&g, index_guess(s->rtp.top, seq));
		guess_add(&g, seq);
		return g;
	}
	guess_add(&g, seq);
	guess_add(&g, roll | seq);
	if (last->rtp_seen || last->hinted)
		guess_around(&g, (last->rtp.top & ~(roll - 1)) | seq);
	return g;
}

/* --- sending --- */

/* Too far ahead, or behind, for a receiver to know on which side of a wrap. */
static bool is_far(uint64_t top, uint16_t seq)
{
	uint16_t ahead = (uint16_t)(seq - (uint16_t)top);

	return ahead >= FAR && ahead <= 0x10000 - REPLAY_SPAN;
}

/* Two in a row: it is there for good, and goes on where it stopped. */
static int close_up(struct stream *s, uint16_t seq)
{
	bool second = s->jumped && seq == s->expect;

	s->jumped = true;
	s->expect = (uint16_t)(seq + 1);
	if (second)
		s->shift = (uint16_t)((uint16_t)s->rtp.top + 1 - seq);
	return second ? 0 : EALREADY;
}

/* Where the other leg's stream stands; what it repeats is not sent twice,
 * since two packets under one index would give both away. */
static int next_index(struct stream *s, const struct rtp_head *head,
	uint16_t *seq, uint64_t *out)
{
	*out = *seq = head->seq;
	if (s == NULL || (!s->rtp_seen && !s->hinted))
		return 0;
	*seq = (uint16_t)(head->seq + s->shift);
	if (is_far(s->rtp.top, *seq)) {
		if (close_up(s, head->seq) != 0)
			return EALREADY;
		*seq = (uint16_t)(head->seq + s->shift);
	}
	s->jumped = false;
	*out = index_guess(s->rtp.top, *seq);
	return s->rtp_seen && replay_known(&s->rtp, *out) ? EALREADY : 0;
}

static void append(struct pkt *p, const void *bytes, size_t n)
{
	memcpy(p->p + p->n, bytes, n);
	p->n += n;
}

static int protect_rtp(struct srtp *x, struct pkt *p)
{
	struct rtp_head head;
	struct stream *s = NULL;
	uint64_t index = 0;
	uint16_t seq = 0;

	if (rtp_parse(&head, p->p, p->n) != 0)
		return EBADMSG;
	if (p->room < p->n + XFORM_OVERHEAD)
		return ENOBUFS;
	s = stream_find(x, head.ssrc);
	if (s == NULL && is_full(x))
		return ENOBUFS;
	if (next_index(s, &head, &seq, &index) != 0)
		return EALREADY;
	put_u16(p->p + 2, seq);
	if (x->suite->aead) {
		struct srtp_aad aad = { .p = p->p, .n = head.size };
		uint8_t iv[GCM_IV_SIZE];

		srtp_gcm_iv(&x->rtp, head.ssrc, index, iv);
		srtp_gcm_seal(
			&x->rtp, iv, &aad, p->p + head.size, p->n - head.size);
		p->n += SRTP_GCM_TAG;
		append(p, x->mki, x->mki_len);
	} else {
		uint8_t tag[SHA1_DIGEST_SIZE], roc[4];

		if (!x->clear_rtp)
			srtp_cm_crypt(&x->rtp, head.ssrc, index,
				p->p + head.size, p->n - head.size);
		put_u32(roc, (uint32_t)(index >> 16));
		srtp_cm_tag(&x->rtp, p->p, p->n, roc, sizeof(roc), tag);
		append(p, x->mki, x->mki_len);
		append(p, tag, x->rtp_tag);
	}
	mark_rtp(x, s, head.ssrc, index);
	return 0;
}

static int protect_rtcp(struct srtp *x, struct pkt *p)
{
	uint32_t index = x->rtcp_next, ssrc = 0;
	uint8_t word[INDEX];

	if (p->n < RTCP_HEADER || p->p[0] >> 6 != 2)
		return EBADMSG;
	if (p->room < p->n + XFORM_OVERHEAD)
		return ENOBUFS;
	if ((index & encrypted_bit) != 0)
		return EALREADY; /* all are used: RFC 3711 9.2 */
	ssrc = get_u32(p->p + 4);
	put_u32(word, (x->clear_rtcp ? 0 : encrypted_bit) | index);
	if (x->suite->aead) {
		struct srtp_aad aad = { p->p, RTCP_HEADER, word, INDEX };
		uint8_t iv[GCM_IV_SIZE];

		srtp_gcm_iv(&x->rtcp, ssrc, index, iv);
		srtp_gcm_seal(&x->rtcp, iv, &aad, p->p + RTCP_HEADER,
			p->n - RTCP_HEADER);
		p->n += SRTP_GCM_TAG;
		append(p, word, INDEX);
		append(p, x->mki, x->mki_len);
	} else {
		uint8_t tag[SHA1_DIGEST_SIZE];

		if (!x->clear_rtcp)
			srtp_cm_crypt(&x->rtcp, ssrc, index, p->p + RTCP_HEADER,
				p->n - RTCP_HEADER);
		append(p, word, INDEX);
		srtp_cm_tag(&x->rtcp, p->p, p->n, NULL, 0, tag);
		append(p, x->mki, x->mki_len);
		append(p, tag, x->suite->rtcp_tag_len);
	}
	x->rtcp_next = index + 1;
	return 0;
}

/* --- receiving --- */

static bool mki_fits(const struct srtp *x, const uint8_t *p)
{
	return memcmp(p, x->mki, x->mki_len) == 0; /* no secret */
}

static int open_rtp_gcm(struct srtp *x, struct pkt *p,
	const struct rtp_head *head, const struct guesses *g, uint64_t *index)
{
	struct srtp_aad aad = { .p = p->p, .n = head->size };
	size_t end = p->n - x->mki_len - SRTP_GCM_TAG;
	uint8_t iv[GCM_IV_SIZE];

	for (unsigned i = 0; i < g->n; i++) {
		srtp_gcm_iv(&x->rtp, head->ssrc, g->index[i], iv);
		if (!srtp_gcm_open(&x->rtp, iv, &aad, p->p + head->size,
			    end - head->size))
			continue;
		*index = g->index[i];
		p->n = end;
		return 0;
	}
	return g->otherwise;
}

static int open_rtp_cm(struct srtp *x, struct pkt *p,
	const struct rtp_head *head, const struct guesses *g, uint64_t *index)
{
	size_t tag_len = x->rtp_tag;
	size_t end = p->n - tag_len - x->mki_len;
	uint8_t tag[SHA1_DIGEST_SIZE], roc[4];

	for (unsigned i = 0; i < g->n; i++) {
		put_u32(roc, (uint32_t)(g->index[i] >> 16));
		srtp_cm_tag(&x->rtp, p->p, end, roc, sizeof(roc), tag);
		if (!memeql_sec(tag, p->p + p->n - tag_len, tag_len))
			continue;
		*index = g->index[i];
		if (!x->clear_rtp)
			srtp_cm_crypt(&x->rtp, head->ssrc, *index,
				p->p + head->size, end - head->size);
		p->n = end;
		return 0;
	}
	return g->otherwise;
}

static int unprotect_rtp(struct srtp *x, struct pkt *p)
{
	size_t trailer = (size_t)x->rtp_tag + x->mki_len;
	size_t mki_at = x->suite->aead ? x->mki_len : trailer;
	struct rtp_head head;
	struct guesses g;
	struct stream *s = NULL;
	uint64_t index = 0;
	int err = 0;

	if (p->n < trailer || rtp_parse(&head, p->p, p->n - trailer) != 0)
		return EBADMSG;
	if (!mki_fits(x, p->p + p->n - mki_at))
		return EACCES;
	s = stream_find(x, head.ssrc);
	g = guess(x, s, head.seq);
	if (x->suite->aead)
		err = open_rtp_gcm(x, p, &head, &g, &index);
	else
		err = open_rtp_cm(x, p, &head, &g, &index);
	if (err == 0)
		mark_rtp(x, s, head.ssrc, index);
	return err;
}

/* `word`: E bit and index, as they came. Without E the packet is only
 * authenticated (RFC 3711 3.4, RFC 7714 9.3): that is the sender's choice. */
static int open_rtcp_gcm(
	struct srtp *x, struct pkt *p, uint32_t ssrc, const uint8_t *word)
{
	bool encrypted = (word[0] & 0x80) != 0;
	size_t end = (size_t)(word - p->p) - SRTP_GCM_TAG;
	size_t clear = encrypted ? RTCP_HEADER : end;
	struct srtp_aad aad = { p->p, clear, word, INDEX };
	uint8_t iv[GCM_IV_SIZE];

	srtp_gcm_iv(&x->rtcp, ssrc, get_u32(word) & ~encrypted_bit, iv);
	if (!srtp_gcm_open(&x->rtcp, iv, &aad, p->p + clear, end - clear))
		return EACCES;
	p->n = end;
	return 0;
}

static int open_rtcp_cm(
	struct srtp *x, struct pkt *p, uint32_t ssrc, const uint8_t *word)
{
	size_t tag_len = x->suite->rtcp_tag_len;
	size_t end = (size_t)(word - p->p);
	uint8_t tag[SHA1_DIGEST_SIZE];

	srtp_cm_tag(&x->rtcp, p->p, end + INDEX, NULL, 0, tag);
	if (!memeql_sec(tag, p->p + p->n - tag_len, tag_len))
		return EACCES;
	if ((word[0] & 0x80) != 0)
		srtp_cm_crypt(&x->rtcp, ssrc, get_u32(word) & ~encrypted_bit,
			p->p + RTCP_HEADER, end - RTCP_HEADER);
	p->n = end;
	return 0;
}

static int unprotect_rtcp(struct srtp *x, struct pkt *p)
{
	size_t tag_len = x->suite->rtcp_tag_len;
	size_t trailer = INDEX + tag_len + x->mki_len;
	size_t mki_at = x->suite->aead ? x->mki_len : x->mki_len + tag_len;
	const uint8_t *word = NULL;
	uint32_t index = 0, ssrc = 0;
	struct stream *s = NULL;
	int err = 0;

	if (p->n < RTCP_HEADER + trailer || p->p[0] >> 6 != 2)
		return EBADMSG;
	if (!mki_fits(x, p->p + p->n - mki_at))
		return EACCES;
	word = p->p + p->n - mki_at - INDEX;
	index = get_u32(word) & ~encrypted_bit;
	ssrc = get_u32(p->p + 4);
	s = stream_find(x, ssrc);
	if (s != NULL && replay_known(&s->rtcp, index))
		return EALREADY;
	err = x->suite->aead ? open_rtcp_gcm(x, p, ssrc, word)
			     : open_rtcp_cm(x, p, ssrc, word);
	if (err == 0)
		replay_mark(&stream_use(x, s, ssrc)->rtcp, index);
	return err;
}

/* --- the row --- */

static int srtp_rtp(void *state, struct pkt *p)
{
	struct srtp *x = state;

	return x->receive ? unprotect_rtp(x, p) : protect_rtp(x, p);
}

static int srtp_rtcp(void *state, struct pkt *p)
{
	struct srtp *x = state;

	return x->receive ? unprotect_rtcp(x, p) : protect_rtcp(x, p);
}

/* Once for a packet, while the one before is worked on: with thousands of
 * calls nothing of this is in the cache. */
static void srtp_fetch(const void *state)
{
	enum { LINE = 64 };
	const struct srtp *x = state;

	for (size_t at = 0; at < offsetof(struct srtp, rtcp); at += LINE)
		__builtin_prefetch((const char *)state + at);
	__builtin_prefetch(&x->stream[x->recent], 1);
}

static void srtp_close(void *state)
{
	struct srtp *x = state;

	srtp_box_close(&x->rtp);
	srtp_box_close(&x->rtcp);
	free(x->stream);
	mem_wipe(state, sizeof(struct srtp));
	free(state);
}

static int srtp_open(void **state, const struct xform_params *p)
{
	struct srtp *x = mem_new(sizeof(*x));

	x->n = STREAMS;
	x->stream = mem_array(x->n, sizeof(struct stream));
	x->suite = &suite_rows[p->suite];
	x->receive = p->receive;
	x->clear_rtp = (p->weak & XFORM_CLEAR_RTP) != 0;
	x->clear_rtcp = (p->weak & XFORM_CLEAR_RTCP) != 0;
	x->rtp_tag = (p->weak & XFORM_UNSIGNED_RTP) != 0
			     ? 0
			     : (uint8_t)x->suite->rtp_tag_len;
	x->mki_len = p->mki_len;
	for (unsigned i = 0; i < p->mki_len; i++)
		x->mki[i] = (uint8_t)(p->mki >> (8 * (p->mki_len - 1 - i)));
	srtp_box_init(&x->rtp, x->suite, p->key->b, false);
	srtp_box_init(&x->rtcp, x->suite, p->key->b, true);
	if (p->previous != NULL && p->previous->ops != NULL &&
		p->previous->ops->open == srtp_open)
		inherit(x, p->previous->state);
	*state = x;
	return 0;
}

/* clang-format off */
#define ROW(suite) \
	[CONF_##suite] = { .name = #suite, .open = srtp_open, \
		.rtp = srtp_rtp, .rtcp = srtp_rtcp, .close = srtp_close, \
		.fetch = srtp_fetch }

const struct xform_ops xform_srtp[CONF_SUITE_COUNT] = {
	ROW(AEAD_AES_256_GCM),
	ROW(AEAD_AES_128_GCM),
	ROW(AES_CM_128_HMAC_SHA1_80),
	ROW(AES_CM_128_HMAC_SHA1_32),
	ROW(AES_256_CM_HMAC_SHA1_80),
	ROW(AES_256_CM_HMAC_SHA1_32),
};
/* clang-format on */
