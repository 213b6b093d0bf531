/*
 * How many connections an evhttp server has: in all and from one source. One
 * that is too much is closed before its first byte is read. Thread of the
 * loop.
 */
#ifndef LINESIDE_PHONEPROXY_HTTPDOOR_H
#define LINESIDE_PHONEPROXY_HTTPDOOR_H

#include <event2/http.h>

#include "base/metric.h"
#include "phoneproxy/serve/gate.h"

struct httpdoor;

struct httpdoor_params {
	struct gate_limits limits;
	const char *server; /* for the log; static */
	enum metric refused; /* the counter of those that are closed */
};

/* Before the server has its first connection. Borrows it. */
struct httpdoor *httpdoor_new(
	struct evhttp *http, const struct httpdoor_params *p) MUST_USE;
/* After evhttp_free(). NULL is fine. */
void httpdoor_free(struct httpdoor *d);

#endif
