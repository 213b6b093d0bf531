/* HTTP for the CA, on libevent's evhttp: requests in, jobs out. */
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "ca/ca_service_int.h"
#include "certs/ca/scep_server.h"
#include "phoneproxy/serve/httpdoor.h"

enum {
	UNDER_WAY_MAX = 32, /* requests that wait for the helper */
	HEAD_MAX = 1 << 17, /* a GET carries its message in the first line */
	TIMEOUT_S = 10, /* without a byte */
	CONNECTIONS_MAX = 512,
	SOURCE_MAX = 64, /* connections of one source */
};

struct ca_http {
	struct ca_service *s;
	struct evhttp *server; /* NULL: closed */
	struct httpdoor *door;
	size_t under_way;
	struct http_job *first; /* jobs under way */
};

struct http_job {
	struct work_job job;
	struct ca_http *h;
	struct http_job *prev, *next;
	struct evhttp_request *req; /* NULL: its connection is gone */
	bool post;
	struct bytes path, query, body;
	char source[ADDR_TEXT];
	struct scep_response out;
};

static void run(struct work_job *job)
{
	struct http_job *j = MQ_HOLDER(job, struct http_job, job);
	struct ca *ca = j->h->s->ca;
	struct scep_request r = {
		.post = j->post,
		.path = bytes_slice(&j->path),
		.query = bytes_slice(&j->query),
		.body = bytes_slice(&j->body),
		.source = j->source,
	};

	if (ca != NULL)
		scep_serve(ca, &r, &j->out);
	else
		j->out = (struct scep_response){ 503, "text/plain",
			bytes_of(SLICE_LIT("the CA is not served now\n")) };
}

static void send_answer(
	struct evhttp_request *req, const struct scep_response *r)
{
	struct evkeyvalq *head = evhttp_request_get_output_headers(req);
	struct evbuffer *body = evhttp_request_get_output_buffer(req);

	need(evhttp_add_header(head, "Content-Type", r->content_type) == 0);
	need(evhttp_add_header(head, "Cache-Control", "no-store") == 0);
	if (r->status == 503)
		need(evhttp_add_header(head, "Retry-After", "30") == 0);
	need(evbuffer_add(body, r->body.p, r->body.n) == 0);
	evhttp_send_reply(req, r->status, NULL, NULL);
}

static void unlink_job(struct http_job *j)
{
	struct ca_http *h = j->h;

	if (j->prev != NULL)
		j->prev->next = j->next;
	else
		h->first = j->next;
	if (j->next != NULL)
		j->next->prev = j->prev;
	h->under_way--;
}

static void job_free(struct http_job *j)
{
	scep_response_free(&j->out);
	bytes_free(&j->path);
	bytes_free(&j->query);
	bytes_wipe(&j->body);
	free(j);
}

static void done(struct work_job *job)
{
	struct http_job *j = MQ_HOLDER(job, struct http_job, job);

	if (j->req != NULL) {
		evhttp_connection_set_closecb(
			evhttp_request_get_connection(j->req), NULL, NULL);
		send_answer(j->req, &j->out);
	}
	unlink_job(j);
	job_free(j);
}

/* The request goes with its connection. */
static void on_close(struct evhttp_connection *c, void *arg)
{
	struct http_job *j = arg;

	(void)c;
	j->req = NULL;
}

static void busy(struct evhttp_request *req)
{
	struct scep_response r = { 503, "text/plain",
		bytes_of(SLICE_LIT("too much is under way\n")) };

	metric_inc(M_PKI_HTTP_REFUSED);
	send_answer(req, &r);
	scep_response_free(&r);
}

static struct bytes body_of(struct evhttp_request *req)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	size_t n = evbuffer_get_length(in);
	struct bytes b = { .p = mem_new(n + 1), .n = n };

	need(n <= SCEP_REQUEST_MAX);
	need(evbuffer_copyout(in, b.p, n) == (ssize_t)n);
	return b;
}

/* "": it has gone already. */
static void source_of(char out[ADDR_TEXT], struct evhttp_request *req)
{
	struct evhttp_connection *c = evhttp_request_get_connection(req);
	char *host = NULL;
	uint16_t port = 0;
	struct addr peer, source;

	evhttp_connection_get_peer(c, &host, &port);
	out[0] = '\0';
	if (host == NULL || addr_parse(&peer, slice_str(host), 0) != 0)
		return;
	source = addr_source(&peer);
	(void)addr_host(&source, out);
}

static void take(struct http_job *j, struct evhttp_request *req)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);

	j->req = req;
	j->post = evhttp_request_get_command(req) == EVHTTP_REQ_POST;
	j->path = bytes_of(slice_str(evhttp_uri_get_path(uri)));
	j->query = bytes_of(slice_str(evhttp_uri_get_query(uri)));
	j->body = body_of(req);
	source_of(j->source, req);
	j->next = j->h->first;
	if (j->next != NULL)
		j->next->prev = j;
	j->h->first = j;
	j->h->under_way++;
	evhttp_connection_set_closecb(
		evhttp_request_get_connection(req), on_close, j);
}

static void on_request(struct evhttp_request *req, void *arg)
{
	struct ca_http *h = arg;
	struct http_job *j;

	metric_inc(M_PKI_HTTP_REQUESTS);
	httpdoor_asked(h->door, req);
	if (h->under_way >= UNDER_WAY_MAX) {
		busy(req);
		return;
	}
	j = mem_new(sizeof(*j));
	j->h = h;
	j->job = (struct work_job){
		.run = run, .done = done, .reply = loop_queue(h->s->loop)
	};
	take(j, req);
	if (work_submit(h->s->work, &j->job) == 0)
		return;
	evhttp_connection_set_closecb(
		evhttp_request_get_connection(req), NULL, NULL);
	unlink_job(j);
	job_free(j);
	busy(req);
}

struct ca_http *ca_http_new(struct ca_service *s)
{
	struct ca_http *h = mem_new(sizeof(*h));

	h->s = s;
	return h;
}

void ca_http_close(struct ca_http *h)
{
	if (h->server == NULL)
		return;
	for (struct http_job *j = h->first; j != NULL; j = j->next)
		if (j->req != NULL) {
			evhttp_connection_set_closecb(
				evhttp_request_get_connection(j->req), NULL,
				NULL);
			j->req = NULL;
		}
	evhttp_free(h->server); /* with its connections and requests */
	h->server = NULL;
	httpdoor_free(h->door);
	h->door = NULL;
}

void ca_http_listen(struct ca_http *h, int fd)
{
	const struct httpdoor_params door = {
		.loop = h->s->loop,
		.limits = { .total = CONNECTIONS_MAX,
			.per_source = SOURCE_MAX },
		.server = "crypto pki server",
		.refused = M_PKI_HTTP_CONN_REFUSED,
	};

	ca_http_close(h);
	h->server = evhttp_new(loop_base(h->s->loop));
	need(h->server != NULL);
	evhttp_set_max_body_size(h->server, SCEP_REQUEST_MAX);
	evhttp_set_max_headers_size(h->server, HEAD_MAX);
	evhttp_set_timeout(h->server, TIMEOUT_S);
	evhttp_set_allowed_methods(h->server, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
	evhttp_set_gencb(h->server, on_request, h);
	h->door = httpdoor_new(h->server, &door);
	need(evhttp_accept_socket(h->server, fd) == 0);
}

void ca_http_free(struct ca_http *h)
{
	need(h->under_way == 0 && h->server == NULL);
	free(h);
}
