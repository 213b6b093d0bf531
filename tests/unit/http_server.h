/* A web server that does what a test wants: answers, lies, hangs. */
#ifndef LINESIDE_TESTS_UNIT_HTTP_SERVER_H
#define LINESIDE_TESTS_UNIT_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

struct http_answer {
	int status;
	uint8_t *body; /* malloc()ed: taken */
	size_t n;
	unsigned hang_ms; /* before the answer, or until the server ends */
};

struct http_request {
	char path[128];
	uint8_t *body;
	size_t n;
};

/* On a thread of the server, one per connection. */
typedef void http_answer_fn(
	void *arg, const struct http_request *r, struct http_answer *out);

struct http_server;
struct http_server *http_server_start(http_answer_fn *answer, void *arg);
unsigned short http_server_port(const struct http_server *s);
unsigned http_server_requests(struct http_server *s); /* so far */
void http_server_stop(struct http_server *s);

#endif
