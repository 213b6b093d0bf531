/* Keys in memory, and random bytes. */
#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

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

void random_bytes(void *p, size_t n)
{
	uint8_t *b = p;

	while (n > 0) {
		ssize_t got = getrandom(b, n, 0);

		need(got > 0 || errno == EINTR);
		if (got > 0) {
			b += got;
			n -= (size_t)got;
		}
	}
}

void random_hex(char *out, size_t digits)
{
	uint8_t b[32];

	for (size_t i = 0; i < digits; i++) {
		if (i % sizeof(b) == 0)
			random_bytes(b, sizeof(b));
		out[i] = "0123456789abcdef"[b[i % sizeof(b)] & 15];
	}
	out[digits] = '\0';
}

uint32_t random_u32(void)
{
	uint32_t v;

	random_bytes(&v, sizeof(v));
	return v;
}
