/* linesided as it runs: order of starting, serving and stopping. */
#ifndef LINESIDE_DAEMON_H
#define LINESIDE_DAEMON_H

#include <stdbool.h>

#include "memory_use.h"

struct daemon_options {
	const char *file; /* the configuration */
	bool foreground; /* log lines to standard error, too */
	bool core_dumps; /* by name only: keys would be in them */
	heap_reader *heap; /* NULL: nobody knows it */
	void (*started)(void); /* when everything runs; NULL: nothing */
};

/* Until a signal ends it. The process's exit code. */
int daemon_run(const struct daemon_options *o);

#endif
