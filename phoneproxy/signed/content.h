/* Bytes of a file on its way to phones: counted, never changed. */
#ifndef LINESIDE_PHONEPROXY_CONTENT_H
#define LINESIDE_PHONEPROXY_CONTENT_H

#include "base/wire.h"

struct content {
	struct text bytes; /* owned */
};

/* Takes what `t` holds. One reference. */
struct content *content_new(struct text *t) MUST_USE;
static inline struct slice content_slice(const struct content *c)
{
	return text_slice(&c->bytes);
}

/* Bytes of all contents there are, whoever holds them. Any thread. */
size_t content_total(void);

/* A file of ours, at most `max` bytes. The errno of opening or reading it;
 * EFBIG. Blocking. */
int content_read(struct content **out, const char *path, size_t max) MUST_USE;

#endif
