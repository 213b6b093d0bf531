/* What the process may do and how much of it: limits, core files, user. */
#ifndef LINESIDE_PROCESS_H
#define LINESIDE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/need.h"
#include "conf/conf.h"

/*
 * Before any thread: as many descriptors as the system allows (as root 262,144),
 * no core files
 * and no foreign eyes on our memory (keys are in it) unless asked for, no new
 * privileges by exec, SIGPIPE ignored.
 */
void process_limits(bool core_dumps);

/* Tells when the limit of open files is below what calls may need. */
void process_check_files(const struct conf *c);

/*
 * Becomes `user` for good and gives up every capability. `files` (their owners
 * change first) are those we made and shall open again. When we are not root
 * nothing changes: 0 if we are that user already, else EPERM. ENOENT: no such
 * user.
 */
int process_become(const char *user, const char *const *files, size_t nfiles,
	bool core_dumps) MUST_USE;

#endif
