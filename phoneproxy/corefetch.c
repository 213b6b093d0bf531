#include "phoneproxy/corefetch.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/metric.h"
#include "base/obj.h"
#include "phoneproxy/serve/tftp_fetch.h"

enum {
	HTTP_SECONDS = 10, /* of silence */
	SMALL_MS = 15000, /* all of a configuration, from one server */
	LARGE_MS = 60000, /* of other files: firmware */
	WHY = 160,
};

/* A phone waits some seconds for each file: then the next server's turn. */
static const struct tftp_limits limits = {
	.blksize_max = 1428,
	.window_max = 1,
	.retry_ms = 500,
	.retries = 3,
};

struct corefetch {
	struct loop *loop;
	struct ppset *set; /* referenced */
	char *name;
	size_t max;
	corefetch_fn *fn;
	void *arg;
	size_t server; /* which is being asked */
	char why[WHY]; /* of the last one */
	int err;
	struct loop_timer *timer;
	/* TFTP */
	int fd; /* -1: none */
	struct event *event;
	struct tftp_fetch tftp;
	bool tftp_open, answered;
	struct addr from; /* the port that answered */
	/* HTTP */
	struct evhttp_connection *http;
	bool http_done;
	int status; /* 0: http_why */
	const char *http_why;
	struct text body; /* owned */
};

static void ask_next(struct corefetch *f);

static void close_server(struct corefetch *f)
{
	if (f->event != NULL)
		event_free(f->event);
	f->event = NULL;
	if (f->fd >= 0)
		(void)close(f->fd);
	f->fd = -1;
	if (f->tftp_open)
		tftp_fetch_free(&f->tftp);
	f->tftp_open = f->answered = false;
	if (f->http != NULL)
		evhttp_connection_free(f->http); /* its request with it */
	f->http = NULL;
}

static void fetch_free(struct corefetch *f)
{
	close_server(f);
	loop_timer_free(f->timer);
	obj_unref(f->set);
	text_free(&f->body);
	free(f->name);
	free(f);
}

void corefetch_cancel(struct corefetch *f)
{
	if (f != NULL)
		fetch_free(f);
}

static void end(struct corefetch *f, int err, struct text *bytes)
{
	f->fn(f->arg, err, f->why, bytes);
	text_free(bytes);
	fetch_free(f);
}

/* This server cannot tell: the next one. */
static void server_failed(struct corefetch *f, int err, const char *why)
{
	char at[ADDR_TEXT];

	(void)snprintf(f->why, sizeof(f->why), "%s: %s",
		addr_text(&f->set->server[f->server].addr, at), why);
	f->err = err;
	f->server++;
	close_server(f);
	metric_inc(M_PP_FETCH_FAILED);
	ask_next(f);
}

static unsigned whole_ms(const struct corefetch *f)
{
	return f->max < CORE_FILE_MAX ? SMALL_MS : LARGE_MS;
}

/* ---- TFTP ---- */

static void send_tftp(void *arg, struct slice packet)
{
	struct corefetch *f = arg;
	const struct addr *to =
		f->answered ? &f->from : &f->set->server[f->server].addr;

	/* What does not leave is repeated like what is lost. */
	if (sendto(f->fd, packet.p, packet.n, MSG_DONTWAIT | MSG_NOSIGNAL,
		    &to->sa, addr_len(to)) < 0)
		errno = 0;
}

static void tftp_ended(struct corefetch *f)
{
	struct text bytes = { 0 };
	unsigned code = f->tftp.peer_code;

	switch (f->tftp.state) {
	case TFTP_DONE:
		bytes = f->tftp.content;
		f->tftp.content = (struct text){ 0 };
		end(f, 0, &bytes);
		break;
	case TFTP_REFUSED_BY_PEER:
		if (code == TFTP_E_NOT_FOUND || code == TFTP_E_ACCESS)
			end(f, ENOENT, &bytes);
		else if (code == TFTP_E_FULL)
			server_failed(f, EFBIG, "the file is too large");
		else
			server_failed(f, EPROTO, "it answered with an error");
		break;
	case TFTP_RUNNING:
		loop_timer_start(f->timer, 1);
		break;
	case TFTP_OVERDUE:
		server_failed(f, ETIMEDOUT, "it is too slow");
		break;
	case TFTP_GIVEN_UP:
	case TFTP_SUPERSEDED:
		server_failed(f, ETIMEDOUT, "no answer");
		break;
	}
}

