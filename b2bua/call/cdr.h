/*
 * A record of each call (gw-accounting): one line of JSON when it has ended, or
 * was refused before it was one. The sip thread makes the line; the log has it,
 * or a thread of its own writes it, so that no file can hold a call up.
 */
#ifndef LINESIDE_B2BUA_CDR_H
#define LINESIDE_B2BUA_CDR_H

#include <stdbool.h>

#include "base/need.h"

struct call;
struct cdr;
struct core;
struct fail;
struct sip_msg;
struct sip_source;

/* The record of a call that ends now, media still there: a line with its line
 * feed. free() it. `who`: "caller", "called", "lineside". Sip thread. */
char *cdr_line(const struct call *c, const char *who) MUST_USE;
/* The same of an INVITE that was refused before it was a call. */
char *cdr_line_refused(const struct core *core, const struct sip_msg *m,
	const struct sip_source *src, const struct fail *why) MUST_USE;

/* No records yet. One thread uses it. */
struct cdr *cdr_new(void) MUST_USE;
/* Records to come go into that file (NULL: none) and into the log. */
void cdr_set(struct cdr *r, const char *path, bool log);
bool cdr_wanted(const struct cdr *r);
/* Takes the line over. Lost, and counted, when too many wait for the file. */
void cdr_put(struct cdr *r, char *line);
/* Writes what waits, then frees. NULL is fine. */
void cdr_free(struct cdr *r);

#endif
