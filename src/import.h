/* lineside import FILE: a CUBE's configuration becomes one of ours. */
#ifndef LINESIDE_IMPORT_H
#define LINESIDE_IMPORT_H

#include <stdbool.h>

/*
 * The configuration on standard output, or into the file that an option names;
 * what is not carried line by line on standard error; with `json` all as one
 * object on standard output. Passwords are hidden unless an option asks for
 * them, or encrypts them. Exit code: failed when what is left is no
 * configuration, or it could not be written. Limits core files to none.
 */
int import_command(int n, char *const *words, bool json);

#endif
