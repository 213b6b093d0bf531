#include "phoneproxy/httpsd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"

enum {
	HEAD_MAX = 8 << 10,
	IDLE_MS = 60000, /* for a request, and for taking its answer */
	HANDSHAKE_MS = 10000,
	FILE_MAX = 16 << 20, /* of an answer: what is taken in a minute */
	PER_SOURCE = 50,
};

struct httpsd {
	struct files *files;
	struct hs_pool *hs; /* borrowed */
	struct ppset *set; /* referenced */
	struct tls_port *port;
	bool mutual;
};

struct client {
	struct httpsd *httpsd;
	struct tls_conn *conn;
	struct files_wait *wait; /* for its file */
	struct file_name name;
	char device[FILE_DEVICE_TEXT]; /* by its certificate; "": not shown */
};

/* A phone that showed its certificate: from now on it is the phone's. */
static void recognise(struct client *c)
{
	struct httpsd *h = c->httpsd;
	const struct identity *id = tls_conn_identity(c->conn);
	unsigned n = 0;
	const gnutls_datum_t *der = tls_conn_peer_certs(c->conn, &n);
	char *device = c->device;

	if (id == NULL || n == 0 || !id->certified ||
		!phonecert_device(slice_str(id->device), device))
		return;
	if (phonecerts_note(files_certs(h->files), device,
		    slice_of(der->data, der->size), PHONECERT_HTTPS))
		phones_note(files_phones(h->files), device,
			tls_conn_peer(c->conn), PHONE_TLS,
			"its certificate by HTTPS: %s", id->subject);
}

static void *opened(void *arg, struct tls_conn *conn)
{
	struct client *c = mem_new(sizeof(*c));

	c->httpsd = arg;
	c->conn = conn;
	if (c->httpsd->mutual)
		recognise(c);
	tls_conn_timer(conn, IDLE_MS);
	return c;
}

static void closed(void *own)
{
	struct client *c = own;

	files_cancel(c->wait);
	free(c);
}

static void idle(void *own)
{
	struct client *c = own;

	tls_conn_finish(c->conn);
}

static int measure(struct slice buf, size_t *size)
{
	size_t end = slice_search(buf, SLICE_LIT("\r\n\r\n"));

	*size = end < buf.n ? end + 4 : 0;
	return *size == 0 && buf.n >= HEAD_MAX ? EMSGSIZE : 0;
}

/* Who does not read costs us a reference to the file, not a copy. */
static void say(struct client *c, const char *status, struct content *content)
{
	struct slice body = { .n = 0 };
	struct text head = { 0 };

	if (content != NULL)
		body = content_slice(content);
	text_printf(&head,
		"HTTP/1.1 %s\r\nContent-Type: */*\r\nCache-Control: "
		"no-store\r\nContent-Length: %zu\r\n\r\n",
		status, body.n);
	tls_conn_send(c->conn, text_slice(&head));
	text_free(&head);
	tls_conn_lend(c->conn, body, content);
	tls_conn_timer(c->conn, IDLE_MS);
}

static void on_file(void *arg, enum files_end end, struct content *content)
{
	struct client *c = arg;

	c->wait = NULL;
	if (end == FILES_FOUND && content->bytes.n <= FILE_MAX)
		say(c, "200 OK", content);
	else if (end == FILES_ABSENT)
		say(c, "404 Not Found", NULL);
	else
		say(c, "503 Service Unavailable", NULL);
}

/* "GET /SEP001122334455.cnf.xml.sgn HTTP/1.1" */
static bool target_of(struct slice head, struct slice *target)
{
	struct slice line, method, version;

	return slice_line(&head, &line) && slice_word(&line, &method) &&
	       slice_eq_str(method, "GET") && slice_word(&line, target) &&
	       slice_word(&line, &version) && slice_starts(version, "HTTP/1.");
}

/* Files that name a device are for that device alone. */
static bool is_foreign(const struct client *c)
{
	return c->httpsd->mutual && c->name.device[0] != '\0' &&
	       strcmp(c->name.device, c->device) != 0;
}

static void refuse_foreign(struct client *c)
{
	struct httpsd *h = c->httpsd;
	const struct identity *id = tls_conn_identity(c->conn);
	const char *who = id != NULL ? id->device : "";
	const struct addr *peer = tls_conn_peer(c->conn);

	metric_inc(M_PP_FOREIGN);
	log_event(MSG_PHONE_FOREIGN_FILE, NULL,
		L_STR("proxy", h->set->conf->name), L_STR("device", who),
		L_ADDR("peer", peer), L_STR("file", c->name.asked));
	/* Of the phone whose file it is: who it was stands there, too. */
	phones_note(files_phones(h->files), c->name.device, NULL, PHONE_FILE,
		"%s by HTTPS: refused to %s, whose certificate is not this "
		"phone's",
		c->name.asked, who);
	if (c->device[0] != '\0')
		phones_note(files_phones(h->files), c->device, peer, PHONE_FILE,
			"%s by HTTPS: refused, for it is another phone's",
			c->name.asked);
	say(c, "403 Forbidden", NULL);
}

static void frame(void *own, struct slice head)
{
	struct client *c = own;
	struct httpsd *h = c->httpsd;
	struct slice target = { .n = 0 };
	struct files_wait *w;

	metric_inc(M_PP_HTTP_REQUESTS);
	if (c->wait != NULL || !target_of(head, &target)) {
		tls_conn_finish(c->conn); /* asks without waiting, or no GET */
		return;
	}
	bool known = file_name_from_target(&c->name, target);

	if (known && c->name.form == FORM_SIGNED)
		c->name.form = FORM_PLAIN;
	if (known && is_foreign(c)) {
		refuse_foreign(c);
		return;
	}
	struct files_asked a = { .set = h->set,
		.name = known ? &c->name : NULL,
		.from = *tls_conn_peer(c->conn),
		.by = "HTTPS",
		.owner = h->mutual && c->device[0] != '\0' };

	w = files_get(h->files, &a, on_file, c);
	if (w != NULL)
		c->wait = w;
}

static struct tls_port_params params(struct httpsd *h)
{
	static const struct tls_port_ops ops = {
		.opened = opened,
		.measure = measure,
		.frame = frame,
		.timer = idle,
		.closed = closed,
	};

	return (struct tls_port_params){
		.hs = h->hs,
		.own = h->mutual ? h->set->mutual : h->set->https,
		.verify = h->mutual,
		.rules = h->set->conf->mutual_identity,
		.keep = h->set->keep,
		.name = "phone files",
		.limits = { .total = h->set->conf->max_sessions,
			.per_source = PER_SOURCE },
		.handshake_ms = HANDSHAKE_MS,
		.frame_max = HEAD_MAX,
		.ops = &ops,
		.arg = h,
	};
}

struct httpsd *httpsd_open(struct loop *l, struct files *files,
	struct hs_pool *hs, int fd, struct ppset *set, bool mutual)
{
	struct httpsd *h = mem_new(sizeof(*h));

	h->mutual = mutual;
	h->files = files;
	h->hs = hs;
	h->set = obj_ref(set);

	struct tls_port_params p = params(h);

	h->port = tls_port_new(l, fd, &p);
	return h;
}

void httpsd_use(struct httpsd *h, struct ppset *set)
{
	struct tls_port_params p;

	obj_unref(h->set);
	h->set = obj_ref(set);
	p = params(h);
	tls_port_set(h->port, -1, &p);
}

void httpsd_close(struct httpsd *h)
{
	if (h == NULL)
		return;
	tls_port_close(h->port);
	obj_unref(h->set);
	free(h);
}
