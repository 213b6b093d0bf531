/* Keys in memory: fixed room, wiped when done, compared in constant time. */
#ifndef LINESIDE_BASE_SECRET_H
#define LINESIDE_BASE_SECRET_H

#include "base/slice.h"

enum { SECRET_MAX = 64 };

struct secret {
	uint8_t n;
	uint8_t b[SECRET_MAX];
};

void secret_wipe(struct secret *s);
bool secret_equal(const struct secret *a, const struct secret *b);
void mem_wipe(void *p, size_t n); /* not optimised away */

/* From getrandom(2). n lower-case hex digits are written with a NUL. */
void random_bytes(void *p, size_t n);
void random_hex(char *out, size_t digits);
uint32_t random_u32(void);

#endif
