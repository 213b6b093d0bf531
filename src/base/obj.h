/*
 * Memory and reference counts. Running out of memory ends the process
 * (docs/adr/0003), so nothing here fails; sizes from outside are bounded by
 * the caller before they get here.
 */
#ifndef LINESIDE_BASE_OBJ_H
#define LINESIDE_BASE_OBJ_H

#include <stdarg.h>
#include <stddef.h>

#include "base/need.h"

/* Zeroed memory; free() it. */
void *mem_new(size_t size) MUST_USE;
void *mem_array(size_t count, size_t size) MUST_USE;
/* realloc() of an array to `count` members; what is new is not zeroed. */
void *mem_resize(void *p, size_t count, size_t size) MUST_USE;
char *mem_dup(const char *s) MUST_USE; /* NULL gives NULL */
char *mem_ndup(const char *s, size_t n) MUST_USE; /* NUL added */
char *mem_printf(const char *fmt, ...) MUST_USE PRINTF(1, 2);
char *mem_vprintf(const char *fmt, va_list ap) MUST_USE PRINTF(1, 0);

/*
 * Counted objects. obj_new: one reference, zeroed; `free_fn` (may be NULL) is
 * called with the object just before its memory goes, and only frees: it
 * sends nothing and calls nobody. obj_ref and obj_unref accept NULL and may
 * be called on any thread. obj_unref always returns NULL.
 */
typedef void obj_free_fn(void *obj);
void *obj_new(size_t size, obj_free_fn *free_fn) MUST_USE;
/*
 * The same from a heap of its own, if mem_lasting_from() has set one: for large
 * objects that live for a call, so that they share no page with what lives for
 * a message and is gone before them.
 */
void *obj_new_lasting(size_t size, obj_free_fn *free_fn) MUST_USE;
void *obj_ref(const void *obj);
void *obj_unref(const void *obj);

/*
 * A type of counted objects that stay for a call has no more than a size class
 * of the heap (docs/adr/0019): one byte too many costs a fifth of it.
 */
enum { OBJ_HEAD = 16 }; /* in front of each, bytes */
#define FITS_BLOCK(type, block)                                                \
	_Static_assert(                                                        \
		sizeof(void *) != 8 || sizeof(type) + OBJ_HEAD <= (block),     \
		#type " needs a larger block of the heap")

/* Where lasting objects come from (zeroed; NULL: out of memory) and go to.
 * Before any is made. */
struct mem_lasting {
	void *(*get)(size_t size);
	void (*put)(void *p);
};
void mem_lasting_from(const struct mem_lasting *heap); /* copied */

#endif
