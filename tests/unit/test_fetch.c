/* Fetching from servers that hang, dribble, send too much, lead astray. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/thread.h"
#include "certs/fetch.h"
#include "pki.h"
#include "test.h"

enum { BIG = 300000 };

static struct site {
	int fd, stop[2];
	unsigned port;
	pthread_t thread;
	gnutls_certificate_credentials_t cred; /* NULL: plain */
	char last[4096]; /* the last request */
} plain, secure;

struct conn {
	struct site *site;
	int fd;
	gnutls_session_t tls;
};

static ssize_t conn_read(struct conn *c, void *p, size_t n)
{
	return c->tls != NULL ? gnutls_record_recv(c->tls, p, n)
			      : recv(c->fd, p, n, 0);
}

static bool conn_write(struct conn *c, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t k = c->tls != NULL ? gnutls_record_send(c->tls, at, n)
					   : send(c->fd, at, n, MSG_NOSIGNAL);

		if (k <= 0)
			return false;
		at += k;
		n -= (size_t)k;
	}
	return true;
}

static void say(struct conn *c, const char *text)
{
	conn_write(c, text, strlen(text));
}

/* Until the other end gives up, or the test ends. */
static void hang(struct conn *c)
{
	struct pollfd fds[] = {
		{ .fd = c->fd, .events = POLLRDHUP },
		{ .fd = c->site->stop[0], .events = POLLIN },
	};

	poll(fds, 2, -1);
}

/* A byte now and then, for ever. */
static void dribble(struct conn *c)
{
	struct pollfd stop = { .fd = c->site->stop[0], .events = POLLIN };

	do {
		if (!conn_write(c, "x", 1))
			return;
	} while (poll(&stop, 1, 20) == 0);
}

static void answer(struct conn *c, const char *path)
{
	char text[512];

	if (strcmp(path, "/hang") == 0) {
		hang(c);
	} else if (strcmp(path, "/slow") == 0) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n");
		dribble(c);
	} else if (strcmp(path, "/slow-head") == 0) {
		say(c, "HTTP/1.1 200 OK\r\nX-Long: ");
		dribble(c);
	} else if (strcmp(path, "/big-told") == 0) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n");
		dribble(c);
	} else if (strcmp(path, "/big") == 0) {
		static const char chunk[1024];

		say(c, "HTTP/1.1 200 OK\r\n\r\n");
		for (int i = 0; i < BIG / 1024; i++)
			if (!conn_write(c, chunk, sizeof(chunk)))
				return;
	} else if (strcmp(path, "/to-ok") == 0) {
		say(c, "HTTP/1.1 302 Found\r\nLocation: /ok\r\n"
		       "Content-Length: 0\r\n\r\n");
	} else if (strcmp(path, "/to-self") == 0) {
		say(c, "HTTP/1.1 302 Found\r\nLocation: /to-self\r\n"
		       "Content-Length: 0\r\n\r\n");
	} else if (strcmp(path, "/to-file") == 0) {
		say(c, "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
		       "Content-Length: 0\r\n\r\n");
	} else if (strcmp(path, "/to-plain") == 0) {
		snprintf(text, sizeof(text),
			"HTTP/1.1 302 Found\r\nLocation: "
			"http://127.0.0.1:%u/ok\r\nContent-Length: 0\r\n\r\n",
			plain.port);
		say(c, text);
	} else if (strcmp(path, "/garbage") == 0) {
		say(c, "\x16\x03\x01 this is not HTTP\r\n\r\n");
	} else if (strcmp(path, "/nothing") == 0) {
		return;
	} else if (strcmp(path, "/busy") == 0) {
		say(c, "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\n"
		       "Content-Type: Text/HTML; charset=utf-8\r\n"
		       "Content-Length: 4\r\n\r\nbusy");
	} else {
		say(c, "HTTP/1.1 200 OK\r\n"
		       "Content-Type: application/PKIX-crl\r\n"
		       "Content-Length: 5\r\n\r\nhello");
	}
}

/* Head and body, when it says how long it is. */
static bool read_request(struct conn *c)
{
	char *s = c->site->last;
	size_t n = 0, want = 0;

	for (;;) {
		ssize_t k = conn_read(c, s + n, sizeof(c->site->last) - 1 - n);
		char *end, *length;

		if (k <= 0)
			return false;
		n += (size_t)k;
		s[n] = '\0';
		end = strstr(s, "\r\n\r\n");
		if (end == NULL)
			continue;
		length = strstr(s, "Content-Length: ");
		if (length != NULL)
			want = strtoul(length + 16, NULL, 10);
		if (n >= (size_t)(end + 4 - s) + want)
			return true;
	}
}

