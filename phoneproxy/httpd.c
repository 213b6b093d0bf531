#include "phoneproxy/httpd.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/metric.h"
#include "base/obj.h"
#include "phoneproxy/serve/httpdoor.h"

enum {
	HEADERS_MAX = 8 << 10,
	IDLE_SECONDS = 15, /* a reader that is slower than this is left */
	CONNECTIONS_MAX = 1024,
	SOURCE_MAX = 256, /* a site behind one address, at its start */
};

/* A request that waits for its file. */
struct asking {
	struct asking *next, **prev;
	struct httpd *httpd;
	struct evhttp_request *req;
	struct evhttp_connection *conn;
	struct files_wait *wait;
	struct file_name name;
};

struct httpd {
	struct files *files;
	struct ppset *set; /* referenced */
	struct evhttp *http;
	struct httpdoor *door;
	struct asking *asking;
	struct httpd_counts counts;
};

static void asking_free(struct asking *a)
{
	if (a->conn != NULL)
		evhttp_connection_set_closecb(a->conn, NULL, NULL);
	files_cancel(a->wait);
	*a->prev = a->next;
	if (a->next != NULL)
		a->next->prev = a->prev;
	a->httpd->counts.waiting--;
	free(a);
}

static void release(const void *data, size_t n, void *content)
{
	(void)data;
	(void)n;
	obj_unref(content);
}

static void send_content(struct evhttp_request *r, struct content *c)
{
	struct evkeyvalq *head = evhttp_request_get_output_headers(r);
	struct slice s = content_slice(c);
	struct evbuffer *body = evbuffer_new();

	need(body != NULL);
	evhttp_add_header(head, "Content-Type", "*/*");
	evhttp_add_header(head, "Cache-Control", "no-store");
	/* Not copied: the buffer holds a reference. */
	if (s.n > 0)
		need(evbuffer_add_reference(
			     body, s.p, s.n, release, obj_ref(c)) == 0);
	evhttp_send_reply(r, HTTP_OK, "OK", body);
	evbuffer_free(body);
}

/* Phones that get 404 or 503 turn to TFTP for that file. */
static void send_status(struct evhttp_request *r, int code, const char *reason)
{
	evhttp_add_header(evhttp_request_get_output_headers(r), "Cache-Control",
		"no-store");
	evhttp_send_reply(r, code, reason, NULL);
}

static void on_file(void *arg, enum files_end end, struct content *content)
{
	struct asking *a = arg;
	struct evhttp_request *r = a->req;

	a->wait = NULL;
	asking_free(a);
	if (end == FILES_FOUND)
		send_content(r, content);
	else if (end == FILES_ABSENT)
		send_status(r, HTTP_NOTFOUND, "Not Found");
	else
		send_status(r, HTTP_SERVUNAVAIL, "Service Unavailable");
}

/* The phone left; evhttp frees the request. */
static void on_close(struct evhttp_connection *c, void *arg)
{
	struct asking *a = arg;

	(void)c;
	a->conn = NULL;
	asking_free(a);
}

static struct addr peer_of(struct evhttp_connection *c)
{
	char *host = NULL;
	uint16_t port = 0;
	struct addr a;

	evhttp_connection_get_peer(c, &host, &port);
	if (host == NULL || addr_parse(&a, slice_str(host), port) != 0)
		a = (struct addr){ 0 };
	return a;
}

static struct asking *asking_new(struct httpd *h, struct evhttp_request *r)
{
	struct asking *a = mem_new(sizeof(*a));

	a->httpd = h;
	a->req = r;
	a->conn = evhttp_request_get_connection(r);
	a->next = h->asking;
	a->prev = &h->asking;
	if (a->next != NULL)
		a->next->prev = &a->next;
	h->asking = a;
	h->counts.waiting++;
	evhttp_connection_set_closecb(a->conn, on_close, a);
	return a;
}

static void on_request(struct evhttp_request *r, void *arg)
{
	struct httpd *h = arg;
	struct asking *a;
	bool known;

	h->counts.requests++;
	metric_inc(M_PP_HTTP_REQUESTS);
	httpdoor_asked(h->door, r);
	if (h->counts.waiting >= h->set->conf->max_sessions) {
		h->counts.busy++;
		metric_inc(M_PP_HTTP_BUSY);
		send_status(r, HTTP_SERVUNAVAIL, "Service Unavailable");
		return;
	}
	a = asking_new(h, r);
	known = file_name_from_target(
		&a->name, slice_str(evhttp_request_get_uri(r)));

	struct files_asked asked = { .set = h->set,
		.name = known ? &a->name : NULL,
		.from = peer_of(a->conn),
		.by = "HTTP" };
	struct files_wait *w = files_get(h->files, &asked, on_file, a);

	if (w != NULL) /* else it is answered, and `a` is gone */
		a->wait = w;
}

struct httpd *httpd_open(
	struct loop *l, struct files *files, int fd, struct ppset *set)
{
	const struct httpdoor_params door = {
		.loop = l,
		.limits = { .total = CONNECTIONS_MAX,
			.per_source = SOURCE_MAX },
		.server = "voice-phone-proxy",
		.refused = M_PP_HTTP_CONN_REFUSED,
	};
	struct httpd *h = mem_new(sizeof(*h));
	/* evhttp closes what it accepts on: it gets a descriptor of its own. */
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	h->files = files;
	h->set = obj_ref(set);
	h->http = evhttp_new(loop_base(l));
	need(h->http != NULL && own >= 0);
	evhttp_set_allowed_methods(h->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(h->http, HEADERS_MAX);
	evhttp_set_max_body_size(h->http, 1);
	evhttp_set_timeout(h->http, IDLE_SECONDS);
	evhttp_set_gencb(h->http, on_request, h);
	h->door = httpdoor_new(h->http, &door);
	need(evhttp_accept_socket(h->http, own) == 0);
	return h;
}

void httpd_use(struct httpd *h, struct ppset *set)
{
	obj_unref(h->set);
	h->set = obj_ref(set);
}

void httpd_close(struct httpd *h)
{
	if (h == NULL)
		return;
	while (h->asking != NULL)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): unlinks itself */
		asking_free(h->asking);
	evhttp_free(h->http);
	httpdoor_free(h->door);
	obj_unref(h->set);
	free(h);
}

void httpd_count(const struct httpd *h, struct httpd_counts *out)
{
	*out = h->counts;
}
