/* Memory that never fails, and counted objects. */
#include "base/obj.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/print.h"

_Noreturn static void out_of_memory(size_t size)
{
	fprintf(stderr, "linesided: out of memory (%zu bytes)\n", size);
	abort();
}

void *mem_new(size_t size)
{
	return mem_array(1, size);
}

void *mem_array(size_t count, size_t size)
{
	/* At least one byte, so that NULL always means "failed". */
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (p == NULL)
		out_of_memory(size);
	return p;
}

void *mem_resize(void *p, size_t count, size_t size)
{
	void *q = reallocarray(p, count ? count : 1, size ? size : 1);

	if (q == NULL)
		out_of_memory(size);
	return q;
}

char *mem_dup(const char *s)
{
	return s == NULL ? NULL : mem_ndup(s, strlen(s));
}

char *mem_ndup(const char *s, size_t n)
{
	need(n < SIZE_MAX);
	char *p = mem_resize(NULL, n + 1, 1);

	if (n > 0)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = mem_vprintf(fmt, ap);
	va_end(ap);
	return p;
}

char *mem_vprintf(const char *fmt, va_list ap)
{
	char room[128], *p; /* for most */
	va_list again;
	size_t n;

	va_copy(again, ap);
	n = print_va(room, sizeof(room), fmt, ap);
	if (n < sizeof(room)) {
		p = mem_ndup(room, n);
	} else {
		p = mem_resize(NULL, n + 1, 1);
		(void)print_va(p, n + 1, fmt, again);
	}
	va_end(again);
	return p;
}

/* In front of every counted object, keeping the object's alignment. */
struct head {
	alignas(max_align_t) atomic_uint refs;
	bool lasting;
	obj_free_fn *free_fn;
};

/* References to const objects may be kept too: the count is not their data. */
_Static_assert(sizeof(void *) != 8 || sizeof(struct head) == OBJ_HEAD,
	"blocks are counted with another head");

static struct head *head_of(const void *obj)
{
	union {
		const void *in;
		void *out;
	} u = { .in = obj };

	return (struct head *)u.out - 1;
}

static struct mem_lasting lasting;

void mem_lasting_from(const struct mem_lasting *heap)
{
	lasting = *heap;
}

static void *begin(struct head *h, obj_free_fn *free_fn)
{
	atomic_init(&h->refs, 1);
	h->free_fn = free_fn;
	return h + 1;
}

void *obj_new(size_t size, obj_free_fn *free_fn)
{
	need(size <= SIZE_MAX - sizeof(struct head));
	return begin(mem_new(sizeof(struct head) + size), free_fn);
}

void *obj_new_lasting(size_t size, obj_free_fn *free_fn)
{
	struct head *h = NULL;

	if (lasting.get == NULL)
		return obj_new(size, free_fn);
	need(size <= SIZE_MAX - sizeof(*h));
	h = lasting.get(sizeof(*h) + size);
	if (h == NULL)
		out_of_memory(size);
	h->lasting = true;
	return begin(h, free_fn);
}

void *obj_ref(const void *obj)
{
	if (obj == NULL)
		return NULL;
	struct head *h = head_of(obj);

	need(atomic_fetch_add_explicit(&h->refs, 1, memory_order_relaxed) > 0);
	return h + 1;
}

void *obj_unref(const void *obj)
{
	if (obj == NULL)
		return NULL;
	struct head *h = head_of(obj);
	/* What other holders wrote must be seen by the one who frees. */
	unsigned before =
		atomic_fetch_sub_explicit(&h->refs, 1, memory_order_acq_rel);

	need(before > 0);
	if (before == 1) {
		if (h->free_fn != NULL)
			h->free_fn(h + 1);
		(h->lasting ? lasting.put : free)(h);
	}
	return NULL;
}
