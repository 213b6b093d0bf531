/* Between log.c (what is said, how often) and log_sink.c (where it goes). */
#ifndef LINESIDE_BASE_LOG_INT_H
#define LINESIDE_BASE_LOG_INT_H

#include "base/log.h"
#include "base/wire.h"

/* One line, rendered: all text in it is escaped already. */
struct log_line {
	enum log_severity severity;
	const char *facility, *mnemonic; /* mnemonic NULL: a debug line */
	const char *text;
	const struct log_ctx *ctx; /* NULL: none */
	const struct log_arg *args; /* ends with a NULL name */
};

/* The value as it appears in text: escaped, bounded. */
void log_add_arg(struct text *t, const struct log_arg *arg);
void log_sink(const struct log_line *line);
enum log_severity log_level(void);

#endif
