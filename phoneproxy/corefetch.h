/*
 * A file asked of the call manager, by TFTP or HTTP: the servers in their
 * order, the next one when one is silent or down. On a loop.
 */
#ifndef LINESIDE_PHONEPROXY_COREFETCH_H
#define LINESIDE_PHONEPROXY_COREFETCH_H

#include "base/loop.h"
#include "phoneproxy/ppset.h"

struct corefetch;

enum { CORE_FILE_MAX = 64 << 20 };

/*
 * 0 with the bytes; ENOENT: there is no such file; ETIMEDOUT, ECONNREFUSED,
 * EBADMSG …: no server could be used, `why` says it in words. Takes *bytes if
 * it likes. The fetch is gone when it returns.
 */
typedef void corefetch_fn(
	void *arg, int err, const char *why, struct text *bytes);

/* `name` is copied. `fn` is called later, never from within. */
struct corefetch *corefetch_start(struct loop *l, struct ppset *set,
	const char *name, size_t max, corefetch_fn *fn, void *arg) MUST_USE;
/* Without an answer. NULL is fine. */
void corefetch_cancel(struct corefetch *f);

#endif
