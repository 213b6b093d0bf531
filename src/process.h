/* What the process may do and how much of it: limits, core files, user. */
#ifndef LINESIDE_PROCESS_H
#define LINESIDE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/need.h"

/*
 * Before any thread: as many descriptors as the system allows, no core files
 * and no foreign eyes on our memory (keys are in it) unless asked for, no new
 * privileges by exec, SIGPIPE ignored.
 */
void process_limits(bool core_dumps);

/*
 * Becomes `user` for good and gives up every capability. `files` (their owners
 * change first) are those we made and shall open again. When we are not root
 * nothing changes: 0 if we are that user already, else EPERM. ENOENT: no such
 * user.
 */
int process_become(const char *user, const char *const *files, size_t nfiles,
	bool core_dumps) MUST_USE;

#endif