static void tftp_go_on(struct corefetch *f)
{
	uint64_t now = clock_ms(), due;

	if (f->tftp.state != TFTP_RUNNING) {
		tftp_ended(f);
		return;
	}
	due = tftp_fetch_due(&f->tftp);
	loop_timer_start(f->timer, due > now ? due - now : 1);
}

static void on_packet(evutil_socket_t fd, short what, void *arg)
{
	struct corefetch *f = arg;
	struct sockaddr_storage ss;
	char room[TFTP_PACKET_MAX + 1];

	(void)what;
	while (f->tftp.state == TFTP_RUNNING) {
		socklen_t size = sizeof(ss);
		ssize_t n = recvfrom(fd, room, sizeof(room), MSG_DONTWAIT,
			(struct sockaddr *)&ss, &size);
		struct addr from;

		if (n < 0 && errno == ECONNREFUSED)
			continue; /* the timer finds out */
		if (n < 0)
			break;
		from = addr_from_sockaddr((struct sockaddr *)&ss);
		if (!f->answered && addr_same_host(&from,
					    &f->set->server[f->server].addr)) {
			f->answered = true;
			f->from = from;
		}
		if (f->answered && addr_equal(&from, &f->from))
			tftp_fetch_packet(&f->tftp, slice_of(room, (size_t)n),
				clock_ms());
	}
	tftp_go_on(f);
}

