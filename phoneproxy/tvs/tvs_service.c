/* Its list, and a frame for a frame. */
#include "phoneproxy/tvs/tvs_service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"

enum {
	HANDSHAKE_MS = 20000,
	IDLE_MS = 120000,
	FRAME_MAX = 16384,
	TOTAL = 500,
	PER_SOURCE = 50,
	PER_MINUTE = 600,
};

/* ---- the list ---- */

struct tvs_list {
	size_t n, room;
	struct tvs_known *v; /* each with its certificate's bytes */
};

static void list_free(void *arg)
{
	struct tvs_list *l = arg;

	for (size_t i = 0; i < l->n; i++) {
		char *owned;

		memcpy(&owned, &l->v[i].cert.p, sizeof(owned));
		free(owned);
	}
	free(l->v);
}

struct tvs_list *tvs_list_new(void)
{
	return obj_new(sizeof(struct tvs_list), list_free);
}

static struct tvs_known *known_of(struct tvs_list *l, struct slice der)
{
	char *p;

	for (size_t i = 0; i < l->n; i++)
		if (slice_eq(l->v[i].cert, der))
			return &l->v[i];
	if (l->n == l->room) {
		l->room = l->room * 2 + 16;
		l->v = mem_resize(l->v, l->room, sizeof(*l->v));
	}
	p = mem_ndup(der.p, der.n);
	l->v[l->n] = (struct tvs_known){ .cert = slice_of(p, der.n) };
	return &l->v[l->n++];
}

/* Ascending, each once. */
static void add_role(struct tvs_known *k, uint8_t role)
{
	size_t i = 0;

	while (i < k->nroles && k->roles[i] < role)
		i++;
	if ((i < k->nroles && k->roles[i] == role) ||
		k->nroles == TVS_ROLES_MAX)
		return;
	memmove(&k->roles[i + 1], &k->roles[i], k->nroles - i);
	k->roles[i] = role;
	k->nroles++;
}

static void add_crt(struct tvs_list *l, gnutls_x509_crt_t crt, uint8_t role)
{
	gnutls_datum_t der = { 0 };

	if (gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) == 0)
		add_role(known_of(l, slice_of(der.data, der.size)), role);
	gnutls_free(der.data);
}

void tvs_list_add(struct tvs_list *l, const struct trustpoint *t, uint8_t role)
{
	gnutls_x509_trust_list_iter_t iter = NULL;
	gnutls_x509_trust_list_t anchors = trustpoint_anchors(t);
	gnutls_x509_crt_t crt = trustpoint_chain(t, 0);

	if (crt != NULL)
		add_crt(l, crt, role);
	while (gnutls_x509_trust_list_iter_get_ca(anchors, &iter, &crt) == 0) {
		add_crt(l, crt, role);
		gnutls_x509_crt_deinit(crt);
	}
}

size_t tvs_list_get(const struct tvs_list *l, const struct tvs_known **out)
{
	*out = l->v;
	return l->n;
}

/* ---- the service ---- */

struct tvs_service {
	struct tvs_service_params p;
	struct tls_port *port;
	uint64_t answers, invalid, malformed;
};

struct client {
	struct tvs_service *service;
	struct tls_conn *conn;
};

static void *on_opened(void *arg, struct tls_conn *c)
{
	struct client *own = mem_new(sizeof(*own));

	own->service = arg;
	own->conn = c;
	tls_conn_timer(c, IDLE_MS);
	return own;
}

static void note(struct client *c, const struct tvs_answer *what)
{
	char peer[ADDR_TEXT];

	c->service->answers++;
	metric_inc(M_PHONE_TVS_ANSWERS);
	if (!what->valid) {
		c->service->invalid++;
		metric_inc(M_PHONE_TVS_INVALID);
	}
	if (c->service->p.tell != NULL)
		c->service->p.tell(
			c->service->p.arg, tls_conn_peer(c->conn), what);
	log_debug(DEBUG_TLS, NULL, "TVS: %s at %s asks, the answer is %s",
		what->device, addr_text(tls_conn_peer(c->conn), peer),
		what->valid ? "valid" : "invalid");
}

static void on_frame(void *arg, struct slice frame)
{
	struct client *c = arg;
	const struct tvs_service_params *p = &c->service->p;
	struct text out = { 0 };
	struct tvs_answer what = { 0 };
	const struct tvs_known *known;
	size_t n = tvs_list_get(p->list, &known);

	if (tvs_answer_frame(&out, &what, frame, known, n, p->ttl) == 0) {
		note(c, &what);
		tls_conn_send(c->conn, text_slice(&out));
		tls_conn_timer(c->conn, IDLE_MS);
	} else {
		c->service->malformed++;
		tls_conn_finish(c->conn);
	}
	text_free(&out);
}

static void on_timer(void *arg)
{
	struct client *c = arg;

	tls_conn_finish(c->conn);
}

static const struct tls_port_ops ops = {
	.opened = on_opened,
	.measure = tvs_frame,
	.frame = on_frame,
	.timer = on_timer,
	.closed = free,
};

static struct tls_port_params port_params(struct tvs_service *s)
{
	return (struct tls_port_params){
		.hs = s->p.hs,
		.own = s->p.own,
		.name = "tvs-server",
		.limits = { TOTAL, PER_SOURCE, PER_MINUTE },
		.handshake_ms = HANDSHAKE_MS,
		.frame_max = FRAME_MAX,
		.ops = &ops,
		.arg = s,
	};
}

static void hold(struct tvs_service *s, const struct tvs_service_params *p)
{
	s->p = *p;
	obj_ref(p->own);
	obj_ref(p->list);
}

struct tvs_service *tvs_service_new(
	struct loop *l, int fd, const struct tvs_service_params *p)
{
	struct tvs_service *s = mem_new(sizeof(*s));
	struct tls_port_params pp;

	hold(s, p);
	pp = port_params(s);
	s->port = tls_port_new(l, fd, &pp);
	return s;
}

void tvs_service_set(
	struct tvs_service *s, int fd, const struct tvs_service_params *p)
{
	struct tvs_service_params old = s->p;
	struct tls_port_params pp;

	hold(s, p);
	obj_unref(old.own);
	obj_unref(old.list);
	pp = port_params(s);
	tls_port_set(s->port, fd, &pp);
}

void tvs_service_close(struct tvs_service *s)
{
	if (s == NULL)
		return;
	tls_port_close(s->port);
	obj_unref(s->p.own);
	obj_unref(s->p.list);
	free(s);
}

void tvs_service_count(const struct tvs_service *s, struct tvs_count *out)
{
	const struct tvs_known *known;

	*out = (struct tvs_count){ .answers = s->answers,
		.invalid = s->invalid,
		.malformed = s->malformed };
	out->known = tvs_list_get(s->p.list, &known);
	tls_port_count(s->port, &out->door);
}
