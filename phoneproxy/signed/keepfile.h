/*
 * Files below "ctl" of the state directory, replaced as a whole: written aside
 * and synced, then renamed. Whatever goes wrong before the renaming, a full
 * disk too, leaves the old file as it was and nothing beside it. Blocking.
 */
#ifndef LINESIDE_PHONEPROXY_KEEPFILE_H
#define LINESIDE_PHONEPROXY_KEEPFILE_H

#include "base/slice.h"

/* Makes STATE/ctl. errno. */
int keepfile_directory(const char *state_directory) MUST_USE;
/* The new bytes of `path`, under a name that *aside is set to; on failure it
 * is NULL and nothing is left. errno: ENOSPC, EDQUOT, EFBIG … */
int keepfile_aside(char **aside, const char *path, struct slice bytes,
	const char *state_directory) MUST_USE;
/* In force from now on; frees *aside, unless it fails. */
int keepfile_commit(char **aside, const char *path) MUST_USE;
/* Removes what never came into force. *aside may be NULL. */
void keepfile_drop(char **aside);

#endif
