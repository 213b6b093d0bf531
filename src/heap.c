/* See heap.h. */
#include "heap.h"

#include "heap_conf.h"

#ifdef HEAP_JEMALLOC
#include <jemalloc/jemalloc.h>

#include "base/need.h"

/*
 * jemalloc reads this before main(). What a burst of calls took is given back
 * within seconds, by a thread of its own: else a heap that nobody uses any more
 * gives back nothing. Threads share two arenas, since one of them does the most.
 */
const char *malloc_conf = "narenas:2,dirty_decay_ms:3000,muzzy_decay_ms:0,"
			  "background_thread:true";

/* Asked for by a name of its own: under link-time optimisation malloc() comes
 * too late for the linker to keep the library, and the C library's serves. */
void heap_set_up(void)
{
	const char *version = NULL;
	size_t n = sizeof(version);

	need(mallctl("version", &version, &n, NULL, 0) == 0);
}
#else
#include <malloc.h>

/*
 * The C library raises both thresholds whenever something large is freed (a
 * `show` of thousands of calls), and then keeps as much in every thread's heap.
 * Setting them stops that.
 */
void heap_set_up(void)
{
	enum { LARGE = 128 * 1024, KEPT = 512 * 1024 };

	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
	(void)mallopt(M_TRIM_THRESHOLD, KEPT);
}
#endif
