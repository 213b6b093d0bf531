/* How the process's heap behaves. */
#ifndef LINESIDE_SRC_HEAP_H
#define LINESIDE_SRC_HEAP_H

/* First of all, before any thread. */
void heap_set_up(void);

#endif
