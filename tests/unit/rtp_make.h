/* Packets, keys and transforms for the tests of media. */
#ifndef LINESIDE_TESTS_UNIT_RTP_MAKE_H
#define LINESIDE_TESTS_UNIT_RTP_MAKE_H

#include "test.h"

#include "base/secret.h"
#include "media/rtp.h"
#include "media/suites.h"
#include "media/xform.h"

struct made { /* a packet with its room */
	struct pkt pkt;
	_Alignas(16) uint8_t room[PKT_ROOM];
};

static inline void made_begin(struct made *m)
{
	m->pkt = (struct pkt){ .p = m->room, .room = sizeof(m->room) };
}

static inline void made_put(struct made *m, const void *p, size_t n)
{
	memcpy(m->pkt.p + m->pkt.n, p, n);
	m->pkt.n += n;
}

static inline void made_u32(struct made *m, uint32_t v)
{
	put_u32(m->pkt.p + m->pkt.n, v);
	m->pkt.n += 4;
}

/* A payload that tells which packet it was. */
static inline void make_rtp_full(struct made *m, uint32_t ssrc, uint16_t seq,
	unsigned csrcs, unsigned ext_words, size_t payload)
{
	made_begin(m);
	made_u32(m, (0x80u | (ext_words > 0 ? 0x10u : 0) | csrcs) << 24 | seq);
	made_u32(m, 160u * seq);
	made_u32(m, ssrc);
	for (unsigned i = 0; i < csrcs; i++)
		made_u32(m, 0xc5c50000u + i);
	if (ext_words > 0)
		made_u32(m, 0xbede0000u | ext_words);
	for (unsigned i = 0; i < ext_words; i++)
		made_u32(m, 0xeeee0000u + i);
	for (size_t i = 0; i < payload; i++)
		m->pkt.p[m->pkt.n++] = (uint8_t)(seq * 7u + i);
}

static inline void make_rtp(struct made *m, uint32_t ssrc, uint16_t seq)
{
	make_rtp_full(m, ssrc, seq, 0, 0, 160);
}

/* A sender report with `blocks` reports, then a BYE if wanted. */
static inline void make_sr(struct made *m, uint32_t ssrc, unsigned blocks)
{
	made_begin(m);
	made_u32(m, (0x80u | blocks) << 24 | 200u << 16 | (6 + 6 * blocks));
	made_u32(m, ssrc);
	for (uint32_t i = 0; i < 5; i++)
		made_u32(m, 0x01020304u + i);
	for (uint32_t i = 0; i < 6 * blocks; i++)
		made_u32(m, 0x11110000u + i);
}

static inline struct secret make_key(enum conf_suite suite, unsigned seed)
{
	const struct suite_row *row = &suite_rows[suite];
	struct secret s = { .n = (uint8_t)(row->key_len + row->salt_len) };

	for (unsigned i = 0; i < s.n; i++)
		s.b[i] = (uint8_t)(i * 13 + seed * 101 + 5);
	return s;
}

static inline size_t from_hex(uint8_t *out, const char *hex)
{
	size_t n = 0;
	unsigned byte = 0;

	for (; hex[0] != '\0'; hex += 2) {
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		out[n++] = (uint8_t)byte;
	}
	return n;
}

static inline bool same_packet(const struct made *a, const struct made *b)
{
	return a->pkt.n == b->pkt.n &&
	       memcmp(a->pkt.p, b->pkt.p, a->pkt.n) == 0;
}

static inline void made_copy(struct made *to, const struct made *from)
{
	memcpy(to->room, from->room, sizeof(to->room));
	to->pkt = (struct pkt){ to->room, from->pkt.n, sizeof(to->room) };
}

struct made_xform {
	bool lib, receive;
	enum conf_suite suite;
	unsigned seed;
	uint8_t mki_len;
	unsigned weak;
	const struct xform *previous;
};

static inline struct xform make_xform(struct made_xform w)
{
	struct secret key = make_key(w.suite, w.seed);
	struct xform_params p = {
		.suite = w.suite,
		.key = &key,
		.receive = w.receive,
		.mki_len = w.mki_len,
		.weak = w.weak,
		.mki = 0x0102030405060708u,
		.previous = w.previous,
	};
	struct xform x = { 0 };

	if (!w.lib) {
		assert_int_equal(xform_open(&x, &p), 0);
		return x;
	}
	assert_int_equal(xform_libsrtp.open(&x.state, &p), 0);
	x.ops = &xform_libsrtp;
	return x;
}

#endif