static bool greet(struct conn *c)
{
	int err;

	if (c->site->cred == NULL)
		return true;
	assert_int_equal(gnutls_init(&c->tls, GNUTLS_SERVER), 0);
	assert_int_equal(gnutls_set_default_priority(c->tls), 0);
	gnutls_certificate_server_set_request(c->tls, GNUTLS_CERT_REQUEST);
	assert_int_equal(gnutls_credentials_set(
				 c->tls, GNUTLS_CRD_CERTIFICATE, c->site->cred),
		0);
	gnutls_transport_set_int(c->tls, c->fd);
	do
		err = gnutls_handshake(c->tls);
	while (err < 0 && !gnutls_error_is_fatal(err));
	return err == 0;
}

static void serve_one(struct conn *c)
{
	char path[64];
	unsigned certs = 0;

	if (!greet(c) || !read_request(c))
		return;
	if (c->tls != NULL)
		gnutls_certificate_get_peers(c->tls, &certs);
	if (sscanf(c->site->last, "%*s %63s", path) == 1)
		answer(c, certs == 0 && strcmp(path, "/mutual") == 0 ? "/busy"
								     : path);
}

static void *serve(void *arg)
{
	struct site *s = arg;
	struct pollfd fds[] = {
		{ .fd = s->stop[0], .events = POLLIN },
		{ .fd = s->fd, .events = POLLIN },
	};

	while (poll(fds, 2, -1) > 0 && fds[0].revents == 0) {
		struct conn c = { .site = s, .fd = accept(s->fd, NULL, NULL) };

		serve_one(&c);
		if (c.tls != NULL) {
			gnutls_bye(c.tls, GNUTLS_SHUT_WR);
			gnutls_deinit(c.tls);
		}
		shutdown(c.fd, SHUT_WR);
		close(c.fd);
	}
	return NULL;
}

static void site_start(struct site *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(s->fd, 16), 0);
	getsockname(s->fd, (struct sockaddr *)&a, &n);
	s->port = ntohs(a.sin_port);
	assert_int_equal(pipe(s->stop), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void site_stop(struct site *s)
{
	assert_int_equal(write(s->stop[1], "x", 1), 1);
	pthread_join(s->thread, NULL);
	close(s->fd);
	close(s->stop[0]);
	close(s->stop[1]);
}

static struct pki_cert *ca, *own, *other;

static int setup(void **state)
{
	(void)state;
	ca = pki_make(&(struct pki_spec){ .cn = "Root", .ca = true });
	other = pki_make(&(struct pki_spec){ .cn = "Other", .ca = true });
	own = pki_make(&(struct pki_spec){
		.cn = "server", .issuer = ca, .san = "IP:127.0.0.1" });
	gnutls_certificate_allocate_credentials(&secure.cred);
	assert_int_equal(gnutls_certificate_set_x509_key(
				 secure.cred, &own->crt, 1, own->key),
		0);
	site_start(&plain);
	site_start(&secure);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	site_stop(&secure);
	site_stop(&plain);
	gnutls_certificate_free_credentials(secure.cred);
	pki_free(own);
	pki_free(other);
	pki_free(ca);
	return 0;
}

static int get(struct fetch_result *r, const struct site *s, const char *path,
	struct fetch_params p)
{
	char url[128];
	int err;

	snprintf(url, sizeof(url), "http%s://127.0.0.1:%u%s",
		s->cred != NULL ? "s" : "", s->port, path);
	p.url = url;
	p.method = p.body.n > 0 ? "POST" : "GET";
	if (p.timeout_ms == 0)
		p.timeout_ms = 20000;
	p.size_max = 10000;
	err = fetch(r, &p);
	if (err != 0) {
		assert_true(r->body == NULL && r->n == 0);
		assert_true(strstr(r->error, "127.0.0.1") != NULL);
	}
	return err;
}

static void test_good(void **state)
{
	struct fetch_result r;

	(void)state;
	assert_int_equal(
		get(&r, &plain, "/ok", (struct fetch_params){ .method = "" }),
		0);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.n, 5);
	assert_memory_equal(r.body, "hello", 5);
	assert_string_equal(r.content_type, "application/pkix-crl");
	assert_true(strstr(plain.last, "GET /ok HTTP/1.1") == plain.last);
	fetch_free(&r);
}

