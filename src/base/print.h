/*
 * snprintf() for what messages are made of. The C library takes a thousand
 * instructions for a line of SDP, ten times what its bytes are worth.
 */
#ifndef LINESIDE_BASE_PRINT_H
#define LINESIDE_BASE_PRINT_H

#include <stdarg.h>
#include <stddef.h>

#include "base/need.h"

/*
 * As snprintf() and vsnprintf(): what fits is written, and a NUL unless `size`
 * is 0; returns the length of the whole. %s %.*s %c %d %u %lu %zu are done
 * here, a format with anything else is left to the C library.
 */
size_t print_into(char *out, size_t size, const char *fmt, ...) PRINTF(3, 4);
size_t print_va(char *out, size_t size, const char *fmt, va_list ap)
	PRINTF(3, 0);

#endif
