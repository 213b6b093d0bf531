/*
 * How many connections an evhttp server has, in all and from one source, and
 * how long each may take. One that is too much is closed before its first byte
 * is read; one whose request is not whole in time, however steadily it drips,
 * or whose answer is not taken. Thread of the loop.
 */
#ifndef LINESIDE_PHONEPROXY_HTTPDOOR_H
#define LINESIDE_PHONEPROXY_HTTPDOOR_H

#include <event2/http.h>

#include "base/loop.h"
#include "base/metric.h"
#include "phoneproxy/serve/gate.h"

struct httpdoor;

enum {
	HTTPDOOR_REQUEST_MS = 20000, /* for a request, from its beginning */
	HTTPDOOR_ANSWER_MS = 1800000, /* a large file on a slow line */
};

struct httpdoor_params {
	struct loop *loop;
	struct gate_limits limits;
	const char *server; /* for the log; static */
	enum metric refused; /* the counter of those that are closed */
};

/* Before the server has its first connection. Borrows it. */
struct httpdoor *httpdoor_new(
	struct evhttp *http, const struct httpdoor_params *p) MUST_USE;
/* A request is whole: from now on it is answered. */
void httpdoor_asked(struct httpdoor *d, struct evhttp_request *r);
/* After evhttp_free(). NULL is fine. */
void httpdoor_free(struct httpdoor *d);

#endif
