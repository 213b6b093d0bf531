/* A web server for tests: a thread per connection, one request on each. */
#include "http_server.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/need.h"
#include "base/obj.h"
#include "tls_peer.h"

enum { HEAD = 8192, BODY = 1 << 20, CONNECTIONS = 4096 };

struct http_server {
	http_answer_fn *answer;
	void *arg;
	int fd, stop;
	unsigned short port;
	pthread_t thread;
	atomic_uint requests;
	pthread_t conn[CONNECTIONS];
	unsigned nconn;
};

struct conn {
	struct http_server *s;
	int fd;
};

static bool stopped(const struct http_server *s, unsigned ms)
{
	struct pollfd p = { .fd = s->stop, .events = POLLIN };

	return poll(&p, 1, (int)ms) > 0;
}

/* Head and body into `in`; where the body begins, or 0. */
static size_t read_request(int fd, char *in, size_t *n)
{
	size_t head = 0;
	size_t want = SIZE_MAX;

	*n = 0;
	while (*n < want && *n < HEAD + BODY) {
		ssize_t got = recv(fd, in + *n, HEAD + BODY - *n, 0);
		const char *end, *length;

		if (got <= 0)
			return 0;
		*n += (size_t)got;
		in[*n] = '\0';
		end = strstr(in, "\r\n\r\n");
		if (head > 0 || end == NULL)
			continue;
		head = (size_t)(end - in) + 4;
		length = strcasestr(in, "content-length:");
		want = head + (length != NULL && length < end
					      ? strtoul(length + 15, NULL, 10)
					      : 0);
	}
	return head;
}

static void send_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		at += sent;
		n -= (size_t)sent;
	}
}

static void serve(struct conn *c, char *in)
{
	struct http_answer a = { .status = 200 };
	struct http_request r = { 0 };
	char head[128];
	size_t n;
	size_t at = read_request(c->fd, in, &n);

	if (at == 0 || sscanf(in, "%*s %127s", r.path) != 1)
		return;
	r.body = (uint8_t *)in + at;
	r.n = n - at;
	atomic_fetch_add(&c->s->requests, 1);
	c->s->answer(c->s->arg, &r, &a);
	if (a.hang_ms == 0 || !stopped(c->s, a.hang_ms)) {
		(void)snprintf(head, sizeof(head),
			"HTTP/1.1 %d Said\r\nContent-Length: %zu\r\n"
			"Connection: close\r\n\r\n",
			a.status, a.n);
		send_all(c->fd, head, strlen(head));
		send_all(c->fd, a.body, a.n);
	}
	free(a.body);
}

static void *run_conn(void *arg)
{
	struct conn *c = arg;
	char *in = mem_new(HEAD + BODY + 1);

	serve(c, in);
	(void)close(c->fd);
	free(in);
	free(c);
	return NULL;
}

static void *run(void *arg)
{
	struct http_server *s = arg;
	struct pollfd p[2] = { { .fd = s->fd, .events = POLLIN },
		{ .fd = s->stop, .events = POLLIN } };

	while (poll(p, 2, -1) > 0 && p[1].revents == 0) {
		struct conn *c = mem_new(sizeof(*c));

		c->s = s;
		c->fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		need(c->fd >= 0 && s->nconn < CONNECTIONS);
		need(pthread_create(&s->conn[s->nconn++], NULL, run_conn, c) ==
			0);
	}
	return NULL;
}

struct http_server *http_server_start(http_answer_fn *answer, void *arg)
{
	struct http_server *s = mem_new(sizeof(*s));

	s->answer = answer;
	s->arg = arg;
	s->fd = tls_listen(128, &s->port);
	s->stop = eventfd(0, EFD_CLOEXEC);
	need(pthread_create(&s->thread, NULL, run, s) == 0);
	return s;
}

unsigned short http_server_port(const struct http_server *s)
{
	return s->port;
}

unsigned http_server_requests(struct http_server *s)
{
	return atomic_load(&s->requests);
}

void http_server_stop(struct http_server *s)
{
	need(eventfd_write(s->stop, 1) == 0);
	need(pthread_join(s->thread, NULL) == 0);
	for (unsigned i = 0; i < s->nconn; i++)
		need(pthread_join(s->conn[i], NULL) == 0);
	(void)close(s->fd);
	(void)close(s->stop);
	free(s);
}
