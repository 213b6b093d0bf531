/* See heap.h. */
#include "heap.h"

#include <stdbool.h>
#include <stddef.h>

#include "heap_conf.h"

#ifdef HEAP_JEMALLOC
#include <jemalloc/jemalloc.h>

#include "base/obj.h"

/*
 * jemalloc reads this before main(). What a burst of calls took is given back
 * within seconds. Threads share two arenas, since one of them does the most.
 */
const char *malloc_conf = "narenas:2,dirty_decay_ms:3000,muzzy_decay_ms:0";

/*
 * Pages of calls hold nothing else, and blocks go straight back to them: kept by
 * a thread for its next ones they would be given to messages.
 */
static int lasting = MALLOCX_TCACHE_NONE;

static void *lasting_get(size_t size)
{
	return mallocx(size, lasting | MALLOCX_ZERO);
}

static void lasting_put(void *p)
{
	dallocx(p, MALLOCX_TCACHE_NONE);
}

static void set_up_lasting(void)
{
	unsigned arena = 0;
	size_t n = sizeof(arena);

	need(mallctl("arenas.create", &arena, &n, NULL, 0) == 0);
	lasting |= MALLOCX_ARENA(arena);
	mem_lasting_from(&(struct mem_lasting){ lasting_get, lasting_put });
}

/* Asked for by a name of its own: under link-time optimisation malloc() comes
 * too late for the linker to keep the library, and the C library's serves. */
void heap_set_up(void)
{
	const char *version = NULL;
	size_t n = sizeof(version);

	need(mallctl("version", &version, &n, NULL, 0) == 0);
	set_up_lasting();
}

/* Not from the beginning: a process that ends at once meets its new thread, and
 * jemalloc says on standard error that it could not set that up. */
void heap_serve(void)
{
	bool on = true;

	(void)mallctl("background_thread", NULL, NULL, &on, sizeof(on));
}

static uint64_t figure(const char *name)
{
	size_t v = 0, n = sizeof(v);

	return mallctl(name, &v, &n, NULL, 0) == 0 ? v : 0;
}

void heap_read(struct memory_use *out)
{
	uint64_t epoch = 1;

	/* its figures are those of the last time that this was written */
	(void)mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch));
	out->allocator = "jemalloc";
	out->used = figure("stats.allocated");
	out->held = figure("stats.resident");
}
#elif defined(HEAP_SANITIZER)
/* As allocator_interface.h of the sanitizers, which gcc's package lacks. */
size_t __sanitizer_get_current_allocated_bytes(void);
size_t __sanitizer_get_heap_size(void);

void heap_set_up(void)
{
}

void heap_serve(void)
{
}

void heap_read(struct memory_use *out)
{
	out->allocator = "sanitizer";
	out->used = __sanitizer_get_current_allocated_bytes();
	out->held = __sanitizer_get_heap_size();
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

void heap_serve(void)
{
}

void heap_read(struct memory_use *out)
{
	const struct mallinfo2 m = mallinfo2();

	out->allocator = "C library";
	out->used = m.uordblks + m.hblkhd;
	out->held = m.arena + m.hblkhd;
}
#endif
