/*
 * The HTTP server for phones' files (TCP 6970): libevent's evhttp in front of
 * files.h. Services thread.
 */
#ifndef LINESIDE_PHONEPROXY_HTTPD_H
#define LINESIDE_PHONEPROXY_HTTPD_H

#include "phoneproxy/files.h"

struct httpd; /* one listening socket */

/* `fd` listens; borrowed until httpd_close(). */
struct httpd *httpd_open(struct loop *l, struct files *files, int fd,
	struct ppset *set) MUST_USE;
void httpd_use(struct httpd *h, struct ppset *set);
void httpd_close(struct httpd *h);

struct httpd_counts {
	size_t waiting; /* for a file */
	uint64_t requests, busy;
};
void httpd_count(const struct httpd *h, struct httpd_counts *out);

#endif