static void test_post(void **state)
{
	struct fetch_result r;

	(void)state;
	assert_int_equal(
		get(&r, &plain, "/post",
			(struct fetch_params){ .body = SLICE_LIT("question"),
				.content_type = "application/ocsp",
				.accept = "application/x",
				.user = "me",
				.password = "secret" }),
		0);
	assert_true(strstr(plain.last, "POST /post ") == plain.last);
	assert_true(strstr(plain.last, "Content-Type: application/ocsp\r\n"));
	assert_true(strstr(plain.last, "Accept: application/x\r\n"));
	assert_true(strstr(plain.last, "Basic bWU6c2VjcmV0\r\n"));
	assert_true(strstr(plain.last, "\r\n\r\nquestion"));
	assert_true(strstr(plain.last, "Expect:") == NULL);
	fetch_free(&r);
}

static void test_status(void **state)
{
	struct fetch_result r;

	(void)state;
	assert_int_equal(
		get(&r, &plain, "/busy", (struct fetch_params){ .url = "" }),
		0);
	assert_int_equal(r.status, 503);
	assert_int_equal(r.retry_after_s, 120);
	assert_string_equal(r.content_type, "text/html");
	fetch_free(&r);
}

static void test_bad_servers(void **state)
{
	static const struct {
		const char *path;
		unsigned timeout_ms;
		int err;
	} rows[] = {
		{ "/hang", 150, ETIMEDOUT },
		{ "/slow", 200, ETIMEDOUT },
		{ "/slow-head", 200, ETIMEDOUT },
		{ "/big", 0, EFBIG },
		{ "/big-told", 0, EFBIG },
		{ "/to-self", 0, EPROTO },
		{ "/to-file", 0, EPROTO },
		{ "/garbage", 0, EPROTO },
		{ "/nothing", 0, EPROTO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fetch_result r;
		uint64_t from = clock_ms();
		int err = get(&r, &plain, rows[i].path,
			(struct fetch_params){
				.timeout_ms = rows[i].timeout_ms });

		if (err != rows[i].err)
			fail_msg("%s: %d, %s", rows[i].path, err, r.error);
		if (rows[i].timeout_ms > 0)
			assert_true(clock_ms() - from < 10000);
		fetch_free(&r);
	}
}

static void test_redirect(void **state)
{
	struct fetch_result r;

	(void)state;
	assert_int_equal(
		get(&r, &plain, "/to-ok", (struct fetch_params){ .url = "" }),
		0);
	assert_int_equal(r.status, 200);
	fetch_free(&r);
	assert_int_equal(get(&r, &plain, "/to-ok",
				 (struct fetch_params){ .body = SLICE_LIT("x"),
					 .content_type = "text/plain" }),
		0);
	assert_int_equal(r.status, 302); /* a POST goes nowhere else */
	fetch_free(&r);
}

static void test_not_reached(void **state)
{
	struct fetch_params p = { .url = "http://127.0.0.1:1/",
		.method = "GET",
		.timeout_ms = 5000,
		.size_max = 100 };
	struct fetch_result r;

	(void)state;
	assert_int_equal(fetch(&r, &p), ECONNREFUSED);
	fetch_free(&r);
	p.url = "file:///etc/passwd";
	assert_int_equal(fetch(&r, &p), EPROTO);
	assert_true(strstr(r.error, "only http://"));
	fetch_free(&r);
}

static void test_tls(void **state)
{
	char *good = pki_pem_cert(ca), *bad = pki_pem_cert(other);
	char *cert = pki_pem_cert(own), *key = pki_pem_key(own);
	char *both = mem_printf("%s%s", cert, key);
	struct fetch_params p = { .anchors = slice_str(good) };
	struct fetch_result r;

	(void)state;
	assert_int_equal(get(&r, &secure, "/ok", p), 0);
	assert_int_equal(r.n, 5);
	fetch_free(&r);
	assert_int_equal(get(&r, &secure, "/to-plain", p), EPROTO);
	fetch_free(&r);
	assert_int_equal(get(&r, &secure, "/mutual", p), 0);
	assert_int_equal(r.status, 503);
	fetch_free(&r);
	p.identity = slice_str(both);
	assert_int_equal(get(&r, &secure, "/mutual", p), 0);
	assert_int_equal(r.status, 200);
	fetch_free(&r);
	p.anchors = slice_str(bad);
	assert_int_equal(get(&r, &secure, "/ok", p), EACCES);
	fetch_free(&r);
	p.anchors = slice_str("");
	assert_int_equal(get(&r, &secure, "/ok", p), EACCES);
	assert_true(strstr(r.error, "no authority"));
	fetch_free(&r);
	p.unverified = true;
	assert_int_equal(get(&r, &secure, "/ok", p), 0);
	fetch_free(&r);
	free(both);
	free(key);
	free(cert);
	free(bad);
	free(good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_post),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_bad_servers),
		cmocka_unit_test(test_redirect),
		cmocka_unit_test(test_not_reached),
		cmocka_unit_test(test_tls),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
