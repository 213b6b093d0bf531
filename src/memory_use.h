/* What memory the process takes. */
#ifndef LINESIDE_SRC_MEMORY_USE_H
#define LINESIDE_SRC_MEMORY_USE_H

#include <stdint.h>

struct memory_use { /* in bytes */
	uint64_t resident, peak; /* of the process */
	const char *allocator; /* "": nobody knows the heap */
	uint64_t used; /* of the heap: what is allocated now */
	uint64_t held; /* what the heap has from the system for that */
};

/* Fills in what is the heap's: that is the program's, not this library's. */
typedef void heap_reader(struct memory_use *out);

/* `heap` NULL: nobody knows the heap. What the system does not tell is 0. Any
 * thread. */
void memory_use_read(struct memory_use *out, heap_reader *heap);

#endif
