/* How a reload went: made by the main thread, immutable from then on, kept and
 * shown by the services thread. Counted. */
#ifndef LINESIDE_RELOAD_RESULT_H
#define LINESIDE_RELOAD_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RELOAD_KEPT = 20 };

enum reload_cause {
	RELOAD_START,
	RELOAD_SIGNAL,
	RELOAD_COMMAND,
	RELOAD_RENEWAL
};

struct reload_result {
	unsigned number; /* 1: the start */
	enum reload_cause cause;
	uint64_t at_ms; /* since 1970 */
	uint64_t took_ms;
	bool ok; /* in force; else nothing changed */
	char *file;
	size_t errors, warnings;
	char *complaints; /* "file:line:column: message, hint" per line */
};

const char *reload_cause_name(enum reload_cause c);

#endif
