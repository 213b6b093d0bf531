/* Files of the store: store_file.c, for store.c and store_key.c. */
#ifndef LINESIDE_CERTS_STORE_INT_H
#define LINESIDE_CERTS_STORE_INT_H

#include <sys/types.h>

#include "base/wire.h"
#include "certs/store/store.h"

enum { STORE_FILE_MAX = 16 << 20 };

struct store {
	char *root; /* STATE/pki */
	int keys, trustpoints; /* directories */
	int lock; /* -1: not taken */
	uid_t uid; /* of whoever owns the state directory */
	gid_t gid;
	struct secret master;
};

/* errno, with words: "FILE cannot be written: …". */
int store_said(char **why, int err, const char *fmt, ...) PRINTF(3, 4);
int store_read(struct store *s, int dir, const char *file, char **text,
	size_t *n, char **why) MUST_USE; /* ENOENT without words */
int store_write(struct store *s, int dir, const char *file, struct slice text,
	char **why) MUST_USE;

#endif
