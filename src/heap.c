/* See heap.h. */
#include "heap.h"

#include "heap_conf.h"

#ifdef HEAP_JEMALLOC
/*
 * jemalloc reads this before main(). What a burst of calls took is given back
 * within seconds; threads share two arenas, since one of them does the most.
 */
extern const char *malloc_conf;
const char *malloc_conf = "narenas:2,dirty_decay_ms:3000,muzzy_decay_ms:0";

void heap_set_up(void)
{
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
