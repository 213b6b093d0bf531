/* How the process's heap behaves, and how much of it is used. */
#ifndef LINESIDE_SRC_HEAP_H
#define LINESIDE_SRC_HEAP_H

#include "memory_use.h"

/* First of all, before any thread. */
void heap_set_up(void);

/* Once everything runs: what nobody uses any more is given back by a thread of
 * its own, else only by those who allocate. */
void heap_serve(void);

/* As heap_reader: `allocator`, `used` and `held`. Any thread. */
void heap_read(struct memory_use *out);

#endif
