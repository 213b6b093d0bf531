/*
 * A record of each call (gw-accounting): one line of JSON when it has ended.
 * The sip thread makes the line; a thread of its own writes it, so that no
 * file can hold a call up.
 */
#ifndef LINESIDE_B2BUA_CDR_H
#define LINESIDE_B2BUA_CDR_H

#include <stdbool.h>

#include "base/need.h"

struct call;
struct cdr_file;

/* The record of a call that ends now, media still there: a line with its line
 * feed. free() it. `who`: "caller", "called", "lineside". Sip thread. */
char *cdr_line(const struct call *c, const char *who) MUST_USE;

/* No file yet. One thread uses it. */
struct cdr_file *cdr_file_new(void) MUST_USE;
/* Records to come go there; NULL: nowhere. */
void cdr_file_set(struct cdr_file *f, const char *path);
bool cdr_file_wanted(const struct cdr_file *f);
/* Hands the line over. Lost, and counted, when too many wait. */
void cdr_file_put(struct cdr_file *f, char *line);
/* Writes what waits, then frees. NULL is fine. */
void cdr_file_free(struct cdr_file *f);

#endif
