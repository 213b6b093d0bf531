/*
 * Answers that are kept for some minutes, so that a fleet that boots asks the
 * call manager once for each firmware: never a configuration or a trust list.
 * A part of files.h.
 */
#ifndef LINESIDE_PHONEPROXY_FILES_CACHE_H
#define LINESIDE_PHONEPROXY_FILES_CACHE_H

#include "phoneproxy/config/filename.h"
#include "phoneproxy/ppset.h"

struct kept;

struct files_cache { /* empty: zeros */
	struct kept *first; /* newest first */
	size_t n;
	uint64_t bytes;
};

/* Something is known: *out is borrowed, or NULL: there is no such file. */
bool files_cache_find(struct files_cache *c, const struct ppset *set,
	const struct file_name *n, struct content **out);
/* `content` NULL: there is none. */
void files_cache_keep(struct files_cache *c, struct ppset *set,
	const struct file_name *n, struct content *content);
void files_cache_clear(struct files_cache *c);

#endif
