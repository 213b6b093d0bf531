/* The door of an HTTP server: who is let in, and what a newcomer costs. */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/obj.h"
#include "phoneproxy/serve/httpdoor.h"

int __real_getpeername(int fd, struct sockaddr *a, socklen_t *n);
int __wrap_getpeername(int fd, struct sockaddr *a, socklen_t *n);

static unsigned looks;

int __wrap_getpeername(int fd, struct sockaddr *a, socklen_t *n)
{
	looks++;
	return __real_getpeername(fd, a, n);
}

struct site {
	struct loop *loop;
	struct evhttp *http;
	struct httpdoor *door;
	unsigned short port;
};

static void on_request(struct evhttp_request *r, void *arg)
{
	struct site *s = arg;
	struct evbuffer *body = evbuffer_new();

	httpdoor_asked(s->door, r);
	need(evbuffer_add(body, "hello", 5) == 0);
	evhttp_send_reply(r, 200, "OK", body);
	evbuffer_free(body);
}

static void begin(struct site *s, unsigned total)
{
	struct httpdoor_params p = { .limits = { .total = total },
		.server = "test",
		.refused = M_PHONE_CONN_REFUSED };
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct evhttp_bound_socket *bound;
	socklen_t n = sizeof(at);

	s->loop = loop_new(THR_SERVICES, 16);
	s->http = evhttp_new(loop_base(s->loop));
	assert_non_null(s->http);
	p.loop = s->loop;
	s->door = httpdoor_new(s->http, &p);
	evhttp_set_gencb(s->http, on_request, s);
	bound = evhttp_bind_socket_with_handle(s->http, "127.0.0.1", 0);
	assert_non_null(bound);
	assert_int_equal(getsockname(evhttp_bound_socket_get_fd(bound),
				 (struct sockaddr *)&at, &n),
		0);
	s->port = ntohs(at.sin_port);
}

static void end(struct site *s)
{
	evhttp_free(s->http);
	/* what evhttp freed ends in the rounds after */
	for (int i = 0; i < 5; i++)
		(void)event_base_loop(loop_base(s->loop), EVLOOP_NONBLOCK);
	httpdoor_free(s->door);
	loop_free(s->loop);
}

static int connect_to(const struct site *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(s->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* What comes until the end; true when it is over. */
static bool read_all(struct site *s, int fd, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (;;) {
		ssize_t got = recv(fd, buf + n, size - 1 - n, MSG_DONTWAIT);

		if (got == 0 || (got < 0 && errno == ECONNRESET))
			return true;
		if (got > 0) {
			n += (size_t)got;
			buf[n] = '\0';
		} else {
			(void)event_base_loop(loop_base(s->loop), EVLOOP_ONCE);
		}
	}
}

/* Those that are inside stay silent; as many as come are closed, and none of
 * them has all the others looked at. */
static void newcomers_are_cheap(void **state)
{
	enum { INSIDE = 200, MORE = 300, EVERY_MS = 100 };
	uint64_t began = clock_ms();
	struct site s;
	int fd[INSIDE];
	char buf[64];
	unsigned most;

	(void)state;
	begin(&s, INSIDE);
	looks = 0;
	for (int i = 0; i < INSIDE; i++) {
		fd[i] = connect_to(&s);
		(void)event_base_loop(loop_base(s.loop), EVLOOP_ONCE);
	}
	for (int i = 0; i < MORE; i++) {
		int one = connect_to(&s);

		assert_true(read_all(&s, one, buf, sizeof(buf)));
		assert_string_equal(buf, "");
		(void)close(one);
	}
	most = INSIDE + MORE +
	       INSIDE * (unsigned)(1 + (clock_ms() - began) / EVERY_MS);
	if (looks > most)
		fail_msg("%u descriptors were looked at, not %u", looks, most);
	for (int i = 0; i < INSIDE; i++)
		(void)close(fd[i]);
	end(&s);
}

/* There is room for one: who was answered and went has left, at once. Its
 * descriptor is taken by others, or the next one there would tell. */
static void room_is_made_by_answers(void **state)
{
	enum { CLIENTS = 50 };
	int other[CLIENTS];
	static const char request[] =
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
	char buf[1024];
	struct site s;

	(void)state;
	begin(&s, 1);
	for (int i = 0; i < CLIENTS; i++) {
		int fd = connect_to(&s);

		assert_int_equal(
			send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL),
			sizeof(request) - 1);
		assert_true(read_all(&s, fd, buf, sizeof(buf)));
		if (strstr(buf, "hello") == NULL)
			fail_msg("client %d got \"%s\"", i, buf);
		(void)close(fd);
		other[i] = dup(STDIN_FILENO);
	}
	for (int i = 0; i < CLIENTS; i++)
		(void)close(other[i]);
	end(&s);
}

/* And who hangs up without a word: when the door is looked through. */
static void room_is_made_by_leaving(void **state)
{
	uint64_t end_by = clock_ms() + 10000;
	char buf[64];
	struct site s;
	bool in = false;
	int fd;

	(void)state;
	begin(&s, 1);
	fd = connect_to(&s);
	(void)event_base_loop(loop_base(s.loop), EVLOOP_ONCE);
	(void)close(fd);
	while (!in && clock_ms() < end_by) {
		fd = connect_to(&s);
		assert_int_equal(
			send(fd, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL),
			18);
		assert_true(read_all(&s, fd, buf, sizeof(buf)));
		in = strncmp(buf, "HTTP/", 5) == 0;
		(void)close(fd);
	}
	assert_true(in);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(newcomers_are_cheap),
		T(room_is_made_by_answers),
		T(room_is_made_by_leaving),
	};

	return RUN_TESTS(tests);
}