static int udp_from(const struct addr *local)
{
	struct addr a = *local;
	int fd = socket(
		a.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	addr_set_port(&a, 0);
	if (fd >= 0 && bind(fd, &a.sa, addr_len(&a)) != 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static void ask_tftp(struct corefetch *f)
{
	struct tftp_limits l = limits;

	l.session_ms = whole_ms(f);
	f->fd = udp_from(&f->set->server[f->server].local);
	if (f->fd < 0) {
		server_failed(f, errno, "local-addr cannot be used");
		return;
	}
	f->event = event_new(
		loop_base(f->loop), f->fd, EV_READ | EV_PERSIST, on_packet, f);
	need(f->event != NULL && event_add(f->event, NULL) == 0);
	f->tftp_open = true;
	tftp_fetch_start(&f->tftp, &l, slice_str(f->name), f->max, clock_ms(),
		send_tftp, f);
	tftp_go_on(f);
}

/* ---- HTTP ---- */

/* libevent goes on with the connection after this, so what follows from it
 * comes later. */
static void on_http(struct evhttp_request *r, void *arg)
{
	struct corefetch *f = arg;
	struct evbuffer *in;
	size_t n;

	f->status = r != NULL ? evhttp_request_get_response_code(r) : 0;
	f->http_done = true;
	if (f->status == 200) {
		in = evhttp_request_get_input_buffer(r);
		n = evbuffer_get_length(in);
		if (n > 0)
			text_add(
				&f->body, slice_of(evbuffer_pullup(in, -1), n));
	}
	loop_timer_start(f->timer, 0);
}

/* Comes before on_http; not when nobody accepts the connection. */
static void on_http_error(enum evhttp_request_error e, void *arg)
{
	struct corefetch *f = arg;

	switch (e) {
	case EVREQ_HTTP_EOF:
		f->http_why = "it hung up";
		break;
	case EVREQ_HTTP_INVALID_HEADER:
		f->http_why = "that is not HTTP";
		break;
	case EVREQ_HTTP_DATA_TOO_LONG:
		f->http_why = "the file is too large";
		break;
	case EVREQ_HTTP_TIMEOUT:
	case EVREQ_HTTP_BUFFER_ERROR:
	case EVREQ_HTTP_REQUEST_CANCEL:
		f->http_why = "no answer";
		break;
	}
}

static void http_ended(struct corefetch *f)
{
	struct text bytes = f->body;

	f->body = (struct text){ 0 };
	f->http_done = false;
	if (f->status == 200)
		end(f, 0, &bytes);
	else if (f->status == 404 || f->status == 403 || f->status == 410)
		end(f, ENOENT, &bytes);
	else if (f->status == 0)
		server_failed(f, ETIMEDOUT, f->http_why);
	else
		server_failed(f, EPROTO, "it answered with an error");
}

/* Each character stands for itself: what a phone wrote as "%2e" or "?" is part
 * of the name, and the server finds no other file by it. */
static char *path_of(const char *name)
{
	struct text t = { 0 };

	text_addc(&t, '/');
	for (; *name != '\0'; name++)
		if ((*name >= '0' && *name <= '9') ||
			(*name >= 'A' && *name <= 'Z') ||
			(*name >= 'a' && *name <= 'z') ||
			strchr("/-._~", *name) != NULL)
			text_addc(&t, *name);
		else
			text_printf(&t, "%%%02X", (unsigned char)*name);
	return text_take(&t);
}

static void ask_http(struct corefetch *f)
{
	const struct pp_server *s = &f->set->server[f->server];
	char host[ADDR_TEXT], local[ADDR_TEXT];
	struct evhttp_request *r = evhttp_request_new(on_http, f);
	char *path = path_of(f->name);
	int err;

	f->http = evhttp_connection_base_new(loop_base(f->loop), NULL,
		addr_host(&s->addr, host), addr_port(&s->addr));
	need(r != NULL && f->http != NULL);
	f->http_why = "no connection";
	evhttp_request_set_error_cb(r, on_http_error);
	evhttp_connection_set_local_address(
		f->http, addr_host(&s->local, local));
	evhttp_connection_set_timeout(f->http, HTTP_SECONDS);
	evhttp_connection_set_max_body_size(f->http, (ev_ssize_t)f->max);
	evhttp_connection_set_max_headers_size(f->http, 16 << 10);
	evhttp_add_header(evhttp_request_get_output_headers(r), "Host", host);
	evhttp_add_header(
		evhttp_request_get_output_headers(r), "Connection", "close");
	err = evhttp_make_request(f->http, r, EVHTTP_REQ_GET, path);
	free(path);
	if (err != 0)
		server_failed(f, ECONNREFUSED, "no connection");
	else
		loop_timer_start(f->timer, whole_ms(f));
}

/* ---- */

static void on_timer(void *arg)
{
	struct corefetch *f = arg;

	if (f->tftp_open) {
		if (f->tftp.state == TFTP_RUNNING)
			tftp_fetch_timer(&f->tftp, clock_ms());
		tftp_go_on(f);
		return;
	}
	if (f->http_done) {
		http_ended(f);
		return;
	}
	if (f->http != NULL) { /* a byte now and then is not enough */
		server_failed(f, ETIMEDOUT, "it is too slow");
		return;
	}
	if (f->server >= f->set->nservers) {
		struct text nothing = { 0 };

		end(f, f->err, &nothing);
		return;
	}
	if (f->set->conf->fetch_http)
		ask_http(f);
	else
		ask_tftp(f);
}

/* From the loop, so that whoever started us has our name by then. */
static void ask_next(struct corefetch *f)
{
	loop_timer_start(f->timer, 0);
}

struct corefetch *corefetch_start(struct loop *l, struct ppset *set,
	const char *name, size_t max, corefetch_fn *fn, void *arg)
{
	struct corefetch *f = mem_new(sizeof(*f));

	*f = (struct corefetch){ .loop = l,
		.set = obj_ref(set),
		.name = mem_dup(name),
		.max = max,
		.fn = fn,
		.arg = arg,
		.fd = -1,
		.err = ENOENT };
	(void)snprintf(f->why, sizeof(f->why), "no tftp-server can be asked");
	f->timer = loop_timer_new(l, on_timer, f);
	metric_inc(M_PP_FETCHES);
	ask_next(f);
	return f;
}
