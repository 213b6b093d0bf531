/* Copies for show and logs, where the head of a long text is enough. */
#ifndef LINESIDE_B2BUA_FIT_H
#define LINESIDE_B2BUA_FIT_H

#include <string.h>

#include "base/slice.h"

/* What does not fit is left out; always NUL-terminated. */
static inline void slice_fit(struct slice s, char *out, size_t size)
{
	need(size > 0);
	s = slice_head(s, size - 1);
	if (s.n > 0)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
}

#endif
