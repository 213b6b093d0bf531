/* The operator's end of the control socket: ask, and copy what is said. */
#ifndef LINESIDE_CLIENT_H
#define LINESIDE_CLIENT_H

#include <stdio.h>

#include "control/request.h"

enum { CLIENT_ANSWER_MAX = 256 << 20 }; /* bytes; more is not ours */

/*
 * Sends one line and copies the answer to `out` and `err` as it comes.
 * Returns its exit code; EXIT_NOT_RUNNING, EXIT_REFUSED or EXIT_FAILED with a
 * line on `err` when there was no proper answer.
 */
int client_ask(const char *socket_path, enum request_form form,
	const char *line, FILE *out, FILE *err);

#endif
