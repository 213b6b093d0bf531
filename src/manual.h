/* The manuals that are made from tables: docs/reference.md, docs/messages.md,
 * docs/commands.md. */
#ifndef LINESIDE_MANUAL_H
#define LINESIDE_MANUAL_H

#include <stdio.h>

void manual_messages(FILE *out);
void manual_counters(FILE *out);
void manual_records(FILE *out);
void manual_refusals(FILE *out);

#endif
