/* Keys in memory, and random bytes. */
#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

enum { RANDOM_STORED = 16 }; /* draws up to so many bytes */

void secret_wipe(struct secret *s)
{
	mem_wipe(s, sizeof(*s));
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
	uint8_t diff = a->n ^ b->n;

	/* All of the room, whatever the lengths: the time tells nothing. */
	for (size_t i = 0; i < SECRET_MAX; i++) {
		uint8_t x = i < a->n ? a->b[i] : 0;
		uint8_t y = i < b->n ? b->b[i] : 0;

		diff |= x ^ y;
	}
	return diff == 0;
}

void mem_wipe(void *p, size_t n)
{
	explicit_bzero(p, n);
}

static void from_kernel(uint8_t *b, size_t n)
{
	while (n > 0) {
		ssize_t got = getrandom(b, n, 0);

		need(got > 0 || errno == EINTR);
		if (got > 0) {
			b += got;
			n -= (size_t)got;
		}
	}
}

/*
 * Tags, branches, Call-IDs: some twenty draws a call, so they come from a
 * store of each thread, filled at once. What is handed out is wiped from it
 * first, so that memory read later tells nothing; whole keys do not pass
 * through it, and a child that forks without exec does not exist here.
 */
static _Thread_local struct {
	uint8_t b[512];
	size_t left;
} store;

void random_bytes(void *p, size_t n)
{
	uint8_t *from;

	if (n > RANDOM_STORED) {
		from_kernel(p, n);
		return;
	}
	if (store.left < n) {
		from_kernel(store.b, sizeof(store.b));
		store.left = sizeof(store.b);
	}
	store.left -= n;
	from = store.b + store.left;
	memcpy(p, from, n);
	mem_wipe(from, n);
}

void random_hex(char *out, size_t digits)
{
	uint8_t b[RANDOM_STORED];
	const char *hex = "0123456789abcdef";

	for (size_t i = 0; i < digits; i++) {
		size_t at = i / 2 % sizeof(b);

		if (i % (2 * sizeof(b)) == 0)
			random_bytes(b, sizeof(b));
		out[i] = hex[i % 2 == 0 ? b[at] >> 4 : b[at] & 15];
	}
	out[digits] = '\0';
}

uint32_t random_u32(void)
{
	uint32_t v;

	random_bytes(&v, sizeof(v));
	return v;
}
