/* Bounded readers and writers of bytes in network order. */
#include "base/wire.h"

#include <string.h>

struct rbuf rbuf_of(struct slice s)
{
	return (struct rbuf){ .p = (const uint8_t *)s.p, .n = s.n };
}

static uint64_t read_be(struct rbuf *r, size_t n)
{
	uint64_t v = 0;

	if (r->bad || rbuf_left(r) < n) {
		r->bad = true;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		v = v << 8 | r->p[r->at++];
	return v;
}

uint8_t rbuf_u8(struct rbuf *r)
{
	return (uint8_t)read_be(r, 1);
}

uint16_t rbuf_u16(struct rbuf *r)
{
	return (uint16_t)read_be(r, 2);
}

uint32_t rbuf_u24(struct rbuf *r)
{
	return (uint32_t)read_be(r, 3);
}

uint32_t rbuf_u32(struct rbuf *r)
{
	return (uint32_t)read_be(r, 4);
}

uint64_t rbuf_u64(struct rbuf *r)
{
	return read_be(r, 8);
}

struct slice rbuf_bytes(struct rbuf *r, size_t n)
{
	if (r->bad || rbuf_left(r) < n) {
		r->bad = true;
		return slice_of(NULL, 0);
	}
	if (n == 0)
		return slice_of(r->p, 0);
	r->at += n;
	return slice_of(r->p + r->at - n, n);
}

size_t rbuf_left(const struct rbuf *r)
{
	return r->n - r->at;
}

struct wbuf wbuf_of(void *p, size_t size)
{
	return (struct wbuf){ .p = p, .size = size };
}

static void write_be(struct wbuf *w, uint64_t v, size_t n)
{
	if (w->bad || w->size - w->at < n) {
		w->bad = true;
		return;
	}
	while (n-- > 0)
		w->p[w->at++] = (uint8_t)(v >> 8 * n);
}

void wbuf_u8(struct wbuf *w, uint8_t v)
{
	write_be(w, v, 1);
}

void wbuf_u16(struct wbuf *w, uint16_t v)
{
	write_be(w, v, 2);
}

void wbuf_u32(struct wbuf *w, uint32_t v)
{
	write_be(w, v, 4);
}

void wbuf_u64(struct wbuf *w, uint64_t v)
{
	write_be(w, v, 8);
}

void wbuf_bytes(struct wbuf *w, struct slice s)
{
	if (w->bad || w->size - w->at < s.n) {
		w->bad = true;
		return;
	}
	if (s.n > 0)
		memcpy(w->p + w->at, s.p, s.n);
	w->at += s.n;
}

size_t wbuf_hole16(struct wbuf *w)
{
	wbuf_u16(w, 0);
	return w->at; /* what is counted begins after the hole */
}

void wbuf_fill16(struct wbuf *w, size_t hole)
{
	if (w->bad)
		return;
	need(hole >= 2 && hole <= w->at);
	size_t n = w->at - hole;

	if (n > UINT16_MAX) {
		w->bad = true;
		return;
	}
	w->p[hole - 2] = (uint8_t)(n >> 8);
	w->p[hole - 1] = (uint8_t)n;
}
