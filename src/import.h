/* lineside import FILE: a CUBE's configuration becomes one of ours. */
#ifndef LINESIDE_IMPORT_H
#define LINESIDE_IMPORT_H

#include <stdbool.h>

/* The configuration on standard output, what is not carried line by line on
 * standard error; with `json` all as one object on standard output. Exit
 * code: failed when what is left is no configuration. */
int import_command(int n, char *const *words, bool json);

#endif
