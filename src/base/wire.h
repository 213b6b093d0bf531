/*
 * Bounded readers and writers of bytes, network order. An overrun sticks:
 * later reads give zeros, later writes are dropped, and the caller asks once.
 */
#ifndef LINESIDE_BASE_WIRE_H
#define LINESIDE_BASE_WIRE_H

#include "base/slice.h"

struct rbuf {
	const uint8_t *p;
	size_t n, at;
	bool bad; /* something was read beyond the end */
};

struct rbuf rbuf_of(struct slice s);
uint8_t rbuf_u8(struct rbuf *r);
uint16_t rbuf_u16(struct rbuf *r);
uint32_t rbuf_u24(struct rbuf *r);
uint32_t rbuf_u32(struct rbuf *r);
uint64_t rbuf_u64(struct rbuf *r);
struct slice rbuf_bytes(struct rbuf *r, size_t n);
size_t rbuf_left(const struct rbuf *r);

struct wbuf {
	uint8_t *p;
	size_t size, at;
	bool bad; /* something did not fit */
};

struct wbuf wbuf_of(void *p, size_t size);
void wbuf_u8(struct wbuf *w, uint8_t v);
void wbuf_u16(struct wbuf *w, uint16_t v);
void wbuf_u32(struct wbuf *w, uint32_t v);
void wbuf_u64(struct wbuf *w, uint64_t v);
void wbuf_bytes(struct wbuf *w, struct slice s);
size_t wbuf_hole16(struct wbuf *w); /* a length that is known later */
void wbuf_fill16(struct wbuf *w, size_t hole); /* bytes since the hole */

/*
 * Text that grows on the heap: never fails, bounded by its caller. Start from
 * { 0 }; text_free() or text_take() at the end.
 */
struct text {
	char *p; /* always NUL-terminated once something was added */
	size_t n, size;
};

void text_add(struct text *t, struct slice s);
void text_addc(struct text *t, char c);
void text_printf(struct text *t, const char *fmt, ...) PRINTF(2, 3);
/* Foreign text for people and logs: what is not printable UTF-8 as \xNN. */
void text_escape(struct text *t, struct slice s);
struct slice text_slice(const struct text *t);
char *text_take(struct text *t) MUST_USE; /* never NULL; free() it */
void text_free(struct text *t);

/* Base64 (RFC 4648). Decoding accepts missing padding and no white space. */
size_t base64_encoded_size(size_t n); /* with padding, without NUL */
void base64_encode(struct text *out, struct slice in, bool pad);
int base64_decode(struct slice in, uint8_t *out, size_t size,
	size_t *n) MUST_USE; /* EBADMSG malformed, ENOBUFS too long */
/* Lower-case hex of n bytes into 2n+1 chars. */
void hex_encode(const void *p, size_t n, char *out);
/* Value of a hexadecimal digit of either case, or -1. */
int hex_digit(char c);

#endif
